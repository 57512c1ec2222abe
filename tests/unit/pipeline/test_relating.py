"""Sizes told in pixels of the first picture: of the carried outline, with the error of carrying it."""

import math
from datetime import date

import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Outline
from lesionkit.core.track import Reading
from lesionkit.core.transform import Carried
from lesionkit.core.uncertainty import ErrorTerm
from lesionkit.core.units import Quantity, Unit
from lesionkit.pipeline.relating import in_place_of, relative_sizes

READINGS = [
    Reading(date=date(2012, 3, 1), image="a.jpg", grid=Grid(shape=(60, 80)), deposits=()),
    Reading(date=date(2013, 3, 1), image="b.jpg", grid=Grid(shape=(90, 50)), deposits=()),
]
SQUARE = Outline(exterior=[(10, 10), (10, 30), (20, 30), (20, 10)])


def measured(image, measure, value, unit, *, source=ScaleSource.NONE, errors=()):
    quantity = Quantity(value=value, unit=unit, errors=errors)
    return Measurement(image=image, deposit="1", measure=measure, quantity=quantity, scale_source=source)


OUTLINE = ErrorTerm(name="outline", shared_by="", source="assumed", effect=40.0)
OWN = [
    measured("a.jpg", "area", 150.0, Unit.PX2, errors=(ErrorTerm(name="outline", effect=9.0),)),
    measured("b.jpg", "area", 800.0, Unit.PX2, errors=(OUTLINE,)),
    measured("b.jpg", "long_axis", 44.0, Unit.PX),
    measured("b.jpg", "mean_intensity", 0.5, Unit.GREY),
]
CARRIED = Carried(deposit="1", regions=(SQUARE,), area_rel_se=0.01)


def found_by(measure, image="b.jpg", near=(CARRIED,), own=OWN):
    found = relative_sizes(READINGS, {"b.jpg": tuple(near)}, own)
    return [m for m in found if (m.measure, m.image) == (measure, image)]


def test_a_later_size_is_that_of_the_carried_outline_in_the_first_pictures_pixels():
    (area,) = found_by("area")
    assert area.quantity.value == pytest.approx(200.0)
    assert area.quantity.unit is Unit.PX2
    assert area.scale_source is ScaleSource.BASELINE_PICTURE
    (axis,) = found_by("long_axis")
    assert axis.quantity.value == pytest.approx(math.hypot(10, 20))


def test_the_first_pictures_sizes_stay_but_for_their_source():
    (area,) = found_by("area", "a.jpg")
    assert area.quantity == OWN[0].quantity
    assert area.scale_source is ScaleSource.BASELINE_PICTURE


def test_the_error_is_that_of_the_outline_in_proportion_and_that_of_carrying():
    (area,) = found_by("area")
    effects = {term.name: term.effect for term in area.quantity.errors}
    assert effects == {"outline": pytest.approx(10.0), "alignment": pytest.approx(2.0)}
    assert area.quantity.standard_error == pytest.approx(math.hypot(10, 2))


def test_an_unknown_error_stays_unknown():
    (axis,) = found_by("long_axis")
    assert axis.quantity.standard_error is None


def test_what_could_not_be_carried_and_what_has_no_size_is_not_told():
    refused = Carried(deposit="1", refused="there is too little skin around it")
    assert found_by("area", near=[refused]) == []
    assert found_by("mean_intensity") == []
    metric = [measured("b.jpg", "area", 800.0, Unit.MM2, source=ScaleSource.MARKER)]
    assert found_by("area", own=metric) == []


def test_only_what_is_told_takes_the_place_of_a_pictures_own():
    relative = relative_sizes(READINGS, {"b.jpg": (CARRIED,)}, OWN)
    used = in_place_of(OWN, relative)
    assert [m.measure for m in used] == [m.measure for m in OWN]
    np.testing.assert_allclose([m.quantity.value for m in used], [150, 200, math.hypot(10, 20), 0.5])


def test_a_carried_outline_has_a_place_or_a_reason():
    for wrong in ({}, {"regions": (SQUARE,), "refused": "because"}):
        with pytest.raises(ValueError, match="carried"):
            Carried(deposit="1", **wrong)
