"""What a plane's scale may be wrong by, held against what a camera shows."""

import math
from dataclasses import replace

import numpy as np
import pytest

from lesionkit.calibrate.laying import error_of, mm_per_px
from lesionkit.calibrate.lens import Lens
from lesionkit.calibrate.plane import Print, fit_plane
from lesionkit.core.arrays import homogeneous
from lesionkit.core.surface import Surface
from lesionkit.geometry.polygon import ring_area
from lesionkit.phantom.shot import Camera, Shot

SHAPE = (3024, 4032)
SQUARE = np.array([[0, 0], [0, 1], [1, 1], [1, 0]]) * 20.0 - 10
FLAT = Surface(height_mm=0.0)
KNOWN = Lens(focal_35mm=28, focal_rel_se=0.001)


def shot(**lens):
    return Shot(
        camera=Camera(shape=SHAPE, focal_35mm=28, **lens), tilt_deg=20, towards_deg=30, distance_mm=350
    )


def plane_of(camera):
    return fit_plane([Print.of(camera.to_pixels(SQUARE), SQUARE, sigma_px=0.01)], shape=SHAPE, lens=KNOWN)


def parts(plane, place, surface=FLAT, lens=KNOWN):
    error = error_of(plane, parts=(), shape=SHAPE, surface=surface, lens=lens)
    return {part.name: part.rel_se for part in error.at(place, homography=plane.homography)}


def test_height_is_told_as_a_raised_deposit_is_seen():
    camera = shot()
    plane = plane_of(camera)
    small = SQUARE * 0.1 + 30
    area = ring_area(homogeneous(plane.homography, camera.to_pixels(small, height_mm=4.0)))
    place = camera.to_pixels(small).mean(axis=0)
    told = parts(plane, place, Surface(height_mm=4.0))["height"]
    assert math.sqrt(area / ring_area(small)) - 1 == pytest.approx(told, rel=0.06)


@pytest.mark.parametrize("away", [40, 80, 120])
def test_what_a_lens_leaves_grows_with_the_square_of_the_distance(away):
    share = 0.004
    corner = math.hypot(*SHAPE) / 2 / shot().camera.focal_px
    camera = shot(k1=share / corner**2)
    plane = replace(plane_of(camera), distortion=0.0, distortion_se=share)
    towards = np.array([math.cos(1.0), math.sin(1.0)])
    small = SQUARE * 0.1 + away * towards
    area = ring_area(homogeneous(plane.homography, camera.to_pixels(small)))
    told = parts(plane, camera.to_pixels(small).mean(axis=0))["lens"]
    assert abs(math.log(area / ring_area(small)) / 2) == pytest.approx(told, rel=0.25)


def test_curvature_is_a_fall_over_the_distance_and_ends_at_the_radius():
    plane = plane_of(shot())
    scale = math.sqrt(abs(np.linalg.det(mm_per_px(plane.homography, plane.centre))))
    above_mm = plane.distance_mm * math.cos(math.radians(plane.tilt_deg))
    surface = Surface(height_mm=0.0, radius_mm=40.0)

    def told(away_mm):
        return parts(plane, plane.centre + np.array([0, away_mm / scale]), surface)["curvature"]

    assert told(0) == 0
    assert told(20) == pytest.approx(20**2 / 80 / above_mm / math.sqrt(3), rel=0.01)
    assert told(200) == pytest.approx(40 / above_mm / math.sqrt(3), rel=0.01)


def test_where_the_distance_is_uncertain_height_weighs_more():
    plane = plane_of(shot())
    surface = Surface(height_mm=4.0)
    sure, unsure = (
        parts(replace(plane, distance_rel_se=spread), plane.centre, surface)["height"]
        for spread in (0.0, 0.4)
    )
    # The root of the mean square of 1 / distance, of a log-normal distance.
    assert unsure / sure == pytest.approx(math.exp(0.16))
