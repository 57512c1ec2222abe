"""What is known of a site's other timepoints, and where the one being drawn stands among them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from lesionkit.classification import classify, find_criterion
from lesionkit.core.cohort import Patient
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Deposit
from lesionkit.core.response import Evaluation, Response
from lesionkit.core.settings import Settings
from lesionkit.core.track import Reading, Track
from lesionkit.core.transform import Transform
from lesionkit.pipeline.measuring import Measured, Sizes
from lesionkit.pipeline.readings import reading_of
from lesionkit.pipeline.seeing import Seen, measure_drawn
from lesionkit.track import link_deposits
from napari_lesionkit._case import Case
from napari_lesionkit._drawn import Drawn

SIZES = ("area", "volume", "long_axis")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timepoint:
    """One image of a site with what was drawn on it, measured.

    Parameters
    ----------
    case : Case
        The image.
    reading : Reading or None
        What responses are built on; None where nobody has read it.
    measurements : tuple of Measurement
        Of its deposits, suggested ones too.
    """

    case: Case
    reading: Reading | None
    measurements: tuple[Measurement, ...] = ()


class Meter:
    """What measures one image again and again: only deposits that changed are measured anew.

    Parameters
    ----------
    settings : Settings
        How.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen: Seen | None = None
        self._known: dict[str, tuple[Deposit, tuple[Measurement, ...]]] = {}

    def measure(self, drawn: Drawn, seen: Seen) -> tuple[Measurement, ...]:
        """Return sizes of what is drawn, with errors: those that `lesionkit.run` gives."""
        if seen is not self._seen:
            self._seen, self._known = seen, {}
        known = {}
        for deposit in drawn.present:
            before = self._known.get(deposit.id)
            if before is None or before[0].regions is not deposit.regions:
                before = (deposit, self._measured(deposit, seen))
            known[deposit.id] = (deposit, before[1])
        self._known = known
        return tuple(m for _, found in known.values() for m in found)

    def _measured(self, deposit: Deposit, seen: Seen) -> tuple[Measurement, ...]:
        found = measure_drawn([deposit], seen, errors=self._settings.errors, calcium=self._settings.calcium)
        return tuple(one for one in found if one.measure in SIZES)


def timepoint(case: Case, drawn: Drawn, seen: Seen, measurements: tuple[Measurement, ...]) -> Timepoint:
    """Return an image with what is drawn on it; without a reading where that says nothing."""
    drawing = None
    if not drawn.is_silent:
        drawing = drawn.as_drawing(case.ref.id, reader=case.reader)
    if drawing is not None and drawing.tells_nothing:
        drawing = None
    sizes = Sizes(grid=seen.image.grid, intensity_unit=seen.image.intensity_unit, measurements=measurements)
    reading, _ = reading_of(case.day, Measured(ref=case.ref, drawing=drawing, sizes=sizes))
    return Timepoint(case=case, reading=reading, measurements=measurements)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Others:
    """The other timepoints of a site, read and laid on one another.

    Parameters
    ----------
    timepoints : tuple of Timepoint
        In order of time, without the case that is being drawn.
    transforms : Mapping of str to Transform
        By image id, that being drawn among them: onto the first image read.
    """

    timepoints: tuple[Timepoint, ...] = ()
    transforms: Mapping[str, Transform] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Followed:
    """What has become of a site so far.

    Parameters
    ----------
    tracks : tuple of Track
        Deposits through time.
    responses : tuple of Response
        On each track, and on the site.
    measurements : tuple of Measurement
        Of every timepoint.
    """

    tracks: tuple[Track, ...] = ()
    responses: tuple[Response, ...] = ()
    measurements: tuple[Measurement, ...] = ()

    def response(self, day: date, *, track: str | None = None) -> Response | None:
        """Return the verdict at a timepoint on the site, or on a track; None at baseline."""
        site = (r for r in self.responses if (r.track, r.date) == (track, day))
        return next((r for r in site if r.evaluation is Evaluation.FOLLOW_UP), None)


def follow(
    now: Timepoint,
    others: Others,
    *,
    patient: Patient,
    settings: Settings,
    tracks: tuple[Track, ...] | None = None,
) -> Followed:
    """Return what has become of a site, as `lesionkit.run` would tell it.

    Parameters
    ----------
    now : Timepoint
        What is being drawn.
    others : Others
        The site's other timepoints.
    patient : Patient
        Whose site it is.
    settings : Settings
        Criterion and baseline.
    tracks : tuple of Track, optional
        Who is who, where that is known already; then only the site is judged, not single tracks.
    """
    case = now.case
    stream, site = case.ref.modality.stream, case.ref.site
    timepoints = sorted((*others.timepoints, now), key=lambda one: (one.case.day, one.case.ref.location))
    readings = _one_a_day(timepoints)
    measurements = tuple(m for one in timepoints for m in one.measurements)
    if not readings:
        return Followed(measurements=measurements)
    is_known = tracks is not None
    if tracks is None:
        tracks = _link(readings, others.transforms, patient=patient, case=case)
    criterion = find_criterion(settings.criterion_name(stream), custom=settings.custom_criteria)
    responses = classify(
        tracks,
        {site: readings},
        measurements,
        patient=patient,
        modality=stream,
        criterion=criterion,
        baseline=settings.baseline,
        single_tracks=not is_known,
    )
    return Followed(
        tracks=tracks,
        responses=tuple(r for r in responses if r.site == site),
        measurements=measurements,
    )


def _link(
    readings: Sequence[Reading], transforms: Mapping[str, Transform], *, patient: Patient, case: Case
) -> tuple[Track, ...]:
    if not any(reading.deposits for reading in readings):
        return ()
    stream = case.ref.modality.stream
    days = tuple(
        visit.date
        for visit in patient.timepoints
        if any(image.modality.stream is stream for image in visit.images)
    )
    return link_deposits(
        readings, transforms, patient=patient.id, modality=stream, site=case.ref.site, dates=days
    )


def _one_a_day(timepoints: Iterable[Timepoint]) -> list[Reading]:
    found: dict[date, Reading] = {}
    for one in timepoints:
        if one.reading is not None:
            found.setdefault(one.reading.date, one.reading)
    return list(found.values())


def renewed(timepoint: Timepoint, drawn: Drawn) -> Timepoint:
    """Return a timepoint with what is drawn on it now, where only words have changed; else as it was."""
    reading = timepoint.reading
    if reading is None:
        return timepoint
    now = {deposit.id: deposit for deposit in drawn.present}
    if any(one.id not in now or now[one.id].regions is not one.regions for one in reading.deposits):
        return timepoint
    deposits = tuple(now[one.id] for one in reading.deposits)
    if all(new is old for new, old in zip(deposits, reading.deposits, strict=True)):
        return timepoint
    return replace(timepoint, reading=replace(reading, deposits=deposits))
