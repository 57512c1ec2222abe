"""Measurements, responses and the questionnaire for REDCap: a data dictionary, and the data to import."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from lesionkit.core.cohort import Answer
from lesionkit.core.outcome import Outcome
from lesionkit.report.batch import Batch
from lesionkit.report.cells import Row
from lesionkit.report.exporters import Load, Progress, Tell
from lesionkit.report.redcap_fields import (
    DICTIONARY_COLUMNS,
    Field,
    answer_fields,
    folded,
    plain,
    table_fields,
)
from lesionkit.report.rows import measurement_rows, response_rows
from lesionkit.report.to_csv import csv_text

_RECORD = Field(name="record_id", form="patient", label="Patient", note="pseudonym", write=str)
_DAY = Field(name="q_date", form="questionnaire", label="date", validation="date_ymd", write=str)
_LONGEST_RECORD = 100


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
    """Return ``redcap_dictionary.csv`` and ``redcap_data.csv``.

    Each patient is a record; ``measurement``, ``response`` and ``questionnaire`` are instruments to be
    enabled as repeating, with one instance per row of their table, or per day on which items were answered.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    out : Path
        The folder; made where it is missing.
    load, reason_texts, progress, tell
        Not needed.
    """
    del load, reason_texts, progress, tell
    tables = {
        "measurement": (table_fields("measurements"), measurement_rows(outcome)),
        "response": (table_fields("responses"), response_rows(outcome)),
    }
    items = answer_fields(answer for some in outcome.answers.values() for answer in some)
    fields = [_RECORD, *(field for some, _ in tables.values() for field in some.values())]
    if items:
        fields += [_DAY, *items.values()]
    columns = (
        _RECORD.name,
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        *(field.name for field in fields[1:]),
    )
    names = record_names(patient.id for patient in outcome.cohort.patients)
    rows: list[dict[str, str | int]] = [{_RECORD.name: name} for name in names.values()]
    for form, (some, table) in tables.items():
        cells = (
            (str(row["patient"]), {field.name: field.write(row[column]) for column, field in some.items()})
            for row in table
        )
        rows += _instances(form, cells, names)
    rows += _instances("questionnaire", _answered(outcome.answers, items), names)
    with Batch(out) as batch:
        batch.add("redcap_dictionary.csv", csv_text(DICTIONARY_COLUMNS, (field.row for field in fields)))
        batch.add("redcap_data.csv", csv_text(columns, _whole(rows, columns, fields)))
    return batch.places


def record_names(patients: Iterable[str]) -> Mapping[str, str]:
    """Return the name of each patient's record: the pseudonym, as far as REDCap takes it.

    Other characters than letters, digits, blanks, ``.``, ``_`` and ``-`` become ``_``, and a digest keeps
    the names apart.

    Examples
    --------
    >>> record_names(["P01"])
    {'P01': 'P01'}
    """
    names: dict[str, str] = {}
    for patient in patients:
        name = re.sub(r"[^A-Za-z0-9 ._-]", "_", plain(patient))
        if name != patient or len(name) > _LONGEST_RECORD or name.startswith("-"):
            digest = hashlib.sha256(patient.encode(errors="surrogatepass")).hexdigest()[:9]
            name = f"{name.lstrip('-')[: _LONGEST_RECORD - 10]}_{digest}"
        names[patient] = name
    return names


def _instances(
    form: str, cells: Iterable[tuple[str, dict[str, str]]], names: Mapping[str, str]
) -> Iterator[dict[str, str | int]]:
    counts: dict[str, int] = {}
    for patient, values in cells:
        if patient in names:
            counts[patient] = counts.get(patient, 0) + 1
            yield {
                _RECORD.name: names[patient],
                "redcap_repeat_instrument": form,
                "redcap_repeat_instance": counts[patient],
                **values,
            }


def _answered(
    answers: Mapping[str, tuple[Answer, ...]], items: Mapping[str, Field]
) -> Iterator[tuple[str, dict[str, str]]]:
    for patient, some in answers.items():
        days: dict[date | None, dict[str, str]] = {}
        for answer in some:
            day = days.setdefault(answer.date, {_DAY.name: answer.date.isoformat() if answer.date else ""})
            field = items[folded(answer.item)]
            day[field.name] = field.write(answer.text)
        for values in days.values():
            yield patient, values


def _whole(
    rows: Iterable[Mapping[str, str | int]], columns: tuple[str, ...], fields: Iterable[Field]
) -> Iterator[Row]:
    # A number's sign is no formula: what was validated as a number is given as one.
    numbers = {field.name for field in fields if field.validation == "number"}
    for row in rows:
        yield {name: _cell(row.get(name), is_number=name in numbers) for name in columns}


def _cell(value: str | int | None, *, is_number: bool) -> str | int | float | None:
    if value in (None, ""):
        return None
    return float(value) if is_number and value is not None else value
