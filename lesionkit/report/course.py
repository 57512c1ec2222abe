"""How big each track was at each timepoint: the one place tables, charts and pages take it from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add

from lesionkit.core.image import Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.outcome import Outcome
from lesionkit.core.response import BurdenMeasure, Criterion, Evaluation, Response
from lesionkit.core.track import Presence, Sighting, Track
from lesionkit.core.units import AREA, LENGTH, VOLUME, Quantity, Unit

Sizes = Mapping[tuple[str, str, str], Quantity]
"""A deposit's quantity by image, deposit and measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A track at one timepoint, with its size and the verdict on it.

    Parameters
    ----------
    sighting : Sighting
        What was seen.
    quantity : Quantity, optional
        Its size; zero where absent, None where unseen or not measured.
    response : Response, optional
        The verdict on this track; None at and before baseline.
    """

    sighting: Sighting
    quantity: Quantity | None
    response: Response | None

    @property
    def date(self) -> date:
        """Day of the timepoint."""
        return self.sighting.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A track with its sizes over time.

    Parameters
    ----------
    track : Track
        The track.
    measure : BurdenMeasure
        What was summed.
    points : tuple of Point
        One for every sighting, in order of time.
    """

    track: Track
    measure: BurdenMeasure
    points: tuple[Point, ...]


def courses(outcome: Outcome) -> tuple[Course, ...]:
    """Return the course of every track, in the order of the outcome's tracks.

    A size is the burden on which the track's response was built; at timepoints that have none (before
    baseline, or where there is no follow-up) it is the sum over the track's deposits.
    """
    sizes = sizes_of(outcome.measurements)
    verdicts: dict[tuple[str, Modality, str, str], list[Response]] = {}
    for response in outcome.track_responses:
        if response.track is not None and response.evaluation is Evaluation.FOLLOW_UP:
            key = (response.patient, response.modality.stream, response.site, response.track)
            verdicts.setdefault(key, []).append(response)
    rules = criteria_of(outcome)
    found = []
    for track in outcome.tracks:
        own = verdicts.get((track.patient, track.modality.stream, track.site, track.id), [])
        found.append(_course(outcome, track, sizes, own, rules.get(track.modality.stream)))
    return tuple(found)


def sizes_of(measurements: tuple[Measurement, ...]) -> Sizes:
    """Return every measurement's quantity by image, deposit and measure."""
    return {(m.image, m.deposit, m.measure): m.quantity for m in measurements}


def criteria_of(outcome: Outcome) -> dict[Modality, Criterion]:
    """Return the rule each stream is judged by, by the stream's modality; empty where no rule was used."""
    used = {response.modality.stream: response.criterion for response in outcome.responses}
    by_name = {criterion.name: criterion for criterion in outcome.criteria}
    if not by_name:
        return {}
    names = {stream: used.get(stream, outcome.settings.criterion_name(stream)) for stream in Modality}
    return {stream: by_name.get(name, outcome.criteria[0]) for stream, name in names.items()}


def _course(
    outcome: Outcome, track: Track, sizes: Sizes, verdicts: list[Response], rule: Criterion | None
) -> Course:
    measure = verdicts[0].measure if verdicts else _measure_of(rule, track.modality)
    by_date = {response.date: response for response in verdicts}
    # From when it was taken out the track is left out of both sums: that says nothing of its size before.
    told = [response for response in verdicts if not track.is_removed(response.date)]
    known = {r.date: r.current for r in told}
    known |= {r.baseline_date: r.baseline for r in told if r.baseline_date is not None}
    points = []
    for sighting in track.sightings:
        quantity = known.get(sighting.date) or _size(outcome, sighting, measure, sizes)
        if sighting.presence is Presence.UNSEEN:
            quantity = None
        points.append(Point(sighting=sighting, quantity=quantity, response=by_date.get(sighting.date)))
    return Course(track=track, measure=measure, points=tuple(points))


def _measure_of(rule: Criterion | None, modality: Modality) -> BurdenMeasure:
    if rule is not None and rule.measure is not BurdenMeasure.SIZE:
        return rule.measure
    return BurdenMeasure.VOLUME if modality.is_volume else BurdenMeasure.AREA


def _size(outcome: Outcome, sighting: Sighting, measure: BurdenMeasure, sizes: Sizes) -> Quantity | None:
    image = sighting.image
    if image is None:
        return None
    if sighting.presence is Presence.ABSENT:
        grid = outcome.grids.get(image)
        return None if grid is None else Quantity(value=0.0, unit=_unit(measure, grid.is_calibrated))
    parts = [_one_size(sizes, image, deposit, measure) for deposit in sighting.deposits]
    found = [part for part in parts if part is not None]
    # A part without a size makes the sum unknown, not smaller.
    return reduce(add, found) if found and len(found) == len(parts) else None


def _one_size(sizes: Sizes, image: str, deposit: str, measure: BurdenMeasure) -> Quantity | None:
    if measure is not BurdenMeasure.AXES_PRODUCT:
        return sizes.get((image, deposit, measure.value))
    long, short = sizes.get((image, deposit, "long_axis")), sizes.get((image, deposit, "short_axis"))
    if long is None or short is None:
        return None
    return Quantity(value=long.value * short.value, unit=AREA[long.unit.is_metric])


def _unit(measure: BurdenMeasure, is_calibrated: bool) -> Unit:  # noqa: FBT001 - index into the unit tables
    if measure is BurdenMeasure.LONG_AXIS:
        return LENGTH[is_calibrated]
    return (VOLUME if measure is BurdenMeasure.VOLUME else AREA)[is_calibrated]
