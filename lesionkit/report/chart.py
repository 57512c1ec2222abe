"""The timeline of a site as an SVG drawing: the size of each track and of all together, against the date.

A deposit that was looked for and not there is a hollow mark at zero; one that was not looked at leaves
a gap in its line and a question mark below the axis; one seen but without a comparable size, a dash.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from markupsafe import Markup, escape

from lesionkit.core.track import Presence
from lesionkit.report.marks import Mark
from lesionkit.report.svg import element, path, text, ticks
from lesionkit.report.words import number, short

_WIDTH, _HEIGHT = 860.0, 330.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 76.0, 150.0, 30.0, 66.0
_DODGE = 9.0
"""How far marks that would hide one another are moved aside."""
_LINE = 17.0
_LABEL_WIDTH = 84.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A value on a day.

    Parameters
    ----------
    date : date
        The day.
    value : float, optional
        None where it is not known.
    presence : Presence
        Whether the deposit was there.
    error : float, optional
        Half of the 95 % interval.
    """

    date: date
    value: float | None
    presence: Presence = Presence.PRESENT
    error: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The values of one track, or of all.

    Parameters
    ----------
    label : str
        What it is of.
    mark : Mark
        How it is drawn.
    dots : tuple of Dot
        In order of time.
    is_total : bool
        Whether it is the sum, on which the response is built.
    """

    label: str
    mark: Mark
    dots: tuple[Dot, ...]
    is_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A range of values that counts as stable."""

    low: float
    high: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axes:
    first: date
    days: int
    top: float

    def x(self, day: date) -> float:
        return round(_LEFT + 14 + (_WIDTH - _LEFT - _RIGHT - 28) * ((day - self.first).days / self.days), 1)

    def y(self, value: float) -> float:
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * value / self.top, 1)


def timeline(
    lines: Sequence[Line],
    *,
    unit: str,
    title: str,
    band: Band | None = None,
    starts: Iterable[tuple[date, str]] = (),
) -> Markup:
    """Return the chart as an ``<svg>`` element; empty where there is nothing to draw.

    Parameters
    ----------
    lines : sequence of Line
        What to draw; values all in `unit`.
    unit : str
        As printed.
    title : str
        What the chart shows, for those who cannot see it.
    band : Band, optional
        Range that counts as stable.
    starts : iterable of (date, str)
        Days on which a treatment began, with its name.
    """
    begun = list(starts)
    days = sorted({dot.date for line in lines for dot in line.dots})
    values = [dot.value + (dot.error or 0) for line in lines for dot in line.dots if dot.value is not None]
    if not days or not values:
        return Markup("")
    shown = sorted({*days, *(day for day, _ in begun)})
    highest = max(*values, band.high if band else 0.0, 0.0)
    axes = _Axes(first=shown[0], days=max((shown[-1] - shown[0]).days, 1), top=highest * 1.06 or 1.0)
    parts = [
        *_backdrop(axes, unit, band),
        *_dates(axes, days),
        *_treatments(axes, begun),
        *(part for index, line in enumerate(lines) for part in _line(axes, line, _aside(index, lines))),
        *_end_labels(axes, lines),
    ]
    box = f"0 0 {_WIDTH:g} {_HEIGHT:g}"
    return element("svg", Markup("\n").join(parts), class_="chart", viewBox=box, role="img", aria_label=title)


def _backdrop(axes: _Axes, unit: str, band: Band | None) -> Iterator[Markup]:
    left, right = _LEFT, _WIDTH - _RIGHT
    if band is not None:
        high, low = axes.y(band.high), axes.y(band.low)
        yield element("rect", class_="band", x=left, y=high, width=right - left, height=low - high)
        yield text(right - 6, high + 15, band.label, anchor="end", kind="band-label")
    for value in ticks(axes.top):
        y = axes.y(value)
        yield path(f"M{left:g},{y:g}H{right:g}", "grid" if value else "axis")
        yield text(left - 8, y + 5, number(value), anchor="end")
    yield text(left - 8, 16, unit, anchor="end", kind="unit")


def _dates(axes: _Axes, days: Sequence[date]) -> Iterator[Markup]:
    foot = _HEIGHT - _BOTTOM
    last_shown = axes.x(days[-1])
    free_from = 0.0
    for day in days:
        x = axes.x(day)
        yield path(f"M{x:g},{foot:g}v6", "axis")
        is_last = day == days[-1]
        # The last date is always told; one before it gives way where the two would touch.
        if is_last or (x >= free_from and x <= last_shown - _LABEL_WIDTH):
            yield text(x, _HEIGHT - 12, day.isoformat(), anchor="middle")
            free_from = x + _LABEL_WIDTH


def _treatments(axes: _Axes, begun: Sequence[tuple[date, str]]) -> Iterator[Markup]:
    for index, (day, drug) in enumerate(begun):
        x = axes.x(day)
        yield path(f"M{x:g},{_TOP - 14:g}V{_HEIGHT - _BOTTOM:g}", "treatment")
        yield text(x + 5, _TOP - 4 + index * 14, f"{drug} starts", kind="treatment-label")


def _aside(index: int, lines: Sequence[Line]) -> float:
    """Return how far a line's marks are moved where all would lie on one another."""
    return round(_DODGE * (index - (len(lines) - 1) / 2), 1)


def _line(axes: _Axes, line: Line, aside: float) -> Iterator[Markup]:
    kind = "total" if line.is_total else "track"
    for before, after in pairwise(line.dots):
        if before.value is not None and after.value is not None:
            start = f"M{axes.x(before.date):g},{axes.y(before.value):g}"
            yield path(f"{start}L{axes.x(after.date):g},{axes.y(after.value):g}", kind, line.mark.colour)
    for dot in line.dots:
        yield from _dot(axes, line, dot, aside)


def _dot(axes: _Axes, line: Line, dot: Dot, aside: float) -> Iterator[Markup]:
    x = axes.x(dot.date)
    if dot.value is None:
        if not line.is_total:
            is_unseen = dot.presence is Presence.UNSEEN
            told = (
                f"{line.label}, {dot.date.isoformat()}: {'not seen' if is_unseen else 'no comparable size'}"
            )
            yield element(
                "text",
                escape("?" if is_unseen else "–") + element("title", told),
                class_="unseen",
                text_anchor="middle",
                x=x + aside,
                y=_HEIGHT - _BOTTOM + 24,
                fill=line.mark.colour,
            )
        return
    y = axes.y(dot.value)
    if dot.error:
        top, foot = axes.y(dot.value + dot.error), axes.y(max(0.0, dot.value - dot.error))
        yield path(f"M{x:g},{top:g}V{foot:g}", "error", line.mark.colour)
    is_absent = dot.presence is Presence.ABSENT
    told = f"{line.label}, {dot.date.isoformat()}: {'absent' if is_absent else number(dot.value)}"
    yield element(
        "path",
        element("title", told),
        d=line.mark.path,
        # The total's mark is larger, so that it shows behind the one of its only track.
        transform=f"translate({x + (aside if is_absent else 0):g} {y:g})"
        + (" scale(1.45)" if line.is_total else ""),
        fill="#ffffff" if is_absent else line.mark.colour,
        stroke=line.mark.colour,
        stroke_width=2.0,
    )


def _end_labels(axes: _Axes, lines: Sequence[Line]) -> Iterator[Markup]:
    """Yield each line's name at its end, moved apart where they would overlap."""
    ends = []
    for line in lines:
        known = [dot for dot in line.dots if dot.value is not None]
        if known and known[-1].value is not None:
            ends.append((axes.y(known[-1].value), line))
    foot = float("inf")
    placed: list[tuple[float, Line]] = []
    for y, line in sorted(ends, key=lambda end: -end[0]):
        foot = min(y, foot - _LINE)
        placed.append((foot, line))
    x = _WIDTH - _RIGHT + 20
    for y, line in placed:
        place = f"translate({x:g} {y:g})"
        yield element("path", d=line.mark.path, transform=place, fill=line.mark.colour)
        yield text(x + 11, y + 5, short(line.label), kind="total-label" if line.is_total else "")
