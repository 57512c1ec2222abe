"""Tables that users write beside their images, as a spreadsheet saves them."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lesionkit.core.cohort import Treatment
from lesionkit.core.outcome import Problem
from lesionkit.errors import InputError
from lesionkit.io.problems import error, warning

IMAGES, PATIENTS, TREATMENTS = "images.csv", "patients.csv", "treatments.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table.

    Parameters
    ----------
    line : int
        Its number in the file, the header being 1.
    cells : Mapping of str to str
        By column, stripped; empty where nothing is written.
    """

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as read.

    Parameters
    ----------
    columns : tuple of str
        In the order of the file.
    rows : tuple of Row
        Without empty lines.
    problems : tuple of Problem
        Lines that do not fit the header.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_table(path: Path, *, required: Sequence[str]) -> Table:
    """Return a CSV table; an empty one where there is no file.

    UTF-8 with or without a byte order mark; the separator is a comma, semicolon or tab, whichever the
    header line holds most of. `required` columns are found whatever their case.

    Raises
    ------
    InputError
        If it is not UTF-8, a required column is missing, or two columns have one name.
    """
    if not path.is_file():
        return Table()
    try:
        text = path.read_text(encoding="utf-8-sig")
        header = next((line for line in text.splitlines() if line.strip()), "")
        separator = max(",;\t", key=header.count)
        lines = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
        rows = [(lines.line_num, [cell.strip() for cell in row]) for row in lines if any(map(str.strip, row))]
    except UnicodeDecodeError as fault:
        hint = 'Save it again as "CSV UTF-8".'
        raise InputError(f"{path.name} is not UTF-8 text", hint=hint) from fault
    except (OSError, csv.Error) as fault:
        said = fault.strerror if isinstance(fault, OSError) else str(fault)
        raise InputError(f"{path.name} cannot be read: {said}", hint="Save it again as CSV.") from fault
    columns = _columns(rows[0][1] if rows else [], required, path.name)
    problems = []
    for line, row in rows[1:]:
        if len(row) > len(columns) and any(row[len(columns) :]):
            about = f"{path.name}:{line}"
            text = f"Line {line} of {path.name} has more cells than the header; the last are not read."
            problems.append(warning("table_row_too_long", about, text, "Quote cells that hold a separator."))
    return Table(
        columns=columns,
        rows=tuple(Row(line=line, cells=_cells(columns, row)) for line, row in rows[1:]),
        problems=tuple(problems),
    )


def _columns(names: Sequence[str], required: Sequence[str], file: str) -> tuple[str, ...]:
    wanted = {name.lower(): name for name in required}
    columns = tuple(wanted.get(name.lower(), name) for name in names)
    for name in required:
        if name not in columns:
            raise InputError(
                f"{file} has no column {name!r}", hint=f"Its first line must name: {', '.join(required)}."
            )
    for name in columns:
        if name and columns.count(name) > 1:
            raise InputError(f"{file} has two columns {name!r}", hint="Rename or remove one of them.")
    return columns


def _cells(columns: Sequence[str], row: Sequence[str]) -> Mapping[str, str]:
    padded = [*row, *[""] * (len(columns) - len(row))]
    return {name: cell for name, cell in zip(columns, padded, strict=False) if name}


def read_day(text: str) -> date:
    """Return the day a cell names, ``YYYY-MM-DD`` or ``YYYYMMDD``.

    Raises
    ------
    ValueError
        If it is written otherwise: 01/02/2012 is not guessed at.
    """
    if len(text) not in (8, 10) or (len(text) == 8 and not text.isdigit()):
        raise ValueError(text)
    return date.fromisoformat(text)


def read_number(text: str) -> float:
    """Return a positive number, with a point or a decimal comma.

    Raises
    ------
    ValueError
        If it is none.
    """
    value = float(text.replace(",", "."))
    if not 0 < value < float("inf"):
        raise ValueError(text)
    return value


def bad_cell(file: str, row: Row, column: str, expected: str, consequence: str) -> Problem:
    """Return the problem that a cell does not hold what it should."""
    said = f"{column} is {row.cells[column]!r} instead of {expected}"
    text = f"In line {row.line} of {file}, {said}; {consequence}."
    return error("table_cell_invalid", f"{file}:{row.line}", text, f"Correct it in {file}.")


def read_facts(root: Path) -> tuple[Mapping[str, Mapping[str, str]], tuple[Problem, ...]]:
    """Return the rows of ``patients.csv`` by patient, as written, and what is wrong with them.

    Raises
    ------
    InputError
        If the file cannot be read as a table with a column ``patient``.
    """
    table = read_table(root / PATIENTS, required=("patient",))
    facts: dict[str, Mapping[str, str]] = {}
    problems = list(table.problems)
    for row in table.rows:
        name = row.cells["patient"]
        if not name:
            problems.append(bad_cell(PATIENTS, row, "patient", "a patient", "the line is not read"))
        elif name in facts:
            text = f"Line {row.line} of {PATIENTS} names a patient again; only the first line is read."
            problems.append(
                warning("patient_listed_twice", f"{PATIENTS}:{row.line}", text, "Remove one of the lines.")
            )
        else:
            facts[name] = {column: cell for column, cell in row.cells.items() if column != "patient"}
    return facts, tuple(problems)


def read_treatments(root: Path) -> tuple[Mapping[str, tuple[Treatment, ...]], tuple[Problem, ...]]:
    """Return the treatments of ``treatments.csv`` by patient, as written, and what is wrong with them.

    Raises
    ------
    InputError
        If the file cannot be read as a table with columns ``patient`` and ``drug``.
    """
    table = read_table(root / TREATMENTS, required=("patient", "drug"))
    known = ("patient", "drug", "start", "end", "dose", "cycles")
    found: dict[str, list[Treatment]] = {}
    problems = [*table.problems]
    lower = {column.lower(): column for column in table.columns}
    for row in table.rows:
        cells = {name: row.cells.get(lower.get(name, name), "") for name in known}
        plain = Row(line=row.line, cells=cells)
        if not cells["patient"]:
            problems.append(bad_cell(TREATMENTS, plain, "patient", "a patient", "the line is not read"))
            continue
        found.setdefault(cells["patient"], []).append(
            Treatment(
                drug=cells["drug"],
                start=_optional_day(plain, "start", problems),
                end=_optional_day(plain, "end", problems),
                dose=cells["dose"],
                cycles=cells["cycles"],
            )
        )
    return {patient: tuple(given) for patient, given in found.items()}, tuple(problems)


def _optional_day(row: Row, column: str, problems: list[Problem]) -> date | None:
    if not row.cells[column]:
        return None
    try:
        return read_day(row.cells[column])
    except ValueError:
        expected = "a date like 2012-03-01"
        problems.append(bad_cell(TREATMENTS, row, column, expected, "it is taken as not known"))
        return None
