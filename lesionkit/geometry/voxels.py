"""Volumes and iso-lines of voxel masks."""

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.region import Mask


def voxel_sum(mask: Mask) -> float:
    """Return how many voxels a mask holds: a count, or the sum of its fractions."""
    return float(mask.voxels.sum(dtype=np.float64))


def voxel_centroid(mask: Mask) -> Floats:
    """Return the centre of mass of a mask in pixel coordinates, shape (d,)."""
    where = np.argwhere(mask.voxels)
    weights = mask.voxels[tuple(where.T)].astype(np.float64)
    return np.asarray(np.average(where, axis=0, weights=weights) + mask.origin)


def plane_rings(plane: npt.NDArray[np.generic]) -> list[Floats]:
    """Return the lines along which a mask's plane crosses one half, by linear interpolation.

    Between an inside and an outside pixel of a yes-or-no mask that is midway between their centres,
    as the surface meshes of scikit-image and PyRadiomics have it. Fractions that stay below one
    half are cut at half of their greatest value.

    Parameters
    ----------
    plane : ndarray, shape (rows, cols)
        bool or fractions.

    Returns
    -------
    list of ndarray of float, shape (n, 2)
        Rings in pixel coordinates of the array, not repeated at their end; empty for an empty plane.
    """
    values = plane.astype(np.float64)
    highest = float(values.max(initial=0.0))
    if highest == 0:
        return []
    from skimage.measure import find_contours

    # A fraction of exactly one half belongs to the inside (`>=`), hence just below it.
    level = np.nextafter(0.5, 0.0) if highest >= 0.5 else highest / 2
    rings = find_contours(np.pad(values, 1), level)
    return [ring[:-1] - 1 for ring in rings if len(ring) > 3]
