import itertools
import math

import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.errors import OutlineError
from lesionkit.io.regrid import onto_grid

SHAPE = (4, 5, 7)
SPACING = (2.5, 0.6, 0.7)
TURNS = [
    (order, flips)
    for order in itertools.permutations(range(3))
    for flips in itertools.product((False, True), repeat=3)
]


def oblique_axes():
    """Unit vectors of planes, rows and columns: turned about two axes, right-handed."""
    a, b = math.radians(20), math.radians(-35)
    about_x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    about_z = np.array([[math.cos(b), -math.sin(b), 0], [math.sin(b), math.cos(b), 0], [0, 0, 1]])
    return about_z @ about_x


def make_grid(*, shear_mm=0.0, shape=SHAPE):
    affine = np.eye(4)
    affine[:3, :3] = oblique_axes() * SPACING
    affine[:3, 0] += oblique_axes()[:, 1] * shear_mm
    affine[:3, 3] = (-120.0, 35.5, 810.25)
    return Grid(shape=shape, spacing_mm=SPACING, affine=affine, scale_source=ScaleSource.PATIENT_PLANE)


def turned(array, affine, order, flips):
    """The same voxels stored in another order: index' -> index as a matrix, by its definition."""
    index = np.eye(4)
    index[:3, :3] = 0
    for axis, (source, flip) in enumerate(zip(order, flips, strict=True)):
        index[source, axis] = -1 if flip else 1
        index[source, 3] = array.shape[source] - 1 if flip else 0
    moved = array.transpose(order)
    moved = moved[tuple(slice(None, None, -1 if flip else 1) for flip in flips)]
    return moved, affine @ index


@pytest.fixture
def labels():
    return np.random.default_rng(3).integers(0, 5, SHAPE).astype(np.uint8)


@pytest.mark.parametrize("shear_mm", [0.0, 0.8])
@pytest.mark.parametrize(("order", "flips"), TURNS)
def test_every_order_and_sense_of_axes_comes_back_to_the_grid(labels, order, flips, shear_mm):
    grid = make_grid(shear_mm=shear_mm)
    array, affine = turned(labels, grid.affine, order, flips)
    assert np.array_equal(onto_grid(array, affine, grid), labels)


@pytest.mark.parametrize(("order", "flips"), TURNS[::5])
def test_a_cropped_array_is_put_at_its_offset(labels, order, flips):
    grid = make_grid()
    box = (slice(1, 3), slice(2, 5), slice(0, 4))
    inside = np.zeros_like(labels)
    inside[box] = labels[box]
    cropped = np.array(grid.affine)
    cropped[:3, 3] = grid.locate([[s.start for s in box]])[0]
    array, affine = turned(labels[box], cropped, order, flips)
    assert np.array_equal(onto_grid(array, affine, grid), inside)


def test_background_may_reach_beyond_the_image(labels):
    grid = make_grid()
    wide = np.pad(labels, 2)
    affine = np.array(grid.affine)
    affine[:3, 3] = grid.locate([[-2, -2, -2]])[0]
    assert np.array_equal(onto_grid(wide, affine, grid), labels)


def test_voxels_outside_the_image_are_refused_and_counted(labels):
    grid = make_grid()
    shifted = np.array(grid.affine)
    shifted[:3, 3] = grid.locate([[0, 0, 1]])[0]
    with pytest.raises(OutlineError, match=rf"{np.count_nonzero(labels[..., -1])} voxels of it lie outside"):
        onto_grid(labels, shifted, grid)


def test_an_array_wholly_outside_is_refused_unless_it_is_empty(labels):
    grid = make_grid()
    far = np.array(grid.affine)
    far[:3, 3] = grid.locate([[0, 50, 0]])[0]
    with pytest.raises(OutlineError, match="outside"):
        onto_grid(labels, far, grid)
    assert not onto_grid(labels * 0, far, grid).any()


def test_a_filling_array_is_not_copied(labels):
    grid = make_grid()
    assert np.shares_memory(onto_grid(labels, grid.affine, grid), labels)


@pytest.mark.parametrize("off", [0.09, 0.11])
def test_a_tenth_of_a_voxel_is_the_limit(labels, off):
    grid = make_grid()
    affine = np.array(grid.affine)
    affine[:3, 3] = grid.locate([[0, off, 0]])[0]
    if off < 0.1:
        assert np.array_equal(onto_grid(labels, affine, grid), labels)
    else:
        with pytest.raises(OutlineError, match=r"between the image's, 0\.066 mm off"):
            onto_grid(labels, affine, grid)


def test_drift_over_many_voxels_is_not_overlooked():
    grid = make_grid(shape=(4, 5, 400))
    affine = np.array(grid.affine)
    affine[:3, 2] *= 1.0005
    with pytest.raises(OutlineError, match="drift"):
        onto_grid(np.ones(grid.shape, np.uint8), affine, grid)


def test_another_spacing_is_named_in_mm(labels):
    grid = make_grid()
    affine = np.array(grid.affine)
    affine[:3, 1] *= 1.2
    with pytest.raises(OutlineError, match=r"2\.5 × 0\.72 × 0\.7 mm, the image's 2\.5 × 0\.6 × 0\.7 mm"):
        onto_grid(labels, affine, grid)


def test_turned_axes_are_named_in_degrees(labels):
    grid = make_grid()
    angle = math.radians(4)
    about_z = np.array(
        [[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]]
    )
    affine = np.array(grid.affine)
    affine[:3, :3] = about_z @ affine[:3, :3]
    with pytest.raises(OutlineError, match=r"turned against the image's by [34]"):
        onto_grid(labels, affine, grid)


def test_a_straight_array_is_not_taken_for_a_sheared_one(labels):
    with pytest.raises(OutlineError, match="turned"):
        onto_grid(labels, make_grid().affine, make_grid(shear_mm=0.8))


def test_one_plane_of_another_thickness_is_another_grid(labels):
    grid = make_grid()
    affine = np.array(grid.affine)
    affine[:3, 0] *= 2
    with pytest.raises(OutlineError, match="measure"):
        onto_grid(labels[:1], affine, grid)


def test_a_planar_array_fills_its_image():
    grid = Grid(shape=(3, 4))
    array = np.arange(12).reshape(3, 4)
    assert np.array_equal(onto_grid(array, None, grid), array)
    with pytest.raises(OutlineError, match="it has 4 × 3 pixels, the image 3 × 4"):
        onto_grid(array.T, None, grid)


def test_a_planar_array_does_not_lie_on_a_volume():
    with pytest.raises(OutlineError, match="planar"):
        onto_grid(np.ones((5, 7)), None, make_grid())


def test_a_volume_of_unknown_place_holds_no_drawn_voxels(labels):
    grid = Grid(shape=SHAPE, spacing_mm=SPACING, scale_source=ScaleSource.PATIENT_PLANE)
    with pytest.raises(OutlineError, match="where its voxels lie"):
        onto_grid(labels, np.eye(4), grid)
