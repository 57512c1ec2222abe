"""How much calcium a deposit holds, by CT: scores, volume and mass."""

from collections.abc import Iterator

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Mask
from lesionkit.core.settings import CalciumSettings
from lesionkit.core.units import Quantity, Unit
from lesionkit.measure.rim import Surroundings

_THRESHOLD_HU = 130
_FACTOR_BOUNDS_HU = (130, 200, 300, 400)
_KVP = (118.0, 122.0)
_PLANE_MM = 3.0
_MM3_PER_ML = 1000.0
_LEAST_CORE = 8


def calcium_of(
    mask: Mask, image: Image, around: Surroundings, settings: CalciumSettings
) -> Iterator[tuple[str, Quantity]]:
    """Yield name and value of what can be said of a deposit's calcium; nothing but of CT in HU with a scale.

    Parameters
    ----------
    mask : Mask
        The deposit's voxels, of bool, inside the image.
    image : Image
        The CT volume.
    around : Surroundings
        Of the deposit.
    settings : CalciumSettings
        Calibration, where it is known.
    """
    spacing = image.grid.spacing_mm
    is_ct = image.modality is Modality.CT and image.intensity_unit is Unit.HU
    if not is_ct or spacing is None or len(spacing) != 3:
        return
    values = np.where(mask.voxels, image.intensity(mask.box), -np.inf)
    # 130 HU belongs to 120 kV: at another voltage the same calcium has other HU.
    if image.kvp is not None and _KVP[0] <= image.kvp <= _KVP[1]:
        yield "agatston", Quantity(value=agatston(values, spacing), unit=Unit.AGATSTON)
        dense = values[values >= _THRESHOLD_HU].astype(np.float64)
        volume = len(dense) * float(np.prod(spacing))
        yield "calcium_volume", Quantity(value=volume, unit=Unit.MM3)
        if settings.mg_per_ml_per_hu is not None:
            mass = settings.mg_per_ml_per_hu * float(dense.sum()) * float(np.prod(spacing)) / _MM3_PER_ML
            yield "calcium_mass", Quantity(value=mass, unit=Unit.MG)
    integrated = integrated_voxels(around, dense_hu=settings.dense_hu)
    if integrated is not None:
        yield "integrated_volume", Quantity(value=integrated * float(np.prod(spacing)), unit=Unit.MM3)


def agatston(values: Floats, spacing_mm: tuple[float, ...]) -> float:
    """Return the Agatston calcium score of a deposit.

    Sum over planes of the area of voxels of at least 130 HU, times a factor of that plane's peak in
    the deposit (130 to 199 HU: 1, 200 to 299: 2, 300 to 399: 3, 400 or more: 4), times the distance of
    planes over 3 mm. Zero where no voxel reaches 130 HU.

    That the factor is taken per plane of each deposit, and that the score is scaled by the distance of
    planes over 3 mm, is common practice, not confirmed from the primary source; no least area is asked for.
    The score was made for coronary arteries and has not been validated for calcinosis.

    Parameters
    ----------
    values : ndarray of float, shape (planes, rows, cols)
        HU of the deposit's voxels, −inf elsewhere.
    spacing_mm : tuple of float
        Of planes, rows and columns.

    Examples
    --------
    >>> float(agatston(np.array([[[150.0, 100.0]], [[410.0, 130.0]]]), (3.0, 0.5, 0.5)))
    2.25

    References
    ----------
    Agatston AS et al. Quantification of coronary artery calcium using ultrafast computed tomography.
    J Am Coll Cardiol 1990;15:827-32.
    """
    peaks = values.max(axis=(1, 2))
    pixel_counts = (values >= _THRESHOLD_HU).sum(axis=(1, 2))
    factors = np.digitize(peaks, _FACTOR_BOUNDS_HU)
    plane_mm, row_mm, col_mm = spacing_mm
    return float((pixel_counts * factors).sum() * row_mm * col_mm * plane_mm / _PLANE_MM)


def integrated_voxels(around: Surroundings, *, dense_hu: float | None = None) -> float | None:
    """Return how many voxels full of dense calcium would give what a deposit has above its surroundings.

    Sum of (HU − soft) ÷ (dense − soft) over the deposit and the gap around it, into which its edge is
    blurred: of a blurred deposit it hangs neither on a threshold nor on where exactly the outline runs. Soft
    is the median of the rim; dense is what is declared, else the median of the deposit where it is deeper
    than the gap (at least eight voxels). None without either; never below 0.

    Parameters
    ----------
    around : Surroundings
        Of the deposit.
    dense_hu : float, optional
        What dense calcium has.

    References
    ----------
    The fraction of a voxel: Šprem J et al. PLoS One 2018;13:e0209318. That it is summed over
    the gap as well is lesionkit's own.
    """
    soft = around.level
    if dense_hu is None and len(around.core) >= _LEAST_CORE:
        dense_hu = float(np.median(around.core))
    if soft is None or dense_hu is None or dense_hu <= soft:
        return None
    return max(0.0, float((around.near - soft).sum()) / (dense_hu - soft))
