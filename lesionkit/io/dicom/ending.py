"""Whether a DICOM file ends before it is done.

pydicom takes what is there of a file that breaks off, and says so in its log only: of a structure set or a
report, that would be some of the deposits, without a word.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from lesionkit.io.dicom.opening import open_dataset, unreadable

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_META_ONLY = b"\x02\x00"
_LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
_UNKNOWN = 0xFFFFFFFF
_ITEM_END, _SEQUENCE_END = (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)
_SYNTAX = (0x0002, 0x0010)
_IMPLICIT, _BIG, _DEFLATED = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
_DEEPEST = 60

Tag = tuple[int, int]


def open_whole(path: Path) -> "Dataset":
    """Return a file as a pydicom dataset, if all of it is there.

    Raises
    ------
    ReadError
        If it is not DICOM, or breaks off.
    """
    if breaks_off(path):
        raise unreadable(path, "it ends within an element")
    return open_dataset(path)


def breaks_off(path: Path) -> bool:
    """Return whether a file ends within an element, a sequence or an item that it began.

    False where that cannot be told: without a preamble, or deflated (which is told when it is inflated).
    A file cut exactly between two elements of its own looks whole.

    References
    ----------
    DICOM PS3.5 sections 7.1 (Data Elements) and 7.5 (Nesting of Data Sets).
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(128)
        if file.read(4) != b"DICM":
            return False
        walk = _Walk(file, size)
        try:
            syntax = walk.meta()
            if syntax == _DEFLATED:
                return False
            walk.little = syntax != _BIG
            walk.implicit = syntax == _IMPLICIT or not _names_a_vr(file)
            while walk.at < size:
                if not any(file.read(64)):
                    return False  # padding
                file.seek(walk.at)
                walk.element()
        except EOFError:
            return True
    return False


def _names_a_vr(file: BinaryIO) -> bool:
    """Return whether the next element is told with its VR, whatever the file claims."""
    at = file.tell()
    head = file.read(6)
    file.seek(at)
    return head[4:6].isalpha() and head[4:6].isupper()


class _Walk:
    """Goes through a file from element to element, without their values."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size = file, size
        self.at = 132
        self.little, self.implicit = True, False
        self._depth = 0

    def meta(self) -> str:
        """Pass the file meta information and return the transfer syntax."""
        syntax = ""
        while self._peek() == _META_ONLY:
            start = self.at
            tag = self.element()
            if tag == _SYNTAX:
                self.file.seek(start + 8)
                syntax = self.file.read(self.at - start - 8).decode("ascii", "replace").strip("\0 ")
        self.file.seek(self.at)
        return syntax

    def element(self) -> Tag:
        """Pass one element with all that it holds and return its tag."""
        tag = self._tag()
        if tag[0] == 0xFFFE or self.implicit:
            length, holds_implicit = self._number(4), True
        else:
            vr = self._take(2)
            if vr in _LONG:
                self._take(2)
            length, holds_implicit = self._number(4 if vr in _LONG else 2), vr == b"UN"
        if length != _UNKNOWN:
            self._skip(length)
        else:
            before = self.implicit
            self.implicit = before or (holds_implicit and tag[0] != 0xFFFE)
            self._until(_SEQUENCE_END, self._item)
            self.implicit = before
        return tag

    def _item(self) -> None:
        self._tag()
        length = self._number(4)
        if length == _UNKNOWN:
            self._until(_ITEM_END, self.element)
        else:
            self._skip(length)

    def _until(self, end: Tag, step: Callable[[], object]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RecursionError("nested absurdly deep")
        while True:
            at = self.at
            if self._tag() == end:
                self._skip(4)
                break
            self.at = at
            self.file.seek(at)
            step()
        self._depth -= 1

    def _peek(self) -> bytes:
        self.file.seek(self.at)
        found = self.file.read(2)
        self.file.seek(self.at)
        return found

    def _take(self, count: int) -> bytes:
        found = self.file.read(count)
        if len(found) < count:
            raise EOFError
        self.at += count
        return found

    def _number(self, count: int) -> int:
        return int.from_bytes(self._take(count), "little" if self.little else "big")

    def _tag(self) -> Tag:
        return self._number(2), self._number(2)

    def _skip(self, length: int) -> None:
        if self.at + length > self.size:
            raise EOFError
        self.at += length
        self.file.seek(self.at)
