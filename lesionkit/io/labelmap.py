"""Label maps: deposits drawn on a volume's voxels in NIfTI, NRRD and Slicer's ``.seg.nrrd``."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.region import Deposit, Drawing, Mask
from lesionkit.errors import OutlineError, ReadError
from lesionkit.io.itk import Header, load_array, read_header
from lesionkit.io.regrid import Placement, outside, place, place_planar

_NOBODYS_NAME = re.compile(r"(new )?(segment|label|mask)?(ation)?[ _-]*\d*", re.IGNORECASE)
_FEW_LABELS = 1 << 16
_SLICER_OFFSET = "Segmentation_ReferenceImageExtentOffset"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    """What a ``.seg.nrrd`` says of one of its segments: which label of which layer, and whose name."""

    number: int
    layer: int
    label: int
    name: str | None


def read_labelmap(
    path: Path, *, image: ImageRef, reader: str = "", about: str = ""
) -> tuple[Drawing | None, tuple[Problem, ...]]:
    """Return what a label map holds: one deposit per label value, or per segment of a ``.seg.nrrd``.

    The map must lie on the image's voxels, but may store them in another order or hold only a box of
    them. A segment's name is one given by a person, unless the program made it up (``Segment_1``);
    a bare label value is no name. An empty map is a drawing without deposits: looked, nothing there.

    Parameters
    ----------
    path : Path
        NIfTI or NRRD.
    image : ImageRef
        What it was drawn on.
    reader : str
        Who drew it, by the file's name.
    about : str
        How problems name the file; its bare name unless given.

    Returns
    -------
    drawing : Drawing or None
        None where the file could not be read or lies elsewhere: nothing was read, which is not absent.
    problems : tuple of Problem
        ``outlines_unreadable``, ``outlines_not_on_the_grid``, ``labels_not_whole_numbers`` (errors),
        ``segment_is_empty`` (info).
    """
    about = about or path.name
    try:
        header = read_header(path)
        segments = _segments(header, path)
        placement = _placement(header, image.grid)
        array = load_array(path, header)
        layers = _layers(array, header, image.grid)
        deposits, empty = _deposits(layers, placement, segments, image)
    except ReadError as error:
        return None, (_error("outlines_unreadable", about, error.message, error.hint),)
    except _NotLabelsError as error:
        return None, (_error("labels_not_whole_numbers", about, error.message, error.hint),)
    except OutlineError as error:
        text = f"{about} is not drawn on the voxels of {image.location}: {error.message}"
        return None, (_error("outlines_not_on_the_grid", about, text, error.hint),)
    problems = tuple(empty_segment(about, name) for name in empty)
    return Drawing(image=image.id, deposits=deposits, reader=reader, files=(path,)), problems


def given_name(text: str) -> str | None:
    """Return a segment's name where a person gave it; None where a program counted.

    Examples
    --------
    >>> given_name("left thumb"), given_name("Segment_1"), given_name("3")
    ('left thumb', None, None)
    """
    name = text.strip()
    return None if _NOBODYS_NAME.fullmatch(name) else name


def unique_id(wanted: str, taken: Collection[str]) -> str:
    """Return an id for a deposit, unique in its image.

    Examples
    --------
    >>> unique_id("thumb", {"thumb"})
    'thumb (2)'
    """
    if wanted not in taken:
        return wanted
    number = 2
    while (numbered := f"{wanted} ({number})") in taken:
        number += 1
    return numbered


def empty_segment(about: str, name: str) -> Problem:
    """Return the problem that a segment holds no voxel."""
    return Problem(
        severity=Severity.INFO,
        code="segment_is_empty",
        about=about,
        text=f"The segment {name} holds no voxel and is left out.",
    )


class _NotLabelsError(OutlineError):
    """Voxel values that are no labels."""


def _error(code: str, about: str, text: str, hint: str) -> Problem:
    return Problem(severity=Severity.ERROR, code=code, about=about, text=f"{text}.", hint=hint)


def _segments(header: Header, path: Path) -> tuple[_Segment, ...]:
    try:
        found = tuple(_slicer_segments(header))
    except ValueError as error:
        raise ReadError(f"{path.name} does not number its segments", path=path) from error
    if header.layers > 1 and not found:
        raise ReadError(f"{path.name} holds {header.layers} values per voxel, not labels", path=path)
    return found


def _slicer_segments(header: Header) -> list[_Segment]:
    found: list[_Segment] = []
    meta = header.meta
    while any(f"Segment{len(found)}_{field}" in meta for field in ("ID", "Name", "LabelValue")):
        key = f"Segment{len(found)}_"
        named_by_program = meta.get(key + "NameAutoGenerated", "0") == "1"
        # Files older than layers give every segment a layer of its own, in which it is 1.
        own_layer = str(len(found)) if header.layers > 1 else "0"
        found.append(
            _Segment(
                number=len(found) + 1,
                layer=int(meta.get(key + "Layer", own_layer)),
                label=int(meta.get(key + "LabelValue", "1")),
                name=None if named_by_program else given_name(meta.get(key + "Name", "")),
            )
        )
    return found


def _placement(header: Header, grid: Grid) -> Placement:
    if not grid.is_planar:
        if len(header.shape) == 2:
            raise OutlineError("it is planar, the image a volume")
        return place(header.shape, header.affine, grid)
    if header.shape[:-2] not in ((), (1,)):
        raise OutlineError(f"it has {header.shape[0]} planes, the image one")
    shape = header.shape[-2:]
    offset = header.meta.get(_SLICER_OFFSET)
    if offset is None or shape == grid.shape:
        return place_planar(shape, grid)
    col, row, *_ = (int(n) for n in offset.split())
    return place_planar(shape, grid, offset=(row, col))


def _layers(array: npt.NDArray[Any], header: Header, grid: Grid) -> list[npt.NDArray[Any]]:
    stack = array if header.layers > 1 else array[..., None]
    if grid.is_planar and len(header.shape) == 3:
        stack = stack[0]
    return [_whole_numbers(stack[..., layer]) for layer in range(header.layers)]


def _whole_numbers(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    hint = "Save it as a label map: 0 for background, one whole number for each deposit."
    if array.dtype.kind == "f":
        # Plane by plane, so that a large volume is not held several times.
        if not all(np.array_equal(np.rint(plane), plane) for plane in array):
            raise _NotLabelsError("the label values are not whole numbers", hint=hint)
        # float32 labels above 2**24 are not told apart; that many deposits there are not.
        array = array.astype(np.int32)
    if array.dtype.kind == "i" and array.min() < 0:
        raise _NotLabelsError(f"the label value {array.min()} is below 0", hint=hint)
    return array


def _deposits(
    layers: Sequence[npt.NDArray[Any]],
    placement: Placement,
    segments: tuple[_Segment, ...],
    image: ImageRef,
) -> tuple[tuple[Deposit, ...], list[str]]:
    masks = {
        (number, label): mask
        for number, layer in enumerate(layers)
        for label, mask in _masks(placement.turn(layer), placement.offset, image.grid)
    }
    deposits: dict[str, Deposit] = {}
    empty: list[str] = []
    for segment in segments:
        mask = masks.pop((segment.layer, segment.label), None)
        wanted = segment.name or str(segment.number)
        if mask is None:
            empty.append(wanted)
        else:
            _add(deposits, wanted, segment.name, mask, image)
    for (_, label), mask in masks.items():
        _add(deposits, str(label), None, mask, image)
    return tuple(deposits.values()), empty


def _add(deposits: dict[str, Deposit], wanted: str, name: str | None, mask: Mask, image: ImageRef) -> None:
    id_ = unique_id(wanted, deposits)
    deposits[id_] = Deposit(id=id_, image=image.id, regions=(mask,), name=name)


def _masks(labels: npt.NDArray[Any], offset: tuple[int, ...], grid: Grid) -> Iterator[tuple[int, Mask]]:
    for label, box in _boxes(labels):
        origin = tuple(s.start + o for s, o in zip(box, offset, strict=True))
        voxels = labels[box] == label
        stops = (o + n for o, n in zip(origin, voxels.shape, strict=True))
        if min(origin) < 0 or any(stop > n for stop, n in zip(stops, grid.shape, strict=True)):
            raise outside(_count_outside(voxels, origin, grid))
        yield label, Mask(voxels=voxels, origin=origin)


def _count_outside(voxels: npt.NDArray[np.bool_], origin: tuple[int, ...], grid: Grid) -> int:
    inside = grid.contains(np.argwhere(voxels) + origin)
    return int(np.count_nonzero(~inside))


def _boxes(labels: npt.NDArray[Any]) -> Iterator[tuple[int, tuple[slice, ...]]]:
    from scipy.ndimage import find_objects

    values: Sequence[int] = range(1, int(labels.max()) + 1)
    if len(values) >= _FEW_LABELS:
        # SciPy keeps a place for every number up to the highest, so high ones are counted anew.
        drawn = labels > 0
        values = np.unique(labels[drawn]).tolist()
        counted = np.zeros(labels.shape, dtype=np.int32)
        counted[drawn] = np.searchsorted(values, labels[drawn]) + 1
    else:
        counted = labels if labels.dtype != np.uint64 else labels.astype(np.int32)
    for label, box in zip(values, find_objects(counted), strict=True):
        if box is not None:
            yield label, box
