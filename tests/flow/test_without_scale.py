"""Two photographs without any scale: the change is told, marked, and explained in every place."""

import csv
import json
import math

import numpy as np
import pytest
from PIL import Image
from scenes import seen_from, texture

from lesionkit import run
from lesionkit.core.arrays import homogeneous
from lesionkit.pipeline.publish import write_tables

SHAPE = (480, 520)
TILTED = np.array([[0.95, -0.10, 30.0], [0.12, 0.99, -20.0], [1.0e-4, -1.5e-4, 1.0]])


def circle(radius):
    angle = np.linspace(0, 2 * math.pi, 90, endpoint=False)
    return 250 + radius * np.stack([np.sin(angle), np.cos(angle)], axis=1)


def skin_with(radius):
    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]]
    picture = 120 + 16 * texture(7, SHAPE) + 60 * (np.hypot(rows - 250, cols - 250) < radius)
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


@pytest.fixture
def cohort(tmp_path):
    later = np.asarray(seen_from(skin_with(26), TILTED, shape=SHAPE))
    visits = {
        "2012-03-01": (skin_with(20), circle(20)),
        "2013-03-01": (later, homogeneous(np.linalg.inv(TILTED), circle(26))),
    }
    for day, (pixels, ring) in visits.items():
        folder = tmp_path / "cohort" / "P01" / day
        folder.mkdir(parents=True)
        Image.fromarray(pixels).save(folder / "hand.png")
        corners = (ring[:, ::-1] + 0.5).tolist()
        geometry = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
        feature = {"type": "Feature", "properties": {"deposit": "a"}, "geometry": geometry}
        text = json.dumps({"type": "FeatureCollection", "features": [feature]})
        (folder / "hand.outlines.geojson").write_text(text, encoding="utf-8")
    return tmp_path / "cohort"


def rows(out, name):
    with (out / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_change_without_a_scale_is_told_and_marked_wherever_it_stands(cohort, tmp_path):
    outcome = run(cohort)
    final = outcome.responses[-1]
    assert final.category == "progression"
    assert final.change_pct == pytest.approx(100 * (26**2 / 20**2 - 1), abs=1.5)
    low, high = final.change_pct_limits
    assert low < 69 < high
    assert "relative_to_first_picture" in final.reasons
    write_tables(outcome, tmp_path / "out")
    first, later = rows(tmp_path / "out", "measurements.csv")
    assert float(first["area_first_px2"]) == pytest.approx(float(first["area_px2"]))
    assert float(later["area_first_px2"]) == pytest.approx(math.pi * 26**2, rel=0.01)
    assert float(later["area_first_px2"]) != pytest.approx(float(later["area_px2"]), rel=0.02)
    assert [row["relative"] for row in rows(tmp_path / "out", "tracks.csv")] == ["", "yes"]
    (likeness,) = rows(tmp_path / "out", "comparability.csv")
    assert (likeness["date"], likeness["baseline_date"]) == ("2013-03-01", "2012-03-01")
    assert likeness["method"] == "features"
