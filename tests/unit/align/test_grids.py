"""Two grids in one frame of reference, and the guess where nothing is known."""

import numpy as np
import pytest
from scenes import axial_grid, coronal_grid

from lesionkit.align import align_grids
from lesionkit.align.grids import corners, guess, middle
from lesionkit.core.grid import Grid, ScaleSource


def test_volumes_in_one_frame_of_reference_meet_in_patient_coordinates():
    one = axial_grid((20, 30, 40), (3.0, 1.0, 0.5), frame="1.2.3")
    other = axial_grid((15, 50, 60), (5.0, 0.7, 0.9), centre=(4, -9, 2), frame="1.2.3")
    transform = align_grids(one, other, image_id="a", baseline_id="b")
    points = np.array([[0.0, 0, 0], [3, 7, 11], [19, 29, 39]])
    assert transform is not None
    assert transform.method == "frame-of-reference"
    assert transform.is_reliable
    assert transform.residual is None
    np.testing.assert_allclose(other.locate(transform.carry(points)), one.locate(points), atol=1e-9)


@pytest.mark.parametrize(("one", "other"), [(None, None), ("1.2.3", None), ("1.2.3", "1.2.4")])
def test_volumes_without_a_shared_frame_of_reference_need_their_pixels(one, other):
    first = axial_grid((5, 6, 7), (3.0, 1.0, 0.5), frame=one)
    second = axial_grid((5, 6, 7), (3.0, 1.0, 0.5), frame=other)
    assert align_grids(first, second, image_id="a", baseline_id="b") is None


def test_radiographs_of_one_frame_of_reference_still_need_their_pixels():
    grid = Grid(shape=(5, 6), frame_of_reference="1.2.3")
    assert align_grids(grid, grid, image_id="a", baseline_id="b") is None


def test_the_guess_lays_centre_on_centre_and_keeps_millimetres():
    small = Grid(shape=(100, 80), spacing_mm=(0.5, 0.25), scale_source=ScaleSource.RULER)
    large = Grid(shape=(301, 401), spacing_mm=(0.1, 0.2), scale_source=ScaleSource.RULER)
    matrix = guess(small, large)
    np.testing.assert_allclose(matrix @ [*middle(small), 1], [*middle(large), 1])
    step = (matrix @ [10.0, 20.0, 0.0])[:2] * large.spacing_mm
    np.testing.assert_allclose(step, np.array([10.0, 20.0]) * small.spacing_mm)


def test_the_guess_without_a_scale_lays_one_picture_over_the_other():
    small, large = Grid(shape=(100, 80)), Grid(shape=(300, 400))
    edge = np.array([-0.5, -0.5, 1.0])
    np.testing.assert_allclose(guess(small, large) @ edge, edge)


def test_the_guess_for_volumes_keeps_their_orientation_in_the_patient():
    axial, coronal = axial_grid((20, 30, 40), (3.0, 1.0, 0.5)), coronal_grid((10, 50, 60), (5.0, 0.7, 0.9))
    matrix = guess(axial, coronal)
    head = np.linalg.inv(axial.affine[:3, :3]) @ [0, 0, 1.0]
    np.testing.assert_allclose(coronal.affine[:3, :3] @ matrix[:3, :3] @ head, [0, 0, 1], atol=1e-9)


def test_corners_are_the_outermost_pixel_centres():
    assert corners(Grid(shape=(3, 5))).tolist() == [[0, 0], [0, 4], [2, 4], [2, 0]]
    assert len(np.unique(corners(axial_grid((2, 3, 4), (1.0, 2.0, 3.0))), axis=0)) == 8
