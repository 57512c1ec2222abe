"""How alike two drawings are, against what can be reckoned by hand and what SimpleITK says."""

import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.region import Mask, Outline
from lesionkit.geometry.likeness import likeness, shared

PHOTO = Grid(shape=(200, 300), spacing_mm=(0.5, 0.2), scale_source=ScaleSource.RULER)
PLAIN = Grid(shape=(200, 300))
CT = Grid(
    shape=(20, 40, 50),
    spacing_mm=(2.5, 0.6, 0.8),
    affine=[[0, 0, 0.8, 0], [0, 0.6, 0, 0], [-2.5, 0, 0, 0], [0, 0, 0, 1]],
    scale_source=ScaleSource.PATIENT_PLANE,
)


def disc(radius, *, centre=(100.0, 150.0), grid=PLAIN, points=720):
    """A disc of a radius in the grid's length unit, as an outline in pixels."""
    turn = 2 * np.pi * np.arange(points) / points
    step = np.asarray(grid.spacing_mm or (1, 1))
    return Outline(exterior=np.asarray(centre) + radius * np.stack([np.sin(turn), np.cos(turn)], 1) / step)


def box(low, high, shape=CT.shape):
    voxels = np.zeros(shape, dtype=bool)
    voxels[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = True
    return Mask.cropped(voxels)


def test_a_drawing_is_wholly_like_itself():
    same = likeness([disc(9)], [disc(9)], PLAIN)
    assert (same.dice, same.mean_distance, same.hausdorff_95) == pytest.approx((1, 0, 0), abs=1e-9)


@pytest.mark.parametrize("grid", [PLAIN, PHOTO])
def test_discs_about_one_centre_lie_apart_by_the_difference_of_their_radii(grid):
    found = likeness([disc(8, grid=grid)], [disc(10, grid=grid)], grid)
    assert found.dice == pytest.approx(2 * 64 / (64 + 100), rel=1e-4)
    assert found.mean_distance == pytest.approx(2, rel=1e-3)
    assert found.hausdorff_95 == pytest.approx(2, rel=1e-3)
    assert found.offsets == pytest.approx(2, rel=1e-3)
    assert found.pitch * len(found.offsets) == pytest.approx(2 * np.pi * 10, rel=1e-3)


def test_the_second_drawing_inside_the_first_has_negative_offsets():
    assert likeness([disc(10)], [disc(8)], PLAIN).offsets == pytest.approx(-2, rel=1e-3)


def test_drawings_apart_share_nothing():
    apart = [disc(5), disc(5, centre=(100, 190))]
    assert likeness([apart[0]], [apart[1]], PLAIN).dice == 0
    assert shared([apart[0]], [apart[1]], PLAIN) == 0


def test_a_hole_is_a_boundary_of_its_own():
    ring = Outline(exterior=disc(20).exterior, holes=(disc(10).exterior,))
    found = likeness([ring], [disc(20)], PLAIN)
    assert found.dice == pytest.approx(2 * 300 / (300 + 400), rel=1e-3)
    # A third of the ring's boundary lies 10 from the plain disc's, and none of the disc's.
    assert found.mean_distance == pytest.approx(10 * 10 / (10 + 20 + 20), rel=0.01)


def test_boxes_one_voxel_apart_are_off_by_that_voxel_in_mm():
    """Shifted by one plane: only faces across the planes lie apart, and the sides' ends."""
    one, other = box((5, 10, 10), (10, 30, 30)), box((6, 10, 10), (11, 30, 30))
    found = likeness([one], [other], CT)
    assert found.dice == pytest.approx(4 / 5)
    assert found.hausdorff_95 == pytest.approx(2.5)
    assert found.offsets.max() == pytest.approx(2.5)


def test_masks_agree_with_simpleitk_on_what_they_share():
    import SimpleITK as sitk

    rng = np.random.default_rng(5)
    volumes = [rng.random(CT.shape) > 0.6 for _ in range(2)]
    found = likeness([Mask.cropped(volumes[0])], [Mask.cropped(volumes[1])], CT)
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*(sitk.GetImageFromArray(volume.astype(np.uint8)) for volume in volumes))
    assert found.dice == pytest.approx(overlap.GetDiceCoefficient())


def test_a_sphere_s_masks_lie_apart_as_the_spheres_do():
    grid = Grid(
        shape=(60, 80, 90),
        spacing_mm=(0.5, 0.4, 0.3),
        affine=np.diag([0.5, 0.4, 0.3, 1])[[2, 1, 0, 3]] * [[1], [1], [-1], [1]],
        scale_source=ScaleSource.PATIENT_PLANE,
    )
    places = np.indices(grid.shape).transpose(1, 2, 3, 0) * grid.spacing_mm
    reach = np.linalg.norm(places - [15, 16, 13], axis=-1)
    found = likeness([Mask.cropped(reach < 8)], [Mask.cropped(reach < 10)], grid)
    assert found.mean_distance == pytest.approx(2, abs=0.1)
    assert found.offsets.mean() == pytest.approx(2, abs=0.1)
    assert found.hausdorff_95 == pytest.approx(2, abs=0.35)


def test_an_outline_and_a_mask_are_compared_as_pixels():
    square = Outline(exterior=[(9.5, 9.5), (9.5, 19.5), (19.5, 19.5), (19.5, 9.5)])
    pixels = np.zeros((200, 300), dtype=bool)
    pixels[10:20, 10:20] = True
    assert likeness([square], [Mask.cropped(pixels)], PLAIN).dice == 1


def test_an_outline_without_a_pixel_shares_nothing_with_a_mask():
    speck = Outline(exterior=[(5.1, 5.1), (5.1, 5.3), (5.3, 5.3)])
    pixels = np.zeros((200, 300), dtype=bool)
    pixels[5, 5] = True
    assert shared([speck], [Mask.cropped(pixels)], PLAIN) == 0
    with pytest.raises(ValueError, match="holds no pixel"):
        likeness([speck], [Mask.cropped(pixels)], PLAIN)
