"""Colours as numbers, held against scikit-image."""

import numpy as np
import pytest
from skimage.color import rgb2lab

from lesionkit.core.colour import MOST_DELTA_E, ColourCorrection, lab_of, linear_of

COLOURS = np.random.default_rng(3).integers(0, 256, (50, 3)).astype(np.uint8)


def test_l_a_b_are_those_of_scikit_image():
    np.testing.assert_allclose(lab_of(linear_of(COLOURS)), rgb2lab(COLOURS / 255), atol=0.02)


def test_eight_and_sixteen_bits_are_one_light():
    np.testing.assert_allclose(linear_of(COLOURS), linear_of(COLOURS.astype(np.uint16) * 257))


def test_a_correction_without_known_colours_is_no_calibration():
    assert not ColourCorrection(source="paper white", matrix=np.eye(3)).is_calibrated


@pytest.mark.parametrize(("after", "expected"), [(MOST_DELTA_E, True), (MOST_DELTA_E + 0.01, False)])
def test_a_correction_calibrates_up_to_the_limit(after, expected):
    correction = ColourCorrection(source="card", matrix=np.eye(3), delta_e_before=9.0, delta_e_after=after)
    assert correction.is_calibrated is expected


def test_a_correction_needs_a_matrix():
    with pytest.raises(ValueError, match="3 × 3"):
        ColourCorrection(source="card", matrix=np.eye(2))
