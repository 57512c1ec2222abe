"""Ticks of a ruler: where each is seen, how long it is, and whether their lengths say millimetres."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats

LEAST_TICKS = 31
"""Ticks that must follow one another: 3 cm, so that every kind of tick is there three times."""

_AGREE, _AGREE_EACH = 0.9, 0.7
_LEAST_STEP = 0.35
"""Least difference of the lengths of two kinds of ticks, in periods."""
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
    strayed : float
        How far the farthest is from where it was looked for, in periods.
    """

    number: npt.NDArray[np.int64]
    length: Floats
    seen: Floats
    across: Floats
    sigma_px: float
    strayed: float = 0.0

    @property
    def are_millimetres(self) -> bool:
        """Whether every tenth tick is longest and every one midway between them longer than the rest."""
        excesses = [_excess(self.length[:, side]) for side in range(3)]
        return any(
            _fits(self.number - first, excess)
            for excess in excesses
            if np.ptp(excess) >= 2 * _LEAST_STEP
            for first in range(10)
        )

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
            _longer(self.number - first, excess, every=every)
            for excess in (_excess(self.length[:, side]) for side in range(3))
            if np.ptp(excess) >= _LEAST_STEP
            for every in _OTHER_RULES
            for first in range(every)
        )


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
