"""Volumes: rigid motion between different grids found within a voxel, unlike insides refused."""

import numpy as np
import pytest
from scenes import axial_grid, coronal_grid, limb, rigid

from lesionkit.align import align
from lesionkit.core.image import Image, Modality
from lesionkit.core.units import Unit

FIRST = axial_grid((32, 28, 38), (4.0, 2.6, 2.9))
VOXEL_MM = 2.6
POSE = rigid((8, -6, 17), (7, -5, 9))


def _errors_mm(transform, image, baseline, motion):
    rng = np.random.default_rng(1)
    places = rng.uniform((-25, -15, -30), (25, 15, 30), (200, 3))
    pixels = np.linalg.solve(image.grid.affine, np.column_stack([places, np.ones(200)]).T).T[:, :3]
    true = np.column_stack([places, np.ones(200)]) @ motion.T
    return np.linalg.norm(baseline.grid.locate(transform.carry(pixels)) - true[:, :3], axis=1)


def _align(image, baseline):
    return align(image, baseline, image_id="a", baseline_id="b")


@pytest.mark.parametrize(
    "grid",
    [
        axial_grid((36, 34, 44), (3.7, 2.7, 2.8), centre=(5, -3, 4)),
        coronal_grid((28, 46, 40), (3.4, 3.0, 2.7), centre=(5, -3, 4)),
    ],
    ids=["axial", "coronal"],
)
def test_a_moved_limb_is_found_within_a_voxel_whatever_the_grid(grid):
    image, baseline = limb(3, FIRST, pose=np.eye(4)), limb(3, grid, pose=POSE)
    transform, problems = _align(image, baseline)
    assert problems == ()
    assert transform.method == "intensity"
    assert _errors_mm(transform, image, baseline, POSE).max() < VOXEL_MM
    assert transform.residual is not None
    assert transform.residual.unit is Unit.MM
    assert transform.residual.value < 1.5 * VOXEL_MM
    assert transform.residual.value > np.sqrt(np.mean(_errors_mm(transform, image, baseline, POSE) ** 2))
    # It only moved, so it is not stretched.
    linear = (baseline.grid.affine @ transform.matrix @ np.linalg.inv(image.grid.affine))[:3, :3]
    assert np.allclose(linear @ linear.T, np.eye(3), atol=1e-6)


def test_a_tilted_gantry_is_no_hindrance():
    sheared = np.array(FIRST.affine)
    sheared[:3, 0] += [0.0, 0.6, 0.0]
    grid = type(FIRST)(
        shape=FIRST.shape, spacing_mm=FIRST.spacing_mm, affine=sheared, scale_source=FIRST.scale_source
    )
    image, baseline = limb(3, FIRST, pose=np.eye(4)), limb(3, grid, pose=POSE)
    transform, problems = _align(image, baseline)
    assert problems == ()
    assert _errors_mm(transform, image, baseline, POSE).max() < VOXEL_MM


@pytest.mark.parametrize("shape", [np.diag([1.08, 1.0, 0.97]), np.eye(3) + np.diag([0.14, 0.12], 1)])
def test_a_limb_stretched_or_sheared_is_followed_nearer_than_by_a_rigid_motion(shape, monkeypatch):
    motion = np.eye(4)
    motion[:3, :3] = shape
    motion = POSE @ motion
    image, baseline = limb(3, FIRST, pose=np.eye(4)), limb(3, FIRST, pose=motion)
    found = [_align(image, baseline)[0]]
    monkeypatch.setattr("lesionkit.align.volumes.stretch", lambda *_: None)
    found.append(_align(image, baseline)[0])
    errors = [np.sqrt(np.mean(_errors_mm(one, image, baseline, motion) ** 2)) for one in found]
    assert errors[0] < 0.75 * errors[1]
    assert found[0].residual is not None
    assert found[0].residual.value > 0.9 * errors[0]


def test_a_stretch_that_no_scanner_makes_is_not_believed():
    from lesionkit.align.volumes import _is_modest

    assert _is_modest(np.diag([1.1, 0.95, 1.0, 1.0]))
    assert not _is_modest(np.diag([1.2, 1.0, 1.0, 1.0]))
    assert not _is_modest(np.diag([1.1, 1.1, 1.1, 1.0]))
    assert not _is_modest(np.diag([-1.0, 1.0, 1.0, 1.0]))
    sheared = np.eye(4)
    sheared[0, 1] = 0.4
    assert not _is_modest(sheared)


def test_an_inverted_contrast_is_no_hindrance():
    image, baseline = limb(3, FIRST, pose=np.eye(4)), limb(3, FIRST, pose=POSE)
    inverted = np.where(baseline.pixels > -500, 900 - baseline.pixels, 0).astype(np.int16)
    mr = [
        Image(modality=Modality.MR, pixels=pixels, grid=FIRST, intensity_unit=Unit.STORED)
        for pixels in (np.where(image.pixels > -500, image.pixels + 200, 0), inverted)
    ]
    transform, problems = _align(*mr)
    assert problems == ()
    assert _errors_mm(transform, *mr, POSE).max() < VOXEL_MM


def test_two_limbs_of_one_shape_and_different_insides_are_refused():
    transform, problems = _align(limb(3, FIRST, pose=np.eye(4)), limb(4, FIRST, pose=POSE))
    assert not transform.is_reliable
    assert [problem.code for problem in problems] == ["alignment_failed"]


def test_a_mirrored_limb_is_refused():
    image = limb(3, FIRST, pose=np.eye(4))
    mirrored = Image(
        modality=Modality.CT, pixels=image.pixels[:, :, ::-1], grid=FIRST, intensity_unit=Unit.HU
    )
    assert not _align(mirrored, image)[0].is_reliable


def test_nearly_the_same_volume_aligns_to_a_fraction_of_a_voxel():
    image = limb(3, FIRST, pose=np.eye(4))
    touched = image.pixels.copy()
    touched[0, 0, 0] += 1  # so that it is not the very same
    again = Image(modality=Modality.CT, pixels=touched, grid=FIRST, intensity_unit=Unit.HU)
    transform, _ = _align(again, image)
    assert _errors_mm(transform, again, image, np.eye(4)).max() < VOXEL_MM / 5


def test_an_empty_volume_is_refused():
    blank = Image(
        modality=Modality.CT,
        pixels=np.zeros(FIRST.shape, dtype=np.int16),
        grid=FIRST,
        intensity_unit=Unit.HU,
    )
    assert not _align(blank, limb(3, FIRST, pose=np.eye(4)))[0].is_reliable
