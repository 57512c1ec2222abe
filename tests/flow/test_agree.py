"""`lesionkit agree`: readers whose lines are drawn by a known rule, and what is said of them."""

import csv
import json
import tomllib

import numpy as np
import pytest
from making import write_photo
from typer.testing import CliRunner

from lesionkit.cli.app import app

MM_PER_PX = 0.25
PATIENTS, DAYS = 6, ("2012-03-01", "2013-03-01")
CENTRES = (((60, 80), 25.0), ((150, 200), 30.0), ((80, 250), 14.0))


def ring(rng, centre, radius, *, sd, offset, lasting=6.0, points=120):
    """A circle in px whose radius strays with a standard deviation and a correlation length along it."""
    turn = 2 * np.pi * np.arange(points) / points
    apart = np.abs(turn[:, None] - turn[None]) * radius
    apart = np.minimum(apart, 2 * np.pi * radius - apart)
    covariance = sd**2 * np.exp(-apart / lasting) + 1e-9 * np.eye(points)
    reach = radius + offset + np.linalg.cholesky(covariance) @ rng.normal(size=points)
    line = [
        [float(centre[1] + 0.5 + r * np.cos(t)), float(centre[0] + 0.5 + r * np.sin(t))]
        for r, t in zip(reach, turn, strict=True)
    ]
    return [*line, line[0]]


def write_reading(image, reader, rings):
    features = [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [line]}, "properties": {}}
        for line in rings
    ]
    path = image.with_name(f"{image.stem}.outlines.{reader}.geojson")
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two readings by anna that stray by 0.2 mm, and one by ben, who draws 0.5 mm larger and misses one."""
    root = tmp_path_factory.mktemp("agreement")
    rng = np.random.default_rng(7)
    for patient in range(PATIENTS):
        for day in DAYS:
            image = write_photo(root / f"P{patient:02}" / day / "left-hand.jpg", seed=patient)
            grown = 1.0 if day == DAYS[0] else (0.6, 1.0, 1.5)[patient % 3]
            for reader in ("anna", "anna~2", "ben"):
                offset = 2.0 if reader == "ben" else rng.normal() * 0.8
                rings = [ring(rng, c, r * np.sqrt(grown), sd=0.8, offset=offset) for c, r in CENTRES]
                if (reader, patient, day) == ("ben", 0, DAYS[0]):
                    rings = rings[:-1]
                write_reading(image, reader, rings)
    (root / "cohort.toml").write_text("# by hand\n[scale]\nmm_per_px = 0.25  # phone\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def printed(folder):
    result = CliRunner().invoke(app, ["agree", str(folder), "--write-errors", "--quiet"])
    assert result.exit_code == 0, result.output
    return result.output


def statistics(folder):
    path = folder / "derivatives" / "lesionkit" / "agreement" / "statistics.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["level"], row["measure"], row["readers"], row["statistic"]): row
            for row in csv.DictReader(file)
        }


def test_a_deposit_that_one_reader_missed_is_counted(folder, printed):
    found = statistics(folder)
    counts = {
        n: found["drawing", "", "anna & ben", f"deposits_{n}"]["value"]
        for n in ("both", "only_first", "only_second")
    }
    assert {name: float(value) for name, value in counts.items()} == {
        "both": len(CENTRES) * PATIENTS * 2 - 1,
        "only_first": 1,
        "only_second": 0,
    }


def test_a_reader_who_draws_larger_shows_as_bias(folder, printed):
    row = statistics(folder)["deposit", "long_axis", "anna~2 & ben", "bias"]
    # Half a millimetre on each side, give or take anna's own readings.
    assert float(row["value"]) == pytest.approx(1.0, abs=0.35)
    assert float(row["low"]) < float(row["value"]) < float(row["high"])
    assert row["interval"] == "patients resampled"


def test_three_readings_are_also_held_against_one_another_together(folder, printed):
    row = statistics(folder)["deposit", "area", "anna & anna~2 & ben", "icc_2_1"]
    assert 0.8 < float(row["value"]) < 1
    assert int(row["cases"]) == len(CENTRES) * PATIENTS * 2 - 1


def test_the_error_written_is_the_one_put_in_and_the_rest_of_the_file_stays(folder, printed):
    text = (folder / "cohort.toml").read_text(encoding="utf-8")
    assert text.startswith("# by hand\n")
    assert "mm_per_px = 0.25  # phone" in text
    errors = tomllib.loads(text)["errors"]["XC"]
    assert errors["outline_mm"] == pytest.approx(0.8 * MM_PER_PX, rel=0.15)
    assert errors["correlation_mm"] == pytest.approx(6 * MM_PER_PX, rel=0.5)
    assert errors["reading_mm"] == pytest.approx(0.8 * MM_PER_PX, rel=0.5)
    assert "anna~2" in errors["source"]


def test_measuring_takes_the_error_from_there(folder, printed):
    result = CliRunner().invoke(app, ["measure", str(folder), "--reader", "anna", "--quiet", "--json"])
    assert result.exit_code == 0, result.output
    with (folder / "derivatives" / "lesionkit" / "measurements.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    assert all(float(row["area_mm2_se"]) > 0 for row in rows)


def test_the_page_opens_by_itself(folder, printed):
    page = (folder / "derivatives" / "lesionkit" / "agreement" / "index.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 6
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--reader", "anna"], "no image of"),
        (["--reader", "carla", "--reader", "anna"], "carla has outlined no image"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(folder, arguments, said, capfd):
    from lesionkit.cli import main

    assert main(["agree", str(folder), *arguments]) == 2
    told = capfd.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert said in told[0]


def test_too_little_read_twice_tells_no_error(tmp_path, capfd):
    from lesionkit.cli import main

    image = write_photo(tmp_path / "P01" / "2012-03-01" / "left-hand.jpg")
    rng = np.random.default_rng(1)
    for reader in ("anna", "ben"):
        write_reading(image, reader, [ring(rng, (60, 80), 20.0, sd=0.5, offset=0.0)])
    assert main(["agree", str(tmp_path), "--write-errors"]) == 2
    assert "too few deposits" in capfd.readouterr().err
    assert not (tmp_path / "cohort.toml").exists()


OF_A_SIZE = {
    *("icc_2_1", "icc_3_1", "wsd", "repeatability", "sdc"),
    *("wsd_pct", "repeatability_low_pct", "repeatability_high_pct"),
}
OF_TWO_READINGS = {"bias", "limit_low", "limit_high", "ccc", "bias_pct", "limit_low_pct", "limit_high_pct"}


def test_every_statistic_is_told_of_deposits_of_patients_and_of_categories(folder, printed):
    told = {}
    for (level, measure, readers, statistic), row in statistics(folder).items():
        told.setdefault((level, measure, readers), {})[statistic] = row
    two, three = "anna & ben", "anna & anna~2 & ben"
    assert {"dice", "mean_distance", "hausdorff_95"} <= set(told["drawing", "", two])
    for level, measure in (("deposit", "area"), ("deposit", "long_axis"), ("patient", "area")):
        assert set(told[level, measure, two]) == OF_A_SIZE | OF_TWO_READINGS, (level, measure)
        assert set(told[level, measure, three]) == OF_A_SIZE, (level, measure)
        for row in told[level, measure, two].values():
            assert float(row["low"]) <= float(row["value"]) <= float(row["high"]), row
            assert int(row["patients"]) == PATIENTS
    assert set(told["response", "", two]) == {"alike_pct", "kappa", "kappa_linear"}
    assert set(told["response", "", three]) == {"alike_pct", "kappa"}


def test_repeatability_is_2_77_times_the_deviation_within_a_case(folder, printed):
    found = statistics(folder)
    within, repeats = (
        float(found["deposit", "area", "anna & anna~2", name]["value"]) for name in ("wsd", "repeatability")
    )
    assert repeats == pytest.approx(1.96 * np.sqrt(2) * within, rel=1e-3)
