from dataclasses import replace

import pytest
from histories import GONE, UNSEEN, history

from lesionkit.classification import best_response, classify_scores, discordances, waterfall
from lesionkit.core.region import Role
from lesionkit.core.response import Category
from lesionkit.core.score import Score

R, S, P = Category.REGRESSION, Category.STABLE, Category.PROGRESSION


def finals(patient_sizes):
    """Return the final responses over all sites of patients with one deposit each."""
    found = []
    for number, sizes in enumerate(patient_sizes):
        responses = history({"hand": {"T1": list(sizes)}}).classify().responses
        found += [_named(r, f"P{number:02}") for r in responses]
    return found


def _named(response, patient):
    from dataclasses import replace

    return replace(response, patient=patient)


def test_the_waterfall_leaves_out_nobody_who_did_not_change():
    # ePAD's waterfall drops patients at exactly 0 %.
    ordered = waterfall(finals([(10.0, 5.0), (10.0, 10.0), (10.0, 14.0), (10.0, 10.0)]))
    assert [r.patient for r in ordered] == ["P02", "P01", "P03", "P00"]


def test_in_the_waterfall_new_disease_stands_first_and_what_cannot_be_told_last():
    # A baseline of zero is no rise of 999999.9 %.
    ordered = waterfall(finals([(10.0, 14.0), (GONE, 5.0), (10.0, GONE), (5.0, GONE)]))
    assert [r.patient for r in ordered] == ["P01", "P00", "P02", "P03"]
    assert ordered[0].change_pct is None
    unread = history({"hand": {"T1": [10.0, 5.0], "T2": [5.0, UNSEEN]}}).classify().responses
    assert waterfall([*finals([(10.0, 9.0)]), *(_named(r, "P99") for r in unread)])[-1].patient == "P99"


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([100.0, 90.0, 60.0, 130.0], R),
        ([100.0, 130.0, 60.0], P),
        ([100.0, 90.0, 95.0], S),
        ([100.0, 60.0, GONE], Category.RESOLVED),
    ],
)
def test_the_best_response_is_the_best_until_progression(sizes, expected):
    assert best_response(history({"hand": {"T1": sizes}}).classify().of()).category is expected


def test_without_a_verdict_there_is_no_best_response():
    given = history({"hand": {"T1": [9.0, 9.0], "T2": [9.0, UNSEEN]}})
    assert best_response(given.classify().of()) is None


def test_sources_that_disagree_are_set_side_by_side():
    (photo,) = [r for r in finals([(10.0, 5.0)]) if r.evaluation == "final" and r.site == "all"]
    from lesionkit.core.image import Modality

    ct = replace(photo, modality=Modality.CT, category=P)
    (found,) = discordances([photo, ct], {("P00", "SCTC"): S})
    assert found.is_opposite
    assert dict(found.verdicts) == {"XC": R, "CT": P, "SCTC": S}
    assert discordances([photo, replace(ct, category=R)]) == ()
    (mild,) = discordances([photo, replace(ct, category=S)])
    assert not mild.is_opposite
    # What nobody could judge disagrees with no one.
    assert discordances([photo, replace(ct, category=Category.NOT_EVALUABLE)]) == ()


@pytest.mark.parametrize(
    ("category", "answer", "differs", "is_opposite"),
    [
        (R, True, False, False),
        (R, False, True, False),
        (S, True, True, False),
        (S, False, False, False),
        (P, True, True, True),
        (P, False, False, False),
    ],
)
def test_a_patients_no_is_not_worse_and_a_yes_is_not_stable(category, answer, differs, is_opposite):
    (photo,) = [r for r in finals([(10.0, 5.0)]) if r.evaluation == "final" and r.site == "all"]
    found = discordances([replace(photo, category=category)], answers={("P00", "overall benefit"): answer})
    assert bool(found) is differs
    for one in found:
        assert one.is_opposite is is_opposite
        assert one.verdicts == (("XC", category),)
        assert one.answers == (("overall benefit", answer),)


def test_an_answer_alone_disagrees_with_no_one():
    assert discordances([], answers={("P00", "overall benefit"): True}) == ()


# Controls


def test_the_change_beside_controls_is_the_ratio_of_the_ratios():
    lines = {"hand": {"T": [100.0, 60.0], "C": [50.0, 40.0]}}
    response = history(lines, roles={"C": Role.CONTROL}, error=2.0).classify().last()
    contrast = response.contrast
    assert response.change_pct == pytest.approx(-40.0)
    assert contrast.controls == ("C",)
    assert contrast.control_change_pct == pytest.approx(-20.0)
    assert contrast.difference_pct == pytest.approx(-25.0)
    low, high = contrast.limits
    assert low < -25 < high < 0


def test_controls_that_were_not_seen_tell_nothing():
    lines = {"hand": {"T": [100.0, 60.0], "C": [50.0, UNSEEN]}}
    given = history(lines, roles={"C": Role.CONTROL}, error=2.0)
    assert given.classify().last().contrast is None
    assert history({"hand": {"T": [100.0, 60.0]}}).classify().last().contrast is None


# Scores


def sctc(*values, name="SCTC", reader="ann"):
    from histories import day

    return [Score(date=day(n), name=name, value=v, reader=reader) for n, v in enumerate(values)]


@pytest.mark.parametrize(
    ("now", "expected"),
    [(125.0, S), (125.1, P), (75.0, S), (74.9, R), (100.0, S)],
)
def test_the_sctc_score_changes_beyond_25_percent(now, expected):
    (response,) = classify_scores(sctc(100.0, now), patient="P01")
    assert response.category is expected


def test_a_score_without_a_validated_rule_has_no_category():
    (response,) = classify_scores(sctc(10.0, 5.0, name="VAS"), patient="P01")
    assert response.category is Category.NOT_EVALUABLE
    assert response.change_pct == -50.0
    assert response.reasons == ("no_rule_for_score",)


def test_only_readers_who_scored_both_days_are_compared():
    scores = [*sctc(100.0, 90.0), *sctc(10.0, reader="bob")]
    (response,) = classify_scores(scores, patient="P01")
    assert (response.baseline, response.current, response.readers) == (100.0, 90.0, ("ann",))
    from histories import day

    only = [*sctc(100.0), Score(date=day(1), name="SCTC", value=50.0, reader="bob")]
    assert classify_scores(only, patient="P01") == ()


def test_a_score_that_was_zero_has_no_change_in_percent():
    (rise,) = classify_scores(sctc(0.0, 4.0), patient="P01")
    assert (rise.category, rise.change_pct) == (P, None)
    (none,) = classify_scores(sctc(0.0, 0.0), patient="P01")
    assert none.category is S
