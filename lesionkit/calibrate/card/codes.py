"""The card's own markers: sixteen patterns that no other set of markers reads, and that read no other.

They were searched for once (random patterns from a seed, kept where far enough from all others) and
never change: cards already printed carry them.
"""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

MODULES = 6
"""Modules of a marker's pattern across; with its black border it is two wider."""

CORRECTED_BITS = 2
"""Modules that may be read wrong; the patterns differ by at least twelve, in any turn and mirrored."""

_PATTERNS = (
    *(0x889774D95, 0xF1F0D3A2E, 0x1825BB383, 0x9177B28BD, 0x9C3F99600, 0x9AA688384, 0xAF5743690, 0x3ABC3FA23),
    *(0x5333AE12D, 0xC7BC0ED41, 0x3C83C2E68, 0xF1B93589E, 0xF98A75B2F, 0xC0B3F71C8, 0x5DF34AE0D, 0x64C6A79E7),
)

NUMBERS = range(len(_PATTERNS))
"""The numbers of all markers."""


def pattern(number: int) -> npt.NDArray[np.uint8]:
    """Return a marker's modules without its black border, 1 = white, shape (6, 6), row by row.

    Examples
    --------
    >>> pattern(0)[0].tolist()
    [1, 0, 0, 0, 1, 0]
    """
    digits = f"{_PATTERNS[number]:0{MODULES**2}b}"
    return np.array([int(digit) for digit in digits], dtype=np.uint8).reshape(MODULES, MODULES)


@cache
def dictionary() -> Any:
    """Return the markers as OpenCV's dictionary."""
    from cv2 import aruco

    rows = [aruco.Dictionary.getByteListFromBits(pattern(number)) for number in NUMBERS]
    return aruco.Dictionary(np.concatenate(rows), MODULES, CORRECTED_BITS)
