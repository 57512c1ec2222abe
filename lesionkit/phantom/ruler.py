"""Rulers of every make, drawn to scale: those that are in millimetres, and those that only look so."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from lesionkit.phantom.noise import Field

PX_PER_MM = 20.0

_BEFORE_ZERO_MM = 5.0


class Graduation(StrEnum):
    """Which ticks a ruler has, and which of them are long."""

    MILLIMETRES = "mm"
    HALF_MILLIMETRES = "half mm"
    INCHES = "1/16 in"
    EVEN = "even"
    """Ticks of one length."""
    TENTHS = "tenths"
    """Every tenth longer, none midway between: it could be anything."""
    TWO_MILLIMETRES = "2 mm"

    @property
    def step_mm(self) -> float:
        """Distance of two ticks."""
        return {"half mm": 0.5, "1/16 in": 25.4 / 16, "2 mm": 2.0}.get(self.value, 1.0)

    @property
    def rank(self) -> Callable[[int], int]:
        """The length of a tick by its number: an index into (short, middle, long, shorter)."""
        return {
            Graduation.MILLIMETRES: lambda k: 2 if k % 10 == 0 else 1 if k % 5 == 0 else 0,
            Graduation.HALF_MILLIMETRES: lambda k: 2 if k % 20 == 0 else 1 if k % 10 == 0 else 3 * (k % 2),
            Graduation.INCHES: lambda k: 2 if k % 16 == 0 else 1 if k % 4 == 0 else 3 * (k % 2),
            Graduation.EVEN: lambda _: 0,
            Graduation.TENTHS: lambda k: 2 if k % 10 == 0 else 0,
            Graduation.TWO_MILLIMETRES: lambda k: 2 if k % 5 == 0 else 0,
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulerMake:
    """How a ruler is made.

    Parameters
    ----------
    length_mm, width_mm : float
        From the first tick to the last; across.
    graduation : Graduation
        Of its upper edge.
    lower : Graduation, optional
        Of its lower edge, where it has one.
    ticks_mm : tuple of float
        Length of short, middle and long ticks.
    tick_width_mm : float
        Their width.
    inset_mm : float
        From the edge to where ticks begin.
    ink, ground : float
        Linear reflectance of what is printed and of what it is printed on.
    has_numbers : bool
        Whether every long tick bears a number.
    """

    length_mm: float = 150.0
    width_mm: float = 22.0
    graduation: Graduation = Graduation.MILLIMETRES
    lower: Graduation | None = None
    ticks_mm: tuple[float, float, float] = (4.5, 6.5, 8.5)
    tick_width_mm: float = 0.22
    inset_mm: float = 0.0
    ink: float = 0.04
    ground: float = 0.8
    has_numbers: bool = True


def draw_ruler(make: RulerMake) -> Field:
    """Return a ruler's linear reflectance, shape (rows, cols), `PX_PER_MM` px per mm.

    Its first tick stands 5 mm from its left end.
    """
    wide = make.length_mm + 2 * _BEFORE_ZERO_MM
    shape = (round(make.width_mm * PX_PER_MM), round(wide * PX_PER_MM))
    ink = _row(make, make.graduation, shape)
    if make.lower is not None:
        ink = np.maximum(ink, _row(make, make.lower, shape)[::-1])
    if make.has_numbers:
        ink = np.maximum(ink, _numbers(make, shape))
    return np.asarray(make.ground + (make.ink - make.ground) * ink, dtype=np.float32)


def _row(make: RulerMake, graduation: Graduation, shape: tuple[int, int]) -> Field:
    ink = np.zeros(shape, dtype=np.float32)
    short, middle, long = make.ticks_mm
    lengths = (short, middle, long, 0.6 * short)
    for number in range(int(make.length_mm / graduation.step_mm + 1e-9) + 1):
        at = _BEFORE_ZERO_MM + number * graduation.step_mm
        reach = lengths[graduation.rank(number)]
        across = _covered(shape[0], make.inset_mm, make.inset_mm + reach)
        along = _covered(shape[1], at - make.tick_width_mm / 2, at + make.tick_width_mm / 2)
        cols = np.flatnonzero(along)
        rows = np.flatnonzero(across)
        ink[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1] = np.outer(across[rows], along[cols])
    return ink


def _covered(size: int, start_mm: float, stop_mm: float) -> npt.NDArray[np.float64]:
    """Return the share of each pixel of a line that lies between two places."""
    left = np.arange(size)
    share = np.minimum(left + 1, stop_mm * PX_PER_MM) - np.maximum(left, start_mm * PX_PER_MM)
    return np.asarray(np.clip(share, 0.0, 1.0))


def _numbers(make: RulerMake, shape: tuple[int, int]) -> Field:
    from PIL import Image, ImageDraw, ImageFont

    plate = Image.new("L", (shape[1], shape[0]), 0)
    pen, font = ImageDraw.Draw(plate), ImageFont.load_default(4.0 * PX_PER_MM)
    every = 25.4 if make.graduation is Graduation.INCHES else 10.0
    top = (make.inset_mm + make.ticks_mm[2] + 1.0) * PX_PER_MM
    for number in range(int(make.length_mm / every + 1e-9) + 1):
        at = (_BEFORE_ZERO_MM + number * every) * PX_PER_MM
        pen.text((at, top), str(number), fill=255, font=font, anchor="mt")
    return np.asarray(plate, dtype=np.float32) / np.float32(255)
