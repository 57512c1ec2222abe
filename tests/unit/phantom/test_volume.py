from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import binary_erosion

from lesionkit.core.image import Modality
from lesionkit.phantom import Block, Concretion, Limb, Pose, Rendering, render_volume
from lesionkit.phantom.volume import CT_TISSUES

LIMB = Limb()
BLOCK = Block(shape=(20, 50, 60), spacing_mm=(1.25, 0.8, 0.9), middle=(2.0, -18.0, -150.0))
LUMP = Concretion(lineage="a", centre=(6.0, -150.0), semi_axes=(7.0, 8.0, 4.0), sunk_mm=9.0, density_hu=800)


def scan(
    modality: Modality = Modality.CT, *, seed: int = 1, noise: float = 1.0, pose: Pose | None = None
) -> Rendering:
    return render_volume(LIMB, [LUMP], modality=modality, block=BLOCK, seed=seed, noise=noise, pose=pose)


@pytest.fixture(scope="module")
def ct() -> Rendering:
    return scan()


def test_the_grid_is_right_handed_and_its_voxel_has_the_volume_of_its_spacings(ct: Rendering) -> None:
    assert ct.image.grid.affine is not None
    assert np.linalg.det(ct.image.grid.affine[:3, :3]) == pytest.approx(1.25 * 0.8 * 0.9)
    assert BLOCK.points()[10, 25, 30] == pytest.approx((2.45, -17.6, -150.625))


def test_tissues_have_their_hu(ct: Rendering) -> None:
    values = ct.image.pixels
    inside = ct.deposits[0].regions[0]
    core = binary_erosion(inside.voxels, iterations=2)
    assert values[inside.box][core].mean() == pytest.approx(800, abs=5)
    assert values[:, :2].mean() == pytest.approx(CT_TISSUES.air, abs=2)
    flesh = values[(values > 0) & (values < 110)]
    assert np.median(flesh) == pytest.approx(CT_TISSUES.muscle, abs=6)
    assert values.max() > 1100  # cortex


def test_the_masks_volume_is_its_voxels_times_theirs_and_near_the_closed_form(ct: Rendering) -> None:
    voxels = ct.deposits[0].regions[0].voxels
    assert ct.image.grid.spacing_mm is not None
    volume = voxels.sum() * np.prod(ct.image.grid.spacing_mm)
    assert volume == voxels.sum() * (1.25 * 0.8 * 0.9)
    assert volume == pytest.approx(LUMP.volume_mm3, rel=0.03)


def test_the_calcium_lost_and_won_at_the_border_cancels() -> None:
    pixels = scan(noise=0).image.pixels.astype(float)
    without = render_volume(LIMB, [], modality=Modality.CT, block=BLOCK, seed=1, noise=0).image.pixels
    gain = (pixels - without).sum() * 1.25 * 0.8 * 0.9
    surroundings = CT_TISSUES.muscle  # it lies at the border of fat and muscle
    assert gain / (800 - surroundings) == pytest.approx(LUMP.volume_mm3, rel=0.08)


def test_in_mr_a_deposit_is_darker_than_fat_and_muscle() -> None:
    mr = scan(Modality.MR)
    inside = mr.deposits[0].regions[0]
    assert np.median(mr.image.pixels[inside.box][inside.voxels]) < 80
    assert mr.image.pixels.min() >= 0
    assert mr.image.pixels.max() > 800


def test_a_moved_limb_takes_its_deposit_along(ct: Rendering) -> None:
    pose = Pose(turn_deg=(2.0, -1.0, 3.0), shift_mm=(2.0, -1.5, 2.5))
    moved = scan(pose=pose)
    centres = [
        np.append(
            np.argwhere(p.deposits[0].regions[0].voxels).mean(axis=0) + p.deposits[0].regions[0].origin, 1
        )
        for p in (ct, moved)
    ]
    before, after = ((BLOCK.affine @ c)[:3] for c in centres)
    assert after == pytest.approx(pose.to_scanner(before), abs=0.2)
    assert pose.to_limb(pose.to_scanner(before)) == pytest.approx(before)


def test_the_same_seed_gives_the_same_volume_and_another_another(ct: Rendering) -> None:
    assert np.array_equal(ct.image.pixels, scan().image.pixels)
    assert not np.array_equal(ct.image.pixels, scan(seed=2).image.pixels)


def test_a_deposit_outside_the_block_is_refused() -> None:
    away = replace(LUMP, centre=(6.0, 60.0))
    with pytest.raises(ValueError, match="no voxel"):
        render_volume(LIMB, [away], modality=Modality.CT, block=BLOCK, seed=1)
    with pytest.raises(ValueError, match="no volumes"):
        render_volume(LIMB, [], modality=Modality.XC, block=BLOCK, seed=1)
