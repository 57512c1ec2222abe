"""What matched deposits tell of the error an alignment left: neighbours are off by much the same."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats

OPTIMISM = 1.5
"""A residual is what the search left where it looked; elsewhere it may be this many times as much."""

TOGETHER = 0.5
"""Share of the error's variance that all of the limb has in common; the rest is shared by neighbours."""

NEIGHBOURHOOD = 0.3
"""How far neighbours reach, as a share of the deposits' extent."""

OUTLYING = 3.0
"""Standard deviations from what the others say beyond which a deposit says nothing."""

FEWEST = 3
"""Ties from which their own spread, and that one of them contradicts the others, can be told."""

MEDIAN_OF_SQUARES = 0.7
"""Median of the mean of two to three squared standard normals, about: 0.69 and 0.79."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drift:
    """By how much deposits of a reading are to be moved, and what is left of the error.

    Parameters
    ----------
    shifts : ndarray of float, shape (n, d)
        In the first grid's length unit.
    variances : ndarray of float, shape (n,)
        Along one axis.
    """

    shifts: Floats
    variances: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ties:
    """Deposits seen twice.

    Parameters
    ----------
    at : ndarray of int, shape (k,)
        Which of all places each is.
    offsets : ndarray of float, shape (k, d)
        From where they lie now to where they were, in the first grid's length unit.
    noise : ndarray of float, shape (k,)
        Variance of an offset along one axis, but for the drift.
    """

    at: npt.NDArray[np.intp]
    offsets: Floats
    noise: Floats

    def __len__(self) -> int:
        return len(self.at)

    def only(self, kept: npt.NDArray[np.bool_]) -> "Ties":
        """Return some of them."""
        return Ties(at=self.at[kept], offsets=self.offsets[kept], noise=self.noise[kept])


def unknown(count: int, axes: int, *, residual: float) -> Drift:
    """Return what is known before anything is matched."""
    return Drift(shifts=np.zeros((count, axes)), variances=np.full(count, _stated(residual, axes)))


def follow(places: Floats, ties: Ties, *, residual: float, extent: float) -> tuple[Drift, Drift]:
    """Return the drift at places from where it was seen, without and with what a place itself shows.

    A Gaussian process along each axis [1]_: the error has the variance the residual states, or the ties
    show if that is more; `TOGETHER` of it is common to all, the rest to neighbours. Ties that
    contradict the others are left out. The first of the two is for matching: a pair must not be taken
    for proof of itself.

    Parameters
    ----------
    places : ndarray of float, shape (n, d)
        Where the drift is asked.
    ties : Ties
        Where it was seen.
    residual : float
        Of the alignment.
    extent : float
        Of the deposits.

    References
    ----------
    .. [1] Rasmussen CE, Williams CKI. Gaussian processes for machine learning. MIT Press 2006, ch. 2
       and, of what the others say of one (equations 5.10 to 5.12), section 5.4.2.
    """
    axes = places.shape[1]
    nothing = unknown(len(places), axes, residual=residual)
    reach = max(NEIGHBOURHOOD * extent, 1e-9)
    likeness = _alike(places, reach)
    variance = max(_stated(residual, axes), _shown(ties))
    if len(ties) >= FEWEST and variance > 0:
        ties = ties.only(~_outlying(ties, variance * likeness))
        variance = max(_stated(residual, axes), _shown(ties))
    if not len(ties) or variance <= 0:
        return nothing, nothing
    inverse = _inverse(ties, variance * likeness)
    cross = variance * likeness[:, ties.at]
    weights = cross @ inverse
    shifts = weights @ ties.offsets
    left = variance - (weights * cross).sum(axis=1)
    everything = Drift(shifts=shifts, variances=np.maximum(left, 0.0))
    precision = np.diag(inverse)
    shifts, left = shifts.copy(), left.copy()
    shifts[ties.at] = ties.offsets - inverse @ ties.offsets / precision[:, None]
    left[ties.at] = 1 / precision - ties.noise
    return Drift(shifts=shifts, variances=np.maximum(left, 0.0)), everything


def _stated(residual: float, axes: int) -> float:
    return (OPTIMISM * residual) ** 2 / axes


def _shown(ties: Ties) -> float:
    """Return the variance along one axis that the ties themselves show."""
    if len(ties) < FEWEST:
        return 0.0
    squares = (ties.offsets**2).mean(axis=1)
    return float(np.median(squares) / MEDIAN_OF_SQUARES - np.median(ties.noise))


def _outlying(ties: Ties, covariance: Floats) -> npt.NDArray[np.bool_]:
    """Whether each lies far from what all others say of it."""
    inverse = _inverse(ties, covariance)
    precision = np.diag(inverse)
    away = inverse @ ties.offsets / precision[:, None]
    return np.asarray(np.sqrt((away**2).mean(axis=1) * precision) > OUTLYING)


def _inverse(ties: Ties, covariance: Floats) -> Floats:
    own = covariance[np.ix_(ties.at, ties.at)] + np.diag(ties.noise)
    return np.asarray(np.linalg.inv(own), dtype=np.float64)


def _alike(places: Floats, reach: float) -> Floats:
    squares = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    return np.asarray(TOGETHER + (1 - TOGETHER) * np.exp(-squares / (2 * reach**2)))
