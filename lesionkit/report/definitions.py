"""What every column of the tables means, in the words of the reference manual."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from lesionkit.report.cells import Row, columns

DEFINITION_COLUMNS = columns("table,column,unit,meaning")


@cache
def definition_rows() -> tuple[Row, ...]:
    """Return one row per column of the tables: its table, name, unit and meaning."""
    text = files("lesionkit.report").joinpath("definitions.csv").read_text(encoding="utf-8")
    return tuple(
        MappingProxyType({name: row[name] or None for name in DEFINITION_COLUMNS})
        for row in csv.DictReader(text.splitlines())
    )


def meaning_of(table: str, column: str) -> Mapping[str, str]:
    """Return a column's ``unit`` and ``meaning``; empty texts where nothing is written of it."""
    for row in definition_rows():
        if (row["table"], row["column"]) == (table, column):
            return {name: str(row[name] or "") for name in ("unit", "meaning")}
    return {"unit": "", "meaning": ""}
