from dataclasses import replace
from datetime import date

from outcomes import DAYS

from lesionkit.core.cohort import Answer
from lesionkit.core.response import Category
from lesionkit.core.score import Score, ScoreResponse
from lesionkit.report.said import answer_rows, answers_in_short, score_rows


def _rows(outcome, **more):
    made = replace(outcome, **more)
    return score_rows(made, made.cohort.patients[0], {"below": "It fell."})


def _response(**more):
    given = {
        "patient": "P01",
        "score": "SCTC",
        "date": DAYS[1],
        "baseline_date": DAYS[0],
        "baseline": 14.5,
        "current": 8.5,
        "change_pct": -41.379,
        "category": Category.REGRESSION,
        "readers": ("reader-1", "reader-2"),
        "reasons": ("below",),
    }
    return ScoreResponse(**(given | more))


def test_the_last_change_of_a_score_is_told_with_its_readers_and_why(outcome):
    later = _response(date=DAYS[2], current=20.0, change_pct=37.93, category=Category.PROGRESSION)
    (row,) = _rows(outcome, scores=(later, _response()))
    assert (row.change, row.span) == ("14.5 to 20 (+37.9 %)", "2012-03-01 to 2014-09-02")
    assert (row.verdict, row.kind, row.readers) == ("Progression", "progression", "reader-1, reader-2")
    assert row.reasons == ("It fell.",)


def test_a_change_from_zero_has_no_percentage(outcome):
    (row,) = _rows(outcome, scores=(_response(baseline=0.0, change_pct=None),))
    assert row.change == "0 to 8.5"


def test_a_score_given_once_is_told_and_not_judged(outcome):
    given = {"P01": (Score(date=DAYS[0], name="VAS", value=6.0, reader="r"),)}
    (row,) = _rows(outcome, given_scores=given)
    assert (row.change, row.span, row.readers, row.verdict) == ("6", "2012-03-01", "r", "")


def test_scores_of_other_patients_are_not_told(outcome):
    assert _rows(outcome, scores=(_response(patient="P02"),)) == ()


def test_the_last_answer_counts_and_undated_ones_are_kept():
    answers = (
        Answer(item="mobility", text="no"),
        Answer(item="pain", text="no", date=date(2012, 1, 1)),
        Answer(item="pain", text="Yes", date=date(2013, 1, 1)),
    )
    rows = answer_rows(answers)
    assert [(row.item, row.text, row.date, row.is_yes) for row in rows] == [
        ("mobility", "no", "", False),
        ("pain", "Yes", "2013-01-01", True),
    ]
    assert answers_in_short(rows) == "1 of 2 answered yes"


def test_answers_that_are_neither_yes_nor_no_are_not_counted_as_either():
    rows = answer_rows((Answer(item="pain", text="yes"), Answer(item="VAS", text="7")))
    assert rows[1].is_yes is None
    assert answers_in_short(rows) == ""
    assert answers_in_short(()) == ""
