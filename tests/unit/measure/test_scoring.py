"""Components of readers' scores, on pixels that are not square."""

import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.region import Mask, Outline
from lesionkit.measure.scoring import coverage_pct, density_grade, distance_to

GRID = Grid(shape=(30, 40), spacing_mm=(0.5, 0.25), scale_source=ScaleSource.RULER)
SOLID = Grid(shape=(3, 30, 40))


def rectangle(row, col, rows, cols, holes=()):
    corners = [(row, col), (row, col + cols), (row + rows, col + cols), (row + rows, col)]
    return Outline(exterior=corners, holes=holes)


def test_coverage_counts_shared_ground_once_and_outside_ground_never():
    bone = rectangle(0, 0, 10, 10)
    assert coverage_pct([rectangle(0, 0, 2, 10), rectangle(1, 0, 2, 10)], bone, GRID) == pytest.approx(30)
    assert coverage_pct([rectangle(5, 5, 20, 20)], bone, GRID) == pytest.approx(25)
    assert coverage_pct([rectangle(20, 20, 5, 5)], bone, GRID) == 0
    assert coverage_pct([], bone, GRID) == 0


def test_holes_of_the_region_do_not_belong_to_it():
    bone = rectangle(0, 0, 10, 10, holes=([(2, 2), (2, 7), (7, 7), (7, 2)],))
    assert coverage_pct([rectangle(0, 0, 10, 5)], bone, GRID) == pytest.approx(100 * (50 - 15) / 75)


@pytest.mark.parametrize(("value", "grade"), [(99.9, 0), (100, 1), (299, 1), (300, 2), (5000, 2)])
def test_a_grade_is_how_many_cuts_are_reached(value, grade):
    assert density_grade(value, cuts=(100, 300)) == grade


def test_cuts_rise():
    with pytest.raises(ValueError, match="rise"):
        density_grade(1, cuts=(2, 2))


def test_a_landmark_is_as_far_as_the_nearest_point_of_the_nearest_part():
    parts = [rectangle(10, 10, 5, 5), rectangle(10, 30, 5, 5)]
    assert distance_to(parts, (12, 2), GRID) == pytest.approx(8 * 0.25)
    assert distance_to(parts, (2, 32), GRID) == pytest.approx(8 * 0.5)
    assert distance_to(parts, (7, 6), GRID) == pytest.approx(np.hypot(3 * 0.5, 4 * 0.25))
    assert distance_to(parts, (12, 12), GRID) == 0


def test_a_masks_distance_is_that_of_its_pixels_edges():
    mask = Mask(voxels=np.ones((2, 2), dtype=bool), origin=(10, 10))
    assert distance_to([mask], (10, 5), GRID) == pytest.approx(4.5 * 0.25)


def test_both_are_of_planar_images():
    with pytest.raises(ValueError, match="planar"):
        coverage_pct([], rectangle(0, 0, 1, 1), SOLID)
    with pytest.raises(ValueError, match="planar"):
        distance_to([rectangle(0, 0, 1, 1)], (0, 0), SOLID)
