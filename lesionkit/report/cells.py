"""What a table is made of: rows of cells, and how each is written.

A row maps column names to cells, in the order of the columns. A cell holds a value, or None where it is
not known; `cell_text` says how it is written.
"""

from collections.abc import Mapping
from datetime import date
from math import floor, log10

Cell = str | int | float | date | None
Row = Mapping[str, Cell]

_DIGITS = 7
_MOST_DECIMALS = 9
"""A billionth of anything here is rounding: the change of what did not change."""


def columns(line: str) -> tuple[str, ...]:
    """Return the names of columns, written with commas between them."""
    return tuple(line.split(","))


def row_of(columns: tuple[str, ...], known: Mapping[str, Cell]) -> Row:
    """Return a row with all columns; those of which nothing is known are empty."""
    return {column: known.get(column) for column in columns}


def cell_text(cell: Cell) -> str:
    """Return how a cell is written: ISO dates, ``.`` decimals, nothing where it is not known.

    Numbers have seven significant digits (more where their whole part is longer, so that no whole
    millimetre is lost), at most nine decimals and never an exponent.

    Examples
    --------
    >>> cell_text(365318.25), cell_text(0.1), cell_text(-25.0), cell_text(None)
    ('365318.2', '0.1', '-25', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    if not isinstance(cell, float):
        return str(cell)
    if cell == 0:
        return "0"
    decimals = min(max(0, _DIGITS - 1 - floor(log10(abs(cell)))), _MOST_DECIMALS)
    text = f"{cell:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
