"""What drawings over time share: where a day and a size lie, the dates below, and the treatments above."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from lesionkit.report.svg import element, path, text
from lesionkit.report.words import short

WIDTH = 860.0
LEFT, RIGHT = 76.0, 150.0
LANE = 22.0
"""Height of a treatment's lane."""
MOST_LANES = 6
_INSET = 14.0
_DATE_WIDTH = 84.0
_LETTER = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A treatment, from a day on.

    Parameters
    ----------
    label : str
        Its name, with dose and cycles.
    start : date
        Its first day.
    end : date, optional
        Its last day; None where not known, which is not the same as still going on.
    """

    label: str
    start: date
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Where a day lies from left to right.

    Parameters
    ----------
    first, last : date
        Those at the ends.
    """

    first: date
    last: date

    @classmethod
    def over(cls, days: Sequence[date], spans: Sequence[Span]) -> "Days":
        """Return days that hold all given ones, and starts of treatments that are not far from them."""
        first, last = min(days), max(days)
        reach = max((last - first) // 3, timedelta(days=180))
        near = [span.start for span in spans if first - reach <= span.start <= last]
        return cls(first=min([first, *near]), last=last)

    def x(self, day: date) -> float:
        """Return the place of a day; of one outside, the end it lies beyond."""
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(LEFT + _INSET + (WIDTH - LEFT - RIGHT - 2 * _INSET) * min(max(share, 0.0), 1.0), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Where a size lies from the foot of a panel (zero) to its head.

    Parameters
    ----------
    highest : float
        At the head.
    head, foot : float
        Places of both.
    """

    highest: float
    head: float
    foot: float

    def y(self, value: float) -> float:
        """Return the place of a size."""
        return round(self.foot - (self.foot - self.head) * value / self.highest, 1)


def draw_dates(axis: Days, days: Sequence[date], *, foot: float, at: float) -> Iterator[Markup]:
    """Yield a tick for every day at the foot, and as many dates as there is room for."""
    last_shown = axis.x(days[-1])
    free_from = 0.0
    for day in days:
        x = axis.x(day)
        yield path(f"M{x:g},{foot:g}v6", "axis")
        is_last = day == days[-1]
        # The last date is always told; one before it gives way where the two would touch.
        if is_last or (x >= free_from and x <= last_shown - _DATE_WIDTH):
            yield text(x, at, day.isoformat(), anchor="middle")
            free_from = x + _DATE_WIDTH


def lanes_height(spans: Sequence[Span]) -> float:
    """Return the height that the lanes of treatments take."""
    return LANE * min(len(spans), MOST_LANES) + (LANE if len(spans) > MOST_LANES else 0.0)


def draw_lanes(axis: Days, spans: Sequence[Span], *, head: float, foot: float) -> Iterator[Markup]:
    """Yield a lane for each treatment, and a line where it starts through all that lies below."""
    for index, span in enumerate(spans[:MOST_LANES]):
        yield from _lane(axis, span, head + index * LANE, foot)
    if len(spans) > MOST_LANES:
        more = f"and {len(spans) - MOST_LANES} more treatments"
        yield text(LEFT + _INSET, head + MOST_LANES * LANE + 15, more, kind="treatment-label")


def _lane(axis: Days, span: Span, top: float, foot: float) -> Iterator[Markup]:
    edge = WIDTH - RIGHT
    is_before, is_after = span.start < axis.first, span.start > axis.last
    start = LEFT if is_before else edge if is_after else axis.x(span.start)
    is_open = span.end is None or span.end > axis.last
    end = (
        edge
        if is_open
        else max(start + 3, LEFT if span.end and span.end < axis.first else axis.x(span.end or axis.last))
    )
    kind = "treatment-lane" + (" unknown" if span.end is None else "")
    yield path(f"M{end:g},{top + 2:g}H{start:g}v{LANE - 5:g}H{end:g}" + ("" if is_open else "Z"), kind)
    if not is_before and not is_after:
        yield path(f"M{start:g},{top + LANE - 3:g}V{foot:g}", "treatment")
    since = f"since {span.start}" if is_before else f"from {span.start}"
    until = f" to {span.end}" if span.end else ", end not known"
    told = f"{short(span.label, 44)}, {since}{until}"
    is_tight = start + 6 + len(told) * _LETTER > WIDTH
    x, anchor = (edge - 6, "end") if is_tight else (start + 6, "start")
    yield element(
        "text",
        told,
        x=x,
        y=top + LANE - 8,
        text_anchor=anchor,
        class_="treatment-label",
    )
