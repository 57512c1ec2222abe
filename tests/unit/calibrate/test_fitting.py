"""Least squares: closed forms of straight lines, and that a curved valley is followed to its end."""

import numpy as np
import pytest

from lesionkit.calibrate.fitting import fit, slopes


def test_a_straight_line_has_the_parameters_and_covariance_of_the_normal_equations():
    x = np.array([0.0, 1.0, 2.0, 5.0])
    y = np.array([1.1, 2.9, 5.2, 10.8])
    sigma = np.array([0.1, 0.2, 0.1, 0.4])
    design = np.stack([np.ones(4), x], axis=1) / sigma[:, None]
    found = fit(lambda p: (p[0] + p[1] * x - y) / sigma, np.zeros(2))
    expected = np.linalg.lstsq(design, y / sigma, rcond=None)[0]
    np.testing.assert_allclose(found.parameters, expected, atol=1e-6)
    np.testing.assert_allclose(found.covariance, np.linalg.inv(design.T @ design), rtol=1e-5)
    assert found.chi2 == pytest.approx(np.sum((design @ expected - y / sigma) ** 2))


def test_a_curved_valley_is_followed_to_its_end():
    def valley(p):
        return 1e3 * np.array([10 * (p[1] - p[0] ** 2), 1 - p[0]])

    np.testing.assert_allclose(fit(valley, np.array([-1.2, 1.0])).parameters, [1, 1], atol=1e-3)


def test_slopes_are_derivatives():
    found = slopes(lambda p: np.array([p[0] ** 2, p[0] * p[1]]), np.array([3.0, -2.0]))
    np.testing.assert_allclose(found, [[6, 0], [-2, 3]], rtol=1e-5)


def test_parameters_known_a_million_times_better_than_others_are_found_as_well():
    def residuals(p):
        return np.array(
            [1e6 * (p[0] * p[1] - 2), 1e6 * (p[0] - p[2] ** 2), p[1] - 3, 1e3 * (p[2] - p[1] / 4)]
        )

    found = fit(residuals, np.array([1.0, 1.0, 1.0]))
    slope = slopes(residuals, found.parameters)
    assert np.linalg.norm(slope.T @ residuals(found.parameters) / np.linalg.norm(slope, axis=0)) < 1e-3
    np.testing.assert_allclose(found.covariance @ (slope.T @ slope), np.eye(3), atol=1e-3)
