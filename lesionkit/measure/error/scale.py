"""The error that millimetres bring with them: shared by all of an image, and some of it by every image."""

import math
from dataclasses import dataclass

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image, Modality
from lesionkit.core.uncertainty import ErrorTerm

LASTING = frozenset({"print size", "spacing"})
"""Causes that are the same at every timepoint (one printed card, one scanner): they cancel in a change."""

HALF_LASTING = frozenset({"curvature", "height"})
"""Causes that lie in the body, which is posed anew each time: half of their variance is taken to be the same
at every timepoint, and half to be each picture's own. That it is half is assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assumed:
    name: str
    rel_se: float
    source: str


_POSITION = _Assumed(
    name="position",
    rel_se=0.01,
    source="assumed: the deposit lies up to 10 mm nearer to or farther from the film than last time, at 1 m",
)
_PHOTOGRAPH = _Assumed(
    name="scale",
    rel_se=0.025,
    source="assumed: half of the 4.9 % (root of 3.94² + 2.98²) by which areas of wounds are missed on "
    "photographs with a patch for scale",
)
_SPACING = _Assumed(name="spacing", rel_se=0.005, source="assumed of the scanner's spacing")


def scale_terms(image: Image, place: Floats, *, image_id: str) -> tuple[ErrorTerm, ...]:
    """Return the relative error of a length at a place by cause; `effect` is relative here.

    Where the grid does not tell, an assumed figure stands for it: 2.5 % on photographs, 1 % on
    radiographs, 0.5 % of the spacing of volumes, which is the scanner's and cancels in a change.

    Parameters
    ----------
    image : Image
        With its grid.
    place : ndarray of float, shape (2,)
        ``(row, col)``.
    image_id : str
        Id of the image, to name what its deposits share.
    """
    grid = image.grid
    if not grid.is_calibrated:
        return ()
    parts = grid.scale_parts_at(place)
    if not parts:
        untold = _untold(image)
        named = [(untold.name, untold.rel_se, untold.source)]
    else:
        named = [(part.name, part.rel_se, part.source) for part in parts]
    return tuple(
        ErrorTerm(name=name, shared_by=shared_by, source=source, effect=rel_se * math.sqrt(share))
        for name, rel_se, source in named
        for shared_by, share in _sharing(name, f"{grid.scale_source} scale", f"scale of {image_id}")
        if rel_se
    )


def _sharing(name: str, always: str, here: str) -> tuple[tuple[str, float], ...]:
    """Return what shares a cause, and how much of its variance."""
    if name in LASTING:
        return ((always, 1.0),)
    if name in HALF_LASTING:
        return ((always, 0.5), (here, 0.5))
    return ((here, 1.0),)


def _untold(image: Image) -> _Assumed:
    if image.modality.is_volume:
        return _SPACING
    if image.modality.stream is Modality.DX:
        return _POSITION
    return _PHOTOGRAPH
