import numpy as np
import pytest
from rulers import Laid, View, photograph

from lesionkit.calibrate.ruler_comb import find_comb
from lesionkit.calibrate.ruler_search import find_bands, pyramid
from lesionkit.calibrate.ruler_strip import read_ticks
from lesionkit.core.arrays import homogeneous
from lesionkit.phantom.ruler import RulerMake


def read(laid, view):
    pictures = pyramid(photograph(laid, view=view).pixels[..., 0].copy())
    band = find_bands(pictures)[0]
    comb = find_comb(
        min(pictures, key=lambda one: abs(max(pictures[0].shape) / max(one.shape) - band.shrink)), band
    )
    assert comb is not None
    return list(read_ticks(pictures, comb))


@pytest.mark.parametrize("ink", [(0.04, 0.8), (0.8, 0.03)], ids=["dark", "bright"])
@pytest.mark.parametrize("tilt", [0, 15])
def test_ticks_are_seen_where_they_are_and_as_long_as_they_are(tilt, ink):
    make = RulerMake(length_mm=100, ink=ink[0], ground=ink[1])
    view = View(tilt=tilt, towards=60, distance_mm=150)
    (ticks,) = read(Laid(make=make, turn=4), view)
    assert len(ticks.number) == 101
    assert (np.diff(ticks.number) == 1).all()
    places = homogeneous(np.linalg.inv(view.to_pixels), ticks.seen.reshape(-1, 2)).reshape(-1, 2, 2)
    apart = places.mean(axis=1) - places.mean(axis=(0, 1))
    along = np.array([-np.sin(np.radians(4)), np.cos(np.radians(4))])
    truth = np.arange(101) - 50.0
    assert np.abs(np.abs(apart @ along) - np.abs(truth)).max() < 0.03
    total = ticks.length[:, 2]
    tenth = int(np.argmax([total[k::10].mean() for k in range(10)]))
    rank = (ticks.number - ticks.number[tenth]) % 10
    lengths = [np.median(total[kind]) for kind in (rank == 0, rank == 5, ~np.isin(rank, (0, 5)))]
    assert np.subtract(lengths[0], lengths[1]) == pytest.approx(2.0, abs=0.3)
    assert np.subtract(lengths[1], lengths[2]) == pytest.approx(2.0, abs=0.3)


def test_a_ruler_of_two_and_a_half_centimetres_is_not_read():
    pictures = pyramid(photograph(Laid(make=RulerMake(length_mm=25))).pixels[..., 0].copy())
    for band in find_bands(pictures):
        comb = find_comb(pictures[0], band)
        assert comb is None or list(read_ticks(pictures, comb)) == []
