"""Digital reference objects: photographs, radiographs, CT and MR of one anatomy whose truth is known."""

from importlib import import_module
from typing import Any

_HOME = {
    "Block": "volume",
    "Box": "box",
    "Concretion": "concretion",
    "Light": "photo",
    "Limb": "anatomy",
    "Participant": "history",
    "Placed": "props",
    "Pose": "volume",
    "Rendering": "rendering",
    "Side": "anatomy",
    "Skin": "skin",
    "Strand": "history",
    "Table": "photo",
    "View": "camera",
    "Visit": "history",
    "draw_outline": "drawing",
    "grow_skin": "skin",
    "paint_voxels": "drawing",
    "participants": "cohort",
    "render_photograph": "rendering",
    "render_radiograph": "rendering",
    "render_volume": "rendering",
    "true_masks": "rendering",
    "true_outlines": "rendering",
    "write_cohort": "write",
}
"""In which module each public name lives: loaded at first use, so that importing stays light."""

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lesionkit.phantom' has no attribute {name!r}")
    return getattr(import_module(f"lesionkit.phantom.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
