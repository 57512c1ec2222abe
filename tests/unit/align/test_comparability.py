"""How alike two pictures were taken: angle, distance and light of known size, and what verdict they get."""

import math

import numpy as np
import pytest
from scenes import hand_on_cloth, planar, uncalibrated

from lesionkit.align import compare_pictures
from lesionkit.core.image import Modality
from lesionkit.core.likeness import Comparable, Difference
from lesionkit.core.region import Outline
from lesionkit.core.transform import Carried, Transform

FOCUS = (Outline(exterior=[[190.0, 220], [190, 245], [215, 245], [215, 220]]),)


def _pictures(light=1.0, spacing=None):
    return tuple(
        planar(hand_on_cloth(1, np.eye(3), ruler_at=(40, 430), light=each), Modality.XC, spacing_mm=spacing)
        for each in (light, 1.0)
    )


def _compare(matrix=None, *, light=1.0, spacing=None, is_reliable=True, **known):
    image, baseline = _pictures(light, spacing)
    transform = Transform(
        source="b",
        target="a",
        matrix=np.eye(3) if matrix is None else matrix,
        method="features",
        is_reliable=is_reliable,
    )
    return compare_pictures(image, baseline, transform, focus=FOCUS, **known)


def _about(linear):
    """Return a linear motion about the deposit."""
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = np.array([202.5, 232.5]) - linear @ [202.5, 232.5]
    return matrix


def test_the_same_picture_is_comparable_and_every_figure_says_so():
    found = _compare()
    assert found.verdict is Comparable.YES
    assert found.differences == ()
    assert found.scale_ratio == pytest.approx(1)
    assert found.tilt_deg == pytest.approx(0, abs=1e-5)
    assert found.overlap == pytest.approx(1)
    assert found.sharpness_ratio == pytest.approx(1)
    assert found.exposure_stops == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("tilt", "verdict"),
    [
        (9.9, Comparable.YES),
        (10.1, Comparable.WITH_CARE),
        (19.9, Comparable.WITH_CARE),
        (20.1, Comparable.RETAKE),
    ],
)
def test_another_side_is_told_in_degrees_and_judged(tilt, verdict):
    found = _compare(_about(np.diag([1 / math.cos(math.radians(tilt)), 1.0])))
    assert found.tilt_deg == pytest.approx(tilt, abs=1e-6)
    assert found.verdict is verdict


def test_scales_and_carried_outlines_forgive_another_side_but_not_quite():
    slanted = _about(np.diag([1 / math.cos(math.radians(28)), 1.0]))
    assert _compare(slanted, spacing=(0.2, 0.25)).verdict is Comparable.WITH_CARE
    ring = Outline(exterior=[[0.0, 0], [0, 9], [9, 9]])
    known = Carried(deposit="1", regions=(ring,))
    lost = Carried(deposit="2", refused="there is too little skin around it")
    assert _compare(slanted, carried=[known]).verdict is Comparable.WITH_CARE
    assert _compare(slanted, carried=[known, lost]).verdict is Comparable.RETAKE


def test_distance_turn_and_what_is_not_shown():
    turn = math.radians(30)
    linear = 0.5 * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    found = _compare(_about(linear))
    assert found.scale_ratio == pytest.approx(2)
    assert found.distance_ratio == pytest.approx(0.5)
    assert abs(found.roll_deg) == pytest.approx(30)
    assert Difference.NEARER in found.differences
    aside = np.eye(3)
    aside[0, 2] = -200.0
    assert _compare(aside).differences == (Difference.LITTLE_OVERLAP,)


def test_half_the_light_is_one_stop_less_whatever_the_ruler_does():
    found = _compare(light=0.73)  # of the stored value: about half the linear light
    assert found.exposure_stops == pytest.approx(2.2 * math.log2(0.73), abs=0.12)
    assert found.verdict is Comparable.YES
    assert _compare(light=0.55).differences == (Difference.DARKER,)


def test_pictures_that_cannot_be_aligned_are_not_comparable_unless_both_have_a_scale():
    assert _compare(is_reliable=False).verdict is Comparable.RETAKE
    found = _compare(is_reliable=False, spacing=(0.2, 0.25))
    assert found.verdict is Comparable.WITH_CARE
    assert found.differences == (Difference.NOT_ALIGNED,)
    assert found.tilt_deg is None


def test_a_grey_picture_has_no_colour_to_compare():
    image, baseline = (
        uncalibrated(planar(picture.pixels.mean(axis=2).astype(np.uint8), Modality.XC))
        for picture in _pictures()
    )
    found = compare_pictures(image, baseline, Transform.identity("b", "a", axes=2))
    assert found.colour_delta is None
    assert found.verdict is Comparable.YES
