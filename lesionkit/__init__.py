"""Measure calcium deposits in the skin, follow them through time, and judge their change."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "run": "lesionkit.pipeline",
    "read_cohort": "lesionkit.io",
    "load_image": "lesionkit.io",
    "read_outlines": "lesionkit.io",
    "write_outlines": "lesionkit.io",
    "measure_deposits": "lesionkit.measure",
    "measure_labels": "lesionkit.measure",
    "link_deposits": "lesionkit.track",
    "classify": "lesionkit.classification",
    "write": "lesionkit.report",
}
"""Where each public name lives: loaded at first use, so that importing lesionkit stays light."""

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lesionkit' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
