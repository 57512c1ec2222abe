import numpy as np
import pytest

from lesionkit.phantom.ruler import PX_PER_MM, Graduation, RulerMake, draw_ruler


def ink(make):
    return (draw_ruler(make) - make.ground) / (make.ink - make.ground)


@pytest.mark.parametrize(("row_mm", "every_mm"), [(2.0, 1), (5.5, 5), (7.5, 10)])
def test_ticks_stand_at_their_millimetres_with_their_width(row_mm, every_mm):
    make = RulerMake(length_mm=40, has_numbers=False)
    line = ink(make)[round(row_mm * PX_PER_MM)]
    assert line.sum() / PX_PER_MM == pytest.approx((40 // every_mm + 1) * make.tick_width_mm, rel=1e-3)
    for mm in range(0, 41, every_mm):
        first = round((5 + mm - 0.5) * PX_PER_MM)
        part = line[first : first + round(PX_PER_MM)]
        centre = first + 0.5 + float(np.sum(np.arange(len(part)) * part) / part.sum())
        assert centre / PX_PER_MM - 5 == pytest.approx(mm, abs=1e-4)


@pytest.mark.parametrize(
    ("graduation", "count"),
    [(Graduation.HALF_MILLIMETRES, 81), (Graduation.INCHES, 26), (Graduation.TWO_MILLIMETRES, 21)],
)
def test_other_graduations_have_their_own_step(graduation, count):
    make = RulerMake(length_mm=40, graduation=graduation, has_numbers=False)
    line = ink(make)[round(1.0 * PX_PER_MM)]
    assert line.sum() / PX_PER_MM == pytest.approx(count * make.tick_width_mm, rel=1e-3)


def test_a_second_edge_has_ticks_of_its_own():
    make = RulerMake(length_mm=40, lower=Graduation.MILLIMETRES, has_numbers=False)
    np.testing.assert_array_equal(ink(make), ink(make)[::-1])


def test_numbers_are_drawn_below_the_ticks():
    plain, numbered = (ink(RulerMake(length_mm=40, has_numbers=has)) for has in (False, True))
    assert (numbered >= plain).all()
    rows = np.flatnonzero((numbered > plain).any(axis=1))
    assert rows[0] > 9 * PX_PER_MM
