"""Pairs of drawn deposits that may be one, and the ground they share."""

from dataclasses import dataclass

from lesionkit.core.track import MatchedBy
from lesionkit.track.footprint import Footprint


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """An earlier and a later deposit taken for one.

    Parameters
    ----------
    earlier, later : int
        Their places in the list of all footprints.
    matched_by : MatchedBy
        What ties them.
    score : float
        How likely they are one, 0 to 1.
    is_certain : bool
        Whether that is beyond doubt (a name always is): both alignments it rests on passed their
        checks, and no other explanation is nearly as likely.
    """

    earlier: int
    later: int
    matched_by: MatchedBy
    score: float
    is_certain: bool


def overlap(one: Footprint, other: Footprint) -> float:
    """Return the share of the smaller of two deposits that lies in the other, 0 to 1.

    Where none of the smaller's points lies in the larger, as may be for a single coarse voxel, the
    larger's points are asked.
    """
    small, large = _by_size(one, other)
    return small.share_within(large) or large.share_within(small)


def meet(one: Footprint, other: Footprint) -> bool:
    """Return whether two deposits share any ground: whether their `overlap` is above 0."""
    small, large = _by_size(one, other)
    return small.is_on(large) or large.is_on(small)


def _by_size(one: Footprint, other: Footprint) -> tuple[Footprint, Footprint]:
    return (one, other) if one.radius <= other.radius else (other, one)
