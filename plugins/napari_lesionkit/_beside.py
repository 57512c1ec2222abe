"""The earlier picture beside the one now, its outlines, and each one's outlines on the other."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from napari.layers import Image as Picture
from napari.layers import Labels

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image
from lesionkit.core.region import Deposit, Region
from napari_lesionkit import _compat as compat
from napari_lesionkit._easel import Easel
from napari_lesionkit._layers import parts_of, picture_layer, space_of
from napari_lesionkit._loops import loop_of
from napari_lesionkit._places import inverse, middle_on_middle, near


class Beside(Easel):
    """Shows an earlier picture beside the one now."""

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
        self.align_before(middle_on_middle(image.grid, self.image.grid))
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
            if layer.visible:
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
        self.before_ghosts.visible = on and self.shows_ghosts
        if self.picture is not None:
            self.picture.visible = True
        grid.enabled = on
        self._name_pictures(on=on)

    def _name_pictures(self, *, on: bool) -> None:
        for picture in (self.before_picture, self.picture):
            if picture is not None:
                picture.name_overlay.visible = on
                picture.name_overlay.position = "top_center"

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
            place, slope = near(self._to_now, middle)
            linear = np.diag(now) @ slope @ np.diag(1 / then)
            affine = np.eye(3)
            affine[:2, :2], affine[:2, 2] = linear, now * place - linear @ (then * middle)
            for layer in (self.before_picture, self.before_lines, self.before_ghosts):
                layer.scale, layer.affine = then, affine
                layer.units = self.lines.units
            return
        here = np.array([self.plane, *((np.asarray(self.image.grid.shape[1:]) - 1) / 2)])
        back = inverse(self._to_now)
        place, slope = near(back, here)
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
        return round(float(near(inverse(self._to_now), here)[0][0]))

    def _show_before_lines(self) -> None:
        self._put(self.before_lines, self._sliced(self._before_regions, self._plane_of_before()))

    def _plane_of_before(self) -> int | None:
        return None if self.before is None or self.before.grid.is_planar else self.before_plane

    def set_ghosts(self, regions: Sequence[Region]) -> None:
        """Show where the earlier outlines lie on the picture now."""
        self._ghosts = tuple(regions)
        self._put_ghosts(self._plane_or_none())

    def _put_ghosts(self, plane: int | None) -> None:
        loops = self._sliced(self._ghosts, plane)
        self._put(self.ghosts, loops)
        if loops and self._ghosts_wanted is not None:
            # The first that there are: from here on the layer itself tells whether they are to be seen.
            self.ghosts.visible, self._ghosts_wanted = self._ghosts_wanted, None

    @property
    def shows_ghosts(self) -> bool:
        """Whether the outlines of the other picture are to be seen, where there are any."""
        return bool(self.ghosts.visible) if self._ghosts_wanted is None else self._ghosts_wanted

    def show_ghosts(self, *, on: bool) -> None:
        """Show or hide the outlines of the other picture on each."""
        if self._ghosts_wanted is None:
            self.ghosts.visible = on
        else:
            self._ghosts_wanted = on
        self.before_ghosts.visible = on and self.is_side_by_side

    def _show_before_ghosts(self) -> None:
        """Show what is drawn now on the earlier picture."""
        if self.before is None or self._to_now is None or self.image is None or not self.image.grid.is_planar:
            return
        from lesionkit.core.arrays import homogeneous

        back = inverse(self._to_now)
        loops = [homogeneous(back, loop_of(outline)) for _, outline in parts_of(self.deposits)]
        self._put(self.before_ghosts, loops)

    def _plane_changed(self, event: Any = None) -> None:
        del event
        if self.image is None or self.image.grid.is_planar or self.viewer.dims.ndim != 3:
            return
        if self._ghosts:
            self._put_ghosts(self.plane)
        if self.before is not None:
            self._lay_before()
            self._show_before_lines()
        super()._plane_changed()
