"""The planes of a volume, each read or decoded straight into its place in one array, several at a time."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lesionkit.errors import ReadError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.codec import Stored, decode_into
from lesionkit.io.dicom.codestream import only_frame
from lesionkit.io.dicom.header import Slice, header_of
from lesionkit.io.dicom.layout import Layout, drop_unused_bits, rescale_in_place
from lesionkit.io.dicom.opening import BROKEN_FILE, unreadable
from lesionkit.io.dicom.pixels import decode, must_fit, open_believable
from lesionkit.io.dicom.recent import Stamp
from lesionkit.io.dicom.values import is_hu, rescaled

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Array = npt.NDArray[Any]

_MOST_THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Where one plane's pixels are.

    Parameters
    ----------
    path : Path
        The file.
    at, size : int
        Where in the file its pixels begin, and how many bytes they are with all fragments.
    stamp : Stamp, optional
        Of the file when that was found out.
    layout : Layout, optional
        How they are stored; None where pydicom is to read them.
    item, dataset : Slice, Dataset, optional
        The frame of a multi-frame file, which is open already.
    """

    path: Path
    at: int = 0
    size: int = 0
    stamp: Stamp | None = None
    layout: Layout | None = None
    item: Slice | None = None
    dataset: "Dataset | None" = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a slice says of its values."""

    in_hu: bool
    kvp: float | None


class _Wider(Exception):  # noqa: N818  # a turn in the road, no error
    """A slice's values do not fit int16."""


class _Scratch:
    """Memory that one thread reads compressed planes into, one after another."""

    def __init__(self) -> None:
        self._held = bytearray()

    def room(self, size: int) -> memoryview:
        """Return so many bytes; those asked for before are given up."""
        if len(self._held) < size:
            self._held = bytearray(size)
        return memoryview(self._held)[:size]


def fill(planes: Sequence[Plane], shape: tuple[int, ...]) -> tuple[Array, list[Said]]:
    """Return the values of some planes, and what each says of them.

    Planes are read side by side. There is never more in memory than the values and what a few planes take.

    Parameters
    ----------
    planes : sequence of Plane
        The planes.
    shape : tuple of int
        Of the volume: planes, rows, columns.

    Returns
    -------
    ndarray of int16 or float32, shape (planes, rows, cols)
        int16 where every rescale is integral and every value fits.
    list of Said
        Of each plane.

    Raises
    ------
    ReadError
        If a plane cannot be read.
    MemoryError
        If the volume does not fit into memory.
    """
    if all(plane.layout is None or plane.layout.is_integral for plane in planes):
        voxels: Array = np.empty(shape, dtype=np.int16)
        try:
            return voxels, _each(planes, voxels)
        except _Wider:
            del voxels
    wide: Array = np.empty(shape, dtype=np.float32)
    return wide, _each(planes, wide)


def _each(planes: Sequence[Plane], voxels: Array) -> list[Said]:
    """Fill every plane, on as many threads as there are cores."""
    said: list[Said | None] = [None] * len(planes)
    faults: dict[int, Exception] = {}

    threads = min(_cores(), _MOST_THREADS, len(planes))
    todo = iter(_runs(len(planes), threads))

    def fill_some() -> None:
        scratch = _Scratch()
        for index in chain.from_iterable(todo):
            if faults:
                return
            try:
                said[index] = _fill(planes[index], voxels[index], scratch)
            except (ReadError, _Wider) as error:
                faults[index] = error

    with ThreadPoolExecutor(max_workers=threads) as pool:
        for future in [pool.submit(fill_some) for _ in range(threads)]:
            future.result()
    if faults:
        raise faults[min(faults)]
    return [one for one in said if one is not None]


def _runs(count: int, threads: int) -> list[range]:
    """Return runs of planes for threads to take in turn, long ones first and single planes last.

    Threads that fill neighbouring planes wait for each other: memory comes in pages of up to 2 MB.
    """
    runs: list[range] = []
    start = 0
    while start < count:
        stop = start + max(1, (count - start) // (2 * threads))
        runs.append(range(start, stop))
        start = stop
    return runs


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _fill(plane: Plane, out: Array, scratch: _Scratch) -> Said:
    """Write one plane's values.

    Raises
    ------
    ReadError
        If they cannot be read.
    _Wider
        If they do not fit `out`.
    """
    layout = plane.layout
    if layout is None:
        return _fill_by_pydicom(plane, out)
    pixels = out if out.dtype == np.int16 else np.empty(out.shape, dtype=np.int16)
    try:
        stored = _read(plane, layout, pixels, scratch)
    except BROKEN_FILE:
        # Others may make sense of it, or say in words what is wrong.
        return _fill_by_pydicom(plane, out)
    values = drop_unused_bits(pixels, stored)
    if pixels is not out:
        out[...] = values * layout.slope + layout.intercept
    elif not rescale_in_place(pixels, stored, int(layout.slope), int(layout.intercept)):
        raise _Wider
    return Said(layout.in_hu, layout.kvp)


def _read(plane: Plane, layout: Layout, out: npt.NDArray[np.int16], scratch: _Scratch) -> Stored:
    """Read or decode stored values, and return how they are stored."""
    if not layout.is_native:
        return decode_into(out, _stream(plane, scratch), layout.syntax, layout.stored)
    with _opened(plane) as file:
        if file.readinto(out.data.cast("B")) != layout.bytes:
            raise EOFError
    return layout.stored


def _opened(plane: Plane) -> FileIO:
    """Return the file of a plane, where its pixels begin.

    Raises
    ------
    OSError
        If it is not the file any more that it was when that place was found.
    """
    file = FileIO(plane.path)
    if plane.stamp != Stamp.of(os.fstat(file.fileno())):
        file.close()
        raise OSError("the file has changed")
    file.seek(plane.at)
    return file


def _stream(plane: Plane, scratch: _Scratch) -> bytes | memoryview:
    """Return the compressed pixels of a plane."""
    if plane.dataset is not None and plane.item is not None:
        from pydicom.encaps import get_frame

        frames = tags.whole((plane.dataset,), "NumberOfFrames") or 1
        return get_frame(plane.dataset.PixelData, plane.item.frame, number_of_frames=frames)
    data = scratch.room(plane.size)
    with _opened(plane) as file:
        if file.readinto(data) != plane.size:
            raise EOFError
    return only_frame(data)


def _fill_by_pydicom(plane: Plane, out: Array) -> Said:
    dataset = plane.dataset or open_believable(plane.path)
    item = plane.item or only_slice(header_of(dataset, plane.path).slices, plane.path)
    stored, _ = decode(dataset, plane.path, frame=item.frame)
    must_fit(stored.shape, out.shape, plane.path)
    values = rescaled(dataset, stored, item)
    if values.dtype != out.dtype and out.dtype == np.int16:
        raise _Wider
    out[...] = values
    return Said(is_hu(dataset, item), tags.positive((dataset,), "KVP"))


def only_slice(slices: Sequence[Slice], path: Path) -> Slice:
    """Return the one picture of a file.

    Raises
    ------
    ReadError
        If it holds none, or several.
    """
    if not slices:
        raise unreadable(path, "no size")
    if len(slices) != 1:
        raise changed(path, len(slices))
    return slices[0]


def changed(path: Path, pictures: int) -> ReadError:
    """Return the error that a file holds other pictures than when its folder was read."""
    return ReadError(
        f"{path.name} holds {pictures} pictures, not those found before",
        path=path,
        hint="Files changed while the folder was read: run again.",
    )
