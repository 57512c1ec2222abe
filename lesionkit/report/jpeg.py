"""The pixels of a window onto an image as a small picture that stands in a page."""

import base64
from dataclasses import replace
from io import BytesIO
from math import floor
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.display import DEPOSITS, offer_looks, shade
from lesionkit.core.image import Image
from lesionkit.core.units import Unit
from lesionkit.core.window import Look, Window
from lesionkit.report.framing import Frame

_BEYOND = 225
"""Grey of what lies beyond the image's edge."""


def encode(image: Image, frame: Frame, *, wide: int, quality: int) -> str:
    """Return what a window shows as a JPEG, `wide` pixels wide, in a data URI."""
    from PIL import Image as Pil

    # Upright around the same middle first, as large as the turned window needs; then turned.
    upright = _upright(frame)
    top, left = floor(upright.top + 0.5), floor(upright.left + 0.5)
    bottom = int(np.ceil(upright.top + upright.height + 0.5))
    right = int(np.ceil(upright.left + upright.width + 0.5))
    window = _eight_bit(image, frame, (top, bottom, left, right))
    # Corner coordinates: pixel (r, c) covers r - 0.5 to r + 0.5.
    box = (
        upright.left + 0.5 - left,
        upright.top + 0.5 - top,
        min(upright.left + 0.5 - left + upright.width, right - left),
        min(upright.top + 0.5 - top + upright.height, bottom - top),
    )
    width = max(1, round(wide * upright.width / frame.width))
    size = (width, max(1, round(width * upright.ratio)))
    picture = Pil.fromarray(window).resize(size, Pil.Resampling.BICUBIC, box=box, reducing_gap=3.0)
    if upright is not frame:
        out = (wide, max(1, round(wide * frame.ratio)))
        picture = picture.transform(
            out, Pil.Transform.AFFINE, _turning(frame.turn, size, out), Pil.Resampling.BICUBIC
        )
    if frame.is_upturned:
        picture = picture.transpose(Pil.Transpose.FLIP_TOP_BOTTOM)
    return _jpeg(picture, quality)


def _upright(frame: Frame) -> Frame:
    """Return the least upright window that holds a turned one; the window itself where it is upright."""
    if abs(frame.turn) < 0.002:  # less than a pixel of the picture
        return frame
    cos, sin = abs(np.cos(frame.turn)), abs(np.sin(frame.turn))
    high, wide = frame.height * frame.spacing[0], frame.width * frame.spacing[1]
    height = float(high * cos + wide * sin) / frame.spacing[0]
    width = float(wide * cos + high * sin) / frame.spacing[1]
    row, col = frame.middle
    return replace(
        frame, top=float(row - height / 2), left=float(col - width / 2), height=height, width=width, turn=0.0
    )


def _turning(turn: float, size: tuple[int, int], out: tuple[int, int]) -> tuple[float, ...]:
    """Return what carries (x, y) of the turned picture to the upright one, as Pillow wants it."""
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    x, y = out[0] / 2, out[1] / 2
    return (cos, sin, size[0] / 2 - cos * x - sin * y, -sin, cos, size[1] / 2 + sin * x - cos * y)


def _jpeg(picture: Any, quality: int) -> str:
    file = BytesIO()
    picture.save(file, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _eight_bit(image: Image, frame: Frame, edges: tuple[int, int, int, int]) -> npt.NDArray[np.uint8]:
    """Return the pixels between edges as they are shown, with grey beyond the image."""
    top, bottom, left, right = edges
    pixels, look = _seen(image, frame)
    rows, cols = pixels.shape[:2]
    inner = (slice(max(top, 0), max(min(bottom, rows), 0)), slice(max(left, 0), max(min(right, cols), 0)))
    canvas = np.full((bottom - top, right - left, *pixels.shape[2:]), _BEYOND, dtype=np.uint8)
    part = pixels[inner]
    if part.size:  # the same skin may lie outside a picture that is aligned
        row, col = inner[0].start - top, inner[1].start - left
        canvas[row : row + part.shape[0], col : col + part.shape[1]] = shade(part, look)
    return canvas


def _seen(image: Image, frame: Frame) -> tuple[npt.NDArray[Any], Look]:
    """Return what is looked at, a plane or the greatest values along a way through all of them, and how."""
    if frame.along is None:
        pixels = image.pixels if frame.plane is None else image.pixels[frame.plane]
        return pixels, offer_looks(image, plane=frame.plane)[0]
    pixels = image.pixels.max(axis=frame.along)
    if image.intensity_unit is Unit.HU:
        return pixels, DEPOSITS
    low, high = (float(value) for value in np.percentile(pixels, (1.0, 99.8)))
    return pixels, Window.between(low, high if high > low else low + 1.0)
