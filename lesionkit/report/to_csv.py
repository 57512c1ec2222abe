"""Tables for spreadsheets and programs, and the record of the run."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from pathlib import Path

from lesionkit.core.outcome import Outcome
from lesionkit.core.spreadsheet import defused
from lesionkit.report.alike_rows import COMPARABILITY_COLUMNS, comparability_rows
from lesionkit.report.batch import Batch
from lesionkit.report.cells import Cell, Row, cell_text
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

_Json = str | int | float | bool | None | list["_Json"] | dict[str, "_Json"]


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
    """Return ``measurements.csv``, ``tracks.csv``, ``responses.csv`` ... and ``run.json``.

    All are prepared before any is put in place, so that a failure leaves the old set as it was.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    out : Path
        The folder; made where it is missing.
    load, reason_texts, progress, tell
        As of `lesionkit.report.Exporter`; a table needs none of them.
    """
    del load, reason_texts, progress, tell
    with Batch(out) as batch:
        batch.add("measurements.csv", csv_text(MEASUREMENT_COLUMNS, measurement_rows(outcome)))
        batch.add("measures.csv", csv_text(MEASURE_COLUMNS, measure_rows(outcome)))
        batch.add("tracks.csv", csv_text(TRACK_COLUMNS, track_rows(outcome)))
        batch.add("responses.csv", csv_text(RESPONSE_COLUMNS, response_rows(outcome)))
        batch.add("problems.csv", csv_text(PROBLEM_COLUMNS, problem_rows(outcome)))
        batch.add("comparability.csv", csv_text(COMPARABILITY_COLUMNS, comparability_rows(outcome)))
        batch.add("run.json", json.dumps(run_record(outcome), indent=2, ensure_ascii=False) + "\n")
    return batch.places


def csv_text(columns: tuple[str, ...], rows: Iterable[Row]) -> str:
    """Return a table as CSV (RFC 4180) with a header; cells that would run as a formula are defused."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_safe(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def _safe(cell: Cell) -> str:
    # Numbers have signs of their own: only a text can be a formula.
    return defused(cell) if isinstance(cell, str) else cell_text(cell)


def run_record(outcome: Outcome) -> dict[str, _Json]:
    """Return what is needed to make the run again, as JSON.

    The names that ``cohort.toml`` maps to pseudonyms are left out: they may be hospital numbers.
    """
    settings = _plain(outcome.settings)
    assert isinstance(settings, dict)
    settings["patients"] = [_plain(name) for name in sorted(set(outcome.settings.patients.values()))]
    return {
        "version": outcome.versions.get("lesionkit", ""),
        "versions": _plain(outcome.versions),
        "cohort": outcome.cohort.name,
        "settings": settings,
        "criteria": _plain(outcome.criteria),
        "images": [
            {
                "id": ref.id,
                "patient": patient.id,
                "date": timepoint.date.isoformat(),
                "modality": ref.modality.value,
                "site": ref.site,
                "location": ref.location,
                "reader": ref.reader,
            }
            for patient in outcome.cohort.patients
            for timepoint in patient.timepoints
            for ref in timepoint.images
        ],
        "inputs": _plain(outcome.inputs),
        "timings_s": _plain(outcome.timings_s),
    }


def _plain(value: object) -> _Json:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list | frozenset):
        return [_plain(one) for one in value]
    return str(value)
