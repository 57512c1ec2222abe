"""From a folder to the files people open: tables and pages tell the same."""

import csv
import json
from html import unescape

import numpy as np
import pytest
from PIL import Image

import lesionkit
from lesionkit.classification import REASONS
from lesionkit.io import load_image

SIDES = {"2012-03-01": (60, 40), "2013-03-04": (45, 40), "2015-06-01": (30, 0)}
MM_PER_PX = 0.1


def _square(row, col, side):
    ring = [[col, row], [col + side, row], [col + side, row + side], [col, row + side], [col, row]]
    return {
        "type": "Feature",
        "properties": {"status": "drawn", "author": "reader"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """One patient whose two squares shrink, and one of which vanishes; with treatment after the first day."""
    folder = tmp_path_factory.mktemp("cohort")
    rng = np.random.default_rng(7)
    skin = rng.integers(140, 170, (300, 400, 3), dtype=np.uint8)
    for day, sides in SIDES.items():
        place = folder / "P01" / day
        place.mkdir(parents=True)
        pixels = skin.copy()
        squares = [(r, c, side) for (r, c), side in zip(((60, 80), (180, 260)), sides, strict=True) if side]
        for row, col, side in squares:
            pixels[row : row + side, col : col + side] = 245
        Image.fromarray(pixels).save(place / "left-hand.png")
        content = {
            "type": "FeatureCollection",
            "features": [_square(*square) for square in squares],
            "lesionkit": {"schema": 1, "scale": {"source": "manifest", "mm_per_px": MM_PER_PX}},
        }
        (place / "left-hand.outlines.geojson").write_text(json.dumps(content))
    (folder / "treatments.csv").write_text("patient,drug,start\nP01,sodium thiosulfate,2012-04-01\n")
    out = tmp_path_factory.mktemp("out")
    outcome = lesionkit.run(folder, jobs=1)
    paths = lesionkit.write(outcome, "csv", out)
    paths += lesionkit.write(outcome, "html", out, load=load_image, reason_texts=REASONS)
    return {path.name: path for path in paths}


def _rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_areas_in_the_table_are_those_drawn(written):
    areas = [float(row["area_mm2"]) for row in _rows(written["measurements.csv"])]
    drawn = [(side * MM_PER_PX) ** 2 for sides in SIDES.values() for side in sides if side]
    assert areas == pytest.approx(drawn, rel=1e-6)


def test_the_vanished_square_is_zero_in_the_table_and_absent_on_the_page(written):
    last = [row for row in _rows(written["tracks.csv"]) if row["date"] == "2015-06-01"]
    assert sorted((row["presence"], row["value"]) for row in last) == [("absent", "0"), ("present", "9")]
    assert "absent" in written["P01.html"].read_text(encoding="utf-8")


def test_the_page_tells_what_the_table_tells(written):
    final = next(row for row in _rows(written["responses.csv"]) if row["evaluation"] == "final")
    assert (final["baseline"], final["current"], final["category"]) == ("52", "9", "regression")
    page = unescape(written["P01.html"].read_text(encoding="utf-8"))
    assert "smaller by 82.7 % (from 52 to 9 mm²)" in page
    for code in final["reasons"].split(";"):
        assert REASONS[code] in page
    index = written["index.html"].read_text(encoding="utf-8")
    assert "smaller by 82.7 %" in index
    assert 'href="P01.html"' in index


def test_every_file_read_has_its_fingerprint(written):
    inputs = json.loads(written["run.json"].read_text(encoding="utf-8"))["inputs"]
    assert {f"P01/{day}/left-hand.png" for day in SIDES} <= set(inputs)
    assert all(len(value) == 64 for value in inputs.values())
