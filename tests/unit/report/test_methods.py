from dataclasses import replace

import pytest
from outcomes import CRITERION, DAYS

from lesionkit.core.measurement import Measurement
from lesionkit.core.score import Score
from lesionkit.core.settings import BaselineRule
from lesionkit.core.transform import Part, Transform
from lesionkit.core.units import Quantity, Unit
from lesionkit.report.methods import methods_of


def _told(outcome, patient=0):
    return methods_of(outcome, outcome.cohort.patients[patient])


def test_readers_images_scales_rule_and_versions_are_told(outcome):
    found = _told(outcome)
    assert "outlined by 1 reader on 4 photographs, 2 radiographs." in found.text
    assert "the area within its outline on photographs and radiographs." in found.text
    assert "Scale of photographs: printed marker in the picture (4)." in found.text
    assert "judged by calcinosis-25 [1]." in found.text
    assert found.references == (CRITERION.citation,)
    assert "validated on the SCTC radiograph score of the hands at one year" in found.text
    assert found.text.endswith("Computed with lesionkit 0.1.0 (python 3.11).")


def test_only_what_was_done_is_told(outcome):
    text = _told(outcome).text
    assert "aligned" not in text
    assert "Scores" not in text
    assert "pixels of the first picture" not in text
    assert "voxels" not in text
    assert "voxels times their volume on CT" in _told(outcome, 1).text


def test_alignment_is_told_with_what_failed(outcome):
    first, second, third, _ = (ref.id for ref in outcome.cohort.patients[0].images if "left-hand" in ref.id)
    transforms = {
        first: Transform.identity(first, first, axes=2),
        second: Transform(
            source=second, target=first, matrix=[[1, 0, 0], [0, 1, 0], [0, 0, 1]], method="features"
        ),
        third: Transform.identity(third, first, axes=2, is_reliable=False),
    }
    text = _told(replace(outcome, transforms=transforms)).text
    assert "aligned with the first one by features of the picture (1 could not be aligned reliably)." in text
    assert "laid by itself" not in text
    finger = Part(here=(), there=(), matrix=transforms[second].matrix)
    transforms[second] = replace(transforms[second], parts=(finger,))
    assert (
        "had turned at a joint in between, it was laid by itself."
        in _told(replace(outcome, transforms=transforms)).text
    )


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (
            BaselineRule.TREATMENT,
            "Baseline is the last image on or before the start of treatment, else the first.",
        ),
        (BaselineRule.FIRST, "Baseline is the first image."),
    ],
)
def test_what_baseline_is_is_told(outcome, rule, told):
    assert told in _told(replace(outcome, settings=replace(outcome.settings, baseline=rule))).text


def test_sizes_without_a_scale_are_told_to_have_no_meaning_but_their_change(outcome):
    image = next(ref.id for ref in outcome.cohort.patients[1].images if "elbow" in ref.id)
    one = Measurement(
        image=image,
        deposit="1",
        measure="area",
        quantity=Quantity(value=1.0, unit=Unit.PX2),
        scale_source=outcome.grids[image].scale_source,
    )
    text = _told(replace(outcome, relative=(one,)), 1).text
    assert "in pixels of the first picture of their site" in text
    assert "only their change has a meaning" in text


def test_scores_are_named_in_short(outcome):
    scores = {"P01": (Score(date=DAYS[0], name="x" * 500, value=1.0),)}
    text = _told(replace(outcome, given_scores=scores)).text
    assert f"Scores as given: {'x' * 59}…." in text
