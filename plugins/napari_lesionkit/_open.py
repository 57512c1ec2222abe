"""A window of napari with the panel in it, opened on a cohort: what ``lesionkit annotate`` starts."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import napari

from lesionkit.errors import InputError, MissingExtraError
from napari_lesionkit._study import Study

if TYPE_CHECKING:
    from napari_lesionkit._widget import DepositsWidget

PLUGIN, PANEL = "lesionkit", "Deposits"


def annotate(
    folder: Path,
    /,
    *,
    patient: str | None = None,
    reader: str = "",
    seed: int | None = None,
    repeats: int = 0,
) -> None:
    """Open a window on a cohort and return when it is closed.

    Parameters
    ----------
    folder : Path
        The cohort.
    patient : str, optional
        Whose images are offered; all patients' where left out.
    reader : str
        Who outlines; empty for the common reading.
    seed : int, optional
        Of a reader study: blinds the reader, and decides on the order.
    repeats : int
        So many images of the study come a second time.

    Raises
    ------
    MissingExtraError
        If there is no Qt binding.
    InputError
        If there is no screen, the folder is not there, or a study has no reader.
    """
    must_have_qt()
    must_have_screen()
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}", hint="Check the path.")
    if seed is not None and not reader:
        raise InputError("a study needs to know who reads", hint="Name the reader: --reader NAME.")
    study = None if seed is None else Study(seed=seed, repeats=repeats)
    viewer = napari.Viewer(title="lesionkit")
    open_in(viewer, folder, patient=patient, reader=reader, study=study)
    napari.run()


def open_in(
    viewer: Any, folder: Path, *, patient: str | None = None, reader: str = "", study: Study | None = None
) -> "DepositsWidget":
    """Return the panel of a window, with a cohort open in it."""
    _, panel = viewer.window.add_plugin_dock_widget(PLUGIN, PANEL)
    panel.open_folder(folder, patient=patient, reader=reader, study=study)
    return panel  # type: ignore[no-any-return]


def must_have_qt() -> None:
    """Raise where neither Qt binding that napari knows is installed.

    Raises
    ------
    MissingExtraError
        With the extra to install.
    """
    if find_spec("PyQt6") is None and find_spec("PySide6") is None:
        raise MissingExtraError(
            "napari needs Qt, which is not installed",
            group="lesionkit.viewers",
            name="napari",
            hint='Install it: pip install "lesionkit[napari]"',
        )


def must_have_screen() -> None:
    """Raise where Qt would find no screen, which it answers by ending the process.

    Raises
    ------
    InputError
        On Linux without X11 or Wayland.
    """
    if sys.platform.startswith("linux") and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        raise InputError(
            "there is no screen to open a window on",
            hint="Start it in a graphical session, or through ssh -X.",
        )
