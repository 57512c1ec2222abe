"""The timeline of a site: which lines its chart draws, and what counts as stable."""

from collections.abc import Mapping, Sequence
from datetime import date

from markupsafe import Markup

from lesionkit.core.cohort import Treatment
from lesionkit.core.response import Criterion, Reference, Response
from lesionkit.core.track import Presence
from lesionkit.core.units import Quantity
from lesionkit.report import words
from lesionkit.report.chart import Band, Dot, Line, timeline
from lesionkit.report.course import Course, Point
from lesionkit.report.marks import TOTAL, Mark


def site_timeline(
    own: Sequence[Course],
    follow_ups: Sequence[Response],
    marks: Mapping[str, Mark],
    criterion: Criterion | None,
    treatments: Sequence[Treatment],
) -> Markup:
    """Return the chart of a site's tracks; empty where nothing was measured.

    Parameters
    ----------
    own : sequence of Course
        The site's tracks.
    follow_ups : sequence of Response
        Its responses in order of time.
    marks : Mapping of str to Mark
        How each track is drawn.
    criterion : Criterion, optional
        The rule they were judged by.
    treatments : sequence of Treatment
        The patient's.
    """
    found = [p.quantity for course in own for p in course.points if p.quantity is not None]
    if not found:
        return Markup("")
    unit = found[0].unit
    lines = [
        Line(
            label=course.track.id,
            mark=marks[course.track.id],
            dots=tuple(_dot(p.date, p.quantity, found[0], p.sighting.presence) for p in course.points),
        )
        for course in own
    ]
    if len(own) > 1:
        lines.insert(0, _total(own, follow_ups, found[0]))
    measure = words.MEASURES[own[0].measure]
    return timeline(
        lines,
        unit=words.unit(unit),
        title=f"{measure} of each deposit and of all over time, in {words.unit(unit)}",
        band=_band(criterion, follow_ups),
        starts=[(t.start, t.drug or "treatment") for t in treatments if t.start is not None],
    )


def _dot(day: date, quantity: Quantity | None, like: Quantity, presence: Presence) -> Dot:
    if quantity is None or quantity.unit is not like.unit:
        return Dot(date=day, value=None, presence=presence)
    error = None if quantity.standard_error is None else 1.96 * quantity.standard_error
    return Dot(date=day, value=quantity.value, presence=presence, error=error)


def _total(own: Sequence[Course], follow_ups: Sequence[Response], like: Quantity) -> Line:
    """Return the sum on which the response is built; a gap where one of its tracks was not seen.

    Tracks not seen on the day of baseline are not part of it: the response leaves them out.
    """
    known = {r.date: r.current for r in follow_ups}
    known |= {r.baseline_date: r.baseline for r in follow_ups if r.baseline_date is not None}
    start = next((r.baseline_date for r in follow_ups if r.baseline_date is not None), None)
    own = [course for course in own if not _is_unseen_on(course, start)]
    dots = []
    for day in sorted({point.date for course in own for point in course.points}):
        points = [point for course in own for point in course.points if point.date == day]
        quantity = known.get(day) or _sum(points)
        is_complete = not any(point.sighting.presence is Presence.UNSEEN for point in points)
        dots.append(_dot(day, quantity if is_complete else None, like, Presence.PRESENT))
    return Line(label="total", mark=TOTAL, dots=tuple(dots), is_total=True)


def _is_unseen_on(course: Course, day: date | None) -> bool:
    return any(p.date == day and p.sighting.presence is Presence.UNSEEN for p in course.points)


def _sum(points: Sequence[Point]) -> Quantity | None:
    found = [point.quantity for point in points if point.quantity is not None]
    if len(found) < len(points) or len({quantity.unit for quantity in found}) != 1:
        return None
    return Quantity(value=sum(quantity.value for quantity in found), unit=found[0].unit)


def _band(criterion: Criterion | None, follow_ups: Sequence[Response]) -> Band | None:
    """Return what counts as stable against the last response's baseline (and nadir, where the rule asks)."""
    last = follow_ups[-1] if follow_ups else None
    if criterion is None or last is None or last.baseline is None or not last.baseline.value:
        return None
    baseline = last.baseline.value
    if criterion.regression_pct is not None and criterion.progression_pct is not None:
        from_nadir = criterion.reference is Reference.NADIR and last.nadir is not None
        against = last.nadir.value if from_nadir and last.nadir is not None else baseline
        low = baseline * (1 + criterion.regression_pct / 100)
        high = against * (1 + criterion.progression_pct / 100)
        return Band(low=low, high=high, label="stable") if high > low else None
    error = last.baseline.standard_error
    if criterion.detectable_ses is None or error is None:
        return None
    reach = criterion.detectable_ses * error
    return Band(low=max(0.0, baseline - reach), high=baseline + reach, label="within error")
