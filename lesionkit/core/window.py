"""How pixel values become shades: the windows a file asks to be shown with, told as DICOM tells them."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats, frozen


class WindowShape(StrEnum):
    """How shades rise with values, in DICOM's words (VOI LUT Function)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Values between which shades rise from black to white.

    Parameters
    ----------
    centre, width : float
        In the image's own values, after its modality transform.
    shape : WindowShape
        ``LINEAR`` as DICOM counts whole numbers: from centre − 0.5 − (width − 1) / 2 to
        centre − 0.5 + (width − 1) / 2. ``LINEAR_EXACT``: from centre − width / 2 to centre + width / 2.
        ``SIGMOID``: 1 / (1 + exp(−4 (value − centre) / width)).
    explanation : str
        What its file says it is for, such as ``BONE``.

    Raises
    ------
    ValueError
        If a number is not finite, or the width is below 1 (``LINEAR``) or not above 0 (the others).

    References
    ----------
    DICOM PS3.3 section C.11.2.1 (VOI LUT Module).

    Examples
    --------
    >>> Window(centre=40, width=401).shades([-161, 39.5, 240]).tolist()
    [0.0, 0.5, 1.0]
    >>> Window.between(0, 1000).shades([250]).tolist()
    [0.25]
    """

    centre: float
    width: float
    shape: WindowShape = WindowShape.LINEAR
    explanation: str = ""

    def __post_init__(self) -> None:
        fits = self.width >= 1 if self.shape is WindowShape.LINEAR else self.width > 0
        if not (fits and np.isfinite(self.centre) and np.isfinite(self.width)):
            raise ValueError(f"no window: centre {self.centre}, width {self.width}")

    @classmethod
    def between(cls, low: float, high: float, explanation: str = "") -> "Window":
        """Return the window that is black up to one value and white from another on.

        Raises
        ------
        ValueError
            If the second is not above the first.
        """
        shape = WindowShape.LINEAR_EXACT
        return cls(centre=(low + high) / 2, width=high - low, shape=shape, explanation=explanation)

    @property
    def limits(self) -> tuple[float, float]:
        """The values that are black and white; of a sigmoid, those where its slope would lead to them."""
        if self.shape is WindowShape.LINEAR:
            middle, half = self.centre - 0.5, (self.width - 1) / 2
        else:
            middle, half = self.centre, self.width / 2
        return middle - half, middle + half

    def shades(self, values: npt.ArrayLike) -> Floats:
        """Return shades from 0 (black) to 1 (white), shape as the values."""
        numbers = np.asarray(values, dtype=np.float64)
        if self.shape is WindowShape.SIGMOID:
            # Beyond ±40 nothing changes in the digits that there are.
            return np.asarray(1 / (1 + np.exp(np.clip(-4 * (numbers - self.centre) / self.width, -40, 40))))
        low, high = self.limits
        if high <= low:  # LINEAR of width 1: one step
            return np.asarray(numbers > low, dtype=np.float64)
        return np.asarray(np.clip((numbers - low) / (high - low), 0, 1))

    def mirrored(self, about: float) -> "Window":
        """Return the window that shows ``about − value`` as this one shows the negative of value."""
        # LINEAR is off its centre by half a value, to the side that is now the other.
        off = 1.0 if self.shape is WindowShape.LINEAR else 0.0
        return replace(self, centre=about - self.centre + off)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """Shades of whole values one after another (DICOM's VOI LUT); beyond its ends, those of its ends.

    Parameters
    ----------
    first : float
        The value that has the first shade.
    levels : array_like, shape (n,)
        Shades from 0 (black) to 1 (white).
    explanation : str
        What its file says it is for.

    Raises
    ------
    ValueError
        If it has no shade, or one outside 0 to 1.

    References
    ----------
    DICOM PS3.3 section C.11.2.1.1 (LUT Descriptor).

    Examples
    --------
    >>> Curve(first=10, levels=[0, 0.2, 1]).shades([0, 11, 99]).tolist()
    [0.0, 0.2, 1.0]
    """

    first: float
    levels: Floats
    explanation: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", frozen(self.levels))
        if self.levels.ndim != 1 or not self.levels.size or not np.isfinite(self.first):
            raise ValueError("a curve has a first value and at least one shade")
        if not (self.levels.min() >= 0 and self.levels.max() <= 1):
            raise ValueError("shades go from 0 to 1")

    @property
    def limits(self) -> tuple[float, float]:
        """The first and the last value that has a shade of its own."""
        return self.first, self.first + len(self.levels) - 1

    def shades(self, values: npt.ArrayLike) -> Floats:
        """Return shades from 0 (black) to 1 (white), shape as the values."""
        place = np.rint(np.asarray(values, dtype=np.float64) - self.first)
        return np.asarray(self.levels[np.clip(place, 0, len(self.levels) - 1).astype(np.intp)])

    def mirrored(self, about: float) -> "Curve":
        """Return the curve that shows ``about − value`` as this one shows the negative of value."""
        return replace(self, first=about - self.limits[1], levels=1 - self.levels[::-1])


Look = Window | Curve
"""What turns values into shades."""
