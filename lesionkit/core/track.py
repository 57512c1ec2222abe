"""One deposit through time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise

from lesionkit.core.grid import Grid
from lesionkit.core.image import Modality
from lesionkit.core.region import Deposit

COUNTED = "lesionkit:"
"""Begins the tracking identifier, in DICOM, of a track that no person named: read again, it is no name."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """What a person found on one image: its deposits, none where they looked and saw nothing.

    An image that nobody has read has no reading: its deposits are unseen, not absent.

    Parameters
    ----------
    date : date
        Day of the timepoint.
    image : str
        Id of the image.
    grid : Grid
        Its geometry, with its scale where it has one.
    deposits : tuple of Deposit
        Those on which responses may be built.
    removed : tuple of Deposit
        Where deposits were that a person says are excised or extruded: absent by cause.
    left_out : tuple of str
        Names (or numbers) of outlines that could not be used, or that nobody has confirmed. While
        there is one, what is not among `deposits` is unseen rather than absent.
    landmarks : Mapping of str to (float, float)
        Places a person marked, by name.
    """

    date: date
    image: str
    grid: Grid
    deposits: tuple[Deposit, ...]
    removed: tuple[Deposit, ...] = ()
    left_out: tuple[str, ...] = ()
    landmarks: Mapping[str, tuple[float, float]] = field(default_factory=dict)


class Presence(StrEnum):
    """Whether a deposit was there. Absent (looked, not there) is not unseen (not looked)."""

    PRESENT = "present"
    ABSENT = "absent"
    UNSEEN = "unseen"


class Event(StrEnum):
    """What happened to a track at a timepoint, against the last one at which it was seen."""

    BASELINE = "baseline"
    """Present when its place was looked at for the first time."""
    NEW = "new"
    """Present where an earlier reading saw nothing."""
    PERSISTING = "persisting"
    SPLIT = "split"
    """One deposit became several."""
    MERGED = "merged"
    """Several deposits became one."""
    RESOLVED = "resolved"
    """Present before, now absent."""
    EXCISED = "excised"
    """Absent because a surgeon took it out, as a person says."""
    EXTRUDED = "extruded"
    """Absent because it came out through the skin, as a person says."""
    REAPPEARED = "reappeared"
    """Absent before, present before that, present again."""


class MatchedBy(StrEnum):
    """What tied a deposit to its track's earlier ones."""

    NAME = "name"
    OVERLAP = "overlap"
    PROXIMITY = "proximity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An earlier and a later deposit taken for one, or for a part of one.

    Parameters
    ----------
    image : str
        Id of the earlier image.
    earlier, later : str
        Ids of the deposits on their images.
    is_confirmed : bool
        False where the match rests on an alignment that failed its checks, or where another
        explanation is nearly as likely.
    """

    image: str
    earlier: str
    later: str
    is_confirmed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A track at one timepoint.

    Parameters
    ----------
    date : date
        Day of the timepoint.
    presence : Presence
        Whether it was there.
    image : str, optional
        Id of the image looked at; None where unseen.
    event : Event, optional
        What happened; None where nothing did (unseen, still absent, not yet there).
    deposits : tuple of str
        Ids of its deposits in that image; several after a split.
    matched_by : MatchedBy, optional
        What tied them to the earlier ones; None at the first sighting.
    match_score : float, optional
        How likely they are one, 0 to 1: of several, the least likely.
    is_confirmed : bool
        False where the match, or that there is none, rests on an alignment that failed its checks,
        or where another explanation is nearly as likely.
    links : tuple of Link
        Which of its deposits goes on as which; none at the first sighting.
    """

    date: date
    presence: Presence
    image: str | None = None
    event: Event | None = None
    deposits: tuple[str, ...] = ()
    matched_by: MatchedBy | None = None
    match_score: float | None = None
    is_confirmed: bool = True
    links: tuple[Link, ...] = ()

    def __post_init__(self) -> None:
        if (self.presence is Presence.PRESENT) != bool(self.deposits):
            raise ValueError("a track is present exactly where it has deposits")
        if (self.presence is Presence.UNSEEN) != (self.image is None):
            raise ValueError("a track is unseen exactly where no image was looked at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One deposit through time: a connected component of same-deposit pairs.

    Parts of a split and partners of a merge share one track; sums over it are what is compared.

    Parameters
    ----------
    id : str
        The name a person gave, else ``T1``, ``T2`` ... within its site.
    uid : str
        DICOM TrackingUID it keeps for life.
    patient : str
        Pseudonym.
    modality : Modality
        Stream it was seen in (CR and DX are both DX).
    site : str
        Body site.
    sightings : tuple of Sighting
        One for every timepoint of the stream, in order of time.
    """

    id: str
    uid: str
    patient: str
    modality: Modality
    site: str
    sightings: tuple[Sighting, ...]

    def __post_init__(self) -> None:
        dates = [sighting.date for sighting in self.sightings]
        if any(later <= earlier for earlier, later in pairwise(dates)):
            raise ValueError(f"the sightings of track {self.id} must be in order of time")
        if not any(sighting.deposits for sighting in self.sightings):
            raise ValueError(f"track {self.id} was never present")

    def is_removed(self, day: date) -> bool:
        """Return whether it was excised or extruded by that day, and has not come back since."""
        seen = [s for s in self.sightings if s.date <= day and s.presence is not Presence.UNSEEN]
        for sighting in reversed(seen):
            if sighting.presence is Presence.PRESENT:
                return False
            if sighting.event in (Event.EXCISED, Event.EXTRUDED):
                return True
        return False

    def at(self, day: date) -> Sighting:
        """Return its sighting at a timepoint.

        Raises
        ------
        KeyError
            If there is no such timepoint.
        """
        for sighting in self.sightings:
            if sighting.date == day:
                return sighting
        raise KeyError(day)
