"""Confidence intervals where one patient gives several cases: patients are drawn again, not cases."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.agreement import Estimate

DRAWS = 2000
FEWEST_PATIENTS = 5
"""With fewer, drawing patients again says nothing of patients not seen."""
RESAMPLED = "patients resampled"

Statistic = Callable[[npt.NDArray[np.intp]], float]
"""A number from the places of the cases that go into it; nan where they do not define it."""


def estimate(statistic: Statistic, patients: Sequence[str], *, seed: int = 0) -> Estimate:
    """Return a statistic with its interval from drawing whole patients again with replacement.

    Defined as the 2.5th and 97.5th percentile of the statistic over 2,000 draws of as many patients as there
    are, each with all of its cases (the cluster bootstrap). Draws that do not define the statistic
    are left out; where more than one in twenty are, or there are fewer than 5 patients, no interval is given.

    Parameters
    ----------
    statistic : callable
        What to compute from the places of the cases.
    patients : sequence of str
        Whose each case is.
    seed : int
        The same seed gives the same interval.

    References
    ----------
    Field CA, Welsh AH. Bootstrapping clustered data. J R Stat Soc B 2007;69:369-90.
    """
    names, whose = np.unique(np.asarray(patients), return_inverse=True)
    value = statistic(np.arange(len(whose)))
    if not np.isfinite(value):
        return Estimate(value=None)
    if len(names) < FEWEST_PATIENTS:
        return Estimate(value=value)
    cases = [np.flatnonzero(whose == index) for index in range(len(names))]
    rng = np.random.default_rng(seed)
    drawn = (rng.integers(len(names), size=len(names)) for _ in range(DRAWS))
    if len(names) == len(whose):  # one case each: no lists to join
        place = np.concatenate(cases)
        draws = [statistic(place[indices]) for indices in drawn]
    else:
        draws = [statistic(np.concatenate([cases[index] for index in indices])) for indices in drawn]
    defined = np.asarray(draws)[np.isfinite(draws)]
    if len(defined) < 0.95 * DRAWS:
        return Estimate(value=value)
    low, high = np.percentile(defined, [2.5, 97.5]).tolist()
    return Estimate(value=value, low=low, high=high, method=RESAMPLED)
