"""The committed sample cohort gives what its truth says."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

import lesionkit as lk
from lesionkit.core.image import Modality
from lesionkit.core.outcome import Outcome, Severity
from lesionkit.core.response import Category, Evaluation
from lesionkit.core.summary import CohortSummary, Share
from lesionkit.phantom import participants
from lesionkit.phantom.write import Studio
from lesionkit.pipeline import summarise_outcome
from lesionkit.report.cohort_words import mean_text, months_range_text

SAMPLE = Path(__file__).parents[2] / "sample_images"
TRUTH = list(csv.DictReader((SAMPLE / "truth.csv").open(encoding="utf-8", newline="")))

Place = tuple[str, str, str, str]
"""Patient, modality, site, date."""


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return lk.run(SAMPLE)


def truth_by_place() -> dict[Place, list[dict[str, str]]]:
    """True deposits of each picture in the order of its outlines."""
    places = defaultdict(list)
    for row in TRUTH:
        if row["deposit"]:
            places[row["patient"], row["modality"], row["site"], row["date"]].append(row)
    return places


def deposits_by_place(outcome: Outcome) -> dict[Place, list[tuple[str, str]]]:
    """Image and id of the outlined deposits of each picture, in order."""
    drawn = defaultdict(list)
    for deposit in outcome.deposits:
        drawn[deposit.image].append((deposit.image, deposit.id))
    return {
        (patient.id, image.modality.value, image.site, timepoint.date.isoformat()): drawn[image.id]
        for patient in outcome.cohort.patients
        for timepoint in patient.timepoints
        for image in timepoint.images
    }


def test_all_eleven_final_categories_are_the_true_ones(outcome: Outcome) -> None:
    found = {
        (response.patient, response.modality.value): response.category.value
        for response in outcome.responses
        if response.evaluation is Evaluation.FINAL and response.site == "all"
    }
    assert found == {(row["patient"], row["modality"]): row["final_category"] for row in TRUTH}
    assert len(found) == 11


def test_outcomes_are_counted_as_in_the_paper(outcome: Outcome) -> None:
    final = [r for r in outcome.responses if r.evaluation is Evaluation.FINAL and r.site == "all"]
    photographs = Counter(r.category for r in final if r.modality is Modality.XC)
    radiology = Counter(r.category for r in final if r.modality is not Modality.XC)
    assert photographs == {Category.REGRESSION: 2, Category.STABLE: 1, Category.PROGRESSION: 3}
    assert radiology == {Category.REGRESSION: 3, Category.STABLE: 1, Category.PROGRESSION: 1}


def test_nothing_is_wrong_with_the_sample(outcome: Outcome) -> None:
    assert [p for p in outcome.problems if p.severity is not Severity.INFO] == []


def test_sizes_are_true_but_for_the_readers_hand(outcome: Outcome) -> None:
    truth, drawn = truth_by_place(), deposits_by_place(outcome)
    sizes = {(m.image, m.deposit, m.measure): m.quantity.value for m in outcome.measurements}
    ratios = []
    for place, rows in truth.items():
        assert len(rows) == len(drawn[place]), place
        for row, (image, deposit) in zip(rows, drawn[place], strict=True):
            measure = "volume" if row["modality"] in ("CT", "MR") else "area"
            ratios.append(
                sizes[image, deposit, measure] / float(row[f"{measure}_mm{3 if measure == 'volume' else 2}"])
            )
    assert len(ratios) == sum(1 for row in TRUTH if row["deposit"])
    assert np.mean(ratios) == pytest.approx(1, abs=0.01)
    assert max(abs(np.log(ratios))) < 0.09


def test_tracks_are_the_true_lineages_with_their_true_events(outcome: Outcome) -> None:
    truth, drawn = truth_by_place(), deposits_by_place(outcome)
    lineage_of = {
        key: row["lineage"]
        for place, rows in truth.items()
        for row, key in zip(rows, drawn[place], strict=True)
    }
    events = {
        (row["patient"], row["modality"], row["site"], row["date"], row["lineage"]): row["event"]
        for row in TRUTH
    }
    followed = []
    for track in outcome.tracks:
        lineages = {lineage_of[s.image, d] for s in track.sightings if s.image for d in s.deposits}
        assert len(lineages) == 1, track.id
        lineage = lineages.pop()
        followed.append((track.patient, track.modality, track.site, lineage))
        for sighting in track.sightings:
            place = track.patient, track.modality.value, track.site, sighting.date.isoformat()
            event = sighting.event.value if sighting.event else ""
            assert event == events.get((*place, lineage), ""), (place, lineage)
            assert sighting.is_confirmed
    assert len(followed) == len(set(followed))


# --- the tables of the cohort


@pytest.fixture(scope="module")
def summary(outcome: Outcome) -> CohortSummary:
    return summarise_outcome(outcome)


def of(share: Share) -> tuple[int, int]:
    return share.count, share.of


def test_the_participants_are_those_of_the_paper(summary: CohortSummary) -> None:
    told = {one.name: one for one in (*summary.characteristics, *summary.treatments)}
    assert summary.patients == 7
    assert {value: share.count for value, share in told["sex"].counts.items()} == {"female": 6, "male": 1}
    assert {value: share.count for value, share in told["diagnosis"].counts.items()} == {
        "dermatomyositis": 2,
        "mixed connective tissue disease": 3,
        "systemic sclerosis": 2,
    }
    cycles, years = told["cycles"].numbers, told["years_from_calcinosis_to_treatment"].numbers
    assert cycles is not None
    assert years is not None
    assert (cycles.n, mean_text(cycles)) == (7, "8.6 ± 5.7")
    assert (years.n, years.missing, mean_text(years)) == (5, 2, "7 ± 4.2")


def test_adverse_events_are_those_of_the_paper(summary: CohortSummary) -> None:
    told = summary.adverse_events
    assert told is not None
    assert of(told.none) == (4, 7)
    assert of(told.events["fever"]) == (3, 7)
    assert of(told.events["osteonecrosis of the jaw"]) == (1, 7)


def test_pictures_were_taken_when_the_paper_says(summary: CohortSummary) -> None:
    assert {time.stream: months_range_text(time.months) for time in summary.times} == {
        "photographs": "41.5 (9–66)",
        "radiology": "19 (11–37)",
    }


def test_responses_are_those_of_the_papers_results(summary: CohortSummary) -> None:
    judged = (Category.REGRESSION, Category.STABLE, Category.PROGRESSION)
    found = {r.stream: [of(r.shares[c]) for c in judged] for r in summary.responses}
    assert found["photographs"] == [(2, 6), (1, 6), (3, 6)]
    assert found["radiology"] == [(3, 5), (1, 5), (1, 5)]
    left = {r.stream: [one.patient for one in r.left_out] for r in summary.responses}
    assert left["photographs"] == ["P07"]
    assert left["radiology"] == ["P01", "P05"]


def test_answers_are_those_of_the_paper(summary: CohortSummary) -> None:
    assert {item.item: of(item.yes) for item in summary.questionnaire if item.yes} == {
        "softening of lesions": (3, 6),
        "reduction of pain": (5, 6),
        "cessation of progression": (5, 6),
        "improved general condition": (5, 6),
        "improved mobility": (1, 3),
        "overall benefit": (5, 6),
    }


@pytest.mark.parametrize("drug", ["prednisolone", "methotrexate"])
def test_no_response_goes_with_a_drug(summary: CohortSummary, drug: str) -> None:
    found = [one for one in summary.associations if one.factor == drug]
    assert {one.outcome for one in found} == {
        "improved: photographs",
        "improved: radiology",
        "questionnaire: overall benefit",
    }
    assert all(one.p is not None and one.p >= 0.4 for one in found)
    assert all(one.p_holm == 1 for one in found)


def test_the_manual_shows_what_is_printed(summary: CohortSummary, capsys: pytest.CaptureFixture[str]) -> None:
    from lesionkit.cli.cohort import show_summary

    page = (SAMPLE.parent / "docs/reference/cohort.md").read_text(encoding="utf-8")
    shown = page.split("lesionkit cohort sample_images\n```\n```text\n")[1].split("```")[0]
    show_summary(summary, [SAMPLE / "tables.md"], as_json=False, quiet=True)
    printed = {" ".join(line.split()) for line in capsys.readouterr().out.splitlines()}
    assert {" ".join(line.split()) for line in shown.splitlines()} <= printed


def test_the_sample_is_small() -> None:
    files = [p for p in SAMPLE.rglob("*") if p.is_file() and "derivatives" not in p.parts]
    assert sum(p.stat().st_size for p in files) < 20e6


@pytest.mark.parametrize(("patient", "strand"), [("P03", 0), ("P07", 0), ("P04", 1)])
def test_the_command_makes_the_committed_pictures(tmp_path: Path, patient: str, strand: int) -> None:
    person = next(p for p in participants() if p.id == patient)
    made = Studio(out=tmp_path, seed=2021).take(
        person, person.strands[strand], person.strands[strand].visits[0]
    )
    fresh, committed = (lk.load_image(root / made.location).pixels.astype(int) for root in (tmp_path, SAMPLE))
    assert fresh.shape == committed.shape
    assert np.abs(fresh - committed).mean() < 1.0  # another version of a library may round otherwise
