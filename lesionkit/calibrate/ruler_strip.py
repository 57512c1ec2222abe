"""A band of strokes laid straight, so that each tick can be seen for itself: where it is and how long."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from lesionkit.calibrate.ruler_comb import Comb, refitted
from lesionkit.calibrate.ruler_search import Grey
from lesionkit.calibrate.ruler_ticks import LEAST_TICKS, Ticks
from lesionkit.core.arrays import Floats

_PER_PERIOD, _ROWS_PER_PERIOD = 12, 8
_REACH = 12
"""How far across the band ticks are followed, in periods."""
_BEYOND = 14
"""How many ticks beyond the ends of the band are looked for."""
_SHARP_PX = 10.0
_INNER, _STEPS, _FARTHEST = 0.34, 5, 0.3
"""Part of a profile that is compared, how often, and how far a tick may be, in periods."""
_PASSES, _NEAR_ENOUGH = 3, 0.06
"""How often the comb is fitted anew, and how near ticks must be to it in the end, in periods."""
_SAME = 0.01
"""How far combs may lie apart that are one, in periods."""
_SLANTS = np.linspace(-0.08, 0.08, 41)
"""How far the ruler may run across its band, in periods per tick."""
_ENOUGH = 97
"""Ticks that tell the slant; not a multiple of ten, so that every kind is among them."""


def read_ticks(pictures: tuple[Grey, ...], comb: Comb) -> Iterator[Ticks]:
    """Yield the ticks that follow a comb: those in millimetres, or else the dark ones and the bright ones.

    Ticks are first seen where all of them stand, in a narrow band. Where they stray from the comb, or their
    lengths do not say millimetres, it is fitted anew to what was seen: so it follows a lens's
    distortion, and is right at the ends of long ticks too.

    Parameters
    ----------
    pictures : tuple of ndarray of uint8, shape (rows, cols)
        As `lesionkit.calibrate.ruler_search.pyramid` makes them.
    comb : Comb
        Whose whole numbers are bright.
    """
    others = []
    for is_dark in (True, False):
        followed: Comb | None = comb
        ticks: Ticks | None = None
        for _ in range(_PASSES):
            strip = _Strip(pictures, followed, is_dark=is_dark) if followed is not None else None
            ticks = (strip.ticks() if strip is not None else None) or ticks
            if ticks is None or (ticks.are_millimetres and ticks.strayed < _NEAR_ENOUGH):
                break
            last, followed = (
                followed,
                refitted(comb, ticks.seen, np.add(ticks.number, 0.5 * is_dark, dtype=np.float64)),
            )
            if followed is None or (last is not comb and _are_alike(last, followed)):
                break
        if ticks is not None and ticks.are_millimetres:
            yield ticks
            return
        if ticks is not None:
            others.append(ticks)
    yield from others


def _are_alike(last: Comb | None, comb: Comb) -> bool:
    """Return whether a comb fitted anew is where it was: then it would show the same ticks."""
    if last is None:
        return False
    ends = np.array([comb.first, comb.last, (comb.first + comb.last) / 2])
    v = np.array([[-_REACH], [_REACH]]) / 2 * comb.period_px(float(ends[2]))
    apart = np.abs(comb.u(ends, v) - last.u(ends, v))
    return bool(apart.max() < _SAME * comb.period_px(float(ends[2])))


class _Strip:
    """The band laid out by the comb: every tick upright, one period wide, and bright."""

    def __init__(self, pictures: tuple[Grey, ...], comb: Comb, *, is_dark: bool) -> None:
        import cv2

        self.comb = comb
        self.half = 0.5 if is_dark else 0.0
        self.numbers = np.arange(comb.first - _BEYOND, comb.last + _BEYOND + 1)
        # Beyond the vanishing point of the ticks there are none.
        ahead = comb.numbers[0] - (self.numbers + self.half) * comb.numbers[2]
        self.numbers = self.numbers[ahead > 0.2 * comb.numbers[0]]
        self.period = comb.period_px((comb.first + comb.last) / 2)
        self.v = (np.arange(2 * _REACH * _ROWS_PER_PERIOD + 1) / _ROWS_PER_PERIOD - _REACH) * self.period
        self.x = np.arange(-_PER_PERIOD // 2, _PER_PERIOD // 2 + 1) / _PER_PERIOD
        whole = max(pictures[0].shape)
        sharp = [one for one in pictures if self.period * max(one.shape) / whole >= _SHARP_PX]
        picture = sharp[-1] if sharp else pictures[0]
        share = max(picture.shape) / whole
        start, step = comb.lines((self.numbers[:, None] + self.half + self.x).ravel())
        start, step = ((start + 0.5) * share - 0.5).astype(np.float32), (step * share).astype(np.float32)
        rows, cols = (start[:, axis] + self.v[:, None].astype(np.float32) * step[:, axis] for axis in (0, 1))
        seen = cv2.remap(picture, cols, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        sign = -1.0 if is_dark else 1.0
        light = sign * seen.reshape(len(self.v), len(self.numbers), len(self.x)).astype(np.float32)
        self.rows = self._straightened(_contrast(light, self.x))
        self.light = np.take_along_axis(light, self.rows[..., None], axis=0)

    def ticks(self) -> Ticks | None:
        """Return the ticks; None where they are too few."""
        contrast = _contrast(self.light, self.x)
        usual = np.median(contrast[:, _BEYOND:-_BEYOND], axis=1)
        core = _around_peak(usual)
        height = contrast[core].mean(axis=0)
        present = height > 0.4 * np.median(height[_BEYOND:-_BEYOND])
        chosen = _longest_run(present)
        if chosen.stop - chosen.start < LEAST_TICKS or np.mean(present[chosen]) < 0.93:
            return None
        inside = np.flatnonzero(present[chosen]) + chosen.start
        shift, v = self._shifts(core, inside)
        good = np.abs(shift).max(axis=0) < 0.9 * _FARTHEST
        if good.sum() < LEAST_TICKS:
            return None
        lengths = self._lengths(contrast, core, height)[inside]
        seen = self.comb.at((self.numbers[inside] + self.half)[:, None] + shift.T, v.T)
        return Ticks(
            number=self.numbers[inside][good],
            length=lengths[good],
            seen=seen[good],
            across=v.mean(axis=1) / self.period,
            sigma_px=max(self.period * _scatter(shift[:, good]), 0.01),
            strayed=float(np.abs(shift).max()),
        )

    def _straightened(self, contrast: Floats) -> npt.NDArray[np.int64]:
        """Return which row of the strip each row along the ruler takes from each tick.

        The ruler may run aslant through its band: the slant is that under which rows differ most.
        """
        middle = (len(self.numbers) - 1) / 2
        rows = np.arange(len(self.v))[:, None]

        def shifted(slant: float, ticks: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
            shift = np.rint(slant * _ROWS_PER_PERIOD * (ticks - middle)).astype(np.int64)
            return np.asarray(np.clip(rows + shift, 0, len(self.v) - 1))

        ticks = np.arange(len(self.numbers))
        inner = ticks[_BEYOND:-_BEYOND]
        some = inner[:: max(1, len(inner) // _ENOUGH)]
        clipped = np.clip(contrast[:, some], 0, np.percentile(contrast[:, some], 97))

        def edges(slant: float) -> float:
            usual = np.take_along_axis(clipped, shifted(slant, some), axis=0).mean(axis=1)
            return float(np.sum(np.diff(usual) ** 2))

        best: float = max(_SLANTS.tolist(), key=edges)
        return shifted(best, ticks)

    def _lengths(self, contrast: Floats, core: slice, height: Floats) -> Floats:
        is_tick = contrast > 0.45 * np.maximum(height, 1e-6)
        before = _reach(is_tick[: core.start][::-1])
        after = _reach(is_tick[core.stop :])
        lengths = np.stack([before, after, before + after + core.stop - core.start], axis=1)
        return np.asarray(lengths / _ROWS_PER_PERIOD)

    def _shifts(self, core: slice, inside: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return how far each tick is from its place, in periods, in both halves of the core, and their v."""
        margin = (core.stop - core.start) // 6
        low, middle, high = core.start + margin, (core.start + core.stop) // 2, core.stop - margin
        shifts, places = [], []
        for rows in (slice(low, max(middle, low + 1)), slice(min(middle, high - 1), high)):
            shifts.append(_shifts(self.light[rows].mean(axis=0)[inside], self.x))
            places.append(self.v[self.rows[rows]].mean(axis=0)[inside])
        return np.stack(shifts), np.stack(places)


def _contrast(light: Floats, x: Floats) -> Floats:
    """Return how much brighter each tick is than what lies beside it, by row; shape (v, n)."""
    centre = light[..., np.abs(x) < 0.13].mean(axis=-1)
    before, after = light[..., x < -0.3].mean(axis=-1), light[..., x > 0.3].mean(axis=-1)
    return np.asarray(centre - np.maximum(before, after))


def _shifts(profiles: Floats, x: Floats) -> Floats:
    """Return how far each tick is from the middle of its profile, in periods.

    Each is compared with the mean tick, made symmetric: light = α T + β + γ x − α δ T', again and again from
    where it was found.
    """
    from scipy.ndimage import map_coordinates

    inner = np.abs(x) < _INNER
    ticks, samples = np.indices((len(profiles), int(inner.sum())))
    first = int(np.argmax(inner))
    shift = np.zeros(len(profiles))
    for _ in range(_STEPS):
        at = samples + first + shift[:, None] / (x[1] - x[0])
        seen = map_coordinates(profiles, [ticks, at], order=3, mode="nearest")
        mean = seen.mean(axis=0)
        mean = (mean + mean[::-1]) / 2
        slope = np.gradient(mean, x[inner])
        left = np.column_stack([mean - mean.mean(), np.ones_like(mean), x[inner], -slope])
        solved = np.linalg.lstsq(left, seen.T, rcond=None)[0]
        step = solved[3] / np.where(np.abs(solved[0]) > 0.1, solved[0], np.inf)
        shift = np.clip(shift + np.clip(step, -0.15, 0.15), -_FARTHEST, _FARTHEST)
    return shift


def _around_peak(usual: Floats) -> slice:
    """Return the rows about the highest in which ticks usually have more than half its contrast."""
    top = int(np.argmax(usual))
    is_high = usual > 0.5 * usual[top]
    start, stop = top, top + 1
    while start > 0 and is_high[start - 1]:
        start -= 1
    while stop < len(is_high) and is_high[stop]:
        stop += 1
    return slice(start, stop)


def _longest_run(present: npt.NDArray[np.bool_]) -> slice:
    """Return the longest run in which no more than two neighbours are missing."""
    at = np.flatnonzero(present)
    if not len(at):
        return slice(0, 0)
    breaks = np.flatnonzero(np.diff(at) > 3)
    starts, stops = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(at) - 1]])
    best = int(np.argmax(at[stops] - at[starts]))
    return slice(int(at[starts[best]]), int(at[stops[best]]) + 1)


def _reach(is_tick: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return for each column how many rows from the first on are set; single gaps are passed over."""
    if not len(is_tick):
        return np.zeros(is_tick.shape[1], dtype=np.int64)
    filled = is_tick.copy()
    filled[:-1] |= is_tick[1:]
    ends = np.vstack([filled, np.zeros((1, is_tick.shape[1]), dtype=bool)])
    return np.asarray(np.argmin(ends, axis=0), dtype=np.int64)


def _scatter(shift: Floats) -> float:
    """Return the standard error of one shift, by how it differs from that of its neighbours."""
    bend = shift[:, 1:-1] - (shift[:, 2:] + shift[:, :-2]) / 2
    return float(1.4826 * np.median(np.abs(bend)) / np.sqrt(1.5))
