"""A camera over a plane: closed forms of the pinhole, and that lens and plane can be undone."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionkit.phantom.shot import Camera, Shot

SHAPE = (900, 1200)


def test_a_camera_held_squarely_shows_focal_length_over_distance_pixels_per_mm():
    camera = Camera(shape=SHAPE, focal_35mm=30)
    assert camera.focal_px == pytest.approx(30 * 1500 / math.hypot(36, 24))
    seen = Shot(camera=camera, distance_mm=300, aim_mm=(5, 7)).to_pixels([[5, 7], [15, 7], [5, 27]])
    per_mm = camera.focal_px / 300
    np.testing.assert_allclose(seen - (449.5, 599.5), [[0, 0], [10 * per_mm, 0], [0, 20 * per_mm]], atol=1e-9)


def test_what_falls_away_is_seen_smaller_and_foreshortened():
    shot = Shot(camera=Camera(shape=SHAPE), tilt_deg=30, towards_deg=0, distance_mm=300)
    focal, middle = shot.camera.focal_px, (np.array(SHAPE) - 1) / 2
    (seen,) = shot.to_pixels([[20, 10]])
    depth = 300 + 20 * math.sin(math.radians(30))
    expected = middle + focal * np.array([20 * math.cos(math.radians(30)), 10]) / depth
    np.testing.assert_allclose(seen, expected)


def test_the_plane_turns_from_down_to_right():
    shot = Shot(camera=Camera(shape=SHAPE), roll_deg=90, distance_mm=300)
    (seen,) = shot.to_pixels([[10, 0]]) - (np.array(SHAPE) - 1) / 2
    np.testing.assert_allclose(seen, [0, 10 * shot.camera.focal_px / 300], atol=1e-9)


@given(
    tilt=st.floats(0, 40),
    towards=st.floats(0, 360),
    roll=st.floats(0, 360),
    barrel=st.floats(-0.05, 0.05),
    across=st.floats(-60, 60),
)
def test_lens_and_plane_can_be_undone(tilt, towards, roll, barrel, across):
    camera = Camera(shape=SHAPE, k1=barrel, k2=barrel / 3, p1=1e-3, p2=-5e-4, off_centre=(3, -8))
    shot = Shot(camera=camera, tilt_deg=tilt, towards_deg=towards, roll_deg=roll, distance_mm=350)
    places = np.array([[across, 20.0], [-13.0, across / 2]])
    np.testing.assert_allclose(shot.to_plane(shot.to_pixels(places)), places, atol=1e-6)


@pytest.mark.parametrize("tilt", [0, 25])
def test_a_thing_above_the_plane_is_seen_larger_by_its_share_of_the_way_to_the_camera(tilt):
    shot = Shot(camera=Camera(shape=SHAPE), tilt_deg=tilt, towards_deg=40, distance_mm=400)
    small = np.array([[0, 0], [0, 1], [1, 1], [1, 0]]) * 0.01

    def area(height_mm):
        down, across = shot.to_plane(shot.to_pixels(small, height_mm=height_mm)).T
        return abs(down @ np.roll(across, -1) - across @ np.roll(down, -1)) / 2

    above_mm = 400 * math.cos(math.radians(tilt))
    assert area(10) / area(0) == pytest.approx((above_mm / (above_mm - 10)) ** 2, rel=1e-6)
