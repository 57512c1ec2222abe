"""How a DICOM file asks for its image to be shown: windows and curves (VOI LUT Module)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from lesionkit.core.image import ImageRef
from lesionkit.core.window import Curve, Look, Window, WindowShape
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.opening import BROKEN_FILE, quiet

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_ELEMENTS = (
    "WindowCenter", "WindowWidth", "WindowCenterWidthExplanation", "VOILUTFunction", "VOILUTSequence",
    "PixelRepresentation", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence",
)  # fmt: skip


def looks_of(layers: tags.Layers) -> tuple[Look, ...]:
    """Return how an image asks to be shown: its curves, then its windows, in the order of its file.

    What is broken (a width of 0, a table without entries) is passed over. Values are those after the
    modality transform.

    Parameters
    ----------
    layers : sequence of Dataset
        Where to look, first to last.

    References
    ----------
    DICOM PS3.3 section C.11.2 (VOI LUT Module) and C.7.6.16.2.10 (Frame VOI LUT).
    """
    return (*_curves(layers), *_windows(layers))


def read_looks(ref: ImageRef) -> tuple[Look, ...]:
    """Return how the middle slice of a volume asks to be shown; empty where it does not, or is unreadable.

    Windows may differ from slice to slice. Those of one slice are used for all, because shades that jump
    between slices hide what changes.
    """
    from pydicom import dcmread

    middle = ref.grid.shape[0] // 2
    path = ref.paths[middle] if len(ref.paths) == ref.grid.shape[0] else ref.paths[0]
    try:
        with quiet():
            dataset = dcmread(path, force=True, stop_before_pixels=True, specific_tags=list(_ELEMENTS))
            return _of_frame(dataset, ref.frames[middle] if ref.frames else middle)
    except BROKEN_FILE:
        return ()


def _of_frame(dataset: "Dataset", frame: int) -> tuple[Look, ...]:
    # It stands with all frames together or with each; the latter takes long to read, so it is looked at last.
    shared = tags.values((dataset,), "SharedFunctionalGroupsSequence")
    told = tags.values(shared, "FrameVOILUTSequence")
    if not told:
        own = tags.values((dataset,), "PerFrameFunctionalGroupsSequence")[frame : frame + 1]
        told = tags.values(own, "FrameVOILUTSequence")
    return looks_of((*told, dataset))


def _windows(layers: tags.Layers) -> Iterator[Window]:
    centres, widths = tags.texts(layers, "WindowCenter"), tags.texts(layers, "WindowWidth")
    explanations = tags.texts(layers, "WindowCenterWidthExplanation")
    told = tags.text(layers, "VOILUTFunction").upper()
    shape = WindowShape(told) if told in set(WindowShape) else WindowShape.LINEAR
    for number, (centre, width) in enumerate(zip(centres, widths, strict=False)):
        named = explanations[number] if number < len(explanations) else ""
        try:
            yield Window(centre=float(centre), width=float(width), shape=shape, explanation=named)
        except ValueError:
            continue


def _curves(layers: tags.Layers) -> Iterator[Curve]:
    for item in tags.values(layers, "VOILUTSequence"):
        descriptor = tags.numbers((item,), "LUTDescriptor", 3)
        if descriptor is None or descriptor[2] < 1:
            continue
        count, first, bits = (int(number) for number in descriptor)
        if first >= 2**15 and tags.whole(layers, "PixelRepresentation") == 1:
            first -= 2**16  # read as unsigned, though the image is not
        try:
            levels = _entries(item, count or 2**16, bits) / (2.0**bits - 1)
            yield Curve(first=first, levels=levels, explanation=tags.text((item,), "LUTExplanation"))
        except BROKEN_FILE:
            continue


def _entries(item: "Dataset", count: int, bits: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    data = tags.values((item,), "LUTData")
    if len(data) == 1 and isinstance(data[0], bytes):
        # Entries of 8 bits may be packed, or each take up two bytes.
        packed = bits <= 8 and len(data[0]) < 2 * count
        return np.frombuffer(data[0], dtype=np.uint8 if packed else "<u2", count=-1)[:count].astype(float)
    return np.array([int(number) for number in data][:count], dtype=float)
