"""The layers of one window: pictures, lines and paint, kept for its whole life.

napari 0.9 ends in a crash of the graphics driver where the last Shapes layer beside a painted picture is
removed and another is added. The lines' layers are therefore made once, locked, and given other data.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from napari.layers import Image as Picture
from napari.layers import Labels, Shapes

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image
from lesionkit.core.region import Deposit, Mask, Outline, Region, Status
from napari_lesionkit import _compat as compat
from napari_lesionkit._layers import (
    COLOURS,
    GHOST_COLOUR,
    LEFT,
    label_map,
    loop_of,
    parts_of,
    picture_layer,
    plane_space_of,
    space_of,
)
from napari_lesionkit._letters import letters_of

LINE_PX = 2.0
"""Width of lines on the screen."""

CHOSEN = "#ffffff"
"""Of what is chosen."""


class Stage:
    """What a window shows: the picture worked on with its lines and paint, and beside it an earlier one.

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
        self._ghosts: tuple[Region, ...] = ()
        self._before_regions: tuple[Region, ...] = ()
        self._to_now: Floats | None = None
        self._chosen: frozenset[str] = frozenset()
        self.before_ghosts = self._lines("Now, on the earlier", GHOST_COLOUR)
        self.before_lines = self._lines("Earlier outlines", "#35d6ff")
        self.ghosts = self._lines("Earlier outlines, here", GHOST_COLOUR)
        self.lines = self._lines("Outlines", "#35d6ff")
        self.viewer.dims.events.current_step.connect(self._plane_changed)
        compat.camera_of(self.viewer).events.zoom.connect(self._thin_lines)

    def _lines(self, name: str, colour: str) -> Shapes:
        layer = Shapes(ndim=2, name=name, edge_color=colour, face_color="transparent", edge_width=LINE_PX)
        self._add(layer, len(self.viewer.layers))
        return layer

    def _add(self, layer: Any, place: int) -> None:
        """Put a layer in, such that nobody deletes it by mistake."""
        selection = self.viewer.layers.selection
        active = selection.active
        self.viewer.layers.insert(place, layer)
        layer.locked = True
        if active is not None and active in self.viewer.layers:
            selection.active = active

    # --- pictures

    def show(self, image: Image, deposits: Sequence[Deposit], *, name: str) -> None:
        """Show a picture with what is drawn on it, alone."""
        self.hide_before()
        kept, self.picture = self.picture, None
        self.image = image
        if kept is not None:
            self._drop(kept)
        if self.labels is not None:
            self._drop(self.labels)
            self.labels = None
        space = plane_space_of(image.grid)
        for layer in (self.ghosts, self.lines, self.before_lines, self.before_ghosts):
            self._place(layer, space)
        data, settings, _ = picture_layer(image, name=name)
        self.picture = Picture(data, **settings)
        self._add(self.picture, self._index(self.ghosts))
        self.set_ghosts(())
        self.deposits = ()
        self._paint_layer(image)
        self.set_deposits(deposits)
        self._write_letters()
        bar = compat.scale_bar_of(self.viewer)
        bar.visible, bar.gridded = True, True
        self.viewer.layers.selection.active = self.lines
        self.viewer.reset_view()
        if not image.grid.is_planar:
            self.go_to_plane(image.grid.shape[0] // 2)
        self._thin_lines()

    def _place(self, layer: Shapes, space: dict[str, Any]) -> None:
        layer.scale, layer.units, layer.axis_labels = space["scale"], space["units"], space["axis_labels"]

    def _index(self, layer: Any) -> int:
        return int(self.viewer.layers.index(layer))

    def _drop(self, layer: Any) -> None:
        layer.locked = False
        self.viewer.layers.remove(layer)

    def _paint_layer(self, image: Image) -> None:
        if image.grid.is_planar:
            return
        self.labels = Labels(
            np.zeros(image.grid.shape, dtype=np.uint16), name="Deposits", opacity=0.5, **space_of(image.grid)
        )
        self.labels.brush_size = 3
        self._colours = {}
        self._add(self.labels, self._index(self.ghosts))

    def rescale(self, image: Image) -> None:
        """Show the same pixels in another scale."""
        assert self.picture is not None
        self.image = image
        space, plane = space_of(image.grid), plane_space_of(image.grid)
        self.picture.scale, self.picture.units = space["scale"], space["units"]
        for layer in (self.ghosts, self.lines, self.before_lines, self.before_ghosts):
            self._place(layer, plane)
        if self.before_picture is not None:
            self.before_picture.units = space["units"]
        self._lay_before()
        self.viewer.reset_view()
        self._thin_lines()

    # --- what is drawn

    def set_deposits(self, deposits: Sequence[Deposit], *, chosen: Sequence[str] = ()) -> None:
        """Show what is drawn now; what is on the screen already is left as it is."""
        before, self.deposits = self.deposits, tuple(deposits)
        self._chosen = frozenset(chosen)
        if self.image is None:
            return
        if self.image.grid.is_planar:
            self._set_lines()
        else:
            self._set_paint(before)
        self._show_before_ghosts()

    def catch_up(self) -> None:
        """Show what could not be shown while the hand was at it."""
        if self.is_behind:
            self.set_deposits(self.deposits, chosen=tuple(self._chosen))

    def _set_lines(self) -> None:
        self.is_behind = compat.is_drawing(self.lines) or compat.is_moving(self.lines)
        if self.is_behind:
            return  # giving the layer other data would end what the hand is at
        parts = parts_of(self.deposits)
        loops = [loop_of(outline) for _, outline in parts]
        by_id = {deposit.id: deposit for deposit in self.deposits}
        owning = [by_id[part.deposit] for part, _ in parts]
        if not _same(self.lines.data, loops):
            self._put(self.lines, loops)
        colours = [CHOSEN if d.id in self._chosen else COLOURS.get(d.status, LEFT) for d in owning]
        if loops:
            self.is_refreshing = True
            try:
                self.lines.edge_color = colours
                self.lines.features = {
                    "deposit": [deposit.name or "" for deposit in owning],
                    "status": [deposit.status.value for deposit in owning],
                }
            finally:
                self.is_refreshing = False
        self._take_in_hand([part.deposit for part, _ in parts])

    def take_in_hand(self) -> None:
        """Let the chosen deposit's points be those that the tools for correcting take hold of."""
        self._take_in_hand([part.deposit for part, _ in parts_of(self.deposits)])

    def _take_in_hand(self, keys: Sequence[str]) -> None:
        if str(self.lines.mode) not in ("direct", "select", "vertex_insert", "vertex_remove"):
            return
        places = {place for place, key in enumerate(keys) if key in self._chosen}
        if places and set(self.lines.selected_data) != places:
            self.is_refreshing = True
            try:
                self.lines.selected_data = places
            finally:
                self.is_refreshing = False

    def _put(self, layer: Shapes, loops: Sequence[Floats], *, kind: str = "polygon") -> None:
        """Give a layer of lines other lines."""
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

    def _set_paint(self, before: Sequence[Deposit]) -> None:
        assert self.labels is not None
        assert self.image is not None
        old, new = {d.id: d for d in before}, {d.id: d for d in self.deposits}
        values = [d.id for d in before] == [d.id for d in self.deposits][: len(before)]
        changed = [d for key in old.keys() | new.keys() if old.get(key) is not new.get(key)
                   for d in (old.get(key), new.get(key)) if d is not None]  # fmt: skip
        self._colour_paint()
        if not values:
            self.paint_anew()
        elif changed:
            self.paint_anew([_box_of(region) for deposit in changed for region in deposit.regions])

    def _colour_paint(self) -> None:
        from napari.utils.colormaps import DirectLabelColormap

        assert self.labels is not None
        colours: dict[int | None, str] = {None: COLOURS[Status.DRAWN], 0: "transparent"}
        for value, deposit in enumerate(self.deposits, 1):
            own = COLOURS.get(deposit.status, LEFT)
            colours[value] = CHOSEN if deposit.id in self._chosen and len(self.deposits) > 1 else own
        if colours != self._colours:
            self.labels.colormap = DirectLabelColormap(color_dict=dict(colours))
            self._colours = colours

    def paint_anew(self, boxes: Sequence[tuple[slice, ...]] = ((slice(None),) * 3,)) -> None:
        """Paint what is drawn, and nothing else, into some boxes of the volume; into all of it by default."""
        assert self.labels is not None
        assert self.image is not None
        fresh = label_map(self.deposits, grid=self.image.grid)
        for box in boxes:
            self.labels.data[box] = fresh[box]
        self.labels.refresh()
        compat.forget_strokes(self.labels)

    def label_of(self, key: str) -> int:
        """Return the value in which a deposit is painted; the next free one where there is none."""
        keys = [deposit.id for deposit in self.deposits]
        return keys.index(key) + 1 if key in keys else len(keys) + 1

    # --- the earlier picture

    def show_before(self, image: Image, deposits: Sequence[Deposit], *, name: str) -> None:
        """Put an earlier picture beside, middle on middle; see `align_before`.

        Parameters
        ----------
        image : Image
            The earlier one.
        deposits : sequence of Deposit
            Drawn on it.
        name : str
            Of it.
        """
        assert self.image is not None
        kept, self.before, self.before_picture = self.before_picture, image, None
        if kept is not None:
            self._drop(kept)
        data, settings, _ = picture_layer(image, name=name)
        settings["units"] = space_of(self.image.grid)["units"]
        self.before_picture = Picture(data, **settings)
        if self.picture is not None and not image.is_colour and not self.picture.rgb:
            self.before_picture.contrast_limits = self.picture.contrast_limits
        self._add(self.before_picture, 0)
        self._before_regions = tuple(region for deposit in deposits for region in deposit.regions)
        self._pad()
        self.align_before(_middle_on_middle(image.grid, self.image.grid))
        self.set_side_by_side(on=True)
        self.viewer.reset_view()

    def align_before(self, to_now: Floats) -> None:
        """Lay the same place of the limb at the same place of each view.

        Parameters
        ----------
        to_now : ndarray
            Homogeneous matrix that carries the earlier picture's pixels to those of the picture now.
        """
        self._to_now = to_now
        self._lay_before()
        self._show_before_lines()
        self._show_before_ghosts()

    def _pad(self) -> None:
        """Make both views hold the same number of layers, for napari's grid counts them."""
        pad = next((layer for layer in self.viewer.layers if layer.name == "Earlier deposits"), None)
        if self.labels is None and pad is not None:
            self._drop(pad)
        elif self.labels is not None and pad is None:
            assert self.before is not None
            empty = Labels(np.zeros((1,) * 3, dtype=np.uint8), name="Earlier deposits", visible=False,
                           **space_of(self.before.grid))  # fmt: skip
            self._add(empty, 1)

    def hide_before(self) -> None:
        """Show the picture now alone, and let the earlier one go."""
        compat.grid_of(self.viewer).enabled = False
        kept, self.before_picture, self.before = self.before_picture, None, None
        if kept is not None:
            self._drop(kept)
        pad = next((layer for layer in self.viewer.layers if layer.name == "Earlier deposits"), None)
        if pad is not None:
            self._drop(pad)
        self._before_regions = ()
        for layer in (self.before_lines, self.before_ghosts):
            if len(layer.data):
                self._put(layer, [])
            layer.visible = False

    def set_side_by_side(self, *, on: bool) -> None:
        """Show both pictures beside one another, or the one now alone."""
        on = on and self.before_picture is not None
        grid = compat.grid_of(self.viewer)
        if on:
            half = len(self.viewer.layers) // 2
            grid.stride, grid.shape, grid.spacing = half, (1, 2), 6
        for layer in (self.before_picture, self.before_lines):
            if layer is not None:
                layer.visible = on
        self.before_ghosts.visible = on and self.ghosts.visible
        if self.picture is not None:
            self.picture.visible = True
        grid.enabled = on
        self._name_pictures(on=on)

    def _name_pictures(self, *, on: bool) -> None:
        for picture in (self.before_picture, self.picture):
            if picture is not None:
                picture.name_overlay.visible = on
                picture.name_overlay.position = "top_center"

    @property
    def is_side_by_side(self) -> bool:
        """Whether two pictures are shown."""
        return bool(compat.grid_of(self.viewer).enabled)

    def flicker(self) -> bool:
        """Show the earlier picture in place of the one now, or back; return whether it is the earlier one."""
        if self.before_picture is None or self.picture is None:
            return False
        compat.grid_of(self.viewer).enabled = False
        shows_before = self.picture.visible
        self.before_picture.visible = True
        self.picture.visible = not shows_before
        self.before_lines.visible = shows_before
        self.before_ghosts.visible = False
        self._name_pictures(on=True)
        return bool(shows_before)

    def _lay_before(self) -> None:
        """Lay the earlier picture so that the alignment carries it onto the one now."""
        if self.before is None or self.before_picture is None or self.image is None or self._to_now is None:
            return
        now, then = (np.asarray(space_of(g)["scale"]) for g in (self.image.grid, self.before.grid))
        if self.image.grid.is_planar:
            middle = (np.asarray(self.before.grid.shape, dtype=np.float64) - 1) / 2
            place, slope = _local(self._to_now, middle)
            linear = np.diag(now) @ slope @ np.diag(1 / then)
            affine = np.eye(3)
            affine[:2, :2], affine[:2, 2] = linear, now * place - linear @ (then * middle)
            for layer in (self.before_picture, self.before_lines, self.before_ghosts):
                layer.scale, layer.affine = then, affine
                layer.units = self.lines.units
            return
        here = np.array([self.plane, *((np.asarray(self.image.grid.shape[1:]) - 1) / 2)])
        back = _inverse(self._to_now)
        place, slope = _local(back, here)
        sign = np.where(np.diag(slope) < 0, -1.0, 1.0)
        self.before_picture.scale = then * sign
        shift = now * here - then * sign * place
        self.before_picture.translate = shift
        for layer in (self.before_lines, self.before_ghosts):
            layer.scale, layer.translate, layer.units = (then * sign)[1:], shift[1:], self.lines.units

    @property
    def before_plane(self) -> int:
        """The earlier volume's plane that lies at the one now, at its middle."""
        assert self.image is not None
        assert self._to_now is not None
        here = np.array([self.plane, *((np.asarray(self.image.grid.shape[1:]) - 1) / 2)])
        return round(float(_local(_inverse(self._to_now), here)[0][0]))

    def _show_before_lines(self) -> None:
        self._put(self.before_lines, self._sliced(self._before_regions, self._plane_of_before()))

    def _plane_of_before(self) -> int | None:
        return None if self.before is None or self.before.grid.is_planar else self.before_plane

    def set_ghosts(self, regions: Sequence[Region]) -> None:
        """Show where the earlier outlines lie on the picture now."""
        self._ghosts = tuple(regions)
        self._put(self.ghosts, self._sliced(self._ghosts, self._plane_or_none()))

    def show_ghosts(self, *, on: bool) -> None:
        """Show or hide the outlines of the other picture on each."""
        self.ghosts.visible = on
        self.before_ghosts.visible = on and self.is_side_by_side

    def _show_before_ghosts(self) -> None:
        """Show what is drawn now on the earlier picture."""
        if self.before is None or self._to_now is None or self.image is None or not self.image.grid.is_planar:
            return
        from lesionkit.core.arrays import homogeneous

        back = _inverse(self._to_now)
        loops = [homogeneous(back, loop_of(outline)) for _, outline in parts_of(self.deposits)]
        self._put(self.before_ghosts, loops)

    def _sliced(self, regions: Sequence[Region], plane: int | None) -> list[Floats]:
        return [loop_of(outline) for region in regions for outline in _on_plane(region, plane)]

    # --- planes

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

    def _plane_changed(self, event: Any = None) -> None:
        del event
        if self.image is None or self.image.grid.is_planar or self.viewer.dims.ndim != 3:
            return
        if self._ghosts:
            self._put(self.ghosts, self._sliced(self._ghosts, self.plane))
        if self.before is not None:
            self._lay_before()
            self._show_before_lines()
        for tell in self.on_plane:
            tell()

    # --- looking

    def focus(self, deposit: Deposit) -> None:
        """Bring a deposit to the middle, large enough to work on."""
        assert self.image is not None
        low = np.min([_box_low(region) for region in deposit.regions], axis=0)
        high = np.max([_box_high(region) for region in deposit.regions], axis=0)
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

    def _write_letters(self) -> None:
        from napari.components.overlays import TextOverlay

        assert self.image is not None
        letters = letters_of(self.image.grid)
        overlays = compat.overlays_of(self.viewer)
        for side, place in (
            ("left", "middle_left"),
            ("right", "middle_right"),
            ("top", "top_center"),
            ("bottom", "bottom_center"),
        ):
            key = f"lesionkit_{side}"
            if key not in overlays:
                overlays[key] = TextOverlay(
                    position=place, gridded=True, box=False, font_size=14, color="white"
                )
            overlays[key].text = letters.get(side, "")
            overlays[key].visible = side in letters


def _same(shown: Sequence[Floats], loops: Sequence[Floats]) -> bool:
    return len(shown) == len(loops) and all(
        np.array_equal(np.asarray(a, dtype=np.float32), np.asarray(b, dtype=np.float32))
        for a, b in zip(shown, loops, strict=True)
    )


def _box_of(region: Region) -> tuple[slice, ...]:
    if isinstance(region, Mask):
        return region.box
    low, high = _box_low(region), _box_high(region)
    return tuple(slice(max(int(np.floor(a)), 0), int(np.ceil(b)) + 1) for a, b in zip(low, high, strict=True))


def _box_low(region: Region) -> Floats:
    if isinstance(region, Mask):
        return np.asarray(region.origin, dtype=np.float64)
    low = region.exterior.min(axis=0)
    return np.array([region.plane, *low], dtype=np.float64) if region.plane is not None else low


def _box_high(region: Region) -> Floats:
    if isinstance(region, Mask):
        return np.array([s.stop - 1 for s in region.box], dtype=np.float64)
    high = region.exterior.max(axis=0)
    return np.array([region.plane, *high], dtype=np.float64) if region.plane is not None else high


def _on_plane(region: Region, plane: int | None) -> tuple[Outline, ...]:
    """Return a region's outlines on a plane; all of them on a planar image."""
    from lesionkit.geometry.raster import edges
    from lesionkit.geometry.voxels import inside

    if isinstance(region, Outline):
        return (region,) if region.plane == plane else ()
    held = np.asarray(inside(region))
    if plane is None:
        return edges(Mask(voxels=held, origin=region.origin)) if held.any() else ()
    at = plane - region.origin[0]
    if held.ndim != 3 or not 0 <= at < len(held) or not held[at].any():
        return ()
    return edges(Mask(voxels=held[at], origin=region.origin[1:]))


def _local(matrix: Floats, point: Floats) -> tuple[Floats, Floats]:
    """Return where a transform carries a point, and its slope there."""
    from lesionkit.core.arrays import homogeneous

    axes = len(point)
    near = np.vstack([point, point + np.eye(axes) * 0.5, point - np.eye(axes) * 0.5])
    carried = homogeneous(matrix, near)
    return carried[0], (carried[1 : axes + 1] - carried[axes + 1 :]).T


def _inverse(matrix: Floats) -> Floats:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _middle_on_middle(then: Grid, now: Grid) -> Floats:
    matrix = np.eye(len(now.shape) + 1)
    ratio = np.asarray(now.shape, dtype=np.float64) / np.asarray(then.shape)
    if now.spacing_mm is not None and then.spacing_mm is not None:
        ratio = np.asarray(then.spacing_mm) / np.asarray(now.spacing_mm)
    middles = [(np.asarray(grid.shape, dtype=np.float64) - 1) / 2 for grid in (now, then)]
    matrix[:-1, :-1], matrix[:-1, -1] = np.diag(ratio), middles[0] - ratio * middles[1]
    return matrix
