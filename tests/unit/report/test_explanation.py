import pytest
from histories import history

from lesionkit.classification import REASONS
from lesionkit.classification.criteria import BEYOND_ERROR, CALCINOSIS_25
from lesionkit.core.grid import ScaleSource
from lesionkit.core.measurement import Measurement
from lesionkit.core.region import Role
from lesionkit.core.response import Category, Discordance
from lesionkit.core.uncertainty import ErrorTerm
from lesionkit.core.units import Quantity, Unit
from lesionkit.report.explanation import explain_discordances, explain_errors, explain_response


def told(sizes, criterion=CALCINOSIS_25, *, error=5.0, **more):
    response = history({"hand": {"T1": sizes}}, error=error, **more).classify(criterion).last()
    return "\n".join(explain_response(response, criterion, REASONS))


def test_it_says_what_was_compared_with_what_by_which_rule():
    text = told([100.0, 60.0])
    assert "Compared: total area, Photographs, hand: 2012-06-09 with baseline 2012-03-01." in text
    assert "baseline 100 ± 5 mm²; now 60 ± 5 mm²" in text
    assert "Change: −40 %, 95 % limits −50.4 % to −27.4 %." in text
    assert "Rule: calcinosis-25." in text
    assert "Valenzuela" in text
    assert "Decided by: The size has fallen" in text
    assert "How likely, given these errors: regression 99 %" in text


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([100.0, 60.0], "What would change it: from 75 mm² on it would be no regression."),
        ([100.0, 140.0], "What would change it: below 125 mm² it would be no progression."),
        ([100.0, 110.0], "under 75 mm² it would be regression, over 125 mm² progression."),
    ],
)
def test_it_says_what_would_change_the_answer(sizes, expected):
    assert expected in told(sizes)


def test_it_says_how_far_the_limit_would_have_to_move():
    text = told([100.0, 118.0])
    assert "To rule out progression, the upper limit would have to fall below +25 %: the size under" in text
    assert "To rule out regression" not in text
    assert "To be sure of regression, the upper limit would have to fall below −25 %" in told([100.0, 72.0])
    assert "To be sure of progression, the lower limit would have to rise above +25 %" in told([100.0, 130.0])


def test_a_change_beyond_error_turns_where_the_error_ends():
    text = told([100.0, 110.0], BEYOND_ERROR)
    assert "under 87.6 mm² it would be regression, over 114 mm² progression" in text


def test_a_new_deposit_is_changed_by_no_size():
    given = history({"hand": {"T1": [9.0, 9.0], "T2": [0.0, 5.0]}}, error=1.0)
    lines = explain_response(given.classify().last(), CALCINOSIS_25, REASONS)
    assert any("only that the new deposit is none" in line for line in lines)


def test_it_says_how_the_controls_changed():
    lines = {"hand": {"T": [100.0, 60.0], "C": [50.0, 40.0]}}
    response = history(lines, roles={"C": Role.CONTROL}, error=2.0).classify().last()
    text = "\n".join(explain_response(response, CALCINOSIS_25, REASONS))
    assert "Controls (C): −20 %; beside them the others changed by −25 %, 95 % limits" in text


def test_an_error_is_taken_apart_by_cause_and_source():
    quantity = Quantity(
        value=50.0,
        unit=Unit.MM2,
        errors=(
            ErrorTerm(name="outline", source="a hand", effect=3.0),
            ErrorTerm(name="scale", shared_by="scale of a.jpg", source="a ruler", effect=4.0),
        ),
    )
    lines = explain_errors(
        [
            Measurement(
                image="a.jpg", deposit="A", measure="area", quantity=quantity, scale_source=ScaleSource.RULER
            )
        ]
    )
    assert lines == (
        "deposit A, area: 50 ± 5 mm² (10.0 %)",
        "  the scale: 8.0 % of the size, 64 % of the variance (a ruler; shared by all of the scale of a.jpg)",
        "  where the line was drawn: 6.0 % of the size, 36 % of the variance (a hand)",
    )


def test_disagreement_is_told_and_not_averaged():
    verdicts = (("XC", Category.REGRESSION), ("CT", Category.PROGRESSION))
    (line,) = explain_discordances([Discordance(patient="P01", verdicts=verdicts, is_opposite=True)])
    assert line.startswith("Sources say the opposite (Photographs: regression, CT: progression).")


def test_what_the_patient_said_is_told_with_it():
    found = Discordance(
        patient="P01",
        verdicts=(("XC", Category.REGRESSION),),
        is_opposite=False,
        answers=(("overall benefit", False),),
    )
    (line,) = explain_discordances([found])
    assert "(Photographs: regression, the patient on overall benefit: no)" in line
