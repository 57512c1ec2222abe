"""A ColorChecker Classic in a photograph: where its patches are and what colour they should have."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats, frozen
from lesionkit.errors import CalibrationError

COLORCHECKER = frozen(
    [
        *((37.54, 14.37, 14.92), (64.66, 19.27, 17.50), (49.32, -3.82, -22.54), (43.46, -12.74, 22.72)),
        *((54.94, 9.61, -24.79), (70.48, -32.26, -0.37), (62.73, 35.83, 56.50), (39.43, 10.75, -45.17)),
        *((50.57, 48.64, 16.67), (30.10, 22.54, -20.87), (71.77, -24.13, 58.19), (71.51, 18.24, 67.37)),
        *((28.37, 15.42, -49.80), (54.38, -39.72, 32.27), (42.43, 51.05, 28.62), (81.80, 2.67, 80.41)),
        *((50.63, 51.28, -14.12), (49.57, -29.71, -28.32), (95.19, -1.03, 2.93), (81.29, -0.57, 0.44)),
        *((66.89, -0.75, -0.06), (50.76, -0.13, 0.14), (35.63, -0.46, -0.48), (20.64, 0.07, -0.46)),
    ]
)
"""CIE L*a*b* (D50, 2°) of its 24 patches, row by row from dark skin to black.

They are the maker's figures for charts made since November 2014.
"""

_WIDTHS = (800, 1100, 1500, 1000, 1350, 700)
_TRIES = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patches:
    """Patches of known colour in a photograph.

    Parameters
    ----------
    source : str
        ``ColorChecker`` or ``card``.
    seen : ndarray of float, shape (n, 3)
        Linear sRGB, 0 to 1, as photographed.
    known : ndarray of float, shape (n, 3)
        CIE L*a*b* (D50, 2°) as measured.
    """

    source: str
    seen: Floats
    known: Floats


def find_colorchecker(pixels: npt.NDArray[np.uint8]) -> Floats | None:
    """Return the mean colour of a ColorChecker's 24 patches, sRGB 0 to 255, shape (24, 3); None without one.

    OpenCV's search is partly random and does not find every chart at every size, so several sizes are
    tried, each with its own seed: the same picture gives the same answer.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (rows, cols, 3)
        The photograph, sRGB.

    Raises
    ------
    CalibrationError
        If the installed OpenCV is older than 5 and cannot look for charts.
    """
    import cv2

    if not hasattr(cv2, "mcc"):
        raise CalibrationError(
            f"OpenCV {cv2.__version__} cannot look for a ColorChecker",
            hint='Install a newer one: pip install "opencv-python-headless>=5".',
        )
    for seed in range(_TRIES):
        for width in _WIDTHS:
            scale = width / max(pixels.shape[:2])
            how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
            small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=how)
            cv2.setRNGSeed(seed)
            detector = cv2.mcc.CCheckerDetector.create()
            if detector.process(np.ascontiguousarray(small[..., ::-1]), 1):
                table = np.asarray(detector.getBestColorChecker().getChartsRGB())
                return np.asarray(table.reshape(24, 3, -1)[:, :, 1], dtype=np.float64)
    return None
