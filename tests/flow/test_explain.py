"""``--explain`` and ``scores.csv``, from a folder to what is printed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from making import write_outlines, write_photo

import lesionkit as lk
from lesionkit.core.response import Category

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One deposit that falls to half, on photographs with a known scale."""
    lines = ["path,mm_per_px"]
    for day, box in (("2012-03-01", (100, 120, 40, 40)), ("2013-03-01", (100, 120, 40, 20))):
        image = write_photo(tmp_path / "P01" / day / "left-hand.jpg")
        write_outlines(image, {"a": box})
        lines.append(f"{image.relative_to(tmp_path).as_posix()},0.25")
    (tmp_path / "images.csv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_a_response_is_explained_in_words(folder: Path, lesionkit: Command) -> None:
    code, out, _ = lesionkit("compare", folder, "--patient", "P01", "--explain")
    assert code == 0
    assert "Compared: total area, Photographs, left-hand: 2013-03-01 with baseline 2012-03-01." in out
    assert "where the line was drawn" in out
    assert "Rule: calcinosis-25." in out
    assert "What would change it: from 75 mm² on it would be no regression." in out


def test_an_explanation_is_one_json_object(folder: Path, lesionkit: Command) -> None:
    (folder / "scores.csv").write_text(
        "patient,date,score,value\nP01,2012-03-01,SCTC,10\nP01,2013-03-01,SCTC,14\nP09,2013-03-01,SCTC,1\n",
        encoding="utf-8",
    )
    _, out, _ = lesionkit("compare", folder, "--patient", "P01", "--explain", "--json")
    told = json.loads(out)
    assert told["responses"][0]["category"] == "regression"
    assert told["responses"][0]["explanation"]
    assert "SCTC" in told["scores"][0]
    assert "opposite" in told["discordances"][0]


def test_the_errors_of_an_image_are_taken_apart(folder: Path, lesionkit: Command) -> None:
    code, out, _ = lesionkit("measure", folder, "--explain", "P01/2012-03-01/left-hand.jpg")
    assert code == 0
    assert "deposit a, area: 100 ±" in out
    assert "% of the variance" in out
    code, _, err = lesionkit("measure", folder, "--explain", "P01/nothing.jpg")
    assert code == 2
    assert "nothing was measured" in err


def test_scores_stand_beside_the_images_and_disagree_aloud(folder: Path) -> None:
    (folder / "scores.csv").write_text(
        "patient,date,score,value\nP01,2012-03-01,SCTC,10\nP01,2013-03-01,SCTC,14\nP09,2013-03-01,SCTC,1\n",
        encoding="utf-8",
    )
    outcome = lk.run(folder)
    assert [s.category for s in outcome.scores] == [Category.PROGRESSION]
    (found,) = outcome.discordances
    assert dict(found.verdicts) == {"XC": Category.REGRESSION, "SCTC": Category.PROGRESSION}
    assert "score_without_images" in {p.code for p in outcome.problems}
    # Nothing of it enters the response by area.
    assert {r.category for r in outcome.responses} == {Category.REGRESSION}


def test_what_the_patient_says_stands_beside_the_images(folder: Path) -> None:
    (folder / "questionnaire.csv").write_text(
        "patient,date,item,answer\nP01,2013-03-01,Overall benefit,no\nP01,2013-03-01,pain,yes\n",
        encoding="utf-8",
    )
    outcome = lk.run(folder)
    (found,) = outcome.discordances
    assert (dict(found.verdicts), found.answers) == (
        {"XC": Category.REGRESSION},
        (("overall benefit", False),),
    )
    assert not found.is_opposite
    assert {r.category for r in outcome.responses} == {Category.REGRESSION}
    assert "questionnaire.csv" in outcome.inputs


def test_kept_results_have_the_same_errors(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    memo = tmp_path_factory.mktemp("kept")
    first, again = (lk.run(folder, memo=memo) for _ in range(2))
    assert [m.quantity for m in first.measurements] == [m.quantity for m in again.measurements]
    assert any(m.quantity.errors for m in again.measurements)


def test_what_is_known_of_the_reader_takes_the_place_of_what_is_assumed(folder: Path) -> None:
    assumed = lk.run(folder).responses[-1].change_pct_limits
    (folder / "cohort.toml").write_text("[errors.XC]\nwsd_log = { area = 0.30 }\n", encoding="utf-8")
    known = lk.run(folder).responses[-1].change_pct_limits
    assert known[1] - known[0] > assumed[1] - assumed[0]
    (folder / "cohort.toml").write_text('[errors]\nmodel = "none such"\n', encoding="utf-8")
    with pytest.raises(lk.errors.ExtensionError, match="none such"):
        lk.run(folder)
