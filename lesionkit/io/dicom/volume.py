"""CT and MR volumes: every slice read or decoded straight into its place in one array."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.image import Image, ImageRef, Modality
from lesionkit.core.units import Unit
from lesionkit.errors import ReadError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.codec import Stored, decode_into
from lesionkit.io.dicom.codestream import only_frame
from lesionkit.io.dicom.header import Slice, header_of
from lesionkit.io.dicom.layout import Layout, drop_unused_bits, layout_of, rescale_in_place
from lesionkit.io.dicom.opening import BROKEN_FILE, open_until_pixels, quiet, unreadable
from lesionkit.io.dicom.pixels import decode, must_fit, open_believable, syntax_of
from lesionkit.io.dicom.quick import find_pixels
from lesionkit.io.dicom.recent import Stamp
from lesionkit.io.dicom.values import is_hu, rescaled

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Array = npt.NDArray[Any]

_MOST_THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plane:
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
class _Said:
    """What a slice says of its values."""

    in_hu: bool
    kvp: float | None


class _Wider(Exception):  # noqa: N818  # a turn in the road, no error
    """A slice's values do not fit int16."""


def load_volume(ref: ImageRef) -> Image:
    """Return a CT or MR volume; see `lesionkit.io.dicom.load.load_pixels`.

    Slices are read side by side. There is never more in memory than the volume and what a few slices take,
    but of a multi-frame file that is compressed, its compressed pixels.

    Raises
    ------
    ReadError
        If a file cannot be read, is cut short, or is not what was found when the folder was read.
    """
    with quiet():
        planes = _planes(ref)
        if len(planes) != ref.grid.shape[0]:
            raise ReadError(
                f"{len(planes)} slices were read where {ref.grid.shape[0]} were found before",
                path=ref.paths[0],
                hint="Files changed while the folder was read: run again.",
            )
        for plane in planes:
            if plane.layout is not None:
                must_fit(plane.layout.stored.shape, ref.grid.shape[1:], plane.path)
        try:
            voxels, said = _filled(planes, ref.grid.shape)
        except MemoryError as error:
            raise ReadError(
                f"{ref.location} does not fit into memory: its headers announce "
                f"{' × '.join(map(str, ref.grid.shape))} voxels",
                path=ref.paths[0],
                hint="Export it again if that is not its size; else read it on a larger machine.",
            ) from error
    in_hu = ref.modality is Modality.CT and all(one.in_hu for one in said)
    return Image(
        modality=ref.modality,
        pixels=voxels,
        grid=ref.grid,
        intensity_unit=Unit.HU if in_hu else Unit.STORED,
        kvp=next((one.kvp for one in said if one.kvp), None),
    )


def _planes(ref: ImageRef) -> list[_Plane]:
    """Return where the pixels of a volume's planes are, in their order."""
    if len(ref.paths) == 1:
        return list(_frames(ref.paths[0], ref.frames))
    return [
        _Plane(path=path)
        if found is None
        else _Plane(path=path, at=found.at, size=found.size, stamp=found.stamp, layout=found.layout)
        for path, found in zip(ref.paths, find_pixels(ref.paths), strict=True)
    ]


def _frames(path: Path, frames: Sequence[int]) -> Iterator[_Plane]:
    """Yield the planes in one file: those frames, or its only one where none is named."""
    stamp = Stamp.of(path.stat())
    start, pixels = open_until_pixels(path)
    found = header_of(start, path).slices
    if frames and max(frames) >= len(found):
        raise _changed(path, len(found))
    slices = [found[number] for number in frames] if frames else [_only(found, path)]
    layouts = [layout_of(start, item, syntax_of(start)) for item in slices]
    native = [layout for layout in layouts if layout is not None and layout.is_native]
    count = tags.whole((start,), "NumberOfFrames") or 1
    if len(native) == len(slices) and native and pixels.length == count * native[0].bytes:
        for item, layout in zip(slices, native, strict=True):
            at = pixels.value_at + item.frame * layout.bytes
            yield _Plane(path=path, at=at, stamp=stamp, layout=layout)
        return
    dataset = open_believable(path)
    for item, usual in zip(slices, layouts, strict=True):
        compressed = usual if usual is not None and not usual.is_native else None
        yield _Plane(path=path, layout=compressed, item=item, dataset=dataset)


def _filled(planes: Sequence[_Plane], shape: tuple[int, ...]) -> tuple[Array, list[_Said]]:
    if all(plane.layout is None or plane.layout.is_integral for plane in planes):
        voxels: Array = np.empty(shape, dtype=np.int16)
        try:
            return voxels, _each(planes, voxels)
        except _Wider:
            del voxels
    wide: Array = np.empty(shape, dtype=np.float32)
    return wide, _each(planes, wide)


def _each(planes: Sequence[_Plane], voxels: Array) -> list[_Said]:
    """Fill every plane, on as many threads as there are cores."""
    said: list[_Said | None] = [None] * len(planes)
    faults: dict[int, Exception] = {}

    threads = min(_cores(), _MOST_THREADS, len(planes))
    todo = iter(_runs(len(planes), threads))

    def fill_some() -> None:
        for index in chain.from_iterable(todo):
            if faults:
                return
            try:
                said[index] = _fill(planes[index], voxels[index])
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


def _fill(plane: _Plane, out: Array) -> _Said:
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
        stored = _read(plane, layout, pixels)
    except BROKEN_FILE:
        # Others may make sense of it, or say in words what is wrong.
        return _fill_by_pydicom(plane, out)
    values = drop_unused_bits(pixels, stored)
    if pixels is not out:
        out[...] = values * layout.slope + layout.intercept
    elif not rescale_in_place(pixels, stored, int(layout.slope), int(layout.intercept)):
        raise _Wider
    return _Said(layout.in_hu, layout.kvp)


def _read(plane: _Plane, layout: Layout, out: npt.NDArray[np.int16]) -> Stored:
    """Read or decode stored values, and return how they are stored."""
    if not layout.is_native:
        return decode_into(out, _stream(plane), layout.syntax, layout.stored)
    with _opened(plane) as file:
        if file.readinto(out.data.cast("B")) != layout.bytes:
            raise EOFError
    return layout.stored


def _opened(plane: _Plane) -> FileIO:
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


def _stream(plane: _Plane) -> bytes:
    """Return the compressed pixels of a plane."""
    if plane.dataset is not None and plane.item is not None:
        from pydicom.encaps import get_frame

        frames = tags.whole((plane.dataset,), "NumberOfFrames") or 1
        return get_frame(plane.dataset.PixelData, plane.item.frame, number_of_frames=frames)
    with _opened(plane) as file:
        data = file.read(plane.size)
    if len(data) != plane.size:
        raise EOFError
    return only_frame(data)


def _fill_by_pydicom(plane: _Plane, out: Array) -> _Said:
    dataset = plane.dataset or open_believable(plane.path)
    item = plane.item or _only(header_of(dataset, plane.path).slices, plane.path)
    stored, _ = decode(dataset, plane.path, frame=item.frame)
    must_fit(stored.shape, out.shape, plane.path)
    values = rescaled(dataset, stored, item)
    if values.dtype != out.dtype and out.dtype == np.int16:
        raise _Wider
    out[...] = values
    return _Said(is_hu(dataset, item), tags.positive((dataset,), "KVP"))


def _only(slices: Sequence[Slice], path: Path) -> Slice:
    if not slices:
        raise unreadable(path, "no size")
    if len(slices) != 1:
        raise _changed(path, len(slices))
    return slices[0]


def _changed(path: Path, pictures: int) -> ReadError:
    return ReadError(
        f"{path.name} holds {pictures} pictures, not those found before",
        path=path,
        hint="Files changed while the folder was read: run again.",
    )
