"""What the journals of a folder say, as tables: who did what and when, and how long each case took."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lesionkit.core.region import Deposit, Mask
from lesionkit.core.spreadsheet import defused
from lesionkit.errors import InputError, LesionkitError
from lesionkit.geometry.polygon import ring_area
from lesionkit.io.files import write_whole
from napari_lesionkit._drawn import Drawn
from napari_lesionkit._history import Moment, moments
from napari_lesionkit._journal import Record, read_journal

TRAIL = (
    "at",
    "who",
    "image",
    "reader",
    "gesture",
    "deposit",
    "name",
    "status",
    "role",
    "size_px_before",
    "size_px",
    "link",
)
TIMES = ("reader", "case", "image", "opened", "seconds", "pauses_s", "gestures", "deposits")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Journal:
    image: str
    reader: str
    records: tuple[Record, ...]


def write_trail(folder: Path | str, path: Path | str) -> int:
    """Write the audit trail of a folder as CSV and return its number of rows.

    One row per gesture and deposit that it touched, in the order of time within each image: what was done, by
    whom and when, and the deposit before and after it (size in px² or voxels, holes taken off). ``link`` is
    the digest by which each line of a journal holds the line before: what was changed, left out or moved
    there shows by it.

    Parameters
    ----------
    folder : path
        The cohort.
    path : path
        The table.

    Raises
    ------
    InputError
        If there is no journal in the folder.
    """
    rows = [row for journal in _journals(Path(folder)) for row in _gestures(journal)]
    _write(Path(path), TRAIL, rows)
    return len(rows)


def write_times(folder: Path | str, path: Path | str) -> int:
    """Write how long each case took as CSV and return its number of rows: one per image and reader.

    ``seconds`` is the time for which the case was open, all visits together; ``pauses_s`` what of it went
    beyond a minute without a gesture. Of a visit that ended in a crash, the time from its first to its last
    gesture counts.

    Parameters
    ----------
    folder : path
        The cohort.
    path : path
        The table.

    Raises
    ------
    InputError
        If there is no journal in the folder.
    """
    rows = [_time(journal) for journal in _journals(Path(folder))]
    _write(Path(path), TIMES, rows)
    return len(rows)


def _journals(folder: Path) -> Iterator[_Journal]:
    found = False
    for path in sorted(folder.rglob("*.journal.jsonl")):
        records = read_journal(path).records
        bases = [record for record in records if record["kind"] == "base"]
        if bases:
            found = True
            yield _Journal(image=bases[-1]["image"], reader=bases[-1]["reader"], records=records)
    if not found:
        raise InputError(f"{folder} holds no journal", hint="Name a folder that was outlined in napari.")


def _gestures(journal: _Journal) -> Iterator[tuple[object, ...]]:
    for moment in _understood(journal):
        record, step = moment.record, moment.step
        if step is None:
            continue
        kind = record["kind"]
        before, after = (step.after, step.before) if kind == "undo" else (step.before, step.after)
        word = step.edit.verb if kind == "edit" else f"{kind}: {step.edit.verb}"
        said = (record["at"], record["who"], journal.image, journal.reader, word)
        keys = dict.fromkeys((*(d.id for d in step.edit.puts), *step.edit.takes))
        for key in keys or ("",):
            yield (*said, *_touched(key, before, after), record["link"])


def _understood(journal: _Journal) -> Iterator[Moment]:
    try:
        yield from moments(journal.records)
    except (ValueError, LookupError, TypeError, AssertionError, LesionkitError):
        return


def _touched(key: str, before: Drawn, after: Drawn) -> tuple[object, ...]:
    old, new = _find(before, key), _find(after, key)
    one = new or old
    if one is None:
        return key, "", "", "", "", ""
    return key, one.name or "", one.status.value, one.role or "", _size(old), _size(new)


def _find(drawn: Drawn, key: str) -> Deposit | None:
    return next((deposit for deposit in drawn.deposits if deposit.id == key), None)


def _size(deposit: Deposit | None) -> str:
    if deposit is None:
        return ""
    sizes = (
        float(region.voxels.sum())
        if isinstance(region, Mask)
        else float(ring_area(region.exterior)) - sum(float(ring_area(hole)) for hole in region.holes)
        for region in deposit.regions
    )
    return f"{sum(sizes):.2f}"


def _time(journal: _Journal) -> tuple[object, ...]:
    timed = [record for record in journal.records if record["kind"] == "time"]
    gestures = [record for record in journal.records if record["kind"] in ("edit", "undo", "redo")]
    last = list(_understood(journal))[-1:]
    seconds = sum(float(record["seconds"]) for record in timed) + _left_open(journal.records)
    return (
        journal.reader,
        next((record["case"] for record in timed if "case" in record), ""),
        journal.image,
        journal.records[0]["at"],
        f"{seconds:.1f}",
        f"{sum(float(record['pauses_s']) for record in timed):.1f}",
        len(gestures),
        len(last[0].history.drawn.present) if last else "",
    )


def _left_open(records: Sequence[Record]) -> float:
    """Return the seconds from first to last gesture of a visit whose end was never noted."""
    open_: list[datetime] = []
    for record in records:
        if record["kind"] == "time":
            open_ = []
        elif record["kind"] in ("edit", "undo", "redo"):
            open_.append(datetime.fromisoformat(record["at"]))
    return (open_[-1] - open_[0]).total_seconds() if open_ else 0.0


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([[defused(cell) if isinstance(cell, str) else cell for cell in row] for row in rows])
    write_whole(path, text.getvalue())
