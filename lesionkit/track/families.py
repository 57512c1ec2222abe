"""Which drawn deposits are one: connected components that never hold two names."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.track import Event
from lesionkit.track.affinity import Pair, overlap
from lesionkit.track.follow import Follower
from lesionkit.track.footprint import Footprint, View


class Families:
    """Disjoint families of deposits, grown pair by pair; two names never share one.

    Parameters
    ----------
    footprints : sequence of Footprint
        All deposits of all readings, in order of time and then of place.
    """

    def __init__(self, footprints: Sequence[Footprint]) -> None:
        self.footprints = footprints
        self._members: dict[int, list[int]] = {index: [index] for index in range(len(footprints))}
        self._family = list(range(len(footprints)))
        self._names = [footprint.deposit.name for footprint in footprints]
        self.pairs: list[Pair] = []
        self.perhaps: list[tuple[int, int]] = []
        self.removed: dict[tuple[int, int], Event] = {}
        first: dict[str, int] = {}
        for index, footprint in enumerate(footprints):
            name = footprint.deposit.name
            if name is not None:
                self._unite(first.setdefault(name, index), index)

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        """Return the families, each the sorted places of its deposits."""
        return iter(tuple(sorted(members)) for members in self._members.values())

    def name(self, family: int) -> str | None:
        """Return the name its members carry, None where no one named them."""
        return self._names[family]

    def of(self, index: int) -> int:
        """Return the family of a deposit."""
        return self._family[index]

    def link(self, pair: Pair) -> None:
        """Join the families of a pair unless a name speaks against it."""
        if not self.may_be_one(pair.earlier, pair.later):
            return
        self._unite(pair.earlier, pair.later)
        self.pairs.append(pair)

    def last_seen(self, before: int) -> dict[int, tuple[int, ...]]:
        """Return, by family, its deposits at its most recent sighting before a reading.

        A sighting through a failed alignment is taken only where there is no other: its place is a guess.
        """
        found = {}
        for family, members in self._members.items():
            past = [index for index in members if self.footprints[index].view.index < before]
            reliable = [index for index in past if self.footprints[index].view.is_reliable]
            candidates = reliable or past
            if candidates:
                latest = max(self.footprints[index].view.index for index in candidates)
                found[family] = tuple(i for i in candidates if self.footprints[i].view.index == latest)
        return found

    def leaves(self, before: int) -> set[int]:
        """Return unnamed deposits that nothing was linked to yet: a part that vanished may come back."""
        followed = {pair.earlier for pair in self.pairs}
        return {
            index
            for index, footprint in enumerate(self.footprints)
            if index not in followed
            and footprint.view.index < before
            and footprint.view.is_reliable
            and footprint.deposit.name is None
        }

    def said(
        self, some: Sequence[int], others: Sequence[int]
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Return which of some deposits may be which others, and which are, by their names."""
        families = [np.array([self._family[index] for index in each]) for each in (some, others)]
        are = np.equal.outer(*families)
        named = [np.array([self._names[family] is not None for family in each]) for each in families]
        may_be = np.ones_like(are)
        for row, column in np.argwhere(np.logical_or.outer(*named) & ~are).tolist():
            may_be[row, column] = self.may_be_one(some[row], others[column])
        return may_be, are

    def may_be_one(self, index: int, another: int) -> bool:
        """Return whether no name speaks against two deposits being one."""
        one, other = self.of(index), self.of(another)
        if one == other:
            return True
        names = (self.name(one), self.name(other))
        if None not in names:
            return False
        if names == (None, None):
            return True
        named, unnamed = (one, other) if names[0] is not None else (other, one)
        # Where the name is used, a person has said which deposits bear it: the others do not.
        used = {
            self.footprints[index].view.index
            for index in self._members[named]
            if self.footprints[index].deposit.name is not None
        }
        return used.isdisjoint(self.footprints[index].view.index for index in self._members[unnamed])

    def _unite(self, one: int, other: int) -> None:
        kept, gone = sorted((self.of(one), self.of(other)))
        if kept == gone:
            return
        moved = self._members.pop(gone)
        self._names[kept] = self._names[kept] or self._names[gone]
        for index in moved:
            self._family[index] = kept
        self._members[kept].extend(moved)


def unite(footprints: Sequence[Footprint], views: Sequence[View]) -> Families:
    """Return the families of all deposits: by name, then, reading by reading, by what is likeliest."""
    families = Families(footprints)
    if not footprints:
        return families
    follower = Follower(footprints, views)
    for view in views[1:]:
        now = [index for index, footprint in enumerate(footprints) if footprint.view.index == view.index]
        past = families.last_seen(view.index)
        gone = _removed(families, view, past)
        families.removed |= {(past[family][0], view.index): event for family, event in gone.items()}
        earlier = sorted(
            index
            for index in families.leaves(view.index).union(*past.values())
            if families.of(index) not in gone
        )
        step = follower.match(earlier, now, rule=families.said)
        for pair in step.pairs:
            families.link(pair)
        families.perhaps.extend(step.perhaps)
    return families


def _removed(families: Families, view: View, past: Mapping[int, Sequence[int]]) -> dict[int, Event]:
    """Return the families that a reading says were excised or extruded.

    By name, else by the most ground shared with what was last seen there.
    """
    events = {}
    for deposit in view.reading.removed:
        place = Footprint(view=view, deposit=deposit, first=families.footprints[0].first)
        named = [family for family in past if deposit.name and families.name(family) == deposit.name]
        shares = {
            family: max(overlap(families.footprints[index], place) for index in members)
            for family, members in past.items()
            if deposit.name is None or families.name(family) is None
        }
        nearest = [family for family, share in shares.items() if share > 0 and share == max(shares.values())]
        for family in (named or nearest)[:1]:
            events[family] = Event(deposit.status.value)
    return events
