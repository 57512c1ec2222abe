"""Pictures for a page: a window onto an image with its outlines, ids and a scale bar."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from math import floor, log10
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.display import offer_looks, shade
from lesionkit.core.image import Image, ImageRef
from lesionkit.core.region import Deposit, Mask, Region
from lesionkit.errors import LesionkitError
from lesionkit.geometry.voxels import plane_rings
from lesionkit.report.framing import Frame, View
from lesionkit.report.marks import PLAIN_COLOUR, Mark
from lesionkit.report.words import short

WIDTH = 720
SMALL = 320
_BEYOND = 225
"""Grey of what lies beyond the image's edge."""
_LETTER = 11.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A deposit as drawn over a picture, in the picture's units (`WIDTH` wide).

    Parameters
    ----------
    path : str
        SVG path of its outlines; empty where none lies on the plane shown.
    label : str
        Its track's id.
    title : str
        What a pointer resting on it tells.
    colour : str
        Of its track.
    is_suggested : bool
        Whether it is only proposed.
    label_x, label_y : float
        Middle of the label's foot.
    """

    path: str
    label: str
    title: str
    colour: str
    is_suggested: bool
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A window onto an image, ready for a page.

    Parameters
    ----------
    href, small_href : str
        JPEG as data URI, `WIDTH` and `SMALL` pixels wide; empty where the image could not be loaded.
    height : int
        Of the picture where it is `WIDTH` wide.
    drawn : tuple of Drawn
        Its deposits.
    bar_length : float
        Of the scale bar, in the picture's units.
    bar_label : str
        What that is: ``10 mm``, or ``100 px`` where there is no scale.
    trouble : str
        Why there is no picture; empty where there is one.
    plane : int, optional
        Plane of the volume, counted from 1.
    """

    href: str
    small_href: str
    height: int
    drawn: tuple[Drawn, ...]
    bar_length: float
    bar_label: str
    trouble: str = ""
    plane: int | None = None


def take_picture(
    view: View,
    frame: Frame,
    *,
    load: Callable[[ImageRef], Image] | None,
    tracks: Mapping[str, str],
    marks: Mapping[str, Mark],
    titles: Mapping[str, str],
) -> Picture:
    """Return the picture of a view.

    Parameters
    ----------
    view, frame
        The image, and the window onto it.
    load : callable, optional
        Loads the pixels; None = without them.
    tracks : Mapping of str to str
        Id of the track of each deposit, by the deposit's id.
    marks : Mapping of str to Mark
        How each track is drawn.
    titles : Mapping of str to str
        What is known of each deposit, by its id.
    """
    href, small, trouble = "", "", ""
    try:
        if load is None:
            trouble = "The report was made without pictures."
        else:
            href, small = _encoded(load(view.ref), frame)
    except (LesionkitError, OSError) as error:  # the other pictures are still worth showing
        trouble = error.message if isinstance(error, LesionkitError) else "The picture could not be loaded."
    length, label = _bar(frame, calibrated=view.grid.is_calibrated)
    return Picture(
        href=href,
        small_href=small,
        height=_height(frame),
        drawn=_placed([_drawn(deposit, frame, tracks, marks, titles) for deposit in view.deposits], frame),
        bar_length=length,
        bar_label=label,
        trouble=trouble,
        plane=None if frame.plane is None else frame.plane + 1,
    )


def _height(frame: Frame) -> int:
    return round(WIDTH * frame.ratio)


def _encoded(image: Image, frame: Frame) -> tuple[str, str]:
    from PIL import Image as Pil

    top, left = floor(frame.top + 0.5), floor(frame.left + 0.5)
    bottom = int(np.ceil(frame.top + frame.height + 0.5))
    right = int(np.ceil(frame.left + frame.width + 0.5))
    window = _eight_bit(image, frame.plane, (top, bottom, left, right))
    # Corner coordinates: pixel (r, c) covers r - 0.5 to r + 0.5.
    box = (
        frame.left + 0.5 - left,
        frame.top + 0.5 - top,
        min(frame.left + 0.5 - left + frame.width, right - left),
        min(frame.top + 0.5 - top + frame.height, bottom - top),
    )
    picture = Pil.fromarray(window)
    large = picture.resize((WIDTH, _height(frame)), Pil.Resampling.BICUBIC, box=box, reducing_gap=3.0)
    small = large.resize((SMALL, max(1, round(SMALL * frame.ratio))), Pil.Resampling.BICUBIC)
    return _jpeg(large, 84), _jpeg(small, 78)


def _jpeg(picture: Any, quality: int) -> str:
    file = BytesIO()
    picture.save(file, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _eight_bit(image: Image, plane: int | None, edges: tuple[int, int, int, int]) -> npt.NDArray[np.uint8]:
    """Return the pixels between edges as they are shown, with grey beyond the image."""
    top, bottom, left, right = edges
    pixels = image.pixels if plane is None else image.pixels[plane]
    rows, cols = pixels.shape[:2]
    inner = (slice(max(top, 0), min(bottom, rows)), slice(max(left, 0), min(right, cols)))
    canvas = np.full((bottom - top, right - left, *pixels.shape[2:]), _BEYOND, dtype=np.uint8)
    usual, *_ = offer_looks(image, plane=plane)
    shown = shade(pixels[inner], usual)
    canvas[inner[0].start - top : inner[0].stop - top, inner[1].start - left : inner[1].stop - left] = shown
    return canvas


def _bar(frame: Frame, *, calibrated: bool) -> tuple[float, str]:
    """Return a scale bar of a round length, at most a quarter of the window: its length drawn, its label."""
    width = frame.width * frame.spacing[1]
    power = 10.0 ** floor(log10(width / 4))
    length = max(step * power for step in (1, 2, 5) if step * power <= width / 4)
    return WIDTH * length / width, f"{length:g} {'mm' if calibrated else 'px'}"


def _drawn(
    deposit: Deposit,
    frame: Frame,
    tracks: Mapping[str, str],
    marks: Mapping[str, Mark],
    titles: Mapping[str, str],
) -> Drawn:
    rings = [ring for region in deposit.regions for ring in _rings(region, frame.plane)]
    scale = np.array([WIDTH / frame.width, _height(frame) / frame.height])
    shown = [(ring[:, ::-1] - (frame.left, frame.top)) * scale for ring in rings]
    points = np.vstack(shown) if shown else np.array([[-WIDTH, -WIDTH]])
    track = tracks.get(deposit.id)
    label = track if track is not None else deposit.id
    told = titles.get(deposit.id, "")
    name = short(label)
    return Drawn(
        path="".join(_svg_path(ring) for ring in shown),
        label=name if deposit.counts else f"{name} (suggested)",
        title=f"{label}: {told}" if told else label,
        colour=PLAIN_COLOUR if track is None else marks[track].colour,
        is_suggested=not deposit.counts,
        label_x=float((points[:, 0].min() + points[:, 0].max()) / 2),
        label_y=float(points[:, 1].min() - 8),
    )


def _rings(region: Region, plane: int | None) -> list[Floats]:
    """Return the lines of a region on the plane shown, in (row, col) of the image."""
    if not isinstance(region, Mask):
        return list(region.rings) if region.plane == plane else []
    if plane is None:
        return [ring + region.origin for ring in plane_rings(region.voxels)]
    index = plane - region.origin[0]
    if not 0 <= index < len(region.voxels):
        return []
    return [ring + region.origin[1:] for ring in plane_rings(region.voxels[index])]


def _svg_path(ring: Floats) -> str:
    points = np.round(ring, 1)
    keep = np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points[keep]) + "Z"


def _placed(drawn: list[Drawn], frame: Frame) -> tuple[Drawn, ...]:
    """Return the deposits with labels inside the picture and, where there is room, clear of one another."""
    from dataclasses import replace

    taken: list[tuple[float, float, float]] = []
    placed = []
    for one in sorted(drawn, key=lambda d: (d.label_y, d.label_x)):
        half = len(one.label) * _LETTER / 2 + 4
        x = min(max(one.label_x, half), WIDTH - half)
        y = min(max(one.label_y, 24.0), _height(frame) - 8.0)
        while any(abs(x - other) < half + reach and abs(y - foot) < 22 for other, foot, reach in taken):
            y += 22
        taken.append((x, y, half))
        placed.append(replace(one, label_x=round(x, 1), label_y=round(y, 1)))
    return tuple(placed)
