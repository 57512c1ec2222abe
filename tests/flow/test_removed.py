"""A deposit that was taken out, or came out, is no response to treatment."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lesionkit.io import read_outlines, write_outlines
from lesionkit.io.load import read_image

Run = Callable[..., tuple[int, str, str]]


def _mark(outlines: Path, before: Path, name: str, status: str) -> None:
    """Say of a deposit that it was taken out: its old outline, with a status."""
    told: dict[str, Any] = json.loads(outlines.read_text(encoding="utf-8"))
    old = next(
        feature
        for feature in json.loads(before.read_text(encoding="utf-8"))["features"]
        if feature["properties"]["deposit"] == name
    )
    rest = [feature for feature in told["features"] if feature["properties"]["deposit"] != name]
    told["features"] = [*rest, old | {"properties": {"deposit": name, "status": status}}]
    outlines.write_text(json.dumps(told), encoding="utf-8")


def _table(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / "derivatives" / "lesionkit" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def outlines(folder: Path) -> tuple[Path, Path]:
    before, after = (
        folder / "P01" / day / "left-hand.outlines.geojson" for day in ("2012-03-01", "2013-03-01")
    )
    return before, after


@pytest.mark.parametrize("status", ["excised", "extruded"])
def test_what_was_taken_out_is_left_out_of_both_sums_and_is_no_regression(
    lesionkit: Run, folder: Path, outlines: tuple[Path, Path], status: str
) -> None:
    _mark(outlines[1], outlines[0], "a", status)
    assert lesionkit("measure", folder)[0] == 0
    rows = {row["track"]: row for row in _table(folder, "tracks") if row["date"] == "2013-03-01"}
    assert (rows["a"]["presence"], rows["a"]["event"]) == ("absent", status)
    assert rows["a"]["category"] == "not_evaluable"
    sizes = {row["date"]: row["value"] for row in _table(folder, "tracks") if row["track"] == "a"}
    assert (float(sizes["2012-03-01"]), float(sizes["2013-03-01"])) == (20 * 40 * 0.25**2, 0)
    measured = [row for row in _table(folder, "measurements") if row["date"] == "2013-03-01"]
    assert [row["deposit"] for row in measured] == ["b"]
    (site,) = [
        row
        for row in _table(folder, "responses")
        if row["site"] == "left-hand" and row["evaluation"] == "follow-up"
    ]
    # Deposit b alone: 8 × 10 px at both visits. With a counted as gone this would be a fall of 91 %.
    assert site["category"] == "stable"
    assert float(site["change_pct"]) == pytest.approx(0, abs=1e-6)
    assert "removed" in site["reasons"].split(";")


def test_where_all_was_taken_out_there_is_nothing_to_judge(
    lesionkit: Run, folder: Path, outlines: tuple[Path, Path]
) -> None:
    for name in ("a", "b"):
        _mark(outlines[1], outlines[0], name, "excised")
    lesionkit("measure", folder)
    found = {row["category"] for row in _table(folder, "responses")}
    assert found == {"not_evaluable"}


def test_a_mark_that_fits_no_deposit_seen_before_is_told(
    lesionkit: Run, folder: Path, outlines: tuple[Path, Path]
) -> None:
    _mark(outlines[1], outlines[0], "a", "excised")
    lesionkit("measure", folder)
    assert "mark_unknown" not in {row["code"] for row in _table(folder, "problems")}
    told = json.loads(outlines[1].read_text(encoding="utf-8"))
    marks = [f["properties"] for f in told["features"] if f["properties"].get("status") == "excised"]
    marks[0]["deposit"] = "A"
    outlines[1].write_text(json.dumps(told), encoding="utf-8")
    lesionkit("measure", folder)
    (problem,) = [row for row in _table(folder, "problems") if row["code"] == "mark_unknown"]
    assert problem["severity"] == "warning"
    assert "'A'" in problem["text"]
    assert "2013-03-01" in problem["about"]


def test_what_was_said_to_be_taken_out_is_kept_when_outlines_are_written_anew(
    folder: Path, outlines: tuple[Path, Path]
) -> None:
    _mark(outlines[1], outlines[0], "a", "excised")
    image = read_image(outlines[1].with_name("left-hand.jpg"))
    deposits = read_outlines(outlines[1], image=image)
    assert [deposit.name for deposit in deposits] == ["b"]
    write_outlines(outlines[1], deposits, image=image)
    kept = json.loads(outlines[1].read_text(encoding="utf-8"))["features"]
    assert {f["properties"]["deposit"]: f["properties"]["status"] for f in kept} == {
        "a": "excised",
        "b": "drawn",
    }
