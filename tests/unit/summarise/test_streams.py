"""Streams side by side: who is judged in each, who is left out, and why."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from lesionkit.core.cohort import Cohort, Patient, Timepoint, Treatment
from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.outcome import Outcome
from lesionkit.core.response import BurdenMeasure, Category, Evaluation, Response
from lesionkit.core.score import ScoreResponse
from lesionkit.core.settings import Settings
from lesionkit.errors import MissingExtraError
from lesionkit.summarise import kappa
from lesionkit.summarise.cohort import summarise_cohort
from lesionkit.summarise.concordance import compare_streams
from lesionkit.summarise.streams import StreamVerdicts, follow_up_times, verdicts

START = date(2012, 3, 1)
XC, DX, CT, MR = Modality.XC, Modality.DX, Modality.CT, Modality.MR


def patient(name, *modalities, last=700, start=START, facts=None):
    """A patient with pictures of some modalities on the day of the start and some days later."""
    days = (START, START + timedelta(last)) if last > 0 else (START + timedelta(last),)
    timepoints = tuple(
        Timepoint(
            date=day,
            images=tuple(
                ImageRef(
                    id=f"{name}/{day}/{m}", paths=(Path("x"),), reader="photo", modality=m, site="hand",
                    location=f"{name}/{day}/{m}", grid=Grid(shape=(4, 5)),
                )
                for m in modalities
            ),
        )
        for day in days * bool(modalities)
    )  # fmt: skip
    given = (Treatment(drug="x", start=start),) if start else ()
    return Patient(id=name, timepoints=timepoints, treatments=given, facts=facts or {})


def final(name, modality, category, *reasons):
    return Response(
        patient=name, modality=modality, site="all", date=START, measure=BurdenMeasure.AREA,
        category=category, criterion="calcinosis-25", label="", reasons=reasons or ("within_thresholds",),
        evaluation=Evaluation.FINAL,
    )  # fmt: skip


def outcome(people, responses=(), scores=()):
    cohort = Cohort(root=Path("nowhere"), name="made", patients=tuple(people))
    return Outcome(cohort=cohort, settings=Settings(), responses=tuple(responses), scores=tuple(scores))


def by_stream(made):
    return {v.stream: v for v in verdicts(made, sentences=" ".join)}


def test_indeterminate_and_not_evaluable_are_left_out_with_their_reasons():
    people = [patient(name, XC) for name in "ABCD"]
    made = outcome(
        people,
        [
            final("A", XC, Category.RESOLVED),
            final("B", XC, Category.INDETERMINATE, "not_certain_enough"),
            final("C", XC, Category.NOT_EVALUABLE, "no_scale"),
        ],
    )
    found = by_stream(made)["photographs"]
    assert found.judged == {"A": Category.RESOLVED}
    assert {left.patient: left.why for left in found.left_out} == {
        "B": "indeterminate: not_certain_enough",
        "C": "not evaluable: no_scale",
        "D": "fewer than two timepoints read",
    }
    response = found.response
    assert (response.evaluable, response.improved.count, response.improved.of) == (1, 1, 1)


def test_everyone_is_either_judged_or_left_out_of_photographs_and_radiology():
    people = [patient("A", XC), patient("B", CT), patient("C"), patient("D", XC, MR)]
    made = outcome(people, [final("A", XC, Category.STABLE), final("D", MR, Category.PROGRESSION)])
    for name in ("photographs", "radiology"):
        found = by_stream(made)[name]
        told = [*found.judged, *(left.patient for left in found.left_out)]
        assert sorted(told) == ["A", "B", "C", "D"], name


def test_radiology_takes_what_its_modalities_agree_on_and_leaves_out_where_they_differ():
    people = [patient(name, DX, CT) for name in "ABC"]
    made = outcome(
        people,
        [
            final("A", DX, Category.REGRESSION), final("A", CT, Category.REGRESSION),
            final("B", DX, Category.REGRESSION), final("B", CT, Category.PROGRESSION),
            final("C", DX, Category.STABLE), final("C", CT, Category.NOT_EVALUABLE, "no_scale"),
        ],
    )  # fmt: skip
    found = by_stream(made)
    assert found["radiology"].judged == {"A": Category.REGRESSION, "C": Category.STABLE}
    assert [(left.patient, left.why) for left in found["radiology"].left_out] == [
        ("B", "modalities differ: X-ray regression, CT progression")
    ]
    assert len(found["X-ray"].judged) == 3
    assert found["CT"].judged == {"A": Category.REGRESSION, "B": Category.PROGRESSION}


def test_sites_and_earlier_follow_ups_are_not_counted():
    one = final("A", XC, Category.STABLE)
    made = outcome(
        [patient("A", XC)],
        [
            replace(one, evaluation=Evaluation.FOLLOW_UP, category=Category.PROGRESSION),
            replace(one, site="hand", category=Category.PROGRESSION),
            one,
        ],
    )
    assert by_stream(made)["photographs"].judged == {"A": Category.STABLE}


def score(patient, category, days=10):
    return ScoreResponse(
        patient=patient, score="SCTC", date=START + timedelta(days), baseline_date=START, baseline=4,
        current=2, change_pct=-50, category=category, readers=("",), reasons=("below_regression_threshold",),
    )  # fmt: skip


def test_a_score_is_a_stream_of_its_own_judged_by_its_last_change():
    made = outcome(
        [patient("A", XC)], scores=[score("A", Category.STABLE, days=30), score("A", Category.REGRESSION)]
    )
    found = by_stream(made)
    assert found["score: SCTC"].judged == {"A": Category.STABLE}
    assert found["photographs"].judged == {}


def test_months_run_from_the_first_treatment_to_the_last_picture():
    people = [
        patient("A", XC, CT, last=609),
        patient("B", CT, last=365),
        patient("C", XC, start=None),
        patient("D", XC, last=-5),
    ]
    photographs, radiology = follow_up_times(people)
    assert (photographs.months.n, photographs.months.median) == (1, pytest.approx(609 / 30.4375))
    assert {left.patient: left.why for left in photographs.left_out} == {
        "B": "no photographs",
        "C": "start of treatment not known",
        "D": "none after the start of treatment",
    }
    assert radiology.months.n == 2
    assert radiology.months.low == pytest.approx(365 / 30.4375)


def test_kappa_of_streams_is_cohens():
    pytest.importorskip("statsmodels")
    names = "ABCD"
    one = dict(zip(names, ["progression", "regression", "stable", "progression"], strict=True))
    other = dict(zip(names, ["progression", "regression", "stable", "regression"], strict=True))
    streams = [
        StreamVerdicts(stream=name, judged={p: Category(c) for p, c in said.items()})
        for name, said in (("photographs", one), ("radiology", {**other, "E": "stable"}))
    ]
    categories, improved, *rest = compare_streams(streams, {"overall": {"A": False, "B": True}})
    assert (categories.scale, categories.alike.count, categories.alike.of) == ("categories", 3, 4)
    # Observed 3/4; by chance 1/4·2/4 + 1/4·1/4 + 2/4·1/4 = 5/16.
    assert categories.kappa.value == pytest.approx((3 / 4 - 5 / 16) / (1 - 5 / 16))
    assert categories.kappa.low is None
    # Improved: 1 and 2 of 4; observed 3/4, by chance 1/4·2/4 + 3/4·2/4 = 1/2.
    assert improved.kappa.value == pytest.approx(0.5)
    assert [(a.streams, a.alike.of, a.kappa.value) for a in rest] == [
        (("photographs", "overall"), 2, 1.0),
        (("radiology", "overall"), 2, 1.0),
    ]


def test_without_statsmodels_only_kappa_is_left_out(monkeypatch):
    def refuse():
        raise MissingExtraError("it needs x", group="lesionkit", name="statistics", hint="Run: y")

    monkeypatch.setattr(kappa, "must_have_statsmodels", refuse)
    people = [patient(name, XC, CT, facts={"sex": "f" if name in "AB" else "m"}) for name in "ABCD"]
    finals = [
        final(p.id, m, Category.STABLE if p.id in "AC" else Category.REGRESSION)
        for p in people
        for m in (XC, CT)
    ]
    summary = summarise_cohort(outcome(people, finals), answers={}, events=None, sentences=" ".join)
    assert summary.agreements == ()
    (note,) = summary.notes["agreement"]
    assert "left out" in note
    assert "Run: y" in note
    assert len(summary.responses) == 2
    assert [(a.outcome, a.factor, a.p) for a in summary.associations] == [
        ("improved: photographs", "sex: m", 1.0),
        ("improved: radiology", "sex: m", 1.0),
    ]


def test_many_patients_are_summarised_in_one_go():
    people = [
        patient(f"P{n:04}", XC, facts={"sex": "f" if n % 3 else "m", "age": f"{20 + n % 50}"})
        for n in range(400)
    ]
    finals = [final(p.id, XC, (Category.STABLE, Category.REGRESSION)[n % 2]) for n, p in enumerate(people)]
    summary = summarise_cohort(outcome(people, finals), answers={}, events=None, sentences=" ".join)
    assert summary.responses[0].improved.count == 200
    assert summary.associations[0].p > 0.5
