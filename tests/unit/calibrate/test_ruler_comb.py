import numpy as np
import pytest
from rulers import Laid, View, photograph

from lesionkit.calibrate.ruler_comb import Comb, find_comb, refitted
from lesionkit.calibrate.ruler_search import find_bands, pyramid
from lesionkit.core.arrays import homogeneous

COMB = Comb(
    origin=np.array([100.0, 200.0]),
    along=np.array([0.6, 0.8]),
    numbers=(0.1, 3.0, 2e-4, -1e-4, 0.004),
    first=-20,
    last=30,
)


def test_a_comb_goes_to_places_and_back():
    number, v = np.array([-20.0, 0.0, 7.5, 30.0]), np.array([-10.0, 0.0, 5.0, 12.0])
    u = COMB.u(number, v)
    a, b, c, d, e = COMB.numbers
    np.testing.assert_allclose((a * u + b + e * v) / (1 + c * u + d * v), number, atol=1e-12)
    offset = COMB.at(number, v) - COMB.origin
    np.testing.assert_allclose(offset @ COMB.along, u, atol=1e-9)
    np.testing.assert_allclose(offset @ COMB.across, v, atol=1e-9)


def test_a_comb_fitted_to_its_own_ticks_is_itself():
    number = np.arange(-20.0, 31.0)
    seen = np.stack([COMB.at(number, np.full(51, v)) for v in (-8.0, 9.0)], axis=1)
    again = refitted(COMB, seen, number)
    assert again is not None
    np.testing.assert_allclose(again.numbers, COMB.numbers, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("tilt", [0, 20])
def test_the_numbers_of_strokes_are_millimetres_on_the_ruler(tilt):
    view = View(tilt=tilt, towards=80)
    pictures = pyramid(photograph(Laid(turn=10), view=view).pixels[..., 0].copy())
    band = find_bands(pictures)[0]
    comb = find_comb(pictures[0] if band.shrink == 1 else pictures[1], band)
    assert comb is not None
    number = np.arange(comb.first, comb.last + 1)
    places = homogeneous(np.linalg.inv(view.to_pixels), comb.at(number, np.zeros(len(number))))
    np.testing.assert_allclose(np.linalg.norm(np.diff(places, axis=0), axis=1), 1.0, atol=0.01)


def test_strokes_without_a_rhythm_are_no_comb():
    rng = np.random.default_rng(4)
    picture = np.full((400, 900), 220, np.uint8)
    for left in np.cumsum(rng.integers(3, 40, 60)):
        picture[150:190, left : left + 3] = 20
    for band in find_bands(pyramid(picture)):
        assert find_comb(picture, band) is None
