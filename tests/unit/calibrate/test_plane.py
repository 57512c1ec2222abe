"""The plane that prints lie on, seen by a camera whose place is known."""

import numpy as np
import pytest

from lesionkit.calibrate.lens import Lens
from lesionkit.calibrate.plane import Print, fit_plane
from lesionkit.core.arrays import homogeneous
from lesionkit.core.uncertainty import ScaleError
from lesionkit.geometry.polygon import ring_area
from lesionkit.phantom.shot import Camera, Shot

SHAPE = (3024, 4032)
SQUARE = np.array([[0, 0], [0, 1], [1, 1], [1, 0]]) * 20.0
DEPOSIT = np.array([[0, 0], [0, 8], [6, 8], [6, 0]]) + np.array([40.0, 55.0])


def shot(tilt=20.0, **lens):
    return Shot(
        camera=Camera(shape=SHAPE, focal_35mm=28, **lens),
        tilt_deg=tilt,
        towards_deg=70,
        roll_deg=25,
        distance_mm=320,
        aim_mm=(30, 20),
    )


def seen_by(camera, noise_px=0.0, seed=0, at=(0.0, 0.0)):
    seen = camera.to_pixels(SQUARE + at)
    return seen + np.random.default_rng(seed).normal(0, 1, seen.shape) * noise_px


@pytest.mark.parametrize("tilt", [0, 3, 20, 40])
def test_points_without_error_give_the_plane_itself(tilt):
    camera = shot(tilt)
    plane = fit_plane([Print.of(seen_by(camera), SQUARE, sigma_px=0.02)], shape=SHAPE)
    area = ring_area(homogeneous(plane.homography, camera.to_pixels(DEPOSIT)))
    assert area == pytest.approx(48, rel=5e-3 if tilt < 10 else 1e-3)
    assert plane.residual_px < 0.02
    assert plane.redundancy == 2


def test_focal_length_told_beforehand_tells_distance_and_tilt():
    camera = shot(20)
    lens = Lens(focal_35mm=28, focal_rel_se=0.001, distortion_se=1e-5, centre_se=1e-5, aspect_se=1e-5)
    plane = fit_plane([Print.of(seen_by(camera), SQUARE, sigma_px=0.01)], shape=SHAPE, lens=lens)
    middle = camera.to_plane((np.array(SHAPE) - 1) / 2)
    assert middle == pytest.approx([30, 20])
    # The print is not in the middle: its distance along the line of sight differs from that of the middle.
    assert plane.distance_mm == pytest.approx(320, rel=0.05)
    assert plane.distance_mm * np.cos(np.radians(plane.tilt_deg)) == pytest.approx(
        320 * np.cos(np.radians(20)), rel=0.01
    )


def test_the_stated_error_is_that_of_repeated_pictures():
    camera = shot(25)
    place = camera.to_pixels(DEPOSIT)
    areas, stated = [], []
    for seed in range(60):
        one = Print.of(seen_by(camera, 0.1, seed), SQUARE, sigma_px=0.1)
        plane = fit_plane([one], shape=SHAPE)
        areas.append(ring_area(homogeneous(plane.homography, place)))
        error = ScaleError(covariance=plane.covariance)
        stated.append(2 * error.at(place.mean(axis=0), homography=plane.homography)[0].rel_se)
    assert np.std(np.log(areas)) == pytest.approx(np.median(stated), rel=0.35)


def test_prints_whose_places_are_unknown_to_one_another_hold_the_plane_together():
    camera = shot(30)
    place = camera.to_pixels(DEPOSIT)

    def spread(number):
        logs = []
        for seed in range(25):
            prints = [
                Print.of(seen_by(camera, 0.2, 100 * seed + i, at), SQUARE, sigma_px=0.2)
                for i, at in enumerate([(0, 0), (70, 5), (10, 80)][:number])
            ]
            plane = fit_plane(prints, shape=SHAPE)
            logs.append(np.log(ring_area(homogeneous(plane.homography, place)) / 48))
        return np.sqrt(np.mean(np.square(logs)))

    assert spread(3) < 0.4 * spread(1)


def test_points_that_do_not_fit_make_the_error_larger():
    camera = shot(15)
    prints = [Print.of(seen_by(camera, 0.0, 0, at), SQUARE, sigma_px=0.02) for at in [(0, 0), (60, 10)]]
    smaller = Print.of(seen_by(camera, 0.0, 0, (60, 10)), SQUARE * 0.97, sigma_px=0.02)
    good, bad = (fit_plane([prints[0], other], shape=SHAPE) for other in (prints[1], smaller))
    assert good.misfit < 1 < bad.misfit
    assert bad.residual_mm > 10 * good.residual_mm
    assert np.trace(bad.covariance) > 4 * np.trace(good.covariance)


def test_the_plane_follows_a_distorting_lens_where_the_print_lies():
    camera = shot(10, k1=0.05)
    plane = fit_plane([Print.of(seen_by(camera), SQUARE, sigma_px=0.01)], shape=SHAPE)
    inside = camera.to_pixels(SQUARE * 0.2 + 8)
    assert ring_area(homogeneous(plane.homography, inside)) == pytest.approx(16, rel=1e-3)


STRIP = np.array([(down, across) for down in np.linspace(0, 60, 12) for across in (0, 3)])
ASLANT = np.array([[0.0, 1.0], [-1.0, 0.0]])


@pytest.mark.parametrize("tilt", [0, 5, 20, 40])
@pytest.mark.parametrize(
    "places",
    [
        [np.linspace((0, 0), (150, 0), 20).repeat(2, axis=0) + np.tile([(0, 0), (0, 2)], (20, 1))],
        [SQUARE / 2 - (40, 60), SQUARE / 2 + (70, 130)],
        [STRIP - (40, 60), STRIP @ ASLANT + (70, 130)],
    ],
    ids=["one thin strip", "two far apart", "two thin strips"],
)
def test_very_precise_prints_of_awkward_shape_are_followed_to_their_end(places, tilt):
    """Damping that grows and shrinks tenfold stands still on the way, with residuals of many times 1."""
    camera, rng = shot(tilt, k1=0.002), np.random.default_rng(0)
    prints = [
        Print.of(
            camera.to_pixels(mm) + rng.normal(0, 1e-3, mm.shape), mm - places[0].mean(axis=0), sigma_px=1e-3
        )
        for mm in places
    ]
    assert fit_plane(prints, shape=SHAPE).misfit < 1.2


@pytest.mark.parametrize("count", [3, 5])
def test_a_print_has_four_points_or_more_and_a_covariance_for_each(count):
    with pytest.raises(ValueError, match=r"points|covariance"):
        Print(seen=np.zeros((count, 2)), printed_mm=np.zeros((count, 2)), covariance=np.eye(8))


def test_a_plane_needs_a_print():
    with pytest.raises(ValueError, match="print"):
        fit_plane([], shape=SHAPE)
