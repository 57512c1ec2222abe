"""What becomes of gestures on the picture: each is handed to a verb of the session."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.outcome import Severity
from lesionkit.core.region import Deposit, Mask, Region
from lesionkit.errors import LesionkitError
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._gestures import Painted
from napari_lesionkit._layers import repainted
from napari_lesionkit._loops import mended, outline_from
from napari_lesionkit._seat import Seat
from napari_lesionkit._tools import (
    Tool,
    dense_only,
    regions_by,
)


class Handling(Seat):
    """Takes gestures: is what `Gestures` tells."""

    def drew(self, points: Floats) -> None:
        """Make of a line or a click what the tool makes of it."""
        if self.image is None or self.draft is None:
            return
        if not self.stage.is_on_planes:
            self.say(
                "Lines are drawn on the image as it was taken.", "Turn it back with Ctrl+R, Ctrl+E or Ctrl+T."
            )
            self._restore()
            return
        plane = None if self.image.grid.is_planar else self.stage.plane
        points = np.asarray(points, dtype=np.float64)[:, -2:]
        if self.tool is Tool.SCALE:
            self._restore()
            for ask in self.on_scale:
                ask(points)
        elif self.tool is Tool.CUT:
            self._do(lambda drawn: verbs.split(drawn, self._one(), along=points))
        else:
            self._outline(points, plane)

    def _outline(self, points: Floats, plane: int | None) -> None:
        assert self.image is not None
        tool = self.tool if self.tool in _OUTLINING else Tool.POLYGON
        window = self.window if tool is Tool.THRESHOLD else None
        try:
            if tool in (Tool.POLYGON, Tool.LASSO):
                points, was_mended = mended(points)
                if was_mended:
                    self.say("The line crossed itself; its largest part is kept.", severity=Severity.WARNING)
            regions = regions_by(tool, self.image, points, plane=plane, window=window)
        except LesionkitError as error:
            self._refused(error)
            self._restore()
            return
        before = {deposit.id for deposit in self._drawn_now.deposits}
        if plane is not None and self.chosen and tool not in (Tool.GROW,):
            self._add_to_chosen(regions)
        else:
            self._do(lambda drawn: verbs.draw(drawn, *regions, by=self._by))
        new = [deposit.id for deposit in self._drawn_now.deposits if deposit.id not in before]
        if new:
            self.choose(new[-1])

    def _add_to_chosen(self, regions: Sequence[Region]) -> None:
        old = self._drawn_now.deposit(self.chosen[0])
        self._do(lambda drawn: verbs.redraw(drawn, old.id, *old.regions, *regions, by=self._by))

    def moved(self, loops: Mapping[int, Floats]) -> None:
        """Take over lines that were changed."""
        try:
            changed = self._regions_with(loops)
        except LesionkitError as error:
            self._refused(error)
            self._restore()
            return
        for key, regions in changed.items():
            self._do(lambda drawn, key=key, regions=regions: verbs.redraw(drawn, key, *regions, by=self._by))  # type: ignore[misc]

    def _regions_with(self, loops: Mapping[int, Floats]) -> dict[str, list[Region]]:
        shown = self.gestures.shown()
        changed: dict[str, list[Region]] = {}
        for place, loop in loops.items():
            part, outline = shown[place]
            regions = changed.setdefault(part.deposit, list(self._drawn_now.deposit(part.deposit).regions))
            regions[part.region] = outline_from(loop, before=outline)
        return changed

    def moving(self, place: int, loop: Floats) -> None:
        """Let the table follow a point that is being dragged."""
        try:
            changed = self._regions_with({place: loop})
            drawn = self._drawn_now
            for key, regions in changed.items():
                drawn = verbs.redraw(drawn, key, *regions, by=self._by).on(drawn)
        except LesionkitError:
            return  # the line crosses itself just now; it is told when it is let go so
        for tell in self.on_preview:
            tell(drawn)

    def removed(self, places: tuple[int, ...]) -> None:
        """Take away what was deleted on the picture."""
        shown = self.gestures.shown()
        gone: dict[str, set[int]] = {}
        for place in places:
            gone.setdefault(shown[place][0].deposit, set()).add(shown[place][0].region)
        whole = [
            key for key, parts in gone.items() if len(parts) == len(self._drawn_now.deposit(key).regions)
        ]
        if whole:
            self._do(lambda drawn: verbs.delete(drawn, *whole))
        for key in gone.keys() - set(whole):
            left = [r for i, r in enumerate(self._drawn_now.deposit(key).regions) if i not in gone[key]]
            self._do(lambda drawn, key=key, left=left: verbs.redraw(drawn, key, *left, by=self._by))  # type: ignore[misc]

    def painted(self, strokes: Painted) -> None:
        """Take over voxels that were painted or rubbed out."""
        assert self.image is not None
        deposits = self._drawn_now.deposits
        for value, (added, taken) in strokes.items():
            if self.tool is Tool.DENSE_PAINT and len(added) and self.window is not None:
                added = added[dense_only(self.image, tuple(added.T), self.window)]
            if not len(added) and not len(taken):
                continue
            key = deposits[value - 1].id if value <= len(deposits) else None
            self._paint(key, added, taken)
        touched = np.concatenate([voxels for both in strokes.values() for voxels in both])
        low, high = touched.min(axis=0), touched.max(axis=0)
        self.stage.paint_anew([tuple(slice(int(a), int(b) + 1) for a, b in zip(low, high, strict=True))])

    def _paint(self, key: str | None, added: Any, taken: Any) -> None:
        assert self.image is not None
        shape = self.image.grid.shape
        old = None if key is None else as_mask(self._drawn_now.deposit(key), shape)
        mask = repainted(old, shape=shape, added=added, taken=taken)
        if key is None:
            if mask is not None:
                self._do(lambda drawn: verbs.draw(drawn, mask, by=self._by))
                self.choose(self._drawn_now.deposits[-1].id)
        elif mask is None:
            self._do(lambda drawn: verbs.delete(drawn, key))
        else:
            self._do(lambda drawn: verbs.redraw(drawn, key, mask, by=self._by))

    def pointed(self, place: int | None) -> None:
        """Choose the deposit whose line was clicked."""
        if place is not None:
            self.choose(self.gestures.shown()[place][0].deposit)


_OUTLINING = (Tool.POLYGON, Tool.LASSO, Tool.GROW, Tool.BOX, Tool.SNAP, Tool.SCRIBBLE, Tool.THRESHOLD)


def as_mask(deposit: Deposit, shape: tuple[int, ...]) -> Mask | None:
    """Return a deposit's voxels as one mask."""
    from lesionkit.geometry.raster import pixels
    from napari_lesionkit._shapes import together

    masks = [mask for region in deposit.regions if (mask := pixels(region, shape=shape)) is not None]
    if not masks:
        return None
    (one,) = together(masks)
    assert isinstance(one, Mask)
    return one
