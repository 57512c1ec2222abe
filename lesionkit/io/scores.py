"""``scores.csv``: scores that readers or patients gave, one value a line."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from lesionkit.core.outcome import Problem
from lesionkit.core.score import Score
from lesionkit.io.tables import Row, bad_cell, read_day, read_table

SCORES = "scores.csv"


def read_scores(root: Path) -> tuple[Mapping[str, tuple[Score, ...]], tuple[Problem, ...]]:
    """Return the scores of ``scores.csv`` by patient, in order of time, and what is wrong with them.

    Raises
    ------
    InputError
        If the file cannot be read as a table with columns ``patient``, ``date``, ``score`` and ``value``.
    """
    table = read_table(root / SCORES, required=("patient", "date", "score", "value"))
    lower = {column.lower(): column for column in table.columns}
    found: dict[str, list[Score]] = {}
    problems = list(table.problems)
    for row in table.rows:
        day, value = _day(row), _value(row)
        for column, expected, is_there in (
            ("patient", "a patient", bool(row.cells["patient"])),
            ("score", "the name of a score", bool(row.cells["score"])),
            ("date", "a date like 2012-03-01", day is not None),
            ("value", "a number of 0 or more", value is not None),
        ):
            if not is_there:
                problems.append(bad_cell(SCORES, row, column, expected, "the line is not read"))
                break
        else:
            assert day is not None
            assert value is not None
            reader = row.cells.get(lower.get("reader", "reader"), "")
            score = Score(date=day, name=row.cells["score"], value=value, reader=reader)
            found.setdefault(row.cells["patient"], []).append(score)
    ordered = {
        patient: tuple(sorted(some, key=lambda s: (s.date, s.name))) for patient, some in found.items()
    }
    return ordered, tuple(problems)


def _day(row: Row) -> date | None:
    try:
        return read_day(row.cells["date"])
    except ValueError:
        return None


def _value(row: Row) -> float | None:
    try:
        value = float(row.cells["value"].replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
