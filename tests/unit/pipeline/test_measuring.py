"""One image and all its outline files."""

from pathlib import Path

import pytest
from making import write_outlines, write_photo

from lesionkit.core.outcome import Severity
from lesionkit.core.settings import ScaleSettings
from lesionkit.io import find_drawings, read_folder, read_settings
from lesionkit.pipeline.measuring import Measured, MeasureJob, measure_image
from lesionkit.pipeline.memo import Memo


def measure(root: Path) -> Measured:
    """Measure the one image of a folder with all its outline files, whosever they are."""
    contents = read_folder(root, settings=read_settings(root))
    (ref,) = contents.cohort.images
    files, _ = find_drawings(contents.cohort, contents.outline_files)
    return measure_image(
        MeasureJob(ref=ref, files=files[ref.id], scale=ScaleSettings(), inputs=(), memo=Memo())
    )


def test_what_an_unusable_file_held_counts_as_left_out(tmp_path: Path) -> None:
    image = write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    write_outlines(image, {"a": (10, 10, 5, 5)})
    image.with_name("left-hand.outlines.bob.geojson").write_text("not json", encoding="utf-8")
    found = measure(tmp_path)
    assert found.drawing is not None
    assert len(found.drawing.left_out) == 1
    assert Severity.ERROR in {problem.severity for problem in found.problems}


def test_an_image_that_cannot_be_loaded_is_one_problem_about_it(tmp_path: Path) -> None:
    image = write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    write_outlines(image, {"a": (10, 10, 5, 5)})
    image.write_bytes(image.read_bytes()[:-3000])
    found = measure(tmp_path)
    assert found.sizes is None
    assert [(p.severity, p.about) for p in found.problems if p.code == "image_not_measured"] == [
        (Severity.ERROR, "P01/2012-03-01/left-hand.jpg")
    ]


def test_an_image_on_which_nothing_is_drawn_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    write_outlines(image, {"a": (10, 10, 5, 5)})
    monkeypatch.setattr("lesionkit.io.load_drawing", lambda file, image: (None, ()))
    found = measure(tmp_path)
    assert found.drawing is None
    assert [(p.code, p.severity) for p in found.problems] == [("not_outlined", Severity.WARNING)]
