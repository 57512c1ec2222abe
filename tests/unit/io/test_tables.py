from datetime import date

import pytest

from lesionkit.core.cohort import Treatment
from lesionkit.errors import InputError
from lesionkit.io.tables import read_facts, read_number, read_table, read_treatments


def table(folder, text, *, name="patients.csv", encoding="utf-8"):
    (folder / name).write_bytes(text.encode(encoding))
    return folder


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_spreadsheet_may_save_its_table_in_its_own_way(tmp_path, separator, encoding):
    text = "Patient,sex,Diagnosis\r\nP01,female,Sklerodermie ü\r\n\r\nP02,male,\r\n".replace(",", separator)
    facts, problems = read_facts(table(tmp_path, text, encoding=encoding))
    assert facts == {
        "P01": {"sex": "female", "Diagnosis": "Sklerodermie ü"},
        "P02": {"sex": "male", "Diagnosis": ""},
    }
    assert not problems


def test_a_quoted_cell_may_hold_separators_and_lines(tmp_path):
    facts, _ = read_facts(table(tmp_path, 'patient,note\nP01,"a, b\nc"\n'))
    assert facts["P01"]["note"] == "a, b\nc"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_told(tmp_path, encoding):
    with pytest.raises(InputError, match=r"patients\.csv is not UTF-8"):
        read_facts(table(tmp_path, "patient,sex\nMüller,f\n", encoding=encoding))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,sex\nP01,f\n", "no column 'patient'"),
        ("", "no column 'patient'"),
        ("patient,sex,sex\nP01,f,m\n", "two columns 'sex'"),
        ('patient,sex\n"P01,f\n', "cannot be read"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_clear_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_facts(table(tmp_path, text))


def test_no_file_is_an_empty_table(tmp_path):
    assert read_table(tmp_path / "patients.csv", required=("patient",)).rows == ()


def test_rows_that_do_not_fit_are_told_with_their_line(tmp_path):
    facts, problems = read_facts(table(tmp_path, "patient,sex\nP01,f,surplus\nP01,m\n,f\n"))
    assert facts == {"P01": {"sex": "f"}}
    assert [(problem.code, problem.about) for problem in problems] == [
        ("table_row_too_long", "patients.csv:2"),
        ("patient_listed_twice", "patients.csv:3"),
        ("table_cell_invalid", "patients.csv:4"),
    ]


def test_treatments_are_read_in_their_order_and_dates_may_be_empty(tmp_path):
    text = "patient,drug,start,end,dose,cycles\nP01,A,2012-03-01,20130401,75,12\nP01,B,,,,\n"
    found, problems = read_treatments(table(tmp_path, text, name="treatments.csv"))
    assert found == {
        "P01": (
            Treatment(drug="A", start=date(2012, 3, 1), end=date(2013, 4, 1), dose="75", cycles="12"),
            Treatment(drug="B"),
        )
    }
    assert not problems


@pytest.mark.parametrize("day", ["01.03.2012", "3/1/2012", "2012-3-1", "2012-02-30", "2012"])
def test_a_date_that_could_be_read_two_ways_is_not_guessed(tmp_path, day):
    text = f"patient;drug;start\nP01;A;{day}\n"
    found, problems = read_treatments(table(tmp_path, text, name="treatments.csv"))
    assert found["P01"][0].start is None
    assert [problem.code for problem in problems] == ["table_cell_invalid"]
    assert day in problems[0].text


def test_a_decimal_comma_is_understood_and_nonsense_is_not():
    assert read_number("0,125") == 0.125
    for text in ("", "0", "-1", "nan", "inf", "1,000.5", "a"):
        with pytest.raises(ValueError):  # noqa: PT011
            read_number(text)
