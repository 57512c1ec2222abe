import numpy as np
import pytest
from rulers import SHAPE, Laid, View, photograph

from lesionkit.calibrate.ruler_search import find_bands, pyramid


def grey(image):
    return image.pixels[..., 0].copy()


def test_the_pyramid_ends_at_small_pictures_and_begins_with_the_whole():
    sizes = [one.shape for one in pyramid(np.zeros((3000, 4000), np.uint8))]
    assert sizes == [(3000, 4000), (1500, 2000), (750, 1000), (375, 500), (188, 250)]
    assert pyramid(np.zeros((30, 40), np.uint8))[0].shape == (30, 40)


@pytest.mark.parametrize("turn", [0, 35, 90])
def test_the_weightiest_band_is_where_the_ticks_stand(turn):
    band = find_bands(pyramid(grey(photograph(Laid(turn=turn)))))[0]
    down = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))])
    assert abs(band.along @ down) < 0.05
    middle = (np.asarray(SHAPE) - 1) / 2 + np.array([20.0, 0.0]) / 0.17
    # Ticks are drawn along the upper edge of a ruler 22 mm wide.
    assert (band.middle - middle) @ down == pytest.approx(-8.5 / 0.17, abs=4 / 0.17)


def test_noise_has_no_band():
    noise = np.random.default_rng(1).integers(0, 256, (600, 800), dtype=np.uint8)
    assert find_bands(pyramid(noise)) == ()


def test_a_single_edge_is_no_band():
    picture = np.full((600, 800), 200, np.uint8)
    picture[:, 400:] = 50
    assert find_bands(pyramid(picture)) == ()


def test_a_wide_field_of_stripes_is_no_band():
    cols = np.arange(800)
    stripes = np.broadcast_to(128 + 100 * np.sin(cols), (600, 800)).astype(np.uint8)
    assert find_bands(pyramid(np.ascontiguousarray(stripes))) == ()


def test_a_tiny_picture_is_not_searched():
    assert find_bands(pyramid(np.zeros((20, 30), np.uint8))) == ()


def test_what_is_seen_aslant_is_found():
    assert find_bands(pyramid(grey(photograph(Laid(), view=View(tilt=25, towards=60)))))
