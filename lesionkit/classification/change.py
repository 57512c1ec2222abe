"""Has a size risen or fallen far enough? Arithmetic on two quantities and a criterion's thresholds."""

import math

from lesionkit.core.response import Criterion
from lesionkit.core.units import Quantity


def change_pct(current: Quantity | None, reference: Quantity | None) -> float | None:
    """Return the change in percent of a reference; None where either is not known or the reference is zero.

    Nothing there is zero in every unit, so it can be compared with sizes in mm and in px.
    """
    if current is None or reference is None or reference.value == 0:
        return None
    return in_unit_of(current, reference).change_pct_from(reference)


def in_unit_of(quantity: Quantity, other: Quantity) -> Quantity:
    """Return a zero in another quantity's unit, and anything else as it is."""
    if quantity.value != 0 or quantity.unit is other.unit:
        return quantity
    return Quantity(value=0.0, unit=other.unit, standard_error=quantity.standard_error)


Z_95 = 1.96


def log_variance(current: Quantity, reference: Quantity) -> float | None:
    """Return the variance of the logarithm of a ratio; None where either is zero or an error is not known.

    To first order the relative variances of the two less twice their covariance: what both share, such
    as a scale or one reader's habit, cancels as far as it is in proportion to both.
    """
    if current is reference:
        return 0.0
    own, other = current.relative_covariance(current), reference.relative_covariance(reference)
    both = current.relative_covariance(reference)
    if own is None or other is None or both is None:
        return None
    return max(own + other - 2 * both, 0.0)


def change_limits(current: Quantity | None, reference: Quantity | None) -> tuple[float, float] | None:
    """Return the 95 % limits of a change in percent; None where an error is not known.

    The limits of the logarithm of the ratio, ``exp(ln ratio ± 1.96 SE) − 1``: errors of size are in
    proportion to it, so that the upper limit is farther off than the lower. Of what is gone the lower limit
    is −100 %, the upper what could lie below the limit of detection.

    References
    ----------
    Bland JM, Altman DG. Measurement error proportional to the mean. BMJ 1996;313:106.
    """
    if current is None or reference is None or reference.value <= 0:
        return None
    if current.value == 0:
        unseen = in_unit_of(current, reference).standard_error
        return None if unseen is None else (-100.0, 100.0 * (Z_95 * unseen / reference.value - 1.0))
    variance = log_variance(current, reference)
    if variance is None:
        return None
    ratio, reach = math.log(current.value / reference.value), Z_95 * math.sqrt(variance)
    return 100.0 * math.expm1(ratio - reach), 100.0 * math.expm1(ratio + reach)


def is_rise(current: Quantity, reference: Quantity, criterion: Criterion) -> bool:
    """Return whether a size has risen past the criterion's threshold for progression, its floor aside."""
    if criterion.progression_pct is None:
        return _is_detectable(current, reference, criterion) and current.value > reference.value
    change = change_pct(current, reference)
    if change is None:  # from nothing any rise is infinite
        return current.value > 0
    return _reaches(change, criterion.progression_pct, inclusive=criterion.inclusive)


def is_past_floor(current: Quantity, reference: Quantity, criterion: Criterion) -> bool:
    """Return whether a size has risen by at least the criterion's floor."""
    if reference.value == 0:  # deposits back after all had gone count, however small
        return True
    return _reaches(current.value - reference.value, criterion.floor, inclusive=True)


def is_fall(current: Quantity, baseline: Quantity, criterion: Criterion) -> bool:
    """Return whether a size has fallen past the criterion's threshold for regression."""
    if criterion.regression_pct is None:
        return _is_detectable(current, baseline, criterion) and current.value < baseline.value
    change = change_pct(current, baseline)
    return change is not None and _reaches(-change, -criterion.regression_pct, inclusive=criterion.inclusive)


def detectable(current: Quantity, reference: Quantity, criterion: Criterion) -> float:
    """Return the least change of the logarithm that counts: `detectable_ses` errors of one measurement.

    The error of one measurement is the root mean square of the two timepoints' relative standard
    errors, what they share taken off, so that 1.96 √2 SE is 1.96 times the standard error of the log ratio.
    Infinite where the error is not known.
    """
    variance = log_variance(current, reference)
    if criterion.detectable_ses is None or variance is None:
        return math.inf
    return criterion.detectable_ses * math.sqrt(variance / 2.0)


def _is_detectable(current: Quantity, reference: Quantity, criterion: Criterion) -> bool:
    if current.value > 0 and reference.value > 0:
        ratio = math.log(current.value / reference.value)
        return _reaches(abs(ratio), detectable(current, reference, criterion), inclusive=criterion.inclusive)
    # From or to nothing there is no ratio. What is not there adds no error beyond what may have been missed.
    errors = [
        0.0 if quantity.value == 0 and quantity.standard_error is None else quantity.standard_error
        for quantity in (current, reference)
    ]
    if criterion.detectable_ses is None or errors[0] is None or errors[1] is None:
        return False
    limit = criterion.detectable_ses * math.hypot(errors[0], errors[1]) / math.sqrt(2.0)
    return _reaches(abs(current.value - reference.value), limit, inclusive=criterion.inclusive)


def _reaches(value: float, threshold: float, *, inclusive: bool) -> bool:
    """Whether a value passes a threshold; what differs by rounding only lies exactly on it."""
    if math.isclose(value, threshold, rel_tol=1e-9):
        return inclusive
    return value > threshold
