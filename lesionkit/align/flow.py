"""How skin around a place moves from one picture to another: a smooth field fitted to many small steps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.align.found import Refused
from lesionkit.core.arrays import Floats
from lesionkit.geometry.polygon import area

LEAST_SHARE = 0.4
"""Least share of the steps that must agree with the field."""

LEAST_STEPS = 30
"""Least number of them: three for each unknown of the finer field, and axis."""

SECTORS = 8
"""Around the place; each is left out once to see what hangs on it."""

LEAST_SECTORS = 6
"""How many of them must hold a step that agrees."""

LEAST_REL_SE = 0.004
"""Of an area, always: what skin that is neither flat nor quite smooth leaves over, by simulation."""

_TUKEY = 4.685
"""Beyond so many standard deviations a step counts nothing (Tukey's biweight, 95 % efficient)."""
_ROUNDS = 12
_LEAST_SD = 0.02
_SECOND, _THIRD = 6, 10
"""Coefficients per axis of fields of second and of third order."""

Where = npt.NDArray[np.bool_]


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
    finer : ndarray of float, shape (10, 2)
        The same of a field of third order.
    without : tuple of ndarray of float, shape (6, 2)
        The coefficients where one sector around the place is left out, each in turn.
    """

    middle: Floats
    unit: float
    coefficients: Floats
    finer: Floats
    without: tuple[Floats, ...]

    def carry(self, points: Floats) -> Floats:
        """Return where points go."""
        return self._carry(points, self.coefficients)

    def area_rel_se(self, parts: Sequence[Sequence[Floats]]) -> float:
        """Return the relative standard error of the area of polygons, carried.

        The jackknife over sectors, for what neighbouring steps leave over is alike; what a field of third
        order says otherwise, for the field is of second order by assumption; and `LEAST_REL_SE`.

        References
        ----------
        Efron B, Stein C. The jackknife estimate of variance. Ann Stat 1981;9:586-596.
        """
        size = self._area(parts, self.coefficients)
        told = np.array([self._area(parts, coefficients) for coefficients in self.without]) / size
        spread = (len(told) - 1) / len(told) * ((told - told.mean()) ** 2).sum()
        otherwise = self._area(parts, self.finer) / size - 1
        return float(np.sqrt(spread + otherwise**2 + LEAST_REL_SE**2))

    def _carry(self, points: Floats, coefficients: Floats) -> Floats:
        return np.asarray(points + _terms(points, self.middle, self.unit, len(coefficients)) @ coefficients)

    def _area(self, parts: Sequence[Sequence[Floats]], coefficients: Floats) -> float:
        return sum(area([self._carry(ring, coefficients) for ring in rings]) for rings in parts)


def fit_flow(places: Floats, steps: Floats, *, middle: Floats) -> Flow | Refused:
    """Return the field that most steps agree on, or why there is none.

    Of second order: so moves, near one place, a curved surface seen from another side. Least squares,
    reweighted by Tukey's biweight, so that steps that went astray count nothing.

    Parameters
    ----------
    places, steps : ndarray of float, shape (n, 2)
        Where, and how far.
    middle : ndarray of float, shape (2,)
        Of what is to be carried.
    """
    unit = float(np.sqrt(((places - middle) ** 2).sum(axis=1).mean()))
    terms = _terms(places, middle, unit, _THIRD)
    weights = _weights(terms[:, :_SECOND], steps)
    agreeing = weights > 0.1
    if agreeing.mean() < LEAST_SHARE or agreeing.sum() < LEAST_STEPS:
        return Refused(why="the skin around it does not move as one")
    sectors = _sectors(places - middle)
    if len(np.unique(sectors[agreeing])) < LEAST_SECTORS:
        return Refused(why="the skin that looks alike on both pictures does not lie all around it")
    return Flow(
        middle=middle,
        unit=unit,
        coefficients=_fit(terms[:, :_SECOND], steps, weights),
        finer=_fit(terms, steps, weights),
        without=tuple(_fit(terms[:, :_SECOND], steps, weights * kept) for kept in _each_left_out(sectors)),
    )


def _sectors(around: Floats) -> npt.NDArray[np.intp]:
    turns = (np.arctan2(around[:, 0], around[:, 1]) + np.pi) / (2 * np.pi)
    return np.asarray(np.floor(turns * SECTORS).astype(np.intp) % SECTORS)


def _each_left_out(sectors: npt.NDArray[np.intp]) -> Iterator[Where]:
    return (sectors != sector for sector in range(SECTORS))


def _fit(terms: Floats, steps: Floats, weights: Floats) -> Floats:
    root = np.sqrt(weights)[:, None]
    return np.asarray(np.linalg.lstsq(terms * root, steps * root, rcond=None)[0], dtype=np.float64)


def _weights(terms: Floats, steps: Floats) -> Floats:
    """Return how much each step counts: those that agree with the field they make."""
    weights = np.ones(len(terms))
    for _ in range(_ROUNDS):
        off = np.linalg.norm(steps - terms @ _fit(terms, steps, weights), axis=1)
        # The median of a length in the plane is 1.1774 standard deviations of either coordinate.
        scale = max(float(np.median(off)) / 1.1774, _LEAST_SD)
        weights = np.clip(1 - (off / (_TUKEY * scale)) ** 2, 0, None) ** 2
    return weights


def _terms(points: Floats, middle: Floats, unit: float, count: int) -> Floats:
    r, c = ((points - middle) / unit).T
    all_terms = (np.ones_like(r), r, c, r * r, r * c, c * c, r**3, r * r * c, r * c * c, c**3)
    return np.stack(all_terms[:count], axis=1)
