"""A sampled rectangle of the limb's frontal plane."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats

STEP_MM = 0.125
"""Distance of two samples of the skin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of the ``(x, z)`` plane in mm."""

    x: tuple[float, float]
    z: tuple[float, float]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows (from high z to low) and columns (from low x to high) of its samples."""
        rows, cols = ((high - low) / STEP_MM for low, high in (self.z, self.x))
        return int(np.ceil(rows)) + 1, int(np.ceil(cols)) + 1

    def to_samples(self, x: npt.ArrayLike, z: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return the row and column of points given in mm."""
        rows = (self.z[1] - np.asarray(z, dtype=np.float64)) / STEP_MM
        return np.asarray(rows), np.asarray((np.asarray(x, dtype=np.float64) - self.x[0]) / STEP_MM)
