"""What is told of patients, and what is not, since it would tell who they are."""

from datetime import date

import pytest

from lesionkit.core.cohort import Patient, Treatment
from lesionkit.summarise.characteristics import (
    comedications,
    count_comedications,
    describe_patients,
    describe_treatments,
)


def patients(*facts):
    return [Patient(id=f"P{n:02}", timepoints=(), facts=row) for n, row in enumerate(facts)]


def test_an_empty_cell_is_missing_and_in_no_denominator():
    told, _ = describe_patients(patients({"age": "30"}, {"age": ""}, {"age": "40"}, {}))
    assert told[0].numbers.n == 2
    assert told[0].numbers.mean == 35
    assert told[0].missing == told[0].numbers.missing == 2


def test_sex_and_diagnosis_come_first_whatever_they_hold():
    facts = [{"age": str(n), "Diagnosis": f"rare {n}", "sex": "female"} for n in range(12)]
    told, problems = describe_patients(patients(*facts))
    assert [one.name for one in told] == ["sex", "Diagnosis", "age"]
    assert problems == ()


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("surname", ["Miller", "Miller", "Miller", "Miller"]),
        ("date_of_birth", ["1950", "1950", "1961", "1961"]),
        ("E-Mail", ["q@r", "q@r", "q@r", "q@r"]),
        ("seen", ["2012-03-01", "2012-03-01", "2012-03-01", "2012-03-01"]),
        ("first visit", ["20120301", "20120301", "20120301", "20120301"]),
        ("number", ["1000001", "1000002", "1000003", "1000004"]),
        ("family", ["Miller", "Smith"]),
        ("history", ["fell", "was operated", "smokes", "smokes"]),
    ],
)
def test_columns_that_may_tell_a_person_are_in_no_table(column, cells):
    told, problems = describe_patients(patients(*({column: cell} for cell in cells)))
    assert told == ()
    assert [p.code for p in problems] == ["column_not_summarised"]
    assert not any(cell in p.text for p in problems for cell in cells)


def test_the_first_treatment_is_told_and_the_others_are_further_drugs():
    first = Treatment(drug="pamidronate", start=date(2012, 3, 1), cycles="7", dose="75 mg")
    people = [
        Patient(id="P1", timepoints=(), treatments=(Treatment(drug="Methotrexate"), first)),
        Patient(
            id="P2", timepoints=(), treatments=(first, Treatment(drug="methotrexate", start=date(2013, 1, 1)))
        ),
        Patient(id="P3", timepoints=(), treatments=(first,)),
        Patient(id="P4", timepoints=()),
    ]
    drug, dose, cycles = describe_treatments(people)
    assert (drug.counts["pamidronate"].count, drug.counts["pamidronate"].of, drug.missing) == (3, 3, 1)
    assert dose.counts["75 mg"].count == 3
    assert (cycles.numbers.n, cycles.numbers.mean) == (3, 7)
    given = comedications(people)
    assert given == {"Methotrexate": {"P1": True, "P2": True, "P3": False}}
    found = count_comedications(given)["Methotrexate"]
    assert (found.count, found.of) == (2, 3)
