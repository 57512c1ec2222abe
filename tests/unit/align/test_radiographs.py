"""Radiographs are followed by their detail, over pixels that need not be square."""

import numpy as np
from scenes import grey_picture, noisy, planar, seen_from, turned

from lesionkit.align import align
from lesionkit.core.arrays import homogeneous
from lesionkit.core.image import Modality

TURNED = turned(angle_deg=13, scale=1.06, shift=(4.0, -5.0))


def _worst(transform, shape):
    points = np.random.default_rng(0).uniform(0.25, 0.75, (200, 2)) * shape
    return np.linalg.norm(transform.carry(points) - homogeneous(TURNED, points), axis=1).max()


def _align(image, baseline):
    return align(planar(image, Modality.DX), planar(baseline, Modality.CR), image_id="a", baseline_id="b")


def test_a_turn_on_the_cassette_is_found_to_half_a_pixel_though_pixels_are_not_square():
    first = grey_picture(1).astype(np.uint16) * 16
    later = noisy(seen_from(first, TURNED), sd=60)
    transform, problems = _align(later, first)
    assert problems == ()
    assert transform.method == "features"
    assert _worst(transform, later.shape) < 0.5


def test_two_different_radiographs_are_refused():
    transform, problems = _align(grey_picture(2).astype(np.uint16), grey_picture(3).astype(np.uint16))
    assert not transform.is_reliable
    assert [problem.code for problem in problems] == ["alignment_failed"]


def test_radiographs_that_share_one_spot_only_are_refused():
    first, other = grey_picture(2).astype(np.uint16), grey_picture(3).astype(np.uint16)
    other[90:130, 110:150] = first[70:110, 60:100]
    assert not _align(other, first)[0].is_reliable
