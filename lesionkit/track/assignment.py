"""The likeliest explanation of what was drawn: who goes on as whom, who is a part, who is gone or new."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lesionkit.track.evidence import NEVER, Evidence

KNOTS = 6
"""How many knots are cut in looking for the likeliest explanation; what is left after that is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An earlier and a later deposit taken for one.

    Parameters
    ----------
    earlier, later : int
        Row and column of the evidence.
    is_main : bool
        Whether the one goes on as the other; else it is a further part or partner.
    margin : float
        By how much the log likelihood falls if the two are not one and all else is explained anew.
    """

    earlier: int
    later: int
    is_main: bool
    margin: float

    @property
    def probability(self) -> float:
        """That the two are one, against the best explanation in which they are not."""
        return float(1 / (1 + np.exp(-min(self.margin, 500.0))))


def assign(evidence: Evidence) -> tuple[Match, ...]:
    """Return the matches of the likeliest explanation, by earlier and later place.

    Each earlier deposit goes on as at most one later one and the reverse, so that the sum of log
    likelihood ratios is greatest; one left over is a further part of, or partner in, the deposit
    for which that is likeliest, if that is likelier than that it is new, or gone. No deposit in
    parts has a part that is itself made of several: such knots are cut where it costs least.

    Parameters
    ----------
    evidence : Evidence
        Of all pairs.
    """
    found: list[Match] = []
    for rows, columns in _groups(evidence):
        found.extend(_explain(evidence, rows, columns))
    return tuple(sorted(found, key=lambda match: (match.earlier, match.later)))


def _groups(evidence: Evidence) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Return the rows and columns that hang together by pairs that are likely."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    best = evidence.best
    # What is likelier two than one is in no likeliest explanation.
    rows, columns = np.nonzero(best > 0)
    count = sum(best.shape)
    graph = coo_array((np.ones(len(rows)), (rows, columns + best.shape[0])), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    for label in np.unique(labels[rows]):
        own = np.flatnonzero(labels == label)
        yield own[own < best.shape[0]], own[own >= best.shape[0]] - best.shape[0]


def _explain(
    evidence: Evidence, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]
) -> Iterator[Match]:
    group = np.ix_(rows, columns)
    own = Evidence(one=evidence.one[group], part=evidence.part[group], partner=evidence.partner[group])
    if own.one.size == 1 and own.one == own.best:
        yield Match(earlier=int(rows[0]), later=int(columns[0]), is_main=True, margin=float(own.one[0, 0]))
        return
    total, pairs = _solve(own)
    for row, column, is_main in pairs:
        without = _solve(_forbid(own, row, column))[0]
        yield Match(
            earlier=int(rows[row]), later=int(columns[column]), is_main=is_main, margin=total - without
        )


def _forbid(evidence: Evidence, row: int, column: int) -> Evidence:
    may_be = np.ones(evidence.one.shape, dtype=np.bool_)
    may_be[row, column] = False
    return evidence.ruled(may_be, np.zeros_like(may_be))


def _solve(
    evidence: Evidence, *, least: float = -np.inf, knots: int = KNOTS
) -> tuple[float, list[tuple[int, int, bool]]]:
    """Return the greatest sum of log likelihood ratios without knots, and the pairs that reach it.

    Branch and bound: with its knots a sum is never less. Where it is not above `least` it does not matter.
    """
    total, pairs = _relaxed(evidence)
    knot = _knot(pairs) if total > least and knots else None
    if knot is None:
        return total, pairs
    row, column = knot
    part, partner = evidence.part.copy(), evidence.partner.copy()
    part[row], partner[:, column] = NEVER, NEVER
    one = _solve(replace(evidence, part=part), least=least, knots=knots - 1)
    other = _solve(replace(evidence, partner=partner), least=max(least, one[0]), knots=knots - 1)
    return max(one, other, key=lambda found: found[0])


def _knot(pairs: Sequence[tuple[int, int, bool]]) -> tuple[int, int] | None:
    """Return an earlier deposit in parts of which one is a later one of several partners."""
    parts, partners = Counter(row for row, _, _ in pairs), Counter(column for _, column, _ in pairs)
    return next(((row, col) for row, col, _ in pairs if parts[row] > 1 and partners[col] > 1), None)


def _relaxed(evidence: Evidence) -> tuple[float, list[tuple[int, int, bool]]]:
    """Return the same where knots may be."""
    from scipy.optimize import linear_sum_assignment

    n, m = evidence.one.shape
    alone = np.maximum(evidence.partner.max(axis=1), 0.0), np.maximum(evidence.part.max(axis=0), 0.0)
    table = np.full((n + m, n + m), NEVER)
    table[:n, :m] = evidence.one
    table[np.arange(n), m + np.arange(n)] = alone[0]
    table[n + np.arange(m), np.arange(m)] = alone[1]
    table[n:, m:] = 0.0
    rows, columns = linear_sum_assignment(-table)
    total = float(table[rows, columns].sum())
    pairs: list[tuple[int, int, bool]] = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if row < n and column < m:
            pairs.append((row, column, True))
        elif row < n and alone[0][row] > 0:
            pairs.append((row, int(evidence.partner[row].argmax()), False))
        elif column < m and alone[1][column] > 0:
            pairs.append((int(evidence.part[:, column].argmax()), column, False))
    return total, pairs
