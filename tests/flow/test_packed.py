"""A cohort whose images lie in archives: measured as if they were unpacked, and nothing is left behind."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lesionkit.io import archive

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def packed(folder: Path, tmp_path: Path) -> Path:
    """The cohort with each day's folder packed."""
    root = tmp_path / "packed"
    shutil.copytree(folder, root)
    table = (root / "images.csv").read_text(encoding="utf-8")
    for day in sorted((root / "P01").iterdir()):
        with zipfile.ZipFile(day.with_name(f"{day.name}.zip"), "w", zipfile.ZIP_DEFLATED) as made:
            for file in sorted(day.iterdir()):
                made.write(file, file.name)
        shutil.rmtree(day)
        table = table.replace(f"{day.name}/", f"{day.name}.zip/")
    (root / "images.csv").write_text(table, encoding="utf-8")
    return root


def outside_derivatives(root: Path) -> list[tuple[Path, bytes]]:
    files = (file for file in sorted(root.rglob("*")) if file.is_file())
    return [(file, file.read_bytes()) for file in files if "derivatives" not in file.parts]


def test_packed_images_give_the_responses_of_unpacked_ones(
    lesionkit: Run, folder: Path, packed: Path
) -> None:
    before = outside_derivatives(packed)
    results = []
    for root in (folder, packed):
        assert lesionkit("measure", root)[0] == 0
        results.append((root / "derivatives/lesionkit/responses.csv").read_text(encoding="utf-8"))
    assert results[0] == results[1]
    assert outside_derivatives(packed) == before
    run = json.loads((packed / "derivatives/lesionkit/run.json").read_text(encoding="utf-8"))
    assert "P01/2012-03-01.zip/left-hand.jpg" in run["inputs"]


def test_what_was_measured_in_an_archive_is_not_measured_again(
    lesionkit: Run, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lesionkit("measure", packed)[0] == 0
    first = (packed / "derivatives/lesionkit/measurements.csv").read_bytes()

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("an unchanged image was measured again")

    monkeypatch.setattr("lesionkit.measure.measure_deposits", refuse)
    # Another run unpacks to another place.
    monkeypatch.setattr(archive, "_UNPACKED", archive._Kept())
    assert lesionkit("measure", packed)[0] == 0
    assert (packed / "derivatives/lesionkit/measurements.csv").read_bytes() == first


def test_the_pages_of_packed_images_show_them(lesionkit: Run, packed: Path) -> None:
    assert lesionkit("report", packed)[0] == 0
    page = (packed / "derivatives/lesionkit/report/P01.html").read_text(encoding="utf-8")
    assert "data:image/" in page
    assert "lesionkit-unpacked" not in page
