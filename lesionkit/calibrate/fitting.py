"""Least squares of a few parameters, and what they say of anything computed from them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import Floats

_NO_GAIN = 1e-9
"""Share of chi² by which a further step would lower it, where the search ends."""


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
    """Return the parameters whose residuals have the least sum of squares.

    MINPACK's search within a trust region, in which each parameter counts by how much the residuals change
    with it: so a valley is followed to its end where one parameter is known a million times better than
    another.

    Parameters
    ----------
    residuals : callable
        Of the parameters: differences over their standard errors; as many as parameters, or more.
    start : ndarray of float, shape (p,)
        Where to start.

    References
    ----------
    Moré JJ. The Levenberg-Marquardt algorithm: implementation and theory. Lecture Notes in Mathematics
    1978;630:105-16.
    """
    from scipy.optimize import least_squares

    found = least_squares(residuals, start, method="lm", x_scale="jac", xtol=1e-12, ftol=_NO_GAIN, gtol=1e-12)
    best = np.asarray(found.x, dtype=np.float64)
    rest = residuals(best)
    # By QR: the normal equations would lose half of the digits where parameters can hardly be told apart.
    upper = np.linalg.qr(slopes(residuals, best, here=rest), mode="r")
    root = np.linalg.inv(upper)
    return Fit(parameters=best, covariance=np.asarray(root @ root.T), chi2=float(rest @ rest))
