"""One site of one patient in one stream, as a page shows it: pictures, timeline, tables."""

from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from lesionkit.core.cohort import Patient
from lesionkit.core.image import Modality
from lesionkit.core.response import Evaluation, Response
from lesionkit.report import words
from lesionkit.report.capture import CaptureSheet, capture_sheet
from lesionkit.report.deposits_table import TrackRow, track_row
from lesionkit.report.explanation import explain_response
from lesionkit.report.marks import marks_of
from lesionkit.report.shown import Shown, likenesses_of, same_scale, show_all, views_of
from lesionkit.report.source import Source
from lesionkit.report.timelines import site_timeline
from lesionkit.report.verdicts import Verdict, verdict_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePage:
    """All a page shows of a site.

    Parameters
    ----------
    name : str
        The site.
    final : Verdict, optional
        The final response; None where there is nothing to compare yet.
    key : str
        Its place on the page, for names within it.
    pictures : tuple of Shown
        Every timepoint.
    before, after : Shown, optional
        The timepoints the final response compares (else the first and the last read).
    projections : tuple of Shown
        Of volumes: before and after looked through.
    same_scale : str
        Whether the pictures may be compared by eye.
    why : tuple of str
        The final response explained, one line each.
    chart : Markup
        The timeline; empty where nothing was measured.
    follow_ups : tuple of Verdict
        In order of time.
    dates : tuple of str
        Columns of the tracks' table.
    tracks : tuple of TrackRow
        Its rows.
    is_read : bool
        Whether anybody has said what is on any of its images.
    capture : CaptureSheet, optional
        How to take the next picture; None where there are no photographs.
    """

    name: str
    final: Verdict | None
    key: str
    pictures: tuple[Shown, ...]
    before: Shown | None
    after: Shown | None
    projections: tuple[Shown, ...]
    same_scale: str
    why: tuple[str, ...]
    chart: Markup
    follow_ups: tuple[Verdict, ...]
    dates: tuple[str, ...]
    tracks: tuple[TrackRow, ...]
    is_read: bool
    capture: CaptureSheet | None = None


def site_page(
    source: Source, patient: Patient, stream: Modality, site: str, *, key: str = "site"
) -> SitePage:
    """Return what a page shows of a patient's site in one stream."""
    own = source.courses.get((patient.id, stream, site), ())
    responses = source.responses.get((patient.id, stream, site), ())
    follow_ups = [r for r in responses if r.evaluation is Evaluation.FOLLOW_UP]
    final = next((r for r in responses if r.evaluation is Evaluation.FINAL), None)
    marks = marks_of(course.track.id for course in own)
    views = views_of(source, patient, stream, site, own)
    compared = _compared(sorted(views), final)
    title = f"{words.STREAMS[stream]}, {site}"
    gallery = show_all(source, views, own, marks, title=title, key=key, large=compared)
    dates = sorted(set(views) | {p.date for course in own for p in course.points})
    before, after = (*(gallery.pictures[day] for day in compared), None, None)[:2]
    return SitePage(
        name=site,
        final=None if final is None else verdict_of(final, source.texts),
        key=key,
        pictures=tuple(gallery.pictures.values()),
        before=before,
        after=after,
        projections=tuple(gallery.projections[day] for day in compared if day in gallery.projections),
        same_scale=same_scale(list(views.values())),
        why=_why(source, stream, final),
        chart=site_timeline(own, follow_ups, marks, source.criteria.get(stream), patient.treatments),
        follow_ups=tuple(verdict_of(response, source.texts) for response in follow_ups),
        dates=tuple(day.isoformat() for day in dates),
        tracks=tuple(track_row(course, dates, marks) for course in own),
        is_read=any(source.is_read(view.ref.id) for view in views.values()),
        capture=capture_sheet(source, site, [views[day] for day in sorted(views)], likenesses_of(source)),
    )


def _compared(days: list[date], final: Response | None) -> list[date]:
    """Return the days of the final response, where they have pictures; else the first and the last."""
    if len(days) < 2:
        return days
    before = final.baseline_date if final is not None else None
    after = final.date if final is not None else None
    first = before if before in days else days[0]
    last = after if after in days and after != first else days[-1]
    return [day for day in dict.fromkeys((first, last)) if day is not None]


def _why(source: Source, stream: Modality, final: Response | None) -> tuple[str, ...]:
    criterion = source.criteria.get(stream)
    return () if final is None or criterion is None else explain_response(final, criterion, source.texts)
