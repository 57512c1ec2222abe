"""Sections 2, 4, 5 and 6 of the interface manual, word by word: outlines in, tables and verdicts out."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from making import MM_PER_PX, SHAPE, write_photo, write_series

Run = Callable[..., tuple[int, str, str]]
Rows = list[dict[str, str]]

MEASUREMENTS = (
    "patient,date,modality,site,image,deposit,track,author,status,role,area_mm2,area_mm2_se,perimeter_mm,"
    "long_axis_mm,short_axis_mm,volume_mm3,volume_mm3_se,area_px2,long_axis_px,mean_intensity,max_intensity,"
    "min_intensity,sd_intensity,intensity_unit,agatston,row_spacing_mm,col_spacing_mm,plane_spacing_mm,"
    "scale_source,scale_rel_se,centroid_row,centroid_col,centroid_plane"
)
TRACKS = (
    "patient,modality,site,track,tracking_uid,date,presence,event,deposits,measure,unit,value,value_se,"
    "change_pct,category,p_regression,p_stable,p_progression,matched_by,match_score"
)
RESPONSES = (
    "patient,modality,site,evaluation,date,baseline_date,nadir_date,months_from_baseline,months_from_treatment,"
    "measure,unit,baseline,current,nadir,change_pct,change_pct_low,change_pct_high,change_from_nadir_pct,"
    "new_deposits,category,p_regression,p_stable,p_progression,criterion,label,reasons"
)


def table(root: Path, name: str) -> Rows:
    with (root / "derivatives/lesionkit" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def header(root: Path, name: str) -> str:
    text = (root / "derivatives/lesionkit" / f"{name}.csv").read_bytes()
    assert not text.startswith(b"\xef\xbb\xbf")
    return text.decode("utf-8").splitlines()[0]


def box(row: float, col: float, rows: float, cols: float) -> list[list[float]]:
    return [[col, row], [col + cols, row], [col + cols, row + rows], [col, row + rows], [col, row]]


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def write(image: Path, features: Sequence[Mapping[str, Any]], *, reader: str = "", **top: Any) -> Path:
    path = image.with_name(f"{image.stem}.outlines{reader and '.'}{reader}.geojson")
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features), **top}))
    return path


def squares(root: Path, course: Mapping[str, Mapping[str, float] | None], *, scale: bool = True) -> None:
    """Write photographs by date: squares by name and side in px; None = no outline file."""
    for day, sides in course.items():
        image = write_photo(root / "P01" / day / "left-hand.jpg")
        if sides is not None:
            write(
                image,
                [
                    feature("Polygon", [box(20 + 60 * n, 30, side, side)], deposit=name)
                    for n, (name, side) in enumerate(sides.items())
                ],
            )
    if scale:
        (root / "images.csv").write_text(f"path,mm_per_px\nP01,{MM_PER_PX}\n")


def test_the_tables_have_the_promised_columns_in_order(lesionkit: Run, folder: Path) -> None:
    lesionkit("measure", folder)
    assert header(folder, "measurements").startswith(f"{MEASUREMENTS},")
    assert header(folder, "tracks").startswith(f"{TRACKS},")
    assert header(folder, "responses") == RESPONSES
    assert header(folder, "problems") == "severity,code,about,text,hint"
    record = json.loads((folder / "derivatives/lesionkit/run.json").read_text(encoding="utf-8"))
    assert {"version", "settings", "inputs"} <= record.keys()
    assert len(record["inputs"]["P01/2012-03-01/left-hand.jpg"]) == 64
    assert "images.csv" in record["inputs"]
    assert (folder / "derivatives/lesionkit/report/P01.html").is_file()


def test_a_polygon_is_measured_from_the_corner_with_its_holes_taken_off(
    lesionkit: Run, tmp_path: Path
) -> None:
    image = write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    hole = box(15, 25, 5, 10)[::-1]
    write(image, [feature("Polygon", [box(10, 20, 30, 40), hole], deposit="a")])
    (tmp_path / "images.csv").write_text(f"path,mm_per_px\n{image.relative_to(tmp_path)},0.5\n")
    assert lesionkit("measure", tmp_path)[0] == 0
    (row,) = table(tmp_path, "measurements")
    assert float(row["area_mm2"]) == pytest.approx((30 * 40 - 5 * 10) * 0.25)
    assert float(row["perimeter_mm"]) == pytest.approx(140 * 0.5)
    assert float(row["long_axis_mm"]) == pytest.approx(25)
    # The longest line perpendicular to the diagonal of a 15 x 20 mm rectangle.
    assert float(row["short_axis_mm"]) == pytest.approx(18.75)
    area = 30 * 40 - 50
    assert float(row["centroid_row"]) == pytest.approx((1200 * 25 - 50 * 17.5) / area - 0.5)
    assert float(row["centroid_col"]) == pytest.approx((1200 * 40 - 50 * 30) / area - 0.5)
    assert (row["row_spacing_mm"], row["col_spacing_mm"], row["plane_spacing_mm"]) == ("0.5", "0.5", "")
    assert (row["scale_source"], row["agatston"]) == ("manifest", "")
    assert row["volume_mm3"] == row["volume_mm3_se"] == row["centroid_plane"] == ""


def test_without_a_scale_the_mm_columns_are_empty_and_the_px_ones_filled(
    lesionkit: Run, tmp_path: Path
) -> None:
    squares(tmp_path, {"2012-03-01": {"a": 20}, "2013-03-01": {"a": 10}}, scale=False)
    lesionkit("measure", tmp_path)
    for row, side in zip(table(tmp_path, "measurements"), (20, 10), strict=True):
        assert {name for name, cell in row.items() if "_mm" in name and cell} == set()
        assert float(row["area_px2"]) == pytest.approx(side**2)
        assert float(row["long_axis_px"]) == pytest.approx(side * 2**0.5, rel=1e-6)
        assert row["scale_source"] == "none"
    assert {r["unit"] for r in table(tmp_path, "tracks")} == {"px2"}
    assert {r["category"] for r in table(tmp_path, "responses")} == {"not_evaluable"}


def test_a_multipolygon_is_one_deposit_and_reads_as_qupath_writes_it(lesionkit: Run, tmp_path: Path) -> None:
    image = write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    parts = [[box(10, 20, 10, 10)], [box(50, 20, 10, 20)]]
    path = image.with_name("left-hand.outlines.geojson")
    made = feature("MultiPolygon", parts, objectType="annotation", name="a", isLocked=False)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [{"id": "u-1", **made}]}))
    lesionkit("measure", tmp_path)
    (row,) = table(tmp_path, "measurements")
    assert (float(row["area_px2"]), row["deposit"], row["status"]) == (300, "a", "drawn")


@pytest.mark.parametrize(
    ("scale", "mm_per_px"),
    [
        ({"source": "two-points", "points": [[10, 10], [110, 10]], "length_mm": 50}, 0.5),
        (
            [
                {"source": "two-points", "points": [[10, 10], [110, 10]], "length_mm": 50},
                {"source": "two-points", "points": [[10, 10], [10, 110]], "length_mm": 50},
            ],
            0.5,
        ),
        ({"source": "manifest", "mm_per_px": 0.1, "rel_se": 0.01}, 0.1),
    ],
)
def test_the_scale_may_stand_in_the_outline_file(
    lesionkit: Run, tmp_path: Path, scale: Any, mm_per_px: float
) -> None:
    image = write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    write(
        image,
        [feature("Polygon", [box(10, 20, 30, 40)], deposit="a")],
        lesionkit={"schema": 1, "image": image.name, "shape": list(SHAPE), "scale": scale},
    )
    code, _, err = lesionkit("measure", tmp_path)
    assert code == 0, err
    (row,) = table(tmp_path, "measurements")
    assert float(row["area_mm2"]) == pytest.approx(1200 * mm_per_px**2)
    wanted = scale[0]["source"] if isinstance(scale, list) else scale["source"]
    assert row["scale_source"] == wanted
    if wanted == "manifest":
        assert float(row["scale_rel_se"]) == pytest.approx(0.01)


@pytest.mark.parametrize("content", [{"features": []}, {"features": [], "absent": True}, {"absent": True}])
def test_looked_and_nothing_there_is_absent(
    lesionkit: Run, tmp_path: Path, content: dict[str, object]
) -> None:
    squares(tmp_path, {"2012-03-01": {"a": 20}, "2013-03-01": None, "2014-03-01": None})
    path = tmp_path / "P01/2013-03-01/left-hand.outlines.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", **content}))
    assert lesionkit("measure", tmp_path)[0] == 0
    presence = {row["date"]: (row["presence"], row["event"]) for row in table(tmp_path, "tracks")}
    assert presence == {
        "2012-03-01": ("present", "baseline"),
        "2013-03-01": ("absent", "resolved"),
        "2014-03-01": ("unseen", ""),
    }
    verdicts = {
        (r["date"], r["evaluation"]): r["category"]
        for r in table(tmp_path, "responses")
        if r["site"] == "all"
    }
    assert verdicts == {
        ("2013-03-01", "follow-up"): "resolved",
        ("2014-03-01", "follow-up"): "not_evaluable",
        ("2013-03-01", "final"): "resolved",
    }


def test_each_reader_has_a_file_and_the_named_one_is_measured(lesionkit: Run, tmp_path: Path) -> None:
    image = write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    for reader, side in (("anna", 10), ("ben", 20)):
        write(image, [feature("Polygon", [box(10, 20, side, side)], deposit="a")], reader=reader)
    _, _, err = lesionkit("measure", tmp_path, "--reader", "ben")
    assert float(table(tmp_path, "measurements")[0]["area_px2"]) == 400
    assert "several_readers" not in err
    _, _, err = lesionkit("measure", tmp_path)
    assert float(table(tmp_path, "measurements")[0]["area_px2"]) == 100
    assert "several_readers" in err


def test_properties_come_through_to_the_table_and_formulas_are_defused(
    lesionkit: Run, tmp_path: Path
) -> None:
    image = write_photo(tmp_path / "P01/2012-03-01/left-hand.jpg")
    write(
        image,
        [
            feature(
                "Polygon",
                [box(10, 20, 10, 10)],
                deposit="=1+1",
                author="@anna",
                status="confirmed",
                role="target",
                drawn_at="2012-03-02T10:00:00",
                mine={"kept": [1, 2]},
            )
        ],
    )
    lesionkit("measure", tmp_path)
    (row,) = table(tmp_path, "measurements")
    assert (row["deposit"], row["author"], row["status"], row["role"]) == (
        "'=1+1",
        "'@anna",
        "confirmed",
        "target",
    )


def test_outlines_survive_reading_and_writing_with_what_nobody_knows(tmp_path: Path) -> None:
    import lesionkit

    image = write_photo(tmp_path / "left-hand.jpg")
    hole = box(15, 25, 5, 10)[::-1]
    path = write(
        image,
        [feature("Polygon", [box(10, 20, 30, 40), hole], deposit="a", mine={"kept": [1, 2]}, author="anna")],
    )
    deposits = lesionkit.read_outlines(path)
    assert [deposit.name for deposit in deposits] == ["a"]
    again = tmp_path / "again.outlines.geojson"
    lesionkit.write_outlines(again, deposits, image=image)
    said = json.loads(again.read_text(encoding="utf-8"))
    (written,) = said["features"]
    assert written["properties"]["mine"] == {"kept": [1, 2]}
    assert said["lesionkit"]["schema"] == 1
    assert said["lesionkit"]["shape"] == list(SHAPE)
    assert len(said["lesionkit"]["sha256"]) == 64
    rings = written["geometry"]["coordinates"]
    assert sorted(map(tuple, rings[0][:-1])) == sorted(map(tuple, box(10, 20, 30, 40)[:-1]))
    assert sorted(map(tuple, rings[1][:-1])) == sorted(map(tuple, hole[:-1]))


def seg_nrrd(path: Path, labels: np.ndarray, names: Mapping[int, str]) -> None:
    """Write a label map on the grid of `write_series`, NRRD, with segment names where given."""
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(labels)
    image.SetSpacing((0.7, 0.6, 2.5))
    image.SetOrigin((-10.0, 5.0, 0.0))
    for n, (value, name) in enumerate(names.items()):
        image.SetMetaData(f"Segment{n}_ID", f"Segment_{n + 1}")
        image.SetMetaData(f"Segment{n}_Name", name)
        image.SetMetaData(f"Segment{n}_LabelValue", str(value))
        image.SetMetaData(f"Segment{n}_Layer", "0")
    sitk.WriteImage(image, str(path))


@pytest.mark.parametrize("suffix", ["nii.gz", "nrrd", "seg.nrrd", "nii"])
def test_a_label_map_beside_the_series_folder_gives_a_deposit_per_value(
    lesionkit: Run, tmp_path: Path, suffix: str
) -> None:
    write_series(tmp_path / "P01/2012-03-01/ct")
    labels = np.zeros((6, 20, 30), np.uint8)
    labels[1:3, 4:9, 5:9] = 1
    labels[4, 10, 10] = 7
    names = {1: "thumb", 7: "palm"} if suffix == "seg.nrrd" else {}
    seg_nrrd(tmp_path / f"P01/2012-03-01/ct.outlines.{suffix}", labels, names)
    code, _, err = lesionkit("measure", tmp_path)
    assert code == 0, err
    volumes = {row["deposit"]: float(row["volume_mm3"]) for row in table(tmp_path, "measurements")}
    voxel = 0.6 * 0.7 * 2.5
    assert volumes == pytest.approx(
        {"thumb": 40 * voxel, "palm": voxel} if names else {"1": 40 * voxel, "7": voxel}
    )
    row = table(tmp_path, "measurements")[0]
    assert (row["row_spacing_mm"], row["col_spacing_mm"], row["plane_spacing_mm"]) == ("0.6", "0.7", "2.5")
    assert float(row["area_mm2"]) == pytest.approx(20 * 0.42)
    assert (row["mean_intensity"], row["intensity_unit"]) == ("40", "HU")
    tracks = {row["track"] for row in table(tmp_path, "tracks")}
    assert ("thumb" in tracks) == bool(names)
    assert {r["measure"] for r in table(tmp_path, "tracks")} == {"volume"}


def test_an_empty_label_map_is_looked_and_nothing_there(lesionkit: Run, tmp_path: Path) -> None:
    write_series(tmp_path / "P01/2012-03-01/ct")
    seg_nrrd(tmp_path / "P01/2012-03-01/ct.outlines.nrrd", np.zeros((6, 20, 30), np.uint8), {})
    code, _, err = lesionkit("measure", tmp_path)
    assert code == 0, err
    assert table(tmp_path, "measurements") == []
    assert "not_outlined" not in err


def course_of(lesionkit: Run, root: Path) -> dict[str, tuple[str, str]]:
    code, _, err = lesionkit("measure", root)
    assert code == 0, err
    return {
        row["date"]: (row["presence"], row["event"])
        for row in table(root, "tracks")
        if row["track"] == "a" or len({r["track"] for r in table(root, "tracks")}) == 1
    }


def test_every_event_of_a_named_deposit(lesionkit: Run, tmp_path: Path) -> None:
    squares(
        tmp_path,
        {
            "2010-01-01": {"b": 10},
            "2011-01-01": {"b": 10, "a": 12},
            "2012-01-01": {"b": 10, "a": 12},
            "2013-01-01": {"b": 10},
            "2014-01-01": {"b": 10},
            "2015-01-01": {"b": 10, "a": 12},
        },
    )
    assert course_of(lesionkit, tmp_path) == {
        "2010-01-01": ("absent", ""),
        "2011-01-01": ("present", "new"),
        "2012-01-01": ("present", "persisting"),
        "2013-01-01": ("absent", "resolved"),
        "2014-01-01": ("absent", ""),
        "2015-01-01": ("present", "reappeared"),
    }
    rows = table(tmp_path, "tracks")
    assert {r["matched_by"] for r in rows if r["event"] == "persisting"} == {"name"}
    assert len({r["tracking_uid"] for r in rows}) == 2
    assert {(r["measure"], r["unit"]) for r in rows} == {("area", "mm2")}
    assert {r["value"] for r in rows if r["presence"] == "absent"} == {"0"}


def split_or_merge(root: Path, before: list[Any], after: list[Any]) -> None:
    for day, boxes in (("2012-03-01", before), ("2013-03-01", after)):
        image = write_photo(root / "P01" / day / "left-hand.jpg")
        write(image, [feature("Polygon", [box(*b)]) for b in boxes])


WHOLE, HALVES = [(40, 60, 20, 60)], [(40, 60, 20, 28), (40, 92, 20, 28)]


def test_a_deposit_that_falls_apart_is_one_track_that_split(lesionkit: Run, tmp_path: Path) -> None:
    split_or_merge(tmp_path, WHOLE, HALVES)
    lesionkit("measure", tmp_path)
    rows = table(tmp_path, "tracks")
    assert [(r["event"], len(r["deposits"].split(";"))) for r in rows] == [("baseline", 1), ("split", 2)]
    assert rows[1]["matched_by"] in ("overlap", "proximity")


def test_deposits_that_grow_together_are_one_track_that_merged(lesionkit: Run, tmp_path: Path) -> None:
    split_or_merge(tmp_path, HALVES, WHOLE)
    lesionkit("measure", tmp_path)
    rows = table(tmp_path, "tracks")
    assert [(r["event"], len(r["deposits"].split(";"))) for r in rows] == [("baseline", 2), ("merged", 1)]
    assert float(rows[0]["value"]) == pytest.approx(0) or float(rows[0]["value"]) == pytest.approx(
        2 * 20 * 28
    )


def finals(root: Path) -> dict[str, dict[str, str]]:
    return {r["site"]: r for r in table(root, "responses") if r["evaluation"] == "final"}


@pytest.mark.parametrize(
    ("start", "rule", "baseline"),
    [
        ("2012-06-01", None, "2012-06-01"),
        ("2012-07-15", None, "2012-06-01"),
        ("2011-01-01", None, "2012-03-01"),
        ("", None, "2012-03-01"),
        ("2012-06-01", "first", "2012-03-01"),
        ("2012-06-01", "treatment", "2012-06-01"),
    ],
)
def test_baseline_is_the_last_timepoint_on_or_before_the_start_of_treatment_else_the_first(
    lesionkit: Run, tmp_path: Path, start: str, rule: str | None, baseline: str
) -> None:
    squares(
        tmp_path,
        {"2012-03-01": {"a": 20}, "2012-06-01": {"a": 18}, "2013-03-01": {"a": 15}, "2014-03-01": {"a": 16}},
    )
    (tmp_path / "treatments.csv").write_bytes(
        f"patient;drug;start;end;dose;cycles\r\nP01;x;{start};;;\r\n".encode("utf-8-sig")
    )
    if rule:
        (tmp_path / "cohort.toml").write_text(f'[cohort]\nbaseline = "{rule}"\n')
    code, _, err = lesionkit("measure", tmp_path)
    assert code == 0, err
    final = finals(tmp_path)["all"]
    assert (final["baseline_date"], final["date"]) == (baseline, "2014-03-01")
    assert final["nadir_date"] == "2013-03-01"
    days = (date(2014, 3, 1) - date.fromisoformat(baseline)).days
    assert float(final["months_from_baseline"]) == pytest.approx(days / 30.4375, rel=1e-5)
    if start:
        days = (date(2014, 3, 1) - date.fromisoformat(start)).days
        assert float(final["months_from_treatment"]) == pytest.approx(days / 30.4375, rel=1e-5)
    else:
        assert final["months_from_treatment"] == ""
    assert finals(tmp_path).keys() == {"all", "left-hand"}


def judged(lesionkit: Run, root: Path, *sides: float, toml: str = "", criterion: str = "") -> dict[str, str]:
    squares(root, {f"{2010 + n}-03-01": {"a": side} for n, side in enumerate(sides)})
    if toml:
        (root / "cohort.toml").write_text(toml)
    code, _, err = lesionkit("measure", root, *(["--criterion", criterion] if criterion else []))
    assert code == 0, err
    return finals(root)["all"]


CUSTOM = """
[criteria]
XC = "mine"
[[criterion]]
name = "mine"
measure = "{measure}"
regression_pct = {regression}
progression_pct = {progression}
{more}
citation = "nobody 2020"
"""


@pytest.mark.parametrize(
    ("side", "category"),
    [
        (0.75**0.5 * 40, "stable"),
        (0.75**0.5 * 40 - 0.01, "regression"),
        (1.25**0.5 * 40, "stable"),
        (1.25**0.5 * 40 + 0.01, "progression"),
        (40, "stable"),
    ],
)
def test_exactly_25_percent_is_stable(lesionkit: Run, tmp_path: Path, side: float, category: str) -> None:
    assert judged(lesionkit, tmp_path, 40, side)["category"] == category


@pytest.mark.parametrize(
    ("side", "category"), [(36, "stable"), (35.9, "regression"), (44, "stable"), (44.1, "progression")]
)
def test_a_criterion_of_ones_own_is_judged_at_its_lines(
    lesionkit: Run, tmp_path: Path, side: float, category: str
) -> None:
    toml = CUSTOM.format(measure="long_axis", regression=-10, progression=10, more="")
    row = judged(lesionkit, tmp_path, 40, side, toml=toml)
    assert (row["category"], row["criterion"], row["measure"]) == (category, "mine", "long_axis")


@pytest.mark.parametrize(
    ("more", "category"),
    [
        ('reference = "nadir"', "progression"),
        ('reference = "baseline"', "stable"),
        ('reference = "nadir"\nfloor = 100', "stable"),
    ],
)
def test_reference_and_floor_of_a_criterion_of_ones_own(
    lesionkit: Run, tmp_path: Path, more: str, category: str
) -> None:
    toml = CUSTOM.format(measure="area", regression=-90, progression=20, more=more)
    assert judged(lesionkit, tmp_path, 40, 30, 40, toml=toml)["category"] == category


@pytest.mark.parametrize(("flag", "category"), [("true", "progression"), ("false", "stable")])
def test_whether_a_new_deposit_is_progression_can_be_told(
    lesionkit: Run, tmp_path: Path, flag: str, category: str
) -> None:
    squares(tmp_path, {"2010-03-01": {"a": 40}, "2011-03-01": {"a": 40, "b": 2}})
    more = f"new_deposit_is_progression = {flag}"
    (tmp_path / "cohort.toml").write_text(
        CUSTOM.format(measure="area", regression=-25, progression=25, more=more)
    )
    lesionkit("measure", tmp_path)
    row = finals(tmp_path)["all"]
    assert (row["category"], row["new_deposits"]) == (category, "1")


def test_from_a_baseline_of_zero_any_deposit_is_progression_and_none_is_stable(
    lesionkit: Run, tmp_path: Path
) -> None:
    squares(tmp_path, {"2010-03-01": {}, "2011-03-01": {}, "2012-03-01": {"a": 5}})
    lesionkit("measure", tmp_path)
    rows = [r for r in table(tmp_path, "responses") if r["site"] == "all" and r["evaluation"] == "follow-up"]
    assert [(r["category"], r["change_pct"]) for r in rows] == [("stable", ""), ("progression", "")]


@pytest.mark.parametrize(
    ("criterion", "sides", "category"),
    [
        ("recist-1.1", (100, 70), "regression"),
        ("recist-1.1", (100, 70.1), "stable"),
        ("recist-1.1", (20, 24), "stable"),
        ("recist-1.1", (100, 120), "progression"),
        ("who", (100, 0.5**0.5 * 100 - 0.001), "regression"),
        ("who", (100, 125**0.5 * 10 + 0.001), "progression"),
        ("beyond-error", (40, 20), "regression"),
        ("beyond-error", (40, 39.9), "stable"),
        ("volume-65-73", (40, 20), "not_evaluable"),
    ],
)
def test_shipped_criteria_at_their_lines(
    lesionkit: Run, tmp_path: Path, criterion: str, sides: tuple[float, float], category: str
) -> None:
    row = judged(lesionkit, tmp_path, *sides, criterion=criterion)
    assert row["category"] == category
    assert row["reasons"]


def test_a_shipped_rule_may_stand_in_cohort_toml_per_modality(lesionkit: Run, tmp_path: Path) -> None:
    assert judged(lesionkit, tmp_path, 40, 20, toml='[criteria]\nXC = "who"\n')["criterion"] == "who"


BAD_TOML = {
    "[cohort]\nnam = 'x'\n": "nam",
    "[cohorts]\nname = 'x'\n": "cohorts",
    "[cohort]\nbaseline = 'last'\n": "baseline",
    "[cohort]\ntimepoint_window_days = '5'\n": "timepoint_window_days",
    "[criteria]\nXX = 'who'\n": "XX",
    "[criteria]\nXC = 'nobody'\n": "nobody",
    "[[criterion]]\nname = 'x'\n": "regression_pct",
    "[[criterion]]\nname = 'x'\nregression_pct = 25\nprogression_pct = 25\n": "regression_pct",
    "[[criterion]]\nname = 'x'\nmeasur = 'area'\n": "measur",
    "[[criterion]]\nregression_pct = -25\nprogression_pct = 25\n": "name",
    "[scale]\nmarker_size_mm = -1\nmarker_dictionary = 'DICT_4X4_50'\n": "marker_size_mm",
    "[scale]\nmarker_size_mm = 20\nmarker_dictionary = 'DICT_5'\n": "DICT_5",
    "[dates]\nv1 = 'yesterday'\n": "v1",
    "[patients]\nA = 3\n": "A",
    "name = 'x'\n": "name",
    "[cohort\n": "line 1",
}


@pytest.mark.parametrize("text", BAD_TOML)
def test_whatever_is_wrong_in_cohort_toml_is_one_line_that_names_it(
    lesionkit: Run, folder: Path, text: str
) -> None:
    (folder / "cohort.toml").write_text(text)
    code, out, err = lesionkit("measure", folder)
    assert (code, out) == (2, ""), err
    assert len(err.splitlines()) == 1
    assert BAD_TOML[text] in err
    assert "cohort.toml" in err


def test_everything_cohort_toml_may_hold_is_taken(lesionkit: Run, folder: Path) -> None:
    (folder / "images.csv").unlink()
    (folder / "cohort.toml").write_bytes(
        b'\xef\xbb\xbf[cohort]\r\nname = "Ours"\r\ntimepoint_window_days = 3\r\nbaseline = "first"\r\n'
        b'[criteria]\r\nXC = "calcinosis-25"\r\nCT = "volume-65-73"\r\n[scale]\r\nmm_per_px = 0.25\r\n'
        b'reference_length_mm = 50\r\n[sites]\r\n"left-hand" = "hand"\r\n[patients]\r\nP01 = "A"\r\n'
        b"[dates]\r\nv1 = 2012-03-01\r\n"
    )
    code, _, err = lesionkit("measure", folder)
    assert code == 0, err
    rows = table(folder, "measurements")
    assert {(r["patient"], r["site"], r["row_spacing_mm"]) for r in rows} == {("A", "hand", "0.25")}


BAD_CSV = {
    "pfad,patient\nx,y\n": (2, "path"),
    "path,patient,patient\nx,y,z\n": (2, "patient"),
    "path,date\nP01/2012-03-01/left-hand.jpg,01.03.2012\n": (1, "01.03.2012"),
    "path,modality\nP01/2012-03-01/left-hand.jpg,photo\n": (1, "photo"),
    "path,mm_per_px\nP01/2012-03-01/left-hand.jpg,zero\n": (1, "zero"),
    "path,mm_per_px\nP01/2012-03-01/left-hand.jpg,-1\n": (1, "-1"),
    "path,site\nP01/2012-03-01/right-hand.jpg,x\n": (0, "images.csv:2"),
    "path,sight\nP01/2012-03-01/left-hand.jpg,x\n": (0, "sight"),
    "path,modality\nP01/2012-03-01/left-hand.jpg,CT\n": (1, "CT"),
}


@pytest.mark.parametrize("text", BAD_CSV)
def test_whatever_is_wrong_in_images_csv_is_said(lesionkit: Run, folder: Path, text: str) -> None:
    (folder / "images.csv").write_text(text)
    wanted, named = BAD_CSV[text]
    code, _, err = lesionkit("measure", folder)
    assert code == wanted, err
    assert named in err
    assert "Traceback" not in err


def test_latin1_in_a_table_is_one_line(lesionkit: Run, folder: Path) -> None:
    (folder / "images.csv").write_bytes("path,site\nP01,Füße\n".encode("latin-1"))
    code, _, err = lesionkit("measure", folder)
    assert code == 2
    assert "images.csv" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("ring", "code_name"),
    [
        ([[10, 10], [30, 30], [30, 10], [10, 30], [10, 10]], "outline_crosses_itself"),
        ([[10, 10], [90, 10], [50, 10], [10, 10]], "outline_not_an_area"),
        ([[10, 10], [20, 20], [10, 10]], "outline_too_few_points"),
        ([], "outline_too_few_points"),
        ([["a", 1], [9, 1], [5, 9], ["a", 1]], "outline_unreadable"),
        ([[300, 200], [400, 200], [400, 230], [300, 200]], "outline_outside_image"),
    ],
)
def test_each_fault_of_an_outline_has_its_name(
    lesionkit: Run, folder: Path, ring: list[Any], code_name: str
) -> None:
    write(folder / "P01/2013-03-01/left-hand.jpg", [feature("Polygon", [ring], deposit="a")])
    code, _, err = lesionkit("measure", folder)
    assert code == 1
    (line,) = err.splitlines()
    assert line.startswith("error: P01/2013-03-01/left-hand.outlines.geojson: Outline 1 ")
    assert line.endswith(f"[{code_name}]")


def test_the_case_of_a_files_name_does_not_matter(lesionkit: Run, folder: Path) -> None:
    for name in ("left-hand.jpg", "left-hand.outlines.geojson"):
        path = folder / "P01/2013-03-01" / name
        path.rename(path.with_name(name.replace("jpg", "JPG").replace("outlines.geo", "Outlines.Geo")))
    (folder / "images.csv").write_text("path,mm_per_px\nP01,0.25\n")
    code, _, err = lesionkit("measure", folder)
    assert (code, err) == (0, "")
    assert len(table(folder, "measurements")) == 4
