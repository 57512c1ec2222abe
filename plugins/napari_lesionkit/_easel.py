"""What holds the layers of one window: lines that live as long as it does, planes, and the eye."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from napari.layers import Image as Picture
from napari.layers import Labels, Shapes

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image
from lesionkit.core.region import Deposit, Region
from napari_lesionkit import _compat as compat
from napari_lesionkit._layers import GHOST_COLOUR, plane_space_of, space_of
from napari_lesionkit._letters import letters_of
from napari_lesionkit._loops import loop_of
from napari_lesionkit._places import (
    high_of,
    low_of,
    on_plane,
)

_BORDERS = {
    "left": "middle_left",
    "right": "middle_right",
    "top": "top_center",
    "bottom": "bottom_center",
}
"""Where napari writes at each side of a view."""

_UNITS = {"mm": "millimeter", "pixel": "pixel"}
"""How napari calls the units that it was given."""

LINE_PX = 2.0
"""Width of lines on the screen."""


class Easel:
    """Holds the layers of one window.

    Parameters
    ----------
    viewer : napari.Viewer or napari.components.ViewerModel
        The window, or one without a screen.
    """

    def __init__(self, viewer: Any) -> None:
        self.viewer = compat.unproxied(viewer)
        self.image: Image | None = None
        self.before: Image | None = None
        self.picture: Picture | None = None
        self.before_picture: Picture | None = None
        self.labels: Labels | None = None
        self.deposits: tuple[Deposit, ...] = ()
        self.is_refreshing = False
        self.is_behind = False
        self._colours: dict[int | None, str] = {}
        self.on_plane: list[Callable[[], None]] = []
        self.on_paint: list[Callable[[], None]] = []
        self._ghosts: tuple[Region, ...] = ()
        self._ghosts_wanted: bool | None = True
        self._before_regions: tuple[Region, ...] = ()
        self._to_now: Floats | None = None
        self._chosen: frozenset[str] = frozenset()
        self._ends: dict[int, tuple[str, str]] = {}
        self.before_ghosts = self._lines("Now, on the earlier", GHOST_COLOUR, visible=False)
        self.before_lines = self._lines("Earlier outlines", "#35d6ff", visible=False)
        # What holds nothing is not drawn: to make ready for it takes napari as long as to draw a picture.
        self.ghosts = self._lines("Earlier outlines, here", GHOST_COLOUR, visible=False)
        self.lines = self._lines("Outlines", "#35d6ff")
        self.viewer.layers.selection.active = self.lines
        self.viewer.dims.events.current_step.connect(self._plane_changed)
        compat.camera_of(self.viewer).events.zoom.connect(self._thin_lines)
        bar = compat.scale_bar_of(self.viewer)
        bar.visible, bar.gridded = True, True
        self._write_letters()
        compat.camera_of(self.viewer).events.orientation.connect(self._write_letters)
        self.viewer.dims.events.order.connect(self._write_letters)
        self.viewer.dims.events.ndisplay.connect(self._write_letters)

    def _lines(self, name: str, colour: str, *, visible: bool = True) -> Shapes:
        layer = Shapes(ndim=2, name=name, edge_color=colour, face_color="transparent",
                       edge_width=LINE_PX, visible=visible)  # fmt: skip
        self._add(layer, len(self.viewer.layers))
        return layer

    def _add(self, layer: Any, place: int) -> None:
        """Put a layer in, such that nobody deletes it by mistake; what is chosen stays so."""
        layer.locked = True
        with compat.unchosen(self.viewer):
            self.viewer.layers.insert(place, layer)

    def _place(self, layer: Shapes, space: dict[str, Any]) -> None:
        if tuple(map(float, layer.scale)) != tuple(space["scale"]):
            layer.scale = space["scale"]
        if tuple(map(str, layer.units)) != tuple(_UNITS[unit] for unit in space["units"]):
            layer.units = space["units"]
        if tuple(layer.axis_labels) != tuple(space["axis_labels"]):
            layer.axis_labels = space["axis_labels"]

    def _index(self, layer: Any) -> int:
        return int(self.viewer.layers.index(layer))

    def _drop(self, layer: Any) -> None:
        layer.locked = False
        self.viewer.layers.remove(layer)

    def _put(self, layer: Shapes, loops: Sequence[Floats], *, kind: str = "polygon") -> None:
        """Give a layer of lines other lines."""
        if not len(loops) and not len(layer.data):
            return
        self.is_refreshing = True
        try:
            mode = layer.mode
            layer.data = []
            if len(loops):
                layer.add(list(loops), shape_type=kind, edge_width=self._width())
            if layer.mode != mode:
                layer.mode = mode
        finally:
            self.is_refreshing = False

    def _plane_changed(self, event: Any = None) -> None:
        """Follow the slider of planes."""
        del event
        for tell in self.on_plane:
            tell()

    @property
    def plane(self) -> int:
        """The plane of the volume that is shown."""
        assert self.image is not None
        spacing = space_of(self.image.grid)["scale"][0]
        return int(np.clip(round(self.viewer.dims.point[0] / spacing), 0, self.image.grid.shape[0] - 1))

    def _plane_or_none(self) -> int | None:
        return None if self.image is None or self.image.grid.is_planar else self.plane

    def go_to_plane(self, plane: int) -> None:
        """Show a plane of the volume."""
        assert self.image is not None
        self.viewer.dims.set_point(0, plane * space_of(self.image.grid)["scale"][0])

    def focus(self, deposit: Deposit) -> None:
        """Bring a deposit to the middle, large enough to work on."""
        assert self.image is not None
        low = np.min([low_of(region) for region in deposit.regions], axis=0)
        high = np.max([high_of(region) for region in deposit.regions], axis=0)
        if len(low) == 3:
            self.go_to_plane(round(float(low[0] + high[0]) / 2))
        scale = np.asarray(plane_space_of(self.image.grid)["scale"])
        middle = (low[-2:] + high[-2:]) / 2 * scale
        extent = (high[-2:] - low[-2:]) * scale
        height, width = compat.canvas_size(self.viewer)
        room = np.array([height, width / 2 if self.is_side_by_side else width])
        camera = compat.camera_of(self.viewer)
        camera.center = tuple(middle)
        camera.zoom = float((room / np.maximum(extent, 1e-6)).min()) / 4

    def _width(self) -> float:
        zoom = float(compat.camera_of(self.viewer).zoom)
        return LINE_PX / max(zoom * float(self.lines.scale[-1]), 1e-6)

    def _thin_lines(self, event: Any = None) -> None:
        """Keep lines equally wide on the screen, so that an edge is not hidden by its own line."""
        del event
        width = self._width()
        for layer in (self.lines, self.ghosts, self.before_lines, self.before_ghosts):
            widths = layer.edge_width
            now = widths[0] if len(layer.data) and not np.isscalar(widths) else layer.current_edge_width
            if not 0.66 < now / width < 1.5 and not compat.is_drawing(layer):
                self.is_refreshing = True
                try:
                    layer.current_edge_width = width
                    if len(layer.data):
                        layer.edge_width = [width] * len(layer.data)
                finally:
                    self.is_refreshing = False

    def _write_letters(self, event: Any = None) -> None:
        """Write which way the patient lies at the border of each view, however it is turned."""
        from napari.components.overlays import TextOverlay

        del event
        up, left = compat.turned(self.viewer)
        shown = compat.shown_axes(self.viewer)
        letters = letters_of(self._ends, shown=shown, is_upward=up, is_leftward=left)
        overlays = compat.overlays_of(self.viewer)
        for side, place in _BORDERS.items():
            key = f"lesionkit_{side}"
            if key not in overlays:
                overlays[key] = TextOverlay(
                    position=place, gridded=True, box=False, font_size=14, color="white"
                )
            overlays[key].text = letters.get(side, "")
            overlays[key].visible = side in letters

    @property
    def is_on_planes(self) -> bool:
        """Whether the image is shown as it was taken: rows down, columns across."""
        axes = 2 if self.image is None else len(self.image.grid.shape)
        return compat.shown_axes(self.viewer) == (axes - 2, axes - 1)

    def _sliced(self, regions: Sequence[Region], plane: int | None) -> list[Floats]:
        return [loop_of(outline) for region in regions for outline in on_plane(region, plane)]

    @property
    def is_side_by_side(self) -> bool:
        """Whether two pictures are shown."""
        return bool(compat.grid_of(self.viewer).enabled)
