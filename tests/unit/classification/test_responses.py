from dataclasses import replace
from datetime import timedelta

import pytest
from histories import GONE, UNSEEN, Unsure, day, history
from hypothesis import given as having
from hypothesis import strategies as st

from lesionkit.classification.criteria import BEYOND_ERROR, CALCINOSIS_25, RECIST_1_1, VOLUME_65_73
from lesionkit.core.grid import ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.region import Role
from lesionkit.core.response import ALL_SITES, BurdenMeasure, Category, Criterion, Evaluation, Reference
from lesionkit.core.settings import BaselineRule
from lesionkit.core.units import Quantity, Unit
from lesionkit.errors import ComparisonError

IN_MM = dict.fromkeys(range(9), Unit.MM)
NADIR_AREA = Criterion(
    name="nadir-area", regression_pct=-30, progression_pct=20, inclusive=True, reference=Reference.NADIR
)


def recist(lines, **more):
    """Return the verdicts of RECIST 1.1 on long axes in mm."""
    return history(lines, measures=["long_axis"], units=IN_MM, **more).classify(RECIST_1_1)


def said(response):
    """Return a verdict and its reasons, as text."""
    return response.category.value, *map(str, response.reasons)


# What is compared with what


def test_a_fall_to_80_and_then_60_is_a_response_from_baseline_and_not_stable_from_the_minimum():
    second, third = recist({"hand": {"T1": [100.0, 80.0, 60.0]}}).of()
    assert second.category is Category.STABLE
    assert said(third) == ("regression", "below_regression_threshold")
    assert third.label == "PR"
    assert third.change_pct == -40.0
    assert third.change_from_nadir_pct == -25.0


def test_progression_is_counted_from_the_smallest_and_not_from_baseline():
    response = recist({"hand": {"T1": [100.0, 75.0, 90.0]}}).last()
    assert said(response) == ("progression", "above_progression_threshold", "against_nadir")
    assert (response.nadir_date, response.nadir.value) == (day(1), 75.0)
    assert response.change_pct == -10.0
    assert response.change_from_nadir_pct == 20.0


def test_where_both_thresholds_are_passed_progression_wins():
    response = recist({"hand": {"T1": [100.0, 40.0, 60.0]}}).last()
    assert said(response) == (
        "progression",
        "above_progression_threshold",
        "against_nadir",
        "progression_outweighs_regression",
    )


def test_baseline_itself_can_be_the_nadir():
    response = recist({"hand": {"T1": [100.0, 110.0, 120.0]}}).last()
    assert said(response) == ("progression", "above_progression_threshold")
    assert response.nadir_date == day(0)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (24.0, ("stable", "within_thresholds", "below_floor")),
        (24.999, ("stable", "within_thresholds", "below_floor")),
        (25.0, ("progression", "above_progression_threshold")),
        (25.001, ("progression", "above_progression_threshold")),
        (23.9, ("stable", "within_thresholds")),
    ],
)
def test_a_rise_of_20_percent_must_also_be_5_mm(size, expected):
    assert said(recist({"hand": {"T1": [20.0, size]}}).last()) == expected


def test_a_rise_below_the_floor_leaves_a_response_standing():
    response = recist({"hand": {"T1": [100.0, 10.0, 14.0]}}).last()
    assert said(response) == ("regression", "below_regression_threshold", "below_floor")


def test_deposits_that_come_back_after_all_had_gone_are_progression_from_nadir():
    gone, back = recist({"hand": {"T1": [20.0, GONE, 3.0]}}).of()
    assert said(gone) == ("resolved", "all_deposits_gone")
    assert gone.label == "CR"
    assert said(back)[:2] == ("progression", "back_after_all_gone")
    assert back.change_from_nadir_pct is None
    assert back.change_pct == -85.0


def test_a_deposit_that_comes_back_was_there_at_baseline_and_is_not_new():
    response = history({"hand": {"T1": [20.0, GONE, 3.0]}}).classify().last()
    assert response.new_deposits == 0
    assert said(response) == ("regression", "below_regression_threshold")


def test_an_incomplete_timepoint_is_no_nadir():
    response = recist({"hand": {"T1": [50.0, 20.0, 50.0], "T2": [50.0, UNSEEN, 50.0]}}).last()
    assert response.nadir_date == day(0)
    assert response.category is Category.STABLE


def test_a_timepoint_of_another_scale_is_no_nadir():
    response = history(
        {"hand": {"T1": [100.0, 40.0, 100.0]}},
        scales={1: ScaleSource.DETECTOR_PLANE},
        modality=Modality.DX,
    ).classify(NADIR_AREA)
    assert response.last().nadir_date == day(0)
    assert response.last().category is Category.STABLE


def test_a_timepoint_in_pixels_is_no_nadir_even_when_all_is_gone():
    given = history({"hand": {"T1": [100.0, 5.0, GONE]}}, units={1: Unit.PX2}, scales={1: ScaleSource.NONE})
    response = given.classify(NADIR_AREA).last()
    assert (response.nadir_date, response.nadir.unit) == (day(0), Unit.MM2)


def test_a_timepoint_on_which_a_site_was_not_read_is_no_nadir_of_all_sites():
    lines = {"hand": {"T1": [50.0, 20.0, 50.0]}, "foot": {}}
    response = history(lines, unread={"foot": [1]}).classify(NADIR_AREA).last(ALL_SITES)
    assert (response.nadir_date, response.category) == (day(0), Category.STABLE)


def test_a_nadir_is_comparable_with_today_at_every_site():
    lines = {"hand": {"T1": [100.0, 40.0, 40.0]}, "foot": {"T1": [GONE, 5.0, 60.0]}}
    given = history(lines, modality=Modality.DX)
    measurements = tuple(
        replace(m, scale_source=ScaleSource.DETECTOR_PLANE) if m.image == "foot-2" else m
        for m in given.measurements
    )
    criterion = replace(NADIR_AREA, new_deposit_is_progression=False)
    response = replace(given, measurements=measurements).classify(criterion).last(ALL_SITES)
    assert (response.nadir_date, response.category) == (day(0), Category.STABLE)


def test_the_months_are_counted_from_baseline_and_from_the_start_of_treatment():
    start = day(0) + timedelta(days=30)
    response = history({"hand": {"T1": [9.0, 9.0]}}, start=start).classify().last()
    assert response.months_from_baseline == 100 / 30.4375
    assert response.months_from_treatment == 70 / 30.4375


# Baseline


def test_baseline_is_the_last_timepoint_before_treatment_and_earlier_ones_are_not_judged():
    given = history({"hand": {"T1": [50.0, 100.0, 60.0]}}, start=day(1))
    (response,) = given.classify().of()
    assert (response.baseline_date, response.baseline.value) == (day(1), 100.0)
    assert response.category is Category.REGRESSION
    first = given.classify(rule=BaselineRule.FIRST)
    assert [r.baseline_date for r in first.of()] == [day(0), day(0)]
    assert first.last().category is Category.STABLE


def test_a_baseline_after_the_start_of_treatment_says_so():
    response = history({"hand": {"T1": [9.0, 9.0]}}, start=day(-1)).classify().last()
    assert said(response) == ("stable", "within_thresholds", "baseline_after_treatment_start")
    assert response.baseline_date == day(0)


def test_the_first_rule_does_not_complain_of_the_start_of_treatment():
    response = history({"hand": {"T1": [9.0, 9.0]}}, start=day(-1)).classify(rule=BaselineRule.FIRST)
    assert said(response.last()) == ("stable", "within_thresholds")


def test_a_missing_baseline_reading_is_not_filled_by_the_next_one_without_a_word():
    verdicts = history({"hand": {"T1": [UNSEEN, 9.0, 9.0]}}, unread={"hand": [0]}, start=day(0)).classify()
    (response,) = verdicts.of()
    assert response.baseline_date == day(1)
    assert said(response)[2:] == ("baseline_after_treatment_start", "baseline_not_read")
    lines = {"hand": {"T1": [UNSEEN, 9.0, 9.0]}}
    (response,) = history(lines, unread={"hand": [0]}).classify().of()
    assert said(response) == ("stable", "within_thresholds", "baseline_not_read")


def test_an_earlier_reading_does_not_stand_in_for_the_last_before_treatment_without_a_word():
    given = history({"hand": {"T1": [9.0, UNSEEN, 9.0]}}, unread={"hand": [1]}, start=day(1))
    response = given.classify().last()
    assert response.baseline_date == day(0)
    assert said(response) == ("stable", "within_thresholds", "baseline_not_read")
    first = given.classify(rule=BaselineRule.FIRST).last()
    assert said(first) == ("stable", "within_thresholds")


def test_a_site_not_imaged_at_first_has_its_first_image_as_baseline():
    lines = {"hand": {"H": [10.0, 10.0, 10.0]}, "foot": {"F": [UNSEEN, 10.0, 4.0]}}
    response = history(lines, not_imaged={"foot": [0]}).classify().last("foot")
    assert said(response) == ("regression", "below_regression_threshold")


def test_every_site_has_its_own_baseline():
    lines = {"hand": {"H": [10.0, 10.0, 10.0]}, "foot": {"F": [UNSEEN, 10.0, 4.0]}}
    verdicts = history(lines, not_imaged={"foot": [0]}).classify()
    assert verdicts.last("foot").baseline_date == day(1)
    assert verdicts.last("foot").category is Category.REGRESSION
    assert verdicts.last("hand").baseline_date == day(0)


# New deposits


def test_a_deposit_absent_at_baseline_and_present_now_is_new():
    response = history({"hand": {"T1": [100.0, 50.0], "T2": [GONE, 1.0]}}).classify().last()
    assert said(response) == ("progression", "new_deposit")
    assert response.new_deposits == 1
    assert response.change_pct == -49.0  # the total, the new one included


def test_a_deposit_unseen_at_baseline_is_not_new_and_is_left_out_of_both_sums():
    response = history({"hand": {"T1": [100.0, 50.0], "T2": [UNSEEN, 500.0]}}).classify().last()
    assert said(response) == ("regression", "below_regression_threshold", "unseen_at_baseline")
    assert (response.baseline.value, response.current.value) == (100.0, 50.0)
    assert response.new_deposits == 0


def test_a_deposit_unseen_at_baseline_but_absent_at_a_later_look_is_new():
    verdicts = history({"hand": {"T1": [9.0, 9.0, 9.0], "T2": [UNSEEN, GONE, 1.0]}}).classify()
    assert said(verdicts.last()) == ("progression", "new_deposit")


def test_a_deposit_gone_before_baseline_that_is_back_is_new():
    given = history({"hand": {"T1": [9.0, 9.0, 9.0], "T2": [5.0, GONE, 1.0]}}, start=day(1))
    assert said(given.classify().last()) == ("progression", "new_deposit")


def test_a_new_deposit_that_is_gone_again_is_no_longer_new():
    response = history({"hand": {"T1": [9.0, 9.0, 9.0], "T2": [GONE, 1.0, GONE]}}).classify().last()
    assert said(response) == ("stable", "within_thresholds")
    assert response.new_deposits == 0


def test_what_is_found_later_changes_no_earlier_verdict():
    before = history({"hand": {"T1": [9.0, 9.0]}}).classify().last()
    lines = {"hand": {"T1": [9.0, 9.0, 9.0], "T2": [GONE, UNSEEN, 1.0]}}
    assert history(lines).classify().of()[0] == before


def test_an_unconfirmed_new_deposit_cannot_establish_progression():
    response = history({"hand": {"T1": [100.0, 50.0], "T2": [GONE, Unsure(1.0)]}}).classify().last()
    assert said(response) == ("indeterminate", "new_deposit_unconfirmed")
    assert response.new_deposits == 1


def test_an_unconfirmed_absence_at_baseline_makes_a_new_deposit_unconfirmed():
    response = history({"hand": {"T1": [9.0, 9.0], "T2": [Unsure(GONE), 1.0]}}).classify().last()
    assert said(response) == ("indeterminate", "new_deposit_unconfirmed")


def test_a_deposit_newly_found_before_and_not_looked_at_now_leaves_the_verdict_open():
    lines = {"hand": {"T1": [9.0, 9.0, 9.0, 4.0], "T2": [UNSEEN, GONE, 5.0, UNSEEN]}}
    assert said(history(lines).classify().last()) == ("not_evaluable", "deposits_unseen")


def test_growth_decides_where_a_new_deposit_is_unconfirmed():
    response = history({"hand": {"T1": [100.0, 100.0], "T2": [GONE, Unsure(26.0)]}}).classify().last()
    assert said(response) == ("progression", "above_progression_threshold")


def test_a_confirmed_new_deposit_decides_beside_an_unconfirmed_one():
    lines = {"hand": {"T1": [9.0, 9.0], "T2": [GONE, 1.0], "T3": [GONE, Unsure(1.0)]}}
    response = history(lines).classify().last()
    assert said(response) == ("progression", "new_deposit")
    assert response.new_deposits == 2


def test_all_gone_but_perhaps_a_new_one_is_not_resolved():
    response = history({"hand": {"T1": [9.0, GONE], "T2": [GONE, Unsure(1.0)]}}).classify().last()
    assert said(response) == ("indeterminate", "new_deposit_unconfirmed")


def test_a_rule_without_new_deposits_adds_them_to_the_sum():
    lines = {"hand": {"T1": [100.0, 100.0], "T2": [GONE, 2.0]}}
    assert said(history(lines, error=1.0).classify(BEYOND_ERROR).last()) == ("stable", "within_error")
    lines = {"hand": {"T1": [100.0, 100.0], "T2": [GONE, Unsure(9.0)]}}
    assert said(history(lines, error=1.0).classify(BEYOND_ERROR).last())[1] == "rise_beyond_error"


# Nothing at baseline, nothing left


def test_from_nothing_to_nothing_is_stable_without_a_percentage():
    response = history({"hand": {}}, visits=2).classify().last()
    assert said(response) == ("stable", "baseline_zero")
    assert response.change_pct is None
    assert response.baseline == response.current == Quantity(value=0.0, unit=Unit.MM2)


@pytest.mark.parametrize("criterion", [CALCINOSIS_25, BEYOND_ERROR])
def test_from_nothing_to_any_deposit_is_progression_by_every_rule(criterion):
    response = history({"hand": {"T1": [GONE, 0.001]}}).classify(criterion).last()
    assert said(response) == ("progression", "new_deposit", "baseline_zero")
    assert response.change_pct is None


def test_a_zero_is_printed_in_the_unit_of_what_it_is_compared_with():
    both = range(2)
    given = history(
        {"hand": {"T1": [GONE, 9.0]}},
        units=dict.fromkeys(both, Unit.PX2),
        scales=dict.fromkeys(both, ScaleSource.NONE),
    )
    response = given.classify().last()
    assert response.category is Category.PROGRESSION
    assert {response.baseline.unit, response.current.unit, response.nadir.unit} == {Unit.PX2}


def test_from_nothing_to_perhaps_something_is_indeterminate():
    response = history({"hand": {"T1": [GONE, Unsure(1.0)]}}).classify().last()
    assert said(response) == ("indeterminate", "new_deposit_unconfirmed")


def test_nothing_at_baseline_is_not_stable_while_a_place_unseen_then_holds_a_deposit():
    response = history({"hand": {"T1": [UNSEEN, 4.0]}}, visits=2).classify()
    # The hand was read at baseline, but not where the deposit lies.
    assert said(response.last()) == ("not_evaluable", "unseen_at_baseline")


def test_a_sum_over_no_deposit_is_not_told_as_zero_while_one_that_is_left_out_is_there():
    verdicts = history({"hand": {"T1": [UNSEEN, 4.0, 6.0]}}, visits=3).classify()
    for response in (*verdicts.of(), *verdicts.of(track="T1")):
        assert (response.baseline, response.current, response.nadir) == (None, None, None)
        assert response.nadir_date is None
    targets = recist({"hand": {"B": [90.0, 200.0]}}, roles={"B": Role.NON_TARGET}).last()
    assert (targets.baseline, targets.current) == (None, None)


def test_a_track_not_looked_at_at_baseline_is_not_said_to_have_been_zero():
    lines = {"hand": {"T1": [9.0, 9.0, 9.0], "T2": [UNSEEN, GONE, 1.0]}}
    response = history(lines).classify().last(track="T2")
    assert said(response) == ("progression", "new_deposit")
    assert response.baseline is None


def test_a_day_is_told_only_with_its_size():
    response = history({"hand": {"T1": [9.0, 9.0]}}, spoiled={"hand": [0]}).classify().last()
    assert (response.nadir, response.nadir_date) == (None, None)


def test_nothing_at_baseline_and_a_place_unseen_now_is_not_evaluable():
    response = history({"hand": {"T1": [GONE, 1.0, UNSEEN]}}).classify().last()
    assert said(response) == ("not_evaluable", "deposits_unseen")


def test_all_gone_is_resolved_and_minus_100_percent():
    response = history({"hand": {"T1": [9.0, GONE], "T2": [4.0, GONE]}}).classify().last()
    assert said(response) == ("resolved", "all_deposits_gone")
    assert response.change_pct == -100.0
    assert response.current.unit is Unit.MM2


def test_all_gone_needs_no_scale():
    units = dict.fromkeys(range(2), Unit.PX2)
    response = history({"hand": {"T1": [9.0, GONE]}}, units=units, scales={0: ScaleSource.NONE}).classify()
    assert said(response.last()) == ("resolved", "all_deposits_gone")
    assert response.last().current == Quantity(value=0.0, unit=Unit.PX2)


def test_all_gone_where_it_was_looked_at_baseline_is_no_resolution_while_others_remain():
    response = history({"hand": {"T1": [9.0, GONE], "T2": [UNSEEN, 3.0]}}).classify().last()
    assert said(response) == (
        "regression",
        "below_regression_threshold",
        "others_remain",
        "unseen_at_baseline",
    )


def test_no_change_at_all_is_zero_percent_and_not_missing():
    response = history({"hand": {"T1": [9.0, 9.0]}}).classify().last()
    assert response.change_pct == 0.0
    assert response.change_pct is not None
    assert said(response) == ("stable", "within_thresholds")


# Unseen


def test_an_unseen_deposit_is_not_shrinkage():
    response = history({"hand": {"T1": [50.0, 50.0], "T2": [50.0, UNSEEN]}}).classify().last()
    assert said(response) == ("not_evaluable", "deposits_unseen")
    assert response.current is None
    assert response.change_pct is None
    assert response.baseline.value == 100.0


def test_an_unseen_deposit_and_all_others_gone_is_not_resolved():
    response = history({"hand": {"T1": [50.0, GONE], "T2": [50.0, UNSEEN]}}).classify().last()
    assert said(response) == ("not_evaluable", "deposits_unseen")


def test_a_new_deposit_is_progression_whatever_is_unseen():
    lines = {"hand": {"T1": [50.0, UNSEEN], "T2": [GONE, 1.0]}}
    response = history(lines).classify().last()
    assert said(response) == ("progression", "new_deposit")
    assert response.change_pct is None


@pytest.mark.parametrize(("seen", "category"), [(125.0, "not_evaluable"), (125.1, "progression")])
def test_growth_of_the_seen_part_past_the_whole_baseline_is_progression(seen, category):
    response = history({"hand": {"T1": [50.0, seen], "T2": [50.0, UNSEEN]}}).classify().last()
    assert said(response)[0] == category
    if category == "progression":
        assert said(response)[1:] == ("above_progression_threshold", "seen_part_suffices", "deposits_unseen")
        assert response.change_pct == pytest.approx(25.1)


@pytest.mark.parametrize(("seen", "category"), [(47.9, "not_evaluable"), (48.0, "progression")])
def test_growth_of_the_seen_part_past_the_whole_nadir_is_progression(seen, category):
    lines = {"hand": {"T1": [50.0, 20.0, seen], "T2": [50.0, 20.0, UNSEEN]}}
    assert history(lines).classify(NADIR_AREA).last().category == category


@pytest.mark.parametrize("gap", ["unread", "not_imaged"])
def test_a_timepoint_that_was_not_read_is_not_evaluable_and_not_the_final_one(gap):
    verdicts = history({"hand": {"T1": [9.0, 4.0, 9.0]}, "foot": {}}, **{gap: {"hand": [2]}}).classify()
    reason = "not_read" if gap == "unread" else "not_imaged"
    assert said(verdicts.last()) == ("not_evaluable", reason)
    assert verdicts.last().new_deposits is None
    assert verdicts.final().date == day(1)
    assert verdicts.final().category is Category.REGRESSION


# Sums over sites


def test_all_sites_are_summed():
    verdicts = history({"hand": {"T1": [50.0, 20.0]}, "foot": {"T1": [50.0, 50.0]}}).classify()
    assert verdicts.last("foot").category is Category.STABLE
    response = verdicts.last(ALL_SITES)
    assert said(response) == ("regression", "below_regression_threshold")
    assert (response.baseline.value, response.current.value) == (100.0, 70.0)


def test_a_site_not_read_now_makes_all_sites_not_evaluable():
    lines = {"hand": {"T1": [50.0, 20.0]}, "foot": {"T1": [50.0, UNSEEN]}}
    response = history(lines, unread={"foot": [1]}).classify().last(ALL_SITES)
    assert said(response) == ("not_evaluable", "deposits_unseen", "site_not_read")


def test_a_site_without_deposits_that_is_not_read_now_counts_as_not_looked_at():
    response = history({"hand": {"T1": [50.0, 20.0]}, "foot": {}}, unread={"foot": [1]}).classify()
    assert said(response.last(ALL_SITES)) == ("not_evaluable", "site_not_read")
    assert response.last("hand").category is Category.REGRESSION


# Outlines that could not be used


def test_a_sum_from_which_an_outline_was_left_out_is_no_sum():
    response = history({"hand": {"T1": [50.0, 20.0]}}, spoiled={"hand": [1]}).classify().last()
    assert said(response) == ("not_evaluable", "outlines_left_out")
    assert (response.current, response.change_pct) == (None, None)


def test_what_is_left_of_a_spoiled_reading_can_still_show_progression():
    response = history({"hand": {"T1": [50.0, 90.0]}}, spoiled={"hand": [1]}).classify().last()
    assert response.category is Category.PROGRESSION
    assert "seen_part_suffices" in response.reasons


def test_growth_from_a_baseline_from_which_an_outline_was_left_out_is_not_progression():
    response = history({"hand": {"T1": [50.0, 90.0]}}, spoiled={"hand": [0]}).classify().last()
    assert said(response) == ("not_evaluable", "baseline_incomplete")
    assert (response.baseline, response.current, response.nadir) == (None, None, None)


def test_a_baseline_of_which_the_only_outline_was_left_out_is_not_zero():
    response = history({"hand": {"T1": [UNSEEN, 90.0]}}, spoiled={"hand": [0]}).classify().last()
    assert said(response) == ("not_evaluable", "baseline_incomplete", "unseen_at_baseline")


def test_a_spoiled_reading_is_no_nadir():
    lines = {"hand": {"T1": [100.0, 10.0, 90.0]}}
    spoiled = history(lines, spoiled={"hand": [1]}).classify(NADIR_AREA).last()
    assert (spoiled.category, spoiled.nadir_date) == (Category.STABLE, day(0))
    assert history(lines).classify(NADIR_AREA).last().category is Category.PROGRESSION


def test_a_spoiled_reading_of_one_site_spoils_the_sum_over_all():
    lines = {"hand": {"T1": [50.0, 20.0]}, "foot": {"T1": [50.0, 20.0]}}
    verdicts = history(lines, spoiled={"foot": [1]}).classify()
    assert said(verdicts.last(ALL_SITES)) == ("not_evaluable", "outlines_left_out")
    assert verdicts.last("hand").category is Category.REGRESSION


def test_progression_of_one_site_stands_although_another_was_not_read():
    lines = {"hand": {"T1": [50.0, 200.0]}, "foot": {"T1": [50.0, UNSEEN]}}
    response = history(lines, unread={"foot": [1]}).classify().last(ALL_SITES)
    assert response.category is Category.PROGRESSION
    assert "site_not_read" in response.reasons


def test_a_site_first_read_after_baseline_is_left_out_of_the_sum():
    lines = {"hand": {"T1": [50.0, 50.0]}, "foot": {"T1": [UNSEEN, 50.0]}}
    response = history(lines, not_imaged={"foot": [0]}).classify().last(ALL_SITES)
    assert said(response) == ("stable", "within_thresholds", "unseen_at_baseline")
    assert response.current.value == 50.0


def test_a_day_on_which_no_site_was_read_is_not_evaluable_for_all():
    lines = {"hand": {"T1": [50.0, 50.0]}, "foot": {"T1": [50.0, 50.0]}}
    verdicts = history(lines, unread={"hand": [1], "foot": [1]}).classify()
    assert said(verdicts.last(ALL_SITES)) == ("not_evaluable", "not_read")
    with pytest.raises(ValueError, match="not enough values"):
        verdicts.final(ALL_SITES)


def test_the_final_response_is_the_last_follow_up_that_was_read():
    verdicts = history({"hand": {"T1": [9.0, 1.0, 8.0]}}).classify()
    assert verdicts.final() == replace(verdicts.last(), evaluation=Evaluation.FINAL)
    assert verdicts.final(ALL_SITES).date == day(2)


def test_responses_come_by_track_then_by_site_then_over_all():
    responses = history({"hand": {"T1": [9.0, 9.0]}, "foot": {"T1": [9.0, 9.0]}}).classify().responses
    assert [(r.track, r.site, r.evaluation.value) for r in responses] == [
        ("T1", "hand", "follow-up"),
        ("T1", "foot", "follow-up"),
        (None, "foot", "follow-up"),
        (None, "foot", "final"),
        (None, "hand", "follow-up"),
        (None, "hand", "final"),
        (None, "all", "follow-up"),
        (None, "all", "final"),
    ]


def test_nothing_read_and_a_baseline_alone_give_no_response():
    assert history({}, visits=1).classify().responses == ()
    assert history({"hand": {"T1": [9.0]}}).classify().responses == ()


def test_a_track_of_another_patient_or_stream_is_refused():
    given = history({"hand": {"T1": [9.0, 9.0]}})
    with pytest.raises(ComparisonError):
        replace(given, modality=Modality.CT).classify()
    with pytest.raises(ComparisonError):
        replace(given, patient=replace(given.patient, id="P02")).classify()


# Tracks


def test_a_split_deposit_is_the_sum_of_its_parts():
    response = history({"hand": {"T1": [90.0, (50.0, 40.0)]}}).classify().last(track="T1")
    assert said(response) == ("stable", "within_thresholds")


def test_a_merged_family_is_compared_with_the_sum_of_its_partners():
    # 40 and 60 grow into one of 100: neither has grown by 150 %, and none is resolved.
    verdicts = history({"hand": {"T1": [(40.0, 60.0), 100.0]}}).classify()
    assert verdicts.last(track="T1").change_pct == 0.0
    assert verdicts.last().category is Category.STABLE


def test_a_track_that_is_gone_is_resolved_while_its_site_is_not():
    verdicts = history({"hand": {"T1": [9.0, GONE], "T2": [9.0, 9.0]}}).classify()
    assert said(verdicts.last(track="T1")) == ("resolved", "all_deposits_gone")
    assert said(verdicts.last()) == ("regression", "below_regression_threshold")


def test_a_new_track_is_progression_and_one_unseen_at_baseline_is_not_evaluable():
    verdicts = history({"hand": {"T0": [9.0, 9.0], "T1": [GONE, 9.0], "T2": [UNSEEN, 9.0]}}).classify()
    assert said(verdicts.last(track="T1")) == ("progression", "new_deposit", "baseline_zero")
    assert said(verdicts.last(track="T2")) == ("not_evaluable", "unseen_at_baseline")


def test_a_track_with_an_unconfirmed_match_is_indeterminate_but_the_sum_of_its_site_stands():
    verdicts = history({"hand": {"T1": [9.0, Unsure(4.0)], "T2": [9.0, Unsure(GONE)]}}).classify()
    assert said(verdicts.last(track="T1")) == (
        "indeterminate",
        "match_unconfirmed",
        "below_regression_threshold",
    )
    assert said(verdicts.last(track="T2")) == ("indeterminate", "match_unconfirmed")
    assert said(verdicts.last()) == ("regression", "below_regression_threshold")


def test_a_control_has_its_own_response_and_counts_in_no_sum():
    lines = {"hand": {"T1": [50.0, 20.0], "C": [50.0, 500.0], "N": [GONE, 9.0]}}
    roles = {"C": Role.CONTROL, "N": Role.CONTROL}
    verdicts = history(lines, roles=roles).classify()
    assert verdicts.last(track="C").category is Category.PROGRESSION
    for site in ("hand", ALL_SITES):
        assert said(verdicts.last(site)) == ("regression", "below_regression_threshold")
        assert verdicts.last(site).baseline.value == 50.0
        assert verdicts.last(site).new_deposits == 0


# Targets


def test_only_the_five_largest_deposits_at_baseline_are_summed():
    lines = {"hand": {f"T{i}": [10.0 * i, 10.0 * i] for i in range(1, 8)}}
    response = recist(lines).last()
    assert response.baseline.value == 10.0 * (3 + 4 + 5 + 6 + 7)


def test_the_five_targets_over_all_sites_are_the_patients_largest():
    lines = {
        "hand": {f"H{i}": [10.0, 10.0] for i in range(4)},
        "foot": {f"F{i}": [30.0, 30.0] for i in range(4)},
    }
    verdicts = recist(lines)
    assert verdicts.last("hand").baseline.value == 40.0
    assert verdicts.last(ALL_SITES).baseline.value == 4 * 30.0 + 10.0


def test_deposits_marked_as_targets_are_the_targets():
    lines = {"hand": {"A": [10.0, 10.0], "B": [90.0, 10.0], "C": [70.0, 10.0]}}
    response = recist(lines, roles={"A": Role.TARGET, "B": Role.NON_TARGET}).last()
    assert response.baseline.value == 10.0


def test_a_non_target_counts_in_no_sum_of_targets_but_in_a_total():
    lines = {"hand": {"A": [10.0, 10.0], "B": [90.0, 90.0]}}
    assert recist(lines, roles={"B": Role.NON_TARGET}).last().baseline.value == 10.0
    assert history(lines, roles={"B": Role.NON_TARGET}).classify().last().baseline.value == 100.0


def test_targets_gone_is_no_complete_response_while_other_deposits_remain():
    lines = {"hand": {"A": [10.0, GONE], "B": [90.0, 90.0]}}
    response = recist(lines, roles={"B": Role.NON_TARGET}).last()
    assert said(response) == ("regression", "below_regression_threshold", "others_remain")
    assert response.change_pct == -100.0
    lines = {"hand": {"A": [10.0, GONE], "B": [90.0, UNSEEN]}}
    assert recist(lines, roles={"B": Role.NON_TARGET}).last().category is Category.REGRESSION
    lines = {"hand": {"A": [10.0, GONE], "B": [90.0, GONE]}}
    assert recist(lines, roles={"B": Role.NON_TARGET}).last().category is Category.RESOLVED


def test_a_new_deposit_is_progression_though_it_is_no_target():
    lines = {"hand": {"A": [10.0, 5.0], "B": [GONE, 1.0]}}
    response = recist(lines, roles={"A": Role.TARGET}).last()
    assert said(response) == ("progression", "new_deposit")
    assert response.current.value == 5.0


def test_without_a_target_nothing_is_evaluable_but_a_new_deposit():
    lines = {"hand": {"B": [90.0, 200.0]}}
    response = recist(lines, roles={"B": Role.NON_TARGET}).last()
    assert said(response) == ("not_evaluable", "no_target")
    lines = {"hand": {"B": [90.0, 90.0], "N": [GONE, 1.0]}}
    response = recist(lines, roles={"B": Role.NON_TARGET}).last()
    assert said(response) == ("progression", "new_deposit")


def test_a_sum_of_targets_is_in_doubt_where_their_match_is_and_others_are_about():
    lines = {"hand": {"A": [90.0, Unsure(90.0)], "B": [10.0, 10.0]}}
    doubtful = recist(lines, roles={"A": Role.TARGET}).last()
    assert said(doubtful) == ("indeterminate", "match_unconfirmed", "within_thresholds")
    # With both of them targets the sum is the same whichever is which.
    assert said(recist(lines).last()) == ("stable", "within_thresholds")


# What must not be compared


def test_mm_and_px_are_not_compared():
    units = {0: Unit.MM2, 1: Unit.PX2}
    response = history({"hand": {"T1": [9.0, 9.0]}}, units=units, scales={1: ScaleSource.NONE}).classify()
    assert said(response.last()) == ("not_evaluable", "units_differ")
    assert response.last().change_pct is None
    assert response.last().nadir is None
    assert (response.last().baseline.unit, response.last().current.unit) == (Unit.MM2, Unit.PX2)


@pytest.mark.parametrize("modality", [Modality.XC, Modality.DX])
def test_pixels_of_two_images_are_not_compared(modality):
    both = range(2)
    given = history(
        {"hand": {"T1": [9.0, 99.0]}},
        modality=modality,
        units=dict.fromkeys(both, Unit.PX2),
        scales=dict.fromkeys(both, ScaleSource.NONE),
    )
    response = given.classify().last()
    assert said(response) == ("not_evaluable", "no_scale")
    assert response.change_pct is None


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (ScaleSource.DETECTOR_PLANE, ScaleSource.DETECTOR_PLANE, "stable"),
        (ScaleSource.PATIENT_PLANE, ScaleSource.DETECTOR_PLANE, "not_evaluable"),
        (ScaleSource.DETECTOR_PLANE, ScaleSource.PATIENT_PLANE, "not_evaluable"),
        (ScaleSource.PATIENT_PLANE, ScaleSource.MAGNIFICATION_CORRECTED, "stable"),
        (ScaleSource.UNSPECIFIED_PLANE, ScaleSource.PATIENT_PLANE, "not_evaluable"),
        (ScaleSource.MARKER, ScaleSource.RULER, "stable"),
    ],
)
def test_scales_are_compared_only_where_both_are_the_patients_or_the_same(then, now, expected):
    given = history({"hand": {"T1": [9.0, 9.0]}}, modality=Modality.DX, scales={0: then, 1: now})
    response = given.classify().last()
    assert response.category == expected
    if expected == "not_evaluable":
        assert said(response)[1:] == ("scale_sources_differ",)
        assert response.change_pct is None


def test_sites_with_scales_of_their_own_are_summed_as_long_as_each_keeps_its_own():
    given = history({"hand": {"T1": [9.0, 9.0]}, "foot": {"T1": [9.0, 9.0]}}, modality=Modality.DX)
    measurements = tuple(
        replace(m, scale_source=ScaleSource.DETECTOR_PLANE) if m.image.startswith("foot") else m
        for m in given.measurements
    )
    assert replace(given, measurements=measurements).classify().last(ALL_SITES).category is Category.STABLE


def test_new_deposits_are_progression_without_any_scale():
    units = dict.fromkeys(range(2), Unit.PX2)
    given = history(
        {"hand": {"T1": [9.0, 9.0], "T2": [GONE, 9.0]}},
        units=units,
        scales=dict.fromkeys(range(2), ScaleSource.NONE),
    )
    response = given.classify().last()
    assert said(response) == ("progression", "new_deposit")
    assert response.change_pct is None


def test_volume_is_not_available_on_photographs():
    response = history({"hand": {"T1": [9.0, 9.0]}}).classify(VOLUME_65_73).last()
    assert said(response) == ("not_evaluable", "measure_not_available")
    assert response.measure is BurdenMeasure.VOLUME
    assert response.baseline is response.current is None


def test_a_deposit_that_could_not_be_measured_is_not_counted_as_zero():
    lines = {"hand": {"T1": [9.0, 9.0], "T2": [9.0, 9.0]}}
    response = history(lines, unmeasured=[("T2", 1)]).classify().last()
    assert said(response) == ("not_evaluable", "measure_not_available")
    assert response.current is None


def test_beyond_error_without_errors_is_not_evaluable():
    response = history({"hand": {"T1": [9.0, 90.0]}}).classify(BEYOND_ERROR).last()
    assert said(response) == ("not_evaluable", "no_error_known")


def test_what_is_gone_has_fallen_beyond_the_error_of_what_was_there():
    lines = {"hand": {"T1": [100.0, GONE], "T2": [UNSEEN, 5.0]}}
    response = history(lines, error=2.0).classify(BEYOND_ERROR).last()
    assert said(response) == ("regression", "fall_beyond_error", "others_remain", "unseen_at_baseline")
    response = history(lines, error=60.0).classify(BEYOND_ERROR).last()
    assert said(response)[:2] == ("stable", "within_error")


def test_a_certainty_asked_for_but_not_known_is_indeterminate():
    criterion = Criterion(name="sure", regression_pct=-25, progression_pct=25, min_certainty=0.8)
    response = history({"hand": {"T1": [9.0, 90.0]}}).classify(criterion).last()
    assert said(response) == ("indeterminate", "certainty_unknown", "above_progression_threshold")
    gone = history({"hand": {"T1": [9.0, GONE]}}).classify(criterion).last()
    assert gone.category is Category.RESOLVED


def test_an_obstacle_and_a_gap_are_both_told():
    lines = {"hand": {"T1": [9.0, 9.0], "T2": [9.0, UNSEEN], "T3": [GONE, Unsure(1.0)]}}
    response = history(lines, scales={1: ScaleSource.DETECTOR_PLANE}).classify().last()
    assert said(response) == (
        "not_evaluable",
        "scale_sources_differ",
        "deposits_unseen",
        "new_deposit_unconfirmed",
    )


def test_labels_are_the_criterions_own_words():
    response = history({"hand": {"T1": [9.0, 90.0]}}).classify().last()
    assert (response.category, response.label) == (Category.PROGRESSION, "progressive")
    assert response.criterion == "calcinosis-25"


# Properties

ENTRY = st.one_of(
    st.none(),
    st.just(GONE),
    st.floats(0.5, 200.0).map(lambda size: round(size, 2)),
)


@st.composite
def lines_of_one_hand(draw):
    visits = draw(st.integers(2, 4))
    entries = st.lists(ENTRY, min_size=visits, max_size=visits).filter(any)
    return {f"T{i}": line for i, line in enumerate(draw(st.lists(entries, min_size=1, max_size=4)))}


def verdicts_of(tracks, criterion):
    measures = ["area", "long_axis"]
    return history({"hand": tracks}, measures=measures).classify(criterion)


@having(lines_of_one_hand(), st.sampled_from([CALCINOSIS_25, NADIR_AREA]), st.sampled_from([0.125, 3.7, 1e3]))
def test_the_unit_of_length_changes_no_verdict(tracks, criterion, factor):
    scaled = {t: [size and size * factor for size in entries] for t, entries in tracks.items()}
    plain = verdicts_of(tracks, criterion).responses
    other = verdicts_of(scaled, criterion).responses
    assert [said(r) for r in other] == [said(r) for r in plain]


@having(lines_of_one_hand(), st.sampled_from([CALCINOSIS_25, RECIST_1_1]), st.randoms(use_true_random=False))
def test_the_order_of_the_tracks_changes_nothing(tracks, criterion, random):
    shuffled = list(tracks)
    random.shuffle(shuffled)
    assert (
        verdicts_of({t: tracks[t] for t in shuffled}, criterion).of() == verdicts_of(tracks, criterion).of()
    )


@having(lines_of_one_hand(), st.sampled_from([CALCINOSIS_25, NADIR_AREA, RECIST_1_1]), st.floats(0.05, 0.95))
def test_cutting_a_deposit_in_two_changes_no_verdict(tracks, criterion, share):
    cut = {
        t: [(size * share, size * (1 - share)) if size else size for size in entries]
        for t, entries in tracks.items()
    }
    assert [said(r) for r in verdicts_of(cut, criterion).responses] == [
        said(r) for r in verdicts_of(tracks, criterion).responses
    ]


@having(lines_of_one_hand(), st.sampled_from([CALCINOSIS_25, NADIR_AREA]))
def test_hiding_a_known_deposit_never_turns_a_verdict_into_a_response(tracks, criterion):
    good = {Category.RESOLVED, Category.REGRESSION}
    before = verdicts_of(tracks, criterion).of()
    for hidden in (t for t, line in tracks.items() if any(line[:-1])):
        less = {t: [*line[:-1], UNSEEN] if t == hidden else line for t, line in tracks.items()}
        after = verdicts_of(less, criterion).of()
        if before and after and after[-1].date == before[-1].date and after[-1].category in good:
            assert before[-1].category in good
