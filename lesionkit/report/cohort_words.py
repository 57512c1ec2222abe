"""Counts, numbers and intervals of a cohort in words."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain

from lesionkit.core.agreement import Estimate
from lesionkit.core.summary import LeftOut, Numbers, Share
from lesionkit.report import words

_MOST_NAMES = 5
_HALVES_FROM = 3


def share_text(share: Share) -> str:
    """Return so many of so many, with the percentage.

    Examples
    --------
    >>> share_text(Share(count=3, of=7)), share_text(Share(count=0, of=0))
    ('3/7 (43 %)', '0/0')
    """
    return f"{share.count}/{share.of}" + (f" ({_percent(share.count / share.of)} %)" if share.of else "")


def limits_text(share: Share) -> str:
    """Return so many of so many, with the percentage and its 95 % limits."""
    if share.low is None or share.high is None:
        return share_text(share)
    pct = _percent(share.count / share.of)
    return f"{share.count}/{share.of} ({pct} %; {_percent(share.low)}–{_percent(share.high)} %)"


def _percent(value: float) -> str:
    return f"{100 * value:.0f}"


def mean_text(numbers: Numbers) -> str:
    """Return mean ± SD with a decimal more than the numbers were written with; without an SD of one patient.

    Examples
    --------
    >>> mean_text(Numbers(n=5, mean=7.0, sd=4.243))
    '7 ± 4.2'
    """
    if numbers.mean is None:
        return words.DASH
    mean = _decimal(numbers.mean, numbers.decimals + 1)
    return mean if numbers.sd is None else f"{mean} ± {_decimal(numbers.sd, numbers.decimals + 1)}"


def median_text(numbers: Numbers) -> str:
    """Return the median and the range.

    Examples
    --------
    >>> median_text(Numbers(n=6, median=41.5, low=9, high=66))
    '41.5 (9–66)'
    >>> median_text(Numbers(n=2, median=-1, low=-2, high=0))
    '−1 (−2 to 0)'
    """
    if numbers.median is None or numbers.low is None or numbers.high is None:
        return words.DASH
    low, high = (_decimal(value, numbers.decimals) for value in (numbers.low, numbers.high))
    return f"{_decimal(numbers.median, numbers.decimals + 1)} ({low}{_between(numbers.low)}{high})"


def _between(low: float) -> str:
    return " to " if low < 0 else "–"


def _decimal(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", "−")


def _months(value: float) -> str:
    return f"{round(2 * value) / 2:g}" if value >= _HALVES_FROM else _decimal(value, 1)


def months_range_text(months: Numbers) -> str:
    """Return the median and the range of months, to the half month from three on.

    Months are days / 30.4375, and so 19 months to the day may be 19.06.
    """
    if months.median is None or months.low is None or months.high is None:
        return words.DASH
    return f"{_months(months.median)} ({_months(months.low)}–{_months(months.high)})"


def months_mean_text(months: Numbers) -> str:
    """Return mean ± SD of months."""
    if months.mean is None:
        return words.DASH
    mean = _decimal(months.mean, 1)
    return mean if months.sd is None else f"{mean} ± {_decimal(months.sd, 1)}"


def estimate_text(found: Estimate, *, percent: bool = False) -> str:
    """Return a statistic with its interval; a dash where it is not defined."""
    if found.value is None:
        return words.DASH
    value, low, high = (_figure(v, percent=percent) for v in (found.value, found.low, found.high))
    between = " to " if percent or (found.low or 0) < 0 else "–"
    unit = " %" * percent
    return f"{value}{unit} ({low}{between}{high}{unit})" if low else f"{value}{unit}"


def _figure(value: float | None, *, percent: bool) -> str:
    if value is None:
        return ""
    if math.isinf(value):
        return "∞"
    return _decimal(100 * value, 0) if percent else _decimal(value, 2 if abs(value) < 100 else 0)


def p_text(p: float | None) -> str:
    """Return a p-value: to two decimals, to three below 0.1, never as zero.

    Examples
    --------
    >>> p_text(0.4), p_text(0.0476), p_text(0.00002), p_text(None)
    ('0.40', '0.048', '< 0.001', '–')
    """
    if p is None:
        return words.DASH
    if p < 0.001:
        return "< 0.001"
    return f"{p:.3f}" if p < 0.0995 else f"{min(p, 1.0):.2f}"


def left_out_text(left_out: Iterable[LeftOut]) -> str:
    """Return who is left out, by reason; of many only how many more.

    Examples
    --------
    >>> left_out_text([LeftOut(patient=name, why="no radiology") for name in ("P01", "P05")])
    'P01, P05: no radiology'
    """
    by_reason: dict[str, list[str]] = {}
    for left in left_out:
        by_reason.setdefault(left.why, []).append(left.patient)
    return "; ".join(f"{_names(patients)}: {why}" for why, patients in by_reason.items())


def _names(patients: Sequence[str]) -> str:
    more = len(patients) - _MOST_NAMES
    shown = chain(patients[:_MOST_NAMES], [f"{more} more"] if more > 0 else [])
    return ", ".join(shown)
