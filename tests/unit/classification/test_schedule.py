from datetime import date

import pytest

from lesionkit.classification.schedule import choose_baseline, follow_ups, months_between

DAYS = (date(2012, 1, 1), date(2012, 3, 1), date(2012, 6, 1), date(2012, 9, 1))


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (None, DAYS[0]),
        (date(2011, 12, 31), DAYS[0]),
        (DAYS[0], DAYS[0]),
        (date(2012, 2, 29), DAYS[0]),
        (DAYS[1], DAYS[1]),
        (date(2012, 3, 2), DAYS[1]),
        (date(2020, 1, 1), DAYS[3]),
    ],
)
def test_baseline_is_the_last_day_on_or_before_the_start_else_the_first(start, expected):
    assert choose_baseline(reversed(DAYS), start=start) == expected


def test_what_lies_before_baseline_is_not_judged():
    assert follow_ups(DAYS, baseline=DAYS[1], start=None) == DAYS[2:]


def test_a_visit_before_the_start_that_was_not_read_is_no_follow_up():
    assert follow_ups(DAYS, baseline=DAYS[0], start=date(2012, 5, 1)) == DAYS[2:]


def test_a_start_before_baseline_changes_nothing():
    assert follow_ups(DAYS, baseline=DAYS[0], start=date(2011, 1, 1)) == DAYS[1:]


def test_months_are_days_by_30_4375():
    assert months_between(date(2012, 1, 1), date(2016, 1, 1)) == 48.0
