"""The timeline of a site: which lines its chart draws, and what counts as stable."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from markupsafe import Markup

from lesionkit.core.cohort import Treatment
from lesionkit.core.response import Criterion, Reference, Response
from lesionkit.core.track import Presence
from lesionkit.core.units import Quantity
from lesionkit.report import words
from lesionkit.report.axes import Span
from lesionkit.report.chart import timeline
from lesionkit.report.course import Course, Point
from lesionkit.report.marks import TOTAL, Mark
from lesionkit.report.panels import Band, Dot, Line, Panel


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
            dots=tuple(_track_dot(point, found[0]) for point in course.points),
        )
        for course in own
    ]
    if len(own) > 1:
        lines.insert(0, _total(own, follow_ups, found[0]))
    if lines:
        lines[0] = _noted(lines[0], follow_ups)
    measure = words.MEASURES[own[0].measure]
    panel = Panel(lines=tuple(lines), unit=words.unit(unit), band=_band(criterion, follow_ups))
    return timeline(
        [panel],
        title=f"{measure} of each deposit and of all over time, in {words.unit(unit)}",
        spans=spans_of(treatments),
    )


def spans_of(treatments: Sequence[Treatment]) -> tuple[Span, ...]:
    """Return the treatments whose start is known, in order of it."""
    return tuple(
        Span(
            label=" ".join(part for part in (t.drug or "treatment", t.dose, _cycles(t)) if part),
            start=t.start,
            end=t.end,
        )
        for t in sorted(treatments, key=lambda t: (t.start or date.min, t.drug))
        if t.start is not None
    )


def _cycles(treatment: Treatment) -> str:
    return f"× {treatment.cycles}" if treatment.cycles else ""


def dot_of(
    day: date, quantity: Quantity | None, like: Quantity, presence: Presence, *, told: str = ""
) -> Dot:
    """Return a size as a dot; without a value where it is not known, or in another unit than the others."""
    if quantity is None or quantity.unit is not like.unit:
        return Dot(date=day, value=None, presence=presence)
    error = None if quantity.standard_error is None else 1.96 * quantity.standard_error
    said = f"{day}, {told or words.with_error(quantity)}"
    return Dot(date=day, value=quantity.value, presence=presence, error=error, told=said)


def _track_dot(point: Point, like: Quantity) -> Dot:
    seen = point.sighting
    told = "absent" if seen.presence is Presence.ABSENT else ""
    if not told and point.quantity is not None:
        verdict = point.response
        told = words.with_error(point.quantity)
        if verdict is not None and verdict.change_pct is not None:
            told += f", {words.percent(verdict.change_pct)} from baseline"
    if seen.event is not None:
        told += f", {words.EVENTS[seen.event]}"
    return dot_of(point.date, point.quantity, like, seen.presence, told=told)


def _total(own: Sequence[Course], follow_ups: Sequence[Response], like: Quantity) -> Line:
    """Return the sum on which the response is built; a gap where one of its tracks was not seen.

    Tracks not seen on the day of baseline are not part of it: the response leaves them out.
    """
    by_day = {r.date: r for r in follow_ups}
    known = {r.date: r.current for r in follow_ups}
    known |= {r.baseline_date: r.baseline for r in follow_ups if r.baseline_date is not None}
    start = next((r.baseline_date for r in follow_ups if r.baseline_date is not None), None)
    own = [course for course in own if not _is_unseen_on(course, start)]
    dots = []
    for day in sorted({point.date for course in own for point in course.points}):
        points = [point for course in own for point in course.points if point.date == day]
        quantity = known.get(day) or _sum(points)
        is_complete = not any(point.sighting.presence is Presence.UNSEEN for point in points)
        told = "" if quantity is None else words.with_error(quantity)
        if day in by_day and by_day[day].change_pct is not None:
            told += f", {words.percent(by_day[day].change_pct)} from baseline"
        if day in by_day:
            told += f", {words.CATEGORIES[by_day[day].category].lower()}"
        dots.append(dot_of(day, quantity if is_complete else None, like, Presence.PRESENT, told=told))
    return Line(label="total", mark=TOTAL, dots=tuple(dots), is_total=True)


def _noted(line: Line, follow_ups: Sequence[Response]) -> Line:
    """Return the line on which the response is built, with the days that it is judged against."""
    start = next((r.baseline_date for r in follow_ups if r.baseline_date is not None), None)
    known = [dot for dot in line.dots if dot.value is not None and start is not None and dot.date >= start]
    if start is None or len(known) < 2:
        return line
    # The first of the smallest: the nadir that a later size is held against.
    smallest = min(known, key=lambda dot: (dot.value or 0.0, dot.date)).date
    notes = {start: "baseline"}
    notes[smallest] = "baseline = smallest" if smallest == start else "smallest"
    dots = tuple(
        replace(dot, note=notes.get(dot.date, "") if dot.value is not None else "") for dot in line.dots
    )
    return replace(line, dots=dots)


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
    baseline, unit = last.baseline.value, words.unit(last.baseline.unit)
    if criterion.regression_pct is not None and criterion.progression_pct is not None:
        from_nadir = criterion.reference is Reference.NADIR and last.nadir is not None
        against = last.nadir.value if from_nadir and last.nadir is not None else baseline
        low = baseline * (1 + criterion.regression_pct / 100)
        # A rise counts once it passes the percentage and the least absolute increase.
        high = max(against * (1 + criterion.progression_pct / 100), against + criterion.floor)
        below = f"regression below {words.number(low)} {unit}"
        above = f"progression above {words.number(high)} {unit}"
        label = "stable"
    else:
        error = last.baseline.standard_error
        if criterion.detectable_ses is None or error is None:
            return None
        reach = criterion.detectable_ses * error
        low, high, label, below, above = max(0.0, baseline - reach), baseline + reach, "within error", "", ""
    return Band(low=low, high=high, label=label, low_label=below, high_label=above) if high > low else None
