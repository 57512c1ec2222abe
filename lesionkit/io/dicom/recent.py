"""Where the pixels of files stand that were looked into just now, so that loading need not look again."""

import os
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from lesionkit.io.dicom.layout import Layout

_MOST = 20_000
"""Files remembered, a few hundred bytes each; the oldest are forgotten."""

_SETTLED_NS = 2_000_000_000
"""A file written more recently may be written again without its time telling: file systems round times."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a file does: its bytes, time of writing, and identity."""

    size: int
    written_ns: int
    device: int
    number: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Stamp":
        """Return the stamp of an open or named file."""
        return cls(status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)


@dataclass(frozen=True, slots=True)
class PixelsOf:
    """The pixels of a single picture: the file they are in, where they begin, and their layout."""

    stamp: Stamp
    at: int
    layout: Layout

    @property
    def size(self) -> int:
        """Bytes from there to the end of the file."""
        return self.stamp.size - self.at


class Recent:
    """Remembers files as long as they stay as they were."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, PixelsOf] = OrderedDict()
        self._lock = Lock()

    def keep(self, path: Path, pixels: PixelsOf) -> None:
        """Remember a file, unless it was written a moment ago."""
        if time.time_ns() - pixels.stamp.written_ns < _SETTLED_NS:
            return
        with self._lock:
            self._known[os.fspath(path)] = pixels
            while len(self._known) > _MOST:
                self._known.popitem(last=False)

    def recall(self, path: Path) -> PixelsOf | None:
        """Return what is known of a file; None where that is nothing, or the file has changed."""
        with self._lock:
            known = self._known.get(os.fspath(path))
        if known is None:
            return None
        try:
            status = os.stat(path)  # noqa: PTH116  # ten times as quick as by the path's own method
        except OSError:
            return None
        return known if Stamp.of(status) == known.stamp else None


RECENT = Recent()
"""Of this process; what is remembered changes no result."""
