"""What patients answered, and how they were scored; a missing answer is never a no."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from lesionkit.core.cohort import Answer, Patient, yes_or_no
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.score import ScoreResponse
from lesionkit.core.summary import AnswerKind, ItemAnswers
from lesionkit.summarise.describe import decimals_of, describe, folded, number, share, shares
from lesionkit.summarise.streams import last_scores

OVERALL = "overall benefit"
"""The item that says how a patient fared, unless another is named."""

_MOST_WORDS, _LONGEST_WORD = 10, 30
"""More different answers, or a longer one, are free text, which may tell who wrote it."""


def is_yes(text: str) -> bool | None:
    """Return whether an answer is a yes or a no; None where it is neither.

    Examples
    --------
    >>> is_yes("Yes"), is_yes("no"), is_yes("7")
    (True, False, None)
    """
    return yes_or_no(text)


def summarise_questionnaire(
    answers: Mapping[str, Sequence[Answer]], people: Sequence[Patient]
) -> tuple[tuple[ItemAnswers, ...], tuple[Problem, ...]]:
    """Return what was answered to each item at the last, and what in the answers is doubtful.

    A patient's answer is the last one after the start of treatment (undated ones count as such; where no
    start is known, all do). An item all of whose answers are yes or no gives the yes of those who answered;
    one of numbers their spread, also at baseline (the last answer on or before the start) and of the change
    of those who have both; any other the count of each answer.

    Parameters
    ----------
    answers : Mapping of str to sequence of Answer
        By patient, in order of time.
    people : sequence of Patient
        All participants: who did not answer is missing.
    """
    names: dict[str, str] = {}
    for patient in people:
        for answer in answers.get(patient.id, ()):
            names.setdefault(folded(answer.item), " ".join(answer.item.split()))
    starts = {patient.id: patient.treatment_start for patient in people}
    items: list[ItemAnswers] = []
    problems: list[Problem] = []
    for key, name in names.items():
        given = {p: [a for a in answers.get(p, ()) if folded(a.item) == key] for p in starts}
        after = {p: text for p, some in given.items() if (text := _last(some, starts[p], is_after=True))}
        before = {p: text for p, some in given.items() if (text := _last(some, starts[p], is_after=False))}
        items.append(_item(name, after, before, of=len(people)))
        problems += _doubts(name, [*after.values(), *before.values()])
    return tuple(items), tuple(problems)


def said_yes(
    answers: Mapping[str, Sequence[Answer]], people: Sequence[Patient], *, item: str
) -> Mapping[str, bool]:
    """Return whether each patient who answered an item with yes or no at the last said yes."""
    found: dict[str, bool] = {}
    for patient in people:
        some = [a for a in answers.get(patient.id, ()) if folded(a.item) == folded(item)]
        last = is_yes(_last(some, patient.treatment_start, is_after=True))
        if last is not None:
            found[patient.id] = last
    return found


def _last(answers: Iterable[Answer], start: date | None, *, is_after: bool) -> str:
    """Return the last answer after the start of treatment, or else on or before it; empty where none is."""
    text = ""
    for answer in answers:
        is_later = answer.date is None or start is None or answer.date > start
        if is_later is is_after:
            text = answer.text
    return text


def _item(name: str, after: Mapping[str, str], before: Mapping[str, str], *, of: int) -> ItemAnswers:
    texts = [*after.values(), *before.values()]
    n = len(after)
    if all(is_yes(text) is not None for text in texts):
        yes = sum(bool(is_yes(text)) for text in after.values())
        return ItemAnswers(item=name, kind=AnswerKind.YES_NO, answered=n, missing=of - n, yes=share(yes, n))
    if all(number(text) is not None for text in texts):
        return _scale(name, _numbers(before), _numbers(after), of=of, decimals=decimals_of(texts))
    words = {} if _is_free_text(texts) else shares(after.values(), n)
    return ItemAnswers(item=name, kind=AnswerKind.WORDS, answered=n, missing=of - n, words=words)


def _is_free_text(texts: Sequence[str]) -> bool:
    return len({folded(text) for text in texts}) > _MOST_WORDS or max(map(len, texts)) > _LONGEST_WORD


def _numbers(texts: Mapping[str, str]) -> dict[str, float]:
    return {patient: value for patient, text in texts.items() if (value := number(text)) is not None}


def _scale(
    name: str, before: Mapping[str, float], after: Mapping[str, float], *, of: int, decimals: int
) -> ItemAnswers:
    change = [after[patient] - before[patient] for patient in after if patient in before]
    return ItemAnswers(
        item=name,
        kind=AnswerKind.SCALE,
        answered=len(after),
        missing=of - len(after),
        last=describe(list(after.values()), missing=of - len(after), decimals=decimals),
        baseline=describe(list(before.values()), missing=of - len(before), decimals=decimals),
        change=describe(change, missing=of - len(change), decimals=decimals),
    )


def _doubts(name: str, texts: Sequence[str]) -> Iterable[Problem]:
    kinds = {
        "yes or no" if is_yes(t) is not None else "number" if number(t) is not None else "" for t in texts
    }
    if {"yes or no", "number"} <= kinds:
        yield Problem(
            severity=Severity.WARNING,
            code="answers_mixed",
            about="questionnaire.csv",
            text=f"The item {name!r} is answered by yes or no and by numbers; its answers are only counted.",
            hint="Write all answers of an item in one way.",
        )
    if kinds == {"number"} and {number(text) for text in texts} == {0.0, 1.0}:
        yield Problem(
            severity=Severity.WARNING,
            code="answers_zero_or_one",
            about="questionnaire.csv",
            text=f"All answers to {name!r} are 0 or 1; they are taken as numbers of a scale.",
            hint="If they mean no and yes, write no and yes.",
        )


def summarise_scores(scores: Iterable[ScoreResponse], *, patients: int) -> tuple[ItemAnswers, ...]:
    """Return each score at baseline and at the last, and its change, over the patients who have both.

    Parameters
    ----------
    scores : iterable of ScoreResponse
        Every change from baseline.
    patients : int
        How many participants there are.
    """
    return tuple(
        _scale(
            name,
            {patient: s.baseline for patient, s in by_patient.items()},
            {patient: s.current for patient, s in by_patient.items()},
            of=patients,
            decimals=decimals_of(
                f"{value:.4g}" for s in by_patient.values() for value in (s.baseline, s.current)
            ),
        )
        for name, by_patient in last_scores(scores).items()
    )
