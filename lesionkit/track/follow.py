"""Reading by reading: match, learn from the matches how the alignment is off, and match again."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.track import MatchedBy
from lesionkit.track.affinity import Pair, meet
from lesionkit.track.assignment import Match, assign
from lesionkit.track.drift import Drift, Ties, follow, unknown
from lesionkit.track.evidence import GROWS, STRAYS, Evidence, weigh
from lesionkit.track.footprint import Footprint, View
from lesionkit.track.kinship import SETTLED, Placed, in_company

ROUNDS = 3
"""How often a reading is matched, each time with what the last matches told of the alignment."""

UNKNOWN = 0.5
"""The residual assumed where none is stated, as a share of the deposits' median radius."""

LEAST_CERTAIN = 0.95
"""Probability below which a match is marked unconfirmed; and above one less which, "gone" and "new" are."""

CLEAR = 1.0
"""Margin from which a match tells of the drift."""

Flags = npt.NDArray[np.bool_]
Rule = Callable[[Sequence[int], Sequence[int]], tuple[Flags, Flags]]


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
        self._places = np.stack([footprint.middle for footprint in footprints])
        self._radii = np.array([footprint.radius for footprint in footprints])
        centres = np.stack([footprint.centre for footprint in footprints])
        self._shown = np.stack([view.shows(centres) for view in views])
        count, axes = self._places.shape
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
            Which pairs may be one, and which are, by their names, shape (n, m) each.
        """
        if not earlier or not later:
            return Step()
        residual = self._residual(later)
        drift = learnt = unknown(len(later), self._places.shape[1], residual=residual)
        missed = np.array([self._was_missed(index, later[0]) for index in earlier])
        may_be, named = rule(earlier, later)
        before = self._placed(earlier, self._shifts[earlier], self._variances[earlier], missed)
        matches: tuple[Match, ...] = ()
        for _ in range(ROUNDS):
            now = self._placed(later, drift.shifts, drift.variances)
            evidence = in_company(self._weigh(earlier, later, drift, missed), matches, before, now)
            evidence = evidence.ruled(may_be, named)
            last, matches = matches, assign(evidence)
            if _told(matches) == _told(last):
                break  # They tell of the drift what the last ones told: nothing would change any more.
            ties = self._ties(matches, earlier, later)
            drift, learnt = follow(self._places[later], ties, residual=residual, extent=self._extent)
        self._shifts[later], self._variances[later] = learnt.shifts, learnt.variances
        pairs = [self._pair(match, earlier, later) for match in matches]
        return Step(
            pairs=tuple(sorted(pairs, key=lambda pair: (-pair.score, pair.later, pair.earlier))),
            perhaps=tuple(self._perhaps(evidence, matches, earlier, later)),
        )

    def _residual(self, later: Sequence[int]) -> float:
        """Return the greatest residual of the parts of a picture: mostly it has one."""
        stated = {self._footprints[index].view.residual for index in later}
        assumed = UNKNOWN * float(np.median(self._radii))
        return max(assumed if residual is None else residual for residual in stated)

    def _was_missed(self, index: int, now: int) -> bool:
        """Whether an image between two sightings shows the place: it was looked for in vain."""
        seen, asked = (self._footprints[each].view.index for each in (index, now))
        return bool(self._shown[seen + 1 : asked, index].any())

    def _weigh(self, earlier: Sequence[int], later: Sequence[int], drift: Drift, missed: Flags) -> Evidence:
        return weigh(
            [self._footprints[index] for index in earlier],
            [self._footprints[index] for index in later],
            shifts=(self._shifts[earlier], drift.shifts),
            variances=(self._variances[earlier], drift.variances),
            missed=missed,
            room=self._room,
        )

    def _placed(
        self,
        places: Sequence[int],
        shifts: Floats,
        variances: Floats,
        missed: Flags | None = None,
    ) -> tuple[Placed, ...]:
        return tuple(
            Placed(
                footprint=self._footprints[index],
                shift=shifts[position],
                variance=float(variances[position]),
                missed=missed is not None and bool(missed[position]),
            )
            for position, index in enumerate(places)
        )

    def _ties(self, matches: Sequence[Match], earlier: Sequence[int], later: Sequence[int]) -> Ties:
        """Return what deposits that went on alone, likely, and of like size tell of the drift."""
        partners = Counter(match.later for match in matches)
        parts = Counter(match.earlier for match in matches)
        alone = [
            match
            for match in matches
            if match.is_main and parts[match.earlier] == partners[match.later] == 1 and match.margin > CLEAR
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
            matched_by=MatchedBy.OVERLAP if meet(one, other) else MatchedBy.PROXIMITY,
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


def _told(matches: Sequence[Match]) -> list[tuple[int, int, bool, bool, bool]]:
    """Return all of the matches that the next round hangs on."""
    return [(m.earlier, m.later, m.is_main, m.margin > CLEAR, m.margin > SETTLED) for m in matches]
