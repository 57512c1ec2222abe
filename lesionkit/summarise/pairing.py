"""Which deposit of one reading is which of another: by its name, else by what both cover."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.core.grid import Grid
from lesionkit.core.region import Deposit
from lesionkit.geometry.likeness import shared

LEAST_DICE = 0.1
"""Two drawings that share less are of two deposits that touch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Places of one deposit in two readings; None where one of them has not drawn it."""

    first: int | None
    second: int | None
    matched_by: str = ""


def match(first: Sequence[Deposit], second: Sequence[Deposit], grid: Grid) -> tuple[Match, ...]:
    """Return every deposit of two readings of one image once.

    Equal names are one deposit. Of the others, those are paired that together share most ground (the
    greatest sum of Dice coefficients), each sharing at least `LEAST_DICE`; two that are both named, but not
    alike, are never paired.
    """
    matches = []
    free = [list(range(len(first))), list(range(len(second)))]
    by_name = {deposit.name: place for place, deposit in enumerate(second) if deposit.name is not None}
    for place, deposit in enumerate(first):
        if deposit.name is not None and deposit.name in by_name:
            matches.append(Match(first=place, second=by_name[deposit.name], matched_by="name"))
            free[0].remove(place)
            free[1].remove(by_name[deposit.name])
    for one, other in _by_ground(first, second, free[0], free[1], grid):
        matches.append(Match(first=one, second=other, matched_by="overlap"))
        free[0].remove(one)
        free[1].remove(other)
    matches += [Match(first=place, second=None) for place in free[0]]
    matches += [Match(first=None, second=place) for place in free[1]]
    return tuple(matches)


def _by_ground(
    first: Sequence[Deposit],
    second: Sequence[Deposit],
    ones: Sequence[int],
    others: Sequence[int],
    grid: Grid,
) -> list[tuple[int, int]]:
    if not ones or not others:
        return []
    from scipy.optimize import linear_sum_assignment

    dice = np.zeros((len(ones), len(others)))
    for row, one in enumerate(ones):
        for col, other in enumerate(others):
            if first[one].name is None or second[other].name is None:
                dice[row, col] = shared(first[one].regions, second[other].regions, grid)
    dice[dice < LEAST_DICE] = 0
    rows, cols = linear_sum_assignment(-dice)
    return [(ones[row], others[col]) for row, col in zip(rows, cols, strict=True) if dice[row, col] > 0]
