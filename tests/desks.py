"""A small cohort to draw on, and a hand that draws with a real mouse."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from making import write_series

SHAPE = (240, 320)
MM_PER_PX = 0.25
BLOBS = ((80.0, 100.0, 22.0, 16.0), (150.0, 220.0, 18.0, 25.0))
"""Deposits of the photograph: row and column of the middle, half axes, pixels."""

FIRST, SECOND = "2012-03-01", "2013-03-01"


def blob(number: int, *, points: int = 40, share: float = 1.0) -> np.ndarray:
    """Return the true outline of a deposit of the photograph, (row, col)."""
    row, col, down, across = BLOBS[number]
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([row + share * down * np.sin(angle), col + share * across * np.cos(angle)], axis=1)


def write_skin(path: Path, *, seed: int = 1) -> Path:
    """Write a photograph of mottled skin with pale deposits."""
    from PIL import Image
    from scipy.ndimage import gaussian_filter

    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    mottled = sum(
        gaussian_filter(rng.normal(size=SHAPE), width) * width * gain for width, gain in ((2, 18), (6, 40))
    )
    skin = np.array([190, 140, 120])[None, None] + np.asarray(mottled)[..., None]
    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]]
    for row, col, down, across in BLOBS:
        inside = np.clip(
            (1 - np.hypot((rows - row) / down, (cols - col) / across)) * min(down, across) + 0.5, 0, 1
        )
        skin = skin * (1 - inside[..., None]) + np.array([240, 232, 205]) * inside[..., None]
    Image.fromarray(np.clip(skin, 0, 255).astype(np.uint8)).save(path, quality=95)
    return path


def write_outlines(image: Path, outlines: dict[str, np.ndarray]) -> Path:
    """Write outlines, (row, col) with pixel centres on integers, as GeoJSON beside an image."""
    features = []
    for name, ring in outlines.items():
        corners = [[float(c) + 0.5, float(r) + 0.5] for r, c in ring]
        geometry = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
        features.append({"type": "Feature", "geometry": geometry, "properties": {"deposit": name}})
    path = image.with_name(f"{image.stem}.outlines.geojson")
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def write_cohort(root: Path) -> Path:
    """Write one patient: two photographs, of which the first is outlined, and a CT with a dense deposit."""
    for day in (FIRST, SECOND):
        image = write_skin(root / "P01" / day / "left-hand.jpg")
        if day == FIRST:
            write_outlines(image, {"thumb": blob(0), "wrist": blob(1)})
    lines = "".join(f"P01/{day}/left-hand.jpg,{MM_PER_PX}\n" for day in (FIRST, SECOND))
    (root / "images.csv").write_text(f"path,mm_per_px\n{lines}", encoding="utf-8")
    return root


def write_ct(root: Path, *, planes: int = 8) -> Path:
    """Write a CT in soft tissue with one deposit of 600 HU in its middle planes, 4 x 5 pixels."""
    from pydicom import dcmread

    for number, path in enumerate(
        write_series(root / "P02" / FIRST / "ct", patient="P02", planes=range(planes), day=date(2012, 3, 1))
    ):
        ds = dcmread(path)
        values = np.full((20, 30), 1064, np.int16)
        if 2 <= number <= 5:
            values[8:12, 12:17] = 1624
        ds.PixelData = values.tobytes()
        ds.save_as(path)
    return root


class Hand:
    """A mouse and a keyboard on a window."""

    def __init__(self, panel: Any, qtbot: Any) -> None:
        from napari_lesionkit import _compat as compat

        self.panel, self.bot, self.compat = panel, qtbot, compat
        self.desk = panel.desk
        self.viewer = compat.unproxied(panel.viewer)
        self.canvas = compat.canvas_widget_of(self.viewer)

    def wait(self, ms: int = 70) -> None:
        self.bot.wait(ms)

    def until(self, done: Callable[[], bool], timeout: int = 90_000) -> None:
        self.bot.waitUntil(done, timeout=timeout)

    def idle(self) -> None:
        """Wait until nothing is being done."""
        self.until(lambda: not self.panel.work.is_busy and self.desk.image is not None)
        self.wait()

    def screen(self, point: Sequence[float]) -> Any:
        from qtpy.QtCore import QPoint

        scale = np.asarray(self.desk.stage.lines.scale)
        x, y = self.compat.place_on_screen(self.viewer, np.asarray(point)[-2:] * scale)
        return QPoint(x, y)

    def move(self, point: Sequence[float], *, held: bool = False) -> None:
        from qtpy.QtCore import QEvent, QPointF, Qt
        from qtpy.QtGui import QMouseEvent
        from qtpy.QtWidgets import QApplication

        at = self.screen(point)
        button = Qt.MouseButton.LeftButton if held else Qt.MouseButton.NoButton
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(at), QPointF(self.canvas.mapToGlobal(at)), Qt.MouseButton.NoButton,
            button, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(self.canvas, event)
        self.wait(15)

    def click(self, point: Sequence[float]) -> None:
        from qtpy.QtCore import Qt

        self.move(point)
        self.bot.mouseClick(self.canvas, Qt.MouseButton.LeftButton, pos=self.screen(point))
        self.wait()

    def double_click(self, point: Sequence[float]) -> None:
        from qtpy.QtCore import Qt

        self.bot.mouseDClick(self.canvas, Qt.MouseButton.LeftButton, pos=self.screen(point))
        self.wait()

    def drag(self, *points: Sequence[float]) -> None:
        from qtpy.QtCore import Qt

        self.move(points[0])
        self.bot.mousePress(self.canvas, Qt.MouseButton.LeftButton, pos=self.screen(points[0]))
        for point in points[1:]:
            self.move(point, held=True)
        self.bot.mouseRelease(self.canvas, Qt.MouseButton.LeftButton, pos=self.screen(points[-1]))
        self.wait()

    def polygon(self, points: np.ndarray) -> None:
        """Click round a deposit and double-click at the last point."""
        for point in points:
            self.click(point)
        self.double_click(points[-1])

    def press(self, key: str) -> None:
        """Press a key on the canvas, such as ``Ctrl+Z``."""
        from qtpy.QtCore import Qt
        from qtpy.QtGui import QKeySequence

        self.canvas.setFocus()
        both = QKeySequence.fromString(key.replace("Page", "Pg"))[0]
        self.bot.keyClick(self.canvas, both.key(), both.keyboardModifiers())
        self.wait()
        del Qt
