from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from lesionkit.core.image import Modality
from lesionkit.core.response import BurdenMeasure, Category, Criterion, Reference, Response
from lesionkit.core.transform import Part, Transform
from lesionkit.core.units import Quantity, Unit
from lesionkit.report import words


def _response(before, after, unit=Unit.MM2):
    baseline = None if before is None else Quantity(value=before, unit=unit)
    current = None if after is None else Quantity(value=after, unit=unit)
    known = baseline is not None and current is not None
    return Response(
        patient="P01",
        modality=Modality.XC,
        site="hand",
        date=date(2012, 3, 1),
        measure=BurdenMeasure.AREA,
        category=Category.STABLE,
        criterion="calcinosis-25",
        label="stable",
        reasons=("x",),
        baseline=baseline,
        current=current,
        change_pct=current.change_pct_from(baseline) if known else None,
    )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (210, 115.5, "smaller by 45 % (from 210 to 116 mm²)"),
        (100, 125.4, "larger by 25.4 % (from 100 to 125 mm²)"),
        (12.5, 0, "gone (from 12.5 to 0 mm²)"),
        (100, 100, "unchanged (from 100 to 100 mm²)"),
        (0, 30, "none at baseline, 30 mm² now"),
        (0, 0, "none at baseline and none now"),
        (100, None, "100 mm² at baseline; no comparable size now"),
        (None, 100, "100 mm² now; no baseline to compare with"),
        (None, None, "no size to compare"),
    ],
)
def test_a_change_is_told_in_plain_words(before, after, told):
    assert words.change(_response(before, after)) == told


def test_millimetres_and_pixels_are_not_compared():
    mixed = replace(_response(100, 100), current=Quantity(value=900, unit=Unit.PX2))
    assert "cannot be compared" in words.change(mixed)


def test_sizes_whose_change_is_not_known_are_told_without_one():
    told = words.change(replace(_response(3076, 1410), change_pct=None))
    assert told == "3,076 mm² at baseline and 1,410 mm² now: these cannot be compared"


def test_a_change_just_past_a_threshold_does_not_look_as_if_it_were_on_it():
    assert words.percent(25.4) == "+25.4 %"
    assert words.percent(25.04) == "+25.04 %"
    assert words.percent(24.96) == "+24.96 %"
    assert words.percent(-25.0) == "−25 %"


def test_a_criterion_is_told_with_its_floor_its_targets_and_its_nadir():
    recist = Criterion(
        name="recist-1.1",
        measure=BurdenMeasure.LONG_AXIS,
        regression_pct=-30,
        progression_pct=20,
        inclusive=True,
        floor=5,
        reference=Reference.NADIR,
        max_targets=5,
    )
    told = words.rule(recist)
    assert "a fall of at least 30 % from baseline" in told
    assert "a rise of at least 20 % from the smallest size since baseline and of at least 5 mm" in told
    assert "of at most 5 deposits" in told


def test_an_alignment_is_told_with_what_is_left_of_it():
    left = Quantity(value=0.2345, unit=Unit.MM)
    onto = Transform(source="b", target="a", matrix=np.eye(3), method="features", residual=left)
    assert words.alignment(onto) == "aligned by features of the picture, 0.234 mm left"
    finger = Part(here=(), there=(), matrix=np.eye(3))
    lost = replace(finger, is_reliable=False)
    one, two, none = (
        words.alignment(replace(onto, parts=parts)) for parts in ((finger, lost), (finger, finger), (lost,))
    )
    assert one.endswith("0.234 mm left; a part that had turned at a joint laid by itself")
    assert two.endswith("0.234 mm left; 2 parts that had turned at a joint laid by themselves")
    assert none == words.alignment(onto)
    assert words.alignment(Transform.identity("a", "a", axes=2)) == "the first picture itself"
    failed = Transform.identity("b", "a", axes=2, is_reliable=False)
    assert words.alignment(failed) == "could not be aligned reliably with the first picture"
    assert words.alignment(None) == ""


def test_an_interval_stops_at_zero_and_is_not_told_where_the_error_is_not_known():
    assert (
        words.with_error(Quantity(value=10.0, unit=Unit.MM2, standard_error=1.0))
        == "10 mm² (95 % 8.04 to 12)"
    )
    assert words.interval(Quantity(value=1.0, unit=Unit.MM2, standard_error=1.0)) == "95 % 0 to 2.96"
    assert words.with_error(Quantity(value=10.0, unit=Unit.PX2)) == "10 px²"
