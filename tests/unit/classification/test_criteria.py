import math

import pytest
from histories import history

from lesionkit.classification.criteria import (
    BEYOND_ERROR,
    CALCINOSIS_25,
    CRITERIA,
    RECIST_1_1,
    VOLUME_65_73,
    WHO,
    find_criterion,
)
from lesionkit.core.image import Modality
from lesionkit.core.response import BurdenMeasure, Category, Criterion, Reference
from lesionkit.core.settings import DEFAULT_CRITERION
from lesionkit.core.units import Unit
from lesionkit.errors import InputError

SHIPPED = (CALCINOSIS_25, RECIST_1_1, WHO, VOLUME_65_73, BEYOND_ERROR)
R, S, P = Category.REGRESSION, Category.STABLE, Category.PROGRESSION
BOUNDARIES = [
    (CALCINOSIS_25, "area", Unit.MM2, {75: S, 74.999: R, 75.001: S, 125: S, 124.999: S, 125.001: P}),
    (RECIST_1_1, "long_axis", Unit.MM, {70: R, 69.999: R, 70.001: S, 120: P, 120.001: P, 119.999: S}),
    (VOLUME_65_73, "volume", Unit.MM3, {35: R, 34.999: R, 35.001: S, 173: P, 173.001: P, 172.999: S}),
]


@pytest.mark.parametrize(
    ("criterion", "measure", "unit", "size", "expected"),
    [(c, m, u, size, category) for c, m, u, cases in BOUNDARIES for size, category in cases.items()],
)
def test_a_size_of_100_becomes_what_the_criterion_says(criterion, measure, unit, size, expected):
    given = history({"hand": {"T1": [100.0, size]}}, measures=[measure], units={0: unit, 1: unit})
    assert given.classify(criterion).last().category is expected


@pytest.mark.parametrize(
    ("axis", "expected"),
    # The square of the axis is what is compared: 7.0711 is half the area, 11.1804 is 5/4 of it.
    [(math.sqrt(50), R), (7.071, R), (7.0712, S), (math.sqrt(125), P), (11.1803, S), (11.1804, P)],
)
def test_who_compares_the_product_of_the_axes(axis, expected):
    axes = ("long_axis", "short_axis")
    given = history({"hand": {"T1": [10.0, axis]}}, measures=axes, units={0: Unit.MM, 1: Unit.MM})
    response = given.classify(WHO).last()
    assert response.category is expected
    assert response.measure is BurdenMeasure.AXES_PRODUCT
    assert response.baseline.unit is Unit.MM2
    assert response.current.value == pytest.approx(axis**2)


def test_who_adds_products_and_does_not_multiply_sums():
    axes = ("long_axis", "short_axis")
    lines = {"hand": {"T1": [3.0, 3.0], "T2": [4.0, 4.0]}}
    response = history(lines, measures=axes, units={0: Unit.MM, 1: Unit.MM}).classify(WHO).last()
    assert response.baseline.value == 25.0  # 9 + 16, not 7 x 7


SDC = 1.96 * math.sqrt(2)


@pytest.mark.parametrize(
    ("change", "expected"),
    [(SDC, S), (SDC - 1e-3, S), (SDC + 1e-3, P), (-SDC, S), (-SDC + 1e-3, S), (-SDC - 1e-3, R)],
)
def test_beyond_error_needs_more_than_the_smallest_detectable_change(change, expected):
    given = history({"hand": {"T1": [100.0, 100.0 + change]}}, error=1.0)
    assert given.classify(BEYOND_ERROR).last().category is expected


def test_the_error_of_a_sum_grows_with_the_root_of_its_terms():
    # Four deposits of SE 1 each: the sum has SE 2, so its detectable change is 5.54, not 11.09.
    lines = {"hand": {f"T{i}": [100.0, 100.0 + 5.5 / 4] for i in range(4)}}
    assert history(lines, error=1.0).classify(BEYOND_ERROR).last().category is S
    lines = {"hand": {f"T{i}": [100.0, 100.0 + 5.6 / 4] for i in range(4)}}
    assert history(lines, error=1.0).classify(BEYOND_ERROR).last().category is P


@pytest.mark.parametrize("size", [7.07, 0.7 * 10.1])
def test_a_threshold_met_but_for_rounding_is_met(size):
    # (7.07 - 10.1) / 10.1 is -0.29999999999999993 in floating point.
    given = history({"hand": {"T1": [10.1, size]}}, measures=["long_axis"], units={0: Unit.MM, 1: Unit.MM})
    assert given.classify(RECIST_1_1).last().category is R


def test_a_sum_of_tenths_that_rises_by_exactly_25_percent_is_stable():
    lines = {"hand": {f"T{i}": [0.1, 0.125] for i in range(3)}}
    assert history(lines).classify().last().category is S


@pytest.mark.parametrize(
    ("criterion", "measure", "regression", "progression", "inclusive", "floor", "reference"),
    [
        (CALCINOSIS_25, "size", -25, 25, False, 0, Reference.BASELINE),
        (RECIST_1_1, "long_axis", -30, 20, True, 5, Reference.NADIR),
        (WHO, "axes_product", -50, 25, True, 0, Reference.NADIR),
        (VOLUME_65_73, "volume", -65, 73, True, 0, Reference.NADIR),
        (BEYOND_ERROR, "size", None, None, False, 0, Reference.BASELINE),
    ],
)
def test_thresholds_are_those_promised(
    criterion, measure, regression, progression, inclusive, floor, reference
):
    assert criterion.measure == measure
    assert (criterion.regression_pct, criterion.progression_pct) == (regression, progression)
    assert (criterion.inclusive, criterion.floor) == (inclusive, floor)
    assert criterion.reference is reference


@pytest.mark.parametrize("criterion", SHIPPED, ids=lambda c: c.name)
def test_every_shipped_criterion_is_found_by_its_name_and_cites_its_source(criterion):
    assert find_criterion(criterion.name) == criterion
    assert criterion.citation
    assert criterion.validated_on
    assert len(set(criterion.labels.values())) == len(criterion.labels), "labels map one to one"


def test_the_default_criterion_says_that_it_is_borrowed():
    assert "borrowed" in find_criterion(DEFAULT_CRITERION).validated_on


def test_size_means_volume_on_ct_and_area_on_radiographs():
    ct = history(
        {"hand": {"T1": [9.0, 9.0]}},
        modality=Modality.CT,
        measures=["volume"],
        units={0: Unit.MM3, 1: Unit.MM3},
    )
    assert ct.classify().last().measure is BurdenMeasure.VOLUME
    assert (
        history({"hand": {"T1": [9.0, 9.0]}}, modality=Modality.CR).classify().last().measure
        is BurdenMeasure.AREA
    )


MINE = Criterion(name="mine", regression_pct=-10, progression_pct=10)


def test_a_criterion_of_the_users_own_is_found():
    assert find_criterion("mine", custom=(MINE,)) is MINE


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError) as raised:
        find_criterion("recist", custom=(MINE,))
    for name in ("mine", *CRITERIA.names()):
        assert name in raised.value.hint


@pytest.mark.parametrize("name", ["who", "mine"])
def test_a_name_taken_twice_is_refused_whatever_is_asked_for(name):
    doubled = Criterion(name=name, regression_pct=-10, progression_pct=10)
    with pytest.raises(InputError, match="more than one"):
        find_criterion("calcinosis-25", custom=(MINE, doubled))
