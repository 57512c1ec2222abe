"""Names and marks that the pictures speak against: a slip of the pen makes one deposit two, or resolved."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lesionkit.core.grid import Grid
from lesionkit.core.region import Deposit
from lesionkit.core.track import Reading
from lesionkit.core.transform import Transform
from lesionkit.track.affinity import meet, overlap
from lesionkit.track.footprint import Footprint, View, view_readings

ONE_GROUND = 0.5
"""Share of the smaller deposit from which two names are on one ground."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A name that may be wrong.

    Parameters
    ----------
    image : str
        Id of the later image.
    name : str
        What a deposit on it is called.
    earlier_name : str
        What that place, or a name almost the same, bore before.
    earlier_date : date
        When.
    """

    image: str
    name: str
    earlier_name: str
    earlier_date: date


def doubt_names(readings: Sequence[Reading], transforms: Mapping[str, Transform]) -> tuple[Doubt, ...]:
    """Return the names that the pictures speak against; tracks follow them all the same.

    A name is in doubt where a deposit that bears it lies, by at least `ONE_GROUND`, where one of another
    name was last seen, and either was not seen before or does not lie where it was itself last
    seen. Where the alignment failed, only names that differ in nothing but case, spaces and signs are.

    Parameters
    ----------
    readings : sequence of Reading
        At most one per date, in order of time.
    transforms : Mapping of str to Transform
        As of `lesionkit.track.link_deposits`.
    """
    if not readings:
        return ()
    views = view_readings(tuple(readings), transforms)
    last: dict[str, list[Footprint]] = {}
    doubts: list[Doubt] = []
    for view in views:
        now = _by_name(view, readings[0].grid)
        for name, found in sorted(now.items()):
            doubts.extend(
                Doubt(
                    image=view.reading.image,
                    name=name,
                    earlier_name=other,
                    earlier_date=last[other][0].view.reading.date,
                )
                for other in _rivals(name, found, now, last)
            )
        last |= now
    return tuple(doubts)


def unknown_marks(readings: Sequence[Reading], transforms: Mapping[str, Transform]) -> tuple[Deposit, ...]:
    """Return the places marked excised or extruded that are of no deposit seen before.

    A place is of one that bears its name. Where one of the two has no name, it is also of one with whose
    ground it shares any. What the first reading marks was taken out before anybody looked.

    Parameters
    ----------
    readings, transforms
        As of `doubt_names`.
    """
    if not any(reading.removed for reading in readings[1:]):
        return ()
    first = readings[0].grid
    before: list[Footprint] = []
    unknown: list[Deposit] = []
    for view in view_readings(tuple(readings), transforms):
        if view.index:
            marks = (Footprint(view=view, deposit=mark, first=first) for mark in view.reading.removed)
            unknown += [mark.deposit for mark in marks if not any(_is_of(mark, seen) for seen in before)]
        before += [Footprint(view=view, deposit=each, first=first) for each in view.reading.deposits]
    return tuple(unknown)


def _is_of(mark: Footprint, seen: Footprint) -> bool:
    names = {mark.deposit.name, seen.deposit.name}
    return (len(names) == 1 and None not in names) or (None in names and meet(mark, seen))


def _by_name(view: View, first: Grid) -> dict[str, list[Footprint]]:
    found: dict[str, list[Footprint]] = {}
    for deposit in view.reading.deposits:
        if deposit.name is not None:
            found.setdefault(deposit.name, []).append(Footprint(view=view, deposit=deposit, first=first))
    return found


def _rivals(
    name: str,
    found: Sequence[Footprint],
    now: Mapping[str, Sequence[Footprint]],
    last: Mapping[str, Sequence[Footprint]],
) -> Iterator[str]:
    if name in last and (_share(found, last[name]) > 0 or not _is_reliable(found, last[name])):
        return
    for other, before in sorted(last.items()):
        if other == name:
            continue
        if _is_reliable(found, before):
            if _share(found, before) >= ONE_GROUND:
                yield other
        elif name not in last and other not in now and _plain(other) == _plain(name):
            yield other


def _share(some: Sequence[Footprint], others: Sequence[Footprint]) -> float:
    return max(overlap(one, other) for one in some for other in others)


def _is_reliable(some: Sequence[Footprint], others: Sequence[Footprint]) -> bool:
    return some[0].view.is_reliable and others[0].view.is_reliable


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
