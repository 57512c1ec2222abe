from datetime import date
from pathlib import Path

import pytest

from lesionkit.core.cohort import Answer, Cohort, Patient, Timepoint, Treatment
from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef, Modality


def image(name):
    return ImageRef(
        id=name,
        modality=Modality.XC,
        site="hand",
        paths=(Path(name),),
        reader="photo",
        location=name,
        grid=Grid(shape=(6, 9)),
    )


def visit(day, *names):
    return Timepoint(date=date(2012, 3, day), images=tuple(map(image, names or (f"{day}.jpg",))))


def test_a_timepoint_has_an_image():
    with pytest.raises(ValueError, match="no image"):
        Timepoint(date=date(2012, 3, 1), images=())


@pytest.mark.parametrize("days", [(2, 1), (1, 1), (1, 3, 2)])
def test_the_dates_of_a_patient_strictly_increase(days):
    with pytest.raises(ValueError, match="increasing"):
        Patient(id="P01", timepoints=tuple(visit(day) for day in days))


def test_treatment_starts_with_the_first_treatment_of_known_start():
    treatments = tuple(
        Treatment(drug="sodium thiosulfate", start=start)
        for start in (None, date(2012, 5, 1), date(2012, 4, 1))
    )
    assert Patient(id="P01", timepoints=(), treatments=treatments).treatment_start == date(2012, 4, 1)


def test_without_a_known_start_there_is_none():
    assert Patient(id="P01", timepoints=(), treatments=(Treatment(drug="x"),)).treatment_start is None
    assert Patient(id="P01", timepoints=()).treatment_start is None


def test_images_come_in_order_of_time_and_patient():
    first = Patient(id="P01", timepoints=(visit(1, "b.jpg", "a.jpg"), visit(2)))
    second = Patient(id="P02", timepoints=(visit(1, "c.jpg"),))
    cohort = Cohort(root=Path("cohort"), name="cohort", patients=(first, second))
    assert [ref.id for ref in cohort.images] == ["b.jpg", "a.jpg", "2.jpg", "c.jpg"]


def test_the_facts_of_a_patient_cannot_be_changed():
    facts = {"sex": "female"}
    patient = Patient(id="P01", timepoints=(), facts=facts)
    facts["sex"] = "male"
    assert patient.facts == {"sex": "female"}
    with pytest.raises(TypeError):
        patient.facts["sex"] = "male"


@pytest.mark.parametrize(("item", "text"), [("", "yes"), ("pain", "")])
def test_what_was_not_asked_or_not_answered_is_no_answer(item, text):
    with pytest.raises(ValueError, match="an item and a text"):
        Answer(item=item, text=text)
