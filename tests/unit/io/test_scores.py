from datetime import date

import pytest

from lesionkit.errors import InputError
from lesionkit.io.scores import read_scores


def test_scores_are_read_by_patient_in_order_of_time(tmp_path):
    (tmp_path / "scores.csv").write_text(
        "patient;date;score;value;Reader\nP01;2013-03-01;SCTC;12,5;ann\nP01;2012-03-01;SCTC;0;\n",
        encoding="utf-8",
    )
    found, problems = read_scores(tmp_path)
    assert problems == ()
    assert [(s.date, s.name, s.value, s.reader) for s in found["P01"]] == [
        (date(2012, 3, 1), "SCTC", 0.0, ""),
        (date(2013, 3, 1), "SCTC", 12.5, "ann"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        ",2012-03-01,SCTC,1",
        "P01,1.3.2012,SCTC,1",
        "P01,2012-03-01,,1",
        "P01,2012-03-01,SCTC,NA",
        "P01,2012-03-01,SCTC,-1",
        "P01,2012-03-01,SCTC,",
    ],
)
def test_a_line_that_cannot_be_read_is_told_and_is_no_zero(tmp_path, line):
    (tmp_path / "scores.csv").write_text(f"patient,date,score,value\n{line}\n", encoding="utf-8")
    found, problems = read_scores(tmp_path)
    assert found == {}
    assert [p.code for p in problems] == ["table_cell_invalid"]


def test_a_table_without_its_columns_is_refused_and_none_is_none(tmp_path):
    assert read_scores(tmp_path) == ({}, ())
    (tmp_path / "scores.csv").write_text("patient,score\n", encoding="utf-8")
    with pytest.raises(InputError, match="date"):
        read_scores(tmp_path)
