"""Where real images lie that are not part of the project."""

import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


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
