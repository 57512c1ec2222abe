"""Where a frontal picture lies over the limb: one exact scale, a shift and a turn."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A frontal view of the limb's ``(x, z)`` plane from its back (−y).

    Parameters
    ----------
    shape : tuple of int
        Rows and columns.
    spacing_mm : tuple of float
        Row and column spacing on the limb, mm per pixel.
    centre : tuple of float
        ``(x, z)`` seen in the middle of the picture, mm.
    turn_deg : float
        0: fingers up; 90: fingers to the right.
    """

    shape: tuple[int, int]
    spacing_mm: tuple[float, float]
    centre: tuple[float, float]
    turn_deg: float = 0.0

    @property
    def _directions(self) -> Floats:
        """Directions of one row down and one column right in ``(x, z)``, mm per pixel, as rows."""
        turn = math.radians(self.turn_deg)
        down = np.array([math.sin(turn), -math.cos(turn)]) * self.spacing_mm[0]
        right = np.array([math.cos(turn), math.sin(turn)]) * self.spacing_mm[1]
        return np.stack([down, right])

    @property
    def _middle(self) -> Floats:
        return (np.asarray(self.shape) - 1) / 2

    def to_body(self, points: npt.ArrayLike) -> Floats:
        """Return ``(x, z)`` in mm of ``(row, col)`` pixel coordinates (centres on integers), shape (n, 2)."""
        offsets = np.atleast_2d(np.asarray(points, dtype=np.float64)) - self._middle
        return np.asarray(offsets @ self._directions + np.asarray(self.centre))

    def to_pixels(self, points: npt.ArrayLike) -> Floats:
        """Return ``(row, col)`` of ``(x, z)`` points in mm, shape (n, 2)."""
        offsets = np.atleast_2d(np.asarray(points, dtype=np.float64)) - np.asarray(self.centre)
        return np.asarray(offsets @ np.linalg.inv(self._directions) + self._middle)

    def body_of_pixels(self) -> tuple[Floats, Floats]:
        """Return x and z in mm of every pixel, each of the picture's shape."""
        (drow_x, drow_z), (dcol_x, dcol_z) = self._directions
        row0, col0 = self._middle
        rows = np.arange(self.shape[0])[:, None] - row0
        cols = np.arange(self.shape[1])[None, :] - col0
        x = self.centre[0] + rows * drow_x + cols * dcol_x
        z = self.centre[1] + rows * drow_z + cols * dcol_z
        return x, z
