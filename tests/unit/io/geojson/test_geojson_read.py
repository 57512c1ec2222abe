import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.outcome import Severity
from lesionkit.core.region import Role, Status
from lesionkit.geometry.polygon import area
from lesionkit.io import read_geojson


def square(x, y, *, size=10):
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def feature(*rings, **properties):
    geometry = {"type": "Polygon", "coordinates": list(rings)}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


BOWTIE = [[10, 10], [20, 20], [20, 10], [10, 20], [10, 10]]


def codes(problems):
    return [problem.code for problem in problems]


def test_a_square_over_whole_pixels_ends_half_a_pixel_beyond_their_centres(photo, write):
    drawing, problems = read_geojson(write(feature(square(30, 20))), image=photo)
    assert not problems
    (outline,) = drawing.deposits[0].regions
    assert outline.exterior.min(axis=0).tolist() == [19.5, 29.5]
    assert outline.exterior.max(axis=0).tolist() == [29.5, 39.5]
    assert area(outline.rings) == 100


def test_properties_are_read(photo, write):
    path = write(
        feature(
            square(30, 20),
            deposit="thumb",
            status="Confirmed",
            author="reader 1",
            drawn_at="2012-03-02T10:00:00Z",
            role="target",
            tracking_uid="1.2.3",
        )
    )
    (deposit,) = read_geojson(path, image=photo)[0].deposits
    assert (deposit.id, deposit.name, deposit.image) == ("thumb", "thumb", photo.id)
    assert (deposit.status, deposit.role) == (Status.CONFIRMED, Role.TARGET)
    assert (deposit.author, deposit.drawn_at) == ("reader 1", "2012-03-02T10:00:00Z")
    assert deposit.tracking_uid == "1.2.3"


def test_the_name_in_qupath_is_the_deposits_name_unless_it_has_one(photo, write):
    path = write(
        feature(square(0, 0), name="thumb", objectType="annotation"),
        feature(square(30, 30), name="Annotation", deposit="wrist"),
    )
    first, second = read_geojson(path, image=photo)[0].deposits
    assert (first.name, second.name) == ("thumb", "wrist")
    assert first.properties["objectType"] == "annotation"


def test_deposits_without_a_name_are_numbered_in_the_order_of_the_file(photo, write):
    deposits = read_geojson(write(feature(square(0, 0)), feature(square(30, 30))), image=photo)[0].deposits
    assert [deposit.id for deposit in deposits] == ["1", "2"]
    assert [deposit.name for deposit in deposits] == [None, None]


def test_a_name_that_looks_like_a_number_does_not_take_anothers_id(photo, write):
    path = write(feature(square(0, 0), deposit="2"), feature(square(30, 30)))
    deposits = read_geojson(path, image=photo)[0].deposits
    assert len({deposit.id for deposit in deposits}) == 2


def test_holes_are_taken_out(photo, write):
    path = write(feature(square(30, 20, size=20), square(35, 25, size=5)))
    (outline,) = read_geojson(path, image=photo)[0].deposits[0].regions
    assert area(outline.rings) == 400 - 25


def test_a_multipolygon_is_one_deposit_in_parts(photo, write):
    several = feature(deposit="thumb")
    several["geometry"] = {"type": "MultiPolygon", "coordinates": [[square(0, 0)], [square(30, 30)]]}
    (deposit,) = read_geojson(write(several), image=photo)[0].deposits
    assert len(deposit.regions) == 2


def test_equal_names_are_parts_of_one_deposit(photo, write):
    path = write(feature(square(0, 0), deposit="a"), feature(square(30, 30), deposit="a"))
    drawing, problems = read_geojson(path, image=photo)
    assert [len(deposit.regions) for deposit in drawing.deposits] == [2]
    assert not problems


def test_overlapping_parts_are_joined_so_that_no_area_counts_twice(photo, write):
    path = write(feature(square(0, 0), deposit="a"), feature(square(5, 0), deposit="a"))
    drawing, problems = read_geojson(path, image=photo)
    (outline,) = drawing.deposits[0].regions
    assert area(outline.rings) == 150
    assert codes(problems) == ["outlines_overlap"]


def test_overlapping_deposits_are_told_and_touching_ones_are_not(photo, write):
    path = write(
        feature(square(0, 0), deposit="a"),
        feature(square(10, 0), deposit="b"),
        feature(square(15, 5), deposit="c"),
    )
    drawing, problems = read_geojson(path, image=photo)
    assert len(drawing.deposits) == 3
    assert codes(problems) == ["outlines_overlap"]
    assert "b and c" in problems[0].text
    assert problems[0].severity is Severity.WARNING


def test_a_suggestion_may_overlap_what_was_drawn(photo, write):
    path = write(feature(square(0, 0), deposit="a"), feature(square(5, 0), status="suggested"))
    drawing, problems = read_geojson(path, image=photo)
    assert not problems
    assert [deposit.counts for deposit in drawing.deposits] == [True, False]


def test_a_suggested_part_does_not_join_the_confirmed_deposit_of_its_name(photo, write):
    path = write(
        feature(square(0, 0), deposit="a", status="confirmed"),
        feature(square(30, 0), deposit="a", status="suggested"),
    )
    deposits = read_geojson(path, image=photo)[0].deposits
    assert [(deposit.name, deposit.counts) for deposit in deposits] == [("a", True), ("a", False)]


@pytest.mark.parametrize("top", [{}, {"absent": True}])
def test_a_file_without_features_is_a_drawing_without_deposits(photo, write, top):
    drawing, problems = read_geojson(write(**top), image=photo)
    assert drawing is not None
    assert drawing.deposits == ()
    assert drawing.left_out == ()
    assert not problems


def test_absent_with_outlines_is_told(photo, write):
    drawing, problems = read_geojson(write(feature(square(0, 0)), absent=True), image=photo)
    assert len(drawing.deposits) == 1
    assert codes(problems) == ["absent_but_outlined"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (feature(BOWTIE, deposit="bad"), "outline_crosses_itself"),
        (feature([[1, 1], [5, 5], [1, 1]], deposit="bad"), "outline_too_few_points"),
        (feature([], deposit="bad"), "outline_too_few_points"),
        (feature(deposit="bad"), "outline_too_few_points"),
        (feature(square(75, 30), deposit="bad"), "outline_outside_image"),
        (feature(square(30, 20), square(50, 50, size=5), deposit="bad"), "outline_not_simple"),
        (feature([[1, "x"], [2, 3], [4, 5]], deposit="bad"), "outline_unreadable"),
        (feature(square(30, 20), deposit="bad", status="rejected"), "outline_property_invalid"),
        (feature(square(30, 20), deposit="bad", role="friend"), "outline_property_invalid"),
        ({"type": "Feature", "geometry": None, "properties": {"deposit": "bad"}}, "outline_not_an_area"),
        (
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": [[1, 1], [2, 2]]},
                "properties": {"deposit": "bad"},
            },
            "outline_not_an_area",
        ),
    ],
)
def test_a_bad_deposit_is_named_and_left_out_and_the_others_are_read(photo, write, bad, code):
    path = write(feature(square(0, 0), deposit="good"), bad)
    drawing, problems = read_geojson(path, image=photo, about="P01/left-hand.outlines.geojson")
    assert [deposit.id for deposit in drawing.deposits] == ["good"]
    assert drawing.left_out == ("bad",)
    (problem,) = problems
    assert (problem.code, problem.severity) == (code, Severity.ERROR)
    assert problem.about == "P01/left-hand.outlines.geojson"
    assert "deposit bad" in problem.text


def test_a_point_is_told_but_no_deposit_is_missing_for_it(photo, write):
    point = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 1]}, "properties": {}}
    drawing, problems = read_geojson(write(point), image=photo)
    assert drawing.left_out == ()
    assert [(problem.code, problem.severity) for problem in problems] == [
        ("outline_not_an_area", Severity.WARNING)
    ]


@pytest.mark.parametrize(("beyond", "is_inside"), [(0, True), (0.5, True), (0.51, False)])
@pytest.mark.parametrize("edge", ["left", "top", "right", "bottom"])
def test_a_vertex_may_lie_up_to_half_a_pixel_beyond_the_edge(photo, write, beyond, is_inside, edge):
    x, y = {
        "left": (-beyond, 20),
        "top": (20, -beyond),
        "right": (70 + beyond, 20),
        "bottom": (20, 50 + beyond),
    }[edge]
    drawing, problems = read_geojson(write(feature(square(x, y))), image=photo)
    assert bool(drawing.deposits) is is_inside
    assert codes(problems) == ([] if is_inside else ["outline_outside_image"])


def header(photo, **changes):
    sha256 = hashlib.sha256(photo.paths[0].read_bytes()).hexdigest()
    return {"schema": 1, "image": "left-hand.png", "sha256": sha256, "shape": [60, 80], **changes}


def test_outlines_of_this_very_image_are_read(photo, write):
    drawing, problems = read_geojson(write(feature(square(0, 0)), lesionkit=header(photo)), image=photo)
    assert len(drawing.deposits) == 1
    assert not problems


@pytest.mark.parametrize(
    "changes", [{"sha256": "0" * 64}, {"shape": [80, 60]}, {"sha256": None, "shape": [1, 1]}]
)
def test_outlines_of_another_image_are_not_read_at_all(photo, write, changes):
    path = write(feature(square(0, 0)), lesionkit=header(photo, **changes))
    drawing, problems = read_geojson(path, image=photo)
    assert drawing is None
    assert codes(problems) == ["outline_for_another_image"]


def test_a_renamed_image_keeps_its_outlines(photo, write):
    path = write(feature(square(0, 0)), lesionkit=header(photo, image="IMG_1.png"))
    assert read_geojson(path, image=photo)[0] is not None


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "",
        "3",
        '{"type": "Polygon"}',
        '{"type": "FeatureCollection"}',
        '{"type": "FeatureCollection", "features": {}}',
        '{"type": "FeatureCollection", "features": [], "lesionkit": 3}',
        '{"type": "FeatureCollection", "features": [], "lesionkit": {"schema": 2}}',
        '{"type": "FeatureCollection", "features": [], "lesionkit": {"shape": [1]}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_outline_file_is_not_read(photo, write, text):
    path = write()
    path.write_text(text)
    drawing, problems = read_geojson(path, image=photo)
    assert drawing is None
    assert codes(problems) == ["outlines_unreadable"]


@pytest.mark.parametrize("wrap", [lambda f: [f], lambda f: f])
def test_qupath_may_write_a_bare_list_or_one_feature(photo, write, wrap):
    path = write()
    path.write_text(json.dumps(wrap(feature(square(0, 0), name="a"))), encoding="utf-8-sig")
    (deposit,) = read_geojson(path, image=photo)[0].deposits
    assert deposit.name == "a"


def test_outlines_for_a_volume_are_not_read(photo, write):
    volume = replace(photo, grid=Grid(shape=(3, 60, 80)))
    drawing, problems = read_geojson(write(feature(square(0, 0))), image=volume)
    assert drawing is None
    assert codes(problems) == ["outlines_unreadable"]


def test_scales_are_read_in_the_coordinates_of_the_image(photo, write):
    points = {"source": "two-points", "points": [[0.5, 0.5], [50.5, 10.5]], "length_mm": 50}
    table = {"source": "manifest", "mm_per_px": 0.1, "rel_se": 0.01}
    drawing, problems = read_geojson(write(lesionkit=header(photo, scale=[points, table])), image=photo)
    assert not problems
    assert drawing.scale_claims == (
        ScaleClaim(source=ScaleSource.TWO_POINTS, points=((0, 0), (10, 50)), length_mm=50),
        ScaleClaim(source=ScaleSource.MANIFEST, mm_per_px=0.1, rel_se=0.01),
    )


def test_a_single_scale_needs_no_list_and_a_reference_no_length(photo, write):
    scale = {"source": "reference-length", "points": [[0.5, 0.5], [50.5, 0.5]]}
    drawing, _ = read_geojson(write(lesionkit=header(photo, scale=scale)), image=photo)
    assert [claim.length_mm for claim in drawing.scale_claims] == [None]


def test_a_coin_s_rim_is_read_as_three_points(photo, write):
    scale = {
        "source": "reference-length",
        "points": [[0.5, 0.5], [10.5, 0.5], [0.5, 8.5]],
        "length_mm": 23.25,
    }
    drawing, problems = read_geojson(write(lesionkit=header(photo, scale=scale)), image=photo)
    assert problems == ()
    (claim,) = drawing.scale_claims
    assert claim.points == ((0.0, 0.0), (0.0, 10.0), (8.0, 0.0))
    assert claim.length_mm == 23.25


@pytest.mark.parametrize(
    "scale",
    [
        {"source": "guess", "mm_per_px": 0.1},
        {"source": "marker", "mm_per_px": 0.1},
        {"source": "manifest"},
        {"source": "manifest", "mm_per_px": "0.1"},
        {"source": "manifest", "mm_per_px": -1},
        {"source": "manifest", "mm_per_px": True},
        {"source": "ruler", "points": [[1, 1], [9, 9]]},
        {"source": "ruler", "points": [[1, 1]], "length_mm": 5},
        {"source": "ruler", "points": [[1, 1], [1, 1]], "length_mm": 5},
        {"source": "ruler", "points": [[1, 1], [1, 400]], "length_mm": 5},
        {"source": "ruler", "length_mm": 5},
        "50 mm",
    ],
)
def test_a_scale_that_makes_no_sense_is_told_and_the_deposits_are_read(photo, write, scale):
    path = write(feature(square(0, 0)), lesionkit=header(photo, scale=scale))
    drawing, problems = read_geojson(path, image=photo)
    assert drawing.scale_claims == ()
    assert len(drawing.deposits) == 1
    assert codes(problems) == ["scale_not_understood"]


def test_an_outline_does_not_depend_on_whether_its_ring_is_closed(photo, write):
    closed, _ = read_geojson(write(feature(square(0, 0))), image=photo)
    unclosed, _ = read_geojson(write(feature(square(0, 0)[:-1])), image=photo)
    np.testing.assert_array_equal(
        closed.deposits[0].regions[0].exterior, unclosed.deposits[0].regions[0].exterior
    )
