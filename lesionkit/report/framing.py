"""Which part of each picture is shown, so that before and after can be compared by eye.

All pictures of a site show a window of one size (in mm where they have a scale, in pixels where not),
around the place of its deposits, and turned as the first one where they are aligned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.region import Mask
from lesionkit.geometry.polygon import area
from lesionkit.report.placing import Place, View, first_of, place_views, spacing_at

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
    turn : float
        Angle (radians, from rows towards columns) by which the window is turned about its middle.
    along : int, optional
        Of a projection through a volume: the axis that is looked along.
    is_upturned : bool
        Whether rows are drawn from below, so that the head is above.
    is_plain : bool
        Whether its spacing is in widths of a pixel though the image has a scale.
    """

    top: float
    left: float
    height: float
    width: float
    spacing: tuple[float, float]
    plane: int | None = None
    turn: float = 0.0
    along: int | None = None
    is_upturned: bool = False
    is_plain: bool = False

    @property
    def ratio(self) -> float:
        """Height by width as seen."""
        return self.height * self.spacing[0] / (self.width * self.spacing[1])

    @property
    def middle(self) -> Floats:
        """Its middle, in pixel centres."""
        return np.array([self.top + self.height / 2, self.left + self.width / 2])

    def place(self, points: Floats, *, width: float) -> Floats:
        """Return where (row, col) of the image lie in a picture `width` wide: (x, y) from its corner."""
        scale = width / (self.width * self.spacing[1])
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        away = (np.asarray(points) - self.middle) * self.spacing @ np.array([[cos, -sin], [sin, cos]])
        away *= (-1 if self.is_upturned else 1, 1)
        return np.asarray(away[:, ::-1] * scale + (width / 2, width * self.ratio / 2))


def frame_views(views: Sequence[View]) -> dict[str, Frame]:
    """Return the window onto each image, by its id: one size for all with a scale, one for all without."""
    places = place_views(views)
    frames: dict[str, Frame] = {}
    ratio = 0.0
    for is_metric in (True, False):
        group = [view for view in views if places[view.ref.id].is_metric is is_metric]
        if not group:
            continue
        size = _window(group, places, ratio)
        ratio = ratio or float(size[0] / size[1])
        frames |= {view.ref.id: _frame(view, places[view.ref.id], size) for view in group}
    return _moved_alike(frames, views, places)


def frame_projections(views: Sequence[View]) -> dict[str, Frame]:
    """Return the window onto a projection through all of each volume, by its id: one size and way for all.

    They are looked at along the axis on which the first one is thinnest, so that most of it is seen.
    """
    if not views:
        return {}
    first = views[0].grid
    along = int(np.argmin(np.asarray(first.shape) * _spacings(views[0])))
    seen = [axis for axis in range(3) if axis != along]
    size = np.max([(np.asarray(view.grid.shape) * _spacings(view))[seen] for view in views], axis=0)
    width = max(float(size[1]), float(size[0]) / _TALLEST)
    size = np.array([max(float(size[0]), width * _FLATTEST), width])
    frames = {}
    for view in views:
        spacing = _spacings(view)[seen]
        middle = (np.asarray(view.grid.shape, dtype=np.float64)[seen] - 1) / 2
        frame = _around(middle, size / spacing, spacing)
        frames[view.ref.id] = replace(frame, along=along, is_upturned=_rises(view, seen[0]))
    return frames


def _rises(view: View, axis: int) -> bool:
    """Return whether going along an axis goes towards the head more than anywhere else."""
    if view.grid.affine is None:
        return False
    way = np.asarray(view.grid.affine)[:3, axis]
    return bool(way[2] > 0 and abs(way[2]) == np.abs(way).max())


def _moved_alike(
    frames: dict[str, Frame], views: Sequence[View], places: Mapping[str, Place]
) -> dict[str, Frame]:
    """Return the windows, those of aligned images moved as the first one's was to stay inside it."""
    first = first_of(views)
    if first is None:
        return frames
    middle = frames[first.ref.id].middle
    for view in views:
        if view is not first and places[view.ref.id].is_carried and view.onto_first is not None:
            frame = frames[view.ref.id]
            (row, col) = view.onto_first.inverse().carry([middle])[0]
            frames[view.ref.id] = replace(frame, top=row - frame.height / 2, left=col - frame.width / 2)
    return frames


def _spacings(view: View) -> Floats:
    return np.asarray(view.grid.spacing_mm if view.grid.spacing_mm else np.ones(3))


def _window(group: Sequence[View], places: Mapping[str, Place], ratio: float) -> Floats:
    """Return height and width, in mm or px, of the window that holds every image's deposits."""
    full = np.max([_extent(view) / places[view.ref.id].zoom for view in group], axis=0)
    is_metric = places[group[0].ref.id].is_metric
    least = np.full(2, _LEAST_MM) if is_metric else full * _LEAST_SHARE
    spans = [span for view in group if (span := places[view.ref.id].span) is not None]
    size = np.maximum(np.max(spans, axis=0) * _ROOM, least) if spans else full
    if ratio:
        height = max(float(size[0]), float(size[1]) * ratio)
        return np.array([height, height / ratio])
    width = max(float(size[1]), float(size[0]) / _TALLEST)
    size = np.array([max(float(size[0]), width * _FLATTEST), width])
    return np.asarray(full if (size > full * _NEARLY_ALL).all() else size)


def _extent(view: View) -> Floats:
    shape = np.asarray(view.grid.shape[-2:], dtype=np.float64)
    return np.asarray(shape * spacing_at(view.grid, (np.asarray(view.grid.shape) - 1) / 2))


def _frame(view: View, place: Place, size: Floats) -> Frame:
    pixels = size * place.zoom / place.spacing
    frame = _around(place.centre[-2:], pixels, place.spacing)
    frame = replace(frame, turn=place.turn, plane=None if view.grid.is_planar else _plane(view, place.centre))
    shape = np.asarray(view.grid.shape[-2:], dtype=np.float64)
    slack = shape - pixels
    # Inside the image where the window fits, else with the image in its middle.
    inside = np.clip((frame.top, frame.left), -0.5, np.maximum(slack, 0) - 0.5)
    start = np.where(slack >= 0, inside, slack / 2 - 0.5)
    return replace(frame, top=float(start[0]), left=float(start[1]))


def _around(middle: Floats, pixels: Floats, spacing: Floats) -> Frame:
    start = middle - pixels / 2
    return Frame(
        top=float(start[0]),
        left=float(start[1]),
        height=float(pixels[0]),
        width=float(pixels[1]),
        spacing=(float(spacing[0]), float(spacing[1])),
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
