"""Tiles: frames that each show a part of a larger picture, as segmentations of large images come."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lesionkit.io.dicom import tags

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_MOST_TILES = 10**6
"""More tiles than one file has: a header that claims more is believed to be damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Where a frame lies in the picture that tiles make up (DICOM's Total Pixel Matrix).

    Parameters
    ----------
    row, col : int
        Of its first pixel, from 0. Tiles at the edge may reach beyond the picture.
    matrix : tuple of int
        Rows and columns of the picture.
    """

    row: int
    col: int
    matrix: tuple[int, int]


def matrix_of(dataset: "Dataset") -> tuple[int, int] | None:
    """Return rows and columns of the picture that a file's frames are tiles of; None where they are none."""
    rows = tags.whole((dataset,), "TotalPixelMatrixRows")
    cols = tags.whole((dataset,), "TotalPixelMatrixColumns")
    return (rows, cols) if rows and cols and rows > 0 and cols > 0 else None


def sparse_tile(layers: tags.Layers, matrix: tuple[int, int] | None) -> Tile | None:
    """Return where a frame says that it lies (TILED_SPARSE); None where it does not."""
    row = tags.whole(layers, "RowPositionInTotalImagePixelMatrix")
    col = tags.whole(layers, "ColumnPositionInTotalImagePixelMatrix")
    if matrix is None or row is None or col is None:
        return None
    return Tile(row=row - 1, col=col - 1, matrix=matrix)


def full_tiles(dataset: "Dataset") -> tuple[tuple[int | None, Tile], ...]:
    """Return segment number and place of every frame of a TILED_FULL file, in their order; empty for others.

    Their order is prescribed, so that such a file need not say where its frames lie: tiles from left to
    right, then from top to bottom, then from segment to segment. Of a LABELMAP there is no segment.

    Raises
    ------
    ValueError
        If it has not as many frames as tiles, or several focal planes.

    References
    ----------
    DICOM PS3.3 section C.7.6.17.3 (Spatial Location and Optical Path Order).
    """
    if tags.text((dataset,), "DimensionOrganizationType") != "TILED_FULL":
        return ()
    matrix = matrix_of(dataset)
    rows, cols = tags.whole((dataset,), "Rows") or 0, tags.whole((dataset,), "Columns") or 0
    if matrix is None or min(rows, cols) < 1:
        raise ValueError("tiles of nothing")
    if (tags.whole((dataset,), "TotalPixelMatrixFocalPlanes") or 1) != 1:
        raise ValueError("tiles on several focal planes")
    is_map = tags.text((dataset,), "SegmentationType") == "LABELMAP"
    numbers = [tags.whole((item,), "SegmentNumber") for item in tags.values((dataset,), "SegmentSequence")]
    segments = [None] if is_map else numbers
    count = -(-matrix[0] // rows) * -(-matrix[1] // cols) * len(segments)
    if count > _MOST_TILES or count != tags.whole((dataset,), "NumberOfFrames"):
        raise ValueError("another number of frames than of tiles")
    return tuple(
        (segment, Tile(row=row, col=col, matrix=matrix))
        for segment in segments
        for row in range(0, matrix[0], rows)
        for col in range(0, matrix[1], cols)
    )
