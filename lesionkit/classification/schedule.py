"""Which timepoint is baseline, which are follow-ups, and how far apart they are."""

from collections.abc import Iterable
from datetime import date

DAYS_PER_MONTH = 30.4375
"""Mean month of the Julian year: 365.25 / 12."""


def choose_baseline(read: Iterable[date], *, start: date | None) -> date:
    """Return the last day read on or before the start of treatment, else the first day read.

    Parameters
    ----------
    read : iterable of date
        Days at which the stream (or site) was read; at least one.
    start : date, optional
        First day of treatment; None where it is not known or baseline is to be the first.

    Examples
    --------
    >>> days = [date(2012, 1, 1), date(2012, 3, 1), date(2012, 6, 1)]
    >>> choose_baseline(days, start=date(2012, 3, 1))
    datetime.date(2012, 3, 1)
    >>> choose_baseline(days, start=None)
    datetime.date(2012, 1, 1)
    """
    days = sorted(read)
    if start is not None and days[0] <= start:
        return max(day for day in days if day <= start)
    return days[0]


def follow_ups(days: Iterable[date], *, baseline: date, start: date | None) -> tuple[date, ...]:
    """Return the days that are judged: after baseline and, where that lies before it, after the start.

    A visit between baseline and the start of treatment that nobody has read is no follow-up.
    """
    last_before = baseline if start is None else max(baseline, start)
    return tuple(sorted({day for day in days if day > last_before}))


def months_between(earlier: date, later: date) -> float:
    """Return days / 30.4375.

    Examples
    --------
    >>> months_between(date(2011, 3, 1), date(2012, 3, 1))
    12.0246
    """
    return (later - earlier).days / DAYS_PER_MONTH
