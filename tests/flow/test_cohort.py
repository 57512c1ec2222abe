"""`lesionkit cohort` on a small folder made by hand."""

import csv
import json
from importlib import import_module
from pathlib import Path

import pytest
from making import write_outlines, write_photo
from typer.testing import CliRunner

from lesionkit.cli.app import app
from lesionkit.summarise import kappa

SENTINEL = "Sentinel Name"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three patients: P1 shrinks, P2 grows, P3 has one visit only; P4 is only in the tables."""
    root = tmp_path_factory.mktemp("cohort")
    sizes = {"P1": (40, 20), "P2": (20, 40), "P3": (30,)}
    for patient, sides in sizes.items():
        for day, side in zip(("2012-03-01", "2013-03-01"), sides, strict=False):
            image = write_photo(root / patient / day / "left-hand.jpg", seed=int(patient[1:]))
            write_outlines(image, {"A": (60, 80, side, side)})
    tables = {
        "cohort.toml": "[scale]\nmm_per_px = 0.25\n[patients]\n4711 = 'P2'\n",
        "patients.csv": f"patient,sex,name\nP1,female,{SENTINEL}\nP2,male,{SENTINEL}\nP3,female,\nP4,,\n",
        "treatments.csv": "patient,drug,start,cycles\nP1,x,2012-03-05,4\n4711,x,2012-03-05,6\nP1,y,,\n",
        "questionnaire.csv": "patient,date,item,answer\nP1,2013-03-01,Overall  Benefit,yes\n"
        "4711,2013-03-01,overall benefit,no\nP3,2013-03-01,overall benefit,\nP9,,overall benefit,yes\n",
        "adverse_events.csv": "patient,event\nP1,none\n4711,fever\n",
    }
    for name, text in tables.items():
        (root / name).write_text(text, encoding="utf-8")
    return root


def call(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def rows(out, name):
    with (out / "cohort" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def done(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("results")
    result = call("cohort", folder, "--out", out)
    assert result.exit_code == 0, result.output
    return result, out


def test_tables_have_exact_denominators(done):
    _, out = done
    response = {(r["stream"], r["category"]): (r["count"], r["of"]) for r in rows(out, "response")}
    assert response["photographs", "regression"] == ("1", "2")
    assert response["photographs", "improved"] == ("1", "2")
    left = {(r["table"], r["patient"]): r["why"] for r in rows(out, "left_out") if r["name"] == "photographs"}
    assert left["response", "P3"] == "fewer than two timepoints read"
    assert left["response", "P4"] == "no photographs"
    assert left["follow_up", "P3"] == "start of treatment not known"
    (item,) = rows(out, "questionnaire")
    assert (item["count"], item["of"], item["answered"], item["missing"]) == ("1", "2", "2", "2")
    events = {r["event"]: (r["count"], r["of"], r["left_out"]) for r in rows(out, "adverse_events")}
    assert events == {"none": ("1", "2", "2"), "fever": ("1", "2", "2")}


def test_names_in_free_columns_and_hospital_numbers_are_in_no_file(done):
    result, out = done
    written = "".join(path.read_text(encoding="utf-8") for path in (out / "cohort").iterdir())
    for secret in (SENTINEL, "4711"):
        assert secret not in written + result.output
    assert "column_not_summarised" in {r["code"] for r in rows(out, "problems")}


def test_strangers_are_told_and_left_out(done):
    result, out = done
    assert [r["about"] for r in rows(out, "problems") if r["code"] == "table_names_strangers"] == [
        "questionnaire.csv"
    ]
    assert "P9" not in result.output


def test_json_holds_the_rows_of_every_table(folder, done):
    _, out = done
    result = call("cohort", folder, "--out", out, "--json", "--quiet")
    found = json.loads(result.stdout)
    assert found["patients"] == 4
    assert [r["n"] for r in found["association"]] == []
    assert {r["category"]: r["count"] for r in found["response"]}["progression"] == 1
    assert len(found["files"]) == 15
    assert {r["final_date"] for r in found["changes"]} == {"2013-03-01"}


def test_one_patient_alone_makes_no_strangers(folder, done):
    _, out = done
    result = call("cohort", folder, "--out", out / "one", "--patient", "P1", "--json")
    assert json.loads(result.stdout)["patients"] == 1
    assert "table_names_strangers" not in result.output


def test_without_statsmodels_one_line_says_what_is_left_out(folder, done, monkeypatch):
    import sys

    _, out = done
    for name in [n for n in sys.modules if n.split(".")[0] == "statsmodels"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "statsmodels.stats.inter_rater", None)
    with pytest.raises(Exception, match="statsmodels"):
        kappa.must_have_statsmodels()
    result = call("cohort", folder, "--out", out)
    assert result.exit_code == 0
    assert sum('pip install "lesionkit[statistics]"' in line for line in result.stdout.splitlines()) == 1
    assert rows(out, "agreement") == []
    assert rows(out, "response")


def test_an_item_nobody_answered_is_refused_in_one_line(folder, tmp_path):
    result = call("cohort", folder, "--out", tmp_path, "--overall", "well-being")
    assert result.exit_code != 0
    assert "well-being" in str(result.exception or result.output)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["check", "measure", "report", "cohort"])
@pytest.mark.parametrize("table", ["scores.csv", "questionnaire.csv", "adverse_events.csv"])
def test_what_is_told_beside_the_images_is_read_before_anything_is_measured(
    tmp_path, monkeypatch, command, table
):
    measured = []
    module = import_module("lesionkit.pipeline.run")  # behind the function of its name
    monkeypatch.setattr(module, "_measure", lambda task: measured.append(task))
    write_outlines(write_photo(tmp_path / "P1/2012-03-01/left-hand.jpg"), {})
    (tmp_path / table).write_text("patient,what\n", encoding="utf-8")
    result = call(command, tmp_path)
    assert result.exit_code != 0
    assert table in str(result.exception or result.output)
    assert measured == []
    assert not list((tmp_path / "derivatives/lesionkit").glob("**/*.csv"))


@pytest.mark.parametrize("command", ["check", "measure", "report", "cohort"])
def test_each_table_beside_the_images_is_read_once(tmp_path, monkeypatch, command):
    tables = {
        "scores.csv": "patient,date,score,value\nP1,2012-03-01,VAS,3\n",
        "questionnaire.csv": "patient,item,answer\nP1,overall benefit,yes\n",
        "adverse_events.csv": "patient,event\nP1,none\n",
    }
    write_outlines(write_photo(tmp_path / "P1/2012-03-01/left-hand.jpg"), {})
    for name, text in tables.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    opened = []
    read_text = Path.read_text

    def note(path, *args, **more):
        opened.append(path.name)
        return read_text(path, *args, **more)

    monkeypatch.setattr(Path, "read_text", note)
    result = call(command, tmp_path, *["--overall", "overall benefit"] * (command == "cohort"))
    assert result.exit_code == 0, result.output
    assert {name: opened.count(name) for name in tables} == dict.fromkeys(tables, 1)


def test_a_table_that_cannot_be_read_is_refused_before_anything_is_measured(tmp_path):
    write_outlines(write_photo(tmp_path / "P1/2012-03-01/left-hand.jpg"), {})
    (tmp_path / "questionnaire.csv").write_text("patient,answer\n", encoding="utf-8")
    result = call("cohort", tmp_path)
    assert result.exit_code != 0
    assert "no column 'item'" in str(result.exception or result.output)
    assert not list((tmp_path / "derivatives/lesionkit").glob("**/*.csv"))


def test_a_template_is_written_once_and_read_back_as_unanswered(folder, tmp_path):
    from lesionkit.io.questionnaire import TEMPLATE, read_questionnaire

    place = tmp_path / "questionnaire.csv"
    result = call("cohort", folder, "--template", place)
    assert result.stdout == f"{place}\n"
    with place.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [(r["patient"], r["item"]) for r in found] == [
        (patient, item) for patient in ("P1", "P2", "P3", "P4") for item in TEMPLATE
    ]
    assert read_questionnaire(tmp_path) == ({}, ())
    assert call("cohort", folder, "--template", place).exit_code != 0


def test_an_empty_cohort_of_tables_still_says_who_is_left_out(tmp_path):
    image = write_photo(tmp_path / "P1/2012-03-01/left-hand.jpg")
    write_outlines(image, {})
    result = call("cohort", tmp_path, "--json")
    found = json.loads(result.stdout)
    assert found["adverse_events"] == found["questionnaire"] == found["association"] == []
    assert [(r["table"], r["why"]) for r in found["left_out"]] == [
        ("follow_up", "start of treatment not known"),
        ("response", "fewer than two timepoints read"),
    ]


def test_figures_are_written_beside_the_tables_with_before_and_after(folder, done):
    pytest.importorskip("typst")
    _, out = done
    result = call("cohort", folder, "--out", out, "--figures", "--quiet")
    assert result.exit_code == 0, result.output
    stems = {path.stem for path in (out / "cohort" / "figures").iterdir()}
    assert stems == {
        "questionnaire",
        "response",
        "spider-photographs",
        "swimmer",
        "waterfall-photographs",
        "panel-P1-xc-1",
        "panel-P2-xc-1",
    }
    for stem in stems:
        assert {path.suffix for path in (out / "cohort" / "figures").glob(f"{stem}.*")} == {
            ".svg",
            ".pdf",
            ".png",
        }
    drawing = (out / "cohort" / "figures" / "waterfall-photographs.svg").read_text(encoding="utf-8")
    final = {r["patient"]: float(r["final_change_pct"]) for r in rows(out, "changes")}
    assert final["P1"] < 0 < final["P2"]
    assert f"P1: regression, −{-final['P1']:.1f}".rstrip("0").rstrip(".") in drawing


def test_the_page_shows_the_drawing_that_is_written_as_figure(folder, done):
    pytest.importorskip("typst")
    _, out = done
    assert call("cohort", folder, "--out", out, "--figures", "--quiet").exit_code == 0
    assert call("report", folder, "--out", out, "--quiet").exit_code == 0
    page = (out / "report" / "index.html").read_text(encoding="utf-8")
    for name in ("response", "waterfall-photographs", "spider-photographs", "swimmer"):
        svg = (out / "cohort" / "figures" / f"{name}.svg").read_text(encoding="utf-8")
        assert svg.split("\n", 1)[1].strip() in page


def test_without_typst_figures_are_refused_before_anything_is_measured(folder, tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "typst", None)
    result = call("cohort", folder, "--out", tmp_path, "--figures")
    assert result.exit_code != 0
    assert 'pip install "lesionkit[figures]"' in str(getattr(result.exception, "hint", "") or result.output)
    assert not list(tmp_path.glob("**/*.csv"))
