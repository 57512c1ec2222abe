"""How alike two drawings of one deposit are: what they share, and how far their boundaries lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.region import Mask, Outline, Region
from lesionkit.geometry import polygon, raster, voxels

_STEP = 0.5
"""Points are laid along an outline at most this far apart, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Likeness:
    """How one drawing of a deposit differs from another; distances in the grid's length unit.

    Parameters
    ----------
    dice : float
        Twice what both share over the sum of both, 0 to 1: areas of outlines, voxels of masks.
    mean_distance : float
        Mean distance of the points of both boundaries to the other boundary.
    hausdorff_95 : float
        The greater, of the two boundaries, of the distance within which 95 % of its points lie to the other.
    offsets : ndarray of float, shape (n,)
        Distance of evenly laid points of the second boundary to the first: positive outside the first.
    pitch : float, optional
        Distance of neighbouring `offsets` along the line; None where they are in no order (masks).
    lines : tuple of int
        How many offsets each closed line has, in their order; empty where they are in no order.
    """

    dice: float
    mean_distance: float
    hausdorff_95: float
    offsets: Floats
    pitch: float | None = None
    lines: tuple[int, ...] = ()


def likeness(one: Sequence[Region], other: Sequence[Region], grid: Grid) -> Likeness:
    """Return how alike two drawings of one deposit on one image are.

    Outlines of a planar image are compared as the polygons they are. Everything else is compared as pixels
    or voxels: the boundary is then made of the sides (faces) between inside and outside, each standing
    at its centre and counting as much as it is large; an outline holds the pixels whose centres lie inside.

    Parameters
    ----------
    one, other : sequence of Region
        The drawings.
    grid : Grid
        Of the image.

    Raises
    ------
    ValueError
        If an outline to be compared with a mask is too small to hold a pixel's centre.

    References
    ----------
    Taha AA, Hanbury A. Metrics for evaluating 3D medical image segmentation. BMC Med Imaging 2015;15:29.
    """
    if all(isinstance(region, Outline) and region.plane is None for region in (*one, *other)):
        return _of_polygons(
            [region.rings for region in one if isinstance(region, Outline)],
            [region.rings for region in other if isinstance(region, Outline)],
            grid,
        )
    return _of_masks(_mask(one), _mask(other), grid)


def shared(one: Sequence[Region], other: Sequence[Region], grid: Grid) -> float:
    """Return the Dice coefficient of two drawings, 0 where either holds nothing to compare."""
    try:
        return likeness(one, other, grid).dice
    except ValueError:
        return 0.0


def _of_polygons(one: Sequence[Sequence[Floats]], other: Sequence[Sequence[Floats]], grid: Grid) -> Likeness:
    import shapely

    shapes, lines, samples = [], [], []
    for drawing in (one, other):
        parts = [[grid.locate(ring) for ring in part] for part in polygon.merged(drawing)]
        shape = shapely.MultiPolygon([(part[0], part[1:]) for part in parts])
        pixels = sum(polygon.area(part) for part in polygon.merged(drawing))
        step = _STEP * float(np.sqrt(shape.area / pixels))
        shapes.append(shape)
        lines.append(shape.boundary)
        samples.append([_along(ring, step) for part in parts for ring in part])
    apart = [shapely.distance(shapely.points(np.concatenate(samples[i])), lines[1 - i]) for i in range(2)]
    second = np.concatenate(samples[1])
    outside = ~shapely.contains_xy(shapes[0], second[:, 0], second[:, 1])
    both = shapes[0].intersection(shapes[1]).area
    length = sum(polygon.perimeter(ring) for ring in samples[1])
    return Likeness(
        dice=2 * both / (shapes[0].area + shapes[1].area),
        mean_distance=float(np.concatenate(apart).mean()),
        hausdorff_95=max(float(np.percentile(distances, 95)) for distances in apart),
        offsets=np.where(outside, apart[1], -apart[1]),
        pitch=length / len(second),
        lines=tuple(len(ring) for ring in samples[1]),
    )


def _along(ring: Floats, step: float) -> Floats:
    """Return points evenly laid along a closed ring, at most a step apart."""
    closed = np.vstack([ring, ring[:1]])
    travelled = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    count = max(int(np.ceil(travelled[-1] / step)), 8)
    places = np.arange(count) * travelled[-1] / count
    return np.stack([np.interp(places, travelled, closed[:, axis]) for axis in range(2)], axis=1)


def _mask(regions: Sequence[Region]) -> Mask:
    masks = [mask for mask in map(raster.pixels, regions) if mask is not None]
    if not masks:
        raise ValueError("an outline that holds no pixel's centre cannot be compared with a mask")
    return voxels.union(masks)


def _of_masks(one: Mask, other: Mask, grid: Grid) -> Likeness:
    from scipy.spatial import cKDTree

    inside = _aligned(one, other)
    start = np.minimum(one.origin, other.origin) - 1
    faces = [_faces(held, grid, start) for held in inside]
    distances = [cKDTree(faces[1 - i][0]).query(faces[i][0])[0] for i in range(2)]
    sizes = [faces[i][1] for i in range(2)]
    counts = [np.count_nonzero(held) for held in inside]
    # A face of the second lies outside the first where the voxel on its inner side does.
    outside = ~inside[0][tuple(faces[1][2].T)]
    total = sum(float(size.sum()) for size in sizes)
    return Likeness(
        dice=2 * np.count_nonzero(inside[0] & inside[1]) / sum(counts),
        mean_distance=sum(float(d @ size) for d, size in zip(distances, sizes, strict=True)) / total,
        hausdorff_95=max(_percentile(d, size) for d, size in zip(distances, sizes, strict=True)),
        offsets=np.where(outside, distances[1], -distances[1]),
    )


def _aligned(one: Mask, other: Mask) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return two masks on the box that holds both and one voxel more all round."""
    start = np.minimum(one.origin, other.origin) - 1
    stop = np.maximum(np.add(one.origin, one.voxels.shape), np.add(other.origin, other.voxels.shape)) + 1
    out = []
    for mask in (one, other):
        held = np.zeros(stop - start, dtype=np.bool_)
        box = tuple(
            slice(o - s, o - s + n) for o, s, n in zip(mask.origin, start, mask.voxels.shape, strict=True)
        )
        held[box] = voxels.inside(mask)
        out.append(held)
    return out[0], out[1]


def _faces(
    held: npt.NDArray[np.bool_], grid: Grid, start: npt.NDArray[np.intp]
) -> tuple[Floats, Floats, npt.NDArray[np.intp]]:
    """Return centres (in the length unit), sizes, and inner voxels of the faces that bound a mask."""
    spacing = np.asarray(grid.spacing_mm or (1.0,) * held.ndim)
    centres, sizes, inner = [], [], []
    for axis in range(held.ndim):
        change = np.diff(held.view(np.int8), axis=axis)
        place = np.argwhere(change)
        rises = change[tuple(place.T)] > 0
        within = place.copy()
        within[rises, axis] += 1
        middle = place.astype(np.float64)
        middle[:, axis] += 0.5
        centres.append(middle)
        inner.append(within)
        sizes.append(np.full(len(place), np.prod(np.delete(spacing, axis))))
    return (
        grid.locate(np.concatenate(centres) + start),
        np.concatenate(sizes),
        np.concatenate(inner),
    )


def _percentile(distances: Floats, sizes: Floats) -> float:
    """Return the distance within which faces that make up 95 % of the boundary lie."""
    order = np.argsort(distances)
    part = np.cumsum(sizes[order])
    return float(distances[order][np.searchsorted(part, 0.95 * part[-1])])
