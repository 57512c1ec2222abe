"""DICOM files opened with pydicom, which is kept quiet, and whose many errors become one."""

import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from pydicom.errors import BytesLengthException, InvalidDicomError

from lesionkit.errors import ReadError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

BROKEN_FILE = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    RuntimeError,  # holds NotImplementedError and RecursionError
    AssertionError,
    struct.error,
    zlib.error,
    BytesLengthException,
    InvalidDicomError,
)
"""What pydicom and its decoders raise on files that are not what they claim to be."""


class _Quiet:
    """How many want pydicom quiet, and what to put back when the last one leaves."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._before = ExitStack()

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                logger = logging.getLogger("pydicom")
                self._before.callback(setattr, logger, "disabled", logger.disabled)
                logger.disabled = True
                self._before.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._before.close()


_QUIET = _Quiet()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep pydicom from warning and logging: what matters becomes a problem, and values may be private.

    Warnings and loggers are the process's: images load on several threads, and the last one to leave puts
    back what the first one found.
    """
    _QUIET.enter()
    try:
        yield
    finally:
        _QUIET.leave()


def open_dataset(path: Path) -> "Dataset":
    """Return a file as a pydicom dataset, pixels included.

    Raises
    ------
    ReadError
        If it is not DICOM, or breaks off.
    """
    from pydicom import dcmread

    try:
        return dcmread(path, force=True)
    except BROKEN_FILE as error:
        raise unreadable(path, type(error).__name__) from error


class PixelsAt(NamedTuple):
    """Where in a file the value of its pixels begins, and its bytes; −1 where there is no such element."""

    value_at: int
    length: int


def open_until_pixels(path: Path) -> "tuple[Dataset, PixelsAt]":
    """Return a little endian file as a pydicom dataset without its pixels, and where these stand.

    Raises
    ------
    ReadError
        If it is not DICOM, or breaks off.
    """
    from pydicom import dcmread

    try:
        with path.open("rb") as file:
            dataset = dcmread(file, force=True, stop_before_pixels=True)
            at, head = file.tell(), file.read(12)
    except BROKEN_FILE as error:
        raise unreadable(path, type(error).__name__) from error
    if len(head) < 12 or head[:4] != b"\xe0\x7f\x10\x00":
        return dataset, PixelsAt(-1, -1)
    implicit, _ = dataset.original_encoding
    if implicit:
        return dataset, PixelsAt(at + 8, int.from_bytes(head[4:8], "little"))
    return dataset, PixelsAt(at + 12, int.from_bytes(head[8:], "little"))


def unreadable(path: Path, reason: str) -> ReadError:
    """Return the error that a file breaks off, or is damaged."""
    return ReadError(
        f"{path.name} is not readable as DICOM: it breaks off or is damaged",
        path=path,
        tried={"dicom": reason},
        hint="Export it again from the archive.",
    )
