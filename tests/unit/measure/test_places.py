"""Deposits against landmarks and regions of interest, on pixels that are not square."""

import numpy as np
import pytest

from lesionkit.core.image import Modality
from lesionkit.core.region import Deposit, Mask, Outline, Status
from lesionkit.core.settings import ErrorSettings, GradeSettings, ReaderError
from lesionkit.core.units import Unit
from lesionkit.measure import measure_deposits


def rectangle(row, col, rows, cols):
    return Outline(exterior=[(row, col), (row, col + cols), (row + rows, col + cols), (row + rows, col)])


def deposit(name, *regions, **more):
    return Deposit(id=name, image="hand", regions=regions, **more)


def of(measurements, measure):
    return {(m.deposit, m.about): m.quantity for m in measurements if m.measure == measure}


def test_a_landmarks_distance_has_the_error_of_an_axis(planar):
    drawn = deposit("A", rectangle(10, 10, 4, 8))
    places = {"tip": (10.0, 30.0), "nail": (22.0, 12.0), "inside": (11.0, 11.0)}
    found = measure_deposits([drawn], planar(), landmarks=places)
    away = of(found, "landmark_distance")
    assert {about: q.value for (_, about), q in away.items()} == pytest.approx(
        {"tip": 12 * 0.25, "nail": 8 * 0.5, "inside": 0.0}
    )
    axis = of(found, "long_axis")["A", ""]
    own = {t.name: t.effect for t in axis.errors if t.name in ("outline", "reading", "reader")}
    for quantity in away.values():
        assert quantity.unit is Unit.MM
        assert {t.name: t.effect for t in quantity.errors if t.name in own} == pytest.approx(own)
    scale = [t.effect for t in away["A", "nail"].errors if t.name not in own]
    assert sum(scale) == pytest.approx(
        4.0 * sum(t.effect for t in axis.errors if t.name not in own) / axis.value
    )


def test_coverage_counts_shared_ground_once_and_suggestions_in_no_sum(planar):
    bone = rectangle(0, 0, 10, 10)
    drawn = [
        deposit("A", rectangle(0, 0, 2, 10)),
        deposit("B", rectangle(1, 0, 2, 10)),
        deposit("C", rectangle(5, 5, 20, 20), status=Status.SUGGESTED),
    ]
    found = of(measure_deposits(drawn, planar(), areas={"bone": [bone]}), "coverage")
    assert {name: q.value for (name, _), q in found.items()} == pytest.approx(
        {"A": 20, "B": 20, "C": 25, "": 30}
    )
    assert {q.unit for q in found.values()} == {Unit.PERCENT}
    assert all(q.standard_error > 0 for q in found.values())


def test_a_region_in_which_nothing_lies_is_covered_by_nothing(planar):
    found = of(measure_deposits([], planar(), areas={"bone": [rectangle(0, 0, 10, 10)]}), "coverage")
    assert {key: q.value for key, q in found.items()} == {("", "bone"): 0.0}


def test_a_scale_that_is_off_changes_no_coverage(planar):
    drawn, areas = deposit("A", rectangle(2, 2, 4, 4)), {"bone": [rectangle(0, 0, 10, 10)]}
    still = ErrorSettings(
        readers={Modality.DX: ReaderError(outline_mm=0.0, reading_mm=0.0, reader_mm=0.0, source="none")}
    )
    found = of(measure_deposits([drawn], planar(), errors=still, areas=areas), "coverage")
    assert found["A", "bone"].standard_error == pytest.approx(0, abs=1e-12)


def test_a_masks_pixels_cover_too(planar):
    mask = Mask(voxels=np.ones((2, 5), dtype=bool), origin=(0, 0))
    bone = rectangle(-0.5, -0.5, 10, 10)
    found = of(measure_deposits([deposit("A", mask)], planar(), areas={"bone": [bone]}), "coverage")
    assert found["A", "bone"].value == pytest.approx(10)


def test_volumes_have_neither(volume):
    block = Mask(voxels=np.ones((2, 4, 4), dtype=bool), origin=(1, 2, 2))
    found = measure_deposits(
        [deposit("A", block)], volume(), landmarks={"tip": (1, 1)}, areas={"bone": [rectangle(0, 0, 5, 5)]}
    )
    assert not of(found, "coverage")
    assert not of(found, "landmark_distance")


def test_a_density_becomes_a_grade_by_the_cuts_that_are_given(planar):
    drawn = deposit("A", rectangle(2, 2, 2, 2))  # pixel values 202 to 404 and so on: mean 303
    graded = measure_deposits(
        [drawn], planar(), grade=GradeSettings(of="mean_intensity", cuts=(100, 303, 304))
    )
    assert of(graded, "density_grade")["A", ""].value == 2
    assert not of(measure_deposits([drawn], planar()), "density_grade")


@pytest.mark.parametrize("wrong", [{"cuts": ()}, {"cuts": (2.0, 1.0)}, {"cuts": (1.0,), "of": "area"}])
def test_a_grade_needs_rising_cuts_of_a_pixel_value(wrong):
    with pytest.raises(ValueError, match=r"cuts|grade"):
        GradeSettings(**wrong)
