"""Whose card it is: the patient's code, read from the QR code on it."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from lesionkit.calibrate.card.drawing import PREFIX, code_module_mm
from lesionkit.calibrate.card.layout import Area
from lesionkit.core.arrays import Floats

_RIM_MM = 1.5
_PX_PER_MODULE = 12
_SIZES = (21, 25, 29, 33)
"""Modules of a QR code of version 1 to 4, across."""

Grey = npt.NDArray[np.uint8]


def read_patient_code(grey: Grey, area: Area, *, to_mm: Floats) -> str | None:
    """Return the patient's code that a card bears; None where there is none, or it cannot be read.

    Parameters
    ----------
    grey : ndarray of uint8, shape (rows, cols)
        The picture.
    area : Area
        Where the code is printed on the card.
    to_mm : ndarray of float, shape (3, 3)
        Carries ``(row, col, 1)`` to mm ``(down, across)`` on the card.
    """
    import cv2

    detector = cv2.QRCodeDetector()
    for size in _SIZES:
        view = _straightened(grey, area, to_mm, modules=size)
        edge = _RIM_MM / code_module_mm(area, size) * _PX_PER_MODULE
        ends = edge, edge + size * _PX_PER_MODULE
        corners = np.array([[[x, y] for x, y in _round(*ends)]], dtype=np.float32)
        for variant in _variants(view):
            try:
                text = detector.decode(variant, corners)[0]
            except cv2.error:
                continue
            if text.startswith(PREFIX):
                return str(text.removeprefix(PREFIX))
    return None


def _round(low: float, high: float) -> Iterator[tuple[float, float]]:
    yield from ((low, low), (high, low), (high, high), (low, high))


def _straightened(grey: Grey, area: Area, to_mm: Floats, *, modules: int) -> Grey:
    """Return the code as seen from the front, with a rim, `_PX_PER_MODULE` pixels per module."""
    import cv2

    step = code_module_mm(area, modules) / _PX_PER_MODULE
    low = np.array([area.down, area.right]) - _RIM_MM
    side = round((modules * _PX_PER_MODULE * step + 2 * _RIM_MM) / step)
    # (col, row) of the view -> mm -> (row, col) of the picture -> (col, row), as OpenCV has it
    to_card = np.array([[0, step, low[0] + step / 2], [step, 0, low[1] + step / 2], [0, 0, 1]])
    swap = np.eye(3)[[1, 0, 2]]
    matrix = swap @ np.linalg.inv(to_mm) @ to_card
    return np.asarray(
        cv2.warpPerspective(
            grey,
            matrix,
            (side, side),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )


def _variants(view: Grey) -> Iterator[Grey]:
    """Yield the view as it is, in black and white, and sharpened against the camera's blur."""
    import cv2

    yield view
    yield np.asarray(cv2.threshold(view, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1])
    for size in (0.35, 0.6):
        soft = cv2.GaussianBlur(view, (0, 0), size * _PX_PER_MODULE)
        sharp = np.clip(4.0 * view - 3.0 * soft, 0, 255).astype(np.uint8)
        yield np.asarray(cv2.threshold(sharp, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1])
