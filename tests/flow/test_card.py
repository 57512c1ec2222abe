"""A folder of photographs with cards: whose they are, how large, and of what colour."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from cards import card, photograph, plain, shot_of

from lesionkit.calibrate.card.layout import CARD

AREA_MM2 = 8.0 * 5.0
SQUARE = np.array([[20.0, 112.0], [20.0, 117.0], [28.0, 117.0], [28.0, 112.0]])
"""A deposit beside the card, mm on its plane."""


def write(folder: Path, patient: str, day: str, *, code: str | None) -> None:
    shot = shot_of(px_per_mm=6.5, aside_mm=15, tilt_deg=20, towards_deg=50)
    image = photograph(shot, card(patient=code), plain((0.75, 0.7, 0.6), (8.0, 5.0), (20.0, 112.0)))
    place = folder / patient / day
    place.mkdir(parents=True)
    cv2.imwrite(str(place / "left-hand.png"), np.asarray(image.pixels)[..., ::-1])
    ring = shot.to_pixels(SQUARE)[:, ::-1] + 0.5
    feature = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring.tolist(), ring[0].tolist()]]},
        "properties": {"deposit": "a", "status": "confirmed"},
    }
    collection = {"type": "FeatureCollection", "features": [feature]}
    (place / "left-hand.outlines.geojson").write_text(json.dumps(collection), encoding="utf-8")


@pytest.fixture
def measure(tmp_path, lesionkit):
    def run(code: str | None, toml: str = "") -> tuple[int, list[dict[str, str]], list[dict[str, str]]]:
        folder = tmp_path / "cohort"
        write(folder, "P01", "2012-03-01", code=code)
        (folder / "cohort.toml").write_text(toml, encoding="utf-8")
        exit_code, _, _ = lesionkit("measure", folder, "--quiet")
        tables = []
        for name in ("measurements", "problems"):
            with (folder / f"derivatives/lesionkit/{name}.csv").open(encoding="utf-8", newline="") as file:
                tables.append(list(csv.DictReader(file)))
        return exit_code, tables[0], tables[1]

    return run


def test_a_card_alone_gives_millimetres_and_their_error(measure):
    exit_code, (row,), problems = measure("P01")
    assert exit_code == 0
    assert row["scale_source"] == "marker"
    assert float(row["area_mm2"]) == pytest.approx(AREA_MM2, rel=0.01)
    assert 0.002 < float(row["scale_rel_se"]) < 0.05
    assert [one["code"] for one in problems if "card" in one["code"]] == []
    assert row["erythema"] == row["colour_delta_e"] == ""


def test_a_photograph_whose_card_bears_another_patients_code_is_left_out(measure):
    exit_code, rows, problems = measure("P02")
    assert exit_code == 1
    assert rows == []
    (found,) = [one for one in problems if one["code"] == "card_of_another_patient"]
    assert found["severity"] == "error"
    assert found["about"] == "P01/2012-03-01/left-hand.png"


def test_the_code_on_the_card_may_be_a_name_that_stands_for_the_patient(measure):
    exit_code, (row,), _ = measure("X-4711", '[patients]\n"X-4711" = "P01"\n')
    assert exit_code == 0
    assert row["patient"] == "P01"


def test_another_code_is_only_told_where_the_cohort_says_so(measure):
    exit_code, (row,), problems = measure("P02", '[scale]\ncard_code = "warn"\n')
    assert exit_code == 0
    assert row["area_mm2"]
    (found,) = [one for one in problems if one["code"] == "card_of_another_patient"]
    assert found["severity"] == "warning"


def test_a_card_that_was_printed_too_small_is_mended_by_what_its_bars_measure(measure):
    _, (row,), _ = measure("P01", "[scale]\ncard_bar_mm = [98.0, 96.0]\n")
    assert float(row["area_mm2"]) == pytest.approx(AREA_MM2 * 0.98 * 0.96, rel=0.01)


def test_colours_are_measured_where_the_cards_patches_were(measure):
    from lesionkit.calibrate.colour import _ADAPTED, _D50, _FROM_XYZ
    from lesionkit.phantom.light import decoded
    from lesionkit.phantom.printed import INK, PAPER

    linear = INK + (PAPER - INK) * np.asarray(decoded(np.array([p.asked for p in CARD.patches]) / 255))
    root = np.cbrt(linear @ np.linalg.inv(_ADAPTED.T @ _FROM_XYZ.T) / _D50)
    x, y, z = root.T
    labs = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1).round(2).tolist()
    _, (row,), problems = measure("P01", f"[colour]\ncard_patches = {labs}\n")
    assert [one["code"] for one in problems if "colour" in one["code"] or "chart" in one["code"]] == []
    assert float(row["colour_delta_e"]) < 3
    # The deposit's linear colour is (0.75, 0.7, 0.6), the skin's (0.45, 0.28, 0.2).
    expected = 100 * (np.log10(0.75 / 0.7) - np.log10(0.45 / 0.28))
    assert float(row["erythema"]) == pytest.approx(expected, abs=4)
    assert 15 < float(row["whiteness"]) < 35


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_the_command_writes_a_page(tmp_path, lesionkit, paper):
    path = tmp_path / "card.pdf"
    code, out, _ = lesionkit("card", path, "--paper", paper, "--patient", "P01", "--strip")
    assert (code, out.strip()) == (0, str(path))
    assert path.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("card.png",), "no name of a PDF"),
        (("nowhere/card.pdf",), "no folder"),
        (("card.pdf", "--patient", " "), "patient code"),
        (("card.pdf", "--patient", "P" * 25), "patient code"),
        (("card.pdf", "--patient", "患者"), "no sign"),
        (("card.pdf", "--paper", "a3"), "a3"),
    ],
)
def test_what_cannot_be_printed_is_refused_in_one_line(tmp_path, lesionkit, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    code, out, err = lesionkit("card", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
