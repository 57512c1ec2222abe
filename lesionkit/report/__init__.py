"""Nouns to files: tables for spreadsheets and programs, pages to look at, and the door for other formats."""

from lesionkit.report.cells import Row, cell_text
from lesionkit.report.exporters import EXPORTERS, Exporter, Load, Progress, Tell, write
from lesionkit.report.rows import (
    measurement_rows,
    problem_rows,
    response_rows,
    track_rows,
)

__all__ = [
    "EXPORTERS",
    "Exporter",
    "Load",
    "Progress",
    "Row",
    "Tell",
    "cell_text",
    "measurement_rows",
    "problem_rows",
    "response_rows",
    "track_rows",
    "write",
]
