"""``questionnaire.csv``: what patients answered, one answer a line; and an empty one to fill in."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from io import StringIO
from pathlib import Path

from lesionkit.core.cohort import Answer
from lesionkit.core.outcome import Problem
from lesionkit.core.spreadsheet import defused
from lesionkit.io.problems import warning
from lesionkit.io.tables import Row, bad_cell, read_day, read_table

QUESTIONNAIRE = "questionnaire.csv"

TEMPLATE = (
    "softening of lesions",
    "reduction of pain",
    "cessation of progression",
    "improved general condition",
    "improved mobility",
    "overall benefit",
)
"""The items of Rauch 2021 (doi:10.3390/biomedicines9111698), each answered yes or no."""

_NOT_ANSWERED = frozenset(
    {"", "-", "–", "—", "?", ".", "n/a", "na", "nan", "unknown", "not known", "missing"}
)


def read_questionnaire(root: Path) -> tuple[Mapping[str, tuple[Answer, ...]], tuple[Problem, ...]]:
    """Return the answers of ``questionnaire.csv`` by patient, in order of time, and what is wrong with them.

    Undated answers come first, those of one day as in the file. A cell that is empty, or says that nothing is
    known (``-``, ``?``, ``n/a``, ``unknown`` ...), is no answer. Two different answers of one patient to one
    item on one day are a problem, and neither is read.

    Raises
    ------
    InputError
        If the file cannot be read as a table with columns ``patient``, ``item`` and ``answer``.
    """
    table = read_table(root / QUESTIONNAIRE, required=("patient", "item", "answer"))
    dates = next((column for column in table.columns if column.lower() == "date"), "date")
    problems = list(table.problems)
    found: dict[str, dict[tuple[str, date | None], list[tuple[int, Answer]]]] = {}
    for row in table.rows:
        plain = Row(line=row.line, cells={**row.cells, "date": row.cells.get(dates, "")})
        answer = _answer(plain, problems)
        if answer is not None:
            key = (folded(answer.item), answer.date)
            found.setdefault(row.cells["patient"], {}).setdefault(key, []).append((row.line, answer))
    answers: dict[str, tuple[Answer, ...]] = {}
    for patient, by_item in found.items():
        kept = []
        for lines in by_item.values():
            if len({folded(answer.text) for _, answer in lines}) == 1:
                kept.append(lines[0][1])
                continue
            numbers = ", ".join(str(line) for line, _ in lines)
            text = f"Lines {numbers} of {QUESTIONNAIRE} answer one item differently on one day; none is read."
            about = f"{QUESTIONNAIRE}:{lines[0][0]}"
            problems.append(warning("answers_contradict", about, text, "Keep the one that holds."))
        answers[patient] = tuple(sorted(kept, key=lambda a: a.date or date.min))
    return answers, tuple(problems)


def _answer(row: Row, problems: list[Problem]) -> Answer | None:
    for column, expected in (("patient", "a patient"), ("item", "the item that was answered")):
        if not row.cells[column]:
            problems.append(bad_cell(QUESTIONNAIRE, row, column, expected, "the line is not read"))
            return None
    if folded(row.cells["answer"]) in _NOT_ANSWERED:
        return None
    day = None
    if row.cells["date"]:
        try:
            day = read_day(row.cells["date"])
        except ValueError:
            expected = "a date like 2012-03-01"
            problems.append(bad_cell(QUESTIONNAIRE, row, "date", expected, "the line is not read"))
            return None
    return Answer(item=row.cells["item"], text=row.cells["answer"], date=day)


def folded(text: str) -> str:
    """Return a text without what does not tell words apart: case, and blanks beyond one.

    Examples
    --------
    >>> folded("  Reduction  of pain ")
    'reduction of pain'
    """
    return " ".join(text.split()).casefold()


def questionnaire_template(patients: Iterable[str]) -> str:
    """Return an empty questionnaire as CSV: a line for each patient and item of `TEMPLATE`."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("patient", "date", "item", "answer"))
    writer.writerows((defused(patient), "", item, "") for patient in patients for item in TEMPLATE)
    return text.getvalue()
