"""questionnaire.csv and adverse_events.csv as people write them."""

from datetime import date

import pytest

from lesionkit.errors import InputError
from lesionkit.io.adverse_events import read_adverse_events
from lesionkit.io.questionnaire import TEMPLATE, questionnaire_template, read_questionnaire


def write(root, name, text):
    (root / name).write_text(text, encoding="utf-8")
    return root


def test_what_was_not_answered_is_no_answer(tmp_path):
    lines = [
        f"P{n:02},2012-03-01,pain,{said}" for n, said in enumerate(["", "-", "?", "N/A", "unknown", "no"])
    ]
    answers, problems = read_questionnaire(
        write(tmp_path, "questionnaire.csv", "\n".join(["patient,date,item,answer", *lines]))
    )
    assert list(answers) == ["P05"]
    assert problems == ()


def test_answers_come_in_order_of_time_and_undated_ones_first(tmp_path):
    text = "patient;Date;item;answer\nP01;2013-01-01;pain;3\nP01;;pain;1\nP01;20120101;pain;2\n"
    answers, _ = read_questionnaire(write(tmp_path, "questionnaire.csv", text))
    assert [(a.text, a.date) for a in answers["P01"]] == [
        ("1", None), ("2", date(2012, 1, 1)), ("3", date(2013, 1, 1))
    ]  # fmt: skip


def test_two_answers_to_one_item_on_one_day_are_none(tmp_path):
    lines = ["patient,date,item,answer", "P01,2012-01-01,Pain,yes", "P01,2012-01-01,pain ,no"]
    text = "\n".join([*lines, "P02,,pain,yes", "P02,,pain,YES"])
    answers, problems = read_questionnaire(write(tmp_path, "questionnaire.csv", text))
    assert answers["P01"] == ()
    assert len(answers["P02"]) == 1
    assert [(p.code, p.about) for p in problems] == [("answers_contradict", "questionnaire.csv:2")]


def test_a_date_that_is_none_leaves_its_line_out(tmp_path):
    text = "patient,date,item,answer\nP01,01/02/2012,pain,yes\n,2012-01-01,pain,yes\nP03,,,yes\n"
    answers, problems = read_questionnaire(write(tmp_path, "questionnaire.csv", text))
    assert answers == {}
    assert [p.code for p in problems] == ["table_cell_invalid"] * 3


def test_a_questionnaire_without_its_columns_is_refused(tmp_path):
    with pytest.raises(InputError, match="no column 'answer'"):
        read_questionnaire(write(tmp_path, "questionnaire.csv", "patient,item\n"))


def test_the_template_holds_every_item_for_everybody_and_answers_nothing(tmp_path):
    text = questionnaire_template(["P01", "=cmd()"])
    assert text.count("\r\n") == 1 + 2 * len(TEMPLATE)
    assert "\n=cmd" not in text
    answers, problems = read_questionnaire(write(tmp_path, "questionnaire.csv", text))
    assert (answers, problems) == ({}, ())


def test_none_is_no_event_and_no_line_is_not_none(tmp_path):
    text = "patient,event\nP01,None\nP02,fever\nP02,Fever\nP02,low  blood pressure\n"
    events, problems = read_adverse_events(write(tmp_path, "adverse_events.csv", text))
    assert events == {"P01": (), "P02": ("fever", "low blood pressure")}
    assert "P03" not in events
    assert problems == ()


def test_none_beside_an_event_is_told_and_the_event_counts(tmp_path):
    text = "patient,event\nP01,fever\nP01,none\nP02,\n"
    events, problems = read_adverse_events(write(tmp_path, "adverse_events.csv", text))
    assert events == {"P01": ("fever",)}
    assert {p.code for p in problems} == {"adverse_events_contradict", "table_cell_invalid"}
