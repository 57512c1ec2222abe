"""The tables of a cohort -> CSV for programs, Markdown and LaTeX for a paper."""

from pathlib import Path

from lesionkit.core.summary import CohortSummary
from lesionkit.report.batch import Batch
from lesionkit.report.cohort_rows import COHORT_COLUMNS, cohort_rows
from lesionkit.report.cohort_tables import printed_tables
from lesionkit.report.markup import to_latex, to_markdown
from lesionkit.report.to_csv import csv_text


def write(summary: CohortSummary, out: Path) -> tuple[Path, ...]:
    """Return the files written into a folder: a CSV per table, ``tables.md`` and ``tables.tex``.

    Every CSV is there, with its header alone where there is nothing to tell.

    Parameters
    ----------
    summary : CohortSummary
        What to write.
    out : Path
        The folder; made where it is missing.
    """
    rows = cohort_rows(summary)
    tables = printed_tables(summary)
    with Batch(out) as batch:
        batch.add("tables.md", to_markdown(tables, title=summary.name))
        batch.add("tables.tex", to_latex(tables, title=summary.name))
        for name, columns in COHORT_COLUMNS.items():
            batch.add(f"{name}.csv", csv_text(columns, rows[name]))
    return batch.places
