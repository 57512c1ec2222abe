import numpy as np
import pytest
from drawn import on_plane, square

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.geometry import polygon
from lesionkit.io.dicom.contours import Contour, ContourError, circle, ellipse, from_image, from_patient
from lesionkit.io.dicom.nesting import join

GRID = Grid(shape=(5, 40, 50))


def tilted():
    """Planes 2.5 mm apart along z whose normal is tilted, pixels 0.6 x 0.7 mm."""
    angle = np.radians(18.5)
    affine = np.eye(4)
    affine[:3, 0] = [0, 0, -2.5]
    affine[:3, 1] = np.array([0, np.cos(angle), -np.sin(angle)]) * 0.6
    affine[:3, 2] = [0.7, 0, 0]
    affine[:3, 3] = [-12.0, 33.0, 250.0]
    return Grid(
        shape=(9, 40, 50),
        spacing_mm=(2.5 * np.cos(angle), 0.6, 0.7),
        affine=affine,
        scale_source=ScaleSource.PATIENT_PLANE,
    )


def area(found):
    return sum(polygon.area(outline.rings) for outline in found.outlines)


def lines(*rings, plane=0, is_xor=False):
    return [Contour(points=np.asarray(ring, dtype=float), plane=plane, is_xor=is_xor) for ring in rings]


def test_dicom_counts_pixels_from_their_corner():
    found = from_image([[0.0, 0.0], [50.0, 0.0], [50.0, 40.0], [0.0, 40.0]], GRID, plane=2)
    assert found.points.tolist() == [[-0.5, -0.5], [-0.5, 49.5], [39.5, 49.5], [39.5, -0.5]]


def test_points_in_the_patient_come_back_to_a_tilted_volume_s_pixels():
    ring = square((10.25, 8.5), (20.75, 31.0))
    found = from_patient(on_plane(tilted().affine, 3, ring), tilted())
    assert found.plane == 3
    assert found.points == pytest.approx(ring, abs=1e-9)


@pytest.mark.parametrize("off", [0.11, 0.5, -0.3])
def test_a_line_between_planes_is_refused(off):
    points = on_plane(tilted().affine, 3 + off, square((10, 8), (20, 30)))
    with pytest.raises(ContourError, match="between two planes") as caught:
        from_patient(points, tilted())
    assert caught.value.code == "contour_between_planes"


def test_a_line_that_names_its_image_may_lie_a_little_off_its_plane():
    points = on_plane(tilted().affine, 3.2, square((10, 8), (20, 30)))
    assert from_patient(points, tilted(), plane=3).plane == 3


def test_a_line_across_the_planes_is_refused():
    points = on_plane(tilted().affine, 3, square((10, 8), (20, 30)))
    points[:2, 2] += 2.0
    with pytest.raises(ContourError) as caught:
        from_patient(points, tilted())
    assert caught.value.code == "contour_not_parallel"


@pytest.mark.parametrize(("plane", "ring"), [(12, ((10, 8), (20, 30))), (3, ((10, 8), (20, 60)))])
def test_a_line_outside_the_image_is_refused(plane, ring):
    with pytest.raises(ContourError) as caught:
        from_patient(on_plane(tilted().affine, plane, square(*ring)), tilted())
    assert caught.value.code == "outline_outside_image"


def test_a_single_line_keeps_its_points_to_the_last_digit():
    ring = [[1 / 3, 0.1], [0.2, 7.0], [9.7, 4.4]]
    (outline,) = join(lines(ring, plane=4)).outlines
    assert outline.exterior.tolist() == ring
    assert outline.plane == 4


def test_a_line_in_a_line_is_a_hole_and_a_line_in_the_hole_an_island():
    found = join(lines(square((0, 0), (20, 30)), square((5, 5), (15, 25)), square((8, 8), (10, 12))))
    assert area(found) == pytest.approx(600 - 200 + 8)
    assert sorted(len(outline.holes) for outline in found.outlines) == [0, 1]
    assert not found.overlap


def test_lines_apart_are_parts():
    found = join(lines(square((0, 0), (5, 5)), square((10, 10), (12, 18))))
    assert (len(found.outlines), area(found)) == (2, pytest.approx(41))


def test_a_keyhole_is_a_hole():
    keyhole = [
        [0, 0], [0, 30], [20, 30], [20, 0], [10, 0], [10, 5],
        [15, 5], [15, 25], [5, 25], [5, 5], [10, 5], [10, 0],
    ]  # fmt: skip
    found = join(lines(keyhole))
    assert area(found) == pytest.approx(600 - 200)
    assert [len(outline.holes) for outline in found.outlines] == [1]


def test_lines_that_cross_one_another_count_once_and_say_so():
    found = join(lines(square((0, 0), (10, 10)), square((5, 5), (15, 15))))
    assert (area(found), found.overlap) == (pytest.approx(175), True)


def test_lines_that_cross_one_another_cancel_where_their_file_says_exclusive_or():
    found = join(lines(square((0, 0), (10, 10)), square((5, 5), (15, 15)), is_xor=True))
    assert area(found) == pytest.approx(150)


def test_the_same_line_twice_counts_once():
    found = join(lines(square((0, 0), (10, 10)), square((0, 0), (10, 10))))
    assert (area(found), found.overlap) == (pytest.approx(100), True)


@pytest.mark.parametrize("ring", [[[0, 0], [10, 10], [0, 10], [10, 0]], [[0, 0], [0, 9], [0, 3], [0, 6]]])
def test_a_line_that_crosses_itself_or_encloses_nothing_is_refused(ring):
    with pytest.raises(ContourError) as caught:
        join(lines(ring))
    assert caught.value.code == "outline_crosses_itself"


def test_planes_that_are_skipped_are_counted():
    ring = square((0, 0), (10, 10))
    assert join([*lines(ring, plane=2), *lines(ring, plane=3), *lines(ring, plane=6)]).gaps == 2


def test_a_circle_and_an_ellipse_enclose_their_area():
    round_ = circle([20.0, 15.0], [20.0, 8.0])
    assert polygon.ring_area(round_) == pytest.approx(np.pi * 49, rel=1e-12)
    assert round_.mean(axis=0) == pytest.approx([20.0, 15.0])
    long = ellipse([10, 15], [30, 15], [20, 11], [20, 19])
    assert polygon.ring_area(long) == pytest.approx(np.pi * 10 * 4, rel=1e-12)
