"""Where regions and images lie, for the layers: boxes, planes, and how one image is laid on another."""

from collections.abc import Sequence

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.region import Mask, Outline, Region


def same_lines(shown: Sequence[Floats], loops: Sequence[Floats]) -> bool:
    return len(shown) == len(loops) and all(
        np.array_equal(np.asarray(a, dtype=np.float32), np.asarray(b, dtype=np.float32))
        for a, b in zip(shown, loops, strict=True)
    )


def box_of(region: Region) -> tuple[slice, ...]:
    if isinstance(region, Mask):
        return region.box
    low, high = low_of(region), high_of(region)
    return tuple(slice(max(int(np.floor(a)), 0), int(np.ceil(b)) + 1) for a, b in zip(low, high, strict=True))


def low_of(region: Region) -> Floats:
    if isinstance(region, Mask):
        return np.asarray(region.origin, dtype=np.float64)
    low = region.exterior.min(axis=0)
    return np.array([region.plane, *low], dtype=np.float64) if region.plane is not None else low


def high_of(region: Region) -> Floats:
    if isinstance(region, Mask):
        return np.array([s.stop - 1 for s in region.box], dtype=np.float64)
    high = region.exterior.max(axis=0)
    return np.array([region.plane, *high], dtype=np.float64) if region.plane is not None else high


def on_plane(region: Region, plane: int | None) -> tuple[Outline, ...]:
    """Return a region's outlines on a plane; all of them on a planar image."""
    from lesionkit.geometry.raster import edges
    from lesionkit.geometry.voxels import inside

    if isinstance(region, Outline):
        return (region,) if region.plane == plane else ()
    held = np.asarray(inside(region))
    if plane is None:
        return edges(Mask(voxels=held, origin=region.origin)) if held.any() else ()
    at = plane - region.origin[0]
    if held.ndim != 3 or not 0 <= at < len(held) or not held[at].any():
        return ()
    return edges(Mask(voxels=held[at], origin=region.origin[1:]))


def near(matrix: Floats, point: Floats) -> tuple[Floats, Floats]:
    """Return where a transform carries a point, and its slope there."""
    from lesionkit.core.arrays import homogeneous

    axes = len(point)
    near = np.vstack([point, point + np.eye(axes) * 0.5, point - np.eye(axes) * 0.5])
    carried = homogeneous(matrix, near)
    return carried[0], (carried[1 : axes + 1] - carried[axes + 1 :]).T


def inverse(matrix: Floats) -> Floats:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def middle_on_middle(then: Grid, now: Grid) -> Floats:
    matrix = np.eye(len(now.shape) + 1)
    ratio = np.asarray(now.shape, dtype=np.float64) / np.asarray(then.shape)
    if now.spacing_mm is not None and then.spacing_mm is not None:
        ratio = np.asarray(then.spacing_mm) / np.asarray(now.spacing_mm)
    middles = [(np.asarray(grid.shape, dtype=np.float64) - 1) / 2 for grid in (now, then)]
    matrix[:-1, :-1], matrix[:-1, -1] = np.diag(ratio), middles[0] - ratio * middles[1]
    return matrix
