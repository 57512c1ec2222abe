"""Every private or lately renamed thing of napari that is used, and nothing else: what a new one may break.

Written against napari 0.9.2. Each function says what it stands for, so that it can be mended here alone.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
from napari.layers import Labels, Shapes

from lesionkit.core.arrays import Floats


def unproxied(thing: Any) -> Any:
    """Return napari's own object: panels are handed a viewer that lets nothing private through."""
    return getattr(thing, "__wrapped__", thing)


def camera_of(viewer: Any) -> Any:
    """Return the camera (``viewer.camera`` before 0.9)."""
    return viewer.scene.camera


def grid_of(viewer: Any) -> Any:
    """Return the settings of views side by side (``viewer.grid`` before 0.9)."""
    return viewer.canvas.grid


def scale_bar_of(viewer: Any) -> Any:
    """Return the scale bar (``viewer.scale_bar`` before 0.9)."""
    return viewer.canvas.overlays.scale_bar


def overlays_of(viewer: Any) -> Any:
    """Return what is written over the canvas, by name; new texts may be put in."""
    return viewer.canvas.overlays


def shown_axes(viewer: Any) -> tuple[int, ...]:
    """Return the axes that run down and across the screen; none where the view has three dimensions."""
    return tuple(int(axis) for axis in viewer.dims.displayed) if viewer.dims.ndisplay == 2 else ()


def turned(viewer: Any) -> tuple[bool, bool]:
    """Return whether rows run up the screen, and columns to the left (napari's own are down and right)."""
    vertical, horizontal = camera_of(viewer).orientation2d
    return str(getattr(vertical, "value", vertical)) == "up", str(
        getattr(horizontal, "value", horizontal)
    ) == "left"


def canvas_size(viewer: Any) -> tuple[int, int]:
    """Return height and width of the canvas in screen pixels."""
    height, width = viewer.canvas.size
    return int(height), int(width)


def is_drawing(layer: Shapes) -> bool:
    """Return whether a shape is begun and not yet finished."""
    return bool(layer._is_creating)


def is_moving(layer: Shapes) -> bool:
    """Return whether a shape or one of its points is being dragged."""
    return bool(layer._is_moving)


def finish_drawing(layer: Shapes) -> None:
    """Finish the shape that is being drawn."""
    layer._finish_drawing()


def take_back_point(layer: Shapes) -> bool:
    """Take back the last point of the line that is being drawn; False where none can be.

    napari has no way to do so (issue 6489). The last point of the data follows the cursor; the one before
    is the last that was set.
    """
    index = layer._moving_value[0]
    if not layer._is_creating or index is None:
        return False
    points = np.asarray(layer._data_view.shapes[index].data)
    if len(points) <= 2:
        return False
    layer._data_view.edit(index, np.delete(points, len(points) - 2, axis=0))
    layer._value = (index, len(points) - 2)
    layer._moving_value = (index, len(points) - 2)
    layer._last_cursor_position = None if layer._last_cursor_position is None else np.array([-1.0, -1.0])
    layer.refresh()
    return True


def points_while_moving(layer: Shapes, index: int) -> Floats:
    """Return a shape's points as they are on the screen at this moment."""
    return np.asarray(layer._data_view.shapes[index].data, dtype=np.float64)


def moving_shape(layer: Shapes) -> int | None:
    """Return which shape is being dragged just now; None where none is."""
    if layer._is_creating or not layer._is_moving:
        return None
    return next(iter(layer.selected_data), None)


def stroke_boxes(item: Any) -> list[tuple[slice, ...]]:
    """Return the boxes of a volume in which one stroke of paint changed something, one per dab.

    Parameters
    ----------
    item : list
        Value of the Labels layer's event ``paint``. A dab is told as slices and a mask, or by its indices.
    """
    boxes = []
    for atom in item:
        slices = getattr(atom, "slice_key", None)
        if slices is None:
            low, high = zip(*((int(np.min(axis)), int(np.max(axis))) for axis in atom[0]), strict=True)
            slices = tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True))
        boxes.append(tuple(slices))
    return boxes


def forget_strokes(layer: Labels) -> None:
    """Empty napari's own list of strokes to undo: the session's is the one that counts."""
    layer._reset_history()


def window_of(viewer: Any) -> Any | None:
    """Return the Qt window of a viewer, for dialogs to lie over; None where there is none."""
    window = getattr(unproxied(viewer), "window", None)
    return getattr(window, "_qt_window", None)


def canvas_widget_of(viewer: Any) -> Any | None:
    """Return the widget that is drawn on and takes mouse and keys; None where there is none."""
    window = getattr(unproxied(viewer), "window", None)
    return None if window is None else window._qt_viewer.canvas.native


@contextmanager
def held_still(viewer: Any) -> Iterator[None]:
    """Let nothing be sliced or drawn meanwhile, and all of it once at the end.

    napari slices every layer at each change of an axis, and its panels make Qt draw every step on the way.
    """
    canvas, slice_all = canvas_widget_of(viewer), viewer._update_layers
    with ExitStack() as stack:
        for name in ("point", "current_step", "margin_left", "margin_right"):
            stack.enter_context(getattr(viewer.dims.events, name).blocker(slice_all))
        if canvas is not None and canvas.updatesEnabled():
            canvas.setUpdatesEnabled(False)
            stack.callback(lambda: canvas.setUpdatesEnabled(True))  # which asks for one drawing of it all
        yield
        slice_all()


@contextmanager
def laid_together(viewer: Any, layers: Sequence[Any]) -> Iterator[None]:
    """Let the viewer not look at where its layers lie before the next one is laid or put in."""
    measure = viewer._on_layers_change
    with ExitStack() as stack:
        for layer in layers:
            for name in ("scale", "units", "axis_labels", "translate", "affine"):
                stack.enter_context(getattr(layer.events, name).blocker(measure))
        yield


@contextmanager
def unchosen(viewer: Any) -> Iterator[None]:
    """Put layers in without choosing them."""
    layers = viewer.layers
    before, layers._activate_on_insert = layers._activate_on_insert, False
    try:
        yield
    finally:
        layers._activate_on_insert = before


def place_on_screen(viewer: Any, world: Floats) -> tuple[int, int]:
    """Return where a point of the world ``(row, col)`` lies on the canvas, as x and y in its pixels.

    Of two pictures side by side, on the right one.
    """
    camera, grid = camera_of(viewer), grid_of(viewer)
    height, width = canvas_size(viewer)
    middle = width / 2
    if grid.enabled:
        middle = width - (width - float(grid.spacing)) / 4
    row, col = (np.asarray(world)[-2:] - np.asarray(camera.center)[-2:]) * camera.zoom
    return round(middle + col), round(height / 2 + row)


def bind(layer: Any, key: str, call: Callable[..., Any]) -> None:
    """Bind a key on a layer or a viewer, in place of what was bound."""
    layer.bind_key(key, call, overwrite=True)
