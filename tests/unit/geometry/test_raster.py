"""Which pixels a region covers, against scikit-image and by hand."""

import numpy as np
from hypothesis import given
from strategies import rings

from lesionkit.core.region import Mask, Outline
from lesionkit.geometry import raster


def test_a_pixel_belongs_where_its_centre_lies_inside_or_on_the_line():
    mask = raster.pixels(Outline(exterior=[(2, 3), (2, 5.9), (4.4, 5.9), (4.4, 3)]))
    assert mask.origin == (2, 3)
    assert mask.voxels.shape == (3, 3)
    assert mask.voxels.all()


def test_rows_and_columns_are_not_swapped():
    mask = raster.pixels(Outline(exterior=[(9.6, 0.6), (9.6, 7.4), (11.4, 7.4), (11.4, 0.6)]))
    assert (mask.origin, mask.voxels.shape) == ((10, 1), (2, 7))


def test_a_hole_is_left_out():
    outer = [(0, 0), (0, 6), (6, 6), (6, 0)]
    hole = [(1.5, 1.5), (1.5, 4.5), (4.5, 4.5), (4.5, 1.5)]
    mask = raster.pixels(Outline(exterior=outer, holes=(hole,)))
    assert mask.voxels.sum() == 49 - 9


def test_a_region_between_pixel_centres_has_no_pixel_but_still_a_place():
    speck = Outline(exterior=[(2.1, 3.1), (2.1, 3.4), (2.4, 3.4)], plane=7)
    assert raster.pixels(speck) is None
    np.testing.assert_allclose(raster.sample(speck)[0], [7, 2.1, 3.1])


def test_an_outline_on_a_volume_holds_points_within_half_a_plane():
    region = Outline(exterior=[(0, 0), (0, 4), (4, 4), (4, 0)], plane=3)
    points = [(3, 2, 2), (3.5, 2, 2), (3.6, 2, 2), (3, 5, 2)]
    assert raster.contains(region, points).tolist() == [True, True, False, False]
    assert raster.pixels(region).origin == (3, 0, 0)


def test_a_fractional_mask_holds_the_voxels_that_reach_one_half():
    mask = Mask(voxels=np.array([[0.4, 0.5, 0.9]], dtype=np.float32), origin=(5, 5))
    assert raster.contains(mask, [(5, 5), (5, 6), (5.4, 7.4), (5.6, 7)]).tolist() == [
        False,
        True,
        True,
        False,
    ]
    assert raster.sample(mask).tolist() == [[5, 6], [5, 7]]


@given(rings())
def test_pixels_are_those_of_scikit_image(ring):
    from skimage.measure import points_in_poly

    ring = ring + 0.123456789  # so that no centre lies on the line, where the two differ by intent
    mask = raster.pixels(Outline(exterior=ring))
    rows, cols = np.mgrid[-21:22, -21:22]
    centres = np.stack([rows.ravel(), cols.ravel()], axis=1)
    expected = {tuple(point) for point in centres[points_in_poly(centres, ring)].tolist()}
    found = set() if mask is None else {tuple(p) for p in (np.argwhere(mask.voxels) + mask.origin).tolist()}
    assert found == expected
