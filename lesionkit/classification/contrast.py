"""Deposits under treatment beside controls: whether they changed more than what nobody treated."""

import math
from itertools import product

from lesionkit.classification.change import Z_95
from lesionkit.classification.verdict import Comparison
from lesionkit.core.response import Contrast


def contrast_of(treated: Comparison, controls: Comparison) -> Contrast | None:
    """Return how the change of the treated differs from that of the controls; None where it cannot be told.

    The logarithm of the ratio of the ratios, so that equal shares of growth are no difference. Its
    variance is that of four sizes, with everything they share: what is common to treated and controls on one
    image cancels as well as what is common to both timepoints.

    Parameters
    ----------
    treated, controls : Comparison
        Of one day with one baseline. Both must have been seen whole, and be there at both timepoints.
    """
    sizes = [b.quantity for b in (treated.current, treated.baseline, controls.baseline, controls.current)]
    if any(
        c.obstacle or c.unread or not c.is_complete or c.is_baseline_incomplete for c in (treated, controls)
    ):
        return None
    found = [size for size in sizes if size is not None and size.value > 0]
    if len(found) < len(sizes) or len({size.unit for size in found}) > 1:
        return None
    now, then, control_then, control_now = found
    ratio = math.log(now.value / then.value * control_then.value / control_now.value)
    weighted = list(zip(found, (1, -1, 1, -1), strict=True))
    terms = [(a.relative_covariance(b), v * w) for (a, v), (b, w) in product(weighted, weighted)]
    limits = None
    if all(covariance is not None for covariance, _ in terms):
        variance = math.fsum(weight * (covariance or 0.0) for covariance, weight in terms)
        reach = Z_95 * math.sqrt(max(variance, 0.0))
        limits = 100.0 * math.expm1(ratio - reach), 100.0 * math.expm1(ratio + reach)
    return Contrast(
        controls=controls.current.present,
        control_change_pct=100.0 * (control_now.value / control_then.value - 1.0),
        difference_pct=100.0 * math.expm1(ratio),
        limits=limits,
    )
