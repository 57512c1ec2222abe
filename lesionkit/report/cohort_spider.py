"""Spider plots: how the change of every patient of a stream went, against time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lesionkit.core.courses import Step, StreamCourse
from lesionkit.core.response import Category
from lesionkit.core.summary import CohortSummary
from lesionkit.report import words
from lesionkit.report.cohort_canvas import (
    FILLS,
    INK,
    LINE,
    NARROW,
    SOFT,
    WIDE,
    Figure,
    counted,
    drawing,
    legend,
    letters,
    line,
    mark,
    round_steps,
    shortened,
)
from lesionkit.report.svg import element

_HEIGHT, _LEFT, _TOP, _FOOT = 340.0, 64.0, 44.0, 296.0
_FEW = 6
"""So many lines need only a narrow plot."""
_MOST = 200.0
_TOGETHER, _NAMED = 60, 16
"""More lines are parted into a panel for each category; so many have room for a name at their end."""
_STROKES = FILLS | {
    Category.STABLE: "#4a6f94",
    Category.REGRESSION: "#1d7f63",
    Category.NOT_EVALUABLE: "#909499",
}
"""Lines are darker than areas, to be seen on white."""
_DASHES = {Category.STABLE: "7 3", Category.PROGRESSION: "", Category.INDETERMINATE: "2 3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    left: float
    right: float
    months: float
    low: float
    high: float

    def x(self, months: float) -> float:
        return round(self.left + (self.right - self.left) * months / self.months, 1)

    def y(self, pct: float) -> float:
        return round(_TOP + (_FOOT - _TOP) * (self.high - min(pct, self.high)) / (self.high - self.low), 1)


def spiders(summary: CohortSummary) -> tuple[Figure, ...]:
    """Return a spider plot of every stream with a change in percent, in the order of the summary."""
    streams = dict.fromkeys(course.stream for course in summary.courses)
    return tuple(figure for stream in streams if (figure := spider(summary, stream)) is not None)


def spider(summary: CohortSummary, stream: str) -> Figure | None:
    """Return the change of every patient of a stream at each follow-up; None where none is known.

    Every line begins with baseline (0 %, month 0). Many are parted into panels by their last category.
    """
    own = [(course, _known(course)) for course in summary.courses if course.stream == stream]
    own = [(course, steps) for course, steps in own if steps]
    if not own:
        return None
    found = [step.change_pct or 0.0 for _, steps in own for step in steps]
    thresholds = summary.thresholds.get(stream)
    high = min(_MOST, max(*found, *(thresholds or (0.0,)), 10.0) * 1.06)
    months = max(step.months for _, steps in own for step in steps) or 1.0
    groups = _groups(own)
    is_parted = len(groups) > 1
    width = NARROW if len(own) <= _FEW else WIDE
    end = width - (16 if len(own) > _NAMED else 26 + 6.4 * max(len(shortened(c.patient, 12)) for c, _ in own))
    gap = 14.0
    wide = (end - _LEFT - gap * (len(groups) - 1)) / len(groups)
    parts: list[Markup] = []
    if not is_parted:
        last = {course.final.category for course, _ in own}
        parts += legend([c for c in Category if c in last], _LEFT, 18) if _has_rule(own) else []
    for index, group in enumerate(groups):
        left = _LEFT + index * (wide + gap)
        panel = _Panel(left=left, right=left + wide, months=months * 1.02, low=min(*found, -100.0), high=high)
        parts += _backdrop(panel, thresholds, is_first=index == 0)
        if is_parted:
            parts.append(letters(left, _TOP - 12, _head(group), bold=True))
        parts += _lines(panel, group, is_named=len(own) <= _NAMED)
    parts.append(letters((_LEFT + end) / 2, _HEIGHT - 8, "months from baseline", anchor="middle", fill=SOFT))
    title = f"Change of {stream} from baseline over time"
    cut = sum(value > high for value in found)
    caption = (
        f"{counted(len(own))}; every line begins at 0 % with baseline, and its sign tells the last category."
    )
    caption += " Panels part the patients by their last category." if is_parted else ""
    if not _has_rule(own):
        caption = f"{counted(len(own))}; every line begins at 0 % with baseline. No rule says what is better."
    caption += f" {cut} readings beyond {words.percent(high)} are drawn at the edge." if cut else ""
    return Figure(
        key=f"spider-{stream}",
        title=title,
        caption=caption,
        svg=drawing(parts, width=width, height=_HEIGHT, title=f"{title}: {counted(len(own))}."),
        source="courses",
        is_narrow=width < WIDE,
    )


_Own = tuple[StreamCourse, tuple[Step, ...]]


def _has_rule(own: Sequence[_Own]) -> bool:
    return any(c.measure != "score" or c.final.category is not Category.NOT_EVALUABLE for c, _ in own)


def _known(course: StreamCourse) -> tuple[Step, ...]:
    return tuple(step for step in course.steps if step.change_pct is not None)


def _groups(own: Sequence[_Own]) -> list[list[_Own]]:
    if len(own) <= _TOGETHER:
        return [list(own)]
    groups = ([one for one in own if one[0].final.category is category] for category in Category)
    return [group for group in groups if group]


def _head(group: Sequence[_Own]) -> str:
    return f"{words.CATEGORIES[group[0][0].final.category]} ({len(group)})"


def _backdrop(panel: _Panel, thresholds: tuple[float, float] | None, *, is_first: bool) -> Iterator[Markup]:
    for value in round_steps(panel.low, panel.high):
        y = panel.y(value)
        yield line(f"M{panel.left:g},{y:g}H{panel.right:g}", stroke=SOFT if value == 0 else LINE)
        if is_first:
            yield letters(panel.left - 8, y + 4, words.percent(value), anchor="end", fill=SOFT)
    for value in thresholds or ():
        if panel.low <= value <= panel.high:
            yield line(f"M{panel.left:g},{panel.y(value):g}H{panel.right:g}", dash="5 4")
    about = max(2, int((panel.right - panel.left) / 90))
    for months in round_steps(0, panel.months, about=about):
        yield line(f"M{panel.x(months):g},{_FOOT:g}v5")
        yield letters(panel.x(months), _FOOT + 19, f"{months:g}", anchor="middle", fill=SOFT)


def _lines(panel: _Panel, group: Sequence[_Own], *, is_named: bool) -> Iterator[Markup]:
    if len(group) > _TOGETHER:
        category = group[0][0].final.category
        d = "".join(_path(panel, steps) for _, steps in group)
        faint = f"{max(0.08, min(0.6, 40 / len(group))):.2f}"
        yield element(
            "path", d=d, fill="none", stroke=_STROKES[category], stroke_width=0.8, stroke_opacity=faint
        )
        return
    ends: list[tuple[float, StreamCourse, Step]] = []
    for course, steps in group:
        category = course.final.category
        width = 2.0 if len(group) <= _NAMED else 1.2
        dash = _DASHES.get(category, "")
        yield line(_path(panel, steps), stroke=_STROKES[category], width=width, dash=dash)
        for step in steps[:-1]:
            yield element(
                "circle", cx=panel.x(step.months), cy=panel.y(step.change_pct or 0.0), r=2.2, fill=INK
            )
        ends.append((panel.y(steps[-1].change_pct or 0.0), course, steps[-1]))
    for y, course, step in ends:
        told = f"{course.patient}, {step.date}: {words.percent(step.change_pct)}"
        yield mark(course.final.category, panel.x(step.months), y, title=told)
    if is_named:
        yield from _names(panel, ends)


def _path(panel: _Panel, steps: Sequence[Step]) -> str:
    points = "".join(f"L{panel.x(s.months):g},{panel.y(s.change_pct or 0.0):g}" for s in steps)
    return f"M{panel.x(0):g},{panel.y(0):g}{points}"


def _names(panel: _Panel, ends: Sequence[tuple[float, StreamCourse, Step]]) -> Iterator[Markup]:
    """Yield each line's name at the right, moved apart where they would overlap, with a thread to its end."""
    foot = float("inf")
    for y, course, step in sorted(ends, key=lambda end: -end[0]):
        foot = min(y, foot - 14)
        x = panel.right + 10
        yield line(f"M{panel.x(step.months) + 7:g},{y:g}L{x - 3:g},{foot:g}", stroke=LINE)
        yield letters(x, foot + 4, f"{shortened(course.patient, 12)}", size=11)
