"""The tools of the panel: what each is for, and what becomes of its gesture."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Mask, Outline, Region
from lesionkit.errors import OutlineError


class Tool(StrEnum):
    """What the mouse does on the picture."""

    MOVE = "move"
    POLYGON = "polygon"
    LASSO = "lasso"
    CORRECT = "correct"
    GROW = "grow"
    BOX = "box"
    SNAP = "snap"
    SCRIBBLE = "scribble"
    THRESHOLD = "threshold"
    CUT = "cut"
    SCALE = "scale"
    PAINT = "paint"
    DENSE_PAINT = "dense paint"
    ERASE = "erase"

    @property
    def paints(self) -> bool:
        """Whether it works on voxels."""
        return self in (Tool.PAINT, Tool.DENSE_PAINT, Tool.ERASE)


MODES: Mapping[Tool, str] = {
    Tool.MOVE: "pan_zoom",
    Tool.POLYGON: "add_polygon",
    Tool.LASSO: "add_polygon_lasso",
    Tool.CORRECT: "direct",
    Tool.GROW: "pan_zoom",
    Tool.BOX: "add_rectangle",
    Tool.SNAP: "add_polygon",
    Tool.SCRIBBLE: "add_path",
    Tool.THRESHOLD: "add_polygon_lasso",
    Tool.CUT: "add_line",
    Tool.SCALE: "add_line",
}
"""Mode of napari's Shapes layer for each tool that draws lines."""

PAINT_MODES: Mapping[Tool, str] = {
    Tool.PAINT: "paint",
    Tool.DENSE_PAINT: "paint",
    Tool.ERASE: "erase",
    Tool.MOVE: "pan_zoom",
}
"""Mode of napari's Labels layer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the panel says of a tool.

    Parameters
    ----------
    label : str
        On its button.
    help : str
        What to do, in one sentence.
    key : str
        That chooses it; empty where napari's own keys do.
    """

    label: str
    help: str
    key: str = ""


TOLD: Mapping[Tool, Told] = {
    Tool.MOVE: Told(label="Move", help="Drag to move the picture, scroll to zoom."),
    Tool.POLYGON: Told(
        label="Polygon",
        help="Click around the deposit; double-click or Enter closes the line. Ctrl+Z takes back a point.",
    ),
    Tool.LASSO: Told(label="Lasso", help="Drag around the deposit and let go."),
    Tool.CORRECT: Told(
        label="Correct", help="Drag a point of the line. Key 2 inserts points, key 1 takes them away."
    ),
    Tool.GROW: Told(label="Click", help="Click into the deposit: its edge is found.", key="G"),
    Tool.BOX: Told(label="Box", help="Drag a box closely around the deposit: its edge is found.", key="H"),
    Tool.SNAP: Told(
        label="Snap",
        help="Click three or more points on the edge, double-click at the last: the line follows the edge.",
        key="J",
    ),
    Tool.SCRIBBLE: Told(
        label="Stroke", help="Drag a stroke through the deposit: its edge is found.", key="K"
    ),
    Tool.THRESHOLD: Told(
        label="Loose lasso",
        help="Drag loosely around the deposit: what stands out within is outlined.",
        key="U",
    ),
    Tool.CUT: Told(label="Cut", help="Drag a line right across the chosen deposit: it becomes two."),
    Tool.SCALE: Told(
        label="Scale",
        help="Drag along something of known length, such as 50 mm of a ruler, then say how long it is.",
    ),
    Tool.PAINT: Told(label="Paint", help="Paint voxels of the chosen deposit; [ and ] change the brush."),
    Tool.DENSE_PAINT: Told(
        label="Dense paint",
        help="Paint, and only voxels whose values lie in the window below take the colour.",
        key="Q",
    ),
    Tool.ERASE: Told(label="Erase", help="Rub out voxels of the chosen deposit."),
}
"""Every tool, in the order of the buttons."""


def tools_for(modality: Modality) -> tuple[Tool, ...]:
    """Return the tools that make sense on an image."""
    planar = (
        Tool.MOVE, Tool.POLYGON, Tool.LASSO, Tool.CORRECT, Tool.GROW, Tool.BOX, Tool.SNAP, Tool.SCRIBBLE,
        Tool.THRESHOLD, Tool.CUT, Tool.SCALE,
    )  # fmt: skip
    if not modality.is_volume:
        return planar
    volume = (
        Tool.MOVE, Tool.PAINT, Tool.DENSE_PAINT, Tool.ERASE, Tool.POLYGON, Tool.LASSO, Tool.GROW, Tool.BOX,
        Tool.SNAP, Tool.SCRIBBLE, Tool.THRESHOLD,
    )  # fmt: skip
    return volume if modality is Modality.CT else tuple(tool for tool in volume if tool is not Tool.GROW)


def regions_by(
    tool: Tool,
    image: Image,
    points: Floats,
    *,
    plane: int | None = None,
    window: tuple[float, float] | None = None,
) -> tuple[Region, ...]:
    """Return what a gesture outlines: lines on a picture, voxels in a volume.

    Parameters
    ----------
    tool : Tool
        That made the gesture.
    image : Image
        Under it.
    points : ndarray, shape (n, 2)
        Of the gesture, ``(row, col)``.
    plane : int, optional
        Of a volume, on which it was made.
    window : tuple of float, optional
        Lowest and highest value of a threshold.

    Raises
    ------
    OutlineError
        If nothing is found, or the line is no outline.
    """
    if tool is Tool.GROW and plane is not None:
        from lesionkit.suggest import grow

        return (grow(image, (plane, *points[0])),)
    found = _BY_TOOL[tool](image, points, plane, window)
    if plane is None:
        return found
    return tuple(mask for region in found if (mask := _filled(region, image, plane)) is not None)


def _filled(region: Region, image: Image, plane: int) -> Mask | None:
    """Return the voxels of a plane that a line encloses."""
    from lesionkit.geometry.raster import pixels

    if isinstance(region, Mask):
        return region
    on_plane = Outline(exterior=region.exterior, holes=region.holes, plane=plane)
    return pixels(on_plane, shape=image.grid.shape)


Window = tuple[float, float] | None


def _as_drawn(image: Image, points: Floats, plane: int | None, window: Window) -> tuple[Region, ...]:
    del image, window
    return (Outline(exterior=points, plane=plane),)


def _grown(image: Image, points: Floats, plane: int | None, window: Window) -> tuple[Region, ...]:
    from lesionkit.suggest import grow

    del plane, window
    return (grow(image, points[0]),)


def _boxed(image: Image, points: Floats, plane: int | None, window: Window) -> tuple[Region, ...]:
    from lesionkit.suggest import outline_box

    del window
    return (outline_box(image, np.array([points.min(axis=0), points.max(axis=0)]), plane=plane),)


def _snapped(image: Image, points: Floats, plane: int | None, window: Window) -> tuple[Region, ...]:
    from lesionkit.suggest import snap

    del window
    return (snap(image, points, plane=plane),)


def _scribbled(image: Image, points: Floats, plane: int | None, window: Window) -> tuple[Region, ...]:
    from lesionkit.suggest import outline_scribble

    del window
    return (outline_scribble(image, points, plane=plane),)


def _thresholded(image: Image, points: Floats, plane: int | None, window: Window) -> tuple[Region, ...]:
    from lesionkit.suggest import threshold_within

    return threshold_within(image, Outline(exterior=points, plane=plane), window=window)


_BY_TOOL: Mapping[Tool, Callable[[Image, Floats, int | None, Window], tuple[Region, ...]]] = {
    Tool.POLYGON: _as_drawn,
    Tool.LASSO: _as_drawn,
    Tool.GROW: _grown,
    Tool.BOX: _boxed,
    Tool.SNAP: _snapped,
    Tool.SCRIBBLE: _scribbled,
    Tool.THRESHOLD: _thresholded,
}


def dense_only(
    image: Image,
    index: tuple[np.ndarray[tuple[int, ...], np.dtype[np.intp]], ...],
    window: tuple[float, float],
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return which of some voxels have a value within a window."""
    values = image.pixels[index]
    return np.asarray((values >= window[0]) & (values <= window[1]))


def filled_between(mask: Mask, *, spacing: tuple[float, float] = (1.0, 1.0)) -> Mask:
    """Return a mask with the planes between painted ones filled in.

    Each plane between two painted ones is where the signed distance to their edges, weighted by how near
    they lie, is inside (shape-based interpolation).

    Parameters
    ----------
    mask : Mask
        Of a volume.
    spacing : tuple of float
        Of rows and columns.

    Raises
    ------
    OutlineError
        If there is no empty plane between painted ones.

    References
    ----------
    Raya SP, Udupa JK. Shape-based interpolation of multidimensional objects. IEEE Trans Med Imaging
    1990;9:32-42.
    """
    from lesionkit.geometry.voxels import inside

    held = np.asarray(inside(mask))
    painted = np.flatnonzero(held.any(axis=(1, 2)))
    if held.ndim != 3 or len(painted) < 2 or int(painted[-1] - painted[0]) + 1 == len(painted):
        raise OutlineError(
            "there is no empty slice between painted ones", hint="Paint every third slice or so, then fill."
        )
    full = held.copy()
    for first, last in pairwise(painted):
        if last - first < 2:
            continue
        here, there = (_signed_distance(held[end], spacing) for end in (first, last))
        for plane in range(first + 1, last):
            share = (plane - first) / (last - first)
            full[plane] = (1 - share) * here + share * there > 0
    return Mask(voxels=full, origin=mask.origin)


def _signed_distance(
    held: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], spacing: tuple[float, float]
) -> Floats:
    from scipy.ndimage import distance_transform_edt

    padded = np.pad(held, 1)
    inner = distance_transform_edt(padded, sampling=spacing) - distance_transform_edt(
        ~padded, sampling=spacing
    )
    return np.asarray(inner[1:-1, 1:-1])
