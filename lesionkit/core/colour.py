"""Colour as numbers that two cameras agree on, and what brings a photograph's there."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats, frozen

MOST_DELTA_E = 5.0
"""Median colour difference (CIEDE2000) of patches not used for it above which a correction is no calibration.

The limit is a choice, not a finding: published corrections of skin photographs reach medians of 3.9 to 7.8.
"""

_TO_XYZ = frozen(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = frozen((0.95047, 1.0, 1.08883))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColourCorrection:
    """What carries a photograph's colours to those under standard daylight (D65).

    Parameters
    ----------
    source : str
        What it comes from: ``ColorChecker``, ``card`` or ``paper white``.
    matrix : array_like, shape (3, 3)
        From the photograph's linear sRGB (rows of pixels, from the left) to that under D65.
    delta_e_before, delta_e_after : float, optional
        Median difference (CIEDE2000) of the patches from their known colours, as photographed and after
        correction by a matrix found without the patch; None where no patch's colour is known.
    """

    source: str
    matrix: Floats
    delta_e_before: float | None = None
    delta_e_after: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "matrix", frozen(self.matrix))
        if np.shape(self.matrix) != (3, 3):
            raise ValueError("a colour correction is a matrix of 3 × 3")

    @property
    def is_calibrated(self) -> bool:
        """Whether colours may be compared with those of other photographs: `MOST_DELTA_E` is kept."""
        return self.delta_e_after is not None and self.delta_e_after <= MOST_DELTA_E

    def linear(self, pixels: npt.NDArray[np.integer]) -> Floats:
        """Return pixels of sRGB as linear light under D65, 1 = white; shape (..., 3)."""
        return np.asarray(linear_of(pixels) @ self.matrix)


def linear_of(pixels: npt.NDArray[np.integer]) -> Floats:
    """Return sRGB pixels as linear light, 0 to 1.

    References
    ----------
    IEC 61966-2-1:1999 (sRGB).
    """
    stored = np.asarray(pixels, dtype=np.float64) / float(np.iinfo(pixels.dtype).max)
    return np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)


def lab_of(linear: npt.ArrayLike) -> Floats:
    """Return CIE L*, a*, b* (D65, 2° observer) of linear sRGB, shape (..., 3).

    Examples
    --------
    >>> lab_of([1.0, 1.0, 1.0]).round(2).tolist()[0]
    100.0

    References
    ----------
    CIE 15:2018, Colorimetry.
    """
    xyz = np.maximum(np.asarray(linear, dtype=np.float64), 0) @ np.asarray(_TO_XYZ).T / _WHITE
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
