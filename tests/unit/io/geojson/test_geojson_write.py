import json
import stat
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import rings

from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.region import Deposit, Mask, Outline, Role, Status
from lesionkit.errors import InputError, OutlineError
from lesionkit.io import read_geojson, write_outlines

SQUARE = np.array([[10.0, 20.0], [10.0, 30.0], [25.0, 30.0], [25.0, 20.0]])


def deposit(photo, *, name="a", region=None, **said):
    return Deposit(id=name, image=photo.id, name=name, regions=(region or Outline(exterior=SQUARE),), **said)


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def path(photo):
    return photo.paths[0].with_name("left-hand.outlines.geojson")


def test_a_file_holds_positions_from_the_corner_of_the_top_left_pixel(photo, path):
    write_outlines(path, [deposit(photo)], image=photo)
    (feature,) = load(path)["features"]
    assert feature["geometry"] == {
        "type": "Polygon",
        "coordinates": [[[20.5, 10.5], [30.5, 10.5], [30.5, 25.5], [20.5, 25.5], [20.5, 10.5]]],
    }


def test_the_header_says_which_image(photo, path):
    import hashlib

    write_outlines(path, [deposit(photo)], image=photo)
    assert load(path)["lesionkit"] == {
        "schema": 1,
        "image": "left-hand.png",
        "sha256": hashlib.sha256(photo.paths[0].read_bytes()).hexdigest(),
        "shape": [60, 80],
    }


def test_no_deposits_are_written_as_absent(photo, path):
    write_outlines(path, [], image=photo)
    assert load(path)["features"] == []
    assert load(path)["absent"] is True
    drawing, problems = read_geojson(path, image=photo)
    assert drawing is not None
    assert drawing.deposits == ()
    assert not problems


def test_a_deposit_drawn_later_ends_the_absence(photo, path):
    write_outlines(path, [], image=photo)
    write_outlines(path, [deposit(photo)], image=photo)
    assert "absent" not in load(path)


def test_what_is_said_of_a_deposit_is_read_again(photo, path):
    written = deposit(
        photo,
        status=Status.CONFIRMED,
        role=Role.CONTROL,
        author="reader 1",
        drawn_at="2012-03-02T10:00:00Z",
        tracking_uid="1.2.3",
        properties={"colour": [1, 2, 3], "note": "ü"},
    )
    write_outlines(path, [written], image=photo)
    (found,) = read_geojson(path, image=photo)[0].deposits
    for name in ("id", "name", "status", "role", "author", "drawn_at", "tracking_uid", "properties"):
        assert getattr(found, name) == getattr(written, name)


QUPATH = {
    "type": "FeatureCollection",
    "metadata": {"program": "another", "list": [1, {"a": None}]},
    "features": [
        {
            "type": "Feature",
            "id": "4f1b-1",
            "bbox": [0, 0, 10, 10],
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[0, 0], [10, 0], [10, 10], [0, 0]]],
                "plane": {"c": -1, "z": 0, "t": 0},
            },
            "properties": {
                "objectType": "annotation",
                "name": "thumb",
                "classification": {"name": "Calcium", "color": [200, 0, 0]},
            },
        },
        {
            "type": "Feature",
            "id": "4f1b-2",
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [
                    [[[20, 0], [30, 0], [30, 10], [20, 0]]],
                    [[[40, 0], [50, 0], [50, 10], [40, 0]]],
                ],
            },
            "properties": {
                "objectType": "annotation",
                "name": "thumb",
                "isLocked": True,
                "author": "someone",
            },
        },
        {
            "type": "Feature",
            "id": "4f1b-3",
            "geometry": {"type": "Point", "coordinates": [5, 5]},
            "properties": {"objectType": "annotation"},
        },
    ],
}


def test_nothing_that_another_program_wrote_is_lost(photo, path):
    path.write_text(json.dumps(QUPATH))
    drawing, _ = read_geojson(path, image=photo)
    write_outlines(path, drawing.deposits, image=photo)
    written = load(path)
    assert written["metadata"] == QUPATH["metadata"]
    assert len(written["features"]) == 3
    for now, before in zip(written["features"], QUPATH["features"], strict=True):
        assert now["geometry"] == before["geometry"]
        assert now["properties"].items() >= before["properties"].items()
        assert {k: v for k, v in now.items() if k != "properties"} == {
            k: v for k, v in before.items() if k != "properties"
        }
    assert read_geojson(path, image=photo)[0].deposits[0].properties == drawing.deposits[0].properties


def test_what_belongs_to_the_features_is_kept_in_another_file_too(photo, path):
    path.write_text(json.dumps(QUPATH))
    drawing, _ = read_geojson(path, image=photo)
    other = path.with_name("left-hand.outlines.anna.geojson")
    write_outlines(other, drawing.deposits, image=photo)
    assert [feature["id"] for feature in load(other)["features"]] == ["4f1b-1", "4f1b-2"]


def test_a_redrawn_deposit_of_several_features_becomes_one(photo, path):
    path.write_text(json.dumps(QUPATH))
    (found,) = read_geojson(path, image=photo)[0].deposits
    redrawn = replace(found, regions=(Outline(exterior=SQUARE),))
    write_outlines(path, [redrawn], image=photo)
    first, point = load(path)["features"]
    assert (first["id"], first["geometry"]["type"], point["id"]) == ("4f1b-1", "Polygon", "4f1b-3")


def test_a_removed_deposit_does_not_come_back(photo, path):
    write_outlines(
        path, [deposit(photo), deposit(photo, name="b", region=Outline(exterior=SQUARE + 30))], image=photo
    )
    kept = read_geojson(path, image=photo)[0].deposits[1:]
    write_outlines(path, kept, image=photo)
    assert [d.name for d in read_geojson(path, image=photo)[0].deposits] == ["b"]


def bowtie(name):
    ring = [[10, 10], [20, 20], [20, 10], [10, 20], [10, 10]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "geometry": geometry, "properties": {"deposit": name}}


def test_an_outline_that_could_not_be_used_stays_until_it_is_drawn_again(photo, path):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [bowtie("a")]}))
    write_outlines(path, [deposit(photo, name="b")], image=photo)
    assert bowtie("a") in load(path)["features"]
    assert read_geojson(path, image=photo)[0].left_out == ("a",)
    write_outlines(path, [deposit(photo, name="a")], image=photo)
    drawing, problems = read_geojson(path, image=photo)
    assert [d.name for d in drawing.deposits] == ["a"]
    assert not problems


def test_scales_stay_unless_new_ones_are_given(photo, path):
    first = ScaleClaim(source=ScaleSource.TWO_POINTS, points=((0.0, 0.1), (10.0, 50.3)), length_mm=50.0)
    second = ScaleClaim(source=ScaleSource.MANIFEST, mm_per_px=0.1, rel_se=0.01)
    write_outlines(path, [], image=photo, scale_claims=[first, second])
    write_outlines(path, [deposit(photo)], image=photo)
    claims = read_geojson(path, image=photo)[0].scale_claims
    assert claims[1] == second
    np.testing.assert_allclose(claims[0].points, first.points, atol=1e-9)
    write_outlines(path, [deposit(photo)], image=photo, scale_claims=[])
    assert "scale" not in load(path)["lesionkit"]


def test_unknown_members_of_the_header_stay(photo, path):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [], "lesionkit": {"camera": "X"}}))
    write_outlines(path, [], image=photo)
    assert load(path)["lesionkit"]["camera"] == "X"


@pytest.mark.parametrize(
    "text", ["half a file {", '{"type": "FeatureCollection", "features": [], "lesionkit": {"shape": [1, 1]}}']
)
def test_a_file_that_cannot_be_read_or_is_of_another_image_is_not_overwritten(photo, path, text):
    path.write_text(text)
    with pytest.raises(InputError, match="not written"):
        write_outlines(path, [deposit(photo)], image=photo)
    assert path.read_text() == text
    write_outlines(path, [deposit(photo)], image=photo, replace=True)
    assert len(load(path)["features"]) == 1


def test_a_mask_is_no_geojson_and_nothing_is_half_written(photo, path):
    mask = Mask(voxels=np.ones((2, 3), bool), origin=(1, 1))
    with pytest.raises(OutlineError):
        write_outlines(path, [deposit(photo), deposit(photo, name="b", region=mask)], image=photo)
    assert list(path.parent.iterdir()) == [photo.paths[0]]


def test_deposits_of_another_image_are_a_mistake(photo, path):
    other = replace(deposit(photo), image="other.png")
    with pytest.raises(ValueError, match=r"left-hand\.png"):
        write_outlines(path, [other], image=photo)


def test_an_image_may_be_named_by_its_path(photo, path):
    write_outlines(str(path), [deposit(photo)], image=photo.paths[0])
    assert load(path)["lesionkit"]["shape"] == [60, 80]


def test_others_may_read_the_file(photo, path):
    write_outlines(path, [], image=photo)
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(photo.paths[0].stat().st_mode)


@st.composite
def deposits(draw):
    """Draw deposits of one image, named or not, in one part or in several that do not overlap."""
    out = []
    for index in range(draw(st.integers(0, 4))):
        parts = tuple(
            Outline(exterior=np.add(draw(rings(size=20.0)), (100 + 60 * part, 100 + 60 * index)))
            for part in range(draw(st.integers(1, 3)))
        )
        out.append(
            Deposit(
                id=f"d{index}",
                image="p.png",
                name=f"d{index}",
                regions=parts,
                status=draw(st.sampled_from([s for s in Status if not s.is_place_only])),
                role=draw(st.none() | st.sampled_from(Role)),
                author=draw(st.text(max_size=5)),
                properties=draw(
                    st.dictionaries(
                        st.text(max_size=5).map(lambda key: f"x{key}"),
                        st.none() | st.integers() | st.text(max_size=3) | st.lists(st.booleans(), max_size=2),
                        max_size=3,
                    )
                ),
            )
        )
    return tuple(out)


@given(drawn=deposits())
def test_deposits_written_and_read_are_the_same(tmp_path_factory, drawn):
    folder = tmp_path_factory.mktemp("round", numbered=True)
    image = folder / "p.png"
    image.write_bytes(b"only its hash is read")
    grid = Grid(shape=(400, 500))
    ref = ImageRef(
        id="p.png", modality=Modality.XC, site="", paths=(image,), reader="photo", location="p.png", grid=grid
    )
    path = folder / "p.outlines.geojson"
    write_outlines(path, drawn, image=ref)
    text = path.read_text(encoding="utf-8")
    drawing, problems = read_geojson(path, image=ref)
    assert not problems
    assert [d.id for d in drawing.deposits] == [d.id for d in drawn]
    for found, written in zip(drawing.deposits, drawn, strict=True):
        assert (found.status, found.role, found.author) == (written.status, written.role, written.author)
        assert found.properties == written.properties
        for a, b in zip(found.regions, written.regions, strict=True):
            np.testing.assert_allclose(a.exterior, b.exterior, rtol=0, atol=1e-9)
    write_outlines(path, drawing.deposits, image=ref)
    assert path.read_text(encoding="utf-8") == text


def test_a_place_that_is_written_again_stands_there_once(photo, path):
    gone = deposit(photo, name=None, status=Status.EXCISED)
    gone = replace(gone, name=None, properties={})
    for _ in range(3):
        write_outlines(path, [deposit(photo)], image=photo, places=[gone])
    drawing, _ = read_geojson(path, image=photo)
    assert len(drawing.deposits) == len(drawing.removed) == 1


def test_places_of_an_existing_file_stay_unless_they_are_told_anew(photo, path):
    gone = deposit(photo, name="thumb", status=Status.EXTRUDED)
    write_outlines(path, [], image=photo, places=[gone])
    write_outlines(path, [deposit(photo)], image=photo)
    assert [one.name for one in read_geojson(path, image=photo)[0].removed] == ["thumb"]
    write_outlines(path, [deposit(photo)], image=photo, places=[])
    assert read_geojson(path, image=photo)[0].removed == ()


def test_features_that_are_no_outlines_stay_whatever_is_told_of_places(photo, path):
    write_outlines(path, [deposit(photo)], image=photo)
    content = load(path)
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [3, 4]}}
    content["features"].append(point)
    path.write_text(json.dumps(content), encoding="utf-8")
    write_outlines(path, [deposit(photo)], image=photo, places=[])
    assert load(path)["features"][-1] == point


def test_a_deposit_that_cannot_be_judged_is_unseen_and_not_absent(photo, path):
    blurred = deposit(photo, name="thumb", status=Status.NOT_ASSESSABLE)
    write_outlines(path, [deposit(photo)], image=photo, places=[blurred])
    drawing, problems = read_geojson(path, image=photo)
    assert [one.name for one in drawing.deposits] == ["a"]
    assert drawing.left_out == ("thumb",)
    assert [one.name for one in drawing.unjudged] == ["thumb"]
    assert [problem.code for problem in problems] == ["deposit_not_assessable"]


def test_an_image_that_cannot_be_judged_is_not_read_and_not_absent(photo, path):
    from lesionkit.io.drawings import DrawingFile, OutlineFormat, load_drawing

    write_outlines(path, [], image=photo, is_assessable=False)
    assert "absent" not in load(path)
    file = DrawingFile(path=path, image=photo.id, reader="", format=OutlineFormat.GEOJSON, about="it")
    drawing, problems = load_drawing(file, image=photo)
    assert drawing is None
    assert [problem.code for problem in problems] == ["image_not_assessable"]
    write_outlines(path, [], image=photo)
    assert "not_assessable" not in load(path)
