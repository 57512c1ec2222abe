"""The manual's pictures of the viewer, made anew.

``xvfb-run -a -s "-screen 0 1920x1200x24" python docs/images/make_viewer_pictures.py [NAME ...]``
The sample cohort is copied first, so that nothing is written into it.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("NAPARI_ASYNC", "0")

import napari
import numpy as np
from napari_lesionkit._open import open_in
from napari_lesionkit._study import Study
from napari_lesionkit._tools import Tool
from qtpy.QtWidgets import QApplication

from lesionkit.core.image import Modality

ROOT = Path(__file__).parents[2]
OUT = Path(__file__).parent
SIZE = (1500, 900)
WIDTH, COLOURS = 1200, 256


def settle(panel: Any) -> None:
    """Wait until nothing is being done and everything is drawn."""
    until = time.time() + 1.5
    while panel.work.is_busy or time.time() < until:
        QApplication.processEvents()
        time.sleep(0.01)


def case_of(panel: Any, patient: str, modality: Modality, turn: int) -> Any:
    """Return an image of a patient, the first, second ... of its kind."""
    found = [c for c in panel.desk.cases if c.patient == patient and c.ref.modality is modality]
    return found[turn]


def go(panel: Any, case: Any) -> None:
    """Go to an image, and wait for it."""
    panel.desk.go_to(case)
    settle(panel)


def photograph(panel: Any) -> None:
    """Show two timepoints of a hand, near a deposit that is being corrected."""
    go(panel, case_of(panel, "P03", Modality.XC, 1))
    desk = panel.desk
    desk.take(Tool.CORRECT)
    desk.zoom_to(desk.draft.drawn.deposits[0].id)
    desk.stage.viewer.scene.camera.zoom *= 0.45


def radiograph(panel: Any) -> None:
    """Show a radiograph with its outlines, beside the earlier one."""
    go(panel, case_of(panel, "P03", Modality.DX, 2))
    desk = panel.desk
    desk.take(Tool.BOX)
    desk.zoom_to(desk.draft.drawn.deposits[0].id)
    desk.stage.viewer.scene.camera.zoom *= 0.35


def ct(panel: Any) -> None:
    """Show a CT at the plane of a deposit, painted."""
    desk = panel.desk
    for turn in (0, 1):
        go(panel, case_of(panel, "P02", Modality.CT, turn))
        desk.take_over("")
    go(panel, case_of(panel, "P02", Modality.CT, 0))
    go(panel, case_of(panel, "P02", Modality.CT, 1))
    desk.take(Tool.PAINT)
    desk.zoom_to(desk.draft.drawn.deposits[0].id)
    desk.stage.viewer.scene.camera.zoom *= 0.6


def reader(panel: Any) -> None:
    """Show a blinded case, of which one deposit was just clicked."""
    desk = panel.desk
    go(panel, next(c for c in desk.cases if c.ref.modality is Modality.XC))
    shown = next(c for c in sample(panel).cases if c.ref.id == desk.case.ref.id)
    deposit = sample(panel).peek(shown).present[0]
    desk.take(Tool.GROW)
    desk.drew(np.asarray(deposit.regions[0].exterior).mean(axis=0)[None])


def sample(panel: Any) -> Any:
    """Return the common reading of the folder, for its truth."""
    from napari_lesionkit._session import open_session

    return open_session(panel.desk.session.cohort.root)


PICTURES: dict[str, tuple[Callable[[Any], None], str, Study | None]] = {
    "viewer-photograph": (photograph, "", None),
    "viewer-radiograph": (radiograph, "", None),
    "viewer-ct": (ct, "anna", None),
    "viewer-reader": (reader, "anna", Study(seed=3, repeats=2)),
}


def take(name: str, folder: Path) -> None:
    """Make one picture."""
    from PIL import Image

    make, who, study = PICTURES[name]
    viewer = napari.Viewer()
    viewer.window.resize(*SIZE)
    panel = open_in(viewer, folder, reader=who, study=study)
    settle(panel)
    make(panel)
    settle(panel)
    shot = viewer.screenshot(canvas_only=False, flash=False)
    whole = Image.fromarray(shot[..., :3])
    small = whole.resize((WIDTH, round(WIDTH * whole.height / whole.width)), Image.Resampling.LANCZOS)
    small = small.quantize(COLOURS, kmeans=2, dither=Image.Dither.FLOYDSTEINBERG)
    OUT.mkdir(exist_ok=True)
    small.save(OUT / f"{name}.png", optimize=True)
    panel.close_session()
    viewer.close()
    QApplication.processEvents()


def main(names: list[str]) -> None:
    """Make the pictures of these names, or all."""
    for name in names or list(PICTURES):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "sample"
            folder.mkdir()
            for part in ("P02", "P03", "cohort.toml", "patients.csv", "treatments.csv", "images.csv"):
                copy = shutil.copytree if (ROOT / "sample_images" / part).is_dir() else shutil.copyfile
                copy(ROOT / "sample_images" / part, folder / part)
            take(name, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
