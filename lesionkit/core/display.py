"""Images as a screen or a page shows them: one choice of shades for both, of which nothing is measured."""

from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.image import Image, Modality
from lesionkit.core.units import Unit
from lesionkit.core.window import Look, Window

DEPOSITS = Window.between(-450, 1050, "deposits")
"""Of CT in HU (width 1500, level 300): bone and deposits keep their grades, soft tissue stays visible."""

_SPREAD = {
    Modality.CT: (0.5, 99.7),
    Modality.MR: (1.0, 99.5),
    Modality.CR: (0.5, 99.7),
    Modality.DX: (0.5, 99.7),
}
"""Percentiles between which shades are spread where nothing says how an image is to be shown."""

_FLAT = 0.1
"""A look under which shades differ by less than this shows nothing."""

_SAMPLE = 400_000
"""So many pixels tell how an image's values spread."""


def offer_looks(image: Image, *, plane: int | None = None) -> tuple[Look, ...]:
    """Return in which ways an image can be shown, the usual first; there is always one.

    Photographs are shown as they are. CT in HU is first shown by `DEPOSITS`, whatever its file asks for,
    so that two timepoints look alike. Others are shown as their file asks, in its order, unless nothing
    of the image could be seen so; and last, from their low to their high values (percentiles 0.5 and 99.7
    of radiographs, 1 and 99.5 of MR).

    Parameters
    ----------
    image : Image
        With its pixels.
    plane : int, optional
        Of a volume: whose values count. Left out, all of them do.

    References
    ----------
    DICOM PS3.3 section C.11.2 (VOI LUT Module); where a file gives several, none is preferred over another.
    """
    if image.modality is Modality.XC:
        return (Window.between(0, float(np.iinfo(image.pixels.dtype).max)),)
    values = _sampled(image.pixels if plane is None else image.pixels[plane])
    low, high = (float(value) for value in np.percentile(values, _SPREAD[image.modality]))
    spread = Window.between(low, high if high > low else low + 1.0)
    middle = np.array([low, high, float(np.median(values))])
    asked = tuple(look for look in image.looks if float(np.ptp(look.shades(middle))) > _FLAT)
    first = (DEPOSITS,) if image.intensity_unit is Unit.HU else ()
    return (*first, *asked, spread)


def _sampled(pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return some of the pixels, evenly taken."""
    stride = max(1, int(np.ceil((pixels.size / _SAMPLE) ** (1 / pixels.ndim))))
    return pixels[(slice(None, None, stride),) * pixels.ndim]


def shade(values: npt.NDArray[Any], look: Look) -> npt.NDArray[np.uint8]:
    """Return values as shades from 0 (black) to 255 (white), each colour by itself.

    Parameters
    ----------
    values : ndarray
        Some or all pixels of an image.
    look : Window or Curve
        One of its `looks`.
    """
    if values.dtype == np.uint8 and look.limits == (0.0, 255.0) and isinstance(look, Window):
        return np.asarray(values)
    return np.asarray(np.rint(look.shades(values) * 255), dtype=np.uint8)
