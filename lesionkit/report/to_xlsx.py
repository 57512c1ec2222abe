"""Every table as a sheet of one workbook, with dates as dates and numbers as numbers."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import islice
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell as Made
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from lesionkit.core.outcome import Outcome, Problem, Severity
from lesionkit.core.spreadsheet import defused
from lesionkit.report.alike_rows import COMPARABILITY_COLUMNS, comparability_rows
from lesionkit.report.cells import Cell, Row, cell_text
from lesionkit.report.definitions import DEFINITION_COLUMNS, definition_rows
from lesionkit.report.exporters import Load, Progress, Tell
from lesionkit.report.measure_rows import MEASURE_COLUMNS, measure_rows
from lesionkit.report.rows import (
    MEASUREMENT_COLUMNS,
    PROBLEM_COLUMNS,
    RESPONSE_COLUMNS,
    TRACK_COLUMNS,
    measurement_rows,
    problem_rows,
    response_rows,
    track_rows,
)

NAME = "lesionkit.xlsx"
MOST_ROWS = 1_048_575
"""Below the header; a sheet has no more."""
LONGEST_TEXT = 32_767
_UNPRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold, and what would turn the text around it."""


def write(
    outcome: Outcome,
    out: Path,
    /,
    *,
    load: Load | None = None,
    reason_texts: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> tuple[Path, ...]:
    """Return ``lesionkit.xlsx``: a sheet per table and one that defines every column.

    Empty cells are not known. No cell is a formula, whatever it starts with.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    out : Path
        The folder; made where it is missing.
    load, reason_texts, progress
        Not needed.
    tell : callable, optional
        Called with what no sheet can hold.
    """
    del load, reason_texts, progress
    book = Workbook(write_only=True)
    book.properties.creator = f"lesionkit {outcome.versions.get('lesionkit', '')}".strip()
    book.properties.title = _plain(outcome.cohort.name)[:255]
    tables = {
        "measurements": (MEASUREMENT_COLUMNS, measurement_rows(outcome)),
        "measures": (MEASURE_COLUMNS, measure_rows(outcome)),
        "tracks": (TRACK_COLUMNS, track_rows(outcome)),
        "responses": (RESPONSE_COLUMNS, response_rows(outcome)),
        "comparability": (COMPARABILITY_COLUMNS, comparability_rows(outcome)),
        "problems": (PROBLEM_COLUMNS, problem_rows(outcome)),
        "definitions": (DEFINITION_COLUMNS, definition_rows()),
    }
    for name, (columns, rows) in tables.items():
        _add_sheet(book, name, columns, islice(rows, MOST_ROWS))
        if len(rows) > MOST_ROWS and tell is not None:
            tell(_too_long(name, len(rows)))
    out.mkdir(parents=True, exist_ok=True)
    book.save(out / NAME)
    return (out / NAME,)


def _too_long(name: str, count: int) -> Problem:
    return Problem(
        severity=Severity.ERROR,
        code="sheet_too_long",
        about=NAME,
        text=f"The table {name} has {count} rows, of which a sheet holds the first {MOST_ROWS}.",
        hint="Use the CSV tables.",
    )


def _add_sheet(book: Workbook, name: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns):
        width = 60 if column in ("text", "hint", "meaning", "reasons") else max(10, len(column) + 2)
        sheet.column_dimensions[_letters(number)].width = width
    header = [WriteOnlyCell(sheet, value=column) for column in columns]
    for cell in header:
        cell.font = Font(bold=True)
    sheet.append(header)
    last = 1
    for row in rows:
        sheet.append([_cell(sheet, row[column]) for column in columns])
        last += 1
    sheet.auto_filter.ref = f"A1:{_letters(len(columns) - 1)}{last}"


def _letters(number: int) -> str:
    return str(get_column_letter(number + 1))


def _cell(sheet: Worksheet, cell: Cell) -> Made | None:
    if cell is None:
        return None
    if isinstance(cell, float):
        # As in the CSV tables, so that both say the same.
        return WriteOnlyCell(sheet, value=float(cell_text(cell)))
    if isinstance(cell, date):
        made = WriteOnlyCell(sheet, value=cell)
        made.number_format = "yyyy-mm-dd"
        return made
    if isinstance(cell, int):
        return WriteOnlyCell(sheet, value=cell)
    text = _plain(cell)
    made = WriteOnlyCell(sheet, value=text)
    made.data_type = "s"  # openpyxl takes what starts with = for a formula
    made.alignment = Alignment(vertical="top")
    # Saved as CSV or edited, it stays what it is.
    made.quotePrefix = defused(text) != text
    return made


def _plain(text: str) -> str:
    return _UNPRINTED.sub(" ", text)[:LONGEST_TEXT]
