"""Light, colour and sharpness of the skin that two photographs both show."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.align.skin import redness, skin_of
from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image
from lesionkit.core.transform import Transform

_WHITE = 250
"""From here on, of 255, a photograph has no detail left."""
_LEAST_SKIN = 200
_SWAP = np.eye(3)[[1, 0, 2]]
_SHARP_SIDE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How skin looks on a picture.

    Parameters
    ----------
    light : float
        Its linear luminance, 0 to 1: the median.
    clipped : float
        Share of it without detail because it is white.
    colour : tuple of float, optional
        Median a* and b* of CIELAB, of the linear light brought to one luminance.
    """

    light: float
    clipped: float
    colour: tuple[float, float] | None


def look_at(image: Image, baseline: Image, onto: Floats | None, *, side: int) -> tuple[Look, Look] | None:
    """Return how the skin that both show looks on each; None where they share too little.

    Parameters
    ----------
    image, baseline : Image
        Photographs.
    onto : ndarray of float, shape (3, 3), optional
        Carries ``(row, col, 1)`` of the image onto the baseline; None = all skin of either counts.
    side : int
        Pixels of the long side at which they are looked at.
    """
    import cv2

    small, shrink = _small(baseline, side)
    other, grow = _small(image, side)
    wheres = [_where(each) for each in (other, small)]
    if onto is not None:
        matrix = _SWAP @ np.linalg.inv(shrink) @ onto @ grow @ _SWAP
        size = (small.shape[1], small.shape[0])
        other = np.asarray(cv2.warpPerspective(other, matrix, size, flags=cv2.INTER_LINEAR), dtype=np.uint8)
        seen = cv2.warpPerspective(wheres[0].astype(np.uint8), matrix, size, flags=cv2.INTER_NEAREST) > 0
        wheres = [seen & wheres[1]] * 2
    if min(where.sum() for where in wheres) < _LEAST_SKIN:
        return None
    here, there = (_look(pixels, where) for pixels, where in zip((other, small), wheres, strict=True))
    return here, there


def sharpness_ratio(image: Image, baseline: Image, transform: Transform) -> float | None:
    """Return the strength of fine detail on an image over that on the baseline, where both show skin.

    Both are brought to the coarser one's resolution. Detail is the root mean square of the luma less itself
    blurred by 1.5 px, over the luma.
    """
    import cv2

    small, shrink = _small(baseline, _SHARP_SIDE)
    where = _where(small)
    matrix = _SWAP @ np.linalg.inv(shrink) @ transform.matrix @ _SWAP
    ratio = np.sqrt(abs(np.linalg.det(matrix[:2, :2]))) / abs(matrix[2, 2])
    size = (small.shape[1], small.shape[0])
    pixels = _luma(_eight(image))
    small = _luma(small)
    if ratio < 0.8:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), float(0.4 / ratio)), dtype=np.uint8)
    other = np.asarray(cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_LINEAR), dtype=np.uint8)
    if ratio > 1.25:  # the image is the coarser one: take the same from the baseline
        soft = cv2.resize(small, None, fx=1 / ratio, fy=1 / ratio, interpolation=cv2.INTER_AREA)
        small = np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    where = where & (other > 0)
    where = np.asarray(cv2.erode(where.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0)
    if where.sum() < _LEAST_SKIN:
        return None
    here, there = (_detail(pixels, where) for pixels in (other, small))
    return float(here / there) if there > 0 else None


def _eight(image: Image) -> npt.NDArray[np.uint8]:
    pixels = np.asarray(image.pixels)
    return np.asarray(pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8))


def _luma(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    import cv2

    if pixels.ndim == 2:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _small(image: Image, side: int) -> tuple[npt.NDArray[np.uint8], Floats]:
    """Return a small picture, and what carries its (row, col, 1) to the full size."""
    import cv2

    pixels = _eight(image)
    scale = min(1.0, side / max(pixels.shape[:2]))
    rows, cols = (max(1, round(size * scale)) for size in pixels.shape[:2])
    small = cv2.resize(pixels, (cols, rows), interpolation=cv2.INTER_AREA)
    ratio = np.asarray(pixels.shape[:2]) / (rows, cols)
    matrix = np.diag([*ratio, 1.0])
    matrix[:2, 2] = ratio / 2 - 0.5
    return np.asarray(small, dtype=np.uint8), matrix


def _where(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return where skin is; everywhere where it does not stand out."""
    everywhere = np.ones(pixels.shape[:2], dtype=np.bool_)
    red = redness(pixels)
    skin = None if red is None else skin_of(red)
    return everywhere if skin is None else skin


def _look(pixels: npt.NDArray[np.uint8], where: npt.NDArray[np.bool_]) -> Look:
    import cv2

    skin = pixels[where]
    clipped = float((skin.reshape(len(skin), -1).max(axis=1) >= _WHITE).mean())
    if skin.ndim == 1:
        return Look(light=float(np.median(_linear(skin))), clipped=clipped, colour=None)
    linear = np.median(_linear(skin), axis=0)
    light = float(linear @ (0.2126, 0.7152, 0.0722))
    # At one luminance, a fifth of white, colour no longer hangs on the exposure.
    even = (linear * (0.2 / max(light, 1e-4))).astype(np.float32).reshape(1, 1, 3)
    encoded = np.where(even <= 0.0031308, 12.92 * even, 1.055 * np.maximum(even, 0) ** (1 / 2.4) - 0.055)
    _, a, b = cv2.cvtColor(encoded.astype(np.float32), cv2.COLOR_RGB2LAB).ravel()
    return Look(light=light, clipped=clipped, colour=(float(a), float(b)))


def _linear(stored: npt.NDArray[np.uint8]) -> Floats:
    """Return linear light of sRGB values (IEC 61966-2-1)."""
    value = stored.astype(np.float64) / 255
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4))


def _detail(pixels: npt.NDArray[np.uint8], where: npt.NDArray[np.bool_]) -> float:
    import cv2

    values = pixels.astype(np.float32)
    fine = cv2.GaussianBlur(values, (0, 0), 0.7) - cv2.GaussianBlur(values, (0, 0), 1.5)
    return float(np.sqrt((fine[where] ** 2).mean()) / max(values[where].mean(), 1.0))
