"""Statistics of agreement, against the tables of the papers that define them."""

import math

import numpy as np
import pytest

from lesionkit.summarise import reliability

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)
"""Four judges on six targets (Shrout and Fleiss 1979, table 2)."""


def test_icc_is_that_of_shrout_and_fleiss():
    assert reliability.icc_2_1(SHROUT_FLEISS) == pytest.approx(0.29, abs=0.005)
    assert reliability.icc_3_1(SHROUT_FLEISS) == pytest.approx(0.71, abs=0.005)


def test_intervals_of_icc_are_those_of_r_s_psych_on_the_same_table():
    """psych::ICC prints 0.019 to 0.76 for ICC2 and 0.342 to 0.95 for ICC3."""
    agreement, consistency = (
        reliability.icc_2_1_by_f(SHROUT_FLEISS),
        reliability.icc_3_1_by_f(SHROUT_FLEISS),
    )
    assert (agreement.low, agreement.high) == pytest.approx((0.019, 0.761), abs=0.0015)
    assert (consistency.low, consistency.high) == pytest.approx((0.342, 0.946), abs=0.0015)


def test_a_reader_who_always_draws_larger_is_consistent_and_does_not_agree():
    table = np.array([[10.0, 20.0], [20.0, 30.0], [30.0, 40.0]])
    assert reliability.icc_3_1(table) == 1
    assert reliability.icc_2_1(table) == pytest.approx(2 / 3)
    assert reliability.bias(table) == 10
    assert reliability.limit_of_agreement(table, side=1) == 10


def test_equal_readings_agree_wholly():
    table = np.array([[1.0, 1.0], [4.0, 4.0], [9.0, 9.0]])
    found = reliability.icc_2_1_by_f(table)
    assert (found.value, found.low, found.high) == (1, 1, 1)
    assert reliability.concordance(table) == 1
    assert reliability.wsd(table) == 0


def test_wsd_of_two_readings_is_the_root_of_half_their_mean_squared_difference():
    rng = np.random.default_rng(1)
    table = rng.normal(100, 20, (50, 1)) + rng.normal(0, 3, (50, 2))
    apart = table[:, 0] - table[:, 1]
    assert reliability.wsd(table) == pytest.approx(math.sqrt((apart**2).mean() / 2))
    assert reliability.repeatability(table) == pytest.approx(2.7718 * reliability.wsd(table), rel=1e-4)


def test_wsd_finds_the_error_that_was_put_in():
    rng = np.random.default_rng(2)
    table = rng.normal(100, 20, (4000, 1)) + rng.normal(0, 3, (4000, 3))
    assert reliability.wsd(table) == pytest.approx(3, rel=0.02)
    assert reliability.smallest_detectable_change(table) == pytest.approx(2.7718 * 3, rel=0.02)


def test_detectable_change_holds_what_differs_between_readers():
    rng = np.random.default_rng(3)
    table = rng.normal(100, 20, (4000, 1)) + rng.normal(0, 3, (4000, 2)) + [0.0, 8.0]
    # Two readers 8 apart have a variance of 32 between them.
    assert reliability.smallest_detectable_change(table) == pytest.approx(
        2.7718 * math.sqrt(9 + 32), rel=0.02
    )


def test_limits_of_agreement_are_those_of_bland_and_altman_1986():
    """Peak flow by the large and the mini meter: mean −2.1 l/min, limits −79.7 and 75.5 (SD 38.8, ± 2 SD)."""
    large = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    table = np.array([mini, large], dtype=float).T
    assert reliability.bias(table) == pytest.approx(-2.1, abs=0.05)
    spread = reliability.limit_of_agreement(table, side=1) - reliability.bias(table)
    assert spread / reliability.Z95 == pytest.approx(38.8, abs=0.05)


def test_concordance_falls_with_a_shift_that_correlation_does_not_see():
    first = np.arange(10.0)
    table = np.stack([first, first + 3], axis=1)
    variance = first.var()
    assert reliability.concordance(table) == pytest.approx(2 * variance / (2 * variance + 9))


def test_what_is_constant_or_alone_has_no_coefficient():
    assert math.isnan(reliability.icc_2_1(np.array([[3.0, 3.0], [3.0, 3.0]])))
    assert math.isnan(reliability.icc_3_1(np.array([[3.0, 4.0]])))
    assert math.isnan(reliability.concordance(np.array([[3.0, 3.0], [3.0, 3.0]])))
    with pytest.raises(ValueError, match="two cases"):
        reliability.mean_squares(np.array([[3.0, 4.0]]))
