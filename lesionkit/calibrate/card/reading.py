"""What a photograph's card says: on which plane it lies, and whose it is."""

from dataclasses import dataclass

import numpy as np

from lesionkit.calibrate.card.layout import Face
from lesionkit.calibrate.card.patient_code import read_patient_code
from lesionkit.calibrate.card.seen import SeenCard, find_cards
from lesionkit.calibrate.detecting import grey_of
from lesionkit.calibrate.plane import Plane, fit_plane
from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CardReading:
    """The best seen card of a photograph.

    Parameters
    ----------
    card : SeenCard
        As it is seen.
    plane : Plane
        Carries pixels to mm ``(down, across)`` from the card's top left corner.
    bars_mm : tuple of float, optional
        What its bars of 100 mm measure, across and down; None where nobody measured them.
    patient : str, optional
        The code it bears; None where it bears none that can be read.
    others : tuple of SeenCard
        Further cards in the picture.
    """

    card: SeenCard
    plane: Plane
    bars_mm: tuple[float, float] | None
    patient: str | None
    others: tuple[SeenCard, ...] = ()

    @property
    def face(self) -> Face:
        """Which card it is."""
        return self.card.face

    @property
    def to_drawing(self) -> Floats:
        """The matrix from pixels to where things are on the card as drawn, mm."""
        return as_drawn(self.plane, self.bars_mm)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoCard:
    """A photograph without a card that can be used.

    Parameters
    ----------
    is_mirrored : bool
        Whether cards are seen mirrored.
    """

    is_mirrored: bool = False


def read_card(image: Image, *, bars_mm: tuple[float, float] | None = None) -> CardReading | NoCard:
    """Return what the card in a photograph says.

    Of several the one of which most markers are seen, and largest.

    Parameters
    ----------
    image : Image
        A photograph.
    bars_mm : tuple of float, optional
        What the bars of 100 mm on the print measure, across and down.
    """
    grey = grey_of(image)
    look = find_cards(grey)
    if not look.cards:
        return NoCard(is_mirrored=look.is_mirrored)
    card, *others = look.cards
    plane = fit_plane([card.as_print(bars_mm=bars_mm)], shape=grey.shape)
    patient = read_patient_code(grey, card.face.code, to_mm=as_drawn(plane, bars_mm))
    return CardReading(card=card, plane=plane, bars_mm=bars_mm, patient=patient, others=tuple(others))


def as_drawn(plane: Plane, bars_mm: tuple[float, float] | None) -> Floats:
    """Return the matrix from pixels to mm on the drawing of a card that lies on a plane."""
    across, down = bars_mm or (100.0, 100.0)
    return np.asarray(np.diag([100 / down, 100 / across, 1.0]) @ plane.homography)
