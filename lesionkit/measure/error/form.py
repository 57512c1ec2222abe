"""What the error of a size hangs on: how much boundary a deposit has, and how finely it is sampled."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.region import Mask, Outline, Region
from lesionkit.core.units import Quantity
from lesionkit.geometry import polygon, voxels


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form:
    """A deposit's boundary, in the length unit of its grid.

    Parameters
    ----------
    area : float
        Planar: its area; of a volume that of its largest section.
    perimeter : float
        Length of the lines that bound this area, holes included.
    pixel : float
        Side of a square as large as one pixel of the plane, where the deposit lies.
    gap : float
        Mean distance of the points of a drawn line; 0 for masks.
    place : ndarray of float, shape (2,)
        ``(row, col)`` of its centre.
    line : ndarray of float, shape (n, 2)
        Its longest bounding line, in pixels of the plane.
    plane : int, optional
        The plane of `line`; None on a planar image.
    pitch : tuple of float
        Distance of pixel centres along each axis.
    is_mask, is_fractional : bool
        Whether it is painted in pixels, and whether these may belong in part.
    volume, surface : float, optional
        Of volumes.
    """

    area: float
    perimeter: float
    pixel: float
    gap: float
    place: Floats
    line: Floats
    plane: int | None
    pitch: tuple[float, ...]
    is_mask: bool
    is_fractional: bool
    volume: float | None = None
    surface: float | None = None


def form_of(regions: Sequence[Region], grid: Grid, sizes: Mapping[str, Quantity]) -> Form | None:
    """Return the form of a deposit; None where it has no area.

    The boundary of a mask is that of its staircase, corrected for its steps: sides of pixels count π/4, faces
    of voxels 2/3, which is right on average over all directions (Cauchy and Crofton).

    Parameters
    ----------
    regions : sequence of Region
        Of one deposit.
    grid : Grid
        Of its image.
    sizes : Mapping of str to Quantity
        What was measured of it: ``area`` and, of volumes, ``volume``.
    """
    if sizes["area"].value <= 0:
        return None
    outlines = [region for region in regions if isinstance(region, Outline)]
    masks = [region for region in regions if isinstance(region, Mask)]
    volume = sizes["volume"].value if "volume" in sizes else None
    if masks:
        return _of_mask(voxels.union(masks), grid, area=sizes["area"].value, volume=volume)
    return _of_outlines(outlines, grid, area=sizes["area"].value, volume=volume)


def _of_outlines(outlines: Sequence[Outline], grid: Grid, *, area: float, volume: float | None) -> Form:
    pitch = grid.spacing_mm or (1.0,) * len(grid.shape)
    lengths, drawn, gaps = {}, {}, []
    for plane in sorted({outline.plane for outline in outlines}, key=lambda p: -1 if p is None else p):
        parts = polygon.merged([outline.rings for outline in outlines if outline.plane == plane])
        rings = [ring for part in parts for ring in part]
        located = [grid.locate(ring) if grid.is_planar else ring * np.asarray(pitch[-2:]) for ring in rings]
        lengths[plane] = math.fsum(polygon.perimeter(ring) for ring in located)
        drawn[plane] = (sum(polygon.area(part) for part in parts), parts)
        gaps += [polygon.perimeter(ring) / len(ring) for ring in located]
    widest = max(drawn, key=lambda p: drawn[p][0])
    pixels, parts = drawn[widest]
    largest = max(parts, key=lambda part: polygon.ring_area(part[0]))[0]
    surface = None if volume is None else math.fsum(lengths.values()) * pitch[0] + 2 * area
    return Form(
        area=area,
        perimeter=lengths[widest],
        pixel=math.sqrt(area / pixels),
        gap=float(np.mean(gaps)),
        place=polygon.centroid([largest])[0],
        line=largest,
        plane=widest,
        pitch=pitch,
        is_mask=False,
        is_fractional=False,
        volume=volume,
        surface=surface,
    )


def _of_mask(mask: Mask, grid: Grid, *, area: float, volume: float | None) -> Form | None:
    held = voxels.inside(mask)
    counts = mask.voxels.sum(axis=(-2, -1), dtype=np.float64)
    widest = None if grid.is_planar else int(np.argmax(counts))
    section = held if widest is None else held[widest]
    if not section.any():
        return None
    pixel = math.sqrt(area / float(counts if widest is None else counts[widest]))
    pitch = grid.spacing_mm or (1.0,) * len(grid.shape)
    ratio = pixel / math.sqrt(pitch[-1] * pitch[-2])  # under perspective the spacing holds at the centre only
    rows, cols = _sides(section)
    perimeter = math.pi / 4 * (rows * pitch[-1] + cols * pitch[-2]) * ratio
    rings = voxels.plane_rings(mask.voxels if widest is None else mask.voxels[widest])
    largest = max(rings, key=polygon.ring_area) + mask.origin[-2:]
    surface = None
    if widest is not None:
        planes, rows, cols = _sides(held)
        steps, down, right = pitch
        surface = 2 / 3 * (planes * down * right + rows * steps * right + cols * steps * down)
    return Form(
        area=area,
        perimeter=perimeter,
        pixel=pixel,
        gap=0.0,
        place=np.asarray(largest.mean(axis=0)),
        line=largest,
        plane=None if widest is None else widest + mask.origin[0],
        pitch=pitch,
        is_mask=True,
        is_fractional=mask.is_fractional,
        volume=volume,
        surface=surface,
    )


def _sides(held: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> list[int]:
    """Return how many sides of pixels (faces of voxels) across each axis bound a mask."""
    padded = np.pad(held, 1).view(np.int8)
    return [int(np.count_nonzero(np.diff(padded, axis=axis))) for axis in range(held.ndim)]
