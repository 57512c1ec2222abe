"""Markers in a picture, found in a small copy of it: a twelfth of the time, and none lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image
from lesionkit.errors import CalibrationError

Grey = npt.NDArray[np.uint8]

_SMALL_PX = 1000
"""Length of the longer side of the small copy."""
_MOST_DOUBTS = 40
"""Beyond so many squares without a readable pattern the whole picture is searched at once."""
_LEAST_SIDE_PX = 20
"""Smaller squares are not looked at: cells of three pixels and less say little of a scale."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marked:
    """A marker seen in a picture.

    Parameters
    ----------
    number : int
        Its number in the dictionary.
    corners : ndarray of float, shape (4, 2)
        ``(row, col)``, going round the printed marker from its top left.
    """

    number: int
    corners: Floats

    @property
    def side_px(self) -> float:
        """Mean length of its sides."""
        return float(np.linalg.norm(np.roll(self.corners, -1, axis=0) - self.corners, axis=1).mean())


def find_markers(grey: Grey, *, dictionary: str) -> tuple[Marked, ...]:
    """Return the markers seen in a picture, the largest first.

    A small copy is searched; where a square is seen in it whose pattern cannot be read, that part is searched
    again in full, and so is the whole picture where nothing is found.

    Parameters
    ----------
    grey : ndarray of uint8, shape (rows, cols)
        The picture.
    dictionary : str
        OpenCV's name of the set of markers, such as ``DICT_4X4_50``.

    Raises
    ------
    CalibrationError
        If OpenCV has no such dictionary.

    References
    ----------
    Garrido-Jurado S et al. Automatic generation and detection of highly reliable fiducial markers under
    occlusion. Pattern Recognition 2014;47:2280-92.
    """
    import cv2

    detector = _detector(dictionary)
    step = max(1, round(max(grey.shape) / _SMALL_PX))
    if step == 1:
        return _sorted(_detected(detector, grey)[0])
    size = grey.shape[1] // step, grey.shape[0] // step
    small = cv2.resize(grey[: size[1] * step, : size[0] * step], size, interpolation=cv2.INTER_AREA)
    near, doubts = _detected(detector, np.asarray(small))
    found = [Marked(number=one.number, corners=_enlarged(one.corners, step)) for one in near]
    doubts = [quad for quad in (_enlarged(quad, step) for quad in doubts) if _is_new(quad, found)]
    if not found or len(doubts) > _MOST_DOUBTS:
        return _sorted(_detected(detector, grey)[0])
    for quad in doubts:
        if _is_new(quad, found):
            found += [one for one in _around(detector, grey, quad) if _is_new(one.corners, found)]
    return _sorted(found)


def grey_of(image: Image) -> Grey:
    """Return a photograph's luma (ITU-R BT.601), shape (rows, cols)."""
    import cv2

    pixels = np.asarray(image.pixels)
    if pixels.dtype != np.uint8:
        pixels = cv2.convertScaleAbs(pixels, alpha=255 / np.iinfo(pixels.dtype).max)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if image.is_colour else pixels)


@cache
def cells_of(dictionary: str, number: int) -> npt.NDArray[np.uint8]:
    """Return a marker's cells with its black border, one value per cell: 0 is black."""
    from cv2 import aruco

    book = _dictionary(dictionary)
    return np.asarray(aruco.generateImageMarker(book, number, book.markerSize + 2, borderBits=1))


def is_mirrored(grey: Grey, *, dictionary: str) -> bool:
    """Return whether markers are seen in the mirrored picture."""
    return bool(find_markers(np.ascontiguousarray(grey[:, ::-1]), dictionary=dictionary))


@cache
def _dictionary(name: str) -> Any:
    from cv2 import aruco

    number = getattr(aruco, name, None) if name.startswith("DICT_") else None
    if number is None:
        raise CalibrationError(
            f"OpenCV knows no marker dictionary {name}",
            hint="Use a name such as DICT_4X4_50, DICT_6X6_250 or DICT_APRILTAG_36h11 in cohort.toml.",
        )
    return aruco.getPredefinedDictionary(number)


def _detector(name: str) -> Any:
    from cv2 import aruco

    parameters = aruco.DetectorParameters()
    parameters.cornerRefinementMethod = aruco.CORNER_REFINE_SUBPIX
    parameters.minMarkerPerimeterRate = 0.02
    return aruco.ArucoDetector(_dictionary(name), parameters)


def _detected(detector: Any, grey: Grey) -> tuple[list[Marked], list[Floats]]:
    """Return the markers of a picture, and the squares in it that are none."""
    corners, numbers, others = detector.detectMarkers(grey)
    quads = [np.asarray(quad, dtype=np.float64).reshape(4, 2)[:, ::-1] for quad in (*corners, *others)]
    names = [] if numbers is None else [int(number) for number in np.ravel(numbers)]
    found = [Marked(number=number, corners=quad) for number, quad in zip(names, quads, strict=False)]
    return found, quads[len(found) :]


def _enlarged(corners: Floats, step: int) -> Floats:
    """Return points of a picture shrunk by a whole number, in the picture itself."""
    return np.asarray((corners + 0.5) * step - 0.5)


def _is_new(quad: Floats, found: Sequence[Marked]) -> bool:
    """Return whether a square is large enough, and none of those found nor a cell of one."""
    if np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1).min() < _LEAST_SIDE_PX:
        return False
    middle = quad.mean(axis=0)
    return all(np.linalg.norm(one.corners.mean(axis=0) - middle) > 0.75 * one.side_px for one in found)


def _around(detector: Any, grey: Grey, quad: Floats) -> list[Marked]:
    reach = 0.6 * float(np.ptp(quad, axis=0).max())
    low = np.maximum(np.floor(quad.min(axis=0) - reach), 0).astype(int)
    high = np.ceil(quad.max(axis=0) + reach).astype(int)
    part = np.ascontiguousarray(grey[low[0] : high[0], low[1] : high[1]])
    return [Marked(number=one.number, corners=one.corners + low) for one in _detected(detector, part)[0]]


def _sorted(found: Sequence[Marked]) -> tuple[Marked, ...]:
    return tuple(sorted(found, key=lambda one: -one.side_px))
