"""Sizes and scores over time as an SVG drawing: panels over one another that share their days.

A deposit that was looked for and not there is a hollow mark at zero; one that was not looked at leaves
a gap in its line and a question mark below the axis; one seen but without a comparable size, a dash.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from markupsafe import Markup, escape

from lesionkit.core.track import Presence
from lesionkit.report.axes import (
    LEFT,
    RIGHT,
    WIDTH,
    Days,
    Sizes,
    Span,
    draw_dates,
    draw_lanes,
    lanes_height,
)
from lesionkit.report.panels import Band, Dot, Event, Line, Panel
from lesionkit.report.svg import element, path, text, ticks
from lesionkit.report.words import number, short

_HEAD, _FOOT = 30.0, 40.0
_BELOW = 26.0
"""Room below a panel's axis for what was not seen."""
_DODGE = 9.0
_SPREAD = 54.0
"""How far marks that would hide one another are moved aside: each, and all of them."""
_LINE = 17.0


def timeline(
    panels: Sequence[Panel],
    *,
    title: str,
    spans: Sequence[Span] = (),
    events: Sequence[Event] = (),
    lane: str = "",
) -> Markup:
    """Return a chart as an ``<svg>`` element; empty where there is nothing to draw.

    Parameters
    ----------
    panels : sequence of Panel
        From above; those without a value are left out.
    title : str
        What the chart shows, for those who cannot see it.
    spans : sequence of Span
        Treatments.
    events : sequence of Event
        What is told of days, below the panels.
    lane : str
        What these are.
    """
    drawn = [panel for panel in panels if not panel.is_empty]
    days = sorted({day for panel in drawn for day in panel.days} | {event.date for event in events})
    if not days:
        return Markup("")
    axis = Days.over(days, spans)
    parts: list[Markup] = []
    foot = 8.0 + lanes_height(spans)
    lanes_head = 6.0
    for panel in drawn:
        head = foot + _HEAD
        foot = head + panel.height
        parts += _panel(axis, panel, head=head, foot=foot)
        foot += _BELOW if panel.has_gaps else 8.0
    if events:
        parts += _events(axis, events, lane, at=foot + 26)
        foot += 34.0
    parts += draw_dates(axis, days, foot=foot - 6, at=foot + 20)
    parts = [*draw_lanes(axis, spans, head=lanes_head, foot=foot - 6), *parts]
    return element(
        "svg",
        Markup("\n").join(parts),
        class_="chart",
        viewBox=f"0 0 {WIDTH:g} {foot + _FOOT - 10:g}",
        role="img",
        aria_label=title,
        data_days=" ".join(f"{day.isoformat()}={axis.x(day):g}" for day in days),
    )


def _panel(axis: Days, panel: Panel, *, head: float, foot: float) -> Iterator[Markup]:
    known = [
        (dot.value, dot.error or 0.0) for line in panel.lines for dot in line.dots if dot.value is not None
    ]
    highest = max(*(value + error for value, error in known), panel.band.high if panel.band else 0.0, 0.0)
    sizes = Sizes(highest=highest * 1.06 or 1.0, head=head, foot=foot)
    yield from _backdrop(sizes, panel)
    for index, line in enumerate(panel.lines):
        yield from _line(axis, sizes, line, index=index, aside=_aside(index, panel.lines))
    yield from _end_labels(sizes, panel.lines)


def _backdrop(sizes: Sizes, panel: Panel) -> Iterator[Markup]:
    left, right = LEFT, WIDTH - RIGHT
    if panel.band is not None:
        yield from _band(sizes, panel.band)
    for value in ticks(sizes.highest):
        y = sizes.y(value)
        yield path(f"M{left:g},{y:g}H{right:g}", "grid" if value else "axis")
        yield text(left - 8, y + 5, number(value), anchor="end")
    if panel.name:
        yield text(left, sizes.head - 9, f"{panel.name} ({panel.unit})", kind="unit")
    else:
        yield text(left - 8, sizes.head - 14, panel.unit, anchor="end", kind="unit")


def _band(sizes: Sizes, band: Band) -> Iterator[Markup]:
    left, right = LEFT, WIDTH - RIGHT
    high, low = sizes.y(band.high), sizes.y(band.low)
    yield element("rect", class_="band", x=left, y=high, width=right - left, height=round(low - high, 1))
    yield path(f"M{left:g},{high:g}H{right:g}M{left:g},{low:g}H{right:g}", "threshold")
    if low - high >= 16:
        yield text(right - 28, high + 15, band.label, anchor="end", kind="band-label")
    if band.high_label:
        yield text(right - 28, high - 4, band.high_label, anchor="end", kind="band-label")
    if band.low_label and low + 15 < sizes.foot:
        yield text(right - 28, low + 14, band.low_label, anchor="end", kind="band-label")


def _aside(index: int, lines: Sequence[Line]) -> float:
    """Return how far a line's marks are moved where all would lie on one another."""
    step = min(_DODGE, _SPREAD / max(len(lines) - 1, 1))
    return round(step * (index - (len(lines) - 1) / 2), 1)


def _line(axis: Days, sizes: Sizes, line: Line, *, index: int, aside: float) -> Iterator[Markup]:
    kind = "total" if line.is_total else "track"
    parts: list[Markup] = []
    for before, after in pairwise(line.dots):
        if before.value is not None and after.value is not None:
            start = f"M{axis.x(before.date):g},{sizes.y(before.value):g}"
            parts.append(
                path(f"{start}L{axis.x(after.date):g},{sizes.y(after.value):g}", kind, line.mark.colour)
            )
    for dot in line.dots:
        parts += _dot(axis, sizes, line, dot, aside)
    yield element("g", Markup("\n").join(parts), data_line=str(index), data_name=line.label)


def _dot(axis: Days, sizes: Sizes, line: Line, dot: Dot, aside: float) -> Iterator[Markup]:
    x = axis.x(dot.date)
    told = _told(line, dot)
    if dot.value is None:
        if not line.is_total:
            yield element(
                "text",
                escape("?" if dot.presence is Presence.UNSEEN else "–") + element("title", told),
                class_="unseen",
                text_anchor="middle",
                x=x + aside,
                y=sizes.foot + 21,
                fill=line.mark.colour,
                data_day=dot.date.isoformat(),
                data_told=told,
            )
        return
    y = sizes.y(dot.value)
    if dot.error:
        top, foot = sizes.y(dot.value + dot.error), sizes.y(max(0.0, dot.value - dot.error))
        yield path(
            f"M{x:g},{top:g}V{foot:g}M{x - 3:g},{top:g}h6M{x - 3:g},{foot:g}h6", "error", line.mark.colour
        )
    is_absent = dot.presence is Presence.ABSENT
    if dot.note:
        yield path(f"M{x - 11:g},{y:g}a11,11 0 1,0 22,0a11,11 0 1,0 -22,0Z", "noted", line.mark.colour)
        is_last = x > WIDTH - RIGHT - 60
        side, anchor = (-13, "end") if is_last else (13, "start")
        at = y + 18 if y + 18 < sizes.foot else y - 10
        yield text(x + side, at, dot.note, anchor=anchor, kind="note")
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
        data_day=dot.date.isoformat(),
        data_told=told,
    )


def _told(line: Line, dot: Dot) -> str:
    name = short(line.label, 80)
    if dot.told:
        return f"{name}: {dot.told}"
    if dot.value is None:
        said = "not seen" if dot.presence is Presence.UNSEEN else "no comparable size"
    else:
        said = "absent" if dot.presence is Presence.ABSENT else number(dot.value)
    return f"{name}, {dot.date.isoformat()}: {said}"


def _end_labels(sizes: Sizes, lines: Sequence[Line]) -> Iterator[Markup]:
    """Yield each line's name at its end, moved apart where they would overlap."""
    ends = []
    for index, line in enumerate(lines):
        known = [dot for dot in line.dots if dot.value is not None]
        if line.label and known and known[-1].value is not None:
            ends.append((sizes.y(known[-1].value), index, line))
    foot = float("inf")
    placed: list[tuple[float, int, Line]] = []
    # The total and the largest are named where not all can be; the page names the others.
    room = int((sizes.foot - sizes.head + _LINE) // _LINE)
    kept = sorted(ends, key=lambda end: (not end[2].is_total, end[0]))[: room - (len(ends) > room)]
    x = WIDTH - RIGHT + 20
    if len(kept) < len(ends):
        yield text(x, sizes.head - _LINE, f"and {len(ends) - len(kept)} more")
    for y, index, line in sorted(kept, key=lambda end: -end[0]):
        foot = min(y, foot - _LINE)
        placed.append((foot, index, line))
    at = sizes.head - _LINE
    for y, index, line in reversed(placed):
        at = max(y, at + _LINE)  # down again, where they were pushed out above
        place = f"translate({x:g} {at:g})"
        name = text(x + 11, at + 5, short(line.label), kind="total-label" if line.is_total else "")
        shape = element("path", d=line.mark.path, transform=place, fill=line.mark.colour)
        yield element("g", shape + name, data_line=str(index))


def _events(axis: Days, events: Sequence[Event], lane: str, *, at: float) -> Iterator[Markup]:
    yield path(f"M{LEFT:g},{at - 20:g}H{WIDTH - RIGHT:g}", "grid")
    yield text(WIDTH - RIGHT + 9, at, short(lane))
    for event in events:
        x = axis.x(event.date)
        anchor = "end" if x > WIDTH - RIGHT - 90 else "start" if x < LEFT + 90 else "middle"
        yield element(
            "text",
            escape(event.text) + element("title", event.told),
            class_="event",
            text_anchor=anchor,
            x=x,
            y=at,
            data_day=event.date.isoformat(),
            data_told=event.told,
        )
