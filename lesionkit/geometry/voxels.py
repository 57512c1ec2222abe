"""Volumes and iso-lines of voxel masks."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.region import Mask


def voxel_sum(mask: Mask) -> float:
    """Return how many voxels a mask holds: a count, or the sum of its fractions."""
    return float(mask.voxels.sum(dtype=np.float64))


def voxel_centroid(mask: Mask) -> Floats:
    """Return the centre of mass of a mask in pixel coordinates, shape (d,)."""
    axes = range(mask.voxels.ndim)
    centre = []
    for axis in axes:
        profile = mask.voxels.sum(axis=tuple(other for other in axes if other != axis), dtype=np.float64)
        centre.append(np.average(np.arange(len(profile)), weights=profile) + mask.origin[axis])
    return np.asarray(centre)


def half_level(mask: Mask) -> float:
    """Return the fraction at which a voxel belongs to a mask: one half.

    A mask whose fractions all stay below one half is cut at half of its greatest one, so that a
    small deposit, blurred over its neighbours, does not vanish.
    """
    highest = float(mask.voxels.max())
    return 0.5 if highest >= 0.5 else highest / 2


def inside(mask: Mask) -> npt.NDArray[np.bool_]:
    """Return which voxels of a mask belong to it: of fractions, those that reach `half_level`."""
    if not mask.is_fractional:
        return np.asarray(mask.voxels, dtype=np.bool_)
    return np.asarray(mask.voxels >= half_level(mask), dtype=np.bool_)


def union(masks: Sequence[Mask]) -> Mask:
    """Return several masks of one image as one; where they overlap, the greater fraction counts.

    Raises
    ------
    ValueError
        If there is none.
    """
    if len(masks) == 1:
        return masks[0]
    low = np.min([mask.origin for mask in masks], axis=0)
    high = np.max([np.add(mask.origin, mask.voxels.shape) for mask in masks], axis=0)
    kind = np.float32 if any(mask.is_fractional for mask in masks) else np.bool_
    voxels = np.zeros(high - low, dtype=kind)
    for mask in masks:
        start = mask.origin - low
        box = tuple(slice(s, s + n) for s, n in zip(start, mask.voxels.shape, strict=True))
        np.maximum(voxels[box], mask.voxels, out=voxels[box], casting="unsafe")
    return Mask(voxels=voxels, origin=tuple(int(o) for o in low))


def plane_rings(plane: npt.NDArray[np.generic], *, level: float | None = None) -> list[Floats]:
    """Return the lines along which a mask's plane crosses one half, by linear interpolation.

    Between an inside and an outside pixel of a yes-or-no mask that is midway between their centres,
    as the surface meshes of scikit-image and PyRadiomics have it.

    Parameters
    ----------
    plane : ndarray, shape (rows, cols)
        bool or fractions.
    level : float, optional
        The fraction that is crossed: `half_level` of the mask the plane is of. Without it one half,
        or, where the plane stays below, half of its greatest fraction.

    Returns
    -------
    list of ndarray of float, shape (n, 2)
        Rings in pixel coordinates of the array, not repeated at their end; empty for an empty plane.
    """
    values = plane.astype(np.float64)
    highest = float(values.max(initial=0.0))
    if level is None:
        level = 0.5 if highest >= 0.5 else highest / 2
    if highest == 0 or highest < level:
        return []
    from skimage.measure import find_contours

    # A fraction of exactly the level belongs to the inside (`>=`), hence just below it.
    rings = find_contours(np.pad(values, 1), np.nextafter(level, 0.0))
    return [ring[:-1] - 1 for ring in rings if len(ring) > 3]


def plane_extremes(plane: npt.NDArray[np.generic], *, level: float) -> Floats:
    """Return the outermost points of `plane_rings` on every row and every column of pixels.

    Every vertex of the rings lies on a row or a column, between these points: they have the same
    convex hull and the same longest diameter, at a fraction of the cost.

    Returns
    -------
    ndarray of float, shape (n, 2)
        Pixel coordinates of the array; n = 0 for an empty plane.
    """
    values = np.pad(plane.astype(np.float64), 1)
    rows, along_rows = _outermost(values, level)
    cols, along_cols = _outermost(values.T, level)
    points = np.concatenate([np.stack([rows, along_rows], axis=1), np.stack([along_cols, cols], axis=1)])
    return np.asarray(points - 1)


def _outermost(values: Floats, level: float) -> tuple[Floats, Floats]:
    held = values >= level
    lines = np.flatnonzero(held.any(axis=1))
    first = held[lines].argmax(axis=1)
    last = values.shape[1] - 1 - held[lines, ::-1].argmax(axis=1)
    crossings = []
    for within, step in ((first, -1), (last, 1)):
        there, beyond = values[lines, within], values[lines, within + step]
        crossings.append(within + step * (there - level) / (there - beyond))
    return np.tile(lines, 2).astype(np.float64), np.concatenate(crossings)
