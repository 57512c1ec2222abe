"""The SDTM datasets as SAS version 5 transport files, which agencies read."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import pyreadstat

from lesionkit.core.outcome import Outcome
from lesionkit.report.cells import Cell, cell_text
from lesionkit.report.exporters import Load, Progress, Tell
from lesionkit.report.sdtm_domains import Domain
from lesionkit.report.to_sdtm import ABOUT, sdtm_datasets


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
    """Return ``tu.xpt``, ``tr.xpt``, ``rs.xpt``, ``supptr.xpt``, ``supprs.xpt`` and ``README.txt``.

    As `lesionkit.report.to_sdtm` writes them as CSV. A dataset without a record is not written.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    out : Path
        The folder; made where it is missing.
    load, reason_texts, progress
        Not needed.
    tell : callable, optional
        Called with what is left out.
    """
    del load, reason_texts, progress
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for domain in sdtm_datasets(outcome, tell=tell):
        if domain.rows:
            paths.append(out / f"{domain.name.lower()}.xpt")
            pyreadstat.write_xport(
                _frame(domain),
                str(paths[-1]),
                file_label=domain.label,
                column_labels=[variable.label for variable in domain.variables],
                table_name=domain.name,
                file_format_version=5,
            )
    paths.append(out / "README.txt")
    paths[-1].write_text(ABOUT, encoding="utf-8")
    return tuple(paths)


def _frame(domain: Domain) -> pd.DataFrame:
    return pd.DataFrame(
        {
            variable.name: pd.Series(
                [_value(row[variable.name], is_number=variable.is_number) for row in domain.rows],
                dtype="float64" if variable.is_number else "object",
            )
            for variable in domain.variables
        }
    )


def _value(cell: Cell, *, is_number: bool) -> str | float:
    if is_number:
        return float("nan") if cell is None or isinstance(cell, str | date) else float(cell)
    return cell_text(cell)
