"""Sizes against closed forms, on pixels that are not square."""

import numpy as np
import pytest
from hypothesis import given
from strategies import rings, spacings

from lesionkit.core.arrays import homogeneous
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.region import Mask, Outline
from lesionkit.measure.size import size_of

FLAT = Grid(shape=(30, 40), spacing_mm=(0.5, 0.25), scale_source=ScaleSource.RULER)
BARE = Grid(shape=(30, 40))
SOLID = Grid(shape=(6, 20, 30), spacing_mm=(2.0, 0.5, 0.25), scale_source=ScaleSource.PATIENT_PLANE)
TILTED = Grid(
    shape=(30, 40),
    spacing_mm=(0.5, 0.25),
    scale_source=ScaleSource.MARKER,
    homography=np.array([[0.5, 0.02, 3.0], [0.01, 0.25, -2.0], [0.004, -0.002, 1.0]]),
)


def rectangle(row, col, rows, cols, *, plane=None, holes=()):
    corners = [(row, col), (row, col + cols), (row + rows, col + cols), (row + rows, col)]
    return Outline(exterior=corners, holes=holes, plane=plane)


def block(*shape, origin):
    return Mask(voxels=np.ones(shape, dtype=bool), origin=origin)


def test_rows_and_columns_keep_their_own_spacing():
    size = size_of([rectangle(2, 3, 6, 16)], FLAT)
    assert size.area == 3.0 * 4.0
    assert size.perimeter == 14.0
    assert size.long_axis == 5.0
    assert size.short_axis == pytest.approx(3.75)
    np.testing.assert_allclose(size.centroid, [5, 11])
    assert size.volume is None


def test_holes_come_off_the_area_but_not_the_perimeter():
    hole = [(3, 4), (3, 8), (5, 8), (5, 4)]
    size = size_of([rectangle(2, 3, 6, 16, holes=(hole,))], FLAT)
    assert size.area == pytest.approx(12 - 1 * 1)
    assert size.perimeter == 14.0


def test_the_areas_of_parts_add_and_their_axes_are_taken_together():
    size = size_of([rectangle(0, 0, 2, 4), rectangle(0, 12, 2, 4)], FLAT)
    assert size.area == 2.0
    assert size.perimeter == 8.0
    assert size.long_axis == pytest.approx(np.hypot(1, 4))
    np.testing.assert_allclose(size.centroid, [1, 8])


def test_what_parts_share_counts_once():
    size = size_of([rectangle(0, 0, 2, 4), rectangle(0, 2, 2, 4)], FLAT)
    assert (size.area, size.perimeter) == (pytest.approx(1.5), pytest.approx(5.0))


def test_without_a_scale_pixels_are_counted_as_squares():
    size = size_of([rectangle(2, 3, 6, 8)], BARE)
    assert (size.area, size.long_axis, size.perimeter) == (48, 10, 28)


def test_under_perspective_the_polygon_is_measured_where_its_vertices_lie():
    outline = rectangle(4, 5, 10, 20)
    corners = homogeneous(TILTED.homography, outline.exterior)
    following = np.roll(corners, -1, axis=0)
    shoelace = abs((corners[:, 0] * following[:, 1] - corners[:, 1] * following[:, 0]).sum()) / 2
    assert size_of([outline], TILTED).area == pytest.approx(shoelace)


@pytest.mark.parametrize("grid", [FLAT, BARE, TILTED])
def test_a_mask_has_the_area_of_its_pixels_also_under_perspective(grid):
    mask = size_of([block(10, 20, origin=(4, 5))], grid)
    outline = size_of([rectangle(3.5, 4.5, 10, 20)], grid)
    assert mask.area == pytest.approx(outline.area, rel=1e-12)
    assert mask.perimeter is None


def test_a_planar_mask_has_the_axes_of_the_line_around_it():
    size = size_of([block(1, 4, origin=(4, 5))], FLAT)
    # The line cuts the corners: from the middle of one short side to that of the other.
    assert size.long_axis == 1.0
    assert size.short_axis == 0.5
    np.testing.assert_allclose(size.centroid, [4, 6.5])


def test_a_single_voxel_of_exactly_one_half_is_measured_without_failing():
    size = size_of([Mask(voxels=np.array([[[0.5]]], dtype=np.float32), origin=(1, 2, 3))], SOLID)
    assert size.volume == 0.125
    assert size.long_axis == pytest.approx(0, abs=1e-9)


def test_masks_of_one_deposit_are_taken_together():
    apart = size_of([block(2, 2, origin=(0, 0)), block(2, 2, origin=(0, 8))], FLAT)
    assert apart.area == pytest.approx(8 * 0.125)
    shared = size_of([block(2, 2, origin=(0, 0)), block(2, 2, origin=(0, 1))], FLAT)
    assert shared.area == pytest.approx(6 * 0.125)


@given(rings(size=8.0), spacings(), spacings())
def test_area_scales_with_both_spacings(ring, row_mm, col_mm):
    outline = Outline(exterior=ring + np.array([15, 20]))
    grid = Grid(shape=(30, 40), spacing_mm=(row_mm, col_mm), scale_source=ScaleSource.RULER)
    assert size_of([outline], grid).area == pytest.approx(size_of([outline], BARE).area * row_mm * col_mm)


def test_the_volume_of_a_mask_is_voxels_times_the_voxels_volume():
    voxels = np.ones((3, 4, 6), dtype=bool)
    voxels[2, 1:] = False
    size = size_of([Mask(voxels=voxels, origin=(1, 2, 3))], SOLID)
    assert size.volume == (24 + 24 + 6) * 0.25
    assert size.area == 24 * 0.125
    assert size.perimeter is None
    np.testing.assert_allclose(size.centroid, np.argwhere(voxels).mean(axis=0) + np.array([1, 2, 3]))


def test_fractions_of_voxels_add_up():
    voxels = np.full((2, 3, 3), 0.25, dtype=np.float32)
    voxels[0, 1, 1] = 1.0
    size = size_of([Mask(voxels=voxels, origin=(1, 2, 3))], SOLID)
    assert size.volume == pytest.approx((1.0 + 17 * 0.25) * 0.25)
    assert size.area == pytest.approx((1.0 + 8 * 0.25) * 0.125)
    # Only the full voxel belongs to it: the half is crossed at two thirds of the way to its neighbours.
    assert size.long_axis == pytest.approx(2 * 0.5 * 2 / 3)


def test_the_axes_of_a_volume_are_those_of_the_plane_with_the_longest_diameter():
    voxels = np.zeros((3, 9, 20), dtype=bool)
    voxels[0, :5, :6] = True  # the largest area, 2.5 mm x 1.5 mm
    voxels[1, 4, :20] = True  # the longest, 5 mm x 0.5 mm
    size = size_of([Mask(voxels=voxels, origin=(0, 0, 0))], SOLID)
    assert size.area == 30 * 0.125
    assert (size.long_axis, size.short_axis) == (pytest.approx(5.0), pytest.approx(0.5))


def test_of_planes_equally_long_the_wider_one_counts():
    voxels = np.zeros((3, 5, 9), dtype=bool)
    voxels[:, 2] = True
    voxels[1, 1:4, 4] = True
    for order in ([0, 1, 2], [1, 0, 2]):
        size = size_of([Mask(voxels=voxels[order], origin=(0, 0, 0))], SOLID)
        assert (size.long_axis, size.short_axis) == (pytest.approx(2.25), pytest.approx(1.5))


def test_no_plane_is_left_out_that_could_have_the_longest_diameter():
    rng = np.random.default_rng(5)
    for _ in range(50):
        voxels = rng.random((4, 6, 7)) < 0.1
        voxels[0, 0, 0] = True
        together = size_of([Mask(voxels=voxels, origin=(0, 0, 0))], SOLID)
        apart = [
            size_of([Mask(voxels=plane[None], origin=(0, 0, 0))], SOLID) for plane in voxels if plane.any()
        ]
        assert together.long_axis == pytest.approx(max(size.long_axis for size in apart), rel=1e-12)


def test_outlines_on_planes_of_a_volume_are_as_thick_as_the_planes_are_apart():
    size = size_of([rectangle(2, 4, 4, 8, plane=1), rectangle(2, 4, 4, 4, plane=2)], SOLID)
    assert size.volume == pytest.approx((4.0 + 2.0) * 2.0)
    assert size.area == 4.0
    assert size.long_axis == pytest.approx(np.hypot(2, 2))
    np.testing.assert_allclose(size.centroid, [(4 * 1 + 2 * 2) / 6, 4, (4 * 8 + 2 * 6) / 6])


def test_outlines_and_masks_do_not_mix():
    with pytest.raises(ValueError, match="either in outlines or in masks"):
        size_of([rectangle(0, 0, 2, 2), block(2, 2, origin=(0, 0))], FLAT)


@pytest.mark.parametrize(
    ("region", "grid"), [(rectangle(0, 0, 2, 2), SOLID), (block(1, 2, 2, origin=(0, 0, 0)), FLAT)]
)
def test_a_region_lies_on_a_grid_of_as_many_axes(region, grid):
    with pytest.raises(ValueError, match="axes"):
        size_of([region], grid)


@pytest.mark.parametrize("spacing_mm", [(2.0, 0.5, 0.25), (0.5, 0.25)])
def test_where_a_deposit_touches_the_border_its_sizes_are_those_it_has_in_the_middle(spacing_mm):
    rng = np.random.default_rng(3)
    axes = len(spacing_mm)
    shape = (6, 20, 30)[-axes:]
    grid = Grid(shape=shape, spacing_mm=spacing_mm, scale_source=ScaleSource.RULER)
    voxels = rng.random((3, 7, 9)[-axes:]) < 0.7
    inside = size_of([Mask(voxels=voxels, origin=(1, 5, 8)[-axes:])], grid)
    for corner in np.ndindex((2,) * axes):
        origin = [last * (n - k) for last, n, k in zip(corner, shape, voxels.shape, strict=True)]
        found = size_of([Mask(voxels=voxels, origin=tuple(origin))], grid)
        for name in ("area", "volume", "long_axis", "short_axis", "max_diameter", "surface_area", "parts"):
            theirs, own = getattr(inside, name), getattr(found, name)
            assert own == (theirs if theirs is None else pytest.approx(theirs, rel=1e-12)), (name, origin)


def test_one_voxel_has_sizes_of_its_own_in_every_direction():
    size = size_of([block(1, 1, 1, origin=(0, 19, 29))], SOLID)
    assert (size.volume, size.area, size.parts) == (0.25, 0.125, 1)
    # The surface is an octahedron midway to the six neighbours: its half axes are half a spacing long.
    assert size.max_diameter == pytest.approx(2.0)
    a, b, c = 1.0, 0.25, 0.125
    assert size.surface_area == pytest.approx(4 * np.sqrt((a * b) ** 2 + (b * c) ** 2 + (a * c) ** 2))
    assert size.long_axis == pytest.approx(0.5)


def test_two_parts_of_a_volume_are_one_deposit_of_both():
    voxels = np.zeros((3, 3, 12), dtype=bool)
    voxels[0, :2, :2] = voxels[2, :2, 10:] = True
    size = size_of([Mask(voxels=voxels, origin=(1, 2, 3))], SOLID)
    one = size_of([block(1, 2, 2, origin=(1, 2, 3))], SOLID)
    assert size.parts == 2
    assert (size.volume, size.surface_area) == (2 * one.volume, pytest.approx(2 * one.surface_area))
    assert size.long_axis == one.long_axis  # in one plane; between planes only the greatest diameter goes
    assert size.max_diameter > 4.0
    corner = voxels.copy()
    corner[2], corner[0, 2, 2] = False, True
    assert size_of([Mask(voxels=corner, origin=(1, 2, 3))], SOLID).parts == 2


def test_a_hole_in_a_volume_is_no_part_of_it():
    voxels = np.ones((3, 5, 5), dtype=bool)
    voxels[1, 2, 2] = False
    full, hollow = (
        size_of([Mask(voxels=v, origin=(1, 2, 3))], SOLID) for v in (np.ones_like(voxels), voxels)
    )
    assert hollow.volume == full.volume - 0.25
    assert hollow.max_diameter == full.max_diameter
    assert hollow.surface_area > full.surface_area
