"""How much slower the viewer is than napari alone, showing the same pixels.

Run under a screen: ``xvfb-run -a python benchmarks/annotate.py [ROUNDS]``. Each pair is timed in turn, in
one process; the ratio is that of the medians (in brackets: of the minima). Times are those of the processor,
all threads together: they do not hang on what else the machine does, and hold the drawing where it is done in
software. Opening lasts until the picture has been drawn once.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("NAPARI_ASYNC", "0")

import napari
import numpy as np
from napari_lesionkit import _compat as compat
from napari_lesionkit._stage import Stage
from napari_lesionkit._tools import Tool
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Outline
from lesionkit.core.units import Unit

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 7
MM = ScaleSource.PATIENT_PLANE


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def drawn(viewer: napari.Viewer) -> None:
    """Wait until the canvas has been drawn."""
    viewer.screenshot(canvas_only=True, flash=False)


def told(name: str, ours: list[float], bare: list[float], limit: float) -> None:
    ratio = statistics.median(ours) / statistics.median(bare)
    least = min(ours) / min(bare)
    print(
        f"{name}: {statistics.median(ours) * 1000:.0f} ms, bare {statistics.median(bare) * 1000:.0f} ms, "
        f"ratio {ratio:.2f} ({least:.2f}), to be at most {limit}",
        flush=True,
    )


def photograph() -> Image:
    rng = np.random.default_rng(0)
    small = rng.integers(0, 255, (300, 400, 3), dtype=np.uint8)
    pixels = np.ascontiguousarray(small.repeat(10, axis=0).repeat(10, axis=1))
    grid = Grid(shape=pixels.shape[:2], spacing_mm=(0.1, 0.1), scale_source=ScaleSource.MANIFEST)
    return Image(modality=Modality.XC, pixels=pixels, grid=grid, intensity_unit=Unit.GREY)


def scan() -> Image:
    rng = np.random.default_rng(0)
    plane = rng.integers(-200, 1200, (512, 512)).astype(np.int16)
    pixels = np.stack([np.roll(plane, shift, axis=0) for shift in range(300)])
    grid = Grid(shape=pixels.shape, spacing_mm=(1.0, 0.7, 0.7), scale_source=MM)
    return Image(modality=Modality.CT, pixels=pixels, grid=grid, intensity_unit=Unit.HU)


def opening(image: Image, name: str, limit: float) -> None:
    """Show an image in an open window: with our layers, and as napari shows the array."""
    ours, bare = [], []
    for _ in range(ROUNDS):
        for times, is_ours in ((bare, False), (ours, True)):
            viewer = napari.Viewer(show=True)
            stage = Stage(viewer) if is_ours else None
            drawn(viewer)

            def show(viewer: Any = viewer, stage: Any = stage) -> None:
                if stage is not None:
                    stage.show(image, (), name=name)
                else:
                    viewer.add_image(image.pixels, rgb=image.is_colour)
                drawn(viewer)

            times.append(seconds(show))
            viewer.close()
            QApplication.processEvents()
    told(f"open {name}", ours, bare, limit)


def ring(points: int, radius_px: float) -> np.ndarray:
    """Return a line as of a large deposit: 30 or 60 mm across at 0.1 mm per pixel."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = radius_px * (1 + 0.05 * np.sin(17 * angle))
    return np.stack([1500 + radius * np.sin(angle), 2000 + radius * np.cos(angle)], axis=1)


def drag(viewer: napari.Viewer, layer: Any, start: np.ndarray, steps: int = 10) -> None:
    """Drag a point of a line with the mouse, and let go; the canvas is drawn after every step."""
    canvas = compat.canvas_widget_of(viewer)

    def send(kind: QEvent.Type, point: np.ndarray, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        at = QPointF(*compat.place_on_screen(viewer, point * np.asarray(layer.scale)))
        there = canvas.mapToGlobal(at)
        none = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(canvas, QMouseEvent(kind, at, there, button, held, none))
        time.sleep(0.05)  # napari passes over moves that follow one another too soon
        QApplication.processEvents()
        drawn(viewer)

    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    send(QEvent.Type.MouseMove, start, none, none)
    send(QEvent.Type.MouseButtonPress, start, left, left)
    for step in range(1, steps + 1):
        send(QEvent.Type.MouseMove, start + 3.0 * step, none, left)
    send(QEvent.Type.MouseButtonRelease, start + 3.0 * steps, left, none)
    QApplication.processEvents()


def vertex() -> None:
    """Drag one point of an outline of 2,000 points; ours with journal, table and response behind it."""
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = [], []
        viewer, panel = cohort_with(Path(folder), ring(2000, 300))
        stage = panel.desk.stage
        panel.desk.take(Tool.CORRECT)
        other = napari.Viewer(show=True)
        other.window.resize(1400, 900)
        other.add_image(stage.image.pixels, rgb=True, scale=stage.picture.scale)
        plain = other.add_shapes([ring(2000, 300)], shape_type="polygon", face_color="transparent",
                                 edge_width=stage.lines.edge_width[0], scale=stage.lines.scale)  # fmt: skip
        plain.mode = "direct"
        for layer, one in ((plain, other), (stage.lines, viewer)):
            drawn(one)
            one.reset_view()
            layer.selected_data = {0}
            compat.camera_of(one).zoom *= 3
            drawn(one)
        for turn in range(ROUNDS):
            for times, one, layer in ((bare, other, plain), (ours, viewer, stage.lines)):
                start = np.asarray(layer.data[0][10 * turn + 5], dtype=float)
                before = layer.data[0].copy()
                times.append(seconds(lambda one=one, layer=layer, start=start: drag(one, layer, start)))
                assert not np.array_equal(layer.data[0], before), "the point was not moved"
        told("drag a point of 2,000, 10 steps", ours, bare, 1.5)
        close(viewer, panel)
        other.close()


def cohort_with(folder: Path, outline: np.ndarray) -> tuple[napari.Viewer, Any]:
    """Open a cohort of two photographs of 12 MP, of which the second has one outline."""
    from napari_lesionkit import _verbs as verbs
    from napari_lesionkit._open import open_in
    from PIL import Image as Picture

    pixels = photograph().pixels
    for day in ("2020-01-01", "2021-01-01"):
        path = folder / "P01" / day / "hand.png"
        path.parent.mkdir(parents=True)
        Picture.fromarray(pixels).save(path, compress_level=1)
    lines = "".join(f"P01/{day}/hand.png,0.1\n" for day in ("2020-01-01", "2021-01-01"))
    (folder / "images.csv").write_text(f"path,mm_per_px\n{lines}")
    viewer = napari.Viewer(show=True)
    viewer.window.resize(1800, 900)
    panel = open_in(viewer, folder)
    for case in panel.desk.cases:
        panel.desk.go_to(case)
        settle(panel)
        drawing = panel.desk.draft
        drawing.commit(verbs.draw(drawing.drawn, Outline(exterior=outline), by=drawing.stamp))
    settle(panel)
    panel.desk.stage.set_side_by_side(on=False)
    viewer.reset_view()
    return viewer, panel


def settle(panel: Any) -> None:
    until = time.time() + 1.5
    while panel.work.is_busy or time.time() < until:
        QApplication.processEvents()
        time.sleep(0.005)


def close(viewer: napari.Viewer, panel: Any) -> None:
    settle(panel)
    panel.close_session()
    viewer.close()
    QApplication.processEvents()


def table() -> None:
    """Show the table and the response anew after a gesture, and the table while a point is dragged."""
    from napari_lesionkit import _verbs as verbs

    with tempfile.TemporaryDirectory() as folder:
        viewer, panel = cohort_with(Path(folder), ring(200, 150))
        desk = panel.desk
        deposit = desk.draft.drawn.deposits[0]
        after, ahead = [], []
        for step in range(4 * ROUNDS):
            points = deposit.regions[0].exterior.copy()
            points[0] += 0.1 * (step + 1)
            moved = verbs.redraw(desk.draft.drawn, deposit.id, Outline(exterior=points), by=desk.draft.stamp)
            drawing = moved.on(desk.draft.drawn)

            def preview(drawing: Any = drawing) -> None:
                panel._drawn_ahead = drawing
                panel._show_preview()

            ahead.append(seconds(preview))
            desk.draft.commit(moved)
            after.append(seconds(panel.refresh))
        for name, times in (
            ("after a gesture, with the response", after),
            ("while a point is dragged", ahead),
        ):
            middle, least = statistics.median(times) * 1000, min(times) * 1000
            print(f"table {name}: {middle:.0f} ms ({least:.0f}), to be at most 50", flush=True)
        close(viewer, panel)


if __name__ == "__main__":
    print(date.today().isoformat(), "napari", napari.__version__, flush=True)
    vertex()
    table()
    opening(photograph(), "a photograph of 12 MP", 1.5)
    opening(scan(), "a CT of 512 x 512 x 300", 1.3)
