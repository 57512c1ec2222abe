import pytest
from histories import UNSEEN, Unsure, day, history

from lesionkit.classification import REASONS, Reason, problems_of
from lesionkit.core.grid import ScaleSource
from lesionkit.core.outcome import Severity
from lesionkit.core.units import Unit


def test_every_reason_has_one_plain_sentence():
    assert set(REASONS) == set(Reason)
    for code, sentence in REASONS.items():
        assert sentence.endswith("."), code
        assert "{" not in sentence, code
    assert len(set(REASONS.values())) == len(REASONS)


def test_a_sentence_is_found_by_the_bare_code():
    assert REASONS["not_read"] == REASONS[Reason.NOT_READ]


def test_a_missing_scale_is_told_once_per_site_and_day():
    both = range(2)
    given = history(
        {"hand": {"T1": [9.0, 9.0]}, "foot": {"T1": [9.0, 9.0]}},
        units=dict.fromkeys(both, Unit.PX2),
        scales=dict.fromkeys(both, ScaleSource.NONE),
    )
    problems = problems_of(given.classify().responses)
    assert {p.about for p in problems} == {f"P01 XC foot {day(1)}", f"P01 XC hand {day(1)}"}
    assert {p.code for p in problems} == {"no_scale"}
    assert {p.severity for p in problems} == {Severity.WARNING}
    assert len(problems) == 2


def test_what_only_the_sum_over_sites_suffers_from_is_told_of_all():
    given = history({"hand": {"T1": [9.0, 9.0]}, "foot": {"T1": [9.0, 9.0]}})
    measurements = tuple(
        type(m)(
            image=m.image,
            deposit=m.deposit,
            measure=m.measure,
            quantity=type(m.quantity)(value=9.0, unit=Unit.PX2 if "foot" in m.image else Unit.MM2),
            scale_source=ScaleSource.NONE if "foot" in m.image else ScaleSource.MARKER,
        )
        for m in given.measurements
    )
    mixed = type(given)(
        patient=given.patient,
        tracks=given.tracks,
        readings=given.readings,
        measurements=measurements,
        modality=given.modality,
    )
    found = {(p.code, p.about) for p in problems_of(mixed.classify().responses)}
    assert found == {("no_scale", f"P01 XC foot {day(1)}"), ("units_differ", f"P01 XC all {day(1)}")}


@pytest.mark.parametrize("entry", [9.0, 90.0, 0.0, UNSEEN])
def test_an_ordinary_verdict_is_no_problem(entry):
    assert problems_of(history({"hand": {"T1": [9.0, entry], "T2": [9.0, 9.0]}}).classify().responses) == ()


def test_an_unconfirmed_new_deposit_asks_for_a_name():
    responses = history({"hand": {"T1": [9.0, 9.0], "T2": [0.0, Unsure(1.0)]}}).classify().responses
    (problem,) = problems_of(responses)
    assert problem.code == "new_deposit_unconfirmed"
    assert "name" in problem.hint
