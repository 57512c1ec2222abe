"""Photographs and radiographs to grids: where an image's millimetres come from."""

from lesionkit.calibrate.card.source import whose_card
from lesionkit.calibrate.colour import correct_colour
from lesionkit.calibrate.scale import card_in, scale_of

__all__ = ["card_in", "correct_colour", "scale_of", "whose_card"]
