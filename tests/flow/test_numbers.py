"""Numbers that must agree with one another, whatever the folder: between tables, scales and orders."""

import json
import math
import random
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from making import write_outlines, write_photo

import lesionkit as lk
from lesionkit.report import Row, measurement_rows, response_rows, track_rows

VISITS = ("2012-03-01", "2012-09-01", "2013-03-01", "2014-03-01")
BOXES = {
    "left-hand": (
        {"a": (100, 120, 20, 40), "b": (30, 40, 8, 10), "c": (180, 200, 12, 9)},
        {"a": (100, 120, 16, 40), "b": (30, 40, 8, 14)},
        {"a": (100, 120, 9, 40), "c": (180, 200, 6, 9), "d": (20, 250, 7, 11)},
        {"b": (30, 40, 15, 14), "c": (180, 200, 18, 9)},
    ),
    "right-hand": (
        {"e": (60, 60, 30, 30)},
        {},
        {"e": (60, 60, 10, 30)},
        {"e": (60, 60, 10, 15), "f": (60, 200, 5, 5)},
    ),
}


def cohort(root: Path, *, mm_per_px: float = 0.25, shuffled: int | None = None) -> Path:
    """Return a folder in which deposits grow, shrink, vanish, come back and appear at two sites."""
    lines = ["path,mm_per_px"]
    for visit, day in enumerate(VISITS):
        for seed, site in enumerate(BOXES):
            image = write_photo(root / "P01" / day / f"{site}.jpg", seed=seed)
            path = write_outlines(image, BOXES[site][visit])
            lines.append(f"{image.relative_to(root).as_posix()},{mm_per_px}")
            if shuffled is not None:
                content = json.loads(path.read_text(encoding="utf-8"))
                random.Random(shuffled).shuffle(content["features"])
                path.write_text(json.dumps(content), encoding="utf-8")
    if shuffled is not None:
        lines[1:] = lines[:0:-1]
    (root / "images.csv").write_text("\n".join(lines), encoding="utf-8")
    return root


def table(rows: Iterable[Row], *, without: Iterable[str] = ()) -> list[dict[str, object]]:
    left_out = set(without)
    return sorted(({k: v for k, v in row.items() if k not in left_out} for row in rows), key=repr)


def test_tables_agree_with_one_another(tmp_path: Path) -> None:
    outcome = lk.run(cohort(tmp_path))
    tracks, sizes = track_rows(outcome), measurement_rows(outcome)
    for row in tracks:
        parts = [s["area_mm2"] for s in sizes if (s["track"], s["date"]) == (row["track"], row["date"])]
        assert row["value"] == pytest.approx(math.fsum(parts))  # type: ignore[arg-type]
    responses = response_rows(outcome)
    assert len(responses) == 3 * len(VISITS)
    for row in responses:
        for column, day in (("baseline", "baseline_date"), ("current", "date"), ("nadir", "nadir_date")):
            summed = [
                t["value"] for t in tracks if t["date"] == row[day] and row["site"] in (t["site"], "all")
            ]
            assert row[column] == pytest.approx(math.fsum(summed))  # type: ignore[arg-type]
        now, then, least = (float(str(row[name])) for name in ("current", "baseline", "nadir"))
        assert row["change_pct"] == pytest.approx(100 * (now / then - 1))
        assert row["change_from_nadir_pct"] == (pytest.approx(100 * (now / least - 1)) if least else None)
        days = date.fromisoformat(str(row["date"])) - date.fromisoformat(str(row["baseline_date"]))
        assert row["months_from_baseline"] == pytest.approx(days.days / 30.4375)


def test_another_scale_changes_sizes_and_nothing_else(tmp_path: Path) -> None:
    one, other = (lk.run(cohort(tmp_path / name, mm_per_px=mm)) for name, mm in (("a", 0.25), ("b", 0.9)))
    factor = 0.9 / 0.25
    for before, after in zip(measurement_rows(one), measurement_rows(other), strict=True):
        assert after["area_mm2"] == pytest.approx(before["area_mm2"] * factor**2)  # type: ignore[operator]
        for length in ("perimeter_mm", "long_axis_mm", "short_axis_mm"):
            assert after[length] == pytest.approx(before[length] * factor)  # type: ignore[operator]
    sizes = ("baseline", "current", "nadir")
    for before, after in zip(response_rows(one), response_rows(other), strict=True):
        for size in sizes:
            assert after[size] == pytest.approx(before[size] * factor**2)  # type: ignore[operator]
        # A hand strays by so many millimetres, whatever the picture's scale.
        errors = {"change_pct_low", "change_pct_high", "p_regression", "p_stable", "p_progression"}
        for column in before.keys() - set(sizes) - errors:
            same = before[column]
            assert after[column] == (pytest.approx(same, abs=1e-9) if isinstance(same, float) else same)


def test_the_order_of_outlines_and_lines_changes_nothing(tmp_path: Path) -> None:
    one, other = lk.run(cohort(tmp_path / "a")), lk.run(cohort(tmp_path / "b", shuffled=7), jobs=1)
    assert response_rows(one) == response_rows(other)
    assert track_rows(one) == track_rows(other)
    assert table(measurement_rows(one)) == table(measurement_rows(other))


def test_a_copy_of_an_outline_file_does_not_double_a_deposit(tmp_path: Path) -> None:
    root = cohort(tmp_path)
    before = response_rows(lk.run(root))
    path = root / "P01" / VISITS[3] / "left-hand.outlines.geojson"
    path.with_name("left-hand.jpg.outlines.geojson").write_bytes(path.read_bytes())
    outcome = lk.run(root)
    assert response_rows(outcome) == before
    assert "outlines_overlap" in {problem.code for problem in outcome.problems}


def test_a_name_spelled_otherwise_is_not_taken_for_a_new_deposit_without_a_word(tmp_path: Path) -> None:
    root = cohort(tmp_path)
    path = root / "P01" / VISITS[1] / "left-hand.outlines.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace('"a"', '"A"'), encoding="utf-8")
    told = [p for p in lk.run(root).problems if p.code == "name_in_doubt"]
    assert [problem.about for problem in told] == [f"P01/{VISITS[1]}/left-hand.jpg"]


def test_what_is_kept_is_never_used_for_other_settings(tmp_path: Path) -> None:
    root, memo = cohort(tmp_path / "cohort"), tmp_path / "kept"
    for mm_per_px in (0.25, 0.5):
        cohort(root, mm_per_px=mm_per_px)
        kept, fresh = lk.run(root, memo=memo), lk.run(root)
        assert measurement_rows(kept) == measurement_rows(fresh)
        assert track_rows(kept) == track_rows(fresh)
        assert [t.residual for t in kept.transforms.values()] == [
            t.residual for t in fresh.transforms.values()
        ]


def test_sizes_are_those_drawn_on_the_picture_and_not_of_a_mask_warped_by_the_alignment(tmp_path):
    """The later picture is turned by 9 degrees; its one deposit is as large as before."""
    from PIL import Image
    from scipy.ndimage import affine_transform

    root, angle = tmp_path / "cohort", np.deg2rad(9.0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])  # of (col, row)
    middle = np.array([160.0, 120.0])
    before = write_photo(root / "P01/2012-03-01/left-hand.jpg")
    after = root / "P01/2013-03-01/left-hand.jpg"
    after.parent.mkdir(parents=True)
    turned = Image.open(before).rotate(-9, resample=Image.Resampling.BICUBIC, fillcolor=(128, 128, 128))
    turned.save(after, quality=95)
    ring = np.array([[200.0, 80.0], [203.0, 80.0], [203.0, 83.0], [200.0, 83.0], [200.0, 80.0]])
    for image, corners in ((before, ring), (after, (ring - middle) @ turn.T + middle)):
        feature = {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [corners.tolist()]},
            "properties": {},
        }
        image.with_name("left-hand.outlines.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8"
        )
    (root / "cohort.toml").write_text("[scale]\nmm_per_px = 0.25\n", encoding="utf-8")
    outcome = lk.run(root, jobs=1)
    areas = [m.quantity.value for m in outcome.measurements if m.measure == "area"]
    assert areas == pytest.approx([9 * 0.0625] * 2, rel=1e-9)
    (track,) = outcome.tracks  # so the pictures were laid on one another
    assert len(track.sightings) == 2
    # A mask that is carried along with the picture changes its size by being resampled.
    mask = np.zeros((240, 320), dtype=np.uint8)
    mask[80:83, 200:203] = 1
    of_rows = turn[::-1, ::-1]
    centre = middle[::-1] - 0.5
    warped = affine_transform(mask, of_rows.T, offset=centre - of_rows.T @ centre, order=0)
    assert warped.sum() > 1.1 * mask.sum()
