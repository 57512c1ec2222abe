"""Exact tests against enumeration and published examples."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesionkit.core.cohort import Patient
from lesionkit.core.summary import Characteristic
from lesionkit.summarise.association import associate, factors_of, fisher, odds_ratio, risk_difference
from lesionkit.summarise.describe import share


def chance(a, row, column, n):
    return math.comb(row, a) * math.comb(n - row, column - a) / math.comb(n, column)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_p_and_the_least_p_are_those_of_counting_every_table(cells):
    a, b, c, d = cells
    row, column, n = a + b, a + c, sum(cells)
    p, least = fisher([[a, b], [c, d]])
    if 0 in (row, n - row, column, n - column):
        assert p is least is None
        return
    chances = {k: chance(k, row, column, n) for k in range(max(0, row + column - n), min(row, column) + 1)}

    def two_sided(k):
        return sum(each for each in chances.values() if each <= chances[k] * (1 + 1e-9))

    assert p == pytest.approx(two_sided(a))
    assert least == pytest.approx(min(two_sided(k) for k in chances))


def test_fishers_tea_is_as_r_has_it():
    """``fisher.test(TeaTasting)`` of R: p = 0.4857, odds ratio 6.408309."""
    table = [[3, 1], [1, 3]]
    assert fisher(table)[0] == pytest.approx(0.4857, abs=1e-4)
    assert odds_ratio(table).value == pytest.approx(6.408309, rel=1e-4)


@pytest.mark.parametrize("table", [[[3, 1], [1, 3]], [[1, 2], [2, 3]], [[7, 12], [2, 31]]])
def test_the_limits_of_an_odds_ratio_leave_two_and_a_half_percent_on_either_side(table):
    (a, b), (c, d) = table
    possible = range(max(0, a - d), min(a + b, a + c) + 1)
    found = odds_ratio(table)

    def tail(ratio, wanted):
        weights = {k: math.comb(a + b, k) * math.comb(c + d, a + c - k) * ratio**k for k in possible}
        return sum(weights[k] for k in possible if wanted(k)) / sum(weights.values())

    assert tail(found.low, lambda k: k >= a) == pytest.approx(0.025, rel=1e-3)
    assert tail(found.high, lambda k: k <= a) == pytest.approx(0.025, rel=1e-3)


def test_an_odds_ratio_may_be_infinite_or_undefined():
    assert math.isinf(odds_ratio([[3, 0], [1, 3]]).value)
    assert odds_ratio([[3, 3], [0, 0]]).value is None


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        ([[56, 14], [48, 32]], 0.0524, 0.3339),
        ([[9, 1], [3, 7]], 0.1705, 0.8090),
        ([[10, 0], [0, 20]], 0.6791, 1.0),
        ([[10, 0], [0, 10]], 0.6075, 1.0),
    ],
)
def test_the_difference_has_the_limits_of_newcombes_table(table, low, high):
    """Newcombe RG. Stat Med 1998;17:873-90, table II, method 10."""
    found = risk_difference(table)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


def test_only_patients_of_whom_both_are_known_count():
    good = {"A": True, "B": False, "C": True, "D": False, "E": True}
    has = {"A": True, "B": True, "C": False, "D": False, "F": True}
    (found,), _ = associate({"improved": good}, {"drug": has})
    assert (found.having, found.without) == (share(1, 2), share(1, 2))
    assert found.p == 1.0


def test_what_hardly_differs_is_not_tested_and_is_named():
    names = "ABCDE"
    found, untested = associate(
        {"all well": dict.fromkeys(names, True), "mixed": {n: n in "AB" for n in names}},
        {"one has it": {n: n == "A" for n in names}, "two have it": {n: n in "AB" for n in names}},
    )
    assert [(f.outcome, f.factor) for f in found] == [("mixed", "two have it")]
    assert untested == ("all well", "one has it")


def test_no_p_where_the_factor_does_not_vary_among_those_judged():
    has = {n: n in "AB" for n in "ABCD"}
    (found,), _ = associate({"mixed": {"C": True, "D": False}}, {"drug": has})
    assert (
        found.p
        is found.p_least
        is found.p_holm
        is found.odds_ratio.value
        is found.risk_difference.value
        is None
    )


def test_holm_corrects_over_the_whole_table():
    names = [f"{n}" for n in range(20)]
    good = {n: int(n) < 10 for n in names}
    factors = {f"f{k}": {n: int(n) < 10 - k or int(n) >= 20 - k for n in names} for k in (0, 2, 4)}
    found, _ = associate({"good": good}, factors)
    ranked = sorted(found, key=lambda f: f.p)
    assert ranked[0].p_holm == pytest.approx(3 * ranked[0].p)
    assert all(later.p_holm >= earlier.p_holm for earlier, later in pairwise(ranked))
    assert all(f.p_holm >= f.p for f in found)


def test_of_two_values_only_the_rarer_is_a_factor():
    people = [
        Patient(id=n, timepoints=(), facts={"sex": s})
        for n, s in zip("ABCD", ("f", "F", "m", ""), strict=True)
    ]
    told = Characteristic(name="sex", counts={"f": share(2, 3), "m": share(1, 3)})
    assert factors_of([told], people) == {"sex: m": {"A": False, "B": False, "C": True}}
