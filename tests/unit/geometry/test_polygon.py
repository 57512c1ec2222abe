"""Polygons against closed forms, their own symmetries and Shapely."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import rings, spacings

from lesionkit.geometry import polygon


def rectangle(height, width, at=(0.0, 0.0)):
    return np.array([[0, 0], [0, width], [height, width], [height, 0]], dtype=float) + at


def ellipse(semi_row, semi_col, count=20_000):
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([semi_row * np.sin(angles), semi_col * np.cos(angles)], axis=1)


def turned(points, angle):
    return points @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def test_a_rectangle_with_a_hole_has_the_area_between():
    rings = [rectangle(6, 4), rectangle(2, 3, at=(1, 0.5))[::-1]]
    assert polygon.area(rings) == 6 * 4 - 2 * 3
    assert polygon.perimeter(rings[0]) == 20


def test_an_ellipse_has_the_area_and_axes_of_an_ellipse():
    ring = ellipse(3.0, 7.0)
    assert polygon.ring_area(ring) == pytest.approx(21 * np.pi, rel=1e-6)
    axes = polygon.axes([ring])
    assert axes.long == pytest.approx(14, rel=1e-6)
    assert axes.short == pytest.approx(6, rel=1e-6)


def test_the_centre_of_a_rectangle_moves_away_from_its_hole():
    centre, area = polygon.centroid([rectangle(6, 4), rectangle(2, 2, at=(0, 1))])
    assert area == 20
    np.testing.assert_allclose(centre, [(24 * 3 - 4 * 1) / 20, 2.0])


def test_the_long_axis_of_a_rectangle_is_its_diagonal_and_the_short_one_the_widest_chord_across():
    # Perpendicular to the diagonal of a 3 x 4 rectangle the widest chord starts at the other corner: it is
    # the height over the hypotenuse's slope, 3 / 0.8, not the 4.8 between the two other corners.
    axes = polygon.axes([rectangle(3, 4)])
    assert axes.long == 5
    assert axes.short == pytest.approx(3.75)


def test_a_banana_is_as_wide_as_its_outermost_points_on_one_line():
    ring = np.array([[0, 0], [3, 1], [4, 5], [3, 9], [0, 10], [2, 5]], dtype=float)
    axes = polygon.axes([ring])
    assert axes.long == 10
    # At col 5 the line is cut at rows 2 and 4, at cols 1 and 9 at row 3 and on the inner edge at 0.4.
    assert axes.short == pytest.approx(2.6)


@pytest.mark.parametrize("stretch", [1.0, 1e-3, 1e-7])
def test_the_longest_diameter_of_many_corners_is_that_of_every_pair(stretch):
    rng = np.random.default_rng(4)
    for count in (65, 120, 301):
        angles = rng.uniform(0, 2 * np.pi, count)
        points = np.stack([np.sin(angles), stretch * np.cos(angles)], axis=1)
        gaps = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        assert polygon.longest(points) == pytest.approx(gaps.max(), rel=1e-12)


def test_a_circle_of_many_corners_is_as_wide_as_long_whichever_diameter_is_taken():
    for count in (64, 66, 1000):
        axes = polygon.axes([ellipse(5.0, 5.0, count)])
        assert (axes.long, axes.short) == (pytest.approx(10), pytest.approx(10, rel=2e-3))


def test_parts_taken_together_span_the_gap_between_them():
    axes = polygon.axes([rectangle(2, 2), rectangle(2, 2, at=(0, 8))])
    assert axes.long == pytest.approx(np.hypot(2, 10))
    assert axes.short > 1.9


def test_steps_that_face_each_other_across_the_axis_are_one_width_in_spite_of_rounding():
    # Upper and lower line both jump at the middle: only on that very line is the shape 6 wide.
    ring = np.array(
        [[-10, 0], [-9, 1], [0, 1], [0, 3], [9, 1.5], [10, 0], [9, -1], [0, -1], [0, -3], [-9, -1.5]]
    )
    for angle in np.linspace(0.1, 3.0, 17):
        axes = polygon.axes([turned(ring, angle)])
        assert (axes.long, axes.short) == (pytest.approx(20), pytest.approx(6))


def test_of_equally_long_diameters_the_one_with_the_widest_shape_across_counts():
    # Both diagonals of a square with one corner cut: across one of them the shape is narrower.
    ring = np.array([[0, 0], [0, 10], [10, 10], [10, 0]], dtype=float)
    bulge = np.array([[-1, 5]])
    first = np.concatenate([ring[:1], bulge, ring[1:]])
    for shift in range(5):
        for shape in (first, first[::-1], first * [1, -1]):
            axes = polygon.axes([np.roll(shape, shift, axis=0)])
            assert axes.long == pytest.approx(np.hypot(10, 10))
            assert axes.short == pytest.approx(polygon.axes([first]).short)


def test_a_line_and_a_point_have_no_width():
    assert polygon.axes([np.zeros((3, 2))]).long == 0
    axes = polygon.axes([np.array([[0.0, 0], [3, 4], [1.5, 2]])])
    assert (axes.long, axes.short) == (5, pytest.approx(0, abs=1e-12))


def test_a_contour_of_few_pixels_keeps_its_area():
    # OpenCV's contourArea is 44 % below the pixel count for such regions; ours is that of the line.
    assert polygon.ring_area(rectangle(0.5, 0.25, at=(1e5, 2e5))) == 0.125


@given(rings(), spacings(), spacings())
def test_area_scales_with_the_spacing_of_rows_times_that_of_columns(ring, row_mm, col_mm):
    expected = polygon.ring_area(ring) * row_mm * col_mm
    assert polygon.ring_area(ring * [row_mm, col_mm]) == pytest.approx(expected, rel=1e-12)


@given(rings(), st.integers(0, 15))
def test_direction_and_start_of_drawing_change_nothing(ring, shift):
    other = np.roll(ring[::-1], shift, axis=0)
    assert polygon.ring_area(other) == pytest.approx(polygon.ring_area(ring), rel=1e-12)
    assert polygon.perimeter(other) == pytest.approx(polygon.perimeter(ring), rel=1e-12)
    before, after = polygon.axes([ring]), polygon.axes([other])
    assert (after.long, after.short) == pytest.approx((before.long, before.short), rel=1e-9)
    np.testing.assert_allclose(polygon.centroid([other])[0], polygon.centroid([ring])[0], atol=1e-9)


@given(rings(size=3.0))
def test_a_small_shape_far_from_the_origin_keeps_nine_digits(ring):
    # The vertices themselves are rounded when they are carried so far, which is not the formula's fault.
    far = ring + 1e5
    near = far - 1e5
    assert polygon.ring_area(far) == pytest.approx(polygon.ring_area(near), rel=1e-9)
    np.testing.assert_allclose(polygon.centroid([far])[0] - 1e5, polygon.centroid([near])[0], atol=1e-9)
    before, after = polygon.axes([near]), polygon.axes([far])
    assert (after.long, after.short) == pytest.approx((before.long, before.short), rel=1e-7)


@given(rings(), st.floats(0, 6.3))
def test_axes_do_not_depend_on_how_the_shape_is_turned(ring, angle):
    before, after = polygon.axes([ring]), polygon.axes([turned(ring, angle)])
    assert after.long == pytest.approx(before.long, rel=1e-9)
    assert after.short == pytest.approx(before.short, rel=1e-6, abs=1e-6)


def chord(ring, position, along, across):
    crossings = []
    for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        ta, tb = a @ along, b @ along
        if abs(ta - position) < 1e-9:
            crossings.append(a @ across)
        elif (ta - position) * (tb - position) < 0:
            crossings.append(a @ across + (position - ta) / (tb - ta) * ((b - a) @ across))
    return max(crossings) - min(crossings)


@given(rings())
def test_axes_are_those_of_trying_every_pair_and_every_line(ring):
    gaps = np.hypot(*(ring[:, None] - ring[None]).transpose(2, 0, 1))
    widths = []
    for i, j in zip(*np.nonzero(np.triu(gaps) >= gaps.max() * (1 - 1e-9)), strict=True):
        along = (ring[j] - ring[i]) / gaps[i, j]
        across = np.array([-along[1], along[0]])
        widths += [chord(ring, point @ along, along, across) for point in ring]
    axes = polygon.axes([ring])
    assert axes.long == pytest.approx(gaps.max(), rel=1e-12)
    assert axes.short == pytest.approx(max(widths), rel=1e-6)


@given(rings(), rings(size=2.0))
def test_area_perimeter_and_centre_are_shapelys(ring, hole):
    from shapely import Polygon

    shape = Polygon(ring, [hole])
    assert polygon.area([ring, hole]) == pytest.approx(shape.area, rel=1e-9)
    assert polygon.perimeter(ring) == pytest.approx(Polygon(ring).length, rel=1e-12)
    np.testing.assert_allclose(polygon.centroid([ring, hole])[0], np.ravel(shape.centroid.coords), atol=1e-7)


def test_parts_that_lie_apart_come_back_to_the_last_digit():
    parts = [[rectangle(2, 2) / 3], [rectangle(2, 2, at=(0, 5)) / 7]]
    for before, after in zip(parts, polygon.merged(parts), strict=True):
        assert np.array_equal(before[0], after[0])


def test_what_parts_share_counts_once():
    merged = polygon.merged([[rectangle(4, 4)], [rectangle(4, 4, at=(0, 3))], [rectangle(1, 1, at=(9, 9))]])
    assert sum(polygon.area(rings) for rings in merged) == pytest.approx(4 * 7 + 1)


def test_parts_that_share_an_edge_have_no_line_between_them():
    merged = polygon.merged([[rectangle(4, 4)], [rectangle(4, 3, at=(0, 4))]])
    assert [polygon.perimeter(rings[0]) for rings in merged] == [pytest.approx(22)]


def test_a_part_within_the_hole_of_another_stays_a_part():
    merged = polygon.merged([[rectangle(9, 9), rectangle(7, 7, at=(1, 1))], [rectangle(2, 2, at=(3, 3))]])
    assert sorted(polygon.area(rings) for rings in merged) == [4, 81 - 49]
