"""Files to nouns and back: folders, photographs, DICOM, label maps, outlines."""

from importlib import import_module
from typing import Any

_HOME = {
    "FolderContents": "folder",
    "read_cohort": "folder",
    "read_folder": "folder",
    "read_settings": "settings",
    "load_image": "load",
    "read_geojson": "geojson",
    "write_outlines": "geojson",
    "read_outlines": "outlines",
    "DrawingFile": "drawings",
    "find_drawings": "drawings",
    "load_drawing": "drawings",
    "fingerprint": "files",
    "READERS": "readers",
}
"""In which module each public name lives: loaded at first use, so that importing stays light."""

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lesionkit.io' has no attribute {name!r}")
    return getattr(import_module(f"lesionkit.io.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
