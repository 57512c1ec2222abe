"""What is printed of a cohort: its tables, and where they lie."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from lesionkit.cli.terminal import escape, print_json, print_problems, printing, table_of
from lesionkit.core.summary import CohortSummary
from lesionkit.report.cells import Cell
from lesionkit.report.cohort_rows import cohort_rows
from lesionkit.report.cohort_tables import printed_tables
from lesionkit.report.markup import on_one_line, plain


def show_summary(summary: CohortSummary, paths: Sequence[Path], *, as_json: bool, quiet: bool) -> None:
    """Print the tables of a cohort with their notes, then where they lie.

    Parameters
    ----------
    summary : CohortSummary
        What was found.
    paths : sequence of Path
        Files that hold it.
    as_json, quiet
        As the options.
    """
    if as_json:
        tables = {
            name: [{column: _plain(cell) for column, cell in row.items()} for row in rows]
            for name, rows in cohort_rows(summary).items()
        }
        files = [str(path) for path in paths]
        print_json({"cohort": summary.name, "patients": summary.patients, **tables, "files": files})
        return
    with printing() as out:
        for shown in printed_tables(summary):
            out.print(f"[bold]{escape(plain(shown.title))}[/]", soft_wrap=True)
            if shown.rows:
                table = table_of(*shown.columns)
                for column in table.columns:
                    column.no_wrap = False
                for row in shown.rows:
                    table.add_row(*(escape(plain(cell)) for cell in row))
                out.print(table)
            for note in shown.notes:
                out.print(escape(on_one_line(note)), soft_wrap=True)
            out.print()
        out.print(f"Tables: {escape(str(paths[0].parent))}", soft_wrap=True)
    print_problems(summary.problems, quiet=quiet)


def _plain(cell: Cell) -> str | int | float | None:
    return cell.isoformat() if isinstance(cell, date) else cell
