"""What written DICOM objects call deposits: the names and UIDs they keep for life."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Outcome
from lesionkit.core.region import Deposit
from lesionkit.core.track import COUNTED, Track

MAKER = "lesionkit"

_NAMESPACE = uuid.UUID("5b1c6e0a-1f0b-5c52-8d5c-7f3a2f6b9e11")


def uid_of(*words: str) -> str:
    """Return a DICOM UID (2.25): the same for the same words, on every machine."""
    return f"2.25.{uuid.uuid5(_NAMESPACE, '|'.join(words)).int}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A deposit with what DICOM calls it.

    Parameters
    ----------
    deposit : Deposit
        As drawn.
    track : Track, optional
        Its track; a suggestion has none.
    identifier, uid : str
        TrackingID and TrackingUID: those of the track, for life.
    """

    deposit: Deposit
    track: Track | None
    identifier: str
    uid: str


def name_deposits(
    deposits: Sequence[Deposit], ref: ImageRef, tracks: Mapping[tuple[str, str], Track]
) -> Iterator[Named]:
    """Yield the deposits of an image with their names and UIDs.

    Parameters
    ----------
    deposits : sequence of Deposit
        As drawn.
    ref : ImageRef
        The image.
    tracks : Mapping of (str, str) to Track
        By the ids of image and deposit.
    """
    for deposit in deposits:
        track = tracks.get((ref.id, deposit.id))
        counted = f"{COUNTED}{track.id if track else deposit.id}"
        yield Named(
            deposit=deposit,
            track=track,
            identifier=deposit.name or counted,
            uid=track.uid if track else _own_uid(deposit, ref),
        )


def name_places(places: Sequence[Deposit], ref: ImageRef, outcome: Outcome) -> Iterator[Named]:
    """Yield the places marked on an image with their names and UIDs: of a named one, those of its track.

    Parameters
    ----------
    places : sequence of Deposit
        Where deposits were that were excised or extruded, or are that cannot be judged.
    ref : ImageRef
        The image.
    outcome : Outcome
        With the tracks.
    """
    named = _named_tracks(ref, outcome) if places else {}
    for number, place in enumerate(places, start=1):
        track = named.get(place.name or "")
        yield Named(
            deposit=place,
            track=track,
            identifier=place.name or f"{COUNTED}place-{number}",
            uid=track.uid if track else _own_uid(place, ref),
        )


def _named_tracks(ref: ImageRef, outcome: Outcome) -> dict[str, Track]:
    """Return the tracks of an image's site by the names a person gave, which may look like counted ones."""
    patient = next(
        patient.id
        for patient in outcome.cohort.patients
        if any(image.id == ref.id for image in patient.images)
    )
    here, tracks = (patient, ref.modality.stream, ref.site), outcome.tracks_of_deposits
    found: dict[str, Track] = {}
    for deposit in outcome.deposits:
        track = tracks.get((deposit.image, deposit.id))
        if deposit.name and track and (track.patient, track.modality.stream, track.site) == here:
            found[deposit.name] = track
    return found


def _own_uid(deposit: Deposit, ref: ImageRef) -> str:
    return deposit.tracking_uid or uid_of(*ref.instance_uids, *map(str, ref.frames), "deposit", deposit.id)
