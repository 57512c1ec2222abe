"""Limbs without a point to match: laid on one another by what they show at large, or refused."""

import numpy as np
import pytest
from scenes import SHAPE, SPACING, noisy, seen_from, texture, turned
from scipy.ndimage import gaussian_filter

from lesionkit.align.found import Found, Refused
from lesionkit.align.planar import align_by_intensity
from lesionkit.core.arrays import homogeneous
from lesionkit.core.grid import Grid, ScaleSource

TURNED = turned(angle_deg=13, scale=1.06, shift=(2.0, -3.0))


def _soft(seed):
    rows, cols = np.indices(SHAPE)
    body = ((rows - 100) / 75) ** 2 + ((cols - 130) / 100) ** 2 < 1
    inside = gaussian_filter(texture(seed), 6)
    return np.where(body, 1800 + 500 * inside / inside.std(), 50).clip(0, 4095).astype(np.uint16)


def _grid(pixels, *, spacing_mm=SPACING):
    source = ScaleSource.NONE if spacing_mm is None else ScaleSource.MARKER
    return Grid(shape=pixels.shape, spacing_mm=spacing_mm, scale_source=source)


def _align(image, baseline, **spacing):
    values = (image.astype(np.float32), baseline.astype(np.float32))
    return align_by_intensity(*values, _grid(image, **spacing), _grid(baseline, **spacing))


def test_a_turned_limb_is_found_to_a_pixel_though_pixels_are_not_square():
    first = _soft(2)
    later = noisy(seen_from(first, TURNED), sd=30)
    found = _align(later, first)
    points = np.random.default_rng(0).uniform(0.25, 0.75, (200, 2)) * later.shape
    assert isinstance(found, Found)
    gaps = homogeneous(found.matrix, points) - homogeneous(TURNED, points)
    assert np.linalg.norm(gaps, axis=1).max() < 1.0
    assert found.residual < 1.0 * max(SPACING)


def test_a_shifted_limb_is_found_in_pixels_where_there_is_no_scale():
    first = _soft(2)
    later = np.roll(first, (7, -4), axis=(0, 1))
    found = _align(later, first, spacing_mm=None)
    assert isinstance(found, Found)
    np.testing.assert_allclose(homogeneous(found.matrix, [[107.0, 126]]), [[100, 130]], atol=0.5)


@pytest.mark.parametrize(
    "other", [_soft(3), np.ascontiguousarray(_soft(2)[:, ::-1])], ids=["other", "mirrored"]
)
def test_limbs_of_one_shape_and_different_insides_are_refused(other):
    assert isinstance(_align(other, _soft(2)), Refused)
