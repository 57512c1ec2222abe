"""Limits and probabilities, held against closed forms and against drawing the sizes many times over."""

import math
from dataclasses import replace

import numpy as np
import pytest
from histories import GONE, history

from lesionkit.classification.certainty import probabilities
from lesionkit.classification.change import change_limits, detectable
from lesionkit.classification.criteria import BEYOND_ERROR, CALCINOSIS_25, RECIST_1_1, WHO
from lesionkit.classification.detection import nothing_on
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.response import BurdenMeasure, Category, Criterion, Reference
from lesionkit.core.uncertainty import ErrorTerm
from lesionkit.core.units import Quantity, Unit

R, S, P = Category.REGRESSION, Category.STABLE, Category.PROGRESSION


def mm2(value, rel=0.1, **shared):
    terms = [ErrorTerm(name="outline", effect=rel * value)]
    terms += [ErrorTerm(name="scale", shared_by=by, effect=share * value) for by, share in shared.items()]
    return Quantity(value=value, unit=Unit.MM2, errors=tuple(terms))


def test_limits_are_those_of_the_log_scale_and_lie_farther_up_than_down():
    low, high = change_limits(mm2(100.0, 0.1), mm2(100.0, 0.1))
    assert (low, high) == pytest.approx((-24.2, 31.9), abs=0.1)
    assert math.log1p(low / 100) == pytest.approx(-math.log1p(high / 100))
    sd = 0.1 * math.sqrt(2)
    assert change_limits(mm2(60.0), mm2(100.0)) == pytest.approx(
        (100 * (0.6 * math.exp(-1.96 * sd) - 1), 100 * (0.6 * math.exp(1.96 * sd) - 1))
    )


def test_a_scale_that_both_share_does_not_widen_the_limits():
    plain = change_limits(mm2(60.0), mm2(100.0))
    assert change_limits(mm2(60.0, scanner=0.3), mm2(100.0, scanner=0.3)) == pytest.approx(plain)
    low, high = change_limits(mm2(60.0, one=0.3), mm2(100.0, two=0.3))
    assert low < plain[0] < plain[1] < high


def test_what_is_gone_may_have_been_too_small_to_see():
    grid = Grid(shape=(9, 9), spacing_mm=(1.0, 0.5), scale_source=ScaleSource.RULER)
    nothing = nothing_on(grid, BurdenMeasure.AREA)
    low, high = change_limits(nothing, mm2(20.0))
    assert low == -100
    assert high == pytest.approx(100 * (1.96 * math.pi * 0.5 / math.sqrt(3) / 20 - 1))
    odds = probabilities(nothing, mm2(20.0), mm2(20.0), CALCINOSIS_25)
    assert odds[R] > 0.999
    assert sum(odds.values()) == pytest.approx(1)
    assert nothing_on(grid, BurdenMeasure.VOLUME) is None


def drawn(current, baseline, nadir, criterion, *, count=400_000):
    """Return the probabilities by drawing: every cause once, every size by its own and its causes."""
    rng = np.random.default_rng(8)
    causes, sizes = {}, []
    for quantity in (current, baseline, nadir):
        log = np.zeros(count)
        for term in quantity.errors:
            wobble = (
                rng.normal(size=count)
                if not term.shared_by
                else causes.setdefault(term.shared_by, rng.normal(size=count))
            )
            log += term.effect / quantity.value * wobble
        sizes.append(quantity.value * np.exp(log))
    now, then, least = sizes if nadir is not baseline else (sizes[0], sizes[1], sizes[1])
    past = now / least > 1 + criterion.progression_pct / 100
    below = (now / then < 1 + criterion.regression_pct / 100) & ~past
    return {P: past.mean(), R: below.mean(), S: 1 - past.mean() - below.mean()}


NADIR = Criterion(name="n", regression_pct=-30, progression_pct=20, reference=Reference.NADIR)


@pytest.mark.parametrize("now", [40.0, 62.0, 70.0, 90.0, 130.0])
@pytest.mark.parametrize("has_nadir", [False, True])
def test_probabilities_are_those_of_drawing_every_error(now, has_nadir):
    current, baseline = mm2(now, 0.12, hand=0.1), mm2(100.0, 0.08, hand=0.1, other=0.05)
    nadir = mm2(55.0, 0.15, hand=0.1) if has_nadir else baseline
    found = probabilities(current, baseline, nadir, NADIR)
    expected = drawn(current, baseline, nadir, NADIR)
    for category in (R, S, P):
        assert found[category] == pytest.approx(expected[category], abs=0.004)


def test_on_the_threshold_it_is_even_odds():
    odds = probabilities(mm2(125.0), mm2(100.0), mm2(100.0), CALCINOSIS_25)
    assert odds[P] == pytest.approx(0.5)


def test_an_unknown_error_leaves_probabilities_and_limits_unknown():
    bare = Quantity(value=50.0, unit=Unit.MM2)
    assert probabilities(bare, mm2(100.0), mm2(100.0), CALCINOSIS_25) is None
    assert change_limits(bare, mm2(100.0)) is None
    assert change_limits(mm2(5.0), Quantity(value=0.0, unit=Unit.MM2)) is None


@pytest.mark.parametrize(("now", "category"), [(131.0, S), (133.0, P), (76.0, S), (75.0, R)])
def test_beyond_error_calls_a_change_where_its_limits_leave_out_zero(now, category):
    lines = {"hand": {"T1": [100.0, now]}}
    given = history(lines)
    measurements = tuple(replace(m, quantity=mm2(m.quantity.value)) for m in given.measurements)
    response = replace(given, measurements=measurements).classify(BEYOND_ERROR).last()
    low, high = response.change_pct_limits
    assert response.category is category
    assert (low <= 0 <= high) is (category is S)
    assert detectable(mm2(now), mm2(100.0), BEYOND_ERROR) == pytest.approx(1.96 * math.sqrt(2) * 0.1)


def sure(certainty, **more):
    return Criterion(name="sure", regression_pct=-25, progression_pct=25, min_certainty=certainty, **more)


@pytest.mark.parametrize(
    ("now", "certainty", "expected"),
    [
        (200.0, 0.9, ("progression", "above_progression_threshold")),
        (130.0, 0.9, ("indeterminate", "not_certain_enough", "above_progression_threshold")),
        (130.0, 0.5, ("progression", "above_progression_threshold")),
        (100.0, 0.9, ("stable", "within_thresholds")),
        (120.0, 0.9, ("indeterminate", "not_certain_enough", "within_thresholds")),
        (70.0, 0.9, ("indeterminate", "not_certain_enough", "below_regression_threshold")),
    ],
)
def test_a_category_that_is_not_likely_enough_is_indeterminate(now, certainty, expected):
    response = history({"hand": {"T1": [100.0, now]}}, error=8.0).classify(sure(certainty)).last()
    assert (response.category.value, *map(str, response.reasons)) == expected
    assert sum(response.probabilities.values()) == pytest.approx(1)


def test_the_certainty_of_a_rise_from_nadir_is_counted_from_nadir():
    lines = {"hand": {"T1": [100.0, 40.0, 60.0]}}
    rule = sure(0.9, reference=Reference.NADIR)
    response = history(lines, error=1.5).classify(rule).last()
    assert response.category is P
    assert response.probabilities[P] > 0.99
    assert response.change_pct_limits[1] < -30  # against baseline it has fallen


def test_a_floor_lowers_the_probability_of_progression():
    lines = {"hand": {"T1": [20.0, 25.5]}}
    given = history(lines, measures=["long_axis"], units={0: Unit.MM, 1: Unit.MM}, error=0.6)
    assert given.classify(RECIST_1_1).last().probabilities[P] == pytest.approx(0.70, abs=0.06)


def test_every_level_has_limits_and_only_what_was_seen_whole():
    lines = {"hand": {"A": [100.0, 60.0], "B": [50.0, None]}, "foot": {"C": [30.0, 31.0]}}
    verdicts = history(lines, error=3.0).classify()
    assert verdicts.last("foot").change_pct_limits is not None
    assert verdicts.last("hand", track="A").probabilities[R] > 0.99
    assert verdicts.last("hand").change_pct_limits is None
    assert verdicts.last("hand", track="B").probabilities is None


def test_a_new_deposit_is_no_matter_of_probability():
    response = history({"hand": {"A": [100.0, 100.0], "B": [GONE, 5.0]}}, error=3.0).classify().last()
    assert response.category is P
    assert response.probabilities is None


def test_the_product_of_two_axes_has_the_errors_that_both_share_twice():
    given = history(
        {"hand": {"T1": [10.0, 10.0]}},
        measures=["long_axis", "short_axis"],
        units={0: Unit.MM, 1: Unit.MM},
        modality=Modality.XC,
    )
    axis = Quantity(
        value=10.0,
        unit=Unit.MM,
        errors=(
            ErrorTerm(name="outline", effect=0.3),
            ErrorTerm(name="scale", shared_by="a", effect=0.4),
        ),
    )
    measurements = tuple(replace(m, quantity=axis) for m in given.measurements)
    response = replace(given, measurements=measurements).classify(WHO).last()
    # Each outline 0.3 x 10, independent; the scale 0.4 x 10 + 0.4 x 10.
    assert response.baseline.standard_error == pytest.approx(math.hypot(3.0, 3.0, 8.0))
