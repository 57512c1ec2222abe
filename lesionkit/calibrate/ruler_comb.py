"""The rhythm of strokes along a band: which stroke is the n-th, to a fraction of a pixel."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lesionkit.calibrate.ruler_search import Band, Grey
from lesionkit.core.arrays import Floats

_WINDOW = 64
"""Samples of a band in which the period is looked for."""
_HOP = 16
_PERIODS_PX = (2.6, 14.0)
_LEAST_SHARE = 0.2
"""Least share of the ripple's power that its strongest period must hold."""
_BENDS = 4
"""Degree of what a lens does to a line of strokes: radial distortion is a cubic."""
_STEADY = 0.12
"""How much the period may change from one window to the next."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comb:
    """Numbers of strokes as a function of place, ``n = (a u + b + e v) / (1 + c u + d v)``.

    ``u`` runs along the band and ``v`` across it (to the right of ``u``), in pixels of the whole
    picture, from `origin`. Strokes of one plane under perspective follow this exactly; what a lens bends
    is told apart.

    Parameters
    ----------
    origin, along : ndarray of float, shape (2,)
        ``(row, col)`` in pixels and a unit vector.
    numbers : tuple of float
        ``(a, b, c, d, e)``.
    first, last : int
        Numbers of the outermost strokes.
    bend : tuple of float
        By how much the fraction above differs from a stroke's number, as a Legendre series over the strokes
        from `first` to `last`.
    """

    origin: Floats
    along: Floats
    numbers: tuple[float, float, float, float, float]
    first: int
    last: int
    bend: tuple[float, ...] = (0.0,)

    @property
    def across(self) -> Floats:
        """Unit vector ``(row, col)`` across the band."""
        return np.array([self.along[1], -self.along[0]])

    def u(self, number: npt.ArrayLike, v: npt.ArrayLike) -> Floats:
        """Return where along the band a stroke is seen, `v` pixels across it."""
        return np.asarray((self.at(number, v) - self.origin) @ self.along)

    def over(self, number: Floats) -> Floats:
        """Return numbers as −1 at the first stroke to 1 at the last, and little farther."""
        places = (2 * number - self.first - self.last) / (self.last - self.first)
        return np.asarray(np.clip(places, -1.2, 1.2))

    def lines(self, number: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return where strokes cross the middle of the band, and what one pixel across it adds.

        Both are ``(row, col)``, shape (..., 2): a stroke is a straight line.
        """
        a, b, c, d, e = self.numbers
        n = np.asarray(number, dtype=np.float64)
        n = n + np.polynomial.legendre.legval(self.over(n), self.bend)
        weight = a - n * c
        start, slope = (n - b) / weight, (n * d - e) / weight
        return (
            np.asarray(self.origin + start[..., None] * self.along),
            np.asarray(self.across + slope[..., None] * self.along),
        )

    def at(self, number: npt.ArrayLike, v: npt.ArrayLike) -> Floats:
        """Return ``(row, col)`` of strokes, `v` pixels across the band; shape (..., 2)."""
        start, step = self.lines(number)
        return np.asarray(start + np.asarray(v, dtype=np.float64)[..., None] * step)

    def period_px(self, number: float) -> float:
        """Return how far apart strokes are seen at one of them."""
        return float(self.u(number + 0.5, 0.0) - self.u(number - 0.5, 0.0))


def find_comb(grey: Grey, band: Band) -> Comb | None:
    """Return the comb of a band; None where its strokes do not follow one another steadily.

    The period is that of the strongest ripple in windows along the band; between them it may change slowly,
    as perspective makes it. The phase of the ripple then numbers the strokes.

    Parameters
    ----------
    grey : ndarray of uint8, shape (rows, cols)
        The picture in which the band was found.
    band : Band
        The band.
    """
    strip, step = _strip(grey, band)
    run = _steady_run(strip)
    if run is None:
        return None
    places, rates = run
    start, stop = int(places[0] - _WINDOW / 2), int(places[-1] + _WINDOW / 2)
    # Under perspective n is a ratio of linear functions of u, so 1/sqrt(dn/du) is linear in u.
    slope, level = np.polyfit(places, 1 / np.sqrt(rates), 1, w=np.sqrt(rates))
    u = np.arange(strip.shape[1], dtype=np.float64)
    root = level + slope * u
    if root[start:stop].min() <= 0:
        return None
    middle = (start + stop) / 2
    count = (u - middle) / (root * (level + slope * middle))
    fitted = _by_phase(strip, count, slice(max(start, 0), min(stop, strip.shape[1])))
    if fitted is None:
        return None
    samples, rows, numbers = fitted
    along = (samples - (strip.shape[1] - 1) / 2) * step
    across = (rows - (strip.shape[0] - 1) / 2) * step
    solved = _projective(along, across, numbers)
    first, last = math.ceil(numbers.min()), math.floor(numbers.max())
    if solved is None or last - first < 8:
        return None
    return Comb(origin=band.middle, along=band.along, numbers=solved, first=first, last=last)


def refitted(comb: Comb, seen: Floats, number: Floats) -> Comb | None:
    """Return the comb through ticks as they are seen; None where they do not follow one.

    Parameters
    ----------
    comb : Comb
        As it was.
    seen : ndarray of float, shape (n, 2, 2)
        ``(row, col)`` of each tick at two places.
    number : ndarray of float, shape (n,)
        Which ticks they are.
    """
    offset = seen - comb.origin
    u, v = offset @ comb.along, offset @ comb.across
    solved = _projective(u.ravel(), v.ravel(), np.repeat(number, 2))
    if solved is None:
        return None
    a, b, c, d, e = solved
    plain = replace(comb, numbers=solved, first=math.floor(number.min()), last=math.ceil(number.max()))
    apart = ((a * u + b + e * v) / (1 + c * u + d * v)).mean(axis=1) - number
    over = plain.over(number)
    bend = np.polynomial.legendre.legfit(over, apart, _BENDS)
    good = np.abs(apart - np.polynomial.legendre.legval(over, bend)) < 0.1
    if good.sum() > 4 * _BENDS:
        bend = np.polynomial.legendre.legfit(over[good], apart[good], _BENDS)
    return replace(plain, bend=tuple(bend.tolist()))


def _strip(grey: Grey, band: Band) -> tuple[Floats, float]:
    """Return the band laid straight, ``(v, u)``, without its slow shades, and its px per sample."""
    import cv2

    high = max(5, 2 * round(0.45 * band.thickness / band.shrink) + 1)
    long = round(band.length / band.shrink) + 2 * _WINDOW
    across = np.array([band.along[1], -band.along[0]])
    middle = (band.middle + 0.5) / band.shrink - 0.5
    v, u = np.meshgrid(np.arange(high) - (high - 1) / 2, np.arange(long) - (long - 1) / 2, indexing="ij")
    at = middle + u[..., None] * band.along + v[..., None] * across
    strip = cv2.remap(
        grey,
        at[..., 1].astype(np.float32),
        at[..., 0].astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)
    return np.asarray(strip - cv2.blur(strip, (31, 1)), dtype=np.float64), band.shrink


def _steady_run(strip: Floats) -> tuple[Floats, Floats] | None:
    """Return middles and strokes per sample of the longest run of windows with a steady period."""
    starts = np.arange(0, strip.shape[1] - _WINDOW + 1, _HOP)
    if len(starts) < 3:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(strip, _WINDOW, axis=1)[:, starts]
    power = (np.abs(np.fft.rfft(windows * np.hanning(_WINDOW), n=4 * _WINDOW, axis=-1)) ** 2).mean(axis=0)
    rates = np.arange(power.shape[1]) / (4 * _WINDOW)
    inside = (rates > 1 / _PERIODS_PX[1]) & (rates < 1 / _PERIODS_PX[0])
    best = np.argmax(np.where(inside, power, 0), axis=1)
    found = np.array([_peak(row, at) for row, at in zip(power, best, strict=True)]) / (4 * _WINDOW)
    found = np.maximum(found, rates[1])
    near = np.clip(best[:, None] + np.arange(-4, 5), 0, len(rates) - 1)
    around = np.take_along_axis(power, near, axis=1)
    share = around.sum(axis=1) / np.maximum(power[:, 4:].sum(axis=1), 1e-9)
    good = share > _LEAST_SHARE
    steady = good[1:] & good[:-1] & (np.abs(np.diff(np.log(found))) < _STEADY)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], steady.astype(int), [0]])))
    runs = edges.reshape(-1, 2)
    if not len(runs):
        return None
    start, stop = runs[np.argmax(runs[:, 1] - runs[:, 0])]
    if stop - start < 2:
        return None
    chosen = slice(start, stop + 1)
    return starts[chosen] + (_WINDOW - 1) / 2, found[chosen]


def _peak(power: Floats, at: int) -> float:
    """Return where a peak's parabola has its top."""
    if not 0 < at < len(power) - 1:
        return float(at)
    before, top, after = np.log(np.maximum(power[at - 1 : at + 2], 1e-12))
    bend = before - 2 * top + after
    return at + (0.5 * (before - after) / bend if bend < 0 else 0.0)


def _by_phase(strip: Floats, count: Floats, part: slice) -> tuple[Floats, Floats, Floats] | None:
    """Return samples, rows and stroke numbers where the ripple is clear, from its phase about `count`."""
    import cv2

    wave = strip[:, part] * np.exp(-2j * np.pi * count[part])
    period = 1 / np.abs(np.gradient(count[part])).mean()
    sigma = 1.5 * period
    slow = cv2.GaussianBlur(wave.real, (0, 0), sigma, sigmaY=0.8) + 1j * cv2.GaussianBlur(
        wave.imag, (0, 0), sigma, sigmaY=0.8
    )
    size = np.abs(slow)
    clear = size > 0.4 * np.percentile(size, 90)
    # Slant: how far the phase turns from row to row, and along the rows, on the whole.
    down = np.angle(np.sum(slow[1:] * slow[:-1].conj()))
    on = np.angle(np.sum(slow[:, 1:] * slow[:, :-1].conj()))
    rows, samples = np.indices(slow.shape)
    flat = slow * np.exp(-1j * (down * rows + on * samples))
    turned = np.unwrap(np.angle(np.sum(flat * clear, axis=0)))
    rest = np.angle(flat * np.exp(-1j * turned))
    phase = down * rows + on * samples + turned + rest
    clear &= np.abs(rest) < 2.0
    if clear.sum() < 50:
        return None
    # The ripple is cos(2π n) for bright strokes at whole n: its phase says how far count is ahead.
    numbers = count[part] + phase / (2 * np.pi)
    return samples[clear] + part.start, rows[clear].astype(np.float64), numbers[clear]


def _projective(u: Floats, v: Floats, number: Floats) -> tuple[float, float, float, float, float] | None:
    """Return ``(a, b, c, d, e)`` by least squares, twice: the second time without what lies apart."""
    scale = max(float(np.abs(u).max()), 1.0)
    left = np.column_stack([u / scale, np.ones_like(u), -number * u / scale, -number * v / scale, v / scale])
    solved = np.linalg.lstsq(left, number, rcond=None)[0]
    for _ in range(2):
        weight = 1 + solved[2] * u / scale + solved[3] * v / scale
        apart = np.abs((left @ solved - number) / np.maximum(weight, 0.1))
        keep = apart < max(0.1, 2.5 * float(np.median(apart)))
        if keep.sum() < 50 or np.median(apart) > 0.2:
            return None
        solved = np.linalg.lstsq(left[keep], number[keep], rcond=None)[0]
    a, b, c, d, e = (float(x) for x in solved)
    out = (a / scale, b, c / scale, d / scale, e / scale)
    return out if a > 0 else (-out[0], -out[1], out[2], out[3], -out[4])
