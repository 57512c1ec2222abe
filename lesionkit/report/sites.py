"""One site of one patient in one stream, as a page shows it: pictures, timeline, tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from lesionkit.core.cohort import Patient
from lesionkit.core.grid import Grid
from lesionkit.core.image import Modality
from lesionkit.core.likeness import Comparability
from lesionkit.core.measurement import Measurement
from lesionkit.core.response import Evaluation
from lesionkit.core.track import Event, Presence
from lesionkit.report import words
from lesionkit.report.capture import CaptureSheet, capture_sheet, likeness_in_words
from lesionkit.report.course import Course, Point
from lesionkit.report.framing import frame_views
from lesionkit.report.marks import Mark, marks_of
from lesionkit.report.pictures import Picture, take_picture
from lesionkit.report.placing import View
from lesionkit.report.source import Source
from lesionkit.report.timelines import site_timeline
from lesionkit.report.verdicts import Verdict, verdict_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A timepoint of a site: its picture, or why there is none."""

    date: str
    picture: Picture | None
    alt: str
    location: str = ""
    scale: str = ""
    spacing: str = ""
    elsewhere: str = ""
    """Deposits that lie on other planes than the one shown."""
    likeness: str = ""
    """How alike it was taken to the first picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A track at one timepoint, in words."""

    size: str
    event: str
    change: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRow:
    """A track over time, in words."""

    name: str
    mark: Mark
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePage:
    """All a page shows of a site.

    Parameters
    ----------
    name : str
        The site.
    final : Verdict, optional
        The final response; None where there is nothing to compare yet.
    before, after : Shown, optional
        The timepoints the final response compares (else the first and the last read).
    strip : tuple of Shown
        Every timepoint, where there are more than two.
    same_scale : str
        Whether the pictures may be compared by eye.
    chart : Markup
        The timeline; empty where nothing was measured.
    follow_ups : tuple of Verdict
        In order of time.
    dates : tuple of str
        Columns of the tracks' table.
    tracks : tuple of TrackRow
        Its rows.
    scales : tuple of Shown
        Where each image's scale comes from.
    is_read : bool
        Whether anybody has said what is on any of its images.
    capture : CaptureSheet, optional
        How to take the next picture; None where there are no photographs.
    """

    name: str
    final: Verdict | None
    before: Shown | None
    after: Shown | None
    strip: tuple[Shown, ...]
    same_scale: str
    chart: Markup
    follow_ups: tuple[Verdict, ...]
    dates: tuple[str, ...]
    tracks: tuple[TrackRow, ...]
    scales: tuple[Shown, ...]
    is_read: bool
    capture: CaptureSheet | None = None


def site_page(source: Source, patient: Patient, stream: Modality, site: str) -> SitePage:
    """Return what a page shows of a patient's site in one stream."""
    own = source.courses.get((patient.id, stream, site), ())
    responses = source.responses.get((patient.id, stream, site), ())
    follow_ups = [r for r in responses if r.evaluation is Evaluation.FOLLOW_UP]
    final = next((r for r in responses if r.evaluation is Evaluation.FINAL), None)
    marks = marks_of(course.track.id for course in own)
    views = _views(source, patient, stream, site, own)
    shown = _all_shown(source, stream, site, views, own, marks)
    dates = sorted(set(shown) | {p.date for course in own for p in course.points})
    pages = [shown[day] for day in sorted(shown)]
    return SitePage(
        name=site,
        final=None if final is None else verdict_of(final, source.texts),
        before=_chosen(shown, final.baseline_date if final else None, 0),
        after=_chosen(shown, final.date if final else None, -1) if len(pages) > 1 else None,
        strip=tuple(pages) if len(pages) > 2 else (),
        same_scale=_same_scale(list(views.values())),
        chart=site_timeline(own, follow_ups, marks, source.criteria.get(stream), patient.treatments),
        follow_ups=tuple(verdict_of(response, source.texts) for response in follow_ups),
        dates=tuple(day.isoformat() for day in dates),
        tracks=tuple(_track_row(course, dates, marks) for course in own),
        scales=tuple(pages),
        is_read=any(source.is_read(view.ref.id) for view in views.values()),
        capture=capture_sheet(source, site, [views[day] for day in sorted(views)], _likenesses(source)),
    )


def _likenesses(source: Source) -> dict[str, Comparability]:
    return {found.image: found for found in source.outcome.likenesses}


def _views(
    source: Source, patient: Patient, stream: Modality, site: str, own: Sequence[Course]
) -> dict[date, View]:
    """Return the image read at each timepoint: the one its tracks were looked for on, else the first."""
    chosen = {p.date: p.sighting.image for course in own for p in course.points if p.sighting.image}
    views = {}
    for timepoint in patient.timepoints:
        read = [
            ref
            for ref in timepoint.images
            if ref.modality.stream is stream and ref.site == site and ref.id in source.outcome.grids
        ]
        if read:
            ref = next((r for r in read if r.id == chosen.get(timepoint.date)), read[0])
            views[timepoint.date] = View(
                ref=ref,
                grid=source.outcome.grids[ref.id],
                deposits=source.deposits.get(ref.id, ()),
                onto_first=source.outcome.transforms.get(ref.id),
            )
    return views


def _all_shown(
    source: Source,
    stream: Modality,
    site: str,
    views: Mapping[date, View],
    own: Sequence[Course],
    marks: Mapping[str, Mark],
) -> dict[date, Shown]:
    frames = frame_views(list(views.values()))
    likenesses = _likenesses(source)
    shown = {}
    for day, view in views.items():
        tracks = {
            deposit: course.track.id
            for course in own
            for point in course.points
            if point.date == day and point.sighting.image == view.ref.id
            for deposit in point.sighting.deposits
        }
        picture = take_picture(
            view,
            frames[view.ref.id],
            load=source.load,
            tracks=tracks,
            marks=marks,
            titles=_titles(source.measurements.get(view.ref.id, ())),
        )
        names = ", ".join(one.label for one in picture.drawn if one.path) or "no deposit"
        shown[day] = Shown(
            date=day.isoformat(),
            picture=picture,
            alt=f"{words.STREAMS[stream]}, {site}, {day.isoformat()}; outlined: {names}",
            location=view.ref.location,
            scale=_scale(view.grid),
            spacing=_spacing(view.grid),
            likeness=likeness_in_words(likenesses.get(view.ref.id)),
            elsewhere=", ".join(dict.fromkeys(one.label for one in picture.drawn if not one.path)),
        )
    return shown


def _titles(measurements: Sequence[Measurement]) -> dict[str, str]:
    of_deposit: dict[str, list[Measurement]] = {}
    for measurement in measurements:
        of_deposit.setdefault(measurement.deposit, []).append(measurement)
    return {deposit: words.sizes(found) for deposit, found in of_deposit.items()}


def _scale(grid: Grid) -> str:
    error = f", ± {100 * grid.scale_rel_se:.2g} %" if grid.scale_rel_se is not None else ""
    return words.SCALES[grid.scale_source] + error


def _spacing(grid: Grid) -> str:
    if grid.spacing_mm is None:
        return words.DASH
    return " × ".join(f"{value:.4g}" for value in grid.spacing_mm) + " mm"


def _chosen(shown: Mapping[date, Shown], day: date | None, otherwise: int) -> Shown | None:
    if day is not None and day in shown:
        return shown[day]
    days = sorted(shown)
    return shown[days[otherwise]] if days else None


def _same_scale(views: Sequence[View]) -> str:
    scaled = sum(view.grid.is_calibrated for view in views)
    if not views:
        return ""
    if scaled == len(views):
        return "All pictures show a window of the same size in millimetres, so they can be compared by eye."
    if scaled == 0:
        return (
            "These pictures have no scale: they show the same number of pixels, "
            "which need not be the same size."
        )
    return "Not all of these pictures have a scale, so they cannot be compared by eye."


def _track_row(course: Course, dates: Sequence[date], marks: Mapping[str, Mark]) -> TrackRow:
    points = {point.date: point for point in course.points}
    cells = tuple(_cell(points.get(day)) for day in dates)
    return TrackRow(name=course.track.id, mark=marks[course.track.id], cells=cells)


def _cell(point: Point | None) -> Cell:
    if point is None:
        return Cell(size=words.DASH, event="", change="", kind="", note="")
    seen = point.sighting
    event = words.EVENTS[seen.event] if seen.event else ""
    if seen.event is Event.SPLIT:
        event = f"split into {len(seen.deposits)}"
    note = "" if seen.is_confirmed else "match not confirmed"
    if seen.presence is not Presence.PRESENT:
        return Cell(size=words.PRESENCES[seen.presence], event=event, change="", kind="", note=note)
    verdict = point.response
    change = words.percent(verdict.change_pct) if verdict and verdict.change_pct is not None else ""
    return Cell(
        size=words.quantity(point.quantity),
        event=event,
        change=change,
        kind=verdict.category.value if verdict else "",
        note=note,
    )
