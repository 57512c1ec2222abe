"""What is known beforehand of the camera that took a photograph: little, but not nothing."""

import math
from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import Floats

_FULL_FRAME_DIAGONAL_MM = math.hypot(36, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """What may be expected of a camera's lens, as means and standard errors.

    Parameters
    ----------
    focal_35mm : float
        Focal length of the same angle of view on 36 × 24 mm film, by the diagonal.
    focal_rel_se : float
        Its relative standard error.
    centre_se : float
        How far the optical axis may be from the picture's middle, as a share of half its diagonal.
    distortion_se : float
        How far a point in the corner may be from where a perfect lens would show it, as a share of its
        distance from the middle (radial distortion; it grows with the cube of that distance).
    aspect_se : float
        How far width over height of a square print may be from 1: paper stretches along its way
        through the printer.

    Notes
    -----
    The defaults fit telephones and cameras from a wide angle (20 mm) to a macro lens (100 mm) that correct
    their own pictures: distortion in the corner is then within about ±1 %.
    """

    focal_35mm: float = 32.0
    focal_rel_se: float = 0.4
    centre_se: float = 0.02
    distortion_se: float = 0.004
    aspect_se: float = 0.001

    def focal_px(self, shape: tuple[int, ...]) -> float:
        """Return the expected focal length in pixels of a picture of this shape."""
        return self.focal_35mm * math.hypot(*shape) / _FULL_FRAME_DIAGONAL_MM


UNKNOWN_LENS = Lens()
"""A picture of which nothing says by what camera it was taken."""


def distorted(points: Floats, *, centre: Floats, radius: float, share: float) -> Floats:
    """Return where a lens shows points that a perfect one shows at `points`.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        ``(row, col)``.
    centre : ndarray of float, shape (2,)
        Where the optical axis meets the picture.
    radius : float
        Half the picture's diagonal, px.
    share : float
        Distortion at that radius: positive away from the centre (pincushion), negative towards it (barrel).
    """
    offset = points - centre
    square = np.sum(offset**2, axis=1, keepdims=True) / radius**2
    return np.asarray(centre + offset * (1 + share * square))
