"""Many rings at once are measured as each alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import rings

from lesionkit.geometry import polygon
from lesionkit.geometry.polygons import measure_rings


def measured(several):
    firsts = np.cumsum([0, *[len(ring) for ring in several[:-1]]])
    return measure_rings(np.vstack(several), firsts)


def assert_as_alone(several):
    found = measured(several)
    for index, ring in enumerate(several):
        axes = polygon.axes([ring])
        assert found.area[index] == pytest.approx(polygon.ring_area(ring), rel=1e-12)
        assert found.perimeter[index] == pytest.approx(polygon.perimeter(ring), rel=1e-12)
        assert found.long[index] == pytest.approx(axes.long, rel=1e-12)
        assert found.short[index] == pytest.approx(axes.short, rel=1e-9)


@settings(deadline=None)
@given(st.lists(rings(size=8.0), min_size=1, max_size=6))
def test_every_ring_is_measured_as_alone(several):
    assert_as_alone(several)


@settings(deadline=None)
@given(st.lists(rings(size=8.0), min_size=1, max_size=3), st.floats(-1e5, 1e5))
def test_where_rings_lie_and_which_way_they_turn_does_not_matter(several, far):
    here, there = measured(several), measured([ring[::-1] + far for ring in several])
    np.testing.assert_allclose(there.long, here.long, rtol=1e-8)
    np.testing.assert_allclose(there.area, here.area, rtol=1e-7)
    np.testing.assert_allclose(there.perimeter, here.perimeter, rtol=1e-8)


def test_a_corner_that_is_there_twice_is_not_lost():
    square = np.array([[0.0, 0], [0, 0], [0, 4], [0, 4], [4, 4], [4, 0], [4, 0]])
    found = measured([square, square[::-1]])
    assert found.long.tolist() == pytest.approx([np.hypot(4, 4)] * 2)
    assert found.area.tolist() == [16, 16]


def test_of_equally_long_diameters_the_one_across_which_the_ring_is_widest_counts():
    angles = np.arange(12) * np.pi / 6
    assert_as_alone([np.stack([np.sin(angles), np.cos(angles)], axis=1) * 3])


def test_more_rings_than_are_reckoned_at_once_keep_their_order():
    rng = np.random.default_rng(2)
    angles = np.sort(rng.uniform(0, 2 * np.pi, (300, 150)), axis=1)
    radii = 5 + np.sin(3 * angles) + np.arange(300)[:, None] / 100
    several = np.stack([radii * np.sin(angles), 2 * radii * np.cos(angles)], axis=2)
    found = measured(list(several))
    for index in (0, 149, 217, 218, 219, 299):
        axes = polygon.axes([several[index]])
        assert (found.long[index], found.short[index]) == pytest.approx((axes.long, axes.short), rel=1e-9)


def test_no_ring_is_no_size():
    assert measure_rings(np.zeros((0, 2)), np.zeros(0, dtype=int)).area.tolist() == []
