"""Photographs of calibration cards by a camera whose place is known."""

from functools import cache

import cv2
import numpy as np

from lesionkit.calibrate.card.layout import CARD, Face
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality
from lesionkit.core.units import Unit
from lesionkit.phantom.printed import PX_PER_MM, painted
from lesionkit.phantom.shot import Camera, Shot
from lesionkit.phantom.snapshot import Finish, Sheet, take

CAMERA = Camera(shape=(900, 1200), focal_35mm=30)


def shot_of(face: Face = CARD, *, px_per_mm: float = 7.0, aside_mm: float = 0.0, **pose: float) -> Shot:
    """Return a camera that looks at a point beside a card's middle."""
    aim = face.height / 2, face.width / 2 + aside_mm
    return Shot(camera=CAMERA, distance_mm=CAMERA.focal_px / px_per_mm, aim_mm=aim, **pose)


@cache
def _paint(face: Face, patient: str | None) -> np.ndarray:
    return painted(face, patient=patient)


def card(
    face: Face = CARD,
    *,
    patient: str | None = "P07",
    at_mm: tuple[float, float] = (0.0, 0.0),
    turn_deg: float = 0.0,
    printed_at: float = 1.0,
) -> Sheet:
    """Return a card lying on the plane, printed so many times as large as drawn."""
    return Sheet(
        paint=_paint(face, patient), px_per_mm=PX_PER_MM / printed_at, at_mm=at_mm, turn_deg=turn_deg
    )


def plain(
    colour: tuple[float, float, float], size_mm: tuple[float, float], at_mm: tuple[float, float]
) -> Sheet:
    """Return a rectangle of one linear colour."""
    rows, cols = (round(side * 4) for side in size_mm)
    return Sheet(paint=np.full((rows, cols, 3), colour, np.float32), px_per_mm=4.0, at_mm=at_mm)


def photograph(shot: Shot, *sheets: Sheet, finish: Finish | None = None) -> Image:
    """Return what a camera sees of sheets on plain skin."""
    skin = Sheet(paint=np.full((4, 4, 3), (0.45, 0.28, 0.2), np.float32), px_per_mm=1.0, repeats=True)
    file = take(shot, [skin, *sheets], finish=finish or Finish(), rng=np.random.default_rng(7), fine=2)
    pixels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
    return image_of(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))


def image_of(pixels: np.ndarray) -> Image:
    """Return pixels as a photograph."""
    return Image(
        modality=Modality.XC,
        pixels=np.ascontiguousarray(pixels),
        grid=Grid(shape=pixels.shape[:2]),
        intensity_unit=Unit.GREY,
    )
