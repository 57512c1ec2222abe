"""Answers: the last one after treatment counts, and a missing one never is a no."""

from datetime import date

import pytest

from lesionkit.core.cohort import Answer, Patient, Treatment
from lesionkit.core.response import Category
from lesionkit.core.score import ScoreResponse
from lesionkit.core.summary import AnswerKind
from lesionkit.summarise.events import summarise_events
from lesionkit.summarise.questionnaire import said_yes, summarise_questionnaire, summarise_scores

START = date(2012, 3, 1)
PEOPLE = [
    Patient(id=name, timepoints=(), treatments=(Treatment(drug="x", start=START),))
    for name in ("A", "B", "C", "D")
]


def answers(**texts):
    return {
        who: tuple(Answer(item="pain", text=text, date=day) for day, text in some)
        for who, some in texts.items()
    }


AFTER, LATER = date(2013, 1, 1), date(2014, 1, 1)


def test_a_missing_answer_is_not_a_no():
    (item,), _ = summarise_questionnaire(answers(A=[(AFTER, "yes")], B=[(AFTER, "no")]), PEOPLE)
    assert item.kind is AnswerKind.YES_NO
    assert (item.yes.count, item.yes.of) == (1, 2)
    assert (item.answered, item.missing) == (2, 2)
    assert said_yes(answers(A=[(AFTER, "yes")]), PEOPLE, item="PAIN") == {"A": True}


def test_the_last_answer_after_the_start_counts_and_none_before():
    said = answers(A=[(START, "no"), (AFTER, "no"), (LATER, "yes")], B=[(START, "yes")])
    (item,), _ = summarise_questionnaire(said, PEOPLE)
    assert (item.yes.count, item.yes.of, item.missing) == (1, 1, 3)
    assert said_yes(said, PEOPLE, item="pain") == {"A": True}


def test_where_no_start_is_known_every_answer_counts():
    people = [Patient(id="A", timepoints=())]
    assert said_yes(answers(A=[(date(1990, 1, 1), "no")]), people, item="pain") == {"A": False}


def test_a_number_has_baseline_last_and_change_of_who_has_both():
    said = answers(A=[(START, "8"), (AFTER, "3")], B=[(AFTER, "5,5")], C=[(START, "2")])
    (item,), _ = summarise_questionnaire(said, PEOPLE)
    assert item.kind is AnswerKind.SCALE
    assert (item.baseline.n, item.baseline.mean) == (2, 5)
    assert (item.last.n, item.last.mean, item.last.missing) == (2, 4.25, 2)
    assert (item.change.n, item.change.mean) == (1, -5)
    assert (item.answered, item.missing) == (2, 2)


def test_other_words_are_counted_among_all_who_answered():
    (item,), problems = summarise_questionnaire(
        answers(A=[(AFTER, "yes")], B=[(AFTER, "not sure")], C=[(AFTER, "Yes")]), PEOPLE
    )
    assert item.kind is AnswerKind.WORDS
    assert {word: (s.count, s.of) for word, s in item.words.items()} == {"yes": (2, 3), "not sure": (1, 3)}
    assert problems == ()


def test_free_text_is_counted_and_not_told():
    said = answers(A=[(AFTER, "better since my neighbour helps with the cream")], B=[(AFTER, "worse")])
    (item,), _ = summarise_questionnaire(said, PEOPLE)
    assert (item.kind, item.answered, item.words) == (AnswerKind.WORDS, 2, {})


@pytest.mark.parametrize(("second", "code"), [("7", "answers_mixed"), ("0", "answers_mixed")])
def test_yes_among_numbers_is_told(second, code):
    (item,), problems = summarise_questionnaire(answers(A=[(AFTER, "yes")], B=[(AFTER, second)]), PEOPLE)
    assert item.kind is AnswerKind.WORDS
    assert [p.code for p in problems] == [code]


def test_nought_and_one_are_numbers_until_somebody_says_otherwise():
    (item,), problems = summarise_questionnaire(answers(A=[(AFTER, "1")], B=[(AFTER, "0")]), PEOPLE)
    assert item.kind is AnswerKind.SCALE
    assert [p.code for p in problems] == ["answers_zero_or_one"]


def test_of_a_score_the_last_change_of_each_patient_counts():
    def change(patient, day, now):
        return ScoreResponse(
            patient=patient, score="VAS", date=day, baseline_date=START, baseline=6, current=now,
            change_pct=None, category=Category.NOT_EVALUABLE, readers=("",), reasons=("no_rule_for_score",),
        )  # fmt: skip

    (item,) = summarise_scores(
        [change("A", LATER, 2), change("A", AFTER, 9), change("B", AFTER, 5)], patients=4
    )
    assert (item.last.n, item.last.low, item.last.high) == (2, 2, 5)
    assert (item.change.low, item.change.high, item.missing) == (-4, -1, 2)


def test_events_have_the_patients_reported_on_as_denominator():
    found = summarise_events(
        {"A": (), "B": ("fever", "Fever", "rash"), "C": ("fever",), "X": ("fever",)}, PEOPLE
    )
    assert (found.none.count, found.none.of) == (1, 3)
    assert {event: (s.count, s.of) for event, s in found.events.items()} == {"fever": (2, 3), "rash": (1, 3)}
    assert [left.patient for left in found.left_out] == ["D"]
