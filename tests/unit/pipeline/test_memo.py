"""Results are kept only where they can be had again whole."""

import json
from pathlib import Path

import numpy as np

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.measurement import Measurement
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.region import Outline
from lesionkit.core.transform import Part, Transform
from lesionkit.core.units import Quantity, Unit
from lesionkit.pipeline.linking import Alignment
from lesionkit.pipeline.measuring import Sizes
from lesionkit.pipeline.memo import Memo

AFFINE = np.array([[0.0, 0.0, 0.7, -10.0], [0.0, 0.6, 0.0, 5.0], [-2.5, 0.0, 0.0, 3.0], [0.0, 0.0, 0.0, 1.0]])


def sizes() -> Sizes:
    grid = Grid(
        shape=(4, 5, 6), spacing_mm=(2.5, 0.6, 0.7), affine=AFFINE, scale_source=ScaleSource.PATIENT_PLANE
    )
    area = Measurement(
        image="P01/ct",
        deposit="a",
        measure="area",
        quantity=Quantity(value=0.1 + 0.2, unit=Unit.MM2),
        scale_source=ScaleSource.PATIENT_PLANE,
    )
    problem = Problem(severity=Severity.WARNING, code="no_scale", about="P01/ct", text="No scale.")
    return Sizes(grid=grid, intensity_unit=Unit.HU, measurements=(area,), problems=(problem,))


def refuse() -> Sizes:
    raise AssertionError("it was kept and must not be computed again")


def test_what_is_recalled_equals_what_was_kept_to_the_last_digit(tmp_path: Path) -> None:
    memo = Memo(folder=tmp_path / "kept")
    kept = memo.recall_or(("key",), sizes)
    recalled = memo.recall_or(("key",), refuse)
    assert recalled.measurements == kept.measurements
    assert recalled.problems == kept.problems
    assert recalled.intensity_unit is Unit.HU
    assert recalled.grid.scale_source is ScaleSource.PATIENT_PLANE
    assert recalled.grid.shape == kept.grid.shape
    assert np.array_equal(recalled.grid.affine, kept.grid.affine)


def test_another_key_is_computed(tmp_path: Path) -> None:
    memo = Memo(folder=tmp_path)
    memo.recall_or(("one",), lambda: "first")
    assert memo.recall_or(("two",), lambda: "second") == "second"


def test_a_broken_file_is_computed_again_and_mended(tmp_path: Path) -> None:
    memo = Memo(folder=tmp_path)
    memo.recall_or(("key",), lambda: 1)
    (path,) = tmp_path.glob("*.json")
    path.write_text('{"kind": "os.system"', encoding="utf-8")
    assert memo.recall_or(("key",), lambda: 2) == 2
    assert memo.recall_or(("key",), refuse) == 2


def test_a_class_that_is_not_named_is_never_rebuilt(tmp_path: Path) -> None:
    memo = Memo(folder=tmp_path)
    memo.recall_or(("key",), lambda: 1)
    (path,) = tmp_path.glob("*.json")
    path.write_text('{"kind": "Popen", "parts": {"args": "true"}}', encoding="utf-8")
    assert memo.recall_or(("key",), lambda: 2) == 2


def test_force_computes_again_and_keeps_the_new_result(tmp_path: Path) -> None:
    Memo(folder=tmp_path).recall_or(("key",), lambda: 1)
    assert Memo(folder=tmp_path, force=True).recall_or(("key",), lambda: 2) == 2
    assert Memo(folder=tmp_path).recall_or(("key",), refuse) == 2


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    assert Memo(folder=blocked / "kept").recall_or(("key",), lambda: 3) == 3


def alignment() -> Alignment:
    square = Outline(exterior=[(0, 0), (0, 4), (4, 4.5), (4, 0)])
    left = Quantity(value=0.1 + 0.2, unit=Unit.MM)
    finger = Part(here=(square,), there=(square, square), matrix=np.eye(3) * [[2], [2], [1]], residual=left)
    lost = Part(here=(), there=(square,), matrix=np.eye(3), is_reliable=False)
    return Alignment(
        transform=Transform(
            source="b", target="a", matrix=np.eye(3), method="features", residual=left, parts=(finger, lost)
        )
    )


def test_an_alignment_is_recalled_with_its_parts(tmp_path: Path) -> None:
    memo = Memo(folder=tmp_path)
    memo.recall_or(("key",), alignment)
    recalled = memo.recall_or(("key",), refuse)
    assert isinstance(recalled, Alignment)
    finger, lost = recalled.transform.parts
    assert (len(finger.here), len(finger.there), len(lost.here)) == (1, 2, 0)
    assert (finger.residual, finger.is_reliable) == (Quantity(value=0.1 + 0.2, unit=Unit.MM), True)
    assert (lost.residual, lost.is_reliable) == (None, False)
    np.testing.assert_array_equal(recalled.transform.carry([[1, 1], [9, 9]]), [[2, 2], [9, 9]])


def test_what_was_kept_before_its_class_had_all_its_fields_is_computed_again(tmp_path: Path) -> None:
    memo = Memo(folder=tmp_path)
    memo.recall_or(("key",), alignment)
    (path,) = tmp_path.glob("*.json")
    kept = json.loads(path.read_text(encoding="utf-8"))
    del kept["parts"]["transform"]["parts"]["parts"]
    path.write_text(json.dumps(kept), encoding="utf-8")
    assert len(memo.recall_or(("key",), alignment).transform.parts) == 2
