"""Where real images lie that are not part of the project."""

import os
from pathlib import Path

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
