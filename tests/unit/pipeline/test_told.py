from datetime import date

import pytest

from lesionkit.core.cohort import Cohort, Patient
from lesionkit.core.outcome import Outcome
from lesionkit.core.settings import Settings
from lesionkit.errors import InputError
from lesionkit.pipeline.examine import Examination
from lesionkit.pipeline.scoring import score
from lesionkit.pipeline.told import read_told, under_pseudonyms, with_told


@pytest.fixture
def outcome(tmp_path):
    patients = (Patient(id="P01", timepoints=()), Patient(id="P02", timepoints=()))
    return Outcome(
        cohort=Cohort(root=tmp_path, name="x", patients=patients), settings=Settings(patients={"4711": "P01"})
    )


def tell(outcome):
    return with_told(outcome, under_pseudonyms(read_told(outcome.cohort.root), outcome.settings))


def test_scores_and_answers_come_under_the_pseudonym_in_order_of_time(outcome, tmp_path):
    (tmp_path / "scores.csv").write_text(
        "patient,date,score,value\n4711,2014-01-02,VAS,3\nP01,2012-01-02,VAS,7\nstranger,2012-01-02,VAS,1\n"
    )
    (tmp_path / "questionnaire.csv").write_text(
        "patient,date,item,answer\nsub-P02,2014-01-02,pain,yes\nP02,,pain,no\nP02,2014-01-02,mobility,\n"
    )
    told = tell(outcome)
    assert [(s.date, s.value) for s in told.given_scores["P01"]] == [
        (date(2012, 1, 2), 7.0),
        (date(2014, 1, 2), 3.0),
    ]
    assert set(told.given_scores) == {"P01"}
    assert [(a.date, a.text) for a in told.answers["P02"]] == [(None, "no"), (date(2014, 1, 2), "yes")]


def test_a_score_is_followed_under_the_name_under_which_it_is_shown(outcome, tmp_path):
    (tmp_path / "scores.csv").write_text(
        "patient,date,score,value\nsub-P02,2012-01-02,VAS,7\n4711,2014-01-02,VAS,3\nP01,2012-01-02,VAS,6\n"
    )
    examined = Examination(
        cohort=outcome.cohort, settings=outcome.settings, drawings={}, readers={}, problems=()
    )
    told = under_pseudonyms(read_told(tmp_path), outcome.settings)
    changes, problems = score(examined, told)
    assert [(one.patient, one.baseline, one.current) for one in changes] == [("P01", 6.0, 3.0)]
    assert problems == ()
    assert set(with_told(outcome, told).given_scores) == {"P01", "P02"}


def test_without_tables_nobody_told_anything(outcome):
    told = tell(outcome)
    assert (told.given_scores, told.answers, told.problems) == ({}, {}, ())


def test_answers_that_contradict_one_another_are_a_problem(outcome, tmp_path):
    (tmp_path / "questionnaire.csv").write_text(
        "patient,date,item,answer\nP01,2014-01-02,pain,yes\nP01,2014-01-02,pain,no\n"
    )
    told = tell(outcome)
    assert told.answers == {"P01": ()}
    assert [problem.code for problem in told.problems] == ["answers_contradict"]


def test_a_file_that_is_no_such_table_is_refused(outcome, tmp_path):
    (tmp_path / "questionnaire.csv").write_text("who,what\n1,2\n")
    with pytest.raises(InputError):
        read_told(tmp_path)
