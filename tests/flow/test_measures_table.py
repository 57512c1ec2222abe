"""From a folder to ``measures.csv``: landmarks, regions of interest, grades, and what others measure."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from lesionkit import run, write
from lesionkit.measure.measurer import MEASURERS


def square(col, row, side, **properties):
    ring = [[col, row], [col + side, row], [col + side, row + side], [col, row + side], [col, row]]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def landmark(col, row, name):
    point = {"type": "Point", "coordinates": [col, row]}
    return {"type": "Feature", "properties": {"landmark": name}, "geometry": point}


@pytest.fixture
def cohort(tmp_path):
    root = tmp_path / "cohort"
    features = {
        "2012-03-01": [
            square(20, 20, 10, deposit="a"),
            square(10, 10, 40, region="phalanx"),
            landmark(60, 25, "tip"),
        ],
        "2013-03-01": [square(10, 10, 40, region="phalanx"), landmark(60, 25, "tip")],
    }
    for day, found in features.items():
        folder = root / "P01" / day
        folder.mkdir(parents=True)
        pixels = np.full((80, 90), 100, dtype=np.uint8)
        pixels[20:30, 20:30] = 200
        Image.fromarray(pixels).save(folder / "hand.png")
        top = {"type": "FeatureCollection", "features": found}
        if len(found) == 2:
            top["absent"] = True
        (folder / "hand.outlines.geojson").write_text(json.dumps(top), encoding="utf-8")
    (root / "cohort.toml").write_text(
        '[scale]\nmm_per_px = 0.5\n\n[grade.XC]\nof = "mean_intensity"\ncuts = [0.2, 0.5, 0.9]\n',
        encoding="utf-8",
    )
    return root


def table(outcome, out):
    write(outcome, "csv", out)
    with (out / "measures.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_marked_places_and_grades_reach_the_table(cohort, tmp_path):
    outcome = run(cohort)
    assert not [p for p in outcome.problems if p.code in ("landmarks_only", "region_unusable")]
    found = {(r["date"], r["deposit"], r["measure"], r["about"]): r for r in table(outcome, tmp_path / "out")}
    away = found["2012-03-01", "a", "landmark_distance", "tip"]
    assert (float(away["value"]), away["unit"]) == (15.0, "mm")
    assert float(away["value_se"]) > 0
    assert found["2012-03-01", "a", "density_grade", ""]["value"] == "2"
    for deposit in ("a", ""):
        cover = found["2012-03-01", deposit, "coverage", "phalanx"]
        assert (float(cover["value"]), cover["unit"]) == (6.25, "%")
        assert "percent of its area" in cover["definition"]
    # Looked, nothing there: nothing is covered, which is not the same as not known.
    assert float(found["2013-03-01", "", "coverage", "phalanx"]["value"]) == 0.0
    area = found["2012-03-01", "a", "area", ""]
    assert (area["value"], area["unit"]) == ("25", "mm2")
    assert {m.deposit for m in outcome.measurements} == {"a", ""}
    assert [deposit.id for deposit in outcome.deposits] == ["a"], "a region of interest is no deposit"


def test_a_package_that_cannot_be_loaded_is_told(cohort, monkeypatch):
    broken = MEASURERS.extensions()[0]
    told = type(broken)(
        group=broken.group, name="texture", origin="our_package", version="1", reason="it needs numbers"
    )
    monkeypatch.setattr(MEASURERS, "extensions", lambda: (told,))
    (problem,) = [p for p in run(cohort).problems if p.code == "measure_not_usable"]
    assert "our_package" in problem.text
    assert "it needs numbers" in problem.text
