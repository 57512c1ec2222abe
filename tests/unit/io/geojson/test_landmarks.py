"""Landmarks in an outline file: named points, which are no deposits and say nothing of absence."""

import json
from pathlib import Path

import pytest

from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef, Modality
from lesionkit.io.geojson import read_geojson, write_outlines

SQUARE = {"type": "Polygon", "coordinates": [[[2, 2], [9, 2], [9, 9], [2, 9], [2, 2]]]}


def point(name, x, y):
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [x, y]},
        "properties": {"landmark": name},
    }


DEPOSIT = {"type": "Feature", "geometry": SQUARE, "properties": {"deposit": "a"}}


def read(tmp_path: Path, *features, **top):
    path = tmp_path / "hand.outlines.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **top}))
    return read_geojson(path, image=reference(tmp_path))


def reference(tmp_path: Path) -> ImageRef:
    image = tmp_path / "hand.jpg"
    image.touch()
    return ImageRef(
        id="hand.jpg",
        modality=Modality.XC,
        site="hand",
        paths=(image,),
        reader="photo",
        location="hand.jpg",
        grid=Grid(shape=(30, 40)),
    )


def test_landmarks_are_read_by_name_with_pixel_centres_on_integers(tmp_path):
    drawing, problems = read(tmp_path, DEPOSIT, point("nevus", 12.5, 7.5), point(" nail ", 39.0, 0.5))
    assert problems == ()
    assert dict(drawing.landmarks) == {"nevus": (7.0, 12.0), "nail": (0.0, 38.5)}
    assert [deposit.name for deposit in drawing.deposits] == ["a"]
    assert drawing.left_out == ()


@pytest.mark.parametrize(
    "marks",
    [[point("nevus", 99.0, 7.5)], [point("nevus", 3, 3), point("nevus", 9, 3)], [point("nevus", "x", 3)]],
    ids=["outside", "twice", "no place"],
)
def test_a_landmark_that_cannot_be_used_is_left_out_with_a_problem(tmp_path, marks):
    drawing, problems = read(tmp_path, DEPOSIT, *marks)
    assert not drawing.landmarks
    assert {problem.code for problem in problems} == {"landmark_unusable"}


def test_who_marked_landmarks_has_not_said_that_nothing_is_there(tmp_path):
    drawing, problems = read(tmp_path, point("nevus", 3, 3))
    assert drawing.left_out
    assert [problem.code for problem in problems] == ["landmarks_only"]
    drawing, problems = read(tmp_path, point("nevus", 3, 3), absent=True)
    assert (drawing.left_out, problems) == ((), ())


def test_landmarks_stay_when_outlines_are_written_again(tmp_path):
    drawing, _ = read(tmp_path, DEPOSIT, point("nevus", 12.5, 7.5))
    write_outlines(tmp_path / "hand.outlines.geojson", drawing.deposits, image=reference(tmp_path))
    again, problems = read_geojson(tmp_path / "hand.outlines.geojson", image=reference(tmp_path))
    assert problems == ()
    assert dict(again.landmarks) == dict(drawing.landmarks)
