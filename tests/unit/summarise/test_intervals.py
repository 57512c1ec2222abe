"""Patients are drawn again, not cases."""

import numpy as np
import pytest

from lesionkit.summarise.intervals import RESAMPLED, estimate


def test_cases_of_one_patient_do_not_count_as_many_patients():
    rng = np.random.default_rng(4)
    levels = rng.normal(size=12)
    once = estimate(lambda p: levels[p].mean(), [str(i) for i in range(12)])
    many = np.repeat(levels, 40)
    often = estimate(lambda p: many[p].mean(), [str(i) for i in np.repeat(range(12), 40)])
    assert often.high - often.low == pytest.approx(once.high - once.low, rel=0.1)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(60):
        values = (rng.normal(size=(25, 1)) + 0.3 * rng.normal(size=(25, 3))).ravel()
        found = estimate(lambda p, v=values: v[p].mean(), [str(i) for i in np.repeat(range(25), 3)])
        covered += found.low <= 0 <= found.high
    assert covered >= 50


def test_few_patients_give_a_value_and_no_interval():
    found = estimate(lambda p: float(len(p)), ["P01", "P01", "P02"])
    assert (found.value, found.low, found.high, found.method) == (3, None, None, "")


def test_what_is_not_defined_is_none_and_not_zero():
    assert estimate(lambda p: float("nan"), list("abcdef")).value is None


def test_the_same_seed_gives_the_same_interval():
    values = np.arange(9.0)
    first, second = (estimate(lambda p: values[p].mean(), list("abcdefghi")) for _ in range(2))
    assert first == second
    assert first.method == RESAMPLED
