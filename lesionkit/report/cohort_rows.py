"""The rows of a cohort's tables, for CSV files and programs: numbers as numbers."""

import math
from collections.abc import Iterator, Mapping

from lesionkit.core.agreement import Estimate
from lesionkit.core.summary import (
    AnswerKind,
    Characteristic,
    CohortSummary,
    ItemAnswers,
    LeftOut,
    Numbers,
    Share,
)
from lesionkit.report.cells import Cell, Row, columns
from lesionkit.report.rows import PROBLEM_COLUMNS

_SHARE = "count,of,pct,pct_low,pct_high"
_NUMBERS = "n,mean,sd,median,low,high"
_ITEM = columns(f"item,kind,answered,missing,value,{_SHARE},{_NUMBERS}")

COHORT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "characteristics": columns(f"group,name,value,missing,{_SHARE},{_NUMBERS}"),
    "follow_up": columns("stream,left_out,n,months_mean,months_sd,months_median,months_low,months_high"),
    "response": columns(f"stream,category,left_out,{_SHARE}"),
    "questionnaire": _ITEM,
    "scores": _ITEM,
    "adverse_events": columns(f"event,left_out,{_SHARE}"),
    "association": columns(
        "outcome,factor,n,good_with,with,good_without,without,odds_ratio,odds_ratio_low,odds_ratio_high,"
        "risk_difference_pct,risk_difference_pct_low,risk_difference_pct_high,p,p_holm,p_least"
    ),
    "agreement": columns(
        "stream_1,stream_2,scale,n,alike,alike_pct,kappa,kappa_low,kappa_high,"
        "kappa_linear,kappa_linear_low,kappa_linear_high"
    ),
    "changes": columns(
        "patient,stream,measure,baseline_date,best_date,best_change_pct,final_date,final_change_pct,"
        "final_change_pct_low,final_change_pct_high,final_category"
    ),
    "courses": columns(
        "patient,stream,date,months_from_baseline,change_pct,change_pct_low,change_pct_high,category"
    ),
    "timelines": columns("patient,origin,counted_from,kind,name,months_start,months_end,category"),
    "left_out": columns("table,name,patient,why"),
    "problems": PROBLEM_COLUMNS,
}
"""The columns of each table, by the stem of its file."""


def cohort_rows(summary: CohortSummary) -> Mapping[str, tuple[Row, ...]]:
    """Return the rows of every table of a cohort, by the stem of its file."""
    return {
        "characteristics": tuple(_characteristics(summary)),
        "follow_up": tuple(_follow_up(summary)),
        "response": tuple(_response(summary)),
        "questionnaire": tuple(row for item in summary.questionnaire for row in _item(item)),
        "scores": tuple(row for item in summary.scores for row in _item(item)),
        "adverse_events": tuple(_adverse_events(summary)),
        "association": tuple(_association(summary)),
        "agreement": tuple(_agreement(summary)),
        "changes": tuple(_changes(summary)),
        "courses": tuple(_courses(summary)),
        "timelines": tuple(_timelines(summary)),
        "left_out": tuple(_left_out(summary)),
        "problems": tuple(
            {name: str(getattr(problem, name)) for name in PROBLEM_COLUMNS} for problem in summary.problems
        ),
    }


def _row(table: str, cells: Mapping[str, Cell]) -> Row:
    return {**dict.fromkeys(COHORT_COLUMNS[table]), **cells}


def _share(share: Share) -> dict[str, Cell]:
    return {
        "count": share.count,
        "of": share.of,
        "pct": 100 * share.count / share.of if share.of else None,
        "pct_low": _pct(share.low),
        "pct_high": _pct(share.high),
    }


def _pct(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _numbers(numbers: Numbers) -> dict[str, Cell]:
    names = columns(_NUMBERS)
    return {name: getattr(numbers, name) for name in names}


def _estimate(name: str, found: Estimate | None, *, times: float = 1.0) -> dict[str, Cell]:
    """Return a statistic and its limits; an infinite one is the text ``inf``: JSON has no such number."""
    values = (found.value, found.low, found.high) if found else (None, None, None)
    return {
        f"{name}{end}": _finite(value, times)
        for end, value in zip(("", "_low", "_high"), values, strict=True)
    }


def _finite(value: float | None, times: float) -> Cell:
    if value is None:
        return None
    return value * times if math.isfinite(value) else "inf"


def _characteristics(summary: CohortSummary) -> Iterator[Row]:
    for group, told in (("patient", summary.characteristics), ("treatment", summary.treatments)):
        for one in told:
            yield from _characteristic(group, one)
    for drug, share in summary.comedication.items():
        missing = summary.patients - share.of
        cells = {"group": "co-medication", "name": drug, "value": "yes", "missing": missing, **_share(share)}
        yield _row("characteristics", cells)


def _characteristic(group: str, told: Characteristic) -> Iterator[Row]:
    common: dict[str, Cell] = {"group": group, "name": told.name, "missing": told.missing}
    if told.numbers is not None:
        yield _row("characteristics", common | _numbers(told.numbers))
    for value, share in told.counts.items():
        yield _row("characteristics", common | {"value": value} | _share(share))


def _follow_up(summary: CohortSummary) -> Iterator[Row]:
    for time in summary.times:
        cells: dict[str, Cell] = {"stream": time.stream, "left_out": len(time.left_out), "n": time.months.n}
        cells |= {
            f"months_{name}": getattr(time.months, name) for name in ("mean", "sd", "median", "low", "high")
        }
        yield _row("follow_up", cells)


def _response(summary: CohortSummary) -> Iterator[Row]:
    for response in summary.responses:
        named = {category.value: share for category, share in response.shares.items()}
        named |= {"improved": response.improved, "not_worse": response.not_worse}
        for category, share in named.items():
            common: dict[str, Cell] = {"stream": response.stream, "category": category}
            yield _row("response", common | {"left_out": len(response.left_out)} | _share(share))


def _item(item: ItemAnswers) -> Iterator[Row]:
    common: dict[str, Cell] = {
        "item": item.item,
        "kind": item.kind.value,
        "answered": item.answered,
        "missing": item.missing,
    }
    if item.yes is not None:
        yield _row("questionnaire", common | {"value": "yes"} | _share(item.yes))
    if item.kind is AnswerKind.WORDS and not item.words:
        yield _row("questionnaire", common)
    for word, share in item.words.items():
        yield _row("questionnaire", common | {"value": word} | _share(share))
    for when in ("baseline", "last", "change"):
        numbers = getattr(item, when)
        if numbers is not None:
            yield _row("questionnaire", common | {"value": when} | _numbers(numbers))


def _adverse_events(summary: CohortSummary) -> Iterator[Row]:
    told = summary.adverse_events
    if told is None:
        return
    for event, share in {"none": told.none, **told.events}.items():
        cells: dict[str, Cell] = {"event": event, "left_out": len(told.left_out)}
        yield _row("adverse_events", cells | _share(share))


def _association(summary: CohortSummary) -> Iterator[Row]:
    for found in summary.associations:
        cells: dict[str, Cell] = {
            "outcome": found.outcome,
            "factor": found.factor,
            "n": found.having.of + found.without.of,
            "good_with": found.having.count,
            "with": found.having.of,
            "good_without": found.without.count,
            "without": found.without.of,
            "p": found.p,
            "p_holm": found.p_holm,
            "p_least": found.p_least,
        }
        cells |= _estimate("odds_ratio", found.odds_ratio)
        cells |= _estimate("risk_difference_pct", found.risk_difference, times=100)
        yield _row("association", cells)


def _agreement(summary: CohortSummary) -> Iterator[Row]:
    for found in summary.agreements:
        cells: dict[str, Cell] = {
            "stream_1": found.streams[0],
            "stream_2": found.streams[1],
            "scale": found.scale,
            "n": found.alike.of,
            "alike": found.alike.count,
            "alike_pct": 100 * found.alike.count / found.alike.of,
        }
        cells |= _estimate("kappa", found.kappa) | _estimate("kappa_linear", found.kappa_linear)
        yield _row("agreement", cells)


def _changes(summary: CohortSummary) -> Iterator[Row]:
    for course in summary.courses:
        best, final = course.best, course.final
        cells: dict[str, Cell] = {
            "patient": course.patient,
            "stream": course.stream,
            "measure": course.measure,
            "baseline_date": course.baseline_date,
            "best_date": best.date if best else None,
            "best_change_pct": best.change_pct if best else None,
            "final_date": final.date,
            "final_change_pct": final.change_pct,
            "final_change_pct_low": final.low,
            "final_change_pct_high": final.high,
            "final_category": final.category.value,
        }
        yield _row("changes", cells)


def _courses(summary: CohortSummary) -> Iterator[Row]:
    for course in summary.courses:
        for step in course.steps:
            cells: dict[str, Cell] = {
                "patient": course.patient,
                "stream": course.stream,
                "date": step.date,
                "months_from_baseline": step.months,
                "change_pct": step.change_pct,
                "change_pct_low": step.low,
                "change_pct_high": step.high,
                "category": step.category.value,
            }
            yield _row("courses", cells)


def _timelines(summary: CohortSummary) -> Iterator[Row]:
    for lane in summary.lanes:
        common: dict[str, Cell] = {
            "patient": lane.patient,
            "origin": lane.origin,
            "counted_from": "treatment" if lane.is_from_treatment else "first picture",
        }
        placed: list[tuple[str, str, float, float | None, str | None]] = [
            *(("treatment", span.drug, span.start, span.end, None) for span in lane.spans),
            *(("picture", stream, at, None, None) for at, stream in lane.visits),
            *(("response", stream, at, None, said.value) for at, stream, said in lane.verdicts),
        ]
        for kind, name, start, end, category in placed:
            cells: dict[str, Cell] = {"kind": kind, "name": name, "months_start": start, "months_end": end}
            yield _row("timelines", common | cells | {"category": category})


def _left_out(summary: CohortSummary) -> Iterator[Row]:
    told: list[tuple[str, str, tuple[LeftOut, ...]]] = [
        *(("follow_up", time.stream, time.left_out) for time in summary.times),
        *(("response", response.stream, response.left_out) for response in summary.responses),
    ]
    if summary.adverse_events is not None:
        told.append(("adverse_events", "", summary.adverse_events.left_out))
    for table, name, left_out in told:
        for left in left_out:
            yield {"table": table, "name": name, "patient": left.patient, "why": left.why}
