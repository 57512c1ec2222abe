"""Pixel values and the Agatston score, reckoned by hand."""

import numpy as np
import pytest

from lesionkit.core.image import Modality
from lesionkit.core.region import Mask, Outline
from lesionkit.core.units import Unit
from lesionkit.measure.density import statistics


def square(row, col, side, plane=None):
    corners = [(row, col), (row, col + side), (row + side, col + side), (row + side, col)]
    return Outline(exterior=corners, plane=plane)


def test_the_standard_deviation_is_that_of_the_pixels_themselves():
    found = statistics(np.array([2, 4, 4, 4, 5, 5, 7, 9], dtype=np.uint8))
    assert found == {"mean_intensity": 5, "max_intensity": 9, "min_intensity": 2, "sd_intensity": 2}


def test_values_that_are_no_numbers_are_left_out():
    assert statistics(np.array([1.0, np.nan, 3.0]))["mean_intensity"] == 2
    assert statistics(np.array([np.nan, np.inf])) == {}


def test_pixels_are_those_whose_centres_lie_inside(planar, measured):
    found = measured(planar(), square(2.5, 10.5, 2))
    assert found["min_intensity"] == (311, "stored")
    assert found["max_intensity"] == (412, "stored")
    assert found["mean_intensity"] == (361.5, "stored")


def test_a_deposit_between_pixel_centres_has_the_nearest_pixels_value(planar, measured):
    found = measured(planar(), square(7.2, 3.6, 0.2))
    assert found["mean_intensity"] == (704, "stored")
    assert found["sd_intensity"] == (0, "stored")


def test_what_reaches_beyond_the_image_is_cut_off(planar, measured):
    found = measured(planar(), square(28.0, 38.5, 9))
    assert found["max_intensity"] == (2939, "stored")
    assert found["min_intensity"] == (2839, "stored")


def test_a_deposit_outside_the_image_is_measured_at_the_nearest_pixel_without_failing(planar, measured):
    assert measured(planar(), square(50, 60, 4))["mean_intensity"] == (2939, "stored")


def test_an_outline_far_larger_than_the_image_is_read_on_the_image_only(planar, measured):
    found = measured(planar(), square(-1e6, -1e6, 2e6))
    assert (found["min_intensity"], found["max_intensity"]) == ((0, "stored"), (2939, "stored"))


def test_pixels_of_overlapping_parts_count_once(planar, measured):
    once = measured(planar(), square(2, 2, 4))
    twice = measured(planar(), square(2, 2, 4), square(2, 2, 3))
    assert twice["mean_intensity"] == once["mean_intensity"]


def test_fractional_voxels_count_from_one_half_on_and_unweighted(planar, measured):
    fractions = np.array([[0.4, 0.5, 1.0]], dtype=np.float32)
    found = measured(planar(), Mask(voxels=fractions, origin=(1, 1)))
    assert found["mean_intensity"] == (102.5, "stored")


def test_a_photographs_values_are_the_luma_of_its_pixels(planar, measured):
    pixels = np.zeros((30, 40, 3), dtype=np.uint8)
    pixels[10:15, 10:15] = (255, 0, 0)
    image = planar(pixels=pixels, unit=Unit.GREY, modality=Modality.XC)
    assert measured(image, square(10, 10, 4))["mean_intensity"] == (pytest.approx(0.2126), "grey")


def block(*shape, origin=(1, 2, 3)):
    return Mask(voxels=np.ones(shape, dtype=bool), origin=origin)


@pytest.mark.parametrize(
    ("peak", "factor"),
    [(129, 0), (130, 1), (199, 1), (199.5, 1), (200, 2), (299, 2), (300, 3), (399, 3), (400, 4), (3000, 4)],
)
def test_the_agatston_factor_follows_the_peak(volume, measured, peak, factor):
    pixels = np.zeros((6, 20, 30), dtype=np.float32)
    pixels[1, 2, 3] = peak
    found = measured(volume(pixels=pixels), block(1, 2, 2))
    # One voxel of 0.125 mm2, planes 2 mm apart where 3 mm are meant.
    assert found["agatston"] == (pytest.approx(0.125 * factor * 2 / 3), "Agatston")


def test_the_agatston_factor_is_taken_per_plane_of_the_deposit(volume, measured):
    pixels = np.full((6, 20, 30), 1000, dtype=np.int16)
    pixels[1, 2:4, 3:6], pixels[2, 2:4, 3:6] = 150, 100
    pixels[2, 2, 3] = 350
    found = measured(volume(pixels=pixels), block(2, 2, 3))
    assert found["agatston"][0] == pytest.approx((6 * 1 + 1 * 3) * 0.125 * 2 / 3)


def test_a_deposit_below_the_threshold_scores_zero_and_is_not_missing(volume, measured):
    assert measured(volume(), block(2, 2, 3))["agatston"] == (0.0, "Agatston")


@pytest.mark.parametrize("kvp", [118.0, 120.0, 122.0])
def test_the_agatston_score_is_taken_at_120_kv(volume, measured, kvp):
    assert "agatston" in measured(volume(kvp=kvp), block(1, 1, 1))


@pytest.mark.parametrize("kvp", [None, 100.0, 117.9, 122.1, 140.0])
def test_the_agatston_score_is_missing_at_another_or_unknown_voltage(volume, measured, kvp):
    assert "agatston" not in measured(volume(kvp=kvp), block(1, 1, 1))


@pytest.mark.parametrize(
    "changed", [{"spacing_mm": None}, {"unit": Unit.STORED}, {"modality": Modality.MR, "unit": Unit.STORED}]
)
def test_the_agatston_score_is_missing_without_hu_or_scale(volume, measured, changed):
    assert "agatston" not in measured(volume(**changed), block(1, 1, 1))
