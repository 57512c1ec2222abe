"""How much two drawn deposits, seen at two times, look like one: shared ground, else nearness."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.track import MatchedBy
from lesionkit.track.footprint import Footprint

LEAST_OVERLAP = 0.1
"""Share of the smaller deposit below which common ground is the drawing's and alignment's noise."""

FAMILY_OVERLAP = 0.25
"""Share of the smaller from which a pair is linked although one of the two has a better partner.

Parts of a split and partners of a merge lie well inside the other; a neighbour that only touches,
drawn or aligned a little off, does not.
"""

RESIDUALS = 3.0
"""How many alignment residuals a deposit may have strayed: 98.9 % of a plane's normal errors."""

GREATEST_RADIUS_RATIO = 2.0
"""Nearness alone links only deposits of like size: four times the area, eight times the volume."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """An earlier and a later deposit that may be one.

    Parameters
    ----------
    earlier, later : int
        Their places in the list of all footprints.
    matched_by : MatchedBy
        What ties them.
    score : float
        How well, 0 to 1.
    is_reliable : bool
        Whether both alignments it rests on passed their checks (a name rests on none).
    """

    earlier: int
    later: int
    matched_by: MatchedBy
    score: float
    is_reliable: bool


def overlap(one: Footprint, other: Footprint) -> float:
    """Return the share of the smaller of two deposits that lies in the other, 0 to 1.

    Where none of the smaller's points lies in the larger, as may be for a single coarse voxel, the
    larger's points are asked.
    """
    small, large = sorted((one, other), key=lambda footprint: footprint.radius)
    return small.share_within(large) or large.share_within(small)


def overlapping(
    footprints: Sequence[Footprint],
    earlier: Sequence[int],
    later: Sequence[int],
    *,
    allowed: Callable[[int, int], bool],
) -> tuple[Pair, ...]:
    """Return the pairs that share ground: mutual best ones, and parts of a split or merge.

    A pair counts where its overlap is at least `LEAST_OVERLAP` and it is the best of both its ends,
    or where it is at least `FAMILY_OVERLAP`. Best first.

    Parameters
    ----------
    footprints : sequence of Footprint
        All of them.
    earlier, later : sequence of int
        Places of those to compare.
    allowed : callable
        Whether two may be one at all, by their names.
    """
    if not earlier or not later:
        return ()
    shares = np.zeros((len(earlier), len(later)))
    for row, column in np.argwhere(_boxes_meet(footprints, earlier, later)):
        if allowed(earlier[row], later[column]):
            shares[row, column] = overlap(footprints[earlier[row]], footprints[later[column]])
    best = (shares >= shares.max(axis=1, keepdims=True)) & (shares >= shares.max(axis=0, keepdims=True))
    accepted = (shares >= FAMILY_OVERLAP) | (best & (shares >= LEAST_OVERLAP))
    pairs = [
        _pair(footprints, earlier[row], later[column], MatchedBy.OVERLAP, float(shares[row, column]))
        for row, column in np.argwhere(accepted)
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.score, pair.later, pair.earlier)))


def nearest(
    footprints: Sequence[Footprint], earlier: Sequence[Sequence[int]], later: Sequence[int]
) -> tuple[Pair, ...]:
    """Return the one-to-one pairs of earlier tracks and later deposits with the greatest sum of scores.

    The distance is that between the nearest points of the two; the score is one less its
    share of the gate (see `gate`), and no pair lies beyond its gate.

    Parameters
    ----------
    footprints : sequence of Footprint
        All of them.
    earlier : sequence of sequence of int
        For each track, its deposits when last seen.
    later : sequence of int
        Deposits without a partner.
    """
    if not earlier or not later:
        return ()
    best: dict[tuple[int, int], Pair] = {}
    scores = np.zeros((len(earlier), len(later)))
    for row, members in enumerate(earlier):
        for column, index in enumerate(later):
            score, member = max((proximity(footprints[m], footprints[index]), m) for m in members)
            if score > 0:
                scores[row, column] = score
                best[row, column] = _pair(footprints, member, index, MatchedBy.PROXIMITY, score)
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-scores)
    chosen = zip(rows.tolist(), columns.tolist(), strict=True)
    return tuple(best[place] for place in chosen if place in best)


def gate(one: Footprint, other: Footprint) -> float:
    """Return how far apart two drawings of one deposit may lie, in the first grid's length unit.

    `RESIDUALS` alignment residuals, plus the radius of the smaller (a deposit that moved further
    than its own half width beyond touching is another one), plus one pixel of the coarser image
    (masks are taken at their pixel centres, so that even touching ones are a pixel apart).
    """
    residual = float(np.hypot(one.view.residual, other.view.residual))
    return RESIDUALS * residual + min(one.radius, other.radius) + max(one.pitch, other.pitch)


def proximity(one: Footprint, other: Footprint) -> float:
    """Return how near two deposits lie: 1 where they touch, 0 beyond the gate or of unlike size."""
    if max(one.radius, other.radius) > GREATEST_RADIUS_RATIO * min(one.radius, other.radius):
        return 0.0
    limit = gate(one, other)
    low, high = one.places.min(axis=0) - limit, one.places.max(axis=0) + limit
    if (other.places.max(axis=0) < low).any() or (other.places.min(axis=0) > high).any():
        return 0.0
    from scipy.spatial import cKDTree

    gap = float(cKDTree(one.places).query(other.places)[0].min())
    return max(0.0, 1.0 - gap / limit)


def _pair(
    footprints: Sequence[Footprint], earlier: int, later: int, matched_by: MatchedBy, score: float
) -> Pair:
    reliable = footprints[earlier].view.is_reliable and footprints[later].view.is_reliable
    return Pair(earlier=earlier, later=later, matched_by=matched_by, score=score, is_reliable=reliable)


def _boxes_meet(footprints: Sequence[Footprint], earlier: Sequence[int], later: Sequence[int]) -> Floats:
    low_a, high_a = _boxes(footprints, earlier)
    low_b, high_b = _boxes(footprints, later)
    meet = (low_a[:, None] <= high_b[None]) & (low_b[None] <= high_a[:, None])
    return np.asarray(meet.all(axis=2))


def _boxes(footprints: Sequence[Footprint], indices: Sequence[int]) -> tuple[Floats, Floats]:
    boxes = [footprints[index].box for index in indices]
    return np.stack([low for low, _ in boxes]), np.stack([high for _, high in boxes])
