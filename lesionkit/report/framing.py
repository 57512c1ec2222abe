"""Which part of each picture is shown, so that before and after can be compared by eye.

All pictures of a site show a window of one size (in mm where they have a scale, in pixels where not),
around the place of its deposits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef
from lesionkit.core.region import Deposit, Mask
from lesionkit.core.transform import Transform
from lesionkit.geometry.polygon import area

_ROOM = 1.5
"""How much wider than the deposits the window is."""
_LEAST_MM = 30.0
_LEAST_SHARE = 0.25
"""The least window: in mm, or as a share of a picture without a scale."""
_NEARLY_ALL = 0.6
"""A window larger than this share of the picture gives way to the whole picture."""
_FLATTEST = 0.6
_TALLEST = 1.1
"""Height by width of a window."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """An image of a site, and what was drawn on it.

    Parameters
    ----------
    ref : ImageRef
        The image.
    grid : Grid
        Its geometry, with its scale where it has one.
    deposits : tuple of Deposit
        What was drawn.
    onto_first : Transform, optional
        Carries it onto the first image of its site; None where they could not be aligned.
    """

    ref: ImageRef
    grid: Grid
    deposits: tuple[Deposit, ...]
    onto_first: Transform | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A window onto an image, in pixels: edges, not centres, so that a whole image starts at −0.5.

    Parameters
    ----------
    top, left, height, width : float
        In pixels of the image; may reach beyond it.
    spacing : tuple of float
        Of rows and columns within the window, in mm; where there is no scale, in widths of a pixel.
    plane : int, optional
        Plane of a volume.
    """

    top: float
    left: float
    height: float
    width: float
    spacing: tuple[float, float]
    plane: int | None = None

    @property
    def ratio(self) -> float:
        """Height by width as seen."""
        return self.height * self.spacing[0] / (self.width * self.spacing[1])


def frame_views(views: Sequence[View]) -> dict[str, Frame]:
    """Return the window onto each image, by its id: one size for all with a scale, one for all without."""
    boxes = {view.ref.id: _box(view, views) for view in views}
    frames: dict[str, Frame] = {}
    ratio = 0.0
    for calibrated in (True, False):
        group = [view for view in views if view.grid.is_calibrated is calibrated]
        if not group:
            continue
        size = _window(group, boxes, ratio)
        ratio = ratio or float(size[0] / size[1])
        frames |= {view.ref.id: _frame(view, boxes[view.ref.id], size) for view in group}
    return frames


def _box(view: View, views: Sequence[View]) -> Floats | None:
    """Return the corners of all deposits of the site as they would lie in this image, shape (2, d)."""
    points = [_points(view)]
    for other in views:
        if other is not view and _is_sure(view.onto_first) and _is_sure(other.onto_first):
            assert view.onto_first is not None
            assert other.onto_first is not None
            there = _points(other)
            if len(there):
                points.append(view.onto_first.inverse().carry(other.onto_first.carry(there)))
    found = np.vstack(points)
    return np.stack([found.min(axis=0), found.max(axis=0)]) if len(found) else None


def _is_sure(transform: Transform | None) -> bool:
    return transform is not None and transform.is_reliable


def _points(view: View) -> Floats:
    axes = len(view.grid.shape)
    found = [np.empty((0, axes))]
    for region in (region for deposit in view.deposits for region in deposit.regions):
        if isinstance(region, Mask):
            low = np.asarray(region.origin, dtype=np.float64)
            corners = np.stack([low, low + np.asarray(region.voxels.shape) - 1])
            # All corners of the box, so that a turned image still holds it.
            found.append(np.stack(np.meshgrid(*corners.T, indexing="ij"), axis=-1).reshape(-1, axes))
        elif region.plane is None:
            found.append(region.exterior)
        else:
            found.append(np.column_stack([np.full(len(region.exterior), region.plane), region.exterior]))
    return np.vstack(found)


def _window(group: Sequence[View], boxes: Mapping[str, Floats | None], ratio: float) -> Floats:
    """Return height and width, in mm or px, of the window that holds every image's deposits."""
    full = np.max([_extent(view) for view in group], axis=0)
    least = np.full(2, _LEAST_MM) if group[0].grid.is_calibrated else full * _LEAST_SHARE
    spans = [
        (box[1] - box[0])[-2:] * _spacing(view.grid, box.mean(axis=0))
        for view in group
        if (box := boxes[view.ref.id]) is not None
    ]
    size = np.maximum(np.max(spans, axis=0) * _ROOM, least) if spans else full
    if ratio:
        height = max(float(size[0]), float(size[1]) * ratio)
        return np.array([height, height / ratio])
    width = max(float(size[1]), float(size[0]) / _TALLEST)
    size = np.array([max(float(size[0]), width * _FLATTEST), width])
    return np.asarray(full if (size > full * _NEARLY_ALL).all() else size)


def _extent(view: View) -> Floats:
    shape = np.asarray(view.grid.shape[-2:], dtype=np.float64)
    return np.asarray(shape * _spacing(view.grid, (np.asarray(view.grid.shape) - 1) / 2))


def _spacing(grid: Grid, place: Floats) -> Floats:
    """Return the distance of neighbouring rows and columns at a place of an image."""
    if grid.homography is not None:
        row, col = place
        here, below, beside = grid.locate([[row, col], [row + 1, col], [row, col + 1]])
        return np.array([np.linalg.norm(below - here), np.linalg.norm(beside - here)])
    return np.asarray(grid.spacing_mm[-2:] if grid.spacing_mm else (grid.aspect, 1.0))


def _frame(view: View, box: Floats | None, size: Floats) -> Frame:
    shape = np.asarray(view.grid.shape, dtype=np.float64)
    centre = (shape - 1) / 2 if box is None else np.clip(box.mean(axis=0), 0, shape - 1)
    spacing = _spacing(view.grid, centre)
    pixels = size / spacing
    start = centre[-2:] - pixels / 2
    slack = shape[-2:] - pixels
    # Inside the image where the window fits, else with the image in its middle.
    inside = np.clip(start, -0.5, np.maximum(slack, 0) - 0.5)
    start = np.where(slack >= 0, inside, slack / 2 - 0.5)
    return Frame(
        top=float(start[0]),
        left=float(start[1]),
        height=float(pixels[0]),
        width=float(pixels[1]),
        spacing=(float(spacing[0]), float(spacing[1])),
        plane=None if view.grid.is_planar else _plane(view, centre),
    )


def _plane(view: View, centre: Floats) -> int:
    """Return the plane where the deposits' area is largest; without a deposit, the one through the place."""
    areas = np.zeros(view.grid.shape[0])
    for region in (region for deposit in view.deposits for region in deposit.regions):
        if isinstance(region, Mask):
            areas[region.box[0]] += region.voxels.sum(axis=(1, 2), dtype=np.float64)
        elif region.plane is not None:
            areas[region.plane] += area(region.rings)
    return int(areas.argmax()) if areas.any() else round(float(centre[0]))
