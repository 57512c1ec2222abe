"""Everything that was done, one line each, on the disk before it counts: what a crash cannot take away."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = 1

Record = Mapping[str, Any]
"""One line: `kind`, `at`, `who`, and what the kind needs."""


class ForeignJournalError(OSError):
    """Somebody else has written into the journal, or taken it away, since it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a journal holds.

    Parameters
    ----------
    records : tuple of Record
        Those that are whole and follow one another.
    size : int
        Bytes that they take.
    is_torn : bool
        Whether half a line followed, as a crash leaves it: that gesture was in progress, and is lost.
    is_damaged : bool
        Whether more than that cannot be read.
    """

    records: tuple[Record, ...] = ()
    size: int = 0
    is_torn: bool = False
    is_damaged: bool = False


def read_journal(path: Path) -> Read:
    """Return what a journal holds; nothing where there is none.

    Each line bears a digest of itself and of the line before: a line that was changed, lost or moved ends
    what is believed.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Read()
    records: list[Record] = []
    size, link = 0, ""
    while size < len(content):
        end = content.find(b"\n", size)
        line = content[size:end] if end >= 0 else content[size:]
        record = _parsed(line, link) if end >= 0 else None
        if record is None:
            is_last = end < 0 or end + 1 == len(content)
            return Read(records=tuple(records), size=size, is_torn=is_last, is_damaged=not is_last)
        records.append(record)
        link = record["link"]
        size = end + 1
    return Read(records=tuple(records), size=size)


def _parsed(line: bytes, link: str) -> Record | None:
    try:
        record = json.loads(line)
        return record if isinstance(record, dict) and record.get("link") == _link(record, link) else None
    except ValueError:
        return None


def _link(record: Record, before: str) -> str:
    body = {key: value for key, value in record.items() if key != "link"}
    return hashlib.sha256((before + _text(body)).encode()).hexdigest()[:16]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class Journal:
    """A journal that is being written.

    What cannot be written waits, in order, and is tried again with the next line or by `retry`.

    Parameters
    ----------
    path : Path
        The file; made with the first line.
    read : Read
        What `read_journal` returned of it. A torn last line is cut off before anything is added.
    """

    def __init__(self, path: Path, read: Read) -> None:
        self.path = path
        self._size = read.size
        self._link = str(read.records[-1]["link"]) if read.records else ""
        self._may_cut = read.is_torn
        self._waiting: list[bytes] = []
        self.fault: OSError | None = None

    @property
    def waits(self) -> bool:
        """Whether some lines are in memory only."""
        return bool(self._waiting)

    def append(self, records: Iterable[Record]) -> bool:
        """Add lines and return whether they are on the disk; else `fault` says why, and they wait.

        Raises
        ------
        ForeignJournalError
            If somebody else wrote into it; the lines wait.
        """
        for record in records:
            body = {key: value for key, value in record.items() if key != "link"}
            self._link = _link(body, self._link)
            self._waiting.append((_text({**body, "link": self._link}) + "\n").encode())
        return self.retry()

    def retry(self) -> bool:
        """Write what waits; return whether nothing waits any more.

        Raises
        ------
        ForeignJournalError
            If somebody else wrote into it.
        """
        if not self._waiting:
            return True
        content = b"".join(self._waiting)
        try:
            self._write(content)
        except ForeignJournalError as fault:
            self.fault = fault
            raise
        except OSError as fault:
            self.fault = fault
            return False
        self._size += len(content)
        self._waiting.clear()
        self.fault = None
        return True

    def _write(self, content: bytes) -> None:
        is_new = self._size == 0
        flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | (os.O_CREAT if is_new else 0)
        try:
            handle = os.open(self.path, flags, 0o644)
        except FileNotFoundError as fault:
            if self.path.parent.is_dir():
                raise ForeignJournalError("the journal was taken away") from fault
            raise
        try:
            there = os.fstat(handle).st_size
            if there != self._size and not (self._may_cut and there > self._size):
                raise ForeignJournalError("somebody else wrote into the journal")
            # From here on, whatever a failed attempt left behind our last line is our own.
            self._may_cut = True
            os.ftruncate(handle, self._size)
            os.lseek(handle, self._size, os.SEEK_SET)
            _write_all(handle, content)
            os.fsync(handle)
            self._may_cut = False
        finally:
            os.close(handle)
        if is_new:
            _sync_folder(self.path.parent)


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _sync_folder(folder: Path) -> None:
    """Let a new file's name reach the disk too, where the system knows how."""
    with contextlib.suppress(OSError, AttributeError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def of_kind(records: Sequence[Record], kind: str) -> tuple[Record, ...]:
    """Return the records of one kind."""
    return tuple(record for record in records if record["kind"] == kind)
