"""The limb's surface looked up from a fine grid: as exact as the pictures need, and quick."""

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.phantom.anatomy import Limb

_STEP_MM = 0.5


def look_up(limb: Limb, x: Floats, z: Floats) -> tuple[Floats, Floats]:
    """Return a limb's squared half thickness (mm²) at points, and the length of its gradient (mm).

    By cubic interpolation between points 0.5 mm apart.

    Parameters
    ----------
    limb : Limb
        Whose surface.
    x, z : ndarray, two-dimensional
        Patient coordinates, mm.
    """
    import cv2

    low = np.array([x.min(), z.min()]) - 3 * _STEP_MM
    high = np.array([x.max(), z.max()]) + 3 * _STEP_MM
    xs, zs = (np.arange(a, b + _STEP_MM, _STEP_MM) for a, b in zip(low, high, strict=True))
    square = limb.thickness_square(xs[None, :], zs[:, None])
    down, right = np.gradient(square, _STEP_MM)
    cols, rows = ((p - a[0]) / _STEP_MM for p, a in ((x, xs), (z, zs)))
    values, slopes = (
        cv2.remap(layer.astype(np.float32), cols.astype(np.float32), rows.astype(np.float32), cv2.INTER_CUBIC)
        for layer in (square, np.hypot(down, right))
    )
    return np.asarray(values, dtype=np.float64), np.asarray(slopes, dtype=np.float64)


def look_up_noise(noise: npt.NDArray[np.float32], step_mm: float, x: Floats, z: Floats) -> Floats:
    """Return noise fixed to the body at points: `noise` tiles the ``(x, z)`` plane in mirrors."""
    import cv2

    cols, rows = (x / step_mm).astype(np.float32), (z / step_mm).astype(np.float32)
    return np.asarray(cv2.remap(noise, cols, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))
