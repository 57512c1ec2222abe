"""What readers and patients said beside the images: scores and answers, each as it was given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lesionkit.core.cohort import Answer, Patient, yes_or_no
from lesionkit.core.outcome import Outcome
from lesionkit.core.score import Score, ScoreResponse
from lesionkit.report import words


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """A score of a patient, first and last.

    Parameters
    ----------
    name : str
        Of the score.
    change : str
        ``14.5 to 8.5 (−41.4 %)``, or the only value.
    span : str
        The days compared.
    readers : str
        Who scored both; empty where not said.
    kind, sign, verdict : str
        The category by the score's own rule, for the style sheet and in words.
    reasons : tuple of str
        Why, one sentence each.
    """

    name: str
    change: str
    span: str
    readers: str = ""
    kind: str = ""
    sign: str = ""
    verdict: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """An answer: what was asked, what was said, and when."""

    item: str
    text: str
    date: str
    is_yes: bool | None


def score_rows(outcome: Outcome, patient: Patient, texts: Mapping[str, str]) -> tuple[ScoreRow, ...]:
    """Return the patient's scores in the order of the table: the last change of each, or its only value."""
    given = outcome.given_scores.get(patient.id, ())
    last: dict[str, ScoreResponse] = {}
    for response in sorted(outcome.scores, key=lambda r: r.date):
        if response.patient == patient.id:
            last[response.score] = response
    names = dict.fromkeys([*(score.name for score in given), *last])
    return tuple(
        _compared(last[name], texts) if name in last else _single(name, [s for s in given if s.name == name])
        for name in names
    )


def _compared(found: ScoreResponse, texts: Mapping[str, str]) -> ScoreRow:
    pct = "" if found.change_pct is None else f" ({words.percent(found.change_pct)})"
    return ScoreRow(
        name=found.score,
        change=f"{found.baseline:g} to {found.current:g}{pct}",
        span=f"{found.baseline_date} to {found.date}",
        readers=", ".join(filter(None, found.readers)),
        kind=found.category.value,
        sign=words.SIGNS[found.category],
        verdict=words.CATEGORIES[found.category],
        reasons=words.reasons(found.reasons, texts),
    )


def _single(name: str, given: Sequence[Score]) -> ScoreRow:
    values = ", ".join(f"{score.value:g}" for score in given)
    days = sorted({score.date.isoformat() for score in given})
    readers = ", ".join(dict.fromkeys(score.reader for score in given if score.reader))
    return ScoreRow(name=name, change=values, span=", ".join(days), readers=readers)


def answer_rows(answers: Sequence[Answer]) -> tuple[AnswerRow, ...]:
    """Return each item's last answer, in the order in which the items were first asked."""
    last = {answer.item: answer for answer in answers}
    return tuple(
        AnswerRow(
            item=item,
            text=answer.text,
            date=answer.date.isoformat() if answer.date else "",
            is_yes=yes_or_no(answer.text),
        )
        for item, answer in last.items()
    )


def answers_in_short(rows: Sequence[AnswerRow]) -> str:
    """Return how many of the answers are a yes, in words; empty where not all are a yes or a no."""
    if not rows or any(row.is_yes is None for row in rows):
        return ""
    return f"{sum(bool(row.is_yes) for row in rows)} of {len(rows)} answered yes"
