"""What a hand did on the layers, told as gestures: lines drawn, moved and taken away, voxels painted.

napari tells of a drawing while it is still at it, and of a dragged point only when it is let go, without
what was there before. So the lines that are shown are remembered, and looked at once napari is done.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from napari.layers import Shapes

from lesionkit.core.arrays import Floats
from lesionkit.core.region import Outline
from napari_lesionkit import _compat as compat
from napari_lesionkit._layers import Part, label_map, parts_of
from napari_lesionkit._stage import Stage

Indices = npt.NDArray[np.intp]
Painted = Mapping[int, tuple[Indices, Indices]]
"""By value: the voxels that took it, and those that lost it."""


class Hand(Protocol):
    """Who is told of gestures."""

    def drew(self, points: Floats) -> None:
        """Hear that a line was drawn, or a point clicked."""

    def moved(self, loops: Mapping[int, Floats]) -> None:
        """Hear that lines were changed: by their place among what is shown, as they are now."""

    def moving(self, place: int, loop: Floats) -> None:
        """Hear that a point of a line is being dragged; it is not let go yet."""

    def removed(self, places: tuple[int, ...]) -> None:
        """Hear that lines were taken away."""

    def painted(self, strokes: Painted) -> None:
        """Hear that voxels were painted or rubbed out."""

    def pointed(self, place: int | None) -> None:
        """Hear that a line was chosen; None: none any more."""


def at_once(call: Callable[[], None]) -> None:
    """Do it now; where there is a window, it is done when napari has finished its own part."""
    call()


class Gestures:
    """Listens to the layers of a stage.

    Parameters
    ----------
    stage : Stage
        Whose layers.
    hand : Hand
        Who is told.
    later : callable
        Runs a callable as soon as napari has finished what it is doing.
    """

    def __init__(
        self, stage: Stage, hand: Hand, *, later: Callable[[Callable[[], None]], None] = at_once
    ) -> None:
        self.stage = stage
        self.hand = hand
        self.wants_click = False
        self._later = later
        self._is_waiting = False
        self._gone: set[int] = set()
        self._bound_labels: Any = None
        lines = stage.lines
        lines.events.data.connect(self._lines_changed)
        lines.events.set_data.connect(self._lines_drawn_anew)
        lines.selected_data.events.items_changed.connect(self._selection_changed)
        lines.mouse_drag_callbacks.append(self._clicked)

    def shown(self) -> tuple[tuple[Part, Outline], ...]:
        """Return what the lines on the screen are."""
        planar = self.stage.image is not None and self.stage.image.grid.is_planar
        return parts_of(self.stage.deposits) if planar else ()

    def bind_paint(self) -> None:
        """Listen to the paint of the volume that is shown now."""
        labels = self.stage.labels
        if labels is not None and labels is not self._bound_labels:
            labels.events.paint.connect(self._stroked)
        self._bound_labels = labels

    # --- lines

    def _lines_changed(self, event: Any) -> None:
        if self.stage.is_refreshing:
            return
        action = str(getattr(event.action, "value", event.action))
        if action in ("adding", "changing", "removing"):
            return
        if action == "removed":
            count = len(self.shown())
            self._gone |= {int(i) % count for i in event.data_indices if count and -count <= i < count}
        if not self._is_waiting:
            self._is_waiting = True
            self._later(self._settle)

    def _settle(self) -> None:
        self._is_waiting = False
        gone, self._gone = tuple(sorted(self._gone)), set()
        lines, shown = self.stage.lines, self.shown()
        data = [np.asarray(points, dtype=np.float64) for points in lines.data]
        if gone:
            self.hand.removed(gone)
        elif len(data) > len(shown):
            self.hand.drew(rounded(data[-1]) if lines.shape_type[-1] == "ellipse" else data[-1])
        elif len(data) < len(shown):
            self.hand.removed(tuple(_missing(data, shown)))
        else:
            changed = {
                place: loop
                for place, (loop, (_, outline)) in enumerate(zip(data, shown, strict=True))
                if not _is_shown(loop, outline)
            }
            if changed:
                self.hand.moved(changed)
        self.stage.catch_up()

    def _lines_drawn_anew(self, event: Any = None) -> None:
        del event
        if self.stage.is_refreshing:
            return
        lines = self.stage.lines
        place = compat.moving_shape(lines)
        if place is not None and place < len(self.shown()):
            self.hand.moving(place, compat.points_while_moving(lines, place))

    def _selection_changed(self, *_: Any) -> None:
        lines = self.stage.lines
        if self.stage.is_refreshing or compat.is_drawing(lines):
            return
        chosen = [int(i) for i in lines.selected_data if int(i) < len(self.shown())]
        if chosen:
            self.hand.pointed(chosen[0])

    def _clicked(self, layer: Shapes, event: Any) -> Iterator[None]:
        if not self.wants_click or event.button != 1:
            return
        start = np.asarray(event.pos, dtype=np.float64)
        point = np.asarray(layer.world_to_data(event.position), dtype=np.float64)
        yield
        far = 0.0
        while event.type == "mouse_move":
            far = max(far, float(np.hypot(*(np.asarray(event.pos) - start))))
            yield
        if far < 4:
            self._later(lambda: self.hand.drew(point[None, -2:]))

    # --- paint

    def _stroked(self, event: Any) -> None:
        if self.stage.is_refreshing or self.stage.labels is None:
            return
        strokes = self._difference(compat.stroke_boxes(event.value))
        if strokes:
            self._later(lambda: self.hand.painted(strokes))

    def _difference(self, boxes: list[tuple[slice, ...]]) -> dict[int, tuple[Indices, Indices]]:
        """Return by value what in some boxes is painted otherwise than what is drawn."""
        assert self.stage.image is not None
        assert self.stage.labels is not None
        if not boxes:
            return {}
        box = tuple(slice(min(b[a].start for b in boxes), max(b[a].stop for b in boxes)) for a in range(3))
        was = label_map(self.stage.deposits, grid=self.stage.image.grid)[box]
        now = np.asarray(self.stage.labels.data[box])
        start = np.array([s.start for s in box])
        values = np.setdiff1d(np.union1d(was[was != now], now[was != now]), [0])
        return {
            int(value): (
                np.argwhere((now == value) & (was != value)) + start,
                np.argwhere((was == value) & (now != value)) + start,
            )
            for value in values
        }


def rounded(box: Floats) -> Floats:
    """Return the line of an ellipse, of which napari tells the four corners around it."""
    middle, angle = box.mean(axis=0), np.linspace(0, 2 * np.pi, 180, endpoint=False)[:, None]
    across, down = (box[1] - box[0]) / 2, (box[3] - box[0]) / 2
    return np.asarray(middle + across * np.cos(angle) + down * np.sin(angle))


def _is_shown(loop: Floats, outline: Outline) -> bool:
    from napari_lesionkit._loops import loop_of

    old = np.asarray(loop_of(outline), dtype=np.float32)
    return loop.shape == old.shape and np.array_equal(np.asarray(loop, dtype=np.float32), old)


def _missing(data: list[Floats], shown: tuple[tuple[Part, Outline], ...]) -> Iterator[int]:
    """Yield the places of lines that are shown no more."""
    left = list(data)
    for place, (_, outline) in enumerate(shown):
        found = next((i for i, loop in enumerate(left) if _is_shown(loop, outline)), None)
        if found is None:
            yield place
        else:
            del left[found]
