"""Where the window onto each picture lies: around the same skin, and turned alike where they are aligned."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef
from lesionkit.core.region import Deposit, Mask
from lesionkit.core.transform import Transform


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

    @property
    def is_aligned(self) -> bool:
        """Whether it can be carried onto the first image."""
        return self.onto_first is not None and self.onto_first.is_reliable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """Where deposits lie, or would lie, on an image.

    Parameters
    ----------
    centre : ndarray, shape (2,) or (3,)
        Of all of them, in pixels of the image; of the image where there are none.
    span : ndarray of shape (2,), optional
        How high and wide they lie, in the unit of the window.
    spacing : ndarray, shape (2,)
        Distance of rows and columns at the centre: in mm, or in widths of a pixel.
    turn : float
        By which angle (radians, from rows towards columns) the image is turned against the first one.
    zoom : float
        How many of the image's own units (mm, or pixels) one unit of the window is: 1, but for pictures
        without a scale that are brought to the size of the first one by their alignment.
    is_metric : bool
        Whether the window's unit is mm.
    is_carried : bool
        Whether it is the place on the first image, carried onto this one.
    """

    centre: Floats
    span: Floats | None
    spacing: Floats
    turn: float = 0.0
    zoom: float = 1.0
    is_metric: bool = False
    is_carried: bool = False


def place_views(views: Sequence[View]) -> dict[str, Place]:
    """Return the place of the site's deposits on each image, by its id.

    Deposits are carried from one image onto another where both are reliably aligned; others lie where they
    were drawn. Planar images so aligned are turned as the first one lies.
    """
    first = first_of(views)
    if first is None:
        return {view.ref.id: _own_place(view, views) for view in views}
    together = [view for view in views if view.is_aligned]
    box = _box_around([found for view in together if len(found := _carried(view, points_of(view)))])
    if box is None:
        box = np.array([[0.0, 0.0], np.subtract(first.grid.shape, 1)])
    carried = {view.ref.id: _carried_place(view, first, box) for view in together}
    return {view.ref.id: carried.get(view.ref.id) or _own_place(view, views) for view in views}


def first_of(views: Sequence[View]) -> View | None:
    """Return the planar image onto which others are aligned; None where there is none."""
    targets = (v for v in views if v.onto_first is not None and v.onto_first.target == v.ref.id)
    return next((view for view in targets if view.is_aligned and view.grid.is_planar), None)


def spacing_at(grid: Grid, place: Floats) -> Floats:
    """Return how far rows and columns lie apart at a place of an image: in mm, or widths of a pixel."""
    if grid.homography is not None:
        row, col = place
        here, below, beside = grid.locate([[row, col], [row + 1, col], [row, col + 1]])
        return np.array([np.linalg.norm(below - here), np.linalg.norm(beside - here)])
    return np.asarray(grid.spacing_mm[-2:] if grid.spacing_mm else (grid.aspect, 1.0))


def points_of(view: View) -> Floats:
    """Return points that hold all deposits of an image between them, shape (n, d)."""
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


def _carried(view: View, points: Floats) -> Floats:
    assert view.onto_first is not None
    return view.onto_first.carry(points) if len(points) else points


def _box_around(points: Sequence[Floats]) -> Floats | None:
    if not points:
        return None
    found = np.vstack(points)
    return np.stack([found.min(axis=0), found.max(axis=0)])


def _carried_place(view: View, first: View, box: Floats) -> Place | None:
    """Return where the shared box lies on an image; None where the image is mirrored there."""
    assert view.onto_first is not None
    middle = box.mean(axis=0)
    # As the part lies in which the middle is: a step across its edge would be torn.
    back = view.onto_first.inverse().at(middle)
    centre, below, beside = back.carry(middle + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    there = spacing_at(first.grid, middle)
    here = spacing_at(view.grid, np.clip(centre, 0, np.subtract(view.grid.shape, 1)))
    # Carries steps on the first image onto steps on this one, each in its own even unit.
    step = np.stack([below - centre, beside - centre], axis=1) * here[:, None] / there[None, :]
    if np.linalg.det(step) <= 0:
        return None
    size = float(np.sqrt(np.linalg.det(step)))
    is_metric = view.grid.is_calibrated or first.grid.is_calibrated
    # A scale of its own is believed; without one, the skin that is aligned tells the size.
    is_sized = view.grid.is_calibrated
    return Place(
        centre=centre,
        span=(box[1] - box[0]) * there * (size if is_sized else 1.0),
        spacing=here,
        turn=float(np.arctan2(step[1, 0] - step[0, 1], step[0, 0] + step[1, 1])),
        zoom=1.0 if is_sized else size,
        is_metric=is_metric,
        is_carried=True,
    )


def _own_place(view: View, views: Sequence[View]) -> Place:
    points = [found] if len(found := points_of(view)) else []
    for other in views:
        if other is not view and view.is_aligned and other.is_aligned:
            assert view.onto_first is not None
            assert other.onto_first is not None
            if len(there := points_of(other)):
                points.append(view.onto_first.inverse().carry(other.onto_first.carry(there)))
    box = _box_around(points)
    shape = np.asarray(view.grid.shape, dtype=np.float64)
    centre = (shape - 1) / 2 if box is None else np.clip(box.mean(axis=0), 0, shape - 1)
    spacing = spacing_at(view.grid, centre)
    return Place(
        centre=centre,
        span=None if box is None else (box[1] - box[0])[-2:] * spacing,
        spacing=spacing,
        is_metric=view.grid.is_calibrated,
    )
