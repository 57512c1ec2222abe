"""Least squares of a few parameters, and what they say of anything computed from them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import Floats

_STEPS = 60
_NO_GAIN = 1e-6
"""Parameters that would lower chi² by less are the same within a thousandth of their standard errors."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """Parameters that fit best.

    Parameters
    ----------
    parameters : ndarray of float, shape (p,)
        The best.
    covariance : ndarray of float, shape (p, p)
        Theirs, where residuals are differences over their standard errors.
    chi2 : float
        Sum of the squares of the residuals.
    """

    parameters: Floats
    covariance: Floats
    chi2: float

    def slopes_of(self, function: Callable[[Floats], Floats]) -> Floats:
        """Return how much a function of the parameters changes with each, shape (values, p)."""
        return slopes(function, self.parameters)


def slopes(function: Callable[[Floats], Floats], at: Floats, *, here: Floats | None = None) -> Floats:
    """Return a function's derivatives by forward differences, shape (values, p).

    Parameters
    ----------
    function : callable
        Of the parameters.
    at : ndarray of float, shape (p,)
        Where.
    here : ndarray of float, shape (values,), optional
        The function's values there, if they are known already.
    """
    values = function(at) if here is None else here
    columns = []
    for index, value in enumerate(at):
        step = np.zeros(len(at))
        step[index] = 1e-6 * max(1.0, abs(value))
        columns.append((function(at + step) - values) / step[index])
    return np.stack(columns, axis=1)


def fit(residuals: Callable[[Floats], Floats], start: Floats) -> Fit:
    """Return the parameters whose residuals have the least sum of squares (Levenberg and Marquardt).

    Parameters
    ----------
    residuals : callable
        Of the parameters: differences over their standard errors.
    start : ndarray of float, shape (p,)
        Where to start.

    References
    ----------
    Marquardt DW. An algorithm for least-squares estimation of nonlinear parameters. J SIAM 1963;11:431-41.
    """
    best, damping = start.astype(np.float64), 1e-3
    rest = residuals(best)
    chi2, normal = float(rest @ rest), np.eye(len(best))
    for _ in range(_STEPS):
        slope = slopes(residuals, best, here=rest)
        normal, gradient = slope.T @ slope, slope.T @ rest
        gain = 0.0
        while damping < 1e9:
            step = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), -gradient)
            there = residuals(best + step)
            gain = chi2 - float(there @ there)
            if gain >= 0:
                best, rest, damping = best + step, there, max(damping / 10, 1e-12)
                break
            damping *= 10
        chi2 -= gain if gain > 0 else 0.0
        if gain <= _NO_GAIN * max(chi2, 1.0):
            break
    return Fit(parameters=best, covariance=np.asarray(np.linalg.inv(normal)), chi2=float(rest @ rest))
