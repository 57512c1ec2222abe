"""Photographs: perspective found to half a pixel, unlike and mirrored ones refused, rulers not followed."""

import numpy as np
import pytest
from scenes import grey_picture, hand_on_cloth, noisy, planar, seen_from, turned, uncalibrated

from lesionkit.align import align
from lesionkit.core.arrays import homogeneous
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Outline
from lesionkit.core.units import Unit

PERSPECTIVE = np.array([[1.04, -0.2, 20.0], [0.18, 1.06, -12.0], [2.4e-4, -1.8e-4, 1.0]])


def _worst(transform, truth, shape):
    points = np.random.default_rng(0).uniform(0.15, 0.85, (200, 2)) * shape
    return np.linalg.norm(transform.carry(points) - homogeneous(truth, points), axis=1).max()


def _align(image: Image, baseline: Image, **focus):
    return align(image, baseline, image_id="a", baseline_id="b", **focus)


def test_a_change_of_perspective_is_found_to_half_a_pixel():
    first = grey_picture(1)
    later = noisy(seen_from(first, PERSPECTIVE), sd=5)
    transform, problems = _align(planar(later, Modality.XC), planar(first, Modality.XC))
    assert problems == ()
    assert transform.method == "features"
    assert _worst(transform, PERSPECTIVE, later.shape) < 0.5


def test_the_residual_is_in_mm_exactly_where_the_baseline_has_a_scale():
    first = grey_picture(1)
    later = noisy(seen_from(first, PERSPECTIVE), sd=5)
    image, baseline = planar(later, Modality.XC), planar(first, Modality.XC)
    in_mm, in_px = _align(image, baseline)[0].residual, _align(image, uncalibrated(baseline))[0].residual
    assert in_mm is not None
    assert in_px is not None
    assert (in_mm.unit, in_px.unit) == (Unit.MM, Unit.PX)
    assert 0 < in_mm.value < in_px.value < 1.5


def test_a_picture_of_half_the_size_is_found():
    first = grey_picture(4)
    onto = np.array([[2.0, 0, 0.5], [0, 2.0, 0.5], [0, 0, 1]])
    later = first.reshape(100, 2, 130, 2).mean(axis=(1, 3)).astype(np.uint8)
    transform, problems = _align(planar(later, Modality.XC), planar(first, Modality.XC))
    assert problems == ()
    assert _worst(transform, onto, later.shape) < 0.5


def test_pictures_larger_than_the_size_features_are_sought_at_keep_their_pixels():
    enlarged = np.array([[8.0, 0, 3.5], [0, 8, 3.5], [0, 0, 1]])
    truth = enlarged @ PERSPECTIVE @ np.linalg.inv(enlarged)
    first = seen_from(grey_picture(4), np.linalg.inv(enlarged), shape=(1600, 2080))
    later = seen_from(first, truth, shape=(1600, 1900))
    transform, problems = _align(planar(later, Modality.XC), planar(first, Modality.XC))
    assert problems == ()
    assert _worst(transform, truth, later.shape) < 0.5


def test_a_mirrored_picture_is_refused():
    first = grey_picture(1)
    mirrored = np.ascontiguousarray(first[:, ::-1])
    assert not _align(planar(mirrored, Modality.XC), planar(first, Modality.XC))[0].is_reliable


def test_pictures_of_sixteen_bits_are_aligned():
    first = grey_picture(1).astype(np.uint16) * 257
    later = seen_from(first, PERSPECTIVE)
    transform, _ = _align(planar(later, Modality.XC), planar(first, Modality.XC))
    assert _worst(transform, PERSPECTIVE, later.shape) < 0.5


HAND = turned(angle_deg=14, scale=0.95, shift=(8.0, -6.0))
DEPOSIT = Outline(exterior=np.array([[190.0, 220], [190, 245], [215, 245], [215, 220]]))


@pytest.mark.parametrize("focus", [(), (DEPOSIT,)])
def test_the_skin_is_followed_and_not_the_ruler_beside_it(focus):
    first = hand_on_cloth(1, np.eye(3), ruler_at=(40, 430))
    later = hand_on_cloth(1, HAND, ruler_at=(70, 4), light=0.85)
    transform, problems = _align(planar(later, Modality.XC), planar(first, Modality.XC), focus=focus)
    assert problems == ()
    there = transform.carry(homogeneous(np.linalg.inv(HAND), DEPOSIT.exterior))
    assert np.abs(there - DEPOSIT.exterior).max() < 0.5


@pytest.mark.parametrize("focus", [(), (DEPOSIT,)])
def test_two_hands_beside_one_ruler_are_refused(focus):
    first = hand_on_cloth(1, np.eye(3), ruler_at=(40, 430))
    other = hand_on_cloth(2, np.eye(3), ruler_at=(40, 430))
    transform, problems = _align(planar(other, Modality.XC), planar(first, Modality.XC), focus=focus)
    assert not transform.is_reliable
    assert [problem.code for problem in problems] == ["alignment_failed"]


def test_alignment_is_the_same_at_every_call():
    first = hand_on_cloth(1, np.eye(3), ruler_at=(40, 430))
    later = hand_on_cloth(1, HAND, ruler_at=(70, 4))
    matrices = [_align(planar(later, Modality.XC), planar(first, Modality.XC))[0].matrix for _ in range(2)]
    np.testing.assert_array_equal(*matrices)
