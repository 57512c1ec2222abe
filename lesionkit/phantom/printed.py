"""The calibration card and its strips as paint, for pictures of them whose truth is known."""

from typing import TYPE_CHECKING

import numpy as np

from lesionkit.calibrate.card.drawing import draw_face
from lesionkit.calibrate.card.layout import Face
from lesionkit.calibrate.card.sheet import Box, Line, Shape, Words
from lesionkit.phantom.light import decoded
from lesionkit.phantom.noise import Field

if TYPE_CHECKING:
    from PIL import ImageDraw

PX_PER_MM = 20.0
"""Of the paint; the edges of markers and QR codes then lie between pixels."""

PAPER = 0.88
"""Linear reflectance of white paper."""

INK = 0.03
"""Linear reflectance of black ink."""


def painted(face: Face, *, patient: str | None = None) -> Field:
    """Return a printed card or strip, linear reflectance, shape (rows, cols, 3), `PX_PER_MM` px per mm.

    Ink mixes with paper in proportion to the light it is asked to leave: what a printer does to
    colours is not imitated.
    """
    from PIL import Image, ImageDraw

    size = round(face.width * PX_PER_MM), round(face.height * PX_PER_MM)
    plate = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(plate)
    for shape in draw_face(face, patient=patient):
        _draw(pen, shape)
    linear = decoded(np.asarray(plate, dtype=np.float32) / np.float32(255))
    return np.asarray(INK + (PAPER - INK) * linear, dtype=np.float32)


def _draw(pen: "ImageDraw.ImageDraw", shape: Shape) -> None:
    from PIL import ImageFont

    if isinstance(shape, Words):
        font = ImageFont.load_default(shape.size * PX_PER_MM)
        anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor]
        place = shape.right * PX_PER_MM, shape.down * PX_PER_MM
        pen.text(place, shape.text, fill=shape.colour, font=font, anchor=anchor)
        return
    left, top, right, bottom = (round(edge * PX_PER_MM) for edge in _edges(shape))
    pen.rectangle(
        (left, top, right - 1, bottom - 1), fill=shape.fill if isinstance(shape, Box) else shape.colour
    )


def _edges(shape: Box | Line) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom, mm; lines run across or down."""
    if isinstance(shape, Box):
        return shape.right, shape.down, shape.right + shape.width, shape.down + shape.height
    half = shape.width / 2
    if shape.down == shape.to_down:
        return shape.right, shape.down - half, shape.to_right, shape.down + half
    return shape.right - half, shape.down, shape.right + half, shape.to_down
