"""Readings in, tracks out: who is who, what they are called, and what was seen of them."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import count, pairwise

from lesionkit.core.image import Modality
from lesionkit.core.track import Reading, Track
from lesionkit.core.transform import Transform
from lesionkit.track.families import unite
from lesionkit.track.footprint import Footprint, View, view_readings
from lesionkit.track.sightings import Family, see

_NAMESPACE = uuid.UUID("0c1f7f0e-6f0a-5d0b-9a3e-5a1f3c0d7b21")
"""Namespace of the identifiers made here; any fixed one would do."""


def link_deposits(
    readings: Sequence[Reading],
    transforms: Mapping[str, Transform],
    *,
    patient: str,
    modality: Modality,
    site: str,
    dates: Sequence[date],
) -> tuple[Track, ...]:
    """Return the tracks of one site: which deposits are one through time, and what became of them.

    Equal names are one deposit at every timepoint and never join another name. What is unnamed is
    compared with each track's last sighting: of all explanations (who goes on as whom, who is a part or
    partner of whom, who is gone and who is new) the likeliest is taken, and what is nearly as likely
    otherwise is marked unconfirmed (see `evidence.weigh`, `assignment.assign`). A track is a
    connected component of these pairs, so a deposit that splits, or several that merge, stay one track.

    Parameters
    ----------
    readings : sequence of Reading
        At most one per date, in order of time.
    transforms : Mapping of str to Transform
        By image id: onto the image of the first reading. One that is missing is taken for identity,
        and what rests on it is unconfirmed (of the first reading it is identity).
    patient : str
        Pseudonym.
    modality : Modality
        How the images were made; a track is in its stream.
    site : str
        Body site.
    dates : sequence of date
        All timepoints of the stream, in order; those without a reading are unseen.

    Returns
    -------
    tuple of Track
        By first sighting, then by place; they do not depend on the order of the deposits.

    Raises
    ------
    ValueError
        If dates or readings are not in strictly increasing order, a reading's date is not among
        `dates`, or a transform has not the axes of its image.
    """
    _must_be_in_order(readings, dates)
    if not readings:
        return ()
    views = view_readings(tuple(readings), transforms)
    families = _families(views, readings[0])
    ids = _ids(families)
    uids = _uids(families, f"{modality.stream}", patient=patient, site=site)
    return tuple(
        Track(
            id=id_,
            uid=uid,
            patient=patient,
            modality=modality.stream,
            site=site,
            sightings=see(family, views, dates),
        )
        for family, id_, uid in zip(families, ids, uids, strict=True)
    )


def _must_be_in_order(readings: Sequence[Reading], dates: Sequence[date]) -> None:
    for days in (dates, [reading.date for reading in readings]):
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise ValueError("dates and readings must be in strictly increasing order of time")
    missing = {reading.date for reading in readings} - set(dates)
    if missing:
        raise ValueError(f"the reading of {min(missing)} is not at one of the timepoints")


def _families(views: Sequence[View], first: Reading) -> tuple[Family, ...]:
    footprints = sorted(
        (
            Footprint(view=view, deposit=deposit, first=first.grid)
            for view in views
            for deposit in view.reading.deposits
        ),
        key=lambda footprint: footprint.key,
    )
    linked = unite(footprints, views)
    found = []
    for members in sorted(linked):
        place = {index: position for position, index in enumerate(members)}
        pairs = tuple(
            replace(pair, earlier=place[pair.earlier], later=place[pair.later])
            for pair in linked.pairs
            if pair.later in place
        )
        found.append(
            Family(
                footprints=tuple(footprints[index] for index in members),
                pairs=pairs,
                removed={
                    reading: event
                    for (member, reading), event in linked.removed.items()
                    if linked.of(member) == linked.of(members[0])
                },
                perhaps_old=tuple(place[later] for _, later in linked.perhaps if later in place),
                perhaps_there=tuple(
                    footprints[later].view.index for earlier, later in linked.perhaps if earlier in place
                ),
            )
        )
    return tuple(found)


def _ids(families: Sequence[Family]) -> Iterator[str]:
    """Return the name a person gave, else T1, T2 ... in order, leaving out what a person used as a name."""
    names = {family.name for family in families}
    numbered = (f"T{number}" for number in count(1) if f"T{number}" not in names)
    return iter([family.name or next(numbered) for family in families])


def _uids(families: Sequence[Family], stream: str, *, patient: str, site: str) -> Iterator[str]:
    """Return the TrackingUID its deposits bear where there is just one, else one made from who it is.

    One that an earlier track bears already is not given twice.
    """
    taken: set[str] = set()
    uids = []
    for family in families:
        given = {f.deposit.tracking_uid for f in family.footprints if f.deposit.tracking_uid} - taken
        uid = given.pop() if len(given) == 1 else _made_uid(family, stream, patient, site, taken)
        taken.add(uid)
        uids.append(uid)
    return iter(uids)


def _made_uid(family: Family, stream: str, patient: str, site: str, taken: set[str]) -> str:
    """Return a UID that hangs on the name, else on where the deposit was first seen.

    Not on its number in the file: another outline drawn before it would hand its UID to its neighbour.
    """
    first = family.footprints[0]
    who = [family.name] if family.name else [first.view.reading.image, *first.spot]
    uid = _uid_of([patient, stream, site, *who])
    return uid if uid not in taken else _uid_of([patient, stream, site, *who, first.deposit.id])


def _uid_of(parts: Sequence[str | int]) -> str:
    # DICOM PS3.5 annex B.2: a UUID as one decimal number under the root 2.25.
    return f"2.25.{uuid.uuid5(_NAMESPACE, json.dumps(parts)).int}"
