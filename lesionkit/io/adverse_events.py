"""``adverse_events.csv``: what went wrong under treatment, one event a line."""

from collections.abc import Mapping
from pathlib import Path

from lesionkit.core.outcome import Problem
from lesionkit.io.problems import warning
from lesionkit.io.tables import bad_cell, read_table

ADVERSE_EVENTS = "adverse_events.csv"

_NONE = frozenset({"none", "no", "nil", "no event", "no events", "no adverse event", "no adverse events"})


def read_adverse_events(root: Path) -> tuple[Mapping[str, tuple[str, ...]], tuple[Problem, ...]]:
    """Return the events of ``adverse_events.csv`` by patient, as written, and what is wrong with the table.

    A patient whose only line is ``none`` has had no event, and is there with none. Of a patient without a
    line nothing is known: that patient is not there. An event written twice counts once.

    Raises
    ------
    InputError
        If the file cannot be read as a table with columns ``patient`` and ``event``.
    """
    table = read_table(root / ADVERSE_EVENTS, required=("patient", "event"))
    problems = list(table.problems)
    found: dict[str, dict[str, str]] = {}
    without: dict[str, int] = {}
    for row in table.rows:
        missing = next((name for name in ("patient", "event") if not row.cells[name]), None)
        if missing:
            expected = {"patient": "a patient", "event": "an event, or none"}[missing]
            problems.append(bad_cell(ADVERSE_EVENTS, row, missing, expected, "the line is not read"))
            continue
        patient, event = row.cells["patient"], " ".join(row.cells["event"].split())
        events = found.setdefault(patient, {})
        if event.casefold() in _NONE:
            without[patient] = row.line
        else:
            events.setdefault(event.casefold(), event)
    for patient, line in without.items():
        if found[patient]:
            text = (
                f"Line {line} of {ADVERSE_EVENTS} says none of a patient who had an event; the event counts."
            )
            problems.append(
                warning(
                    "adverse_events_contradict", f"{ADVERSE_EVENTS}:{line}", text, "Remove the wrong line."
                )
            )
    return {patient: tuple(events.values()) for patient, events in found.items()}, tuple(problems)
