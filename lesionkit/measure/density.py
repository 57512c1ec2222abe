"""How dense a deposit is: which pixels are its own, and what they say."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Mask, Region
from lesionkit.core.units import Unit
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


_THRESHOLD_HU = 130
_FACTOR_BOUNDS_HU = (130, 200, 300, 400)
_KVP = (118.0, 122.0)
_PLANE_MM = 3.0


def agatston(mask: Mask, image: Image) -> float | None:
    """Return the Agatston calcium score of a deposit; None where it has no meaning.

    Sum over planes of the area of voxels of at least 130 HU, times a factor of that plane's peak in
    the deposit (130 to 199 HU: 1, 200 to 299: 2, 300 to 399: 3, 400 or more: 4), times the distance of
    planes over 3 mm. Zero where no voxel reaches 130 HU.

    The threshold belongs to 120 kV, so it is taken of CT in HU with a known spacing and a tube voltage
    of 118 to 122 kV only. That the factor is taken per plane of each deposit, and that the score is
    scaled by the distance of planes over 3 mm, is common practice, not confirmed from the primary source; no
    least area is asked for. The score was made for coronary arteries and has not been validated for
    calcinosis.

    Parameters
    ----------
    mask : Mask
        The deposit's voxels, of bool, inside the image.
    image : Image
        The CT volume.

    References
    ----------
    Agatston AS et al. Quantification of coronary artery calcium using ultrafast computed tomography.
    J Am Coll Cardiol 1990;15:827-32.
    """
    spacing = image.grid.spacing_mm
    if image.modality is not Modality.CT or image.intensity_unit is not Unit.HU:
        return None
    if spacing is None or len(spacing) != 3:
        return None
    if image.kvp is None or not _KVP[0] <= image.kvp <= _KVP[1]:
        return None
    values = np.where(mask.voxels, image.intensity(mask.box), -np.inf)
    peaks = values.max(axis=(1, 2))
    pixel_counts = (values >= _THRESHOLD_HU).sum(axis=(1, 2))
    factors = np.digitize(peaks, _FACTOR_BOUNDS_HU)
    return float((pixel_counts * factors).sum() * spacing[1] * spacing[2] * spacing[0] / _PLANE_MM)
