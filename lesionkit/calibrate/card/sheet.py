"""What is drawn on a sheet of paper, in millimetres, before any program that draws it is known."""

from dataclasses import dataclass, replace
from enum import StrEnum

Colour = tuple[int, int, int]
"""Red, green and blue of sRGB, 0 to 255."""

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)
GREY: Colour = (110, 110, 110)


class Anchor(StrEnum):
    """Which part of a text stands at its place."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle filled with one colour.

    Parameters
    ----------
    right, down : float
        Of its top left corner, mm.
    width, height : float
        In mm.
    fill : tuple of int
        Its colour.
    """

    right: float
    down: float
    width: float
    height: float
    fill: Colour = BLACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A straight line.

    Parameters
    ----------
    right, down : float
        Where it begins, mm.
    to_right, to_down : float
        Where it ends, mm.
    width : float
        In mm.
    colour : tuple of int
        Its colour.
    """

    right: float
    down: float
    to_right: float
    to_down: float
    width: float = 0.2
    colour: Colour = BLACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A line of text.

    Parameters
    ----------
    right, down : float
        Its place on the base line, mm.
    text : str
        What is written.
    size : float
        Of the type, mm.
    is_bold : bool
        Whether it is heavy.
    anchor : Anchor
        Which part of it stands at its place.
    colour : tuple of int
        Its colour.
    """

    right: float
    down: float
    text: str
    size: float
    is_bold: bool = False
    anchor: Anchor = Anchor.START
    colour: Colour = BLACK


Shape = Box | Line | Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet and what is drawn on it, the first below.

    Parameters
    ----------
    width, height : float
        In mm.
    shapes : tuple
        Boxes, lines and texts.
    title : str
        What the sheet is called.
    """

    width: float
    height: float
    shapes: tuple[Shape, ...]
    title: str = ""


def moved(shape: Shape, *, right: float, down: float) -> Shape:
    """Return a shape at another place, so many mm further right and down."""
    if isinstance(shape, Line):
        shape = replace(shape, to_right=shape.to_right + right, to_down=shape.to_down + down)
    return replace(shape, right=shape.right + right, down=shape.down + down)
