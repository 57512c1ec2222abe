"""Where the frames of a DICOM segmentation lie: on the plane they were drawn on, else where they say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef
from lesionkit.errors import OutlineError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.planes import Planes
from lesionkit.io.dicom.seg_tiles import Tile, full_tiles, matrix_of, sparse_tile
from lesionkit.io.regrid import TOLERANCE, Placement, place, place_planar

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_UNEVEN = 0.25
"""How far a frame may lie from the plane of the image it names, in planes: slices may be a little unevenly
spaced, but a frame farther off was made for other planes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a segmentation says of one of its frames.

    Parameters
    ----------
    number : int
        From 0.
    segment : int, optional
        SegmentNumber; None of a LABELMAP, whose pixels are segment numbers.
    shape : tuple of int
        Rows and columns.
    drawn_on : tuple of str
        SOPInstanceUIDs of the images it was drawn on.
    source_frames : tuple of int
        Frames of these, counted from 1; empty where none are named.
    plane : ndarray of float, shape (3, 3), optional
        Columns: step between rows, step between columns, and place of the first pixel, LPS mm.
    tile : Tile, optional
        Where it lies in the picture that it is a part of.
    """

    number: int
    segment: int | None
    shape: tuple[int, int]
    drawn_on: tuple[str, ...]
    plane: Floats | None
    source_frames: tuple[int, ...] = ()
    tile: Tile | None = None


def frames(dataset: "Dataset") -> Iterator[Frame]:
    """Yield what a segmentation says of its frames, in their order."""
    shape = (tags.whole((dataset,), "Rows") or 0, tags.whole((dataset,), "Columns") or 0)
    shared = _groups(tags.values((dataset,), "SharedFunctionalGroupsSequence"))
    own = tags.values((dataset,), "PerFrameFunctionalGroupsSequence")
    full, matrix = full_tiles(dataset), matrix_of(dataset)
    for number in range(len(full) or len(own)):
        layers = (*_groups(own[number : number + 1]), *shared)
        told = tags.whole(layers, "ReferencedSegmentNumber"), sparse_tile(layers, matrix)
        segment, tile = full[number] if full else told
        yield Frame(
            number=number,
            segment=segment,
            tile=tile,
            shape=shape,
            drawn_on=tuple(
                uid
                for source in tags.values(layers, "SourceImageSequence")
                if (uid := tags.text((source,), "ReferencedSOPInstanceUID"))
            ),
            plane=_plane(layers),
            source_frames=tuple(
                int(number)
                for source in tags.values(layers, "SourceImageSequence")
                for number in tags.values((source,), "ReferencedFrameNumber")
            ),
        )


def frame_pixels(dataset: "Dataset") -> Iterator[npt.NDArray[Any]]:
    """Yield the pixels of each frame of a segmentation, in their order."""
    from pydicom.pixels.utils import iter_pixels
    from pydicom.uid import ExplicitVRBigEndian

    syntax = dataset.file_meta.TransferSyntaxUID
    if dataset.BitsAllocated != 1 or syntax.is_encapsulated:
        yield from iter_pixels(dataset, raw=True)
    elif syntax == ExplicitVRBigEndian:
        yield from dataset.pixel_array.reshape(-1, dataset.Rows, dataset.Columns)
    else:
        yield from _single_bits(dataset)


def _single_bits(dataset: "Dataset") -> Iterator[npt.NDArray[Any]]:
    # pydicom 3.0 unpacks frame by frame only where each begins at a byte; all at once takes eight times
    # the memory of a frame for each. Bits follow one another without a gap (DICOM PS3.5 section 8.1.1).
    packed = np.frombuffer(dataset.PixelData, dtype=np.uint8)
    size = dataset.Rows * dataset.Columns
    for start in range(0, int(dataset.NumberOfFrames) * size, size):
        first, skipped = divmod(start, 8)
        bits = np.unpackbits(packed[first : -(-(start + size) // 8)], bitorder="little")
        yield bits[skipped : skipped + size].reshape(dataset.Rows, dataset.Columns)


def _groups(items: "tuple[Dataset, ...]") -> "list[Dataset]":
    return [group for item in items for element in item if element.VR == "SQ" for group in element.value]


def _plane(layers: tags.Layers) -> Floats | None:
    position = tags.numbers(layers, "ImagePositionPatient", 3)
    orientation = tags.numbers(layers, "ImageOrientationPatient", 6)
    spacing = tags.pair(layers, "PixelSpacing")
    if position is None or orientation is None or spacing is None:
        return None
    along_row, down_column = np.array(orientation[:3]), np.array(orientation[3:])
    return np.column_stack([down_column * spacing[0], along_row * spacing[1], position])


def place_frame(frame: Frame, image: ImageRef, frame_of_reference: str) -> Placement | None:
    """Return how a frame lies on the image, as an array of the grid's axes (one plane of a volume).

    Parameters
    ----------
    frame : Frame
        Of a segmentation.
    image : ImageRef
        Its `instance_uids` tell the planes of a series with one file per plane.
    frame_of_reference : str
        The segmentation's; empty where it has none.

    Returns
    -------
    Placement or None
        None where it was drawn on another image.

    Raises
    ------
    OutlineError
        If it lies on other pixels, or does not say where.
    """
    grid, planes = image.grid, Planes(image)
    if image.instance_uids and not is_drawn_on(frame, planes):
        return None
    if grid.is_planar:
        return _place_planar(frame, grid)
    named = (planes.of(uid, frame.source_frames) for uid in frame.drawn_on)
    known = {plane for plane in named if plane is not None}
    if len(known) == 1 and _is_on_plane(frame, grid, *known):
        return Placement(order=(0, 1, 2), flipped=(False, False, False), offset=(*known, 0, 0))
    if frame.plane is None and frame.tile is not None and len(known) == 1:
        place_planar(frame.tile.matrix, Grid(shape=grid.shape[1:]))
        offset = (*known, frame.tile.row, frame.tile.col)
        return Placement(order=(0, 1, 2), flipped=(False, False, False), offset=offset)
    if frame.plane is None or grid.affine is None:
        raise OutlineError("it does not say where its frames lie", hint="Export it again from its program.")
    if frame_of_reference and grid.frame_of_reference not in (None, frame_of_reference):
        raise OutlineError("it lies in another frame of reference", hint="Draw it on this series.")
    return place((1, *frame.shape), _affine(frame.plane, grid.affine), grid)


def _place_planar(frame: Frame, grid: Grid) -> Placement:
    if frame.tile is None:
        return place_planar(frame.shape, grid)
    place_planar(frame.tile.matrix, grid)  # the picture as a whole must be the image's
    return place_planar(frame.shape, grid, offset=(frame.tile.row, frame.tile.col))


def is_drawn_on(frame: Frame, planes: Planes) -> bool:
    """Return whether a frame was drawn on an image; True where it does not say on which."""
    return not frame.drawn_on or any(planes.shows(uid, frame.source_frames) for uid in frame.drawn_on)


def _affine(plane: Floats, of_grid: Floats) -> Floats:
    # A single plane has no step to the next: the grid's own stands in, and constrains nothing.
    affine = np.eye(4)
    affine[:3, 0] = of_grid[:3, 0]
    affine[:3, 1:] = plane
    return affine


def _is_on_plane(frame: Frame, grid: Grid, plane: int) -> bool:
    if frame.shape != grid.shape[1:]:
        return False
    if frame.plane is None or grid.affine is None:
        return True
    onto = np.linalg.inv(grid.affine) @ _affine(frame.plane, grid.affine)
    corners = np.array([[0, r, c, 1] for r in (0, frame.shape[0]) for c in (0, frame.shape[1])], dtype=float)
    off = np.abs(corners @ (onto - np.eye(4))[:3].T - (plane, 0, 0)).max(axis=0)
    return bool(off[0] <= _UNEVEN and off[1:].max() <= TOLERANCE)
