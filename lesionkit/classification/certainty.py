"""How likely each category is, given how far off the measurements may be."""

import math
from collections.abc import Mapping

import numpy as np

from lesionkit.classification.change import detectable, in_unit_of, log_variance
from lesionkit.core.response import Category, Criterion
from lesionkit.core.units import Quantity


def probabilities(
    current: Quantity, baseline: Quantity, reference: Quantity, criterion: Criterion
) -> Mapping[Category, float] | None:
    """Return P(regression), P(stable) and P(progression); None where an error is not known.

    The probability that the true change lies past the criterion's thresholds, the logarithms of the sizes
    being normal about those measured (a uniform prior): regression against baseline, progression
    against the criterion's reference, which wins where both hold. `resolved` is a regression. That a nadir is
    the smallest of several noisy sizes is not allowed for: against it, progression is a little overrated.

    Parameters
    ----------
    current, baseline, reference : Quantity
        Sums over the same deposits; reference is the nadir or baseline again.
    criterion : Criterion
        The rule.
    """
    if 0 in (baseline.value, reference.value):
        return None
    if current.value == 0:
        return _of_nothing(in_unit_of(current, baseline), baseline, criterion)
    fall = _Change.of(current, baseline)
    rise = _Change.of(current, reference)
    if fall is None or rise is None:
        return None
    low = _lower(current, baseline, criterion)
    high = _upper(current, reference, criterion)
    below, past = fall.share_below(low), 1.0 - rise.share_below(high)
    if reference is baseline:
        regression = min(below, 1.0 - past)
    else:
        regression = _both_below(
            fall.standard(low), rise.standard(high), _correlation(current, baseline, reference)
        )
    return {
        Category.REGRESSION: regression,
        Category.STABLE: max(1.0 - past - regression, 0.0),
        Category.PROGRESSION: past,
    }


def _of_nothing(
    current: Quantity, baseline: Quantity, criterion: Criterion
) -> Mapping[Category, float] | None:
    """Return the probabilities where nothing is left: what may have been missed lies below detection."""
    if current.standard_error is None or criterion.regression_pct is None:
        return None
    if current.standard_error == 0:
        missed = 0.0
    else:
        limit = (1 + criterion.regression_pct / 100) * baseline.value
        missed = math.erfc(limit / current.standard_error / math.sqrt(2))
    return {Category.REGRESSION: 1.0 - missed, Category.STABLE: missed, Category.PROGRESSION: 0.0}


class _Change:
    """A normal distribution of the logarithm of a ratio."""

    def __init__(self, ratio: float, sd: float) -> None:
        self.ratio, self.sd = ratio, sd

    @classmethod
    def of(cls, current: Quantity, reference: Quantity) -> "_Change | None":
        variance = log_variance(current, reference)
        if variance is None:
            return None
        return cls(math.log(current.value / reference.value), math.sqrt(variance))

    def standard(self, threshold: float) -> float:
        """Return a threshold in standard deviations from what was measured."""
        if self.sd == 0:
            return math.copysign(math.inf, threshold - self.ratio)
        return (threshold - self.ratio) / self.sd

    def share_below(self, threshold: float) -> float:
        return _normal(self.standard(threshold))


def _lower(current: Quantity, baseline: Quantity, criterion: Criterion) -> float:
    if criterion.regression_pct is None:
        return -detectable(current, baseline, criterion)
    return math.log1p(criterion.regression_pct / 100) if criterion.regression_pct > -100 else -math.inf


def _upper(current: Quantity, reference: Quantity, criterion: Criterion) -> float:
    if criterion.progression_pct is None:
        return detectable(current, reference, criterion)
    floor = math.log1p(criterion.floor / reference.value)
    return max(math.log1p(criterion.progression_pct / 100), floor)


def _correlation(current: Quantity, baseline: Quantity, reference: Quantity) -> float:
    """Return how the change from baseline and the change from nadir hang together."""
    pairs = (
        (current, current, 1),
        (current, reference, -1),
        (baseline, current, -1),
        (baseline, reference, 1),
    )
    covariance = math.fsum(sign * (a.relative_covariance(b) or 0.0) for a, b, sign in pairs)
    spread = math.sqrt((log_variance(current, baseline) or 0.0) * (log_variance(current, reference) or 0.0))
    return 0.0 if spread == 0 else min(max(covariance / spread, -1.0), 1.0)


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)


def _both_below(h: float, k: float, correlation: float) -> float:
    """Return the probability that two standard normal numbers lie below h and k.

    References
    ----------
    Drezner Z, Wesolowsky GO. On the computation of the bivariate normal integral. J Stat Comput Simul
    1990;35:101-107.
    """
    if math.isinf(h) or math.isinf(k):
        return _normal(h) * _normal(k)
    if abs(correlation) > 1 - 1e-9:
        return _normal(min(h, k)) if correlation > 0 else max(_normal(h) + _normal(k) - 1, 0.0)
    end = math.asin(correlation)
    angle = end / 2 * (_NODES + 1)
    height = np.exp(-(h * h + k * k - 2 * h * k * np.sin(angle)) / (2 * np.cos(angle) ** 2))
    joint = _normal(h) * _normal(k) + float((_WEIGHTS * height).sum()) * end / 2 / (2 * math.pi)
    return min(max(joint, 0.0), 1.0)
