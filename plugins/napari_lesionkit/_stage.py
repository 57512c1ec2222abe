"""The layers of one window: pictures, lines and paint, kept for its whole life.

napari 0.9 ends in a crash of the graphics driver where the last Shapes layer beside a painted picture is
removed and another is added. The lines' layers are therefore made once, locked, and given other data.
"""

from collections.abc import Sequence

import numpy as np
from napari.layers import Image as Picture
from napari.layers import Labels

from lesionkit.core.image import Image
from lesionkit.core.region import Deposit, Status
from napari_lesionkit import _compat as compat
from napari_lesionkit._beside import Beside
from napari_lesionkit._layers import (
    COLOURS,
    LEFT,
    label_map,
    parts_of,
    picture_layer,
    plane_space_of,
    space_of,
)
from napari_lesionkit._letters import ends_of
from napari_lesionkit._loops import loop_of
from napari_lesionkit._places import box_of, same_lines

CHOSEN = "#ffffff"
"""Of what is chosen."""


class Stage(Beside):
    """Shows the picture worked on with its lines and paint, and beside it an earlier one.

    Parameters
    ----------
    viewer : napari.Viewer or napari.components.ViewerModel
        The window, or one without a screen.
    """

    def show(
        self,
        image: Image,
        deposits: Sequence[Deposit],
        *,
        name: str,
        sides: tuple[str, str] | None = None,
    ) -> None:
        """Show a picture with what is drawn on it, alone.

        Parameters
        ----------
        image : Image
            The picture or volume.
        deposits : sequence of Deposit
            Drawn on it.
        name : str
            Of its layer.
        sides : tuple of str, optional
            What of the patient lies right and at the bottom of a planar image.
        """
        with compat.held_still(self.viewer):
            self._show(image, deposits, name=name, sides=sides)

    def _show(
        self, image: Image, deposits: Sequence[Deposit], *, name: str, sides: tuple[str, str] | None
    ) -> None:
        self.hide_before()
        kept, self.picture = self.picture, None
        self.image = image
        if kept is not None:
            self._drop(kept)
        if self.labels is not None:
            self._drop(self.labels)
            self.labels = None
        self._place_lines(image)
        data, settings, _ = picture_layer(image, name=name)
        self.picture = Picture(data, **settings)
        self._add(self.picture, self._index(self.ghosts))
        self.set_ghosts(())
        self.deposits = ()
        self.set_deposits(deposits)
        self._ends = ends_of(image.grid, sides)
        self._write_letters()
        if self.viewer.layers.selection.active is not self.lines:
            self.viewer.layers.selection.active = self.lines
        self.viewer.reset_view()
        if not image.grid.is_planar:
            self.go_to_plane(image.grid.shape[0] // 2)
        self._thin_lines()

    def _place_lines(self, image: Image) -> None:
        """Lay the lines on a picture that is laid or put in right after."""
        layers = self.ghosts, self.lines, self.before_lines, self.before_ghosts
        space = plane_space_of(image.grid)
        with compat.laid_together(self.viewer, layers):
            for layer in layers:
                self._place(layer, space)

    def ensure_paint(self) -> None:
        """Make the layer of paint of a volume once something is painted: it is as large as the volume."""
        if self.labels is not None or self.image is None or self.image.grid.is_planar:
            return
        self.labels = Labels(
            np.zeros(self.image.grid.shape, dtype=np.uint16),
            name="Deposits",
            opacity=0.5,
            **space_of(self.image.grid),
        )
        self.labels.brush_size = 3
        self._colours = {}
        self._add(self.labels, self._index(self.ghosts))
        if self.before is not None:
            self._pad()
            self.set_side_by_side(on=self.is_side_by_side)
        for tell in self.on_paint:
            tell()

    def rescale(self, image: Image) -> None:
        """Show the same pixels in another scale."""
        assert self.picture is not None
        self.image = image
        space = space_of(image.grid)
        self._place_lines(image)
        self.picture.scale, self.picture.units = space["scale"], space["units"]
        if self.before_picture is not None:
            self.before_picture.units = space["units"]
        self._lay_before()
        self.viewer.reset_view()
        self._thin_lines()

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
        if not same_lines(self.lines.data, loops):
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

    def _set_paint(self, before: Sequence[Deposit]) -> None:
        if self.deposits:
            self.ensure_paint()
        if self.labels is None:
            return
        assert self.image is not None
        old, new = {d.id: d for d in before}, {d.id: d for d in self.deposits}
        values = [d.id for d in before] == [d.id for d in self.deposits][: len(before)]
        changed = [d for key in old.keys() | new.keys() if old.get(key) is not new.get(key)
                   for d in (old.get(key), new.get(key)) if d is not None]  # fmt: skip
        self._colour_paint()
        if not values:
            self.paint_anew()
        elif changed:
            self.paint_anew([box_of(region) for deposit in changed for region in deposit.regions])

    def _colour_paint(self) -> None:
        from napari.utils.colormaps import DirectLabelColormap

        assert self.labels is not None
        colours: dict[int | None, str] = {None: COLOURS[Status.DRAWN], 0: "transparent"}
        for value, deposit in enumerate(self.deposits, 1):
            colours[value] = COLOURS.get(deposit.status, LEFT)
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
