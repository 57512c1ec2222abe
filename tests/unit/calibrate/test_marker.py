"""Markers rendered by a known perspective, and photographed ones."""

from dataclasses import replace

import numpy as np
import pytest

from lesionkit.calibrate import scale_of
from lesionkit.calibrate.detecting import find_markers
from lesionkit.core.arrays import homogeneous
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.settings import ScaleSettings
from lesionkit.core.surface import Surface
from lesionkit.core.units import Unit
from lesionkit.errors import CalibrationError
from lesionkit.geometry.polygon import ring_area

SIDE_MM = 20.0
SETTINGS = ScaleSettings(marker_dictionary="DICT_4X4_50", marker_size_mm=SIDE_MM)
SHAPE = (600, 900)


def pinhole(*, tilt_deg=0.0, turn_deg=0.0, px_per_mm=6.0, distance_mm=400.0, at=(40.0, 30.0)):
    """Return the matrix from mm (right, down) on the marker's plane to pixels ``(col, row)``."""
    tilt, turn = np.deg2rad([tilt_deg, turn_deg])
    turned = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    tilted = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    rotation = tilted @ turned
    focal = px_per_mm * distance_mm
    lens = np.array([[focal, 0, SHAPE[1] / 2], [0, focal, SHAPE[0] / 2], [0, 0, 1]])
    middle = np.array([SHAPE[1], SHAPE[0]]) / 2 / px_per_mm
    shift = rotation @ [*(np.asarray(at) - middle), 0] + [0, 0, distance_mm]
    return lens @ np.column_stack([rotation[:, 0], rotation[:, 1], shift])


def photograph(views, *, number=3, side_mm=SIDE_MM, fine=4):
    """Return a grey picture of markers, each rendered by its own view, smoothed as a lens does."""
    import cv2
    from cv2 import aruco

    texture, rim = 240, 40
    printed = aruco.generateImageMarker(aruco.getPredefinedDictionary(aruco.DICT_4X4_50), number, texture)
    paper = np.pad(np.where(printed > 0, 230, 30).astype(np.uint8), rim, constant_values=230)
    scale = side_mm / texture
    to_mm = np.array([[scale, 0, (0.5 - rim) * scale], [0, scale, (0.5 - rim) * scale], [0, 0, 1]])
    finer = np.array([[fine, 0, (fine - 1) / 2], [0, fine, (fine - 1) / 2], [0, 0, 1]])
    scene = np.full((SHAPE[0] * fine, SHAPE[1] * fine), 180, np.uint8)
    for view in views:
        size = scene.shape[::-1]
        lying = cv2.warpPerspective(paper, finer @ view @ to_mm, size)
        where = cv2.warpPerspective(np.full_like(paper, 255), finer @ view @ to_mm, size)
        scene = np.where(where == 255, lying, scene)
    small = cv2.resize(scene, SHAPE[::-1], interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(2).normal(0, 1.5, SHAPE)
    return np.clip(cv2.GaussianBlur(small, (0, 0), 0.6) + noise, 0, 255).astype(np.uint8)


def image_of(pixels, modality=Modality.XC):
    return Image(
        modality=modality, pixels=pixels, grid=Grid(shape=pixels.shape[:2]), intensity_unit=Unit.GREY
    )


def scale(pixels, settings=SETTINGS, modality=Modality.XC):
    return scale_of(image_of(pixels, modality), claims=(), settings=settings, about="P01/hand.jpg")


def square_in_picture(view, right_mm, down_mm, side_mm=10.0):
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * side_mm + [right_mm, down_mm]
    return homogeneous(view, corners)[:, ::-1]


def codes(problems):
    return [problem.code for problem in problems]


@pytest.mark.parametrize(("tilt_deg", "turn_deg"), [(0, 0), (3, 20), (20, 0), (30, 50), (15, 200)])
def test_an_area_at_the_marker_is_right_within_three_in_a_thousand_however_it_is_seen(tilt_deg, turn_deg):
    view = pinhole(tilt_deg=tilt_deg, turn_deg=turn_deg, at=(60, 45))
    grid, problems = scale(photograph([view]))
    assert problems == ()
    assert grid.scale_source is ScaleSource.MARKER
    assert ring_area(grid.locate(square_in_picture(view, 5, 5))) == pytest.approx(100, rel=0.003)


@pytest.mark.parametrize("turn_deg", [0, 2, -3])
def test_an_area_five_marker_sides_away_is_right_within_half_a_percent_seen_from_the_front(turn_deg):
    view = pinhole(turn_deg=turn_deg, at=(12, 40))
    grid, _ = scale(photograph([view]))
    square = square_in_picture(view, 5 + 5 * SIDE_MM, 5)
    assert grid.contains(square).all()
    assert ring_area(grid.locate(square)) == pytest.approx(100, rel=0.005)


def test_the_spacing_is_that_of_rows_and_of_columns_in_the_middle_of_the_picture():
    view = pinhole(tilt_deg=35, at=(60, 40))
    grid, _ = scale(photograph([view]))
    middle = (np.array(SHAPE) - 1) / 2
    back = np.linalg.inv(view)
    for axis, spacing in enumerate(grid.spacing_mm):
        step = np.eye(2)[axis] / 2
        ends = homogeneous(back, [(middle - step)[::-1], (middle + step)[::-1]])
        assert spacing == pytest.approx(np.linalg.norm(ends[1] - ends[0]), rel=0.01)
    assert grid.spacing_mm[0] > grid.spacing_mm[1] * 1.1


def test_colour_and_16_bit_pictures_are_read_as_grey_ones():
    grey = photograph([pinhole()])
    expected, _ = scale(grey)
    for pixels in (np.repeat(grey[..., None], 3, axis=2), grey.astype(np.uint16) * 257):
        grid, _ = scale(pixels)
        np.testing.assert_allclose(grid.homography, expected.homography, rtol=1e-3, atol=1e-6)


def test_markers_that_lie_on_one_plane_agree():
    _, problems = scale(photograph([pinhole(at=(30, 30)), pinhole(at=(75, 60))], number=7))
    assert codes(problems) == ["marker_seen_twice"]


def test_markers_of_different_size_or_depth_are_a_problem():
    pixels = photograph([pinhole(at=(30, 30)), pinhole(at=(75, 60), px_per_mm=5)])
    _, problems = scale(pixels)
    assert codes(problems) == ["marker_seen_twice", "markers_disagree"]
    assert "16.7 mm" in problems[1].text
    assert "20 mm" in problems[1].text


def test_markers_of_declared_sizes_of_their_own_hold_the_plane_together():
    near, far = pinhole(at=(30, 30)), pinhole(at=(220, 120), px_per_mm=3)
    # Rendered twice as small, and declared twice as small: the same number of millimetres per pixel.
    pixels = np.minimum(photograph([near], number=3), photograph([far], number=9))
    plain, problems = scale(pixels)
    assert codes(problems) == ["markers_disagree"]
    assert "marker_sizes_mm" in problems[0].hint
    told = replace(SETTINGS, marker_sizes_mm={9: SIDE_MM / 2})
    grid, problems = scale(pixels, settings=told)
    assert problems == ()
    place = square_in_picture(near, 5, 5).mean(axis=0) + np.array([0, 300])
    assert perspective(grid, place) < perspective(plain, place)


def perspective(grid, place):
    return {part.name: part.rel_se for part in grid.scale_parts_at(place)}["perspective"]


def test_the_error_is_taken_apart_and_grows_away_from_the_marker():
    view = pinhole(tilt_deg=10, at=(60, 45))
    grid, _ = scale(photograph([view]))
    near, far = (
        {part.name: part for part in grid.scale_parts_at(square_in_picture(view, *at).mean(axis=0))}
        for at in ((5, 5), (75, 5))
    )
    assert set(near) == {"print size", "height", "lens", "perspective"}
    assert near["print size"].rel_se == pytest.approx(0.1 / np.sqrt(3) / SIDE_MM)
    assert near["lens"].rel_se < 1e-4 < far["lens"].rel_se
    assert far["perspective"].rel_se > 3 * near["perspective"].rel_se
    assert all(part.source for part in near.values())


def test_a_curved_site_makes_the_error_larger_away_from_the_marker():
    settings = replace(SETTINGS, surfaces={"left-hand": Surface(height_mm=0.0, radius_mm=30.0)})
    view = pinhole(at=(60, 45))
    grid, _ = scale(photograph([view]), settings=settings.at("left-hand"))
    place = square_in_picture(view, 45, 5).mean(axis=0)
    found = {part.name: part for part in grid.scale_parts_at(place)}
    assert found["height"].rel_se == 0
    assert found["curvature"].rel_se > 0.02
    assert "[surface" not in found["curvature"].source


@pytest.mark.parametrize("spoilt", ["small", "blurred", "covered"])
def test_a_marker_that_cannot_be_trusted_gives_no_scale_or_a_larger_error(spoilt):
    import cv2

    good, _ = scale(photograph([pinhole(at=(60, 45))]))
    pixels = photograph([pinhole(at=(60, 45), px_per_mm=1.2 if spoilt == "small" else 6)])
    if spoilt == "blurred":
        pixels = cv2.GaussianBlur(pixels, (0, 0), 9)
    if spoilt == "covered":
        row, col = square_in_picture(pinhole(at=(60, 45)), 5, 5).mean(axis=0).astype(int)
        pixels = pixels.copy()
        pixels[row - 60 : row - 20, col : col + 70] = 150
    grid, problems = scale(pixels)
    if grid.is_calibrated:
        far = np.array(SHAPE) * 0.9
        assert perspective(grid, far) > 1.3 * perspective(good, far)
    else:
        assert codes(problems)[0] in ("marker_unclear", "marker_not_found")
        assert problems[0].hint


def test_a_marker_too_blurred_to_tell_a_scale_is_refused(monkeypatch):
    from lesionkit.calibrate import marker

    monkeypatch.setattr(marker, "refine", lambda *_: None)
    grid, problems = scale(photograph([pinhole()]))
    assert not grid.is_calibrated
    assert codes(problems) == ["marker_unclear", "no_scale"]
    assert "120 pixels wide" in problems[0].text


def test_a_mirrored_picture_gives_no_scale_and_says_why():
    grid, problems = scale(photograph([pinhole()])[:, ::-1])
    assert not grid.is_calibrated
    assert codes(problems) == ["marker_mirrored", "no_scale"]


def test_a_picture_without_a_marker_says_so():
    grid, problems = scale(np.full(SHAPE, 128, np.uint8))
    assert not grid.is_calibrated
    assert codes(problems) == ["marker_not_found", "no_scale"]


def test_a_marker_whose_plane_ends_inside_the_picture_is_not_used():
    pixels = photograph([pinhole(tilt_deg=55, distance_mm=60, px_per_mm=5, at=(80, 60))])
    grid, problems = scale(pixels)
    assert not grid.is_calibrated
    assert codes(problems) == ["marker_too_oblique", "no_scale"]


def test_markers_are_looked_for_in_photographs_only():
    grid, problems = scale(photograph([pinhole()]), modality=Modality.DX)
    assert not grid.is_calibrated
    assert codes(problems) == ["no_scale"]


@pytest.mark.parametrize("name", ["DICT_9X9_50", "CORNER_REFINE_SUBPIX"])
def test_an_unknown_dictionary_is_refused_with_names_that_exist(name):
    settings = ScaleSettings(marker_dictionary=name, marker_size_mm=SIDE_MM)
    with pytest.raises(CalibrationError) as caught:
        scale(photograph([pinhole()]), settings=settings)
    assert name in str(caught.value)
    assert "DICT_4X4_50" in caught.value.hint


def test_corners_go_round_the_marker_from_its_top_left():
    view = pinhole(turn_deg=30)
    (found,) = find_markers(photograph([view]), dictionary="DICT_4X4_50")
    assert found.number == 3
    expected = homogeneous(view, np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * SIDE_MM)[:, ::-1]
    np.testing.assert_allclose(found.corners, expected, atol=0.5)


def test_all_six_markers_of_a_real_photograph_are_found(shared):
    import cv2

    pixels = cv2.cvtColor(
        cv2.imread(str(shared / "photos/markers/singlemarkersoriginal.jpg")), cv2.COLOR_BGR2RGB
    )
    settings = ScaleSettings(marker_dictionary="DICT_6X6_250", marker_size_mm=SIDE_MM)
    grid, _ = scale(pixels, settings=settings)
    found = find_markers(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dictionary="DICT_6X6_250")
    assert sorted(one.number for one in found) == [23, 40, 62, 98, 124, 203]
    sides = [np.sqrt(ring_area(grid.locate(one.corners))) for one in found]
    # All are of one size; the farthest lie ten sides of the largest, 44 pixels wide, away.
    np.testing.assert_allclose(sides, SIDE_MM, rtol=0.06)


def test_all_seventeen_markers_of_a_real_board_are_found_and_lie_on_one_plane(shared):
    import cv2

    grey = cv2.imread(str(shared / "photos/markers/choriginal.jpg"), cv2.IMREAD_GRAYSCALE)
    settings = ScaleSettings(marker_dictionary="DICT_6X6_250", marker_size_mm=SIDE_MM)
    grid, problems = scale(grey, settings=settings)
    found = find_markers(grey, dictionary="DICT_6X6_250")
    assert sorted(one.number for one in found) == list(range(17))
    assert problems == ()
    sides = [np.sqrt(ring_area(grid.locate(one.corners))) for one in found]
    np.testing.assert_allclose(sides, SIDE_MM, rtol=0.06)
