"""From a folder to a response, with a truth that can be worked out by hand."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from making import MM_PER_PX, write_outlines, write_photo

import lesionkit as lk
from lesionkit.core.response import Category, Evaluation

Run = Callable[..., tuple[int, str, str]]


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / "derivatives/lesionkit" / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def final_response(folder: Path) -> dict[str, str]:
    table = rows(folder, "responses.csv")
    return next(row for row in table if (row["evaluation"], row["site"]) == ("final", "all"))


def test_sizes_tracks_and_responses_are_those_drawn(lesionkit: Run, folder: Path) -> None:
    code, out, err = lesionkit("measure", folder)
    assert (code, err) == (0, "")
    sizes = {(r["date"], r["deposit"]): float(r["area_mm2"]) for r in rows(folder, "measurements.csv")}
    assert sizes == pytest.approx(
        {
            ("2012-03-01", "a"): 800 * MM_PER_PX**2,
            ("2012-03-01", "b"): 80 * MM_PER_PX**2,
            ("2013-03-01", "a"): 400 * MM_PER_PX**2,
            ("2013-03-01", "b"): 80 * MM_PER_PX**2,
        }
    )
    events = {(r["date"], r["track"]): r["event"] for r in rows(folder, "tracks.csv")}
    assert events["2012-03-01", "a"] == "baseline"
    assert events["2013-03-01", "a"] == "persisting"
    final = next(
        r for r in rows(folder, "responses.csv") if r["evaluation"] == "final" and r["site"] == "all"
    )
    assert final["category"] == "regression"
    assert float(final["change_pct"]) == pytest.approx(100 * (480 - 880) / 880, abs=1e-3)
    assert "regression" in out


def test_measuring_from_python_gives_what_the_command_gives(folder: Path) -> None:
    outcome = lk.run(folder)
    final = [r for r in outcome.responses if r.evaluation is Evaluation.FINAL and r.site == "all"]
    assert [r.category for r in final] == [Category.REGRESSION]
    assert not (folder / "derivatives").exists()


def test_a_second_run_measures_nothing_again_and_says_the_same(
    lesionkit: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lesionkit("measure", folder)[0] == 0
    first = (folder / "derivatives/lesionkit/measurements.csv").read_bytes()

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("an unchanged image was measured again")

    monkeypatch.setattr("lesionkit.measure.measure_deposits", refuse)
    assert lesionkit("measure", folder)[0] == 0
    assert (folder / "derivatives/lesionkit/measurements.csv").read_bytes() == first


def test_a_changed_outline_is_measured_again(lesionkit: Run, folder: Path) -> None:
    assert lesionkit("measure", folder)[0] == 0
    image = folder / "P01/2013-03-01/left-hand.jpg"
    write_outlines(image, {"a": (100, 120, 60, 40), "b": (30, 40, 8, 10)})
    _, out, _ = lesionkit("measure", folder)
    assert "progression" in out


def test_looked_and_nothing_there_is_absent_and_no_file_is_unseen(lesionkit: Run, folder: Path) -> None:
    write_outlines(write_photo(folder / "P01/2014-03-01/left-hand.jpg"), {})
    write_photo(folder / "P01/2015-03-01/left-hand.jpg")
    assert lesionkit("measure", folder)[0] == 0
    presence = {(r["date"], r["track"]): r["presence"] for r in rows(folder, "tracks.csv")}
    assert presence["2014-03-01", "a"] == "absent"
    assert presence["2015-03-01", "a"] == "unseen"
    final = next(
        r for r in rows(folder, "responses.csv") if r["evaluation"] == "final" and r["site"] == "all"
    )
    assert (final["date"], final["category"]) == ("2014-03-01", "resolved")


def test_results_are_never_read_as_input(lesionkit: Run, folder: Path) -> None:
    assert lesionkit("measure", folder)[0] == 0
    copied = folder / "derivatives/lesionkit/P09/2012-03-01"
    write_photo(copied / "left-hand.jpg")
    _, out, _ = lesionkit("check", folder, "--json")
    assert {row["patient"] for row in json.loads(out)["images"]} == {"P01"}


def test_json_on_stdout_is_json_alone(lesionkit: Run, folder: Path) -> None:
    for command in (
        ["check", folder],
        ["measure", folder],
        ["compare", folder, "--patient", "P01"],
        ["plugins"],
    ):
        _, out, _ = lesionkit(*command, "--json")
        assert json.loads(out)


def test_check_writes_nothing(lesionkit: Run, folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    code, out, _ = lesionkit("check", folder)
    assert code == 0
    assert "left-hand" in out
    assert sorted(folder.rglob("*")) == before


def test_compare_shows_each_deposit_at_each_timepoint(lesionkit: Run, folder: Path) -> None:
    code, out, _ = lesionkit("compare", folder, "--patient", "P01")
    assert code == 0
    assert "2012-03-01" in out
    assert "50 mm²" in out
    assert "25 mm²" in out
    assert "regression" in out


def test_jobs_do_not_change_the_result(folder: Path) -> None:
    alone, together = lk.run(folder, jobs=1), lk.run(folder, jobs=4)
    assert alone.measurements == together.measurements
    assert alone.tracks == together.tracks
    assert alone.responses == together.responses


def test_only_the_picture_whose_outlines_changed_is_aligned_again(
    lesionkit: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing drawn is followed between two pictures, so what is drawn decides what may be."""
    from lesionkit.align import align

    assert lesionkit("measure", folder)[0] == 0
    aligned: list[str] = []

    def watched(*images: Any, **options: Any) -> Any:
        aligned.append(options["image_id"])
        return align(*images, **options)

    monkeypatch.setattr("lesionkit.align.align", watched)
    assert lesionkit("measure", folder)[0] == 0
    assert aligned == []
    write_outlines(folder / "P01/2013-03-01/left-hand.jpg", {"a": (100, 120, 60, 40), "b": (30, 40, 8, 10)})
    assert lesionkit("measure", folder)[0] == 0
    assert aligned == ["P01/2013-03-01/left-hand.jpg"]
