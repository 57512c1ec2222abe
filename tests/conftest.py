"""Where real images lie that are not part of the project."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]

HAS_SCREEN = not sys.platform.startswith("linux") or any(
    os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
)
if not HAS_SCREEN:
    # Without it Qt ends the whole process where a test only makes a button.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("NAPARI_ASYNC", "0")


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Skip what needs a window where there is no screen; a check of a change must have one."""
    canvas = [item for item in items if item.get_closest_marker("canvas")]
    if HAS_SCREEN or not canvas:
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError("there is no screen for the canvas tests: run pytest under xvfb-run -a")
    for item in canvas:
        item.add_marker(pytest.mark.skip(reason="there is no screen: run pytest under xvfb-run -a"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real images with known truth; skip where it is not at hand."""
    folder = Path(os.environ.get("LESIONKIT_SHARED", ROOT / "../shared")).resolve()
    data = folder / "data" if (folder / "data").is_dir() else folder
    if not (data / "README.md").is_file():
        pytest.skip(f"real images are not at hand: set LESIONKIT_SHARED (looked in {folder.name})")
    return data


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the tables that tests made (``record_property("table", "Title\nlines")``)."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, table in getattr(report, "user_properties", ()):
                if name == "table" and getattr(report, "when", "") == "call":
                    title, _, lines = table.partition("\n")
                    terminalreporter.section(title, sep="-")
                    terminalreporter.write_line(lines)
