import math

import pytest

from lesionkit.core.uncertainty import ErrorTerm
from lesionkit.core.units import Quantity, Unit, total
from lesionkit.errors import ComparisonError


def own(effect, name="outline"):
    return ErrorTerm(name=name, effect=effect)


def shared(effect, by="a.jpg", name="scale"):
    return ErrorTerm(name=name, shared_by=by, effect=effect)


def mm2(value, *errors):
    return Quantity(value=value, unit=Unit.MM2, errors=errors)


def test_the_standard_error_is_that_of_all_terms():
    assert mm2(9.0, own(3.0), shared(4.0)).standard_error == 5.0


def test_a_scale_is_shared_by_all_deposits_of_an_image_so_that_its_errors_add():
    parts = [mm2(10.0, own(1.0), shared(0.5)) for _ in range(100)]
    whole = total(parts)
    # 100 outlines: 10 mm2; one scale: 50 mm2. In quadrature alone it would be 11.2 instead of 51.
    assert whole.standard_error == pytest.approx(math.hypot(10.0, 50.0))
    assert [term.name for term in whole.errors] == ["outline", "scale"]


def test_scales_of_two_images_are_not_one():
    assert total([mm2(10.0, shared(3.0, "a.jpg")), mm2(10.0, shared(4.0, "b.jpg"))]).standard_error == 5.0


def test_what_two_sizes_share_cancels_in_their_difference_and_ratio():
    big, small = mm2(20.0, shared(2.0)), mm2(10.0, shared(1.0))
    assert (big - big).standard_error == 0
    assert (big - small).standard_error == 1.0
    assert big.relative_covariance(small) == pytest.approx(0.01)


def test_an_error_that_is_not_taken_apart_is_the_quantitys_own():
    stated = Quantity(value=10.0, unit=Unit.MM2, standard_error=3.0)
    assert (stated + mm2(10.0, shared(4.0))).standard_error == 5.0
    assert total([stated, stated]).standard_error == pytest.approx(math.hypot(3.0, 3.0))
    assert (stated + Quantity(value=1.0, unit=Unit.MM2)).standard_error is None


def test_the_order_of_summands_changes_nothing():
    parts = [mm2(0.1 * n, own(0.01 * n), shared(0.003 * n, f"{n % 3}")) for n in range(1, 30)]
    assert total(parts) == total(parts[::-1])


def test_mm_and_px_are_not_added():
    with pytest.raises(ComparisonError):
        total([mm2(1.0), Quantity(value=1.0, unit=Unit.PX2)])
    with pytest.raises(ValueError, match="at least one"):
        total([])


def test_an_effect_is_finite():
    with pytest.raises(ValueError, match="finite"):
        own(math.nan)
