"""The error of a scale: what is the same everywhere, and what grows away from where the plane was seen."""

import numpy as np
import pytest

from lesionkit.core.arrays import homogeneous
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.uncertainty import ErrorPart, GrowingPart, ScaleError, combined

HOMOGRAPHY = np.array([[0.1, 0.004, -3.0], [0.002, 0.2, 5.0], [2e-5, -4e-5, 1.0]])


def part(rel_se, name="height"):
    return ErrorPart(name=name, rel_se=rel_se, source="declared")


def local_scale(homography, point, step=1e-3):
    steps = np.eye(2) * step
    ahead, behind = homogeneous(homography, point + steps), homogeneous(homography, point - steps)
    return np.sqrt(abs(np.linalg.det((ahead - behind) / (2 * step))))


def grid(error, homography=HOMOGRAPHY):
    return Grid(
        shape=(300, 400),
        spacing_mm=(0.1, 0.2),
        homography=homography,
        scale_source=ScaleSource.MARKER,
        scale_error=error,
    )


def test_independent_parts_add_in_quadrature():
    assert combined((part(0.03), part(0.04))) == pytest.approx(0.05)
    assert grid(ScaleError(parts=(part(0.03), part(0.04)))).scale_rel_se == pytest.approx(0.05)


def test_an_unknown_error_is_none_and_not_zero():
    assert grid(None).scale_rel_se is None
    assert grid(None).scale_parts_at((3, 4)) == ()
    with pytest.raises(ValueError, match="unknown"):
        ScaleError()


def test_the_plane_s_covariance_reaches_the_scale_as_drawing_many_planes_does():
    rng = np.random.default_rng(3)
    spread = np.array([2e-5, 2e-5, 0.05, 2e-5, 2e-5, 0.05, 4e-7, 4e-7, 0.0])
    covariance = np.diag(spread**2)
    point = np.array([250.0, 30.0])
    drawn = [
        local_scale(HOMOGRAPHY + rng.normal(size=9).reshape(3, 3) * spread.reshape(3, 3), point)
        for _ in range(4000)
    ]
    expected = np.std(drawn) / local_scale(HOMOGRAPHY, point)
    (found,) = grid(ScaleError(covariance=covariance)).scale_parts_at(point)
    assert found.name == "perspective"
    assert found.rel_se == pytest.approx(expected, rel=0.05)


def test_a_homography_times_any_number_is_the_same_plane_without_error():
    same = HOMOGRAPHY.ravel()
    (found,) = grid(ScaleError(covariance=np.outer(same, same))).scale_parts_at((10, 20))
    assert found.rel_se == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("rel_se", [-0.01, np.nan, np.inf])
def test_a_part_s_error_is_a_number_of_zero_or_more(rel_se):
    with pytest.raises(ValueError, match="0 or more"):
        part(rel_se)


def test_the_covariance_of_a_homography_has_nine_rows():
    with pytest.raises(ValueError, match="9"):
        ScaleError(covariance=np.eye(8))


def test_a_growing_part_is_nothing_at_its_centre_and_four_times_as_large_twice_as_far():
    lens = GrowingPart(part=part(0.01, "lens"), centre=(10, 20), reach_px=5)
    found = [grid(ScaleError(growing=(lens,))).scale_parts_at((10, 20 + away)) for away in (0, 5, 10)]
    assert [one.rel_se for (one,) in found] == pytest.approx([0, 0.01, 0.04])
    assert {one.name for (one,) in found} == {"lens"}


def test_a_growing_part_needs_a_distance():
    with pytest.raises(ValueError, match="positive"):
        GrowingPart(part=part(0.01), centre=(0, 0), reach_px=0)
