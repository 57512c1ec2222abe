"""What readers and patients told beside the images: scores, answers to a questionnaire and adverse events."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from lesionkit.core.outcome import Outcome, Told, worst_first
from lesionkit.core.settings import Settings

_Line = TypeVar("_Line")


def read_told(root: Path) -> Told:
    """Return what the tables beside the images tell, by patients' names as written.

    Raises
    ------
    InputError
        If ``scores.csv``, ``questionnaire.csv`` or ``adverse_events.csv`` is no such table.
    """
    from lesionkit.io.adverse_events import ADVERSE_EVENTS, read_adverse_events
    from lesionkit.io.questionnaire import QUESTIONNAIRE, read_questionnaire
    from lesionkit.io.scores import SCORES, read_scores

    scores, doubts = read_scores(root)
    answers, faults = read_questionnaire(root)
    events, more = read_adverse_events(root)
    return Told(
        scores=scores,
        answers=answers,
        events=events if (root / ADVERSE_EVENTS).is_file() else None,
        problems={SCORES: doubts, QUESTIONNAIRE: faults, ADVERSE_EVENTS: more},
    )


def under_pseudonyms(told: Told, settings: Settings) -> Told:
    """Return the same by pseudonym; what was told under several names of one patient stands together."""
    scores = _by_pseudonym(told.scores, settings)
    answers = _by_pseudonym(told.answers, settings)
    return replace(
        told,
        scores={key: tuple(sorted(some, key=lambda s: (s.date, s.name))) for key, some in scores.items()},
        answers={key: tuple(sorted(some, key=lambda a: a.date or date.min)) for key, some in answers.items()},
        events=None if told.events is None else _by_pseudonym(told.events, settings),
    )


def _by_pseudonym(
    by_name: Mapping[str, tuple[_Line, ...]], settings: Settings
) -> dict[str, tuple[_Line, ...]]:
    from lesionkit.io.place import pseudonym

    found: dict[str, tuple[_Line, ...]] = {}
    for name, some in by_name.items():
        key = pseudonym(name, settings)
        found[key] = (*found.get(key, ()), *some)
    return found


def with_told(outcome: Outcome, told: Told) -> Outcome:
    """Return an outcome with the scores and answers as they were given; those of strangers are left out."""
    from lesionkit.io.questionnaire import QUESTIONNAIRE

    known = {patient.id for patient in outcome.cohort.patients}
    return replace(
        outcome,
        told=told,
        given_scores={key: some for key, some in told.scores.items() if key in known},
        answers={key: some for key, some in told.answers.items() if key in known},
        problems=worst_first((*outcome.problems, *told.problems[QUESTIONNAIRE])),
    )
