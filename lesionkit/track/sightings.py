"""What was seen of a track at each timepoint: present, absent or unseen, and what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.track import Event, Link, MatchedBy, Presence, Sighting
from lesionkit.track.affinity import Pair
from lesionkit.track.footprint import Footprint, View

_STRENGTH = (MatchedBy.NAME, MatchedBy.OVERLAP, MatchedBy.PROXIMITY)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Family:
    """The deposits of one track.

    Parameters
    ----------
    footprints : tuple of Footprint
        In order of time, then of place.
    pairs : tuple of Pair
        What links them; places count in `footprints`.
    perhaps_old : tuple of int
        Places of those that are taken for new and may well be another track's.
    perhaps_there : tuple of int
        Readings at which it is taken for gone and may well be what is taken for new.
    removed : Mapping of int to Event
        Readings that say it was excised or extruded.
    """

    footprints: tuple[Footprint, ...]
    pairs: tuple[Pair, ...]
    perhaps_old: tuple[int, ...] = ()
    perhaps_there: tuple[int, ...] = ()
    removed: Mapping[int, Event] = field(default_factory=dict)

    @property
    def name(self) -> str | None:
        """The name a person gave, None where no one did."""
        return next((f.deposit.name for f in self.footprints if f.deposit.name is not None), None)

    def at(self, reading: int) -> tuple[int, ...]:
        """Return the places of its deposits at a reading."""
        return tuple(i for i, f in enumerate(self.footprints) if f.view.index == reading)


def see(family: Family, views: Sequence[View], dates: Sequence[date]) -> tuple[Sighting, ...]:
    """Return a track's sightings, one for every timepoint.

    Present where it has deposits; absent where the place of its last (before its first: its first)
    sighting lies on an image that was read whole; else unseen.

    Parameters
    ----------
    family : Family
        Its deposits.
    views : sequence of View
        All readings.
    dates : sequence of date
        All timepoints.
    """
    by_date = {view.reading.date: view for view in views}
    sightings: list[Sighting] = []
    for day in dates:
        view = by_date.get(day)
        if view is None:
            sightings.append(Sighting(date=day, presence=Presence.UNSEEN))
        elif family.at(view.index):
            sightings.append(_present(family, view, tuple(sightings)))
        else:
            sightings.append(_not_present(family, view, tuple(sightings)))
    return tuple(sightings)


def _last_reading(family: Family, before: int) -> int | None:
    return max((f.view.index for f in family.footprints if f.view.index < before), default=None)


def _present(family: Family, view: View, past: tuple[Sighting, ...]) -> Sighting:
    now = family.at(view.index)
    deposits = tuple(family.footprints[index].deposit.id for index in now)
    previous = _last_reading(family, view.index)
    if previous is None:
        looked = any(sighting.presence is Presence.ABSENT for sighting in past)
        named = any(family.footprints[index].deposit.name is not None for index in now)
        return Sighting(
            date=view.reading.date,
            presence=Presence.PRESENT,
            image=view.reading.image,
            event=Event.NEW if looked else Event.BASELINE,
            deposits=deposits,
            is_confirmed=named or (_are_laid(family, now) and not set(now) & set(family.perhaps_old)),
        )
    last_seen = next(s for s in reversed(past) if s.presence is not Presence.UNSEEN)
    matched_by, score, is_certain = _match(family, view)
    came = set(now) & set(family.perhaps_old)
    return Sighting(
        date=view.reading.date,
        presence=Presence.PRESENT,
        image=view.reading.image,
        event=Event.REAPPEARED
        if last_seen.presence is Presence.ABSENT
        else _evolution(family, previous, now),
        deposits=deposits,
        matched_by=matched_by,
        match_score=score,
        is_confirmed=is_certain and not came,
        links=_told(family, previous, now),
    )


def _match(family: Family, view: View) -> tuple[MatchedBy | None, float | None, bool]:
    """Return what ties a family's deposits to its earlier ones: the strongest bond, and the least score."""
    now = family.at(view.index)
    if _is_named_before(family, view.index):
        return MatchedBy.NAME, 1.0, True
    pairs = [pair for pair in family.pairs if pair.later in now]
    if pairs:
        bond = next(bond for bond in _STRENGTH if any(pair.matched_by is bond for pair in pairs))
        # Each link counts: one that is doubtful may have joined two tracks.
        return bond, min(pair.score for pair in pairs), all(pair.is_certain for pair in pairs)
    # All its deposits of today came into the family through a later one.
    return None, None, _are_laid(family, now)


def _are_laid(family: Family, members: Sequence[int]) -> bool:
    """Whether the alignment is believed where some of a family's deposits lie."""
    return all(family.footprints[index].view.is_reliable for index in members)


def _is_named_before(family: Family, reading: int) -> bool:
    named = [f.view.index for f in family.footprints if f.deposit.name is not None]
    return reading in named and min(named) < reading


def _evolution(family: Family, previous: int, now: Sequence[int]) -> Event:
    """Split or merged where the count of deposits changed and one of them has several partners."""
    last = family.at(previous)
    links = _links(family, last, now)
    if len(now) > len(last) and any(sum(one == index for one, _ in links) > 1 for index in last):
        return Event.SPLIT
    if len(now) < len(last) and any(sum(other == index for _, other in links) > 1 for index in now):
        return Event.MERGED
    return Event.PERSISTING


def _told(family: Family, previous: int, now: Sequence[int]) -> tuple[Link, ...]:
    """Return the pairs that end today, and what a name ties beyond them."""
    certain = {(pair.earlier, pair.later): pair.is_certain for pair in family.pairs if pair.later in now}
    if _is_named_before(family, family.footprints[now[0]].view.index):
        certain = dict.fromkeys({*certain, *_links(family, family.at(previous), now)}, True)
    return tuple(
        Link(
            image=family.footprints[one].view.reading.image,
            earlier=family.footprints[one].deposit.id,
            later=family.footprints[other].deposit.id,
            is_confirmed=is_certain,
        )
        for (one, other), is_certain in sorted(certain.items())
    )


def _links(family: Family, last: Sequence[int], now: Sequence[int]) -> set[tuple[int, int]]:
    links = {(p.earlier, p.later) for p in family.pairs if p.earlier in last and p.later in now}
    linked = {other for _, other in links}
    # A name ties a deposit that shares no ground with its earlier ones to all of them.
    return links | {(one, other) for one in last for other in now if other not in linked}


def _not_present(family: Family, view: View, past: tuple[Sighting, ...]) -> Sighting:
    previous = _last_reading(family, view.index)
    first = min(f.view.index for f in family.footprints)
    shown = [family.footprints[index] for index in family.at(first if previous is None else previous)]
    day = view.reading.date
    if view.index in family.removed:
        return Sighting(
            date=day,
            presence=Presence.ABSENT,
            image=view.reading.image,
            event=family.removed[view.index],
        )
    if view.reading.left_out or not view.shows(_centres(shown)).all():
        # An outline that cannot be used may be the missing deposit.
        return Sighting(date=day, presence=Presence.UNSEEN)
    last_seen = next((s.presence for s in reversed(past) if s.presence is not Presence.UNSEEN), None)
    return Sighting(
        date=day,
        presence=Presence.ABSENT,
        image=view.reading.image,
        event=Event.RESOLVED if last_seen is Presence.PRESENT else None,
        is_confirmed=view.index not in family.perhaps_there and _absence_is_certain(family, view, shown),
    )


def _centres(footprints: Sequence[Footprint]) -> Floats:
    return np.stack([footprint.centre for footprint in footprints])


def _absence_is_certain(family: Family, view: View, shown: Sequence[Footprint]) -> bool:
    """Whether nothing on the image could be the missing deposit but for an alignment that failed.

    A name that is not on an image where everything is named, or anything on an image with no deposit
    at all, is missing whatever the alignment.
    """
    if view.knows(_centres(shown)) and all(footprint.view.is_reliable for footprint in shown):
        return True
    candidates = view.reading.deposits
    if family.name is not None:
        candidates = tuple(deposit for deposit in candidates if deposit.name is None)
    return not candidates
