"""What was imaged and read of one patient in one stream, by site and day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lesionkit.classification.reasons import Reason
from lesionkit.core.cohort import Patient
from lesionkit.core.image import Modality
from lesionkit.core.region import Role
from lesionkit.core.track import Presence, Reading, Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One patient's images of one modality, as far as verdicts need them.

    Parameters
    ----------
    imaged, read : Mapping of str to set of date
        By site: the days with an image, and those at which one was read.
    incomplete : Mapping of str to set of date
        By site: the days read at which some outlines could not be used.
    roles : Mapping of (str, str) to Role, optional
        What a deposit is followed for, by image and deposit id.
    """

    imaged: Mapping[str, frozenset[date]]
    read: Mapping[str, frozenset[date]]
    incomplete: Mapping[str, frozenset[date]]
    roles: Mapping[tuple[str, str], Role | None]

    @classmethod
    def of(
        cls,
        tracks: Sequence[Track],
        readings: Mapping[str, Sequence[Reading]],
        *,
        patient: Patient,
        modality: Modality,
    ) -> "Stream":
        """Return the stream of a patient: what a sighting saw counts as read."""
        read: dict[str, set[date]] = {site: {r.date for r in found} for site, found in readings.items()}
        for track in tracks:
            looks = {s.date for s in track.sightings if s.presence is not Presence.UNSEEN}
            read.setdefault(track.site, set()).update(looks)
        imaged: dict[str, set[date]] = {}
        for timepoint in patient.timepoints:
            for image in timepoint.images:
                if image.modality.stream is modality.stream:
                    imaged.setdefault(image.site, set()).add(timepoint.date)
        return cls(
            imaged={site: frozenset(days) for site, days in imaged.items()},
            read={site: frozenset(read[site]) for site in sorted(read) if read[site]},
            incomplete={
                site: frozenset(r.date for r in found if r.left_out) for site, found in readings.items()
            },
            roles={(r.image, d.id): d.role for found in readings.values() for r in found for d in r.deposits},
        )

    @property
    def days(self) -> frozenset[date]:
        """Every timepoint of the stream, read or not."""
        return frozenset().union(*self.imaged.values(), *self.read.values())

    def read_on(self, sites: Sequence[str]) -> frozenset[date]:
        """Return the days at which any of some sites was read."""
        return frozenset().union(*(self.read.get(site, frozenset()) for site in sites))

    def imaged_on(self, sites: Sequence[str]) -> frozenset[date]:
        """Return the days at which any of some sites was imaged, read or not."""
        return frozenset().union(*(self.imaged.get(site, frozenset()) for site in sites))

    def is_incomplete(self, sites: Sequence[str], day: date) -> bool:
        """Return whether some outlines of some sites could not be used on a day."""
        return any(day in self.incomplete.get(site, ()) for site in sites)

    def unread_reason(self, sites: Sequence[str], day: date) -> Reason | None:
        """Return why nothing was seen of some sites on a day; None where any of them was read."""
        if any(day in self.read.get(site, ()) for site in sites):
            return None
        is_imaged = any(day in self.imaged.get(site, ()) for site in sites)
        return Reason.NOT_READ if is_imaged else Reason.NOT_IMAGED

    def roles_of(self, track: Track) -> frozenset[Role]:
        """Return every role that any deposit of a track was given."""
        given = (self.roles.get((s.image or "", d)) for s in track.sightings for d in s.deposits)
        return frozenset(role for role in given if role is not None)
