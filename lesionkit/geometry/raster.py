"""Which pixels a region covers: a pixel belongs where its centre lies inside."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.region import Mask, Outline, Region
from lesionkit.geometry import voxels


def contains(region: Region, points: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return which points lie in a region.

    Parameters
    ----------
    region : Region
        An outline holds a point inside it or on its line (and, on a volume, within half a plane of
        its plane); a mask holds the points nearest to its voxels (of fractions: see `voxels.inside`).
    points : array_like, shape (n, 2) or (n, 3)
        Pixel coordinates in the order of the image's axes.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    pts = np.atleast_2d(np.asarray(points, dtype=np.float64))
    if isinstance(region, Mask):
        return _mask_contains(region, pts)
    from shapely import Polygon, intersects_xy, prepare

    polygon = Polygon(region.exterior, region.holes)
    prepare(polygon)
    inside = np.asarray(intersects_xy(polygon, pts[:, -2], pts[:, -1]), dtype=np.bool_)
    if region.plane is not None:
        inside &= np.abs(pts[:, 0] - region.plane) <= 0.5
    return inside


def _mask_contains(mask: Mask, points: Floats) -> npt.NDArray[np.bool_]:
    index = np.floor(points + 0.5).astype(np.int64) - np.asarray(mask.origin)
    within = ((index >= 0) & (index < np.asarray(mask.voxels.shape))).all(axis=1)
    inside = np.zeros(len(points), dtype=np.bool_)
    inside[within] = voxels.inside(mask)[tuple(index[within].T)]
    return inside


def pixels(region: Region, *, shape: tuple[int, ...] | None = None) -> Mask | None:
    """Return a region as pixels whose centres lie inside; None where it holds none.

    Masks are returned as they are.

    Parameters
    ----------
    region : Region
        What to rasterise.
    shape : tuple of int, optional
        Of an image's rows and columns (and planes before them): outlines are cut off at its border.
    """
    if isinstance(region, Mask):
        return region
    low = np.ceil(region.exterior.min(axis=0))
    high = np.floor(region.exterior.max(axis=0))
    if shape is not None:
        low, high = np.maximum(low, 0), np.minimum(high, np.subtract(shape[-2:], 1))
    low, high = low.astype(int), high.astype(int)
    if (high < low).any():
        return None
    rows, cols = np.mgrid[low[0] : high[0] + 1, low[1] : high[1] + 1]
    planar = Outline(exterior=region.exterior, holes=region.holes)
    inside = contains(planar, np.stack([rows.ravel(), cols.ravel()], axis=1)).reshape(rows.shape)
    if not inside.any():
        return None
    origin = (int(low[0]), int(low[1]))
    if region.plane is None:
        return Mask(voxels=inside, origin=origin)
    return Mask(voxels=inside[None], origin=(region.plane, *origin))


def coverage(outlines: Sequence[Outline]) -> Mask:
    """Return which part of each pixel lies inside outlines, exactly; what several share counts once.

    Parameters
    ----------
    outlines : sequence of Outline
        On one plane; at least one.

    Returns
    -------
    Mask
        Of fractions, with the outlines' plane as its first axis where they have one.

    Examples
    --------
    A square that ends in the middle of pixels:

    >>> square = Outline(exterior=[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)])
    >>> coverage([square]).voxels
    array([[0.25, 0.25],
           [0.25, 0.25]], dtype=float32)
    """
    from shapely import Polygon, area, box, contains_properly, intersection, intersects, prepare, union_all

    shape = union_all([Polygon(outline.exterior, outline.holes) for outline in outlines])
    prepare(shape)
    low_row, low_col, high_row, high_col = shape.bounds
    origin = int(np.floor(low_row + 0.5)), int(np.floor(low_col + 0.5))
    rows = np.arange(origin[0], int(np.ceil(high_row - 0.5)) + 1)
    cols = np.arange(origin[1], int(np.ceil(high_col - 0.5)) + 1)
    row, col = (axis.ravel() for axis in np.meshgrid(rows, cols, indexing="ij"))
    pixels = box(row - 0.5, col - 0.5, row + 0.5, col + 0.5)
    shares = np.asarray(contains_properly(shape, pixels), dtype=np.float32)
    # Cutting a pixel is slow, so only those are cut through which the line runs.
    is_cut = (shares == 0) & intersects(shape, pixels)
    shares[is_cut] = np.clip(area(intersection(pixels[is_cut], shape)), 0, 1)
    voxels = shares.reshape(len(rows), len(cols))
    plane = outlines[0].plane
    if plane is None:
        return Mask(voxels=voxels, origin=origin)
    return Mask(voxels=voxels[None], origin=(plane, *origin))


def edges(mask: Mask) -> tuple[Outline, ...]:
    """Return the outlines along the edges of a yes-or-no mask's pixels, which enclose these and no others.

    Parameters
    ----------
    mask : Mask
        Of a planar image.

    Examples
    --------
    >>> (outline,) = edges(Mask(voxels=np.ones((1, 2), dtype=bool), origin=(3, 4)))
    >>> sorted(map(tuple, outline.exterior.tolist()))
    [(2.5, 3.5), (2.5, 5.5), (3.5, 3.5), (3.5, 5.5)]
    """
    from shapely import box, get_coordinates, get_parts, union_all

    padded = np.pad(mask.voxels, ((0, 0), (1, 1))).astype(np.int8)
    row, start = np.nonzero(np.diff(padded, axis=1) == 1)
    _, stop = np.nonzero(np.diff(padded, axis=1) == -1)
    top, left = row + mask.origin[0] - 0.5, mask.origin[1] - 0.5
    whole = union_all(box(top, start + left, top + 1, stop + left)).simplify(0)
    return tuple(
        Outline(
            exterior=get_coordinates(part.exterior)[:-1],
            holes=tuple(get_coordinates(hole)[:-1] for hole in part.interiors),
        )
        for part in get_parts(whole)
    )


def sample(region: Region) -> Floats:
    """Return points that stand for a region's inside: its pixel centres, or its vertices where it has none.

    Returns
    -------
    ndarray of float, shape (n, 2) or (n, 3)
        Pixel coordinates; n is at least 1.
    """
    mask = pixels(region)
    if mask is not None:
        return np.asarray(np.argwhere(voxels.inside(mask)) + mask.origin, dtype=np.float64)
    assert isinstance(region, Outline)
    if region.plane is None:
        return region.exterior
    return np.column_stack([np.full(len(region.exterior), region.plane), region.exterior])
