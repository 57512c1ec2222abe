"""How dense a deposit is: which pixels are its own, and what they say."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.region import Mask, Region
from lesionkit.geometry import raster, voxels


def pixels_of(regions: Sequence[Region], grid: Grid, *, centroid: Floats) -> Mask:
    """Return the pixels of the image that stand for a deposit.

    Those whose centres lie inside a region (of a fractional mask, those that belong to it at least
    by half; they are not weighted). Of a deposit that holds no pixel's centre, being smaller than a pixel,
    it is the pixel of the image nearest to its centroid.

    Parameters
    ----------
    regions : sequence of Region
        Of one deposit.
    grid : Grid
        Of the image; what reaches beyond it is cut off.
    centroid : ndarray of float
        The deposit's centre of mass, in pixel coordinates.

    Returns
    -------
    Mask
        Of bool, inside the image.
    """
    covered = (raster.pixels(region, shape=grid.shape) for region in regions)
    masks = [mask for mask in covered if mask is not None]
    held = _on(grid, [Mask(voxels=voxels.inside(mask), origin=mask.origin) for mask in masks])
    if held is not None:
        return held
    nearest = np.clip(np.floor(centroid + 0.5), 0, np.asarray(grid.shape) - 1).astype(int)
    return Mask(voxels=np.ones((1,) * len(grid.shape), dtype=np.bool_), origin=tuple(nearest.tolist()))


def _on(grid: Grid, masks: Sequence[Mask]) -> Mask | None:
    if not masks:
        return None
    mask = voxels.union(masks)
    start = np.maximum(mask.origin, 0)
    stop = np.minimum(np.add(mask.origin, mask.voxels.shape), grid.shape)
    if (stop <= start).any():
        return None
    within = tuple(slice(a - o, b - o) for a, b, o in zip(start, stop, mask.origin, strict=True))
    cut = mask.voxels[within]
    return Mask(voxels=cut, origin=tuple(start.tolist())) if cut.any() else None


def statistics(values: npt.NDArray[np.generic]) -> Mapping[str, float]:
    """Return mean, greatest, least and standard deviation of pixel values, by name of the measure.

    The standard deviation is that of the pixels themselves (divided by n, not n − 1), as numpy,
    PyRadiomics and the IBSI have it. Values that are not numbers are left out; nothing is returned where
    none is left.

    Examples
    --------
    >>> statistics(np.array([1, 3]))
    {'mean_intensity': 2.0, 'max_intensity': 3.0, 'min_intensity': 1.0, 'sd_intensity': 1.0}
    """
    numbers = values.astype(np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if len(numbers) == 0:
        return {}
    return {
        "mean_intensity": float(numbers.mean()),
        "max_intensity": float(numbers.max()),
        "min_intensity": float(numbers.min()),
        "sd_intensity": float(numbers.std()),
    }


def percentiles(values: npt.NDArray[np.generic]) -> Mapping[str, float]:
    """Return the tenth percentile, median and ninetieth percentile, by name of the measure.

    With linear interpolation between the values in order. Values that are not numbers are left out; nothing
    is returned where none is left.

    Examples
    --------
    >>> percentiles(np.arange(11))
    {'p10_intensity': 1.0, 'median_intensity': 5.0, 'p90_intensity': 9.0}
    """
    numbers = values.astype(np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if len(numbers) == 0:
        return {}
    names = ("p10_intensity", "median_intensity", "p90_intensity")
    return dict(zip(names, np.percentile(numbers, (10, 50, 90)).tolist(), strict=True))
