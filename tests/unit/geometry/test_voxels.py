"""Masks against counting, scikit-image and their own symmetries."""

import numpy as np
import pytest
from hypothesis import given
from strategies import masks, spacings

from lesionkit.core.region import Mask
from lesionkit.geometry import polygon, voxels


def fractions(values, origin=None):
    array = np.asarray(values, dtype=np.float32)
    return Mask(voxels=array, origin=origin or (0,) * array.ndim)


def test_fractions_add_and_pull_the_centre():
    mask = fractions([[[0.25, 0.75]]], origin=(2, 3, 4))
    assert voxels.voxel_sum(mask) == 1.0
    np.testing.assert_allclose(voxels.voxel_centroid(mask), [2, 3, 4.75])


def test_a_voxel_of_exactly_one_half_belongs():
    assert voxels.inside(fractions([[0.49, 0.5, 1.0]])).tolist() == [[False, True, True]]


def test_a_faint_mask_is_cut_at_half_of_its_greatest_fraction():
    mask = fractions([[0.1, 0.2, 0.4]])
    assert voxels.half_level(mask) == pytest.approx(0.2)
    assert voxels.inside(mask).tolist() == [[False, True, True]]


def test_one_pixel_is_a_pixel_long_and_wide():
    axes = polygon.axes(voxels.plane_rings(np.array([[True]])))
    assert (axes.long, axes.short) == (1.0, 1.0)


def test_the_line_around_a_mask_runs_midway_between_inside_and_outside_pixels():
    (ring,) = voxels.plane_rings(np.ones((2, 4), dtype=bool))
    np.testing.assert_allclose(ring.min(axis=0), [-0.5, -0.5])
    np.testing.assert_allclose(ring.max(axis=0), [1.5, 3.5])


def test_the_line_around_fractions_is_interpolated():
    (ring,) = voxels.plane_rings(np.array([[0.25, 1.0, 1.0, 0.0]]))
    assert ring[:, 1].min() == pytest.approx(1 - 0.5 / 0.75)
    assert ring[:, 1].max() == pytest.approx(2.5)


def test_a_plane_below_the_level_of_its_mask_has_no_line():
    assert voxels.plane_rings(np.array([[0.3, 0.3]]), level=0.5) == []
    assert len(voxels.plane_extremes(np.array([[0.3, 0.3]]), level=0.5)) == 0
    assert len(voxels.plane_rings(np.array([[0.3, 0.3]]))) == 1


def test_several_masks_become_one_and_what_they_share_counts_once():
    first = Mask(voxels=np.ones((2, 3), dtype=bool), origin=(4, 4))
    second = Mask(voxels=np.ones((2, 3), dtype=bool), origin=(5, 6))
    both = voxels.union([first, second])
    assert both.origin == (4, 4)
    assert both.voxels.dtype == np.bool_
    assert voxels.voxel_sum(both) == 11


def test_where_fractions_overlap_the_greater_counts():
    whole = Mask(voxels=np.ones((1, 2), dtype=bool), origin=(0, 1))
    both = voxels.union([fractions([[0.25, 0.75]]), whole])
    np.testing.assert_allclose(both.voxels, [[0.25, 1.0, 1.0]])


@given(masks(), spacings(), spacings())
def test_the_longest_diameter_is_scikit_images_feret_diameter(mask, row_mm, col_mm):
    from skimage.measure import regionprops

    # scikit-image first fills the hull with whole pixels, so it is that mask which both measure.
    (region,) = regionprops(mask.astype(np.uint8), spacing=(row_mm, col_mm))
    axes = polygon.axes([ring * [row_mm, col_mm] for ring in voxels.plane_rings(region.image_convex)])
    assert axes.long == pytest.approx(region.feret_diameter_max, rel=1e-12)


@given(masks(), spacings(), spacings())
def test_the_outermost_points_have_the_diameter_of_the_whole_line(mask, row_mm, col_mm):
    spacing = np.array([row_mm, col_mm])
    whole = np.vstack(voxels.plane_rings(mask)) * spacing
    extremes = voxels.plane_extremes(mask, level=0.5) * spacing
    assert polygon.longest(extremes) == pytest.approx(polygon.longest(whole), rel=1e-12)


@given(masks())
def test_the_outermost_points_of_fractions_have_the_diameter_of_the_whole_line(mask):
    whole = mask.astype(float)
    blurred = (whole + np.roll(whole, 1, axis=0) + np.roll(whole, 1, axis=1)) / 3
    line = np.vstack(voxels.plane_rings(blurred, level=0.3))
    assert polygon.longest(voxels.plane_extremes(blurred, level=0.3)) == pytest.approx(polygon.longest(line))


@given(masks())
def test_a_mirrored_or_transposed_mask_has_the_same_axes(mask):
    before = polygon.axes(voxels.plane_rings(mask))
    for other in (mask.T, mask[::-1], mask[:, ::-1]):
        after = polygon.axes(voxels.plane_rings(other))
        assert (after.long, after.short) == pytest.approx((before.long, before.short), rel=1e-9)
