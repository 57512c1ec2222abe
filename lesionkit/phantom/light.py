"""Light and what a camera stores of it (sRGB, IEC 61966-2-1)."""

import numpy as np
import numpy.typing as npt

from lesionkit.phantom.noise import Field


def encoded(linear: npt.ArrayLike) -> Field:
    """Return linear light, clipped to 0 to 1, as sRGB values 0 to 1."""
    light = np.clip(np.asarray(linear, dtype=np.float32), 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


def decoded(stored: npt.ArrayLike) -> Field:
    """Return sRGB values, clipped to 0 to 1, as linear light 0 to 1.

    Examples
    --------
    >>> float(decoded(encoded(0.25)))
    0.25
    """
    value = np.clip(np.asarray(stored, dtype=np.float32), 0, 1)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)
