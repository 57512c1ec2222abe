"""Waterfall plots: the final change of every patient of a stream, in order, and the best one beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lesionkit.core.courses import StreamCourse
from lesionkit.core.response import Category
from lesionkit.core.summary import CohortSummary
from lesionkit.report import words
from lesionkit.report.cohort_canvas import (
    FILLS,
    INK,
    LETTER,
    LINE,
    NARROW,
    SOFT,
    WIDE,
    Figure,
    box,
    clean,
    counted,
    drawing,
    legend,
    letters,
    line,
    round_steps,
    shortened,
)
from lesionkit.report.svg import element

_HEIGHT, _LEFT, _RIGHT, _TOP = 340.0, 64.0, 50.0, 44.0
_FEW = 6
"""So many bars need only a narrow plot."""
_MOST = 200.0
"""A rise beyond this, in percent, is cut, so that the others can be seen."""
_NAMED, _SINGLE = 40, 200
"""So many bars have room for a name; so many are elements of their own, which a pointer can ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    low: float
    high: float
    foot: float
    count: int
    width: float

    def y(self, pct: float) -> float:
        reach = (self.high - min(pct, self.high)) / (self.high - self.low)
        return round(_TOP + (self.foot - _TOP) * reach, 2)

    @property
    def pitch(self) -> float:
        return (self.width - _LEFT - _RIGHT) / max(self.count, 4 if self.width < WIDE else 12)

    def x(self, index: int) -> float:
        return _LEFT + self.pitch * index

    @property
    def bar(self) -> float:
        """How wide a bar is: there is air between few, and none between many."""
        return self.pitch * (0.78 if self.count <= _SINGLE else 1.0)


def waterfalls(summary: CohortSummary) -> tuple[Figure, ...]:
    """Return a waterfall of every stream with a change in percent, in the order of the summary."""
    streams = dict.fromkeys(course.stream for course in summary.courses if _has_rule(course))
    return tuple(figure for stream in streams if (figure := waterfall(summary, stream)) is not None)


def _has_rule(course: StreamCourse) -> bool:
    return course.measure != "score" or course.final.category is not Category.NOT_EVALUABLE


def waterfall(summary: CohortSummary, stream: str) -> Figure | None:
    """Return the final change of every patient of a stream, greatest rise first; None where there is none.

    Deposits where there were none are a rise without a percentage: they stand first, up to the top. Who could
    not be compared has no bar, and is counted below.
    """
    own = [course for course in summary.courses if course.stream == stream]
    bars = sorted((c for c in own if _is_new(c) or c.final.change_pct is not None), key=_place)
    if not bars:
        return None
    known = [c.final.change_pct or 0.0 for c in bars]
    known += [c.best.change_pct or 0.0 for c in bars if c.best]
    if len(bars) <= _NAMED:  # their limits are drawn
        known += [c.final.high for c in bars if c.final.high is not None]
    thresholds = summary.thresholds.get(stream)
    high = min(_MOST, max(*known, *(thresholds or (0.0,)), 10.0) * 1.06)
    high = _MOST if any(map(_is_new, bars)) and len(bars) < 3 else high
    is_named = len(bars) <= _NAMED
    longest = max(len(shortened(c.patient, 14)) for c in bars) if is_named else 0
    foot = _HEIGHT - 30 - (LETTER * longest * 0.72 + 8)
    width = NARROW if len(bars) <= _FEW else WIDE
    scale = _Scale(low=min(*known, -100.0), high=high, foot=foot, count=len(bars), width=width)
    parts = [*_backdrop(scale, thresholds, bars)]
    if len(bars) <= _SINGLE:
        for index, course in enumerate(bars):
            parts += _bar(scale, index, course, is_named=is_named)
    else:
        parts += _thin(scale, bars)
    title = f"Change of {stream} from baseline to the last reading"
    return Figure(
        key=f"waterfall-{stream}",
        title=title,
        caption=_caption(own, bars, scale, thresholds),
        svg=drawing(parts, width=width, height=_HEIGHT, title=f"{title}. {_in_words(bars)}"),
        is_narrow=width < WIDE,
        source="changes",
    )


def _place(course: StreamCourse) -> tuple[bool, float, str]:
    return not _is_new(course), -(course.final.change_pct or 0.0), course.patient


def _is_new(course: StreamCourse) -> bool:
    return course.final.change_pct is None and course.final.category is Category.PROGRESSION


def _backdrop(
    scale: _Scale, thresholds: tuple[float, float] | None, bars: Sequence[StreamCourse]
) -> Iterator[Markup]:
    right = scale.width - _RIGHT
    categories = {course.final.category for course in bars}
    yield from legend([c for c in Category if c in categories], _LEFT, 18)
    yield line(f"M{right - 92:g},{_HEIGHT - 10:g}h14", stroke=INK, width=2.5)
    yield letters(right, _HEIGHT - 6, "best change", anchor="end")
    for value in round_steps(scale.low, scale.high):
        y = scale.y(value)
        yield line(f"M{_LEFT:g},{y:g}H{right:g}", stroke=SOFT if value == 0 else LINE)
        yield letters(_LEFT - 8, y + 4, words.percent(value), anchor="end", fill=SOFT)
    for value in thresholds or ():
        if scale.low <= value <= scale.high:
            yield line(f"M{_LEFT:g},{scale.y(value):g}H{right:g}", dash="5 4")
            yield letters(right + 5, scale.y(value) + 4, words.percent(value), size=11, fill=SOFT)


def _bar(scale: _Scale, index: int, course: StreamCourse, *, is_named: bool) -> Iterator[Markup]:
    final, best = course.final, course.best
    x, zero = scale.x(index), scale.y(0)
    is_new = _is_new(course)
    y = scale.y(scale.high) if is_new else scale.y(final.change_pct or 0.0)
    told = f"{course.patient}: {words.CATEGORIES[final.category].lower()}, "
    told += (
        "deposits where there were none" if is_new else f"{words.percent(final.change_pct)} on {final.date}"
    )
    if best:
        told += f"; best {words.percent(best.change_pct)} on {best.date}"
    height = max(abs(y - zero), 1.2)
    yield box(x, min(y, zero), scale.bar, height, fill=FILLS[final.category], stroke=INK, title=told)
    if final.change_pct is not None and final.low is not None and final.high is not None and is_named:
        middle = x + scale.bar / 2
        yield line(f"M{middle:g},{scale.y(final.high):g}V{scale.y(final.low):g}", stroke=INK)
    if best and best.change_pct is not None:
        yield line(f"M{x - 1:g},{scale.y(best.change_pct):g}h{scale.bar + 2:g}", stroke=INK, width=2.5)
    is_cut = (final.change_pct or 0.0) > scale.high
    if is_cut or is_new:
        yield element("path", d=f"M{x:g},{_TOP - 2:g}l{scale.bar / 2:g},-7l{scale.bar / 2:g},7Z", fill=INK)
    if not is_named:
        return
    if is_cut or is_new:
        label = "new" if is_new else words.percent(final.change_pct)
        yield letters(x + scale.bar / 2, _TOP - 12, label, anchor="middle", size=11)
    yield _name(x + scale.bar / 2, scale.foot + 12, course.patient)


def _name(x: float, y: float, patient: str) -> Markup:
    """Return a name below its bar, slanted so that neighbours do not touch."""
    return element(
        "text",
        shortened(patient, 14),
        transform=f"translate({x + 3:g} {y:g}) rotate(-45)",
        text_anchor="end",
        font_size="11",
    )


def _thin(scale: _Scale, bars: Sequence[StreamCourse]) -> Iterator[Markup]:
    """Yield many bars as one shape for each category, and the best changes as one line."""
    zero, ticks = scale.y(0), []
    wide = f"{scale.bar + 0.1:.2f}"  # neighbours overlap by a hair, or white would shine through
    shapes: dict[Category, list[str]] = {}
    for index, course in enumerate(bars):
        pct = scale.high if _is_new(course) else course.final.change_pct or 0.0
        y = scale.y(pct)
        if abs(y - zero) < 0.6:
            y = zero - 0.6
        x = f"{scale.x(index):.2f}"
        shapes.setdefault(course.final.category, []).append(f"M{x},{zero:g}V{y:g}h{wide}V{zero:g}Z")
        if course.best and course.best.change_pct is not None:
            ticks.append(f"M{x},{scale.y(course.best.change_pct):g}h{max(scale.bar, 0.8):.2f}")
    for category, found in shapes.items():
        told = element("title", f"{words.CATEGORIES[category]}: {len(found)}")
        yield element("path", told, d="".join(found), fill=FILLS[category])
    yield line("".join(ticks), stroke=INK, width=0.9)


def _caption(
    own: Sequence[StreamCourse],
    bars: Sequence[StreamCourse],
    scale: _Scale,
    thresholds: tuple[float, float] | None,
) -> str:
    parts = [f"{counted(len(bars))}, from the greatest rise to the greatest fall; bars show the last reading"]
    if len(bars) <= _NAMED and any(c.final.low is not None for c in bars):
        parts[0] += " with its 95 % limits"
    parts[0] += ", lines the best change up to the first progression."
    new = sum(map(_is_new, bars))
    cut = sum((c.final.change_pct or 0.0) > scale.high for c in bars)
    if new:
        parts.append(f"{new} with deposits where there were none stand first: such a rise has no percentage.")
    top = thresholds[1] if thresholds else None
    within = sum(top is not None and _progressed_within(course, top) for course in bars)
    if within:
        parts.append(f"{within} progressed although the total did not rise by that much: a deposit is new.")
    if cut:
        parts.append(f"{cut} rose by more than {words.percent(scale.high)}; their bars are cut.")
    if len(own) > len(bars):
        parts.append(f"{len(own) - len(bars)} could not be compared and have no bar.")
    return clean(" ".join(parts))


def _progressed_within(course: StreamCourse, top: float) -> bool:
    pct = course.final.change_pct
    return course.final.category is Category.PROGRESSION and pct is not None and pct <= top


def _in_words(bars: Sequence[StreamCourse]) -> str:
    counts = {c: sum(course.final.category is c for course in bars) for c in Category}
    listed = ", ".join(f"{words.CATEGORIES[c].lower()} {n}" for c, n in counts.items() if n)
    return f"{counted(len(bars))}: {listed}."
