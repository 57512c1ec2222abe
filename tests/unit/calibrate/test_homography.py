"""Matrices between planes, by their points."""

import numpy as np

from lesionkit.calibrate.homography import homography_of
from lesionkit.core.arrays import homogeneous


def test_a_homography_of_many_points_is_that_of_four_where_they_agree():
    square = np.array([[0.0, 0], [0, 9], [7, 9], [7, 0]])
    onto = np.array([[10.0, 20], [15, 80], [70, 90], [60, 10]])
    exact = homography_of(square, onto)
    np.testing.assert_allclose(homogeneous(exact, square), onto, atol=1e-9)
    many = np.random.default_rng(1).uniform(0, 7, (12, 2))
    np.testing.assert_allclose(homography_of(many, homogeneous(exact, many)), exact, rtol=1e-6)


def test_of_more_points_than_four_errors_are_evened_out():
    rng = np.random.default_rng(2)
    points = rng.uniform(0, 100, (40, 2))
    onto = points @ np.array([[0.9, 0.1], [-0.1, 0.9]]) + [5.0, -3.0]
    found = homography_of(points, onto + rng.normal(0, 0.1, onto.shape))
    assert np.abs(homogeneous(found, points) - onto).max() < 0.15
