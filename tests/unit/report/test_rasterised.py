import numpy as np
import pytest

from lesionkit.core.region import Deposit, Mask, Outline
from lesionkit.report.rasterised import mask_of


def deposit(*regions):
    return Deposit(id="1", image="i", regions=regions)


def ring(size, plane=None):
    return Outline(
        exterior=[(2.1, 3.1), (2.1, 3.1 + size), (2.1 + size, 3.1 + size), (2.1 + size, 3.1)], plane=plane
    )


def test_pixels_belong_where_their_centres_lie_inside():
    mask = mask_of(deposit(ring(4, plane=1), ring(4, plane=2)), shape=(5, 20, 20), fractional=False)
    assert mask.voxels.dtype == np.bool_
    assert (mask.origin, mask.voxels.sum()) == ((1, 3, 4), 2 * 16)


def test_fractions_add_up_to_the_area():
    mask = mask_of(deposit(ring(4, plane=1), ring(4, plane=2)), shape=(5, 20, 20), fractional=True)
    assert mask.voxels.sum() == pytest.approx(32, rel=1e-6)


def test_a_deposit_between_pixel_centres_is_none_or_a_fraction():
    small = deposit(ring(0.3))
    assert mask_of(small, shape=(20, 20), fractional=False) is None
    assert mask_of(small, shape=(20, 20), fractional=True).voxels.sum() == pytest.approx(0.09, rel=1e-5)


def test_masks_stay_as_they_are():
    mask = Mask(voxels=np.ones((2, 3), dtype=bool), origin=(4, 5))
    assert mask_of(deposit(mask), shape=(20, 20), fractional=True) is mask
