"""What lies around a deposit: the soft tissue it is compared with, and the blur of its own edge."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Mask
from lesionkit.core.units import Unit

_GAP_MM, _WIDTH_MM = 1.0, 2.0
_GAP_PX, _WIDTH_PX = 2.0, 4.0
_LEAST_PIXELS = 10
_AIR_HU = -300
"""Between fat and air: below it lies what is outside the body, or was never measured."""

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surroundings:
    """Pixel values in and around a deposit.

    Parameters
    ----------
    rim : ndarray of float, shape (n,)
        Of the rim; at least ten, else none.
    near : ndarray of float, shape (m,)
        Of the deposit and of the gap between it and its rim, into which its edge is blurred.
    core : ndarray of float, shape (k,)
        Of the deposit where it is deeper than the gap is wide.
    """

    rim: Floats
    near: Floats
    core: Floats

    @property
    def level(self) -> float | None:
        """The median of the rim; None where there is no rim."""
        return float(np.median(self.rim)) if len(self.rim) else None


def surroundings_of(mask: Mask, image: Image, *, others: Iterable[Mask] = ()) -> Surroundings:
    """Return the pixel values in and around a deposit.

    The rim are the pixels whose centres lie more than 1 mm and at most 3 mm (without a scale: more than 2
    and at most 6 pixels) from the nearest pixel of the deposit. Where pixels are larger, the gap is one pixel
    and the rim two pixels wide. Left out are other deposits, what is no number, of CT what lies below
    −300 HU (outside the body or the field of view), of other images the value of empty corners.

    Parameters
    ----------
    mask : Mask
        The deposit's pixels, of bool, inside the image.
    image : Image
        Not of colour.
    others : iterable of Mask
        The pixels of the image's other deposits.
    """
    from scipy.ndimage import distance_transform_edt

    spacing = image.grid.spacing_mm or (1.0,) * len(image.grid.shape)
    gap, width = _extent(spacing, is_calibrated=image.grid.is_calibrated)
    reach = [int(np.ceil((gap + width) / step)) for step in spacing]
    low = [max(start - r, 0) for start, r in zip(mask.origin, reach, strict=True)]
    high = [
        min(start + n + r, size)
        for start, n, r, size in zip(mask.origin, mask.voxels.shape, reach, image.grid.shape, strict=True)
    ]
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    inside, taken = (
        _laid(mask, box),
        np.zeros([b - a for a, b in zip(low, high, strict=True)], dtype=np.bool_),
    )
    for other in others:
        taken |= _laid(other, box)
    values = image.intensity(box).astype(np.float64)
    is_number = np.isfinite(values)
    outside = distance_transform_edt(~inside, sampling=spacing)
    depth = distance_transform_edt(np.pad(inside, 1), sampling=spacing)[(slice(1, -1),) * inside.ndim]
    in_rim = (outside > gap) & (outside <= gap + width) & is_number & ~taken & ~_is_empty(values, image)
    rim = values[in_rim]
    return Surroundings(
        rim=rim if len(rim) >= _LEAST_PIXELS else rim[:0],
        near=values[(outside <= gap) & is_number & ~(taken & ~inside)],
        core=values[(depth > gap) & is_number],
    )


def _extent(spacing: tuple[float, ...], *, is_calibrated: bool) -> tuple[float, float]:
    """Return how far from the deposit the rim begins, and how wide it is."""
    pixel = max(spacing[-2:])
    if not is_calibrated:
        return _GAP_PX, _WIDTH_PX
    return max(_GAP_MM, pixel), max(_WIDTH_MM, 2 * pixel)


def _laid(mask: Mask, box: tuple[slice, ...]) -> Bools:
    """Return which pixels of a box belong to a mask."""
    laid = np.zeros([side.stop - side.start for side in box], dtype=np.bool_)
    start = np.maximum(mask.origin, [side.start for side in box])
    stop = np.minimum(np.add(mask.origin, mask.voxels.shape), [side.stop for side in box])
    if (stop > start).all():
        here = tuple(
            slice(a - side.start, b - side.start) for a, b, side in zip(start, stop, box, strict=True)
        )
        there = tuple(slice(a - o, b - o) for a, b, o in zip(start, stop, mask.origin, strict=True))
        laid[here] = mask.voxels[there]
    return laid


def _is_empty(values: Floats, image: Image) -> Bools:
    """Return which pixels show nothing of the patient."""
    if image.modality is Modality.CT and image.intensity_unit is Unit.HU:
        return np.asarray(values < _AIR_HU)
    corners = image.pixels[tuple(np.meshgrid(*[[0, -1]] * len(image.grid.shape), indexing="ij"))].ravel()
    found, counts = np.unique(corners, return_counts=True)
    return np.isin(values, found[counts > 1].astype(np.float64))
