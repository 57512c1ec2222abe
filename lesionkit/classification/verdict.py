"""One comparison, one verdict: the order in which the rules are asked is the whole of the judgement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lesionkit.classification.certainty import probabilities
from lesionkit.classification.change import is_fall, is_past_floor, is_rise
from lesionkit.classification.reasons import Reason
from lesionkit.core.response import Burden, Category, Criterion, Reference


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
    is_baseline_incomplete, is_incomplete : bool
        Whether outlines at baseline, or now, could not be used or are not confirmed.
    unread_sites : bool
        Whether a site read at baseline was not read now.
    new, new_unconfirmed : int
        Deposits present now where an earlier reading since baseline saw none: those of which the
        match is sure, and those of which it is not.
    hidden_new : bool
        Whether a deposit that had newly appeared before now was not looked at now.
    left_out : bool
        Whether deposits are present now whose place was not looked at at baseline.
    removed : bool
        Whether deposits are left out because they were excised or extruded.
    others_remain : bool
        Whether deposits that are not compared are still there or were not looked at now.
    has_no_target : bool
        Whether there were deposits at baseline but none that the rule may compare.
    obstacle : Reason, optional
        Why the two sizes must not be compared.
    is_match_confirmed : bool
        False where the verdict rests on a match that may be wrong.
    is_relative : bool
        Whether the sizes are in pixels of the site's first picture, so that only their change has a meaning.
    """

    criterion: Criterion
    baseline: Burden
    current: Burden
    nadir: Burden | None = None
    unread: Reason | None = None
    is_baseline_incomplete: bool = False
    is_incomplete: bool = False
    unread_sites: bool = False
    new: int = 0
    new_unconfirmed: int = 0
    hidden_new: bool = False
    left_out: bool = False
    removed: bool = False
    others_remain: bool = False
    has_no_target: bool = False
    obstacle: Reason | None = None
    is_match_confirmed: bool = True
    is_relative: bool = False

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
        if self.is_incomplete:
            gaps.append(Reason.OUTLINES_LEFT_OUT)
        return tuple(gaps)

    @property
    def reference(self) -> Burden:
        """What progression is counted from."""
        is_nadir = self.criterion.reference is Reference.NADIR and self.nadir is not None
        if is_nadir and self.nadir is not None and self.nadir.date != self.baseline.date:
            return self.nadir
        return self.baseline

    @property
    def probabilities(self) -> Mapping[Category, float] | None:
        """How likely each category is; None where an error is not known or sizes must not be compared."""
        current, baseline, reference = (b.quantity for b in (self.current, self.baseline, self.reference))
        if self.obstacle or self.is_baseline_incomplete or not (current and baseline and reference):
            return None
        return probabilities(current, baseline, reference, self.criterion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A category with its reasons, the deciding one first."""

    category: Category
    reasons: tuple[Reason, ...]


_Rule = Callable[[Comparison], Verdict | None]


def judge(comparison: Comparison) -> Verdict:
    """Return the verdict of the first rule that has one.

    Asked in this order: was anything read; is there a new deposit; was everything drawn at
    baseline usable; was there anything at baseline;
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
    # Not looked at is not zero: then there is no sum at baseline.
    zero = (Reason.BASELINE_ZERO,) if c.is_baseline_zero and c.baseline.quantity else ()
    return Verdict(category=Category.PROGRESSION, reasons=(Reason.NEW_DEPOSIT, *zero))


def _baseline_incomplete(c: Comparison) -> Verdict | None:
    if not c.is_baseline_incomplete:
        return None
    return Verdict(category=Category.NOT_EVALUABLE, reasons=(Reason.BASELINE_INCOMPLETE, *c.gaps))


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
    if c.removed:
        why_not = (Reason.REMOVED, *why_not)
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
    current, criterion = c.current.quantity, c.criterion
    if not is_rise(current, reference.quantity, criterion) or not is_past_floor(
        current, reference.quantity, criterion
    ):
        return None
    reasons = [Reason.ABOVE_PROGRESSION_THRESHOLD]
    if criterion.detectable_ses is not None:
        reasons = [Reason.RISE_BEYOND_ERROR]
    if reference.quantity.value == 0:
        reasons = [Reason.BACK_AFTER_ALL_GONE]
    if reference.date != c.baseline.date:
        reasons.append(Reason.AGAINST_NADIR)
    if not c.is_complete:
        reasons.append(Reason.SEEN_PART_SUFFICES)
    elif _has_fallen(c):
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
    if _has_fallen(c):
        category = Category.REGRESSION
        reasons = [Reason.FALL_BEYOND_ERROR if by_error else Reason.BELOW_REGRESSION_THRESHOLD]
    else:
        category = Category.STABLE
        reasons = [Reason.WITHIN_ERROR if by_error else Reason.WITHIN_THRESHOLDS]
    if not c.current.present:
        reasons.append(Reason.OTHERS_REMAIN)
    elif (
        c.current.quantity
        and c.reference.quantity
        and is_rise(c.current.quantity, c.reference.quantity, c.criterion)
    ):
        # It would have been progression, had it passed the floor.
        reasons.append(Reason.BELOW_FLOOR)
    return _if_certain(category, tuple(reasons), c)


_RULES: tuple[_Rule, ...] = (
    _unread,
    _new_deposit,
    _baseline_incomplete,
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
        odds = c.probabilities
        if odds is None:
            doubts.append(Reason.CERTAINTY_UNKNOWN)
        elif odds[category] < c.criterion.min_certainty:
            doubts.append(Reason.NOT_CERTAIN_ENOUGH)
    if doubts:
        return Verdict(category=Category.INDETERMINATE, reasons=(*doubts, *reasons))
    return Verdict(category=category, reasons=reasons)


def _has_fallen(c: Comparison) -> bool:
    current, baseline = c.current.quantity, c.baseline.quantity
    return current is not None and baseline is not None and is_fall(current, baseline, c.criterion)
