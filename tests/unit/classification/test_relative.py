"""Change without a scale: judged where all sizes are in pixels of one picture, and nowhere else."""

import pytest
from histories import history

from lesionkit.classification import REASONS
from lesionkit.core.grid import ScaleSource
from lesionkit.core.units import Unit

FIRST = ScaleSource.BASELINE_PICTURE
PX = {0: Unit.PX2, 1: Unit.PX2, 2: Unit.PX2}


def judged(lines, scales, *, site="hand", units=PX):
    return history(lines, units=units, scales=scales).classify().last(site)


@pytest.mark.parametrize(
    ("now", "category"), [(60.0, "regression"), (110.0, "stable"), (140.0, "progression")]
)
def test_sizes_in_pixels_of_the_first_picture_are_judged_and_marked(now, category):
    response = judged({"hand": {"a": [100.0, now]}}, {0: FIRST, 1: FIRST})
    assert response.category == category
    assert response.change_pct == pytest.approx(now - 100)
    assert response.reasons[-1] == "relative_to_first_picture"
    assert "pixels of the first picture" in REASONS["relative_to_first_picture"]


@pytest.mark.parametrize(
    "scales",
    [
        {0: FIRST, 1: ScaleSource.NONE},
        {0: ScaleSource.NONE, 1: FIRST},
        {0: ScaleSource.NONE, 1: ScaleSource.NONE},
    ],
)
def test_pixels_of_two_pictures_are_not_compared(scales):
    response = judged({"hand": {"a": [100.0, 140.0]}}, scales)
    assert (response.category, response.reasons[0]) == ("not_evaluable", "no_scale")
    assert response.change_pct is None
    assert "relative_to_first_picture" not in response.reasons


def test_pixels_of_two_sites_are_not_added():
    found = history(
        {"hand": {"a": [100.0, 140.0]}, "foot": {"b": [100.0, 140.0]}},
        units=PX,
        scales={0: FIRST, 1: FIRST},
    ).classify()
    assert {found.last(site).category for site in ("hand", "foot")} == {"progression"}
    together = found.last("all")
    assert (together.category, together.reasons[0]) == ("not_evaluable", "no_scale")
    assert together.change_pct is None


def test_millimetres_are_not_compared_with_pixels_of_the_first_picture():
    response = judged(
        {"hand": {"a": [100.0, 140.0]}},
        {0: FIRST, 1: ScaleSource.MARKER},
        units={0: Unit.PX2, 1: Unit.MM2},
    )
    assert (response.category, response.reasons[0]) == ("not_evaluable", "units_differ")


def test_a_picture_between_that_could_not_be_carried_is_no_nadir():
    scales = {0: FIRST, 1: ScaleSource.NONE, 2: FIRST}
    response = judged({"hand": {"a": [100.0, 3.0, 90.0]}}, scales)
    assert response.category == "stable"
    assert response.nadir is not None
    assert response.nadir.value == 100.0
