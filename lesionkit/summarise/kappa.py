"""How well readings agree on categories, beyond what chance would give."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.response import Category
from lesionkit.errors import MissingExtraError

ORDER = (Category.RESOLVED, Category.REGRESSION, Category.STABLE, Category.PROGRESSION)
"""The categories that say how a burden changed, in order; the others are no judgement to agree on."""

Codes = npt.NDArray[np.intp]


def codes_of(cases: Sequence[Sequence[Category]]) -> Codes:
    """Return the places in `ORDER` of each case's categories, shape (n, k)."""
    return np.array([[ORDER.index(category) for category in case] for case in cases], dtype=np.intp)


def must_have_statsmodels() -> None:
    """Refuse to go on without the library that computes kappa.

    Raises
    ------
    MissingExtraError
        If statsmodels is not installed.
    """
    try:
        import statsmodels.stats.inter_rater  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "agreement on categories needs statsmodels, which is not installed",
            group="lesionkit",
            name="statistics",
            hint='Run: pip install "lesionkit[statistics]"',
        ) from error


def cohen(codes: Codes, *, weights: str | None = None) -> float:
    """Return Cohen's kappa of two readings; nan where both used one category only.

    Parameters
    ----------
    codes : ndarray of int, shape (n, 2)
        Places in `ORDER`.
    weights : {"linear"}, optional
        Disagreement counts by how far apart the categories lie in `ORDER`; None = all alike.

    References
    ----------
    Cohen J. Educ Psychol Meas 1960;20:37-46; Psychol Bull 1968;70:213-20 (weighted).
    """
    from statsmodels.stats.inter_rater import cohens_kappa

    if len(codes) == 0 or len(np.unique(codes)) == 1:
        return math.nan
    counts = np.zeros((len(ORDER), len(ORDER)))
    np.add.at(counts, (codes[:, 0], codes[:, 1]), 1)
    return float(cohens_kappa(counts, wt=weights, return_results=False))


def fleiss(codes: Codes) -> float:
    """Return Fleiss' kappa of any number of readings; nan where all used one category only.

    References
    ----------
    Fleiss JL. Psychol Bull 1971;76:378-82.
    """
    from statsmodels.stats.inter_rater import fleiss_kappa

    if len(codes) == 0 or len(np.unique(codes)) == 1:
        return math.nan
    counts = np.stack([(codes == index).sum(axis=1) for index in range(len(ORDER))], axis=1)
    return float(fleiss_kappa(counts))
