"""Ticks of a ruler: where each is seen, how long it is, and whether their lengths say millimetres."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.calibrate.ruler_comb import Comb, refitted
from lesionkit.calibrate.ruler_search import Grey
from lesionkit.core.arrays import Floats

LEAST_TICKS = 31
"""Ticks that must follow one another: 3 cm, so that every kind of tick is there three times."""

_PER_PERIOD, _ROWS_PER_PERIOD = 12, 8
_REACH = 12
"""How far across the band ticks are followed, in periods."""
_BEYOND = 14
"""How many ticks beyond the ends of the band are looked for."""
_SHARP_PX = 10.0
_AGREE, _AGREE_EACH = 0.9, 0.7
_LEAST_STEP = 0.35
"""Least difference of the lengths of two kinds of ticks, in periods."""
_SLANTS = np.linspace(-0.08, 0.08, 41)
"""How far the ruler may run across its band, in periods per tick."""
_OTHER_RULES = (4, 5, 8, 16, 20, 32)
"""After how many ticks a long one comes on rules that are not in millimetres."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ticks:
    """Ticks that follow one another without a gap of more than two.

    Parameters
    ----------
    number : ndarray of int, shape (n,)
        Which ticks; ascending.
    length : ndarray of float, shape (n, 3)
        How long: to one side of the band in which all ticks stand, to the other, and in all; in periods.
    seen : ndarray of float, shape (n, 2, 2)
        ``(row, col)`` at which each is seen, in both halves of that band.
    across : ndarray of float, shape (2,)
        Where these halves lie across the band, in periods.
    sigma_px : float
        Standard error of a tick's place.
    """

    number: npt.NDArray[np.int64]
    length: Floats
    seen: Floats
    across: Floats
    sigma_px: float

    @property
    def are_millimetres(self) -> bool:
        """Whether every tenth tick is longest and every one midway between them longer than the rest."""
        excesses = [_excess(self.length[:, side]) for side in range(3)]
        return any(_fits(self.number - first, excess) for excess in excesses for first in range(10))

    def every_other(self) -> "Ticks | None":
        """Return the ticks of whole millimetres of a rule that has half ones too; None if it has none.

        Those of half millimetres are shorter than all others.
        """
        for odd in (0, 1):
            whole = self.number % 2 == odd
            if np.median(self.length[whole, 2]) - np.median(self.length[~whole, 2]) < _LEAST_STEP:
                continue
            ticks = Ticks(
                number=(self.number[whole] - odd) // 2,
                length=self.length[whole] / 2,
                seen=self.seen[whole],
                across=self.across / 2,
                sigma_px=self.sigma_px,
            )
            if len(ticks.number) >= LEAST_TICKS and ticks.are_millimetres:
                return ticks
        return None

    @property
    def are_another_rule(self) -> bool:
        """Whether long ticks come regularly, but not as on a rule in millimetres."""
        return any(
            _longer(self.number - first, _excess(self.length[:, side]), every=every)
            for every in _OTHER_RULES
            for side in range(3)
            for first in range(every)
        )


def read_ticks(pictures: tuple[Grey, ...], comb: Comb) -> Iterator[Ticks]:
    """Yield the ticks that follow a comb: those in millimetres, or else the dark ones and the bright ones.

    Ticks are first seen where all of them stand, in a narrow band. Where their lengths do not say
    millimetres, the comb is fitted anew to what was seen, so that it is right at the ends of long ticks too.

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
        for _ in range(2):
            strip = _Strip(pictures, followed, is_dark=is_dark) if followed is not None else None
            ticks = strip.ticks() if strip is not None else None
            if ticks is None:
                break
            if ticks.are_millimetres:
                yield ticks
                return
            followed = refitted(comb, ticks.seen, np.add(ticks.number, 0.5 * is_dark, dtype=np.float64))
        if ticks is not None:
            others.append(ticks)
    yield from others


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
        places = self.numbers[:, None] + self.half + self.x
        at = (comb.at(places[None], self.v[:, None, None]) + 0.5) * share - 0.5
        flat = at.reshape(len(self.v), -1, 2).astype(np.float32)
        seen = cv2.remap(
            picture, flat[..., 1], flat[..., 0], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        sign = -1.0 if is_dark else 1.0
        light = sign * seen.reshape(len(self.v), len(self.numbers), len(self.x)).astype(np.float64)
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
        good = np.abs(shift).max(axis=0) < 0.25
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
        )

    def _straightened(self, contrast: Floats) -> npt.NDArray[np.int64]:
        """Return which row of the strip each row along the ruler takes from each tick.

        The ruler may run aslant through its band: the slant is that under which rows differ most.
        """
        middle = (len(self.numbers) - 1) / 2
        steps = np.arange(len(self.numbers)) - middle
        rows = np.arange(len(self.v))[:, None]
        clipped = np.clip(contrast, 0, np.percentile(contrast, 97))

        def shifted(slant: float) -> npt.NDArray[np.int64]:
            shift = np.rint(slant * _ROWS_PER_PERIOD * steps).astype(np.int64)
            return np.asarray(np.clip(rows + shift, 0, len(self.v) - 1))

        def edges(slant: float) -> float:
            usual = np.take_along_axis(clipped, shifted(slant), axis=0)[:, _BEYOND:-_BEYOND].mean(axis=1)
            return float(np.sum(np.diff(usual) ** 2))

        best: float = max(_SLANTS.tolist(), key=edges)
        return shifted(best)

    def _lengths(self, contrast: Floats, core: slice, height: Floats) -> Floats:
        is_tick = contrast > 0.45 * np.maximum(height, 1e-6)
        before = _reach(is_tick[: core.start][::-1])
        after = _reach(is_tick[core.stop :])
        lengths = np.stack([before, after, before + after + core.stop - core.start], axis=1)
        return np.asarray(lengths / _ROWS_PER_PERIOD)

    def _shifts(self, core: slice, inside: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return how far each tick is from its place, in periods, in both halves of the core, and their v.

        Each is compared with the mean tick, made symmetric: light = α T + β + γ x − α δ T'.
        """
        margin = (core.stop - core.start) // 6
        low, middle, high = core.start + margin, (core.start + core.stop) // 2, core.stop - margin
        shifts, places = [], []
        for rows in (slice(low, max(middle, low + 1)), slice(min(middle, high - 1), high)):
            profiles = self.light[rows].mean(axis=0)[inside]
            mean = profiles.mean(axis=0)
            mean = (mean + mean[::-1]) / 2
            slope = np.gradient(mean, self.x)
            left = np.column_stack([mean - mean.mean(), np.ones_like(mean), self.x, -slope])
            solved = np.linalg.lstsq(left, profiles.T, rcond=None)[0]
            shifts.append(solved[3] / np.where(np.abs(solved[0]) > 0.1, solved[0], np.inf))
            places.append(self.v[self.rows[rows]].mean(axis=0)[inside])
        return np.stack(shifts), np.stack(places)


def _contrast(light: Floats, x: Floats) -> Floats:
    """Return how much brighter each tick is than what lies beside it, by row; shape (v, n)."""
    centre = light[..., np.abs(x) < 0.13].mean(axis=-1)
    before, after = light[..., x < -0.3].mean(axis=-1), light[..., x > 0.3].mean(axis=-1)
    return np.asarray(centre - np.maximum(before, after))


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


def _excess(length: Floats) -> Floats:
    """Return by how much each tick is longer than is usual about it."""
    around = np.pad(length, 5, mode="reflect")
    return np.asarray(length - np.median(np.lib.stride_tricks.sliding_window_view(around, 11), axis=1))


def _fits(number: npt.NDArray[np.int64], length: Floats) -> bool:
    place = number % 10
    tenth, fifth = place == 0, place == 5
    rest = ~(tenth | fifth)
    if min(tenth.sum(), fifth.sum()) < 3:
        return False
    high, middle, low = (float(np.median(length[kind])) for kind in (tenth, fifth, rest))
    if high - middle < _LEAST_STEP or middle - low < _LEAST_STEP:
        return False
    kind = np.where(length > (high + middle) / 2, 10, np.where(length > (middle + low) / 2, 5, 1))
    right = kind == np.where(tenth, 10, np.where(fifth, 5, 1))
    return bool(
        right.mean() >= _AGREE and min(right[one].mean() for one in (tenth, fifth, rest)) >= _AGREE_EACH
    )


def _longer(number: npt.NDArray[np.int64], length: Floats, *, every: int) -> bool:
    is_long = number % every == 0
    if is_long.sum() < 3:
        return False
    high, low = float(np.median(length[is_long])), float(np.percentile(length[~is_long], 75))
    if high - low < _LEAST_STEP:
        return False
    right = np.where(is_long, length > (high + low) / 2, length <= (high + low) / 2)
    return bool(right.mean() >= 0.95 and right[is_long].mean() >= _AGREE)
