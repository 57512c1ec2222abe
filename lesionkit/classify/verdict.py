"""One comparison, one verdict: the order in which the rules are asked is the whole of the judgement."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from lesionkit.classify.reasons import Reason
from lesionkit.core.response import Burden, Category, Criterion, Reference
from lesionkit.core.units import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is known when a timepoint is held against baseline.

    Parameters
    ----------
    criterion : Criterion
        The rule.
    baseline, current : Burden
        Sums over the same tracks.
    nadir : Burden, optional
        The smallest complete and comparable one from baseline to before this timepoint.
    unread : Reason, optional
        Why nothing at all was seen now; None where something was.
    unread_sites : bool
        Whether a site read at baseline was not read now.
    new, new_unconfirmed : int
        Deposits present now where an earlier reading since baseline saw none: those of which the
        match is sure, and those of which it is not.
    hidden_new : bool
        Whether a deposit that had newly appeared before now was not looked at now.
    left_out : bool
        Whether deposits are present now whose place was not looked at at baseline.
    others_remain : bool
        Whether deposits that are not compared are still there or were not looked at now.
    has_no_target : bool
        Whether there were deposits at baseline but none that the rule may compare.
    obstacle : Reason, optional
        Why the two sizes must not be compared.
    is_match_confirmed : bool
        False where the verdict rests on a match that may be wrong.
    """

    criterion: Criterion
    baseline: Burden
    current: Burden
    nadir: Burden | None = None
    unread: Reason | None = None
    unread_sites: bool = False
    new: int = 0
    new_unconfirmed: int = 0
    hidden_new: bool = False
    left_out: bool = False
    others_remain: bool = False
    has_no_target: bool = False
    obstacle: Reason | None = None
    is_match_confirmed: bool = True

    @property
    def is_complete(self) -> bool:
        """Whether everything compared, and everything new since, was looked for now."""
        return self.current.is_complete and not self.gaps

    @property
    def is_baseline_zero(self) -> bool:
        """Whether there was nothing at baseline where it was looked."""
        return not self.baseline.present and not self.has_no_target

    @property
    def gaps(self) -> tuple[Reason, ...]:
        """What was not looked at now."""
        gaps = []
        if self.current.unseen or self.hidden_new:
            gaps.append(Reason.DEPOSITS_UNSEEN)
        if self.unread_sites:
            gaps.append(Reason.SITE_NOT_READ)
        return tuple(gaps)

    @property
    def reference(self) -> Burden:
        """What progression is counted from."""
        if self.criterion.reference is Reference.NADIR and self.nadir is not None:
            return self.nadir
        return self.baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A category with its reasons, the deciding one first."""

    category: Category
    reasons: tuple[Reason, ...]


_Rule = Callable[[Comparison], Verdict | None]


def judge(comparison: Comparison) -> Verdict:
    """Return the verdict of the first rule that has one.

    Asked in this order: was anything read; is there a new deposit; was there anything at baseline;
    is everything gone; may the sizes be compared; have they grown, even if only part was seen; was
    everything seen; may there be a new deposit after all; have they shrunk.

    Parameters
    ----------
    comparison : Comparison
        What is known, and the rule.

    Returns
    -------
    Verdict
    """
    for rule in _RULES:
        verdict = rule(comparison)
        if verdict is not None:
            return verdict
    return _fallen_or_stable(comparison)


def _unread(c: Comparison) -> Verdict | None:
    return Verdict(category=Category.NOT_EVALUABLE, reasons=(c.unread,)) if c.unread else None


def _new_deposit(c: Comparison) -> Verdict | None:
    if not c.new or not (c.criterion.new_deposit_is_progression or c.is_baseline_zero):
        return None
    zero = (Reason.BASELINE_ZERO,) if c.is_baseline_zero else ()
    return Verdict(category=Category.PROGRESSION, reasons=(Reason.NEW_DEPOSIT, *zero))


def _nothing_at_baseline(c: Comparison) -> Verdict | None:
    if c.baseline.present:
        return None
    if c.new_unconfirmed:
        return Verdict(category=Category.INDETERMINATE, reasons=(Reason.NEW_DEPOSIT_UNCONFIRMED, *c.gaps))
    why_not = c.gaps
    if c.has_no_target:
        why_not = (Reason.NO_TARGET, *why_not)
    elif c.others_remain:
        why_not = (Reason.UNSEEN_AT_BASELINE, *why_not)
    if why_not:
        return Verdict(category=Category.NOT_EVALUABLE, reasons=why_not)
    return Verdict(category=Category.STABLE, reasons=(Reason.BASELINE_ZERO,))


def _all_gone(c: Comparison) -> Verdict | None:
    if c.current.present or not c.is_complete or c.others_remain or c.new_unconfirmed:
        return None
    if not c.is_match_confirmed:
        return Verdict(category=Category.INDETERMINATE, reasons=(Reason.MATCH_UNCONFIRMED,))
    return Verdict(category=Category.RESOLVED, reasons=(Reason.ALL_DEPOSITS_GONE,))


def _not_comparable(c: Comparison) -> Verdict | None:
    if c.obstacle is None:
        return None
    unconfirmed = (Reason.NEW_DEPOSIT_UNCONFIRMED,) if c.new_unconfirmed else ()
    return Verdict(category=Category.NOT_EVALUABLE, reasons=(c.obstacle, *c.gaps, *unconfirmed))


def _grown(c: Comparison) -> Verdict | None:
    reference = c.reference
    if c.current.quantity is None or reference.quantity is None:
        return None
    if not (_is_rise(c.current.quantity, reference.quantity, c.criterion) and _is_past_floor(c)):
        return None
    reasons = [Reason.ABOVE_PROGRESSION_THRESHOLD]
    if c.criterion.detectable_ses is not None:
        reasons = [Reason.RISE_BEYOND_ERROR]
    if reference.quantity.value == 0:
        reasons = [Reason.BACK_AFTER_ALL_GONE]
    if reference.date != c.baseline.date:
        reasons.append(Reason.AGAINST_NADIR)
    if not c.is_complete:
        reasons.append(Reason.SEEN_PART_SUFFICES)
    elif _is_fall(c):
        reasons.append(Reason.PROGRESSION_OUTWEIGHS_REGRESSION)
    return _if_certain(Category.PROGRESSION, (*reasons, *c.gaps), c)


def _not_all_seen(c: Comparison) -> Verdict | None:
    if c.is_complete:
        return None
    unconfirmed = (Reason.NEW_DEPOSIT_UNCONFIRMED,) if c.new_unconfirmed else ()
    return Verdict(category=Category.NOT_EVALUABLE, reasons=(*c.gaps, *unconfirmed))


def _perhaps_new(c: Comparison) -> Verdict | None:
    if not c.new_unconfirmed or not c.criterion.new_deposit_is_progression:
        return None
    return Verdict(category=Category.INDETERMINATE, reasons=(Reason.NEW_DEPOSIT_UNCONFIRMED,))


def _fallen_or_stable(c: Comparison) -> Verdict:
    by_error = c.criterion.detectable_ses is not None
    if _is_fall(c):
        category = Category.REGRESSION
        reasons = [Reason.FALL_BEYOND_ERROR if by_error else Reason.BELOW_REGRESSION_THRESHOLD]
    else:
        category = Category.STABLE
        reasons = [Reason.WITHIN_ERROR if by_error else Reason.WITHIN_THRESHOLDS]
    if not c.current.present:
        reasons.append(Reason.OTHERS_REMAIN)
    elif not _is_past_floor(c):
        reference = c.reference.quantity
        if c.current.quantity and reference and _is_rise(c.current.quantity, reference, c.criterion):
            reasons.append(Reason.BELOW_FLOOR)
    return _if_certain(category, tuple(reasons), c)


_RULES: tuple[_Rule, ...] = (
    _unread,
    _new_deposit,
    _nothing_at_baseline,
    _all_gone,
    _not_comparable,
    _grown,
    _not_all_seen,
    _perhaps_new,
)


def _if_certain(category: Category, reasons: tuple[Reason, ...], c: Comparison) -> Verdict:
    doubts = []
    if not c.is_match_confirmed:
        doubts.append(Reason.MATCH_UNCONFIRMED)
    if c.criterion.min_certainty > 0:
        doubts.append(Reason.CERTAINTY_UNKNOWN)
    if doubts:
        return Verdict(category=Category.INDETERMINATE, reasons=(*doubts, *reasons))
    return Verdict(category=category, reasons=reasons)


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


def _is_rise(current: Quantity, reference: Quantity, criterion: Criterion) -> bool:
    if criterion.progression_pct is None:
        limit = _detectable(current, reference, criterion)
        return _reaches(current.value - reference.value, limit, inclusive=criterion.inclusive)
    change = change_pct(current, reference)
    if change is None:  # from nothing any rise is infinite
        return current.value > 0
    return _reaches(change, criterion.progression_pct, inclusive=criterion.inclusive)


def _is_past_floor(c: Comparison) -> bool:
    reference = c.reference.quantity
    if c.current.quantity is None or reference is None:
        return False
    if reference.value == 0:  # deposits back after all had gone count, however small
        return True
    return _reaches(c.current.quantity.value - reference.value, c.criterion.floor, inclusive=True)


def _is_fall(c: Comparison) -> bool:
    current, baseline = c.current.quantity, c.baseline.quantity
    if current is None or baseline is None:
        return False
    if c.criterion.regression_pct is None:
        limit = _detectable(current, baseline, c.criterion)
        return _reaches(baseline.value - current.value, limit, inclusive=c.criterion.inclusive)
    change = change_pct(current, baseline)
    return change is not None and _reaches(
        -change, -c.criterion.regression_pct, inclusive=c.criterion.inclusive
    )


def _detectable(current: Quantity, reference: Quantity, criterion: Criterion) -> float:
    """Return the least change that counts: `detectable_ses` standard errors of one measurement.

    The error of one measurement is the root mean square of the two timepoints' standard errors, so
    that 1.96 √2 SE is 1.96 times the standard error of the difference.
    """
    if current.standard_error is None or reference.standard_error is None or criterion.detectable_ses is None:
        return math.inf
    one = math.hypot(current.standard_error, reference.standard_error) / math.sqrt(2.0)
    return criterion.detectable_ses * one


def _reaches(value: float, threshold: float, *, inclusive: bool) -> bool:
    """Whether a value passes a threshold; what differs by rounding only lies exactly on it."""
    if math.isclose(value, threshold, rel_tol=1e-9):
        return inclusive
    return value > threshold
