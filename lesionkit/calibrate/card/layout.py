"""Where everything lies on the card and on the adhesive strips, once, for printing and for finding."""

from dataclasses import dataclass

import numpy as np

from lesionkit.calibrate.card.codes import MODULES
from lesionkit.calibrate.card.sheet import Colour
from lesionkit.core.arrays import Floats

VERSION = 1
"""Of the layout; it is printed on every card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """One marker of a card.

    Parameters
    ----------
    number : int
        In the card's own set.
    right, down : float
        Of its top left corner from the card's, mm.
    side : float
        Of its black square, mm.
    """

    number: int
    right: float
    down: float
    side: float

    @property
    def module(self) -> float:
        """Side of one module, mm."""
        return self.side / (MODULES + 2)

    @property
    def corners(self) -> Floats:
        """Its corners ``(down, across)`` in mm, going round from its top left, shape (4, 2)."""
        square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
        return square * self.side + (self.down, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A rectangle on a card.

    Parameters
    ----------
    right, down, width, height : float
        Place of its top left corner, and its size, mm.
    """

    right: float
    down: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch(Area):
    """A field of one colour.

    Parameters
    ----------
    asked : tuple of int
        The colour asked of the printer (sRGB). What it makes of it is not known.
    """

    asked: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Everything on one card or strip.

    Parameters
    ----------
    name : str
        ``card``, or ``strip A`` to ``strip D``.
    width, height : float
        Of the piece of paper once cut out, mm.
    markers : tuple of Marker
        Those that scale and perspective come from.
    patches : tuple of Patch
        Greys from light to dark, then colours.
    whites : tuple of Area
        Bare paper, spread over the card.
    code : Area
        Where the patient's code stands as QR.
    words : Area
        Where it stands in words.
    rule_mm : int
        Length of the rule along its lower edge.
    """

    name: str
    width: float
    height: float
    markers: tuple[Marker, ...]
    patches: tuple[Patch, ...]
    whites: tuple[Area, ...]
    code: Area
    words: Area
    rule_mm: int


GREYS: tuple[Colour, ...] = ((200,) * 3, (160,) * 3, (122,) * 3, (85,) * 3, (52,) * 3, (20,) * 3)
_SKINS: tuple[Colour, ...] = (
    *((245, 222, 205), (226, 186, 160), (194, 150, 130)),
    *((163, 116, 88), (115, 82, 68), (72, 48, 40)),
)
_HUES: tuple[Colour, ...] = (
    *((214, 110, 96), (175, 54, 60), (231, 199, 31)),
    *((70, 148, 73), (8, 133, 161), (56, 61, 150)),
)


def _row(colours: tuple[Colour, ...], *, right: float, down: float, size: tuple[float, float]) -> list[Patch]:
    wide, high = size
    return [
        Patch(right=right + wide * index, down=down, width=wide, height=high, asked=colour)
        for index, colour in enumerate(colours)
    ]


CARD = Face(
    name="card",
    width=105.0,
    height=74.0,
    markers=tuple(
        Marker(number=number, right=right, down=down, side=18.0)
        for number, (right, down) in enumerate(((3.5, 3.5), (83.5, 3.5), (83.5, 43.5), (3.5, 43.5)))
    ),
    patches=(
        *_row(GREYS, right=25.5, down=25.5, size=(9.0, 10.0)),
        *_row(_SKINS, right=25.5, down=38.0, size=(9.0, 9.0)),
        *_row(_HUES, right=25.5, down=49.5, size=(9.0, 9.0)),
    ),
    whites=tuple(
        Area(right=right, down=down, width=width, height=height)
        for right, down, width, height in (
            (5.0, 23.5, 15.0, 18.0),
            (85.0, 23.5, 15.0, 18.0),
            (26.0, 22.5, 53.0, 2.5),
            (26.0, 36.0, 53.0, 1.5),
            (26.0, 47.5, 53.0, 1.5),
            (26.0, 59.0, 53.0, 2.5),
        )
    ),
    code=Area(right=63.0, down=3.5, width=17.0, height=17.0),
    words=Area(right=25.5, down=10.0, width=34.5, height=10.5),
    rule_mm=100,
)
"""The card: as large as A7, so that it fits common pouches and holders."""

_STRIP_MARKERS = (3.0, 45.0, 89.0)
_STRIP_SIDE = 12.8


def _strip(letter: str, first: int) -> Face:
    return Face(
        name=f"strip {letter}",
        width=105.0,
        height=22.0,
        markers=tuple(
            Marker(number=first + index, right=right, down=2.6, side=_STRIP_SIDE)
            for index, right in enumerate(_STRIP_MARKERS)
        ),
        patches=tuple(_row(GREYS[::2], right=18.2, down=6.8, size=(8.2, 8.6))),
        whites=(
            Area(right=18.2, down=2.6, width=24.6, height=1.2),
            Area(right=60.0, down=13.4, width=12.0, height=2.0),
        ),
        code=Area(right=74.0, down=2.6, width=12.8, height=12.8),
        words=Area(right=60.2, down=3.0, width=12.6, height=9.0),
        rule_mm=100,
    )


STRIPS = tuple(_strip(letter, 4 + 3 * index) for index, letter in enumerate("ABCD"))
"""Four kinds of adhesive strip, so that several in one picture are told apart."""

FACES = (CARD, *STRIPS)
"""Everything that can be printed and found."""
