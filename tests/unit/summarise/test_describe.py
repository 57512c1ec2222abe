"""Counts and numbers against their formulas."""

import math
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesionkit.core.summary import Share
from lesionkit.summarise.describe import describe, described, number, share, shares


@settings(deadline=None)  # scipy.stats is slow to load
@given(st.integers(1, 400), st.data())
def test_limits_of_a_share_are_wilsons(of, data):
    count = data.draw(st.integers(0, of))
    found, z, p = share(count, of), 1.959963984540054, count / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    assert found.low == pytest.approx(middle - half, abs=1e-9)
    assert found.high == pytest.approx(middle + half, abs=1e-9)


def test_a_share_of_nobody_has_no_limits():
    assert share(0, 0) == Share(count=0, of=0)


def test_more_than_all_is_no_share():
    with pytest.raises(ValueError, match="no share"):
        Share(count=3, of=2)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_the_spread_is_that_of_the_sample(values):
    found = describe(values, missing=3)
    assert (found.n, found.missing) == (len(values), 3)
    assert found.mean == pytest.approx(statistics.fmean(values), abs=1e-6)
    assert found.sd == pytest.approx(statistics.stdev(values), abs=1e-4)
    assert found.median == pytest.approx(statistics.median(values), abs=1e-6)
    assert (found.low, found.high) == (min(values), max(values))


def test_one_patient_has_no_sd_and_none_has_nothing():
    assert describe([5.0]).sd is None
    assert describe([], missing=2).mean is None


def test_numbers_are_told_to_the_decimals_they_were_written_with():
    assert described(["7", "12", "3"]).decimals == 0
    assert described(["0,25", "1.5"]).decimals == 2


@pytest.mark.parametrize("text", ["", "nan", "inf", "75 mg", "1_0", "0x10", "1.2.3"])
def test_what_is_no_finite_number_is_none(text):
    assert number(text) is None


def test_case_and_blanks_tell_no_texts_apart():
    found = shares(["Female", "female ", "male", "FEMALE"], 4)
    assert {name: s.count for name, s in found.items()} == {"Female": 3, "male": 1}
