"""Colours corrected by patches of known colour, and by nothing less."""

import cv2
import numpy as np
import pytest
from cards import card, image_of, photograph, shot_of
from skimage.color import deltaE_ciede2000, rgb2lab

from lesionkit.calibrate.card.layout import CARD
from lesionkit.calibrate.card.reading import NoCard, read_card
from lesionkit.calibrate.colour import _linear_of_lab, correct_colour, correction_by
from lesionkit.calibrate.colour_chart import COLORCHECKER, Patches
from lesionkit.core.colour import lab_of, linear_of
from lesionkit.core.outcome import Severity
from lesionkit.core.settings import ColourSettings
from lesionkit.phantom.light import decoded
from lesionkit.phantom.printed import INK, PAPER
from lesionkit.phantom.snapshot import Finish

CAST = np.array([[0.72, 0.05, 0.0], [0.08, 0.6, 0.06], [0.0, 0.1, 0.45]])
"""What a warm lamp and a camera of its own make of linear light."""


def true_linear() -> np.ndarray:
    """Return the linear light of the card's patches as the phantom paints them."""
    asked = np.array([patch.asked for patch in CARD.patches]) / 255
    return INK + (PAPER - INK) * np.asarray(decoded(asked), dtype=np.float64)


def d50_lab(linear: np.ndarray) -> tuple[tuple[float, ...], ...]:
    """Return L*a*b* under D50 of linear sRGB, by scikit-image."""
    stored = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    from skimage.color import rgb2xyz, xyz2lab

    # scikit-image does not adapt to another light; this is Bradford's matrix.
    to_d50 = np.array(
        [
            [1.0478112, 0.0228866, -0.0501270],
            [0.0295424, 0.9904844, -0.0170491],
            [-0.0092345, 0.0150436, 0.7521316],
        ]
    )
    xyz = rgb2xyz(stored[None])[0] @ to_d50.T
    return tuple(map(tuple, xyz2lab(xyz[None], illuminant="D50")[0].tolist()))


def test_a_matrix_that_mixed_the_channels_is_found_again():
    known = true_linear()
    found = correction_by(Patches(source="card", seen=known @ CAST, known=np.array(d50_lab(known))))
    np.testing.assert_allclose(CAST @ found.matrix, np.eye(3), atol=2e-3)
    assert found.delta_e_after == pytest.approx(0, abs=0.1)
    assert found.delta_e_before > 5
    assert found.is_calibrated


def test_the_difference_after_correction_is_told_by_patches_left_out():
    rng = np.random.default_rng(1)
    known = true_linear()
    seen = np.clip(known @ CAST * rng.normal(1, 0.15, known.shape), 0.001, 1)
    labs = np.array(d50_lab(known))
    found = correction_by(Patches(source="card", seen=seen, known=labs))
    in_sample = np.median(deltaE_ciede2000(lab_of(seen @ found.matrix), lab_of(known)))
    assert found.delta_e_after > in_sample


def test_a_card_whose_patches_were_measured_corrects_a_warm_lamp():
    image = photograph(shot_of(), card(), finish=Finish(sharpening=0, falloff=0.1))
    pixels = (np.clip(linear_of(np.asarray(image.pixels)) * (1.0, 0.8, 0.5), 0, 1)) ** (1 / 2.2)
    warm = image_of((pixels * 255).astype(np.uint8))
    settings = ColourSettings(card_patches=d50_lab(true_linear()))
    correction, problems = correct_colour(warm, card=read_card(warm), settings=settings, about="a.jpg")
    assert problems == ()
    assert correction.source == "card"
    assert correction.is_calibrated
    assert correction.delta_e_after < 0.4 * correction.delta_e_before


def test_a_card_nobody_measured_gives_a_white_balance_and_no_calibration():
    image = photograph(shot_of(), card())
    cast = (linear_of(np.asarray(image.pixels)) * (1.0, 0.8, 0.5)) ** (1 / 2.2)
    warm = image_of((cast * 255).astype(np.uint8))
    reading = read_card(warm)
    correction, problems = correct_colour(warm, card=reading, settings=ColourSettings(), about="a.jpg")
    assert (correction.source, correction.is_calibrated, problems) == ("paper white", False, ())
    white = linear_of(np.asarray(warm.pixels))[tuple(np.rint(shot_of().to_pixels([[33, 10]])[0]).astype(int))]
    balanced = white @ correction.matrix
    assert np.ptp(balanced) < 0.06 * balanced.mean()


def test_an_overexposed_card_is_not_used():
    image = photograph(shot_of(), card())
    bright = image_of(np.clip(np.asarray(image.pixels).astype(int) + 140, 0, 255).astype(np.uint8))
    settings = ColourSettings(card_patches=d50_lab(true_linear()))
    correction, (problem,) = correct_colour(bright, card=read_card(bright), settings=settings, about="a.jpg")
    assert correction is None
    assert (problem.code, problem.severity) == ("chart_overexposed", Severity.WARNING)


def test_measured_patches_that_are_of_another_card_are_told():
    wrong = tuple(reversed(d50_lab(true_linear())))
    image = photograph(shot_of(), card())
    correction, (problem,) = correct_colour(
        image, card=read_card(image), settings=ColourSettings(card_patches=wrong), about="a.jpg"
    )
    assert correction is None or not correction.is_calibrated
    assert problem.code == "colour_not_calibrated"


def test_without_a_card_or_chart_nothing_is_corrected():
    image = image_of(np.full((60, 80, 3), 120, np.uint8))
    assert correct_colour(image, card=NoCard(), settings=ColourSettings(), about="a.jpg") == (None, ())


def test_the_colorchecker_of_a_real_photograph_is_found_and_corrected(shared):
    pixels = cv2.cvtColor(cv2.imread(str(shared / "photos/markers/mcc_ccm_test.jpg")), cv2.COLOR_BGR2RGB)
    settings = ColourSettings(has_colorchecker=True)
    correction, problems = correct_colour(image_of(pixels), card=NoCard(), settings=settings, about="a.jpg")
    assert problems == ()
    assert correction.delta_e_before == pytest.approx(8.1, abs=0.5)
    assert correction.delta_e_after < 5


@pytest.mark.parametrize("name", ["choriginal.jpg", "handSrc.jpg"])
def test_a_real_photograph_without_a_colorchecker_says_so(shared, name):
    pixels = cv2.cvtColor(cv2.imread(str(shared / "photos/markers" / name)), cv2.COLOR_BGR2RGB)
    settings = ColourSettings(has_colorchecker=True)
    correction, (problem,) = correct_colour(image_of(pixels), card=NoCard(), settings=settings, about="a.jpg")
    assert (correction, problem.code) == (None, "chart_not_found")


def test_the_charts_figures_are_those_of_its_well_known_colours():
    # Nominal sRGB of dark skin, light skin, green, red, yellow and white, as printed in many tables.
    nominal = {0: (115, 82, 68), 1: (194, 150, 130), 13: (70, 148, 73), 14: (175, 54, 60), 15: (231, 199, 31)}
    for index, srgb in {**nominal, 18: (243, 243, 242)}.items():
        ours = lab_of(_linear_of_lab(np.asarray(COLORCHECKER)[index]))
        assert deltaE_ciede2000(ours, rgb2lab(np.array(srgb) / 255)) < 4
