"""The tables of a cohort as a paper prints them: every cell a text, for Markdown, LaTeX and the terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lesionkit.core.response import Category
from lesionkit.core.summary import Characteristic, CohortSummary, ItemAnswers
from lesionkit.report import words
from lesionkit.report.cohort_words import (
    estimate_text,
    left_out_text,
    limits_text,
    mean_text,
    median_text,
    months_mean_text,
    months_range_text,
    p_text,
    share_text,
)

_JUDGED = (Category.RESOLVED, Category.REGRESSION, Category.STABLE, Category.PROGRESSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTable:
    """A table to read.

    Parameters
    ----------
    key : str
        Its short name.
    title : str
        What it shows.
    columns : tuple of str
        Their heads.
    rows : tuple of tuple of str
        As many cells as columns.
    notes : tuple of str
        What its reader must know.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def printed_tables(summary: CohortSummary) -> tuple[PrintedTable, ...]:
    """Return the tables of a cohort that have a row or a note, in the order a paper has them."""
    made = (
        _characteristics(summary),
        _follow_up(summary),
        _response(summary),
        _items("questionnaire", "What patients answered", summary.questionnaire, summary),
        _items("scores", "Scores at baseline and at the last", summary.scores, summary),
        _adverse_events(summary),
        _association(summary),
        _agreement(summary),
        PrintedTable(
            key="methods",
            title="How it was computed",
            columns=(),
            rows=(),
            notes=summary.notes.get("methods", ()),
        ),
    )
    return tuple(table for table in made if table.rows or table.notes)


def _characteristics(summary: CohortSummary) -> PrintedTable:
    rows: list[tuple[str, ...]] = []
    for told in (*summary.characteristics, *summary.treatments):
        rows += _characteristic(told)
    if summary.comedication:
        known = next(iter(summary.comedication.values())).of
        rows.append(("other drugs, at any time", str(known), "", ""))
        rows += [(f"  {drug}", "", share_text(share), "") for drug, share in summary.comedication.items()]
    return PrintedTable(
        key="characteristics",
        title=f"Characteristics of the patients (n = {summary.patients})",
        columns=("", "known of", "n/N (%) or mean ± SD", "median (range)"),
        rows=tuple(rows),
        notes=("SD is that of the sample (n − 1).",),
    )


def _characteristic(told: Characteristic) -> Iterator[tuple[str, ...]]:
    name = told.name.replace("_", " ")
    if told.numbers is not None:
        yield name, str(told.numbers.n), mean_text(told.numbers), median_text(told.numbers)
        return
    known = next(iter(told.counts.values())).of if told.counts else 0
    yield name, str(known), "", ""
    for value, share in told.counts.items():
        yield f"  {value}", "", share_text(share), ""


def _follow_up(summary: CohortSummary) -> PrintedTable:
    return PrintedTable(
        key="follow_up",
        title="Months from first treatment to the last picture",
        columns=("", "n", "median (range)", "mean ± SD", "left out"),
        rows=tuple(
            (
                time.stream,
                str(time.months.n),
                months_range_text(time.months),
                months_mean_text(time.months),
                left_out_text(time.left_out),
            )
            for time in summary.times
        ),
        notes=("A month is 30.4375 days; median and range are printed to the half month.",),
    )


def _response(summary: CohortSummary) -> PrintedTable:
    resolved = any(response.shares[Category.RESOLVED].count for response in summary.responses)
    shown = _JUDGED if resolved else _JUDGED[1:]
    return PrintedTable(
        key="response",
        title="Last response by stream",
        columns=("", *(words.CATEGORIES[c].lower() for c in shown), "improved (95 % limits)", "left out"),
        rows=tuple(
            (
                response.stream,
                *(share_text(response.shares[category]) for category in shown),
                limits_text(response.improved),
                left_out_text(response.left_out),
            )
            for response in summary.responses
        ),
        notes=summary.notes.get("response", ()) if summary.responses else (),
    )


def _items(key: str, title: str, items: Sequence[ItemAnswers], summary: CohortSummary) -> PrintedTable:
    return PrintedTable(
        key=key,
        title=title,
        columns=("", "known of", "missing", "yes (95 % limits), answers, or median (range)"),
        rows=tuple((item.item, str(item.answered), str(item.missing), _answers(item)) for item in items),
        notes=summary.notes.get(key, ()) if items else (),
    )


def _answers(item: ItemAnswers) -> str:
    if item.yes is not None:
        return limits_text(item.yes)
    if item.last is None or item.baseline is None or item.change is None:
        listed = "; ".join(f"{word} {share_text(share)}" for word, share in item.words.items())
        return listed or f"{item.answered} texts, not listed"
    parts = (("baseline", item.baseline), ("last", item.last), ("change", item.change))
    return "; ".join(f"{name} {median_text(found)}, n = {found.n}" for name, found in parts)


def _adverse_events(summary: CohortSummary) -> PrintedTable:
    told = summary.adverse_events
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    if told is not None and told.reported:
        rows = (
            ("no adverse event", limits_text(told.none)),
            *((event, limits_text(share)) for event, share in told.events.items()),
        )
        notes = ("A patient may have had several; each counts once for each.",)
        if told.left_out:
            notes = (*notes, f"Left out: {left_out_text(told.left_out)}.")
    return PrintedTable(
        key="adverse_events",
        title="Adverse events",
        columns=("", "patients (95 % limits)"),
        rows=rows,
        notes=notes,
    )


def _association(summary: CohortSummary) -> PrintedTable:
    return PrintedTable(
        key="association",
        title="Good outcomes of patients with and without",
        columns=(
            "outcome",
            "factor",
            "with",
            "without",
            "odds ratio (95 %)",
            "difference (95 %)",
            "p",
            "p (Holm)",
            "least possible p",
        ),
        rows=tuple(
            (
                found.outcome,
                found.factor,
                f"{found.having.count}/{found.having.of}",
                f"{found.without.count}/{found.without.of}",
                estimate_text(found.odds_ratio),
                estimate_text(found.risk_difference, percent=True),
                p_text(found.p),
                p_text(found.p_holm),
                p_text(found.p_least),
            )
            for found in summary.associations
        ),
        notes=(
            *_METHODS * bool(summary.associations),
            *summary.notes.get("association", ()),
        ),
    )


_METHODS = (
    "Fisher's exact test, two-sided; odds ratio by conditional maximum likelihood with its exact interval; "
    "difference of proportions with Newcombe's interval.",
)


def _agreement(summary: CohortSummary) -> PrintedTable:
    return PrintedTable(
        key="agreement",
        title="Agreement between streams",
        columns=("", "", "compared", "alike", "kappa (95 %)", "kappa, linear weights (95 %)"),
        rows=tuple(
            (
                *found.streams,
                found.scale,
                share_text(found.alike),
                estimate_text(found.kappa),
                estimate_text(found.kappa_linear) if found.kappa_linear else "",
            )
            for found in summary.agreements
        ),
        notes=summary.notes.get("agreement", ()),
    )
