"""Headers of many DICOM files walked side by side, one element of each at a time.

A Python loop over the some 260 elements of every slice costs as much as reading the pixels. Files of one
series are built alike, so a step from element to element is taken for all of them at once. Only what
pydicom would read in the same way is walked; at anything unusual a file is given up, and pydicom reads it.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lesionkit.io.dicom.nested import UNDEFINED, Nested
from lesionkit.io.dicom.recent import Stamp

FEW = 8
"""Fewer files than these are not worth walking side by side."""

_HEADS = (16 << 10, 512 << 10)
"""How much of a file is read: most headers fit into the first; pixels read in vain cost little."""
_AT_ONCE = (512, 16)

_EXPLICIT, _IMPLICIT, _DEFLATED, _BIG = (
    b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.2",
)  # fmt: skip
_SYNTAX = 0x00020010
_META = {0x00020002: "UI", _SYNTAX: "UI"}
_PIXELS = 0x7FE00010

Ints = npt.NDArray[np.int64]
Wanted = Mapping[int, str]
"""Tags of the elements wanted, rising, and their VRs by the dictionary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """Where the elements of a file stand.

    Parameters
    ----------
    path : Path
        The file.
    stamp : Stamp
        Of the file when it was read.
    sop_class, syntax : bytes
        MediaStorageSOPClassUID and TransferSyntaxUID of its file meta information.
    found : tuple of bytes
        The values of the wanted elements of the main dataset; None where absent.
    pixels_at : int
        Where the element of its pixels begins.
    value_at, length : int
        Where its value begins, and of how many bytes it is; `UNDEFINED` where it is in fragments.
    implicit : bool
        Whether VRs are left out.
    """

    path: Path
    stamp: Stamp
    sop_class: bytes
    syntax: bytes
    found: tuple[bytes | None, ...]
    pixels_at: int
    value_at: int
    length: int
    implicit: bool


def walk_files(paths: Sequence[Path], wanted: Wanted) -> Iterator[Walked | None]:
    """Yield what is found in each file; None of those that are anything but usual.

    Usual is a file with preamble and file meta information, little endian, whose tags rise, whose VRs are
    those of the standard, and whose sequences are well formed, up to (7FE0,0010).

    Parameters
    ----------
    paths : sequence of Path
        The files. One that cannot be opened yields None.
    wanted : dict of int to str
        Tags of the elements wanted, rising, and their VRs; one of another VR is unusual.
    """
    for start in range(0, len(paths), _AT_ONCE[0]):
        batch = paths[start : start + _AT_ONCE[0]]
        found, short = _walk_batch(batch, wanted, _HEADS[0])
        for first in range(0, len(short), _AT_ONCE[1]):
            again = short[first : first + _AT_ONCE[1]]
            more, _ = _walk_batch([batch[index] for index in again], wanted, _HEADS[1])
            for index, walked in zip(again, more, strict=True):
                found[index] = walked
        yield from found


def _read_head(path: Path, most: int) -> tuple[bytes, Stamp | None]:
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return b"", None
    try:
        return os.read(file, most), Stamp.of(os.fstat(file))
    except OSError:
        return b"", None
    finally:
        os.close(file)


def _walk_batch(paths: Sequence[Path], wanted: Wanted, most: int) -> tuple[list[Walked | None], list[int]]:
    """Return what is found in each file, and which must be read further to tell."""
    heads = [_read_head(path, most) for path in paths]
    flat = b"".join(head for head, _ in heads) + bytes(16)
    lengths = np.array([len(head) for head, _ in heads], dtype=np.int64)
    stops = np.cumsum(lengths)
    starts = stops - lengths
    here = [index for index, (head, _) in enumerate(heads) if head[128:132] == b"DICM"]
    found: list[Walked | None] = [None] * len(paths)
    short: list[int] = []
    meta = _Walk(flat, starts[here] + 132, stops[here], wanted=_META, explicit=True, group=2)
    syntaxes = [_says_vrs(syntax) for _, syntax in meta.elements]
    for explicit in (True, False):
        rows = [row for row, syntax in enumerate(syntaxes) if syntax is explicit and meta.ended[row]]
        files = np.array([here[row] for row in rows], dtype=np.int64)
        main = _Walk(
            flat, meta.at[rows], stops[files], wanted=wanted, explicit=explicit, last=meta.last[rows]
        )
        for row, index in enumerate(files):
            head, stamp = heads[index]
            assert stamp is not None
            if main.ran_out[row] and len(head) < stamp.size:
                short.append(int(index))
            elif main.ended[row]:
                begin = int(starts[index])
                found[index] = Walked(
                    path=paths[index],
                    stamp=stamp,
                    sop_class=meta.elements[rows[row]][0] or b"",
                    syntax=meta.elements[rows[row]][1] or b"",
                    found=tuple(main.elements[row]),
                    pixels_at=int(main.at[row]) - begin,
                    value_at=int(main.value_at[row]) - begin,
                    length=int(main.length[row]),
                    implicit=not explicit,
                )
    return found, short


def _says_vrs(syntax: bytes | None) -> bool | None:
    """Return whether VRs stand in a file; None where it is not of a usual kind."""
    plain = (syntax or b"").rstrip(b"\0 ")
    if plain in (_DEFLATED, _BIG) or not plain.startswith(_IMPLICIT):
        return None
    return plain != _IMPLICIT


class _Walk:
    """Steps through the elements of several files in one buffer."""

    def __init__(
        self,
        flat: bytes,
        at: Ints,
        stop: Ints,
        *,
        wanted: Wanted,
        explicit: bool,
        group: int = 0,
        last: Ints | None = None,
    ) -> None:
        count = len(at)
        self._flat = flat
        # Every place of the buffer as the start of eight bytes.
        self._words = np.ndarray((len(flat) - 7,), dtype="<u8", buffer=flat, strides=(1,))
        self._explicit = explicit
        self._group = group
        self._nested = Nested(flat, explicit=explicit)
        self._stop = stop
        self.at = at.copy()
        self.last = np.full(count, -1, dtype=np.int64) if last is None else last.copy()
        self.ended = np.zeros(count, dtype=np.bool_)
        self.ran_out = np.zeros(count, dtype=np.bool_)
        self.value_at = np.zeros(count, dtype=np.int64)
        self.length = np.zeros(count, dtype=np.int64)
        self.elements: list[list[bytes | None]] = [[None] * len(wanted) for _ in range(count)]
        self._run(wanted)

    def _run(self, wanted: Wanted) -> None:
        steps: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []
        live, at, last, stop = np.arange(len(self.at)), self.at, self.last, self._stop
        while len(live):
            fits = at + 12 <= stop
            if not fits.all():
                # Sixteen bytes of nought stand behind the buffer, so that every place in it can be read.
                self.ran_out[live[~fits]] = True
                live, at, last, stop = live[fits], at[fits], last[fits], stop[fits]
                continue
            tag, vr, length, value = self._element(at)
            odd = (tag <= last) | (vr < 0) | (length == UNDEFINED) | (tag >= _PIXELS - 0x10)
            if self._group:
                odd |= (tag >> 16) != self._group
            following = value + length
            if odd.any():
                gone = self._odd(live, odd, tag > last, tag, vr, length, value, following)
                self.at[live[gone]], self.last[live[gone]] = at[gone], last[gone]
                on = ~gone
                live, stop, following = live[on], stop[on], following[on]
                tag, vr, length, value = tag[on], vr[on], length[on], value[on]
            steps.append((live, tag, vr, length, value))
            at, last = following, tag
        self._collect(steps, wanted)

    def _element(self, at: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Return tag, VR (−1 = none of the standard), length and place of the value of elements."""
        head = self._words[at].view("<u4").reshape(-1, 2)
        tag = ((head[:, 0] << 16) | (head[:, 0] >> 16)).astype(np.int64)
        code = head[:, 1] & 0xFFFF
        if not self._explicit:
            # What looks like a VR would be taken for one.
            return tag, _NO_LETTERS[code], head[:, 1].astype(np.int64), at + 8
        length = (head[:, 1] >> 16).astype(np.int64)
        value = at + 8
        long = _IS_LONG[code]
        if long.any():
            length[long] = self._words[value[long]] & 0xFFFFFFFF
            value[long] += 4
        return tag, _VRS[code], length, value

    def _odd(
        self, live: Ints, odd: npt.NDArray[np.bool_], rises: npt.NDArray[np.bool_], tag: Ints, vr: Ints,
        length: Ints, value: Ints, following: Ints,
    ) -> npt.NDArray[np.bool_]:  # fmt: skip
        """Return which walks end here, whether at their goal or not; go round sequences."""
        gone = np.zeros(len(live), dtype=np.bool_)
        for row in np.flatnonzero(odd):
            file = live[row]
            is_next = rises[row]
            if self._group and tag[row] >> 16 != self._group:
                gone[row] = True
                self.ended[file] = is_next
            elif is_next and tag[row] == _PIXELS and vr[row] >= 0:
                gone[row] = True
                self.ended[file] = True
                self.value_at[file], self.length[file] = value[row], length[row]
            elif is_next and vr[row] >= 0 and length[row] == UNDEFINED and tag[row] < _PIXELS - 0x10:
                end = self._nested.past(int(tag[row]), int(vr[row]), int(value[row]), int(self._stop[file]))
                gone[row] = end is None
                if end is None:
                    self.ran_out[file] = self._nested.ran_out
                else:
                    following[row] = end
            else:
                gone[row] = True
        return gone

    def _collect(self, steps: Sequence[tuple[Ints, ...]], wanted: Wanted) -> None:
        if not steps:
            return
        live, tag, vr, length, value = (np.concatenate(column) for column in zip(*steps, strict=True))
        tags = np.array(list(wanted), dtype=np.int64)
        place = np.minimum(np.searchsorted(tags, tag), len(tags) - 1)
        hits = np.flatnonzero(tags[place] == tag)
        late = value[hits] + length[hits] > self._stop[live[hits]]
        # The file, or what was read of it, ends within a wanted value.
        self.ran_out[live[hits[late]]] = True
        self.ended[live[hits[late]]] = False
        if self._explicit:
            vrs = np.array([_code(name) for name in wanted.values()])
            self.ended[live[hits[vr[hits] != vrs[place[hits]]]]] = False
        columns = (live[hits], place[hits], value[hits], value[hits] + length[hits])
        flat, elements = self._flat, self.elements
        for file, which, start, end in zip(*(column.tolist() for column in columns), strict=True):
            elements[file][which] = flat[start:end]


def _code(vr: str) -> int:
    return int.from_bytes(vr.encode("ascii"), "little")


def _tables() -> tuple[Ints, npt.NDArray[np.bool_], Ints]:
    """Return tables by two bytes, little endian.

    The VR they are, −1 for none of the standard; whether its length is of 32 bits; −1 for what looks like a
    VR where none should be, else 0.
    """
    from pydicom.valuerep import EXPLICIT_VR_LENGTH_16, EXPLICIT_VR_LENGTH_32

    vrs = np.full(1 << 16, -1, dtype=np.int64)
    is_long = np.zeros(1 << 16, dtype=np.bool_)
    for names, long in ((EXPLICIT_VR_LENGTH_16, False), (EXPLICIT_VR_LENGTH_32, True)):
        codes = [_code(name) for name in names]
        vrs[codes], is_long[codes] = codes, long
    low, high = np.arange(1 << 16) & 0xFF, np.arange(1 << 16) >> 8
    letters = (low > 0x40) & (low < 0x5B) & (high > 0x40) & (high < 0x5B)
    return vrs, is_long, -letters.astype(np.int64)


_VRS, _IS_LONG, _NO_LETTERS = _tables()
