"""What readers and patients told beside the images: ``scores.csv`` and ``questionnaire.csv``."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from lesionkit.core.cohort import Answer
from lesionkit.core.outcome import Outcome, worst_first
from lesionkit.core.score import Score


def must_be_readable(root: Path) -> None:
    """Refuse tables beside the images that cannot be read, before anything is measured.

    Raises
    ------
    InputError
        If ``scores.csv``, ``questionnaire.csv`` or ``adverse_events.csv`` is no such table.
    """
    from lesionkit.io.adverse_events import read_adverse_events
    from lesionkit.io.questionnaire import read_questionnaire
    from lesionkit.io.scores import read_scores

    for read in (read_scores, read_questionnaire, read_adverse_events):
        read(root)


def with_told(outcome: Outcome) -> Outcome:
    """Return an outcome with the scores and answers as they were given; those of strangers are left out.

    Raises
    ------
    InputError
        If a file cannot be read as a table.
    """
    from lesionkit.io.place import pseudonym
    from lesionkit.io.questionnaire import read_questionnaire
    from lesionkit.io.scores import read_scores

    root, known = outcome.cohort.root, {patient.id for patient in outcome.cohort.patients}
    by_name, _ = read_scores(root)  # what is wrong with it, `score` has told
    answered, faults = read_questionnaire(root)
    scores: dict[str, list[Score]] = {}
    for name, some in by_name.items():
        scores.setdefault(pseudonym(name, outcome.settings), []).extend(some)
    answers: dict[str, list[Answer]] = {}
    for name, told in answered.items():
        answers.setdefault(pseudonym(name, outcome.settings), []).extend(told)
    return replace(
        outcome,
        given_scores={
            key: tuple(sorted(some, key=lambda s: (s.date, s.name)))
            for key, some in scores.items()
            if key in known
        },
        answers={
            key: tuple(sorted(some, key=lambda a: a.date or date.min))
            for key, some in answers.items()
            if key in known
        },
        problems=worst_first((*outcome.problems, *faults)),
    )
