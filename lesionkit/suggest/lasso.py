"""A loose line around a deposit -> what within it is deposit, by a threshold."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Mask, Outline, Region
from lesionkit.errors import OutlineError
from lesionkit.geometry.raster import contains
from lesionkit.suggest.contour import outline_along, rings_at, smoothed
from lesionkit.suggest.features import Field, softened, window_of
from lesionkit.suggest.solid import CALCIUM_HU

LEAST_SHARE = 0.02
"""Of the lasso's area; smaller pieces are noise."""

_HIGHEST_HU = 4000.0
_LEAST_PIXELS = 4


def threshold_within(
    image: Image, lasso: Outline, *, window: tuple[float, float] | None = None
) -> tuple[Region, ...]:
    """Return what in a loose line is deposit: outlines on a picture, one mask of one plane in a volume.

    With a window of values: the pixels within it. CT without one: from `CALCIUM_HU` up. Else the pixels in
    the line are parted in two classes such that each is most like itself (Otsu), of a photograph along the
    direction in which its colours differ most; the class that is rarer along the line is the deposit.

    Parameters
    ----------
    image : Image
        A picture or a volume.
    lasso : Outline
        Around the deposit and some of its surroundings.
    window : tuple of float, optional
        Lowest and highest value, in the image's intensity unit; of photographs the lightness, 0 to 100.

    Returns
    -------
    tuple of Region
        Largest first. Outlines are smooth and run between pixels; pieces of less than `LEAST_SHARE` of the
        line's area are left out.

    Raises
    ------
    OutlineError
        If nothing in the line stands out, or no value lies in the window.

    References
    ----------
    Otsu N. A threshold selection method from gray-level histograms. IEEE Trans Syst Man Cybern 1979;9:62-66.
    """
    ring = lasso.exterior
    part = window_of(image, ring.min(axis=0) - 1, ring.max(axis=0) + 1, plane=lasso.plane)
    rows, cols = np.mgrid[: part.looks.shape[0], : part.looks.shape[1]]
    places = part.to_image(np.stack([rows.ravel(), cols.ravel()], axis=1))
    held = contains(replace(lasso, plane=None), places).reshape(rows.shape)
    if held.sum() < _LEAST_PIXELS:
        raise _nothing()
    if window is None and image.modality is Modality.CT:
        window = (float(CALCIUM_HU), _HIGHEST_HU)
    field = _by_class(part.looks, held) if window is None else _by_window(part.looks, window)
    if lasso.plane is not None:
        return (_mask((field < 0) & held, part.origin, lasso.plane),)
    least = LEAST_SHARE * float(held.sum())
    beyond = max(float(np.abs(field).max()), 1e-6)
    rings = rings_at(np.where(held, field, beyond), 0.0)
    found = [outline_along(smoothed(part.to_image(r), sigma=0.7), image) for r in rings if _area(r) >= least]
    if not found:
        raise _nothing()
    return tuple(found)


def _area(ring: npt.NDArray[np.float64]) -> float:
    from lesionkit.geometry.polygon import ring_area

    return ring_area(ring)


def _by_window(looks: Field, window: tuple[float, float]) -> Field:
    """Return a field that is below zero within a window of values."""
    low, high = window
    value = softened(looks, 0.5)[..., 0] if looks.shape[2] == 3 else looks[..., 0]
    return np.asarray(np.maximum(low - value, value - high) - 1e-3, dtype=np.float32)


def _by_class(looks: Field, held: npt.NDArray[np.bool_]) -> Field:
    """Return a field that is below zero where pixels are of the class that is the deposit."""
    from scipy.ndimage import binary_erosion
    from skimage.filters import threshold_otsu

    soft = softened(looks)
    own = soft[held]
    centred = own - own.mean(axis=0)
    if float(np.abs(centred).max()) == 0:
        raise _nothing()
    axis = np.linalg.svd(centred.T @ centred)[0][:, 0]
    value = (soft - own.mean(axis=0)) @ axis
    level = float(threshold_otsu(value[held]))
    rim = held & ~binary_erosion(held, iterations=2)
    above = value > level
    is_above = above[rim].mean() < above[held].mean()
    return np.asarray(level - value if is_above else value - level, dtype=np.float32)


def _mask(inside: npt.NDArray[np.bool_], origin: tuple[int, int], plane: int) -> Mask:
    if not inside.any():
        raise _nothing()
    cropped = Mask.cropped(inside)
    row, col = cropped.origin
    return Mask(voxels=cropped.voxels[None], origin=(plane, origin[0] + row, origin[1] + col))


def _nothing() -> OutlineError:
    return OutlineError(
        "nothing in the line stands out from the rest",
        hint="Draw it so that it holds some of the surroundings as well, or name the values looked for.",
    )
