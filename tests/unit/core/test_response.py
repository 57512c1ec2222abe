import pickle
from datetime import date

import pytest

from lesionkit.core.image import Modality
from lesionkit.core.response import Burden, BurdenMeasure, Category, Criterion, Response
from lesionkit.core.units import Quantity, Unit

DAY = date(2012, 3, 1)


@pytest.mark.parametrize(
    "thresholds",
    [
        {},
        {"regression_pct": -25},
        {"progression_pct": 25},
        {"regression_pct": 25, "progression_pct": 25},
        {"regression_pct": -25, "progression_pct": -25},
        {"regression_pct": 0, "progression_pct": 25},
        {"regression_pct": -25, "progression_pct": 0},
        {"regression_pct": -101, "progression_pct": 25},
        {"regression_pct": -25, "progression_pct": float("inf")},
        {"regression_pct": float("nan"), "progression_pct": 25},
        {"regression_pct": -25, "progression_pct": 25, "detectable_ses": 2.0},
        {"regression_pct": -25, "progression_pct": 25, "floor": -1},
        {"regression_pct": -25, "progression_pct": 25, "min_certainty": 1.0},
        {"regression_pct": -25, "progression_pct": 25, "min_certainty": -0.1},
    ],
)
def test_a_criterion_with_thresholds_missing_doubled_or_of_the_wrong_sign_is_refused(thresholds):
    with pytest.raises(ValueError, match="mine"):
        Criterion(name="mine", **thresholds)


@pytest.mark.parametrize(
    "thresholds", [{"regression_pct": -100, "progression_pct": 300}, {"detectable_ses": 2.77}]
)
def test_a_criterion_has_percent_thresholds_or_asks_for_more_than_error(thresholds):
    assert Criterion(name="mine", **thresholds).name == "mine"


def test_a_category_without_a_word_of_its_own_keeps_its_name():
    criterion = Criterion(name="mine", regression_pct=-25, progression_pct=25, labels={Category.STABLE: "SD"})
    assert criterion.label(Category.STABLE) == "SD"
    assert criterion.label(Category.NOT_EVALUABLE) == "not_evaluable"


@pytest.mark.parametrize(
    ("gap", "is_complete"), [({}, True), ({"unseen": ("T1",)}, False), ({"is_read": False}, False)]
)
def test_a_burden_is_complete_where_everything_was_looked_for(gap, is_complete):
    quantity = Quantity(value=0.0, unit=Unit.MM2)
    assert Burden(date=DAY, quantity=quantity, **gap).is_complete is is_complete


def test_a_response_gives_a_reason():
    with pytest.raises(ValueError, match="reason"):
        Response(
            patient="P01",
            modality=Modality.XC,
            site="hand",
            date=DAY,
            measure=BurdenMeasure.AREA,
            category=Category.STABLE,
            criterion="mine",
            label="stable",
            reasons=(),
        )


def test_a_criterion_survives_the_way_to_another_process():
    criterion = Criterion(name="mine", regression_pct=-25, progression_pct=25, labels={Category.STABLE: "SD"})
    assert pickle.loads(pickle.dumps(criterion)) == criterion
