"""What lies beside the hand: the cloth, a ruler and a printed marker of known size."""

from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.phantom.light import decoded, encoded
from lesionkit.phantom.noise import Field, fractal_noise, smooth_noise

_PX_PER_MM = 18  # a marker's six modules then are whole pixels
MARKER_DICTIONARY = "DICT_4X4_50"
MARKER_MM = 20.0
_CARD_MARGIN_MM = 5.0
_RULER_WIDTH_MM = 22.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a thing lies on the table.

    Parameters
    ----------
    right_mm, down_mm : float
        Of its middle from the middle of the picture.
    turn_deg : float
        Clockwise.
    """

    right_mm: float
    down_mm: float
    turn_deg: float = 0.0

    def to_table(self, points: Floats) -> Floats:
        """Return ``(right, down)`` in mm from the picture's middle of points on the thing, shape (n, 2)."""
        turn = np.radians(self.turn_deg)
        rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        return np.asarray(points @ rotation + (self.right_mm, self.down_mm))


def marker_card(number: int) -> Field:
    """Return a white card with one ArUco marker of 20 mm, `_PX_PER_MM` px per mm, grey 0 to 1."""
    import cv2

    dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, MARKER_DICTIONARY))
    side = int(MARKER_MM * _PX_PER_MM)
    marker = cv2.aruco.generateImageMarker(dictionary, number, side, borderBits=1)
    margin = int(_CARD_MARGIN_MM * _PX_PER_MM)
    card = np.full((side + 2 * margin,) * 2, 0.92, dtype=np.float32)
    card[margin:-margin, margin:-margin] = np.where(marker > 127, 0.92, 0.035)
    return card


def ruler(length_mm: int) -> Field:
    """Return a white ruler lying flat, with a tick per mm and a number per cm; grey 0 to 1.

    Its zero tick lies 5 mm from its left end, ticks start at its upper edge.
    """
    from PIL import Image, ImageDraw, ImageFont

    size = (length_mm + 10) * _PX_PER_MM, int(_RULER_WIDTH_MM * _PX_PER_MM)
    plate = Image.new("L", size, 225)
    pen = ImageDraw.Draw(plate)
    for mm in range(length_mm + 1):
        middle = (mm + 5) * _PX_PER_MM
        reach = 8.5 if mm % 10 == 0 else 6.5 if mm % 5 == 0 else 4.5
        pen.rectangle((middle - 2, 0, middle + 1, reach * _PX_PER_MM), fill=12)
        if mm % 10 == 0:
            font = ImageFont.load_default(5.5 * _PX_PER_MM)
            pen.text((middle, 10 * _PX_PER_MM), str(mm // 10), fill=12, font=font, anchor="mt")
    font = ImageFont.load_default(3.2 * _PX_PER_MM)
    pen.text((size[0] - 8 * _PX_PER_MM, size[1] - 5 * _PX_PER_MM), "cm", fill=12, font=font, anchor="mt")
    return np.asarray(plate, dtype=np.float32) / np.float32(255)


def ruler_points(length_mm: int, *marks_mm: float) -> Floats:
    """Return the foot of ruler ticks as ``(right, down)`` in mm from the ruler's middle, shape (n, 2)."""
    left, top = -(length_mm + 10) / 2, -_RULER_WIDTH_MM / 2
    return np.array([[left + 5 + mark, top] for mark in marks_mm])


def lay(thing: Field, placed: Placed, shape: tuple[int, int], mm_per_px: float) -> tuple[Field, Field]:
    """Return a thing as a frontal camera sees it, and how much of each pixel it covers.

    Its drawing is smoothed to the camera's pixel first, in the values a camera stores: in them an edge
    is where they are midway, so every edge stays where it is to a small fraction of a pixel.
    """
    import cv2

    high = np.asarray(thing.shape) / _PX_PER_MM / 2
    # thing px -> thing mm -> table mm -> picture px, all as (right, down) with centres on integers
    corners_mm = np.array([[-high[1], -high[0]], [high[1], -high[0]], [-high[1], high[0]]])
    on_picture = placed.to_table(corners_mm) / mm_per_px + (np.asarray(shape[::-1]) - 1) / 2
    edges = np.array([[0, 0], [thing.shape[1], 0], [0, thing.shape[0]]], dtype=np.float64) - 0.5
    matrix = np.linalg.solve(np.column_stack([edges, np.ones(3)]), on_picture).T
    pad = 2 * _PX_PER_MM
    wide = encoded(np.pad(thing, pad, mode="edge"))
    cover = np.pad(np.ones_like(thing), pad)
    matrix[:, 2] -= matrix[:, :2] @ np.array([pad, pad])
    sigma = 0.55 * mm_per_px * _PX_PER_MM
    size = (shape[1], shape[0])
    seen, covered = (
        cv2.warpAffine(cv2.GaussianBlur(field, (0, 0), sigma), matrix, size, flags=cv2.INTER_LINEAR)
        for field in (wide, cover)
    )
    return decoded(np.asarray(seen)), np.asarray(covered, dtype=np.float32)


def cloth(rng: np.random.Generator, shape: tuple[int, int], mm_per_px: float) -> Field:
    """Return the linear colour of a woven drape with soft folds, shape (rows, cols, 3)."""
    px = 1 / mm_per_px
    rows, cols = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    bend = 1.5 * px * smooth_noise(rng, shape, 40 * px)
    pitch = np.float32(2 * np.pi / (1.1 * px))
    weave = np.sin((rows + bend) * pitch) * np.sin((cols + bend) * pitch)
    folds = fractal_noise(rng, shape, (70 * px, 30 * px, 8 * px), 0.45)
    light = 1 + 0.035 * weave + 0.05 * folds + 0.012 * smooth_noise(rng, shape, 1.4 * px)
    return np.asarray(np.array([0.055, 0.17, 0.215]) * light[..., None], dtype=np.float32)
