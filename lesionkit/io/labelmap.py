"""Label maps: deposits drawn on a volume's voxels in NIfTI, NRRD and Slicer's ``.seg.nrrd``."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef
from lesionkit.core.mark import split_mark
from lesionkit.core.outcome import Problem
from lesionkit.core.region import Deposit, Drawing, Mask, Region, Status
from lesionkit.errors import OutlineError, ReadError
from lesionkit.geometry.raster import pixels
from lesionkit.io.itk import Header, load_array, read_header, write_array
from lesionkit.io.naming import Title, empty_segment, nearly_marked, titled, unique_id
from lesionkit.io.places import drawing_of, unjudged_in
from lesionkit.io.problems import error as fault
from lesionkit.io.problems import raised
from lesionkit.io.regrid import Placement, outside, place, place_planar
from lesionkit.io.slicer import Segment, slicer_meta, slicer_segments

_FEW_LABELS = 1 << 16
_SLICER_OFFSET = "Segmentation_ReferenceImageExtentOffset"


def read_labelmap(
    path: Path, *, image: ImageRef, reader: str = "", about: str = ""
) -> tuple[Drawing | None, tuple[Problem, ...]]:
    """Return what a label map holds: one deposit per label value, or per segment of a ``.seg.nrrd``.

    The map must lie on the image's voxels, but may store them in another order or hold only a box of
    them. A segment's name is one given by a person, unless the program made it up (``Segment_1``);
    a bare label value is no name. One that ends with a mark such as ``(excised)`` makes the segment a mere
    place: where a deposit was, or is that cannot be judged. An empty map is a drawing without deposits:
    looked, nothing there.

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
        ``name_nearly_a_mark`` (warning), ``segment_is_empty`` (info; a warning where it marks a place),
        ``deposit_not_assessable`` (info).
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
        return None, (raised("outlines_unreadable", about, error),)
    except _NotLabelsError as error:
        text = f"{about} is not a label map: {error.message}."
        return None, (fault("labels_not_whole_numbers", about, text, error.hint),)
    except OutlineError as error:
        text = f"{about} is not drawn on the voxels of {image.location}: {error.message}."
        return None, (fault("outlines_not_on_the_grid", about, text, error.hint),)
    problems = [
        *(empty_segment(about, segment.called, segment.title.place) for segment in empty),
        *(problem for deposit in deposits for problem in nearly_marked(about, deposit.name)),
    ]
    left_out = [segment.called for segment in empty if segment.title.place]
    drawing = drawing_of(deposits, image=image.id, left_out=left_out, reader=reader, files=(path,))
    return drawing, (*problems, *unjudged_in(drawing, about))


class _NotLabelsError(OutlineError):
    """Voxel values that are no labels."""


def _segments(header: Header, path: Path) -> tuple[Segment, ...]:
    try:
        found = tuple(slicer_segments(header))
    except ValueError as error:
        raise ReadError(f"{path.name} does not number its segments", path=path) from error
    if header.layers > 1 and not found:
        raise ReadError(f"{path.name} holds {header.layers} values per voxel, not labels", path=path)
    return found


def _placement(header: Header, grid: Grid) -> Placement:
    if not grid.is_planar:
        if len(header.shape) == 2:
            raise OutlineError("it is planar, the image a volume")
        return place(header.shape, header.affine, grid)
    if header.shape[:-2] not in ((), (1,)):
        raise OutlineError(f"it has {header.shape[0]} planes, the image one")
    shape = header.shape[-2:]
    offset = re.match(r"(-?\d+) (-?\d+)", header.meta.get(_SLICER_OFFSET, ""))
    if offset is None or shape == grid.shape:
        return place_planar(shape, grid)
    return place_planar(shape, grid, offset=(int(offset[2]), int(offset[1])))


def _layers(array: npt.NDArray[Any], header: Header, grid: Grid) -> list[npt.NDArray[Any]]:
    stack = array if header.layers > 1 else array[..., None]
    if grid.is_planar and len(header.shape) == 3:
        stack = stack[0]
    return [_whole_numbers(stack[..., layer]) for layer in range(header.layers)]


def _whole_numbers(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    hint = "Save it as a label map: 0 for background, one whole number for each deposit."
    if array.dtype.kind == "f":
        # Plane by plane, so that a large volume is not held several times.
        if not all(np.isfinite(plane).all() and np.array_equal(np.rint(plane), plane) for plane in array):
            raise _NotLabelsError("the label values are not whole numbers", hint=hint)
        # float32 labels above 2**24 are not told apart; that many deposits there are not.
        array = array.astype(np.int32)
    if array.dtype.kind == "i" and array.min() < 0:
        raise _NotLabelsError(f"the label value {array.min()} is below 0", hint=hint)
    return array


def _deposits(
    layers: Sequence[npt.NDArray[Any]],
    placement: Placement,
    segments: tuple[Segment, ...],
    image: ImageRef,
) -> tuple[tuple[Deposit, ...], list[Segment]]:
    masks = {
        (number, label): mask
        for number, layer in enumerate(layers)
        for label, mask in _masks(placement.turn(layer), placement.offset, image.grid)
    }
    deposits: dict[str, Deposit] = {}
    empty: list[Segment] = []
    for segment in segments:
        mask = masks.pop((segment.layer, segment.label), None)
        if mask is None:
            empty.append(segment)
        else:
            _add(deposits, segment.called, segment.title, mask, image)
    for (_, label), mask in masks.items():
        _add(deposits, str(label), titled(), mask, image)
    return tuple(deposits.values()), empty


def _add(deposits: dict[str, Deposit], wanted: str, title: Title, mask: Mask, image: ImageRef) -> None:
    id_, status = unique_id(wanted, deposits), title.place or Status.DRAWN
    deposits[id_] = Deposit(id=id_, image=image.id, regions=(mask,), name=title.name, status=status)


def _masks(labels: npt.NDArray[Any], offset: tuple[int, ...], grid: Grid) -> Iterator[tuple[int, Mask]]:
    for label, box in _boxes(labels):
        origin = tuple(s.start + o for s, o in zip(box, offset, strict=True))
        voxels = labels[box] == label
        stops = (o + n for o, n in zip(origin, voxels.shape, strict=True))
        if min(origin) < 0 or any(stop > n for stop, n in zip(stops, grid.shape, strict=True)):
            raise outside(_count_outside(voxels, origin, grid), of=f"label {label}")
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


def write_labelmap(path: Path, deposits: Sequence[Deposit], *, image: ImageRef | Grid) -> None:
    """Write deposits as a label map on an image's voxels: 1 for the first, 2 for the second, and so on.

    The suffix of `path` tells the format: ``.nii``, ``.nii.gz`` or ``.nrrd``, which hold the values only, or
    ``.seg.nrrd``, which holds names as well, and after the name whether a deposit was there that was excised
    or extruded, or cannot be judged. Outlines become the pixels whose centres they enclose. No
    deposits make an empty map: looked, nothing there. The file is written whole or not at all.

    Parameters
    ----------
    path : Path
        Where to; an existing file is replaced.
    deposits : sequence of Deposit
        They must not overlap.
    image : ImageRef or Grid
        Whose voxels they lie on.

    Raises
    ------
    OutlineError
        If deposits overlap, are fractional, are smaller than a pixel, lie outside the image, or have a status
        or a name that the file cannot say.
    ValueError
        If the suffix is of no such format, or NIfTI is asked to hold a sheared grid.
    """
    grid = image if isinstance(image, Grid) else image.grid
    holds_names = path.name.lower().endswith(".seg.nrrd")
    for deposit in deposits:
        _must_be_sayable(deposit, holds_names=holds_names)
    labels = np.zeros(grid.shape, dtype=np.uint8 if len(deposits) < 256 else np.uint16)
    for value, deposit in enumerate(deposits, start=1):
        for region in deposit.regions:
            _paint(labels, value, _whole_pixels(region, deposit), deposits)
    meta = slicer_meta(deposits, grid) if holds_names else {}
    write_array(path, labels, _affine_of(grid), meta=meta)


def _must_be_sayable(deposit: Deposit, *, holds_names: bool) -> None:
    if deposit.status.is_place_only and not holds_names:
        raise OutlineError(
            f"deposit {deposit.id} is {deposit.status}, which a label map without names cannot say",
            hint="Write it as .seg.nrrd or DICOM SEG.",
        )
    if holds_names and split_mark(deposit.name or "")[1] is not None:
        raise OutlineError(
            f"the name {deposit.name} would be read as what became of the deposit",
            hint="Give it another name.",
        )


def _whole_pixels(region: Region, deposit: Deposit) -> Mask:
    mask = pixels(region)
    if mask is None:
        raise OutlineError(f"deposit {deposit.id} is smaller than a pixel, and has no place in a label map")
    if mask.is_fractional:
        raise OutlineError(
            f"deposit {deposit.id} holds voxels in part, which a label map cannot say",
            hint="Write it as DICOM SEG.",
        )
    return mask


def _paint(labels: npt.NDArray[Any], value: int, mask: Mask, deposits: Sequence[Deposit]) -> None:
    there = labels[mask.box] if min(mask.origin) >= 0 and len(mask.origin) == labels.ndim else labels[:0]
    if there.shape != mask.voxels.shape:
        raise OutlineError(f"deposit {deposits[value - 1].id} lies outside the image")
    others = np.setdiff1d(there[mask.voxels], (0, value))
    if len(others):
        raise OutlineError(
            f"deposits {deposits[others[0] - 1].id} and {deposits[value - 1].id} overlap, "
            "which a label map cannot say",
            hint="Write them as DICOM SEG, or to a label map each.",
        )
    there[mask.voxels] = value


def _affine_of(grid: Grid) -> Floats:
    if grid.affine is not None:
        return grid.affine
    return np.diag([*(grid.spacing_mm or (1.0,) * len(grid.shape)), 1.0])
