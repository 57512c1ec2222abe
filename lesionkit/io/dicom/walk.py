"""Where the elements of many DICOM files stand, found without pydicom, most of them side by side.

A Python loop over the some 260 elements of every slice costs more than reading the pixels. So one file is
walked, and those built alike follow. Only what pydicom would read in the same way is walked; at anything
unusual a file is given up, and pydicom reads it.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lesionkit.io.dicom.follow import Followers
from lesionkit.io.dicom.recent import Stamp
from lesionkit.io.dicom.trail import SYNTAX, Trail, Walker, Wanted

FEW = 8
"""Fewer files than these are not worth walking side by side."""

_STEPS = ((8 << 10, 512), (64 << 10, 64), (512 << 10, 8))
"""How many bytes are read of a file, and of how many at once: most headers fit into the first."""

_META = {0x00020002: "UI", SYNTAX: "UI"}

Ints = npt.NDArray[np.int64]


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
    most = _STEPS[0][1]
    for start in range(0, len(paths), most):
        yield from _walk_some(paths[start : start + most], wanted, step=0)


def _walk_some(paths: Sequence[Path], wanted: Wanted, *, step: int) -> list[Walked | None]:
    """Return what is found in each file, with as much of it read as need be."""
    size, most = _STEPS[step]
    found: list[Walked | None] = []
    for start in range(0, len(paths), most):
        more, short = _Batch(paths[start : start + most], wanted, size).walk()
        if short and step + 1 < len(_STEPS):
            again = _walk_some([paths[start + index] for index in short], wanted, step=step + 1)
            for index, walked in zip(short, again, strict=True):
                more[index] = walked
        found += more
    return found


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


class _Batch:
    """The beginnings of several files in one buffer."""

    def __init__(self, paths: Sequence[Path], wanted: Wanted, most: int) -> None:
        self._paths = paths
        self._heads = [_read_head(path, most) for path in paths]
        self._flat = b"".join(head for head, _ in self._heads) + bytes(16)
        lengths = np.array([len(head) for head, _ in self._heads], dtype=np.int64)
        self._stops: Ints = np.cumsum(lengths)
        self._starts: Ints = self._stops - lengths
        self._tags = (*_META, *wanted)
        self._walker = Walker(self._flat, _META | dict(wanted))
        self._found: list[Walked | None] = [None] * len(paths)
        self._short: list[int] = []

    def walk(self) -> tuple[list[Walked | None], list[int]]:
        """Return what is found in each file, and which must be read further to tell."""
        left = [index for index, (head, _) in enumerate(self._heads) if head[128:132] == b"DICM"]
        alone = 1
        while left:
            trails = [self._walk_alone(index) for index in left[:alone]]
            left = left[alone:]
            others = self._follow(trails[-1], left)
            # Where files are all built in their own way, it is tried ever less often to let them follow.
            alone = 1 if len(others) < len(left) else 2 * alone
            left = others
        return self._found, sorted(self._short)

    def _walk_alone(self, index: int) -> Trail:
        start, stop = int(self._starts[index]), int(self._stops[index])
        trail = self._walker.walk(start, stop)
        if trail.ended:
            places = start + np.array([trail.places], dtype=np.int64)
            self._keep([index], trail, places, np.array([trail.lengths], dtype=np.int64))
        elif trail.ran_out:
            self._read_further([index])
        return trail

    def _follow(self, trail: Trail, indices: list[int]) -> list[int]:
        """Keep what is found in the files that are built like that one; return the others."""
        if not indices or not (trail.ended or trail.ran_out):
            return indices
        files = np.array(indices, dtype=np.int64)
        they = Followers(self._walker, trail, self._starts[files], self._stops[files])
        self._read_further(files[they.ran_out].tolist())
        self._keep(files[they.rows].tolist(), trail, they.places[they.rows], they.lengths[they.rows])
        others = ~they.ran_out
        others[they.rows] = False
        return [int(index) for index in files[others]]

    def _read_further(self, indices: list[int]) -> None:
        for index in indices:
            head, stamp = self._heads[index]
            if stamp is not None and len(head) < stamp.size:
                self._short.append(index)

    def _keep(self, indices: list[int], trail: Trail, places: Ints, lengths: Ints) -> None:
        """Keep what is found in some files whose elements are those of a trail."""
        number = {tag: which for which, tag in enumerate(trail.tags)}
        columns: list[Iterable[bytes | None]] = []
        for tag in self._tags:
            which = number.get(tag)
            if which is None:
                columns.append(repeat(None))
                continue
            begin = places[:, which] + trail.values[which]
            end = begin + lengths[:, which]
            columns.append([self._flat[a:b] for a, b in zip(begin.tolist(), end.tolist(), strict=True)])
        pixels = (places[:, -1] - self._starts[indices]).tolist()
        # Of the meta information both are there: without a TransferSyntaxUID a file is not walked.
        for index, at, length, (sop_class, syntax, *found) in zip(
            indices, pixels, lengths[:, -1].tolist(), zip(*columns, strict=False), strict=True
        ):
            stamp = self._heads[index][1]
            assert stamp is not None
            self._found[index] = Walked(
                path=self._paths[index],
                stamp=stamp,
                sop_class=sop_class or b"",
                syntax=syntax or b"",
                found=tuple(found),
                pixels_at=at,
                value_at=at + trail.values[-1],
                length=length,
                implicit=not trail.explicit,
            )
