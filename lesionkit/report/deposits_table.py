"""The table of a site's deposits over time, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lesionkit.core.track import Event, Presence
from lesionkit.report import words
from lesionkit.report.course import Course, Point
from lesionkit.report.marks import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A track at one timepoint, in words."""

    size: str
    error: str
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


def track_row(course: Course, dates: Sequence[date], marks: Mapping[str, Mark]) -> TrackRow:
    """Return a track's row: a cell for each date, a dash where it has no sighting."""
    points = {point.date: point for point in course.points}
    cells = tuple(_cell(points.get(day)) for day in dates)
    return TrackRow(name=course.track.id, mark=marks[course.track.id], cells=cells)


def _cell(point: Point | None) -> Cell:
    if point is None:
        return Cell(size=words.DASH, error="", event="", change="", kind="", note="")
    seen = point.sighting
    event = words.EVENTS[seen.event] if seen.event else ""
    if seen.event is Event.SPLIT:
        event = f"split into {len(seen.deposits)}"
    note = "" if seen.is_confirmed else "match not confirmed"
    if seen.presence is not Presence.PRESENT:
        return Cell(size=words.PRESENCES[seen.presence], error="", event=event, change="", kind="", note=note)
    verdict = point.response
    change = words.percent(verdict.change_pct) if verdict and verdict.change_pct is not None else ""
    return Cell(
        size=words.quantity(point.quantity),
        error=words.interval(point.quantity),
        event=event,
        change=change,
        kind=verdict.category.value if verdict else "",
        note=note,
    )
