"""Reading by reading: match, learn from the matches how the alignment is off, and match again."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lesionkit.core.track import MatchedBy
from lesionkit.track.affinity import Pair, overlap
from lesionkit.track.assignment import Match, assign
from lesionkit.track.drift import Drift, Ties, follow, unknown
from lesionkit.track.evidence import GROWS, STRAYS, Evidence, sum_evidence, weigh
from lesionkit.track.footprint import Footprint, View, size_of_radius

ROUNDS = 3
"""How often a reading is matched, each time with what the last matches told of the alignment."""

UNKNOWN = 0.5
"""The residual assumed where none is stated, as a share of the deposits' median radius."""

LEAST_CERTAIN = 0.9
"""Probability below which a match is marked unconfirmed; and above one less which, "gone" and "new" are."""

Rule = Callable[[int, int], bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of the deposits seen before at one reading.

    Parameters
    ----------
    pairs : tuple of Pair
        Who is one, the surest first.
    perhaps : tuple of (int, int)
        Places of deposits that are taken for gone and new and may well be one.
    """

    pairs: tuple[Pair, ...] = ()
    perhaps: tuple[tuple[int, int], ...] = ()


class Follower:
    """Matches each reading with what was seen before, and remembers how each was off.

    Parameters
    ----------
    footprints : sequence of Footprint
        All deposits, at least one, in order of time and then of place.
    views : sequence of View
        All readings.
    """

    def __init__(self, footprints: Sequence[Footprint], views: Sequence[View]) -> None:
        self._footprints = footprints
        self._views = views
        self._places = np.stack([footprint.middle for footprint in footprints])
        self._radii = np.array([footprint.radius for footprint in footprints])
        count, axes = self._places.shape
        self._sizes = size_of_radius(self._radii, axes=axes)
        self._shifts = np.zeros((count, axes))
        self._variances = np.zeros(count)
        reach = np.ptp(self._places, axis=0) + 6 * np.median(self._radii)
        self._room = float(np.prod(reach))
        self._extent = float(np.linalg.norm(reach))

    def match(self, earlier: Sequence[int], later: Sequence[int], *, rule: Rule) -> Step:
        """Return who is one between what was seen before and a reading.

        Parameters
        ----------
        earlier, later : sequence of int
            Places of the footprints; `later` of one reading.
        rule : callable
            Whether two are one (True), are not (False), or may be (None), by their names.
        """
        if not earlier or not later:
            return Step()
        residual = self._residual(later[0])
        drift = unknown(len(later), self._places.shape[1], residual=residual)
        missed = np.array([self._was_missed(index, later[0]) for index in earlier])
        rules = [[rule(one, other) for other in later] for one in earlier]
        may_be = np.array([[said is not False for said in row] for row in rules])
        named = np.array([[said is True for said in row] for row in rules])
        for _ in range(ROUNDS):
            evidence = self._weigh(earlier, later, drift, missed).ruled(may_be, named)
            matches = self._without_surplus(assign(evidence), earlier, later)
            ties = self._ties(matches, earlier, later)
            drift, learnt = follow(self._places[later], ties, residual=residual, extent=self._extent)
        self._shifts[later], self._variances[later] = learnt.shifts, learnt.variances
        pairs = [self._pair(match, earlier, later) for match in matches]
        return Step(
            pairs=tuple(sorted(pairs, key=lambda pair: (-pair.score, pair.later, pair.earlier))),
            perhaps=tuple(self._perhaps(evidence, matches, earlier, later)),
        )

    def _residual(self, index: int) -> float:
        stated = self._footprints[index].view.residual
        return UNKNOWN * float(np.median(self._radii)) if stated is None else stated

    def _was_missed(self, index: int, now: int) -> bool:
        """Whether an image between two sightings shows the place: it was looked for in vain."""
        seen = self._footprints[index]
        between = self._views[seen.view.index + 1 : self._footprints[now].view.index]
        return any(view.shows(seen.centre[None]) for view in between)

    def _weigh(
        self, earlier: Sequence[int], later: Sequence[int], drift: Drift, missed: npt.NDArray[np.bool_]
    ) -> Evidence:
        return weigh(
            [self._footprints[index] for index in earlier],
            [self._footprints[index] for index in later],
            shifts=(self._shifts[earlier], drift.shifts),
            variances=(self._variances[earlier], drift.variances),
            missed=missed,
            room=self._room,
        )

    def _without_surplus(
        self, matches: Sequence[Match], earlier: Sequence[int], later: Sequence[int]
    ) -> tuple[Match, ...]:
        """Return the matches whose parts stand it that a whole is as large as the sum of its parts.

        A part weighs by how much nearer it brings the sum to the whole, against the main part alone.
        """
        sizes = self._sizes[list(earlier)], self._sizes[list(later)]
        mains = {match.earlier: match for match in matches if match.is_main}
        hosts = {match.later: match for match in matches if match.is_main}
        margins = {match: match.margin for match in matches}
        for match in matches:
            if not match.is_main and match.earlier in mains:
                main = mains[match.earlier]
                shares = sizes[0][match.earlier], sizes[1][main.later], sizes[1][match.later]
            elif not match.is_main and match.later in hosts:
                main = hosts[match.later]
                shares = sizes[1][match.later], sizes[0][main.earlier], sizes[0][match.earlier]
            else:
                continue
            weight = sum_evidence(*shares, axes=self._places.shape[1])
            margins[match] += weight
            margins[main] += max(weight, 0.0)
        return tuple(replace(match, margin=margin) for match, margin in margins.items() if margin > 0)

    def _ties(self, matches: Sequence[Match], earlier: Sequence[int], later: Sequence[int]) -> Ties:
        """Return what deposits that went on alone, likely, and of like size tell of the drift."""
        partners = Counter(match.later for match in matches)
        parts = Counter(match.earlier for match in matches)
        alone = [
            match
            for match in matches
            if match.is_main and parts[match.earlier] == partners[match.later] == 1 and match.margin > 1
        ]
        radii = self._radii[earlier], self._radii[later]
        like = [m for m in alone if abs(np.log(radii[0][m.earlier] / radii[1][m.later])) < GROWS]
        at = np.array([match.later for match in like], dtype=np.intp)
        one = np.asarray(earlier, dtype=np.intp)[[match.earlier for match in like]]
        other = np.asarray(later, dtype=np.intp)[at]
        pitch = np.array([self._footprints[index].pitch for index in other])
        return Ties(
            at=at,
            offsets=self._places[one] + self._shifts[one] - self._places[other],
            noise=(STRAYS * self._radii[other]) ** 2 + pitch**2 / 4 + self._variances[one],
        )

    def _pair(self, match: Match, earlier: Sequence[int], later: Sequence[int]) -> Pair:
        one, other = self._footprints[earlier[match.earlier]], self._footprints[later[match.later]]
        is_reliable = one.view.is_reliable and other.view.is_reliable
        return Pair(
            earlier=earlier[match.earlier],
            later=later[match.later],
            matched_by=MatchedBy.OVERLAP if overlap(one, other) > 0 else MatchedBy.PROXIMITY,
            score=match.probability,
            is_certain=is_reliable and match.probability >= LEAST_CERTAIN,
        )

    @staticmethod
    def _perhaps(
        evidence: Evidence, matches: Sequence[Match], earlier: Sequence[int], later: Sequence[int]
    ) -> Iterator[tuple[int, int]]:
        followed = {match.earlier for match in matches}
        known = {match.later for match in matches}
        doubtful = np.log((1 - LEAST_CERTAIN) / LEAST_CERTAIN)
        for row, column in np.argwhere(evidence.best > doubtful).tolist():
            if row not in followed and column not in known:
                yield earlier[row], later[column]
