"""Stacked bars: how the patients of each stream fared, and what they answered."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from lesionkit.core.response import Category
from lesionkit.core.summary import AnswerKind, CohortSummary, ItemAnswers, Share, StreamResponse
from lesionkit.report import words
from lesionkit.report.cohort_canvas import (
    FILLS,
    INK,
    LETTER,
    ON_FILLS,
    SOFT,
    Figure,
    box,
    drawing,
    legend,
    letters,
    line,
    shortened,
)
from lesionkit.report.cohort_words import share_text

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _BAR = 760.0, 190.0, 172.0, 36.0, 38.0, 26.0
_JUDGED = (Category.RESOLVED, Category.REGRESSION, Category.STABLE, Category.PROGRESSION)
_YES, _NO = "#3d6f9e", "#e9ecef"


def response_bars(summary: CohortSummary) -> Figure | None:
    """Return how the patients of each stream fared at the last, of those judged; None where nobody was."""
    rows = [response for response in summary.responses if response.evaluable]
    if not rows:
        return None
    shown = [c for c in _JUDGED if any(row.shares[c].count for row in rows)]
    parts = list(legend(shown, _LEFT, 18))
    for index, row in enumerate(rows):
        parts += _response_row(row, _TOP + index * _ROW)
    height = _TOP + len(rows) * _ROW + 30
    parts += _foot(_TOP + len(rows) * _ROW)
    told = "; ".join(f"{row.stream}: {_in_words(row)}" for row in rows)
    return Figure(
        key="response",
        title="Last response by stream",
        caption="Share of the patients who could be judged; n is their number. Streams stand side by side "
        "and are not to be added.",
        svg=drawing(parts, width=_WIDTH, height=height, title=f"Last response by stream. {told}."),
        source="response",
    )


def _in_words(row: StreamResponse) -> str:
    said = (
        f"{words.CATEGORIES[c].lower()} {share_text(row.shares[c])}" for c in _JUDGED if row.shares[c].count
    )
    return ", ".join(said)


def _response_row(row: StreamResponse, y: float) -> Iterator[Markup]:
    pieces = [(row.shares[c], FILLS[c], ON_FILLS[c], words.CATEGORIES[c]) for c in _JUDGED]
    signs = {words.CATEGORIES[c]: words.SIGNS[c] for c in _JUDGED}
    yield from _row(row.stream, pieces, y, signs=signs)
    left = f", {len(row.left_out):,} not judged" if row.left_out else ""
    yield letters(_WIDTH - _RIGHT + 10, y + 17, f"n = {row.evaluable:,}{left}", fill=SOFT)


def _row(
    name: str,
    pieces: Sequence[tuple[Share, str, str, str]],
    y: float,
    *,
    signs: dict[str, str] | None = None,
) -> Iterator[Markup]:
    """Yield a bar of shares, each with its count where there is room for it."""
    yield letters(_LEFT - 10, y + 17, shortened(name, 28), anchor="end")
    x, full = _LEFT, _WIDTH - _LEFT - _RIGHT
    for share, fill, ink, told in pieces:
        if not share.count:
            continue
        width = full * share.count / share.of
        yield box(
            x, y, width, _BAR, fill=fill, stroke=INK, title=f"{name}, {told.lower()}: {share_text(share)}"
        )
        sign = f"{signs[told]} " if signs else ""
        for label in (f"{sign}{share.count} ({100 * share.count / share.of:.0f} %)", str(share.count)):
            if LETTER * len(label) + 2 < width:
                yield letters(x + width / 2, y + 17, label, anchor="middle", fill=ink)
                break
        x += width


def _foot(y: float) -> Iterator[Markup]:
    full = _WIDTH - _LEFT - _RIGHT
    yield line(f"M{_LEFT:g},{y:g}H{_WIDTH - _RIGHT:g}")
    for pct in (0, 25, 50, 75, 100):
        x = _LEFT + full * pct / 100
        yield line(f"M{x:g},{y:g}v5")
        yield letters(x, y + 19, f"{pct} %", anchor="middle", fill=SOFT)


def answer_bars(summary: CohortSummary) -> Figure | None:
    """Return the yes to each item of the questionnaire, of those who answered; None where nobody did."""
    rows = [item for item in summary.questionnaire if item.kind is AnswerKind.YES_NO and item.answered]
    if not rows:
        return None
    parts = [
        box(_LEFT, 8, 12, 12, fill=_YES, stroke=INK),
        letters(_LEFT + 18, 18, "yes"),
        box(_LEFT + 60, 8, 12, 12, fill=_NO, stroke=INK),
        letters(_LEFT + 78, 18, "no"),
    ]
    for index, item in enumerate(rows):
        parts += _answer_row(item, _TOP + index * _ROW)
    parts += _foot(_TOP + len(rows) * _ROW)
    told = "; ".join(f"{item.item}: yes {share_text(item.yes)}" for item in rows if item.yes)
    return Figure(
        key="questionnaire",
        title="What patients answered",
        caption="Share of the patients who answered; n is their number. A missing answer is not a no.",
        svg=drawing(
            parts, width=_WIDTH, height=_TOP + len(rows) * _ROW + 30, title=f"What patients answered. {told}."
        ),
        source="questionnaire",
    )


def _answer_row(item: ItemAnswers, y: float) -> Iterator[Markup]:
    yes = item.yes or Share(count=0, of=item.answered)
    no = Share(count=yes.of - yes.count, of=yes.of)
    yield from _row(item.item, [(yes, _YES, "#ffffff", "yes"), (no, _NO, INK, "no")], y)
    missing = f", {item.missing:,} missing" if item.missing else ""
    yield letters(_WIDTH - _RIGHT + 10, y + 17, f"n = {item.answered:,}{missing}", fill=SOFT)
