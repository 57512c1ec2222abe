from dataclasses import replace
from datetime import date

import pytest
from outcomes import CRITERION, DAYS, make_outcome

from lesionkit.core.cohort import Treatment
from lesionkit.core.courses import Step, StreamCourse
from lesionkit.core.response import ALL_SITES, Category, Evaluation, Reference
from lesionkit.core.score import ScoreResponse
from lesionkit.summarise.courses import lanes_of, stream_courses, thresholds_of

FINAL = {"evaluation": Evaluation.FINAL}


def course_of(outcome, patient, stream):
    (found,) = (c for c in stream_courses(outcome) if (c.patient, c.stream) == (patient, stream))
    return found


def step(change, category=Category.STABLE, months=1.0):
    return Step(date=date(2012, 1, 1), months=months, change_pct=change, category=category)


def course(*steps):
    return StreamCourse(
        patient="P",
        stream="CT",
        measure="volume",
        baseline_date=date(2011, 1, 1),
        steps=steps,
        final=steps[-1],
    )


def test_every_number_is_that_of_the_response_over_all_sites():
    outcome = make_outcome()
    found = course_of(outcome, "P01", "photographs")
    rows = [r for r in outcome.responses if (r.patient, r.site, r.modality) == ("P01", ALL_SITES, "XC")]
    follow_ups = [r for r in rows if r.evaluation is Evaluation.FOLLOW_UP]
    assert [s.change_pct for s in found.steps] == [r.change_pct for r in follow_ups]
    assert [s.months for s in found.steps] == [r.months_from_baseline for r in follow_ups]
    (final,) = (r for r in rows if r.evaluation is Evaluation.FINAL)
    assert (found.final.change_pct, found.final.category) == (final.change_pct, final.category)
    assert {c.stream for c in stream_courses(outcome) if c.patient == "P01"} == {"photographs", "X-ray"}


def test_what_could_not_be_evaluated_has_no_step_and_no_change_but_may_be_the_last_word():
    outcome = make_outcome()
    unseen = tuple(
        replace(r, category=Category.NOT_EVALUABLE) if r.date == DAYS[3] else r for r in outcome.responses
    )
    found = course_of(replace(outcome, responses=unseen), "P01", "photographs")
    assert [s.date for s in found.steps] == [DAYS[1], DAYS[2]]
    assert (found.final.category, found.final.change_pct) == (Category.NOT_EVALUABLE, None)


def test_the_best_change_is_the_smallest_up_to_the_first_progression():
    assert course(step(-10), step(-40), step(-20)).best.change_pct == -40
    worse = step(60, Category.PROGRESSION)
    assert course(step(-10), worse, step(-90)).best.change_pct == -10
    assert course(worse, step(-90)).best.change_pct == 60
    assert course(step(None, Category.PROGRESSION)).best is None


def test_a_score_is_a_stream_of_its_own():
    given = [
        ScoreResponse(
            patient="P01",
            score="SCTC",
            date=day,
            baseline_date=DAYS[0],
            baseline=10,
            current=value,
            change_pct=10 * (value - 10),
            category=Category.REGRESSION,
            readers=("a",),
            reasons=("x",),
        )
        for day, value in ((DAYS[2], 6.0), (DAYS[1], 8.0))
    ]
    found = course_of(replace(make_outcome(), scores=tuple(given)), "P01", "score: SCTC")
    assert [s.change_pct for s in found.steps] == [-20, -40]
    assert found.final.change_pct == -40
    assert found.final.months == pytest.approx((DAYS[2] - DAYS[0]).days / 30.4375)


def test_thresholds_are_told_only_where_one_rule_draws_them_from_baseline():
    outcome = make_outcome()
    assert thresholds_of(outcome)["photographs"] == (-25.0, 25.0)
    nadir = replace(CRITERION, reference=Reference.NADIR)
    assert thresholds_of(replace(outcome, criteria=(nadir,))) == {}
    error = replace(CRITERION, regression_pct=None, progression_pct=None, detectable_ses=2.77)
    assert thresholds_of(replace(outcome, criteria=(error,))) == {}


def test_a_line_of_time_begins_with_treatment_else_with_the_first_picture():
    (patient, _) = make_outcome().cohort.patients
    treated = replace(
        patient,
        treatments=(
            Treatment(drug="b", start=date(2012, 4, 1), end=date(2012, 5, 1)),
            Treatment(drug="a", start=date(2012, 3, 2)),
            Treatment(drug="undated"),
        ),
    )
    (lane,) = lanes_of([treated], ())
    assert lane.origin == date(2012, 3, 2)
    assert lane.is_from_treatment
    assert [(span.drug, span.end is None) for span in lane.spans] == [("a", True), ("b", False)]
    assert lane.spans[1].start == pytest.approx(30 / 30.4375)
    assert lane.visits[0] == (pytest.approx(-1 / 30.4375), "X-ray")
    (plain,) = lanes_of([replace(patient, treatments=())], ())
    assert not plain.is_from_treatment
    assert plain.visits[0][0] == 0
    assert plain.last == pytest.approx((DAYS[3] - DAYS[0]).days / 30.4375)
