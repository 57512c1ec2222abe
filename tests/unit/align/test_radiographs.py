"""Radiographs: by detail where there is some, by what they show at large where there is none."""

import numpy as np
from scenes import SHAPE, grey_picture, noisy, planar, seen_from, texture, turned
from scipy.ndimage import gaussian_filter

from lesionkit.align import align
from lesionkit.core.arrays import homogeneous
from lesionkit.core.image import Modality
from lesionkit.core.units import Unit

TURNED = turned(angle_deg=13, scale=1.06, shift=(4.0, -5.0))


def _worst(transform, shape):
    points = np.random.default_rng(0).uniform(0.25, 0.75, (200, 2)) * shape
    return np.linalg.norm(transform.carry(points) - homogeneous(TURNED, points), axis=1).max()


def _align(image, baseline):
    return align(planar(image, Modality.DX), planar(baseline, Modality.CR), image_id="a", baseline_id="b")


def _soft(seed):
    """A limb so blurred that it has no points to match."""
    rows, cols = np.indices(SHAPE)
    body = ((rows - 150) / 110) ** 2 + ((cols - 200) / 150) ** 2 < 1
    inside = gaussian_filter(texture(seed), 9)
    return np.where(body, 1800 + 500 * inside / inside.std(), 50).clip(0, 4095).astype(np.uint16)


def test_a_turn_on_the_cassette_is_found_to_half_a_pixel_though_pixels_are_not_square():
    first = grey_picture(1).astype(np.uint16) * 16
    later = noisy(seen_from(first, TURNED), sd=60)
    transform, problems = _align(later, first)
    assert problems == ()
    assert transform.method == "features"
    assert _worst(transform, later.shape) < 0.5


def test_without_detail_the_intensities_are_registered_to_a_pixel():
    first = _soft(2)
    later = noisy(seen_from(first, TURNED), sd=30)
    transform, problems = _align(later, first)
    assert problems == ()
    assert transform.method == "intensity"
    assert transform.residual is not None
    assert transform.residual.unit is Unit.MM
    assert _worst(transform, later.shape) < 1.0


def test_two_limbs_of_one_shape_and_different_insides_are_refused():
    transform, problems = _align(_soft(3), _soft(2))
    assert not transform.is_reliable
    assert [problem.code for problem in problems] == ["alignment_failed"]


def test_a_limb_and_its_mirror_image_are_refused():
    first = _soft(2)
    assert not _align(np.ascontiguousarray(first[:, ::-1]), first)[0].is_reliable
