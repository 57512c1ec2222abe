"""What a photograph shows of the skin itself, apart from its light and from what lies beside it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.image import Image

LEAST_STEP = 0.15
"""Least difference, in log(red / green), between skin and what is not; beside it lies paper or cloth."""

MOST_OF_CLOTH = 0.15
"""Greatest mean log(red / green) of what is not skin: neutral things have 0, cloths mostly less."""

_DARK = 4.0


def redness(image: Image | npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.float32] | None:
    """Return log(red / green) of a photograph, shape (rows, cols); None where it has no colour.

    Light and shade fall on red and green alike and cancel, so what stays is the pigment of skin:
    haemoglobin and melanin absorb green more than red [1]_.

    Parameters
    ----------
    image : Image or ndarray of integers, shape (rows, cols) or (rows, cols, 3)
        The photograph, or its pixels.

    References
    ----------
    .. [1] Tsumura N et al. Image-based skin color and texture analysis/synthesis by extracting
       hemoglobin and melanin information in the skin. ACM Trans Graph 2003;22:770-779.
    """
    pixels = image.pixels if isinstance(image, Image) else image
    if pixels.ndim != 3:
        return None
    import cv2

    full_scale = float(np.iinfo(pixels.dtype).max)
    red, green = (pixels[..., channel].astype(np.float32) * (255 / full_scale) for channel in (0, 1))
    ratio = np.log((red + _DARK) / (green + _DARK))
    # A camera's colour is coarser than its brightness: single pixels of it are noise.
    return np.asarray(cv2.GaussianBlur(ratio, (0, 0), 1.2), dtype=np.float32)


def skin_of(red: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_] | None:
    """Return where skin is, by its redness; None where nothing but skin (or no skin) is to be seen.

    Parameters
    ----------
    red : ndarray of float32, shape (rows, cols)
        As `redness` returns.
    """
    if np.ptp(red) == 0:
        return None
    from skimage.filters import threshold_otsu

    level = threshold_otsu(red[::4, ::4] if min(red.shape) > 400 else red)
    if not (red > level).any():
        return None
    # On a blue cloth, paper and rulers fall on the skin's side of Otsu's level: they are half as red at most.
    skin = red > max(level, float(np.median(red[red > level])) / 2)
    if not skin.any() or skin.all():
        return None
    cloth = float(red[~skin].mean())
    if cloth > MOST_OF_CLOTH or float(red[skin].mean()) - cloth < LEAST_STEP:
        return None
    return np.asarray(skin)


def stretched(red: npt.NDArray[np.float32], skin: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.uint8]:
    """Return redness in 8 bits, spread over that of the skin, local contrast made even."""
    import cv2

    low, high = np.percentile(red if skin is None else red[skin], (1, 99))
    scaled = np.clip((red - low) / max(float(high - low), 1e-6), 0, 1)
    level = cv2.createCLAHE(clipLimit=4.0, tileGridSize=(8, 8)).apply(np.round(scaled * 255).astype(np.uint8))
    return np.asarray(level, dtype=np.uint8)
