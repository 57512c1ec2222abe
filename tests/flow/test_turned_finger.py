"""Deposits on a finger that lies turned at a later visit are followed with it, from folder to table."""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import hands
import numpy as np
import pytest

from lesionkit.core.arrays import Floats
from lesionkit.phantom.anatomy import Side
from lesionkit.phantom.dicom import DetectorScale, Shot, write_radiograph

Run = Callable[..., tuple[int, str, str]]
TURN = 13.0
DAYS = (date(2012, 3, 1), date(2013, 3, 1))


def _outlined(path: Path, middles: tuple[Floats, ...]) -> None:
    steps = np.linspace(0, 2 * np.pi, 24)
    rings = [middle + 5 * np.column_stack([np.cos(steps), np.sin(steps)]) for middle in middles]
    # GeoJSON: columns first, and a pixel's first corner at 0.
    shapes = [{"type": "Polygon", "coordinates": [(ring[:, ::-1] + 0.5).tolist()]} for ring in rings]
    features = [{"type": "Feature", "geometry": shape, "properties": {}} for shape in shapes]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


@pytest.fixture
def turned(tmp_path: Path) -> Path:
    lies = hands.placed(angle_deg=4, shift_mm=(3.0, 2.0))
    for day, turn, place in zip(DAYS, (0.0, TURN), (hands.STILL, lies), strict=True):
        folder = tmp_path / "P01" / day.isoformat()
        folder.mkdir(parents=True)
        picture = hands.radiograph(1, {"index": turn} if turn else None, lies=place)
        shot = Shot(patient="P01", day=day, body_part="HAND", side=Side.LEFT, seed=1)
        write_radiograph(
            folder / "hand.dcm",
            np.asarray(picture.pixels),
            shot=shot,
            spacing_mm=hands.SPACING,
            scale=DetectorScale(is_calibrated=True),
        )
        seen = [hands.on_film("index", share, turn, lies=place) for share in (0.6, 0.9)]
        seen.append(hands.on_film("middle", 0.7, lies=place))
        _outlined(folder / "hand.outlines.geojson", tuple(seen))
    return tmp_path


def _later(folder: Path) -> list[dict[str, str]]:
    path = folder / "derivatives" / "lesionkit" / "tracks.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["date"] == DAYS[1].isoformat()]


def test_every_deposit_is_met_again_where_its_finger_went_and_so_it_is_when_kept_results_are_read(
    lesionkit: Run, turned: Path
) -> None:
    assert lesionkit("measure", turned)[0] == 0
    rows = _later(turned)
    assert [row["presence"] for row in rows] == ["present"] * 3
    assert [row["event"] for row in rows] == ["persisting"] * 3
    assert {row["matched_by"] for row in rows} == {"overlap"}
    assert {row["match_confirmed"] for row in rows} == {"yes"}
    assert lesionkit("measure", turned)[0] == 0
    assert _later(turned) == rows
    pages = " ".join(page.read_text(encoding="utf-8") for page in turned.rglob("P01*.html"))
    assert "it was laid by itself" in pages
