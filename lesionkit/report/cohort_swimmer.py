"""Swimmer plots: every patient's treatments, pictures and responses on one line of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lesionkit.core.courses import Lane
from lesionkit.core.response import Category
from lesionkit.core.summary import CohortSummary
from lesionkit.report import words
from lesionkit.report.cohort_canvas import (
    INK,
    LETTER,
    LINE,
    SOFT,
    Figure,
    box,
    clean,
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

LANES = 40
"""How many patients one plot holds: more of them cannot be read on a page."""
_WIDTH, _LEFT, _RIGHT, _TOP = 760.0, 128.0, 16.0, 66.0
_BAND, _ROW = 8.0, 14.0
_DRUGS = ("#1f4e79", "#d1ab2f", "#8f74b5", "#bcbcbc")
"""Of different lightness, as those of the categories."""
_OTHERS = "#e6e6e6"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pool:
    """What all lanes of a plot share."""

    first: float
    last: float
    colours: dict[str, str]

    def x(self, months: float) -> float:
        reach = (months - self.first) / (self.last - self.first)
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * reach, 1)


def swimmers(summary: CohortSummary) -> tuple[Figure, ...]:
    """Return every patient's line of time, the longest first, `LANES` in each plot, all on one scale."""
    lanes = sorted(summary.lanes, key=lambda lane: (-lane.last, lane.patient))
    if not lanes:
        return ()
    pool = _pool(lanes)
    pages = [lanes[start : start + LANES] for start in range(0, len(lanes), LANES)]
    return tuple(
        _plot(pool, page, number=index, of=len(pages), among=len(lanes)) for index, page in enumerate(pages)
    )


def _pool(lanes: Sequence[Lane]) -> _Pool:
    at = [0.0, *(months for lane in lanes for months, _ in lane.visits)]
    at += [months for lane in lanes for months, _, _ in lane.verdicts]
    starts = [span.start for lane in lanes for span in lane.spans]
    last = max(*at, *starts, 1.0)
    named: dict[str, int] = {}
    for lane in lanes:
        for drug in {span.drug for span in lane.spans}:
            named[drug] = named.get(drug, 0) + 1
    common = sorted(named, key=lambda drug: (-named[drug], drug))
    return _Pool(
        first=min(at),
        last=last * 1.01,
        colours={d: _DRUGS[i] if i < len(_DRUGS) else _OTHERS for i, d in enumerate(common)},
    )


_JUDGED = frozenset(set(Category) - {Category.NOT_EVALUABLE})


def _rows(lane: Lane) -> list[str]:
    """Return the streams a lane has something to say of; scores without a rule only tell numbers."""
    streams = {stream for _, stream in lane.visits}
    streams |= {stream for _, stream, said in lane.verdicts if said in _JUDGED}
    return sorted(streams, key=_rank)


def _height(lane: Lane) -> float:
    return _BAND + 6 + _ROW * len(_rows(lane)) + 8


def _rank(stream: str) -> tuple[int, str]:
    order = ("photographs", "X-ray", "CT", "MR")
    return (order.index(stream) if stream in order else len(order)), stream


def _plot(pool: _Pool, lanes: Sequence[Lane], *, number: int, of: int, among: int) -> Figure:
    height = _TOP + sum(map(_height, lanes)) + 34
    parts = [*_head(pool, lanes), *_axis(pool, _TOP, height - 34)]
    top = _TOP
    for lane in lanes:
        parts += _lane(pool, lane, top)
        top += _height(lane)
    first = number * LANES + 1
    which = f", patients {first} to {first + len(lanes) - 1} of {among}" if of > 1 else ""
    title = f"Treatment, pictures and responses over time{which}"
    caption = (
        "Months from the start of the first treatment; *: from the first picture, where no start is known. "
        "Bands are treatments, open where no end is known. Ticks are pictures, signs are responses. "
        "The longest follow-up stands first."
    )
    return Figure(
        key="swimmer" if of == 1 else f"swimmer-{number + 1:0{len(str(of))}d}",
        title=title,
        caption=clean(caption),
        svg=drawing(parts, width=_WIDTH, height=height, title=f"{title}: {counted(len(lanes))}."),
        source="timelines",
    )


def _head(pool: _Pool, lanes: Sequence[Lane]) -> Iterator[Markup]:
    said = {said for lane in lanes for _, stream, said in lane.verdicts if stream in _rows(lane)}
    yield from legend([c for c in Category if c in said], _LEFT, 18)
    x = _LEFT
    shown = list(pool.colours)[: len(_DRUGS)]
    for drug in [*shown, *["other treatments"] * (len(pool.colours) > len(_DRUGS))]:
        name = shortened(drug, 20)
        yield box(x, 32, 12, 10, fill=pool.colours.get(drug, _OTHERS), stroke=INK)
        yield letters(x + 17, 41, name)
        x += 17 + LETTER * len(name) + 18


def _axis(pool: _Pool, top: float, foot: float) -> Iterator[Markup]:
    for months in round_steps(pool.first, pool.last):
        x = pool.x(months)
        yield line(f"M{x:g},{top - 6:g}V{foot:g}", stroke=SOFT if months == 0 else LINE)
        yield letters(x, foot + 14, words.number(months), anchor="middle", fill=SOFT)
    yield letters(_WIDTH - _RIGHT, foot + 29, "months", anchor="end", fill=SOFT)


def _lane(pool: _Pool, lane: Lane, y: float) -> Iterator[Markup]:
    name = shortened(lane.patient, 14) + ("" if lane.is_from_treatment else " *")
    yield letters(_LEFT - 12, y + _BAND, name, anchor="end", bold=True)
    end = max(lane.last, 0.0)
    start = pool.x(min([0.0, *(at for at, _ in lane.visits)]))
    yield box(start, y, pool.x(end) - start, _BAND, fill="#eef0f2")
    for span in lane.spans:
        yield from _span(pool, lane, span.drug, span.start, span.end, y)
    rows = {stream: y + _BAND + 6 + _ROW * (i + 0.5) for i, stream in enumerate(_rows(lane))}
    for stream, row in rows.items():
        yield letters(_LEFT - 12, row + 4, shortened(stream, 18), anchor="end", size=10.5, fill=SOFT)
    ticks = "".join(f"M{pool.x(at):g},{rows[stream] - 4:g}v8" for at, stream in lane.visits if stream in rows)
    if ticks:
        yield line(ticks, stroke=INK, width=1.2)
    for at, stream, category in lane.verdicts:
        if stream in rows:
            told = (
                f"{lane.patient}, {stream}, month {words.number(round(at, 1))}: {words.CATEGORIES[category]}"
            )
            yield mark(category, pool.x(at), round(rows[stream], 1), scale=0.95, title=told)
    yield line(f"M{_LEFT - 6:g},{y + _height(lane) - 5:g}H{_WIDTH - _RIGHT:g}", stroke="#eef0f2")


def _span(pool: _Pool, lane: Lane, drug: str, start: float, end: float | None, y: float) -> Iterator[Markup]:
    """Yield a band; one without a known end fades into an arrow where the patient was last seen."""
    left = pool.x(start)
    right = pool.x(min(end if end is not None else max(lane.last, start), pool.last))
    colour = pool.colours[drug]
    told = f"{lane.patient}, {drug}, from month {words.number(round(start, 1))}"
    told += f" to {words.number(round(end, 1))}" if end is not None else ", end not known"
    if end is not None:
        yield box(left, y, max(right - left, 2), _BAND, fill=colour, title=told)
        return
    middle = y + _BAND / 2
    wide = max(right - left, 6)
    d = f"M{left:g},{y:g}h{wide - 6:g}l6,{_BAND / 2:g}l-6,{_BAND / 2:g}h-{wide - 6:g}Z"
    yield element("path", element("title", clean(told)), d=d, fill="#ffffff", stroke=colour, stroke_width=1.6)
    yield line(f"M{left + 1.2:g},{middle:g}v0", stroke=colour)
    yield box(left, y, 4, _BAND, fill=colour)
