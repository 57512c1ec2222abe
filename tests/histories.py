"""Histories of deposits written as one line per track, and the verdicts on them.

A track is a list with one entry per visit: its size, several sizes (it has split), ``GONE`` (looked,
not there) or ``UNSEEN`` (not looked); ``Unsure(entry)`` where the alignment failed. Visits are 100
days apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from lesionkit.classification import classify
from lesionkit.classification.criteria import CALCINOSIS_25
from lesionkit.core.cohort import Patient, Timepoint, Treatment
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Deposit, Outline, Role
from lesionkit.core.response import Criterion, Evaluation, Response
from lesionkit.core.settings import BaselineRule
from lesionkit.core.track import Presence, Reading, Sighting, Track
from lesionkit.core.units import Quantity, Unit

GONE = 0.0
UNSEEN = None
FIRST_DAY = date(2012, 3, 1)


@dataclass(frozen=True)
class Unsure:
    """An entry whose match rests on an alignment that failed."""

    entry: "float | tuple[float, ...] | None"


Entry = float | tuple[float, ...] | Unsure | None
Lines = Mapping[str, Mapping[str, Sequence[Entry]]]
"""Site to track to one entry per visit."""


def day(visit: int) -> date:
    """Return the date of a visit; visits count from 0."""
    return FIRST_DAY + timedelta(days=100 * visit)


@dataclass(frozen=True)
class History:
    """One patient's stream, ready to be classified."""

    patient: Patient
    tracks: tuple[Track, ...]
    readings: Mapping[str, Sequence[Reading]]
    measurements: tuple[Measurement, ...]
    modality: Modality

    def classify(
        self, criterion: Criterion = CALCINOSIS_25, rule: BaselineRule = BaselineRule.TREATMENT
    ) -> "Verdicts":
        """Return the verdicts by a criterion."""
        return Verdicts(
            classify(
                self.tracks,
                self.readings,
                self.measurements,
                patient=self.patient,
                modality=self.modality,
                criterion=criterion,
                baseline=rule,
            )
        )


@dataclass(frozen=True)
class Verdicts:
    """Responses, found by what they are on."""

    responses: tuple[Response, ...]

    def of(self, site: str = "hand", *, track: str | None = None) -> tuple[Response, ...]:
        """Return the follow-ups of a site or track, in order of time."""
        return tuple(
            r
            for r in self.responses
            if (r.site, r.track, r.evaluation) == (site, track, Evaluation.FOLLOW_UP)
        )

    def last(self, site: str = "hand", *, track: str | None = None) -> Response:
        """Return the last follow-up of a site or track."""
        return self.of(site, track=track)[-1]

    def final(self, site: str = "hand") -> Response:
        """Return the one final response of a site."""
        (response,) = [r for r in self.responses if (r.site, r.evaluation) == (site, Evaluation.FINAL)]
        return response


def history(
    lines: Lines,
    *,
    visits: int | None = None,
    unread: Mapping[str, Sequence[int]] | None = None,
    not_imaged: Mapping[str, Sequence[int]] | None = None,
    start: date | None = None,
    modality: Modality = Modality.XC,
    measures: Sequence[str] = ("area",),
    units: Mapping[int, Unit] | None = None,
    scales: Mapping[int, ScaleSource] | None = None,
    error: float | None = None,
    roles: Mapping[str, Role] | None = None,
    unmeasured: Sequence[tuple[str, int]] = (),
    spoiled: Mapping[str, Sequence[int]] | None = None,
) -> History:
    """Return a history.

    `unread`, `not_imaged` and `spoiled` (an outline cannot be used) name visits by site; `units` and
    `scales` hold by visit (mm2 and a marker where not said), `error` is the standard error of every
    size, `roles` holds by track.
    """
    count = visits or max(len(entries) for tracks in lines.values() for entries in tracks.values())
    missing = {site: set((not_imaged or {}).get(site, ())) for site in lines}
    skipped = {site: missing[site] | set((unread or {}).get(site, ())) for site in lines}
    tracks: list[Track] = []
    found: dict[str, list[list[Deposit]]] = {site: [[] for _ in range(count)] for site in lines}
    measurements: list[Measurement] = []
    for site, by_track in lines.items():
        for name, entries in by_track.items():
            sightings = []
            for visit, entry in enumerate(entries):
                seen = _Seen.of(UNSEEN if visit in skipped[site] else entry, f"{site}-{visit}", name)
                sightings.append(seen.sighting(day(visit)))
                for deposit, size in seen.sizes:
                    found[site][visit].append(_deposit(deposit, seen.image, (roles or {}).get(name)))
                    if (name, visit) not in unmeasured:
                        measurements += [
                            Measurement(
                                image=seen.image,
                                deposit=deposit,
                                measure=measure,
                                quantity=Quantity(
                                    value=size, unit=(units or {}).get(visit, Unit.MM2), standard_error=error
                                ),
                                scale_source=(scales or {}).get(visit, ScaleSource.MARKER),
                            )
                            for measure in measures
                        ]
            tracks.append(
                Track(
                    id=name,
                    uid=f"1.2.{len(tracks)}",
                    patient="P01",
                    modality=modality.stream,
                    site=site,
                    sightings=tuple(sightings),
                )
            )
    readings = {
        site: tuple(
            Reading(
                date=day(v),
                image=f"{site}-{v}",
                grid=Grid(shape=(7, 5)),
                deposits=tuple(deposits),
                left_out=("1",) if v in (spoiled or {}).get(site, ()) else (),
            )
            for v, deposits in enumerate(by_visit)
            if v not in skipped[site]
        )
        for site, by_visit in found.items()
    }
    timepoints = []
    for visit in range(count):
        images = tuple(_image(site, visit, modality) for site in lines if visit not in missing[site])
        if images:
            timepoints.append(Timepoint(date=day(visit), images=images))
    treatments = (Treatment(drug="sodium thiosulfate", start=start),) if start else ()
    return History(
        patient=Patient(id="P01", timepoints=tuple(timepoints), treatments=treatments),
        tracks=tuple(tracks),
        readings=readings,
        measurements=tuple(measurements),
        modality=modality,
    )


@dataclass(frozen=True)
class _Seen:
    image: str
    presence: Presence
    sizes: tuple[tuple[str, float], ...]
    is_confirmed: bool

    @classmethod
    def of(cls, entry: Entry, image: str, name: str) -> "_Seen":
        is_confirmed = not isinstance(entry, Unsure)
        plain = entry.entry if isinstance(entry, Unsure) else entry
        if plain is UNSEEN:
            return cls(image, Presence.UNSEEN, (), is_confirmed)
        parts = plain if isinstance(plain, tuple) else (plain,)
        sizes = tuple((f"{name}.{i}", part) for i, part in enumerate(parts) if part > 0)
        return cls(image, Presence.PRESENT if sizes else Presence.ABSENT, sizes, is_confirmed)

    def sighting(self, on: date) -> Sighting:
        return Sighting(
            date=on,
            presence=self.presence,
            image=None if self.presence is Presence.UNSEEN else self.image,
            deposits=tuple(deposit for deposit, _ in self.sizes),
            is_confirmed=self.is_confirmed,
        )


def _deposit(deposit: str, image: str, role: Role | None) -> Deposit:
    return Deposit(id=deposit, image=image, role=role, regions=(Outline(exterior=((0, 0), (0, 3), (2, 0))),))


def _image(site: str, visit: int, modality: Modality) -> ImageRef:
    return ImageRef(
        id=f"{site}-{visit}",
        modality=modality,
        site=site,
        paths=(Path(f"{site}-{visit}.jpg"),),
        reader="photo",
        location=f"{site}-{visit}.jpg",
        grid=Grid(shape=(7, 5)),
    )
