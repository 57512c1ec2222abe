import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionkit.core.region import Mask, Outline
from lesionkit.geometry import polygon
from lesionkit.geometry.raster import coverage, edges, pixels

SIZE = st.floats(0.3, 6)
RING = st.tuples(st.floats(-3, 12), st.floats(-3, 12), SIZE, SIZE, st.integers(3, 9))


def ngon(row, col, high, wide, corners):
    angles = np.arange(corners) * 2 * np.pi / corners
    return np.column_stack([row + high * np.sin(angles), col + wide * np.cos(angles)])


@given(RING)
def test_the_parts_of_all_pixels_add_up_to_the_area(shape):
    ring = ngon(*shape)
    mask = coverage([Outline(exterior=ring)])
    assert mask.voxels.sum(dtype=np.float64) == pytest.approx(polygon.ring_area(ring), rel=1e-5)


@given(RING)
def test_the_centre_of_the_parts_is_near_the_centre_of_the_outline(shape):
    ring = ngon(*shape)
    mask = coverage([Outline(exterior=ring)])
    weights = mask.voxels.astype(np.float64)
    index = np.moveaxis(np.indices(weights.shape), 0, -1) + mask.origin
    centre = np.average(index.reshape(-1, 2), axis=0, weights=weights.ravel())
    assert centre == pytest.approx(polygon.centroid([ring])[0], abs=0.5)


def test_what_outlines_share_counts_once_and_a_plane_stays():
    first = Outline(exterior=[(0, 0), (0, 4), (4, 4), (4, 0)], plane=5)
    second = Outline(exterior=[(2, 2), (2, 6), (6, 6), (6, 2)], plane=5)
    mask = coverage([first, second])
    assert mask.origin[0] == 5
    assert mask.voxels.sum() == pytest.approx(28)


def test_the_edges_of_pixels_enclose_them_and_no_others():
    drawn = np.array([[1, 1, 1, 0], [1, 0, 1, 0], [1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 0, 0]], dtype=bool)
    found = edges(Mask(voxels=drawn, origin=(7, 9)))
    assert sum(polygon.area(outline.rings) for outline in found) == drawn.sum()
    again = np.zeros((20, 20), dtype=bool)
    for outline in found:
        mask = pixels(outline)
        again[mask.box] |= mask.voxels
    assert np.array_equal(again[7:12, 9:13], drawn)
    assert again.sum() == drawn.sum()
