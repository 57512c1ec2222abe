"""Two photographs in one small window around a deposit, one already laid on the other, light made even."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.align.found import Refused
from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image

MOST_SIDE = 640
"""Pixels of the window's side at which the skin is followed: finer detail is noise and costs time."""

ROOM = 2.0
"""How far around a deposit the skin is followed, in radii of it."""

LEAST_ROOM, GREATEST_ROOM = 0.06, 0.2
"""The same at least and at most, as a share of the picture's long side."""

RIM = 0.25
"""What lies so near to a deposit changes with it and is not followed, in radii of it."""

Grey = npt.NDArray[np.uint8]
Where = npt.NDArray[np.bool_]
_SWAP = np.eye(3)[[1, 0, 2]]
"""Between (row, col) and OpenCV's (x, y)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """Two photographs.

    Parameters
    ----------
    image, baseline : Image
        The two.
    skins : tuple of (ndarray of bool or None)
        Where on each is skin; None where that cannot be told.
    onto : ndarray of float, shape (3, 3)
        Carries ``(row, col, 1)`` of the image onto the baseline.
    """

    image: Image
    baseline: Image
    skins: tuple[Where | None, Where | None]
    onto: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """Which part of the baseline a window shows, and how large.

    Parameters
    ----------
    corner : ndarray of float, shape (2,)
        Pixel of the baseline in the window's corner.
    scale : float
        Pixels of the window over those of the baseline.
    shape : tuple of int
        Rows and columns of the window.
    """

    corner: Floats
    scale: float
    shape: tuple[int, int]

    @property
    def matrix(self) -> Floats:
        """Carries ``(row, col, 1)`` of the window onto the baseline."""
        onto = np.diag([1 / self.scale, 1 / self.scale, 1.0])
        onto[:2, 2] = self.corner + 0.5 / self.scale - 0.5
        return onto

    def to_window(self, points: Floats) -> Floats:
        """Return places of the baseline in the window."""
        return np.asarray((points - self.corner + 0.5) * self.scale - 0.5)

    def to_baseline(self, points: Floats) -> Floats:
        """Return places of the window on the baseline."""
        return np.asarray((points + 0.5) / self.scale - 0.5 + self.corner)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windowed:
    """Two photographs in one window.

    Parameters
    ----------
    frame : Frame
        Where it lies on the baseline.
    image, baseline : ndarray of uint8, shape (rows, cols)
        Even grey; the image is laid on the baseline.
    allowed : ndarray of bool, shape (rows, cols)
        Skin on both, off every deposit and its rim.
    """

    frame: Frame
    image: Grey
    baseline: Grey
    allowed: Where


def see(pair: Pair, own: Sequence[Floats], drawn: Sequence[Floats], *, reach_px: int) -> Windowed | Refused:
    """Return a window around a deposit, or why there is none.

    Parameters
    ----------
    pair : Pair
        Two photographs.
    own : sequence of ndarray, shape (n, 2)
        The deposit's exteriors, on the baseline.
    drawn : sequence of ndarray, shape (n, 2)
        Exteriors of every deposit of both, on the baseline.
    reach_px : int
        How far from a place of the window is looked at to follow it.
    """
    low, high = (end([end(ring, axis=0) for ring in own], axis=0) for end in (np.min, np.max))
    for ring in drawn:  # its own line on the baseline, and whatever it has grown into
        if (ring.max(axis=0) >= low).all() and (ring.min(axis=0) <= high).all():
            low, high = np.minimum(low, ring.min(axis=0)), np.maximum(high, ring.max(axis=0))
    shape = np.asarray(pair.baseline.grid.shape)
    if (low < 0).any() or (high > shape - 1).any():
        return Refused(why="its place does not lie wholly on the first picture")
    radius = float(max(high - low)) / 2
    frame = _frame(
        low, high, float(np.clip(ROOM * radius, *(np.multiply((LEAST_ROOM, GREATEST_ROOM), max(shape)))))
    )
    views = [
        _seen(image, skin, matrix, frame.shape)
        for image, skin, matrix in (
            (pair.image, pair.skins[0], np.linalg.inv(pair.onto) @ frame.matrix),
            (pair.baseline, pair.skins[1], frame.matrix),
        )
    ]
    rim = round(max(RIM * radius * frame.scale, 2.0)) + reach_px
    allowed = views[0][1] & views[1][1] & ~_ground(frame, drawn, rim)
    return Windowed(frame=frame, image=views[0][0], baseline=views[1][0], allowed=allowed)


def _frame(low: Floats, high: Floats, room: float) -> Frame:
    corner = np.floor(low - room)
    rows, cols = np.ceil(high + room) - corner + 1
    scale = min(1.0, MOST_SIDE / max(rows, cols))
    return Frame(corner=corner, scale=scale, shape=(round(rows * scale), round(cols * scale)))


def _seen(image: Image, skin: Where | None, matrix: Floats, shape: tuple[int, int]) -> tuple[Grey, Where]:
    """Return a photograph in a window, even grey, and where it shows skin; `matrix` leads out of it."""
    import cv2

    onto, size = _SWAP @ matrix @ _SWAP, shape[::-1]
    grey = cv2.warpPerspective(
        _softened(image, matrix, shape), onto, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    everywhere = np.full(image.grid.shape, 1, dtype=np.uint8) if skin is None else skin.astype(np.uint8)
    there = cv2.warpPerspective(everywhere, onto, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return _levelled(np.asarray(grey, dtype=np.uint8)), np.asarray(there > 0)


def _softened(image: Image, matrix: Floats, shape: tuple[int, int]) -> Grey:
    """Return the luma without the detail that the window is too coarse to show."""
    import cv2

    pixels = np.asarray(image.pixels)
    if pixels.dtype != np.uint8:
        pixels = (pixels >> 8).astype(np.uint8)
    luma = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if image.is_colour else pixels, dtype=np.uint8)
    middle = np.array([shape[0] / 2, shape[1] / 2, 1.0])
    weight = float(matrix[2] @ middle)
    jacobian = (matrix[:2, :2] - np.outer(matrix[:2] @ middle / weight, matrix[2, :2])) / weight
    step = float(np.sqrt(abs(np.linalg.det(jacobian))))
    return luma if step <= 1.2 else np.asarray(cv2.GaussianBlur(luma, (0, 0), 0.4 * step), dtype=np.uint8)


def _levelled(grey: Grey) -> Grey:
    """Return grey with light and contrast made even, so that another lamp changes little."""
    import cv2

    values = grey.astype(np.float32)
    values -= cv2.GaussianBlur(values, (0, 0), 14)
    spread = np.sqrt(cv2.GaussianBlur(values * values, (0, 0), 28))
    return np.asarray(np.clip(128 + 40 * values / np.maximum(spread, 1.0), 0, 255), dtype=np.uint8)


def _ground(frame: Frame, drawn: Sequence[Floats], rim: int) -> Where:
    """Return where deposits are, and what lies within `rim` pixels of them."""
    import cv2

    ground = np.zeros(frame.shape, dtype=np.uint8)
    for ring in drawn:
        cv2.fillPoly(ground, [np.round(frame.to_window(ring)[:, ::-1]).astype(np.int32)], (1,))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1, 2 * rim + 1))
    return np.asarray(cv2.dilate(ground, disc) > 0)
