"""How skin around a place moves from one picture to another: a smooth field fitted to many small steps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.align.found import Refused
from lesionkit.core.arrays import Floats
from lesionkit.geometry.polygon import area

LEAST_SHARE = 0.4
"""Least share of the steps that must agree with the field."""

LEAST_SECTORS = 6
"""Of the eight sectors around the place, how many must hold a step that agrees."""

MODEL_SHARE = 0.5
"""Share of what a coarser field would have said otherwise that counts as the error of this one."""

LEAST_REL_SE = 0.004
"""Of an area, always: what skin that is neither flat nor quite smooth leaves over, by simulation."""

_TUKEY = 4.685
"""Beyond so many standard deviations a step counts nothing (Tukey's biweight, 95 % efficient)."""
_ROUNDS = 12
_LEAST_SD = 0.02
_COARSE, _FINE = 3, 6
"""Coefficients per axis of a field of first, and of second order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flow:
    """A field of steps: a polynomial of second order in both coordinates.

    Parameters
    ----------
    middle : ndarray of float, shape (2,)
        Where coordinates are counted from.
    unit : float
        And in what.
    coefficients : ndarray of float, shape (6, 2)
        Of 1, r, c, r², rc, c², for the step along rows and along columns.
    covariance : ndarray of float, shape (6, 6)
        Of either column, over the variance of a step.
    variances : ndarray of float, shape (2,)
        Of a step, along rows and columns.
    coarse : ndarray of float, shape (6, 2)
        The same for a field of first order.
    """

    middle: Floats
    unit: float
    coefficients: Floats
    covariance: Floats
    variances: Floats
    coarse: Floats

    def carry(self, points: Floats) -> Floats:
        """Return where points go."""
        return np.asarray(points + _terms(points, self.middle, self.unit) @ self.coefficients)

    def area_rel_se(self, parts: Sequence[Sequence[Floats]]) -> float:
        """Return the relative standard error of the area of polygons, carried.

        To first order, by the derivative of the logarithm of the area by every coefficient; a share of what
        a field of first order says otherwise, for the field is of second order by assumption; and
        `LEAST_REL_SE`.
        """
        size = self._area(parts, self.coefficients)
        variance = LEAST_REL_SE**2 + (MODEL_SHARE * (self._area(parts, self.coarse) / size - 1)) ** 2
        for axis in range(2):
            slope = np.empty(_FINE)
            for term in range(_FINE):
                step = np.zeros((_FINE, 2))
                step[term, axis] = 0.05
                ends = [self._area(parts, self.coefficients + sign * step) for sign in (1, -1)]
                slope[term] = (ends[0] - ends[1]) / 0.1 / size
            variance += float(self.variances[axis] * (slope @ self.covariance @ slope))
        return float(np.sqrt(variance))

    def _area(self, parts: Sequence[Sequence[Floats]], coefficients: Floats) -> float:
        return sum(
            area([ring + _terms(ring, self.middle, self.unit) @ coefficients for ring in rings])
            for rings in parts
        )


def fit_flow(places: Floats, steps: Floats, *, middle: Floats, alike: float) -> Flow | Refused:
    """Return the field that most steps agree on, or why there is none.

    Of second order: so moves, near one place, a curved surface seen from another side. Least squares,
    reweighted by Tukey's biweight, so that steps that went astray count nothing.

    Parameters
    ----------
    places, steps : ndarray of float, shape (n, 2)
        Where, and how far.
    middle : ndarray of float, shape (2,)
        Of what is to be carried.
    alike : float
        How many neighbouring steps are one and the same look at the pictures.
    """
    unit = float(np.sqrt(((places - middle) ** 2).sum(axis=1).mean()))
    terms = _terms(places, middle, unit)
    coefficients, agreeing = _agreed(terms, steps)
    if agreeing.mean() < LEAST_SHARE or agreeing.sum() < 2 * _FINE:
        return Refused(why="the skin around it does not move as one")
    kept, left = terms[agreeing], steps[agreeing] - terms[agreeing] @ coefficients
    angles = np.arctan2(*(places[agreeing] - middle).T)
    sectors = np.floor((angles + np.pi) / (np.pi / 4)).astype(int) % 8
    if len(np.unique(sectors)) < LEAST_SECTORS:
        return Refused(why="the skin that looks alike on both pictures does not lie all around it")
    coarse = np.zeros_like(coefficients)
    coarse[:_COARSE] = np.linalg.lstsq(kept[:, :_COARSE], steps[agreeing], rcond=None)[0]
    return Flow(
        middle=middle,
        unit=unit,
        coefficients=coefficients,
        covariance=np.asarray(np.linalg.inv(kept.T @ kept) * alike, dtype=np.float64),
        variances=np.asarray((left**2).sum(axis=0) / (len(left) - _FINE), dtype=np.float64),
        coarse=coarse,
    )


def _agreed(terms: Floats, steps: Floats) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return the coefficients most steps agree on, and which these are."""
    weights = np.ones(len(terms))
    for _ in range(_ROUNDS):
        root = np.sqrt(weights)[:, None]
        coefficients = np.asarray(
            np.linalg.lstsq(terms * root, steps * root, rcond=None)[0], dtype=np.float64
        )
        off = np.linalg.norm(steps - terms @ coefficients, axis=1)
        # The median of a length in the plane is 1.1774 standard deviations of either coordinate.
        scale = max(float(np.median(off)) / 1.1774, _LEAST_SD)
        weights = np.clip(1 - (off / (_TUKEY * scale)) ** 2, 0, None) ** 2
    return coefficients, weights > 0.1


def _terms(points: Floats, middle: Floats, unit: float) -> Floats:
    r, c = ((points - middle) / unit).T
    return np.stack([np.ones_like(r), r, c, r * r, r * c, c * c], axis=1)
