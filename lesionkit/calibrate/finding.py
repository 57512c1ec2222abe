"""What a source of scale is asked, and what it answers."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.outcome import Problem
from lesionkit.core.settings import ScaleSettings
from lesionkit.core.uncertainty import ScaleError

if TYPE_CHECKING:
    from lesionkit.calibrate.card.reading import CardReading, NoCard

TOLERANCE = 0.05
"""Scales that differ by more than this share are two scales, and a person must look."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """A planar image of which a scale is asked.

    Parameters
    ----------
    image : Image
        With its pixels and the grid its file gives.
    claims : tuple of ScaleClaim
        What people say of its scale, the weightier first.
    settings : ScaleSettings
        What holds for all photographs.
    about : str
        What problems call the image.
    card : CardReading or NoCard
        What the calibration card in it says.
    """

    image: Image
    claims: tuple[ScaleClaim, ...]
    settings: ScaleSettings
    about: str
    card: "CardReading | NoCard"

    @property
    def is_photograph(self) -> bool:
        """Whether it was taken with a camera."""
        return self.image.modality is Modality.XC

    @property
    def centre(self) -> Floats:
        """The middle of the image, ``(row, col)``."""
        return (np.asarray(self.image.grid.shape) - 1) / 2

    def grid(
        self,
        spacing_mm: tuple[float, float],
        source: ScaleSource,
        *,
        error: ScaleError | None = None,
        homography: Floats | None = None,
    ) -> Grid:
        """Return the image's grid with another scale."""
        return replace(
            self.image.grid,
            spacing_mm=spacing_mm,
            scale_source=source,
            scale_error=error,
            homography=homography,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finding:
    """What one source says of an image's scale.

    Parameters
    ----------
    grid : Grid, optional
        None where it has nothing to say.
    problems : tuple of Problem
        What is wrong with what it found.
    """

    grid: Grid | None = None
    problems: tuple[Problem, ...] = ()


def differ(first: float, second: float) -> bool:
    """Return whether two scales are more than 5 % apart (of the smaller)."""
    low, high = sorted((first, second))
    return high / low - 1 > TOLERANCE * (1 + 1e-9)
