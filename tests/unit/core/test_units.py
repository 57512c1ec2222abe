import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionkit.core.units import AREA, LENGTH, VOLUME, Quantity, Unit
from lesionkit.errors import ComparisonError

FINITE = st.floats(-1e6, 1e6)


def mm(value, se=None):
    return Quantity(value=value, unit=Unit.MM, standard_error=se)


PX = Quantity(value=3.0, unit=Unit.PX)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_quantity_is_finite(value):
    with pytest.raises(ValueError, match="finite"):
        mm(value)


@pytest.mark.parametrize("error", [-0.1, math.nan, math.inf])
def test_a_standard_error_is_finite_and_not_negative(error):
    with pytest.raises(ValueError, match="standard error"):
        mm(1.0, error)


@pytest.mark.parametrize(
    "combine", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, Quantity.change_pct_from]
)
def test_mm_and_px_refuse_to_be_combined(combine):
    with pytest.raises(ComparisonError, match="mm and px"):
        combine(mm(2.0), PX)


@given(FINITE, FINITE)
def test_sums_and_differences_are_those_of_the_values(a, b):
    assert (mm(a) + mm(b)).value == a + b
    assert (mm(a) - mm(b)).value == a - b
    assert (mm(a) < mm(b)) == (a < b)


def test_independent_errors_add_in_quadrature_for_sums_and_differences_alike():
    assert (mm(5.0, 3.0) + mm(1.0, 4.0)).standard_error == 5.0
    assert (mm(5.0, 3.0) - mm(1.0, 4.0)).standard_error == 5.0


def test_an_unknown_error_stays_unknown_and_is_not_zero():
    assert (mm(5.0, 3.0) + mm(1.0)).standard_error is None
    assert (mm(5.0) - mm(1.0, 3.0)).standard_error is None


def test_there_is_no_relative_change_from_zero():
    assert mm(3.0).change_pct_from(mm(0.0)) is None


@pytest.mark.parametrize(("value", "expected"), [(0.0, -100.0), (4.0, 0.0), (5.0, 25.0), (3.0, -25.0)])
def test_change_is_in_percent_of_the_reference(value, expected):
    assert mm(value).change_pct_from(mm(4.0)) == expected


def test_only_mm_are_metric():
    assert {unit for unit in Unit if unit.is_metric} == {Unit.MM, Unit.MM2, Unit.MM3}


@pytest.mark.parametrize(("table", "mm_unit"), [(LENGTH, Unit.MM), (AREA, Unit.MM2), (VOLUME, Unit.MM3)])
def test_a_scale_decides_between_mm_and_px(table, mm_unit):
    assert table[True] is mm_unit
    assert table[False].value == mm_unit.value.replace("mm", "px")


def test_a_quantity_cannot_be_changed():
    with pytest.raises(AttributeError):
        mm(1.0).value = 2.0
