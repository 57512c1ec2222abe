"""The sheet that helps to take the next picture of a site like the first one."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np

from lesionkit.core.image import Modality
from lesionkit.core.likeness import Comparability, Comparable, Difference
from lesionkit.report.framing import Frame
from lesionkit.report.pictures import SMALL, Picture, take_picture
from lesionkit.report.placing import View, spacing_at
from lesionkit.report.source import Source

_VERDICTS = {
    Comparable.YES: "Comparable with the first picture",
    Comparable.WITH_CARE: "Comparable with the first picture with care",
    Comparable.RETAKE: "Not comparable with the first picture: take it again",
}
_ADVICE = {
    Difference.NOT_ALIGNED: "Show the same part from the same side, with the skin around the deposits.",
    Difference.LITTLE_OVERLAP: "Show the whole part that the ghost shows.",
    Difference.OTHER_ANGLE: "Hold the camera straight over the place that the ghost shows.",
    Difference.BLURRED: "Tap on the skin to focus, and hold still.",
    Difference.DARKER: "Use more light.",
    Difference.BRIGHTER: "Use less light.",
    Difference.OVEREXPOSED: "Use less light: white skin has no detail.",
    Difference.OTHER_COLOUR: "Use the same lamp or window.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSheet:
    """What the sheet of one site shows.

    Parameters
    ----------
    alt : str
        What it shows, in words.
    picture : Picture
        All of it.
    ghost : str
        Its edges, half transparent, as a PNG data URI; empty where there is no picture.
    figures : tuple of (str, str)
        How the last picture differed, by name.
    advice : tuple of str
        What to do otherwise next time.
    """

    alt: str
    picture: Picture
    ghost: str
    figures: tuple[tuple[str, str], ...]
    advice: tuple[str, ...]


def likeness_in_words(found: Comparability | None) -> str:
    """Return how alike a picture was taken to the first one, in one line; empty where there is none."""
    if found is None:
        return ""
    told = ", ".join(f"{name} {value}" for name, value in figures_of(found))
    return f"{_VERDICTS[found.verdict]}{f': {told}' if told else ''}."


def figures_of(found: Comparability) -> tuple[tuple[str, str], ...]:
    """Return the figures of a comparison by name, in words."""
    figures: list[tuple[str, str]] = []
    if found.distance_ratio is not None:
        figures.append(("distance", f"× {found.distance_ratio:.2f}"))
    if found.tilt_deg is not None and found.roll_deg is not None:
        figures.append(("slanted by", f"{found.tilt_deg:.0f}°"))
        figures.append(("turned by", f"{round(found.roll_deg) + 0:+d}°".replace("-", "−")))
    if found.sharpness_ratio is not None:
        figures.append(("sharpness", f"× {found.sharpness_ratio:.2f}"))
    if found.exposure_stops is not None:
        stops = round(found.exposure_stops, 1) + 0.0  # minus zero becomes zero
        figures.append(("light", f"{stops:+.1f} stops".replace("-", "−")))
    if found.overlap is not None:
        figures.append(("shown of the place", f"{found.overlap:.0%}"))
    return tuple(figures)


def capture_sheet(
    source: Source, site: str, views: Sequence[View], likenesses: Mapping[str, Comparability]
) -> CaptureSheet | None:
    """Return the sheet of a site; None where it has no photograph.

    Parameters
    ----------
    source : Source
        What pages are made from.
    site : str
        The site.
    views : sequence of View
        Its pictures, in order of time.
    likenesses : Mapping of str to Comparability
        By image: how it was taken, against the first one.
    """
    if not views or views[0].ref.modality is not Modality.XC:
        return None
    first = views[0]
    rows, cols = first.grid.shape
    is_plain = first.grid.homography is not None  # a slanted picture has no one scale
    spacing = spacing_at(first.grid, np.array([(rows - 1) / 2, (cols - 1) / 2]))
    frame = Frame(
        top=-0.5,
        left=-0.5,
        height=float(rows),
        width=float(cols),
        spacing=(1.0, 1.0) if is_plain else (float(spacing[0]), float(spacing[1])),
        is_plain=is_plain,
    )
    bare = replace(first, deposits=())
    picture = take_picture(bare, frame, load=source.load, tracks={}, marks={}, titles={}, wide=SMALL)
    last = next((likenesses[view.ref.id] for view in reversed(views) if view.ref.id in likenesses), None)
    return CaptureSheet(
        alt=f"First picture of {site}",
        picture=picture,
        ghost=_ghost(picture),
        figures=() if last is None else figures_of(last),
        advice=() if last is None else _advice(last),
    )


def _advice(last: Comparability) -> tuple[str, ...]:
    told = [_ADVICE[difference] for difference in last.differences if difference in _ADVICE]
    away = last.distance_ratio
    if away is not None and not 0.8 <= away <= 1.25:
        told.append(
            f"Go {'nearer' if away > 1 else 'farther away'}: the last picture was taken from "
            f"{away:.1f} times the distance."
        )
    if last.roll_deg is not None and abs(last.roll_deg) > 15:
        told.append(f"Turn the camera: the last picture was turned by {abs(last.roll_deg):.0f}°.")
    return tuple(told)


def _ghost(picture: Picture) -> str:
    """Return the edges of a picture, red and half transparent."""
    if not picture.href:
        return ""
    import cv2
    from PIL import Image

    shown = Image.open(BytesIO(base64.b64decode(picture.href.partition(",")[2]))).convert("L")
    grey = cv2.GaussianBlur(np.asarray(shown), (0, 0), 1.6)
    edges = cv2.dilate(cv2.Canny(grey, 25, 60), np.ones((2, 2), np.uint8))
    ghost = np.zeros((*edges.shape, 4), dtype=np.uint8)
    ghost[..., 0] = 190
    ghost[..., 3] = np.where(edges > 0, 150, 0)
    file = BytesIO()
    Image.fromarray(ghost).quantize(4).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
