"""What the error of an image's scale is made of, so that every millimetre can account for its own."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from lesionkit.core.arrays import Floats, frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPart:
    """One cause of error and how much it contributes.

    Parameters
    ----------
    name : str
        The cause: ``print size``, ``perspective``, ``height``, ``curvature`` ...
    rel_se : float
        Relative standard error it gives a length; an area has twice, a volume three times as much.
    source : str
        Where the figure comes from, in words for the reader of a report.

    Raises
    ------
    ValueError
        If `rel_se` is negative or not finite.
    """

    name: str
    rel_se: float
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.rel_se < math.inf:
            raise ValueError(f"the relative standard error must be 0 or more, not {self.rel_se}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GrowingPart:
    """A cause of error that is nothing at one place and grows with the square of the distance from it.

    So does what a lens's distortion leaves over where a homography follows it at one place.

    Parameters
    ----------
    part : ErrorPart
        Its size is that at `reach_px`.
    centre : array_like, shape (2,)
        ``(row, col)`` of where it is nothing.
    reach_px : float
        Distance from there at which the part has its size.
    until_px : float
        Distance from which on it grows no more.

    Raises
    ------
    ValueError
        If the distance is not positive.
    """

    part: ErrorPart
    centre: Floats
    reach_px: float
    until_px: float = math.inf

    def __post_init__(self) -> None:
        object.__setattr__(self, "centre", frozen(self.centre))
        if not 0 < self.reach_px < math.inf:
            raise ValueError(f"the distance must be positive, not {self.reach_px}")

    def at(self, point: Floats) -> ErrorPart:
        """Return the part as it is at ``(row, col)``."""
        away = float(np.linalg.norm(np.asarray(point, dtype=np.float64) - self.centre))
        share = min(away, self.until_px) / self.reach_px
        return replace(self.part, rel_se=self.part.rel_se * share**2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScaleError:
    """How far a scale may be off: the same everywhere on the image, and by where one looks.

    Parameters
    ----------
    parts : tuple of ErrorPart
        Independent causes that hold everywhere on the image.
    covariance : array_like, shape (9, 9), optional
        Of the entries of the grid's homography, row by row. It may be of any normalisation: only
        what changes lengths counts.
    growing : tuple of GrowingPart
        Independent causes that grow away from one place.

    Raises
    ------
    ValueError
        If it is empty, or the covariance has another shape.
    """

    parts: tuple[ErrorPart, ...] = ()
    covariance: Floats | None = None
    growing: tuple[GrowingPart, ...] = ()

    def __post_init__(self) -> None:
        if not self.parts and not self.growing and self.covariance is None:
            raise ValueError("an error has at least one part; an unknown error is None")
        if self.covariance is not None:
            object.__setattr__(self, "covariance", frozen(self.covariance))
            if np.shape(self.covariance) != (9, 9):
                raise ValueError("the covariance of a homography is 9 × 9")

    def at(self, point: Floats, *, homography: Floats | None) -> tuple[ErrorPart, ...]:
        """Return every part of the error at one point of the image.

        The covariance is carried to the local linear scale ``s = sqrt(|det J|)``, J being the homography's
        derivative at the point: ``log s = (log|det H| − 3 log|w|) / 2`` with ``w = H[2] · (row, col, 1)``.

        Parameters
        ----------
        point : array_like, shape (2,)
            ``(row, col)`` in pixels.
        homography : ndarray of float, shape (3, 3), optional
            The grid's.

        References
        ----------
        Hartley R, Zisserman A. Multiple View Geometry in Computer Vision, 2nd ed., section 5.2 (forward
        propagation of covariance).
        """
        parts = (*self.parts, *(growing.at(point) for growing in self.growing))
        if self.covariance is None or homography is None:
            return parts
        place = np.array([*np.asarray(point, dtype=np.float64), 1.0])
        gradient = np.linalg.inv(homography).T.copy()
        gradient[2] -= 3.0 / float(homography[2] @ place) * place
        flat = gradient.ravel() / 2
        variance = float(flat @ np.asarray(self.covariance) @ flat)
        perspective = ErrorPart(
            name="perspective", rel_se=math.sqrt(max(variance, 0.0)), source="how well the plane is found"
        )
        return (*parts, perspective)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ErrorTerm:
    """One term of a quantity's error: a cause, its effect, and what it is shared with.

    Terms of one quantity are independent of one another. Two quantities whose terms name the same
    cause in `shared_by` are off together by it, so that it adds up in their sum and cancels in their ratio.

    Parameters
    ----------
    name : str
        The cause: ``outline``, ``reading``, ``lattice``, ``scale`` ...
    shared_by : str
        What makes the error the same wherever it occurs: ``reading of <image>``; empty where it is this
        quantity's own.
    source : str
        Where the figure comes from, in words for the reader of a report.
    effect : float
        By how much the quantity is off, in its unit, where the cause is off by one standard error.
        Its size is a standard error; its sign counts only where it is shared.

    Raises
    ------
    ValueError
        If `effect` is not finite.
    """

    name: str
    shared_by: str = ""
    source: str = ""
    effect: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.effect):
            raise ValueError(f"the effect of an error must be finite, not {self.effect}")


def summed(terms: Iterable[tuple[ErrorTerm, float]]) -> tuple[ErrorTerm, ...]:
    """Return the terms of a weighted sum: shared ones add, own ones add in quadrature.

    Parameters
    ----------
    terms : iterable of (ErrorTerm, float)
        Each with the weight of the quantity it is a term of.

    Returns
    -------
    tuple of ErrorTerm
        One per cause, source and what shares it, in that order, whatever the order of what is summed.

    References
    ----------
    Joint Committee for Guides in Metrology. Evaluation of measurement data: Guide to the expression of
    uncertainty in measurement. JCGM 100:2008, section 5.2 (correlated input quantities).

    Examples
    --------
    >>> mine = [ErrorTerm(name="outline", effect=3.0), ErrorTerm(name="outline", effect=4.0)]
    >>> summed((term, 1.0) for term in mine)[0].effect
    5.0
    >>> ours = ErrorTerm(name="scale", shared_by="a.jpg", effect=3.0)
    >>> summed([(ours, 1.0), (ours, 1.0)])[0].effect
    6.0
    """
    found: dict[tuple[str, str, str], list[float]] = {}
    for term, weight in terms:
        found.setdefault((term.name, term.shared_by, term.source), []).append(weight * term.effect)
    return tuple(
        ErrorTerm(
            name=name,
            shared_by=shared_by,
            source=source,
            effect=math.fsum(effects) if shared_by else math.sqrt(math.fsum(e * e for e in effects)),
        )
        for (name, shared_by, source), effects in sorted(found.items())
    )


def by_cause(terms: Iterable[ErrorTerm]) -> Mapping[tuple[str, str], float]:
    """Return the effects of shared terms, by name and what shares them."""
    found: dict[tuple[str, str], float] = {}
    for term in terms:
        if term.shared_by:
            key = term.name, term.shared_by
            found[key] = found.get(key, 0.0) + term.effect
    return found


def combined(parts: Iterable[ErrorPart]) -> float:
    """Return the relative standard error of independent parts together: the root of the sum of squares.

    Examples
    --------
    >>> ticks = ErrorPart(name="ticks", rel_se=0.03, source="read off")
    >>> tilt = ErrorPart(name="tilt", rel_se=0.04, source="estimated")
    >>> combined((ticks, tilt))
    0.05
    """
    return math.hypot(*(part.rel_se for part in parts))
