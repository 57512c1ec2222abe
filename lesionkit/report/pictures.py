"""Pictures for a page: a window onto an image with its outlines, ids and a scale bar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import floor, log10

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image, ImageRef
from lesionkit.core.region import Deposit, Mask, Region
from lesionkit.errors import LesionkitError
from lesionkit.geometry.voxels import plane_rings
from lesionkit.report.framing import Frame
from lesionkit.report.jpeg import encode
from lesionkit.report.marks import PLAIN_COLOUR, Mark
from lesionkit.report.placing import View
from lesionkit.report.words import short

WIDTH = 720
"""Of a picture, in its own units; and in pixels where it is one of the two that are compared."""
SMALL = 480
"""In pixels, of the other pictures of a site."""
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
    href : str
        JPEG as data URI; empty where the image could not be loaded.
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
    wide: int = WIDTH,
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
    wide : int
        How many pixels wide.
    """
    href, trouble = "", ""
    try:
        if load is None:
            trouble = "The report was made without pictures."
        else:
            href = encode(load(view.ref), frame, wide=wide, quality=84 if wide == WIDTH else 80)
    except (LesionkitError, OSError) as error:  # the other pictures are still worth showing
        trouble = error.message if isinstance(error, LesionkitError) else "The picture could not be loaded."
    length, label = _bar(frame, calibrated=view.grid.is_calibrated and not frame.is_plain)
    return Picture(
        href=href,
        height=_height(frame),
        drawn=_placed([_drawn(deposit, frame, tracks, marks, titles) for deposit in view.deposits], frame),
        bar_length=length,
        bar_label=label,
        trouble=trouble,
        plane=None if frame.plane is None else frame.plane + 1,
    )


def _height(frame: Frame) -> int:
    return round(WIDTH * frame.ratio)


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
    rings = [ring for region in deposit.regions for ring in _rings(region, frame)]
    shown = [frame.place(ring, width=WIDTH) for ring in rings]
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


def _rings(region: Region, frame: Frame) -> list[Floats]:
    """Return the lines of a region as it is looked at, in (row, col) of what is shown."""
    if frame.along is not None:
        return _shadow(region, frame.along)
    if not isinstance(region, Mask):
        return list(region.rings) if region.plane == frame.plane else []
    if frame.plane is None:
        return [ring + region.origin for ring in plane_rings(region.voxels)]
    index = frame.plane - region.origin[0]
    if not 0 <= index < len(region.voxels):
        return []
    return [ring + region.origin[1:] for ring in plane_rings(region.voxels[index])]


def _shadow(region: Region, along: int) -> list[Floats]:
    """Return the lines around all of a region, looked at along an axis of its volume."""
    if isinstance(region, Mask):
        origin = np.delete(np.asarray(region.origin, dtype=np.float64), along)
        return [ring + origin for ring in plane_rings(np.asarray(region.voxels.any(axis=along)))]
    if along == 0:
        return list(region.rings)
    plane, line = float(region.plane or 0), region.exterior[:, 2 - along]
    low, high = float(line.min()), float(line.max())
    edges = (plane - 0.5, plane + 0.5)
    return [np.array([[edges[0], low], [edges[0], high], [edges[1], high], [edges[1], low]])]


def _svg_path(ring: Floats) -> str:
    points = np.round(ring, 1)
    keep = np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points[keep]) + "Z"


def _placed(drawn: list[Drawn], frame: Frame) -> tuple[Drawn, ...]:
    """Return the deposits with labels inside the picture and, where there is room, clear of one another."""
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
