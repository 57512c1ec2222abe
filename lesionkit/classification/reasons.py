"""Why a verdict is what it is: every code, its sentence, and which of them the user must look into."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.response import ALL_SITES, Evaluation, Response


class Reason(StrEnum):
    """A stable code for one ground of a verdict; `REASONS` holds the sentence of each."""

    ALL_DEPOSITS_GONE = "all_deposits_gone"
    BELOW_REGRESSION_THRESHOLD = "below_regression_threshold"
    WITHIN_THRESHOLDS = "within_thresholds"
    ABOVE_PROGRESSION_THRESHOLD = "above_progression_threshold"
    BELOW_FLOOR = "below_floor"
    AGAINST_NADIR = "against_nadir"
    PROGRESSION_OUTWEIGHS_REGRESSION = "progression_outweighs_regression"
    BACK_AFTER_ALL_GONE = "back_after_all_gone"
    FALL_BEYOND_ERROR = "fall_beyond_error"
    WITHIN_ERROR = "within_error"
    RISE_BEYOND_ERROR = "rise_beyond_error"
    NEW_DEPOSIT = "new_deposit"
    BASELINE_ZERO = "baseline_zero"
    OTHERS_REMAIN = "others_remain"
    SEEN_PART_SUFFICES = "seen_part_suffices"
    UNSEEN_AT_BASELINE = "unseen_at_baseline"
    REMOVED = "removed"
    BASELINE_AFTER_TREATMENT_START = "baseline_after_treatment_start"
    BASELINE_NOT_READ = "baseline_not_read"
    NEW_DEPOSIT_UNCONFIRMED = "new_deposit_unconfirmed"
    MATCH_UNCONFIRMED = "match_unconfirmed"
    CERTAINTY_UNKNOWN = "certainty_unknown"
    NOT_CERTAIN_ENOUGH = "not_certain_enough"
    NOT_IMAGED = "not_imaged"
    NOT_READ = "not_read"
    DEPOSITS_UNSEEN = "deposits_unseen"
    SITE_NOT_READ = "site_not_read"
    OUTLINES_LEFT_OUT = "outlines_left_out"
    BASELINE_INCOMPLETE = "baseline_incomplete"
    NO_TARGET = "no_target"
    MEASURE_NOT_AVAILABLE = "measure_not_available"
    UNITS_DIFFER = "units_differ"
    NO_SCALE = "no_scale"
    RELATIVE_TO_FIRST_PICTURE = "relative_to_first_picture"
    SCALE_SOURCES_DIFFER = "scale_sources_differ"
    NO_ERROR_KNOWN = "no_error_known"
    NO_RULE_FOR_SCORE = "no_rule_for_score"


REASONS: Mapping[str, str] = MappingProxyType(
    {
        Reason.ALL_DEPOSITS_GONE: "Every deposit of baseline was looked for and none is left.",
        Reason.BELOW_REGRESSION_THRESHOLD: (
            "The size has fallen from baseline past the rule's threshold for regression."
        ),
        Reason.WITHIN_THRESHOLDS: "The change lies between the rule's two thresholds.",
        Reason.ABOVE_PROGRESSION_THRESHOLD: "The size has risen past the rule's threshold for progression.",
        Reason.BELOW_FLOOR: (
            "The rise reaches the threshold in percent, but is smaller than the least rise the rule counts."
        ),
        Reason.AGAINST_NADIR: "The rise is counted from the smallest size since baseline (the nadir).",
        Reason.PROGRESSION_OUTWEIGHS_REGRESSION: (
            "The size is still far below baseline, but has risen again from its smallest: progression counts."
        ),
        Reason.BACK_AFTER_ALL_GONE: "Every deposit had gone, and now there are deposits again.",
        Reason.FALL_BEYOND_ERROR: "The size has fallen by more than measurement error explains.",
        Reason.WITHIN_ERROR: "The change is no larger than measurement error may explain.",
        Reason.RISE_BEYOND_ERROR: "The size has risen by more than measurement error explains.",
        Reason.NEW_DEPOSIT: "There is a deposit where an earlier reading since baseline saw none.",
        Reason.BASELINE_ZERO: "There was no deposit at baseline, so there is no change in percent.",
        Reason.OTHERS_REMAIN: (
            "The deposits compared are gone, but others are still there or were not looked at."
        ),
        Reason.SEEN_PART_SUFFICES: (
            "Not every deposit was looked at, but those seen are already past the threshold for "
            "progression; the change is at least as large as stated."
        ),
        Reason.UNSEEN_AT_BASELINE: (
            "Deposits whose place was not looked at on the day of baseline are left out: nobody knows "
            "whether they are new."
        ),
        Reason.REMOVED: (
            "Deposits that were excised or extruded are left out of both sums: that they are gone is no "
            "response."
        ),
        Reason.BASELINE_AFTER_TREATMENT_START: (
            "Nothing was read on or before the start of treatment: the first reading after it is baseline."
        ),
        Reason.BASELINE_NOT_READ: (
            "The images that should be baseline were read by nobody, or their outlines cannot be used: "
            "the timepoint read in their stead is baseline."
        ),
        Reason.NEW_DEPOSIT_UNCONFIRMED: (
            "A deposit may be new, but the pictures could not be aligned well enough to be sure, or it may "
            "be one seen before."
        ),
        Reason.MATCH_UNCONFIRMED: (
            "The pictures could not be aligned well enough to be sure that these are the same deposits, or "
            "another explanation is nearly as likely."
        ),
        Reason.CERTAINTY_UNKNOWN: (
            "The rule asks for a certainty, and the errors of the measurements are not known."
        ),
        Reason.NOT_CERTAIN_ENOUGH: (
            "Given the errors of the measurements, the category is less likely than the rule asks for."
        ),
        Reason.NOT_IMAGED: "There is no image of this timepoint.",
        Reason.NOT_READ: (
            "There are images of this timepoint, but nobody has read them, or their outlines cannot be used."
        ),
        Reason.DEPOSITS_UNSEEN: "Not every deposit was looked at.",
        Reason.SITE_NOT_READ: "A site that was read at baseline was not read at this timepoint.",
        Reason.OUTLINES_LEFT_OUT: (
            "An outline of this timepoint could not be used, or nobody has confirmed it: "
            "the sum is not whole."
        ),
        Reason.BASELINE_INCOMPLETE: (
            "An outline of baseline could not be used, or nobody has confirmed it: "
            "there is no whole sum to compare with."
        ),
        Reason.NO_TARGET: "No deposit at baseline may serve as a target of the rule.",
        Reason.MEASURE_NOT_AVAILABLE: "What the rule compares was not measured on all of these images.",
        Reason.UNITS_DIFFER: "Some of the sizes are in millimetres and some in pixels.",
        Reason.NO_SCALE: (
            "The images have no scale, pixels of two images are not of one size, and they could not be "
            "aligned well enough to compare them without one."
        ),
        Reason.RELATIVE_TO_FIRST_PICTURE: (
            "The pictures have no scale: sizes are in pixels of the first picture of the site, onto which "
            "the outlines were carried by the skin around them, and only their change has a meaning."
        ),
        Reason.SCALE_SOURCES_DIFFER: (
            "The two images have their millimetres from sources that must not be compared."
        ),
        Reason.NO_RULE_FOR_SCORE: "No rule has been validated on the change of this score.",
        Reason.NO_ERROR_KNOWN: "The rule asks whether the change exceeds its error, which is not known.",
    }
)
"""What each reason code means, one sentence each."""

_HINTS: Mapping[str, str] = MappingProxyType(
    {
        Reason.NEW_DEPOSIT_UNCONFIRMED: "Give the same deposit the same name at every timepoint.",
        Reason.MATCH_UNCONFIRMED: "Give the same deposit the same name at every timepoint.",
        Reason.MEASURE_NOT_AVAILABLE: "Choose a criterion whose measure these images have.",
        Reason.UNITS_DIFFER: "Give every image of the site a scale.",
        Reason.NO_SCALE: "Give every image a scale: a marker, two points of known distance, or mm_per_px.",
        Reason.SCALE_SOURCES_DIFFER: "Give both images a scale from the same kind of source.",
        Reason.NO_ERROR_KNOWN: "Choose a criterion with thresholds in percent.",
        Reason.CERTAINTY_UNKNOWN: "Leave min_certainty out of the criterion.",
    }
)
"""What the user can do, for the reasons that need it."""


def problems_of(responses: Iterable[Response]) -> tuple[Problem, ...]:
    """Return what the user can mend: verdicts that were kept back for want of a scale, a match or an error.

    One problem per timepoint, site and code; verdicts over all sites are told of only where no site
    alone has the same trouble that day.

    Parameters
    ----------
    responses : iterable of Response
        As `classify` returns them, of any number of patients; those on single tracks are passed over.

    Returns
    -------
    tuple of Problem
        Severity *warning*, about ``patient modality site date``.
    """
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for response in responses:
        if response.track is not None or response.evaluation is not Evaluation.FOLLOW_UP:
            continue
        for code in response.reasons:
            if code in _HINTS:
                key = (response.patient, response.modality.value, response.date.isoformat(), code)
                found.setdefault(key, []).append(response.site)
    return tuple(
        Problem(
            severity=Severity.WARNING,
            code=str(code),
            about=f"{patient} {modality} {site} {day}",
            text=REASONS[code],
            hint=_HINTS[code],
        )
        for (patient, modality, day, code), sites in found.items()
        for site in [site for site in sites if site != ALL_SITES] or sites
    )
