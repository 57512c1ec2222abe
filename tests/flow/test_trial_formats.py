"""The formats of trials, databases and programs: each held against its own rules, or read back."""

import csv
import json
import re
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from making import MM_PER_PX, write_outlines, write_photo

import lesionkit as lk
from lesionkit.pipeline import export

DAYS = ("2012-03-01", "2013-03-01", "2014-03-01")


def add(place, rings, **properties):
    """Add a polygon to an outline file."""
    told = json.loads(place.read_text())
    geometry = {"type": "Polygon", "coordinates": rings}
    told["features"].append({"type": "Feature", "geometry": geometry, "properties": properties})
    place.write_text(json.dumps(told))


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Three visits: a halves, ring has a hole, gone disappears, new comes; the elbow has no scale."""
    root = tmp_path_factory.mktemp("cohort") / "hands"
    boxes = (
        {"a": (100, 120, 20, 40), "gone": (30, 40, 8, 10)},
        {"a": (100, 120, 10, 40)},
        {"a": (100, 120, 10, 40), "new": (60, 200, 12, 12)},
    )
    ring = [[200, 150], [240, 150], [240, 190], [200, 190], [200, 150]]
    hole = [[210, 160], [220, 160], [220, 175], [210, 175], [210, 160]]
    guess = [[5, 5], [15, 5], [10, 20], [5, 5]]
    for day, some in zip(DAYS, boxes, strict=True):
        hand = write_outlines(write_photo(root / "P01" / day / "left-hand.jpg"), some)
        elbow = write_outlines(
            write_photo(root / "P01" / day / "elbow.jpg", seed=2), {"e": (100, 120, 20, 40)}
        )
        add(hand, [ring, hole], deposit="ring", role="non-target", author="Reader Sentinel")
        add(elbow, [guess], deposit="guess", status="suggested")
    clear = write_photo(root / "P02" / DAYS[0] / "knee.jpg")
    write_outlines(clear, {})
    (root / "images.csv").write_text(
        "path,mm_per_px\n" + "".join(f"P01/{day}/left-hand.jpg,{MM_PER_PX}\n" for day in DAYS)
    )
    (root / "treatments.csv").write_text("patient,drug,start\nP01,drug,2012-03-05\n")
    (root / "questionnaire.csv").write_text(
        "patient,date,item,answer\n"
        "P01,2012-03-01,reduction of pain,no\nP01,2014-03-01,reduction of pain,yes\n"
        "P01,2014-03-01,pain (VAS),-3.5\nP01,2014-03-01,what changed?,=much <b>\nP01,,improved mobility,\n"
    )
    return root


@pytest.fixture(scope="module")
def outcome(cohort):
    return lk.run(cohort, jobs=1)


@pytest.fixture(scope="module")
def out(outcome, tmp_path_factory):
    """Every format, by its name."""
    folders = {}
    for name in ("coco", "redcap", "sdtm", "sdtm-xpt", "xlsx", "csv"):
        folders[name] = tmp_path_factory.mktemp(name)
        export(outcome, name, folders[name])
    return folders


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- SDTM


DATASETS = ("tu", "tr", "rs", "supptr", "supprs")


@pytest.mark.parametrize("name", DATASETS)
def test_sdtm_variables_keep_their_lengths_and_required_ones_are_filled(out, name):
    from lesionkit.report import sdtm_domains

    domain = getattr(sdtm_domains, name.upper())
    table = rows(out["sdtm"] / f"{name}.csv")
    assert table
    assert list(table[0]) == list(domain.columns)
    for variable in domain.variables:
        assert re.fullmatch(r"[A-Z][A-Z0-9]{0,7}", variable.name)
        assert len(variable.label) <= 40
        values = [row[variable.name] for row in table]
        assert all(len(value.encode()) <= 200 for value in values)
        if variable.core == "Req":
            assert all(values), variable.name
        if variable.is_number:
            assert all(re.fullmatch(r"|-?\d+(\.\d+)?", value) for value in values)
        if variable.name.endswith("DTC"):
            assert all(not value or date.fromisoformat(value) for value in values)
        if variable.name.endswith("FL"):
            assert set(values) <= {"", "Y"}
        if variable.name.endswith("TESTCD") or variable.name == "QNAM":
            assert all(re.fullmatch(r"[A-Z][A-Z0-9_]{0,7}", value) for value in values)
        if variable.name.endswith("TEST") or variable.name == "QLABEL":
            assert all(len(value) <= 40 for value in values)


def test_sdtm_records_have_one_key_each(out):
    keys = {
        "tu": ("USUBJID", "TULNKID", "TUTESTCD"),
        "tr": ("USUBJID", "TRLNKID", "TRTESTCD", "VISITNUM"),
        "rs": ("USUBJID", "RSTESTCD", "RSCAT", "RSSCAT", "RSLNKID", "VISITNUM"),
        "supptr": ("USUBJID", "IDVARVAL", "QNAM"),
        "supprs": ("USUBJID", "IDVARVAL", "QNAM"),
    }
    for name, columns in keys.items():
        found = [tuple(row[column] for column in columns) for row in rows(out["sdtm"] / f"{name}.csv")]
        assert len(found) == len(set(found)), name
    for name in ("tu", "tr", "rs"):
        numbers = [int(row[f"{name.upper()}SEQ"]) for row in rows(out["sdtm"] / f"{name}.csv")]
        assert numbers == list(range(1, len(numbers) + 1))


def test_every_link_of_sdtm_leads_to_a_record(out):
    tu, tr, rs = (rows(out["sdtm"] / f"{name}.csv") for name in DATASETS[:3])
    known = {row["TULNKID"] for row in tu}
    assert {row["TRLNKID"] for row in tr} == known
    assert {row["RSLNKID"] for row in rs} - {""} <= known
    groups = {row["TRLNKGRP"] for row in tr}
    assert {row["RSLNKGRP"] for row in rs} <= groups
    for name, table in (("TR", tr), ("RS", rs)):
        numbers = {row[f"{name}SEQ"] for row in table}
        for row in rows(out["sdtm"] / f"supp{name.lower()}.csv"):
            assert (row["RDOMAIN"], row["IDVAR"]) == (name, f"{name}SEQ")
            assert row["IDVARVAL"] in numbers
    # One code has one name, and the other way round.
    for name, table in (("TU", tu), ("TR", tr), ("RS", rs)):
        pairs = {(row[f"{name}TESTCD"], row[f"{name}TEST"]) for row in table}
        assert len({code for code, _ in pairs}) == len({test for _, test in pairs}) == len(pairs)


def test_sdtm_says_what_the_tables_say(out, outcome):
    tr = rows(out["sdtm"] / "tr.csv")
    told = {
        (row["date"], row["track"]): row["value"]
        for row in rows(out["csv"] / "tracks.csv")
        if row["site"] == "left-hand"
    }
    areas = {
        (row["TRDTC"], row["TRLNKID"].split("/")[2]): row["TRSTRESN"]
        for row in tr
        if row["TRTESTCD"] == "AREA"
    }
    assert areas == told
    assert float(areas[DAYS[0], "a"]) == pytest.approx(20 * 40 * MM_PER_PX**2)
    assert areas[DAYS[1], "gone"] == "0"
    states = {
        (row["VISITNUM"], row["TRLNKID"]): row["TRORRES"] for row in tr if row["TRTESTCD"] == "TUMSTATE"
    }
    assert states["2", "XC/left-hand/gone"] == "ABSENT"
    assert states["1", "XC/left-hand/new"] == "ABSENT"
    assert states["1", "XC/elbow/e"] == "PRESENT"
    # Pixels are no quantity.
    assert {row["TRTESTCD"] for row in tr if row["TRLNKID"] == "XC/elbow/e"} == {"TUMSTATE"}
    assert {row["TRSTRESU"] for row in tr} == {"", "mm", "mm2"}
    assert [row["VISITNUM"] for row in tr if row["TRLOBXFL"] == "Y"].count("1") == len(
        [row for row in tr if row["TRDTC"] == DAYS[0]]
    )


def test_sdtm_roles_places_and_responses_are_told(out):
    tu = {row["TULNKID"]: row for row in rows(out["sdtm"] / "tu.csv")}
    assert "XC/left-hand/guess" not in tu
    assert {key.split("/")[2]: row["TUORRES"] for key, row in tu.items()} == {
        "a": "TARGET",
        "gone": "TARGET",
        "ring": "NON-TARGET",
        "new": "NEW",
        "e": "TARGET",
    }
    one = tu["XC/left-hand/a"]
    assert (one["TULOC"], one["TULAT"], one["TUMETHOD"], one["TULOBXFL"]) == (
        "HAND",
        "LEFT",
        "PHOTOGRAPHY",
        "Y",
    )
    assert tu["XC/left-hand/new"]["TULOBXFL"] == ""
    told = [
        r for r in rows(out["csv"] / "responses.csv") if r["site"] == "all" and r["evaluation"] != "final"
    ]
    rs = [row for row in rows(out["sdtm"] / "rs.csv") if row["RSTESTCD"] == "OVRLRESP"]
    standard = {
        "stable": "STABLE",
        "regression": "REGRESSION",
        "progression": "PROGRESSION",
        "not_evaluable": "NE",
        "indeterminate": "INDETERMINATE",
        "resolved": "RESOLVED",
    }
    assert [(row["RSDTC"], row["RSSTRESC"]) for row in rs] == [
        (row["date"], standard[row["category"]]) for row in told
    ]


def test_what_is_unseen_is_not_done_and_what_was_excised_has_no_size(tmp_path):
    root = tmp_path / "c"
    for day in DAYS[:2]:
        image = write_photo(root / "P01" / day / "left-hand.jpg")
        boxes = {"a": (100, 120, 20, 40), "b": (30, 40, 8, 10)}
        place = write_outlines(image, boxes)
        if day == DAYS[1]:
            told = json.loads(place.read_text())
            told["features"][1]["properties"]["status"] = "excised"
            place.write_text(json.dumps(told))
    write_outlines(write_photo(root / "P01" / DAYS[0] / "elbow.jpg", seed=2), {"e": (100, 120, 20, 40)})
    (root / "images.csv").write_text(
        "path,mm_per_px\n" + "".join(f"P01/{day}/left-hand.jpg,0.25\n" for day in DAYS[:2])
    )
    export(lk.run(root, jobs=1), "sdtm", tmp_path / "out")
    tr = rows(tmp_path / "out" / "tr.csv")
    cut = [row for row in tr if row["TRLNKID"] == "XC/left-hand/b" and row["VISITNUM"] == "2"]
    assert [(row["TRTESTCD"], row["TRORRES"]) for row in cut] == [("TUMSTATE", "ABSENT")]
    causes = [row for row in rows(tmp_path / "out" / "supptr.csv") if row["QNAM"] == "TRCAUSE"]
    assert [(row["IDVARVAL"], row["QVAL"]) for row in causes] == [(cut[0]["TRSEQ"], "EXCISED")]
    unseen = [row for row in tr if row["TRLNKID"] == "XC/elbow/e" and row["VISITNUM"] == "2"]
    assert [(row["TRORRES"], row["TRSTAT"], row["TRDTC"]) for row in unseen] == [("", "NOT DONE", "")]


def test_recists_own_words_are_standard_results(cohort, tmp_path):
    export(lk.run(cohort, criterion="recist-1.1", jobs=1), "sdtm", tmp_path / "out")
    rs = rows(tmp_path / "out" / "rs.csv")
    assert {row["RSCAT"] for row in rs} == {"RECIST 1.1"}
    assert {row["RSSTRESC"] for row in rs} <= {"CR", "PR", "SD", "PD", "NE"}


def test_transport_files_hold_what_the_csv_files_hold(out):
    pyreadstat = pytest.importorskip("pyreadstat")
    for name in DATASETS:
        frame, meta = pyreadstat.read_xport(str(out["sdtm-xpt"] / f"{name}.xpt"))
        table = rows(out["sdtm"] / f"{name}.csv")
        assert meta.table_name == name.upper()
        assert list(frame.columns) == list(table[0])
        for column in frame.columns:
            for found, told in zip(frame[column], (row[column] for row in table), strict=True):
                if isinstance(found, str):
                    assert found == told
                else:
                    assert (np.isnan(found) and not told) or found == float(told)
    assert "What is not claimed" in (out["sdtm-xpt"] / "README.txt").read_text()


def test_what_sdtm_cannot_hold_is_told(cohort, tmp_path, lesionkit):
    code, out, _ = lesionkit("export", cohort, "--format", "sdtm", "--out", tmp_path / "out", "--json", "-q")
    assert code == 0
    told = {problem["code"]: problem["text"] for problem in json.loads(out)["problems"]}
    assert told["sizes_in_pixels_not_written"].startswith("3 images have no scale")
    assert told["suggestions_not_written"].startswith("3 suggested deposits")


# --- REDCap


TEMPLATE = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,'
    "Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...),"
    "Required Field?,Custom Alignment,Question Number (surveys only),Matrix Group Name,Matrix Ranking?,"
    "Field Annotation"
)
"""The first line of the dictionary that REDCap gives out."""


def must_be_accepted(dictionary, data):
    """Hold an import against its dictionary as REDCap does."""
    assert dictionary.read_text(encoding="utf-8").splitlines()[0] == TEMPLATE
    fields = {row["Variable / Field Name"]: row for row in rows(dictionary)}
    assert len(fields) == len(rows(dictionary))
    table = rows(data)
    system = ["redcap_repeat_instrument", "redcap_repeat_instance"]
    first, *others = fields
    assert list(table[0]) == [first, *system, *others]
    for name, field in fields.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,25}", name)
        assert re.fullmatch(r"[a-z][a-z0-9_]*", field["Form Name"])
        assert field["Field Type"] in {"text", "notes", "dropdown", "yesno"}
        assert field["Field Label"]
        assert not re.search(r"<[a-z/]|\[\w+\]", field["Field Label"], re.IGNORECASE)
        assert (field["Field Type"] == "dropdown") == bool(field["Choices, Calculations, OR Slider Labels"])
    forms = [field["Form Name"] for field in fields.values()]
    assert forms == sorted(forms, key=forms.index)
    keys = [tuple(row[name] for name in (first, *system)) for row in table]
    assert len(set(keys)) == len(keys)
    assert {row[first] for row in table if not row[system[0]]} == {row[first] for row in table}
    for row in table:
        assert re.fullmatch(r"[A-Za-z0-9 ._][A-Za-z0-9 ._-]{0,99}", row[first])
        assert (row[system[0]] == "") == (row[system[1]] == "")
        for name, field in fields.items():
            if name == first or not row[name]:
                continue
            assert field["Form Name"] == row[system[0]]
            must_be_valid(field, row[name])
    return table


def must_be_valid(field, value):
    kind = field["Text Validation Type OR Show Slider Number"]
    if kind == "date_ymd":
        assert date.fromisoformat(value)
    elif kind == "number":
        assert re.fullmatch(r"-?\d+(\.\d+)?", value), value
    elif field["Field Type"] == "yesno":
        assert value in {"0", "1"}
    elif field["Field Type"] == "dropdown":
        choices = field["Choices, Calculations, OR Slider Labels"].split(" | ")
        codes = [choice.split(", ")[0] for choice in choices]
        assert all(re.fullmatch(r"\w+", code) for code in codes)
        assert value in codes
    assert "\n" not in value


def test_every_value_passes_its_field_s_validation(out, outcome):
    table = must_be_accepted(out["redcap"] / "redcap_dictionary.csv", out["redcap"] / "redcap_data.csv")
    assert {row["record_id"] for row in table} == {"P01", "P02"}
    measured = [row for row in table if row["redcap_repeat_instrument"] == "measurement"]
    told = rows(out["csv"] / "measurements.csv")
    assert [row["m_area_mm2"] for row in measured] == [row["area_mm2"] for row in told]
    assert [row["m_role"].replace("_", "-") for row in measured] == [row["role"] for row in told]
    judged = [row for row in table if row["redcap_repeat_instrument"] == "response"]
    assert [row["r_change_pct"] for row in judged] == [
        row["change_pct"] for row in rows(out["csv"] / "responses.csv")
    ]
    assert "Reader Sentinel" not in (out["redcap"] / "redcap_data.csv").read_text()


def test_answers_are_typed_and_what_was_not_answered_is_empty(out):
    fields = {row["Variable / Field Name"]: row for row in rows(out["redcap"] / "redcap_dictionary.csv")}
    assert fields["q_reduction_of_pain"]["Field Type"] == "yesno"
    assert fields["q_pain_vas"]["Text Validation Type OR Show Slider Number"] == "number"
    assert fields["q_what_changed"]["Field Type"] == "notes"
    days = [
        row
        for row in rows(out["redcap"] / "redcap_data.csv")
        if row["redcap_repeat_instrument"] == "questionnaire"
    ]
    assert [(row["q_date"], row["q_reduction_of_pain"], row["q_pain_vas"]) for row in days] == [
        ("2012-03-01", "0", ""),
        ("2014-03-01", "1", "-3.5"),
    ]
    assert days[1]["q_what_changed"] == "'=much <b>"


# --- COCO


def test_pycocotools_finds_the_deposits_where_they_are(out, outcome, capsys):
    coco = pytest.importorskip("pycocotools.coco").COCO(str(out["coco"] / "coco.json"))
    by_name = {one["file_name"]: one for one in coco.loadImgs(coco.getImgIds())}
    assert len(by_name) == 7
    hand = by_name[f"P01/{DAYS[0]}/left-hand.jpg"]
    assert (hand["height"], hand["width"]) == (240, 320)
    assert coco.getAnnIds(imgIds=[by_name[f"P02/{DAYS[0]}/knee.jpg"]["id"]]) == []
    names = {one["attributes"]["deposit"]: one for one in coco.loadAnns(coco.getAnnIds(imgIds=[hand["id"]]))}
    assert set(names) == {"a", "gone", "ring"}
    truth = np.zeros((240, 320), bool)
    truth[100:120, 120:160] = True
    assert np.array_equal(coco.annToMask(names["a"]), truth)
    assert names["a"]["area"] == truth.sum()
    assert names["a"]["bbox"] == [120, 100, 40, 20]
    truth[:] = False
    truth[150:190, 200:240] = True
    truth[160:175, 210:220] = False
    assert np.array_equal(coco.annToMask(names["ring"]), truth)
    assert names["ring"]["area"] == truth.sum()
    assert names["ring"]["bbox"] == [200, 150, 40, 40]
    ignored = [one["attributes"]["deposit"] for one in coco.loadAnns(coco.getAnnIds(iscrowd=True))]
    assert ignored == ["guess"] * 3


def test_coco_areas_and_boxes_are_those_of_the_masks(out, capsys):
    mask = pytest.importorskip("pycocotools.mask")
    coco = pytest.importorskip("pycocotools.coco").COCO(str(out["coco"] / "coco.json"))
    for one in coco.loadAnns(coco.getAnnIds()):
        packed = coco.annToRLE(one)
        assert mask.area(packed) == pytest.approx(one["area"], abs=2)
        assert mask.toBbox(packed) == pytest.approx(one["bbox"], abs=1)
        assert set(one["attributes"]) == {"deposit", "track", "tracking_uid", "status", "role"}
        assert one["category_id"] == coco.getCatIds()[0]


# --- GeoJSON


def test_outlines_come_back_from_geojson(cohort, outcome, tmp_path):
    import shutil

    root = tmp_path / "again"
    shutil.copytree(cohort, root, ignore=shutil.ignore_patterns("*.geojson", "images.csv"))
    export(outcome, "geojson", tmp_path / "out")
    shutil.copytree(tmp_path / "out", root, dirs_exist_ok=True)
    again = lk.run(root, jobs=1)

    def told(one):
        return {
            (m.image, m.deposit, m.measure): (m.quantity.unit, round(m.quantity.value, 6))
            for m in one.measurements
        }

    assert told(again) == told(outcome)
    assert {track.uid for track in again.tracks} == {track.uid for track in outcome.tracks}


# --- Excel


def test_the_workbook_holds_the_tables_with_their_types(out):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(out["xlsx"] / "lesionkit.xlsx")
    assert book.sheetnames == [
        "measurements", "measures", "tracks", "responses", "comparability", "problems", "definitions",
    ]  # fmt: skip
    for name in book.sheetnames[:-1]:
        table, sheet = rows(out["csv"] / f"{name}.csv"), book[name]
        assert sheet.freeze_panes == "A2"
        header, *lines = sheet.iter_rows(values_only=True)
        assert len(lines) == len(table)
        for line, row in zip(lines, table, strict=True):
            assert list(header) == list(row)
            for column, cell in zip(header, line, strict=True):
                must_be_the_same(column, cell, row[column])


def must_be_the_same(column, cell, text):
    if text == "":
        assert cell is None
    elif isinstance(cell, datetime):
        assert cell.date().isoformat() == text
        assert column.endswith("date")
    elif isinstance(cell, int | float):
        assert cell == float(text)
    else:
        assert not column.endswith(("date", "_mm", "_mm2", "_pct"))
        assert cell == text


def test_every_column_of_the_workbook_is_defined(out):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(out["xlsx"] / "lesionkit.xlsx")
    header, *lines = book["definitions"].iter_rows(values_only=True)
    assert header == ("table", "column", "unit", "meaning")
    defined = [(table, column) for table, column, _, meaning in lines if meaning]
    there = [(name, cell.value) for name in book.sheetnames[:-1] for cell in book[name][1]]
    assert sorted(defined) == sorted(there)
    assert (book.properties.creator or "").startswith("lesionkit")
    assert book.properties.lastModifiedBy is None


def test_measure_writes_the_workbook_beside_the_tables(folder, tmp_path, lesionkit):
    pytest.importorskip("openpyxl")
    code, _, _ = lesionkit("measure", folder, "--xlsx", "--out", tmp_path / "out", "-q")
    assert code == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"lesionkit.xlsx", "measurements.csv", "run.json"} <= names


def test_a_workbook_without_its_package_is_refused_before_anything_is_measured(
    folder, tmp_path, lesionkit, monkeypatch
):
    import sys

    monkeypatch.setitem(sys.modules, "openpyxl", None)
    monkeypatch.delitem(sys.modules, "lesionkit.report.to_xlsx", raising=False)
    code, out, err = lesionkit("measure", folder, "--xlsx", "--out", tmp_path / "out")
    assert (code, out) == (2, "")
    assert 'pip install "lesionkit[excel]"' in err
    assert not list(Path(tmp_path / "out").glob("*.csv"))
