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


def is_rise(current: Quantity, reference: Quantity, criterion: Criterion) -> bool:
    """Return whether a size has risen past the criterion's threshold for progression, its floor aside."""
    if criterion.progression_pct is None:
        limit = _detectable(current, reference, criterion)
        return _reaches(current.value - reference.value, limit, inclusive=criterion.inclusive)
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
        limit = _detectable(current, baseline, criterion)
        return _reaches(baseline.value - current.value, limit, inclusive=criterion.inclusive)
    change = change_pct(current, baseline)
    return change is not None and _reaches(-change, -criterion.regression_pct, inclusive=criterion.inclusive)


def _detectable(current: Quantity, reference: Quantity, criterion: Criterion) -> float:
    """Return the least change that counts: `detectable_ses` standard errors of one measurement.

    The error of one measurement is the root mean square of the two timepoints' standard errors, so
    that 1.96 √2 SE is 1.96 times the standard error of the difference. Nothing there has no outline and
    adds no error, so that what is gone is held against the error of what was there.
    """
    errors = [
        0.0 if quantity.value == 0 and quantity.standard_error is None else quantity.standard_error
        for quantity in (current, reference)
    ]
    if criterion.detectable_ses is None or errors[0] is None or errors[1] is None:
        return math.inf
    return criterion.detectable_ses * math.hypot(errors[0], errors[1]) / math.sqrt(2.0)


def _reaches(value: float, threshold: float, *, inclusive: bool) -> bool:
    """Whether a value passes a threshold; what differs by rounding only lies exactly on it."""
    if math.isclose(value, threshold, rel_tol=1e-9):
        return inclusive
    return value > threshold
