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
from lesionkit.phantom import participants
from lesionkit.phantom.write import Studio

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
