"""A small cohort, and the command line run in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from making import MM_PER_PX, write_outlines, write_photo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cohort of one patient, two photographs a year apart: deposit a halves, b stays."""
    root = tmp_path / "cohort"
    for day, height in (("2012-03-01", 20), ("2013-03-01", 10)):
        image = write_photo(root / "P01" / day / "left-hand.jpg")
        write_outlines(image, {"a": (100, 120, height, 40), "b": (30, 40, 8, 10)})
    (root / "images.csv").write_text(
        "path,mm_per_px\n"
        + "".join(f"P01/{day}/left-hand.jpg,{MM_PER_PX}\n" for day in ("2012-03-01", "2013-03-01")),
        encoding="utf-8",
    )
    return root


@pytest.fixture
def lesionkit(capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process: exit code, stdout, stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        from lesionkit.cli import main

        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return call
