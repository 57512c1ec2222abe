"""A marker's corners by its whole pattern, where the camera's place is known."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from lesionkit.calibrate.detecting import cells_of, find_markers
from lesionkit.calibrate.pattern import UNIT_SQUARE, refine
from lesionkit.phantom.clinic import DICTIONARY, MARKER_MM, marker_sheet
from lesionkit.phantom.shot import Camera, Shot
from lesionkit.phantom.snapshot import Finish, Sheet, take

NUMBER = 11
SHEET = Sheet(paint=marker_sheet(NUMBER), px_per_mm=36, at_mm=(-15, -15))
CELLS = cells_of(DICTIONARY, NUMBER)


def picture(tilt=15.0, distance=400.0, **finish):
    shot = Shot(
        camera=Camera(shape=(480, 640), focal_35mm=110), tilt_deg=tilt, roll_deg=20, distance_mm=distance
    )
    jpeg = take(shot, [SHEET], finish=Finish(**finish), rng=np.random.default_rng(2))
    grey = np.asarray(Image.open(BytesIO(jpeg)).convert("L"))
    return grey, shot.to_pixels(SHEET.to_plane(UNIT_SQUARE * MARKER_MM + 5))


@pytest.mark.parametrize(
    "finish",
    [
        {},
        {"blur_px": 0.5, "sharpening": 0.8},
        {"blur_px": 2.0, "noise": 0.01},
        {"blur_px": 1.5, "exposure": 0.95, "contrast": 0.5},
        {"falloff": 0.6, "exposure": 0.4, "quality": 75},
        {"motion_px": 3.0, "motion_deg": 40.0},
    ],
)
def test_corners_are_found_within_a_tenth_of_a_pixel_whatever_became_of_the_picture(finish):
    grey, corners = picture(**finish)
    seen = refine(grey, corners + np.array([[1.2, -0.8], [0.5, 1.1], [-1, 0.4], [0.7, 0.9]]), CELLS)
    np.testing.assert_allclose(seen.corners, corners, atol=0.1)
    # Four corners alone make areas larger by up to 1.3 % where the picture is blurred.
    assert np.sqrt(np.linalg.det(seen.covariance)) ** (1 / 8) < 0.05


def test_the_blur_is_told():
    blurs = [refine(*picture(blur_px=blur, sharpening=0.0), CELLS).blur_px for blur in (1.0, 2.0)]
    # What a camera stores is not linear in light: edges in it are a little wider.
    assert blurs == pytest.approx([1.04, 2.02], rel=0.25)


def test_noise_makes_the_stated_error_larger():
    quiet, loud = (refine(*picture(noise=noise), CELLS) for noise in (0.003, 0.05))
    assert np.trace(loud.covariance) > 2 * np.trace(quiet.covariance)
    assert loud.contrast < quiet.contrast


def test_a_thread_over_the_marker_moves_its_corners_little():
    grey, corners = picture()
    row = int(corners[:, 0].mean())
    covered = grey.copy()
    covered[row : row + 4] = 120
    np.testing.assert_allclose(refine(covered, corners, CELLS).corners, corners, atol=0.15)


def test_where_there_is_no_pattern_there_are_no_corners():
    rng = np.random.default_rng(1)
    skin = rng.normal(120, 3, (200, 200)).astype(np.uint8)
    assert refine(skin, UNIT_SQUARE * 80.0 + 50, CELLS) is None
    assert refine(skin, UNIT_SQUARE * 3.0 + 50, CELLS) is None


@pytest.mark.parametrize(
    "name",
    ["DICT_5X5_100", "DICT_7X7_50", "DICT_ARUCO_ORIGINAL", "DICT_APRILTAG_16h5", "DICT_APRILTAG_36h11"],
)
@pytest.mark.parametrize("turns", [0, 1])
def test_every_kind_of_marker_fits_in_every_turn(name, turns):
    import cv2

    cells = cells_of(name, 7)
    printed = np.kron(np.pad(cells, 1, constant_values=255), np.ones((16, 16), np.uint8))
    grey = cv2.GaussianBlur(np.pad(np.rot90(printed, turns), 24, constant_values=255), (0, 0), 1.2)
    (found,) = find_markers(np.clip(grey, 20, 220), dictionary=name)
    seen = refine(np.clip(grey, 20, 220), found.corners, cells)
    expected = UNIT_SQUARE * 16 * len(cells) + 24 + 16 - 0.5
    np.testing.assert_allclose(np.sort(seen.corners, axis=0), np.sort(expected, axis=0), atol=0.1)
    assert found.number == 7
    assert seen.contrast > 20
