from collections import Counter
from datetime import date
from statistics import median

import pytest

from lesionkit.core.image import Modality
from lesionkit.core.response import Category
from lesionkit.core.track import Event
from lesionkit.phantom import Concretion, Participant, Strand, Visit, participants
from lesionkit.phantom.cohort import FACTS
from lesionkit.phantom.history import event_of

PEOPLE = participants()
RADIOLOGY = (Modality.DX, Modality.CT, Modality.MR)


def months(person: Participant, strand: Strand) -> int:
    last = strand.visits[-1].day
    return (last.year - person.start.year) * 12 + last.month - person.start.month


def follow_up(*modalities: Modality) -> list[int]:
    return [
        max(months(person, strand) for strand in person.strands if strand.modality in modalities)
        for person in PEOPLE
        if any(strand.modality in modalities for strand in person.strands)
    ]


def test_photographs_and_radiology_last_as_long_as_in_the_paper() -> None:
    photographs, radiology = follow_up(Modality.XC), follow_up(*RADIOLOGY)
    assert (len(photographs), median(photographs), min(photographs), max(photographs)) == (6, 41.5, 9, 66)
    assert (len(radiology), median(radiology), min(radiology), max(radiology)) == (5, 19, 11, 37)


def test_outcomes_are_counted_as_in_the_paper() -> None:
    photographs = Counter(
        person.final_category(Modality.XC)
        for person in PEOPLE
        if any(strand.modality is Modality.XC for strand in person.strands)
    )
    assert photographs == {Category.REGRESSION: 2, Category.STABLE: 1, Category.PROGRESSION: 3}
    streams = [
        (person, modality)
        for person in PEOPLE
        for modality in {strand.modality for strand in person.strands} & set(RADIOLOGY)
    ]
    assert {modality for _, modality in streams} == set(RADIOLOGY)
    radiology = Counter(person.final_category(modality) for person, modality in streams)
    assert radiology == {Category.REGRESSION: 3, Category.STABLE: 1, Category.PROGRESSION: 1}


def test_no_change_is_near_a_threshold() -> None:
    for person in PEOPLE:
        for modality in {strand.modality for strand in person.strands}:
            strands = [s for s in person.strands if s.modality is modality]
            before = sum(s.total([v for v in s.visits if v.day <= person.start][-1]) for s in strands)
            change = 100 * (sum(s.total(s.visits[-1]) for s in strands) / before - 1)
            assert abs(abs(change) - 25) > 12


def test_two_of_three_progressions_come_with_new_deposits() -> None:
    progressed = [p for p in PEOPLE if p.id in ("P02", "P05", "P06")]
    events = {
        p.id: {
            strand.event(lineage, visit)
            for strand in p.strands
            if strand.modality is Modality.XC
            for visit in strand.visits
            for lineage in strand.lineages
        }
        for p in progressed
    }
    assert [person for person, happened in events.items() if Event.NEW in happened] == ["P02", "P05"]


def test_everything_that_can_happen_to_a_deposit_happens_to_one() -> None:
    happened = {s.event(name, v) for p in PEOPLE for s in p.strands for v in s.visits for name in s.lineages}
    by_a_person = {Event.EXCISED, Event.EXTRUDED}  # said in an outline file, not seen in a picture
    assert happened == {None, *Event} - by_a_person


@pytest.mark.parametrize(
    ("counts", "event"),
    [
        ([0], None),
        ([1], Event.BASELINE),
        ([0, 1], Event.NEW),
        ([1, 1], Event.PERSISTING),
        ([1, 2], Event.SPLIT),
        ([2, 1], Event.MERGED),
        ([1, 0], Event.RESOLVED),
        ([1, 0, 0], None),
        ([0, 1, 0, 2], Event.REAPPEARED),
    ],
)
def test_events_follow_from_the_number_of_parts(counts: list[int], event: Event | None) -> None:
    assert event_of(counts) == event


def test_the_facts_are_those_of_table_1() -> None:
    assert Counter(row[0] for row in FACTS) == {"female": 6, "male": 1}
    assert [int(row[5]) for row in FACTS] == [7, 12, 3, 6, 12, 18, 2]
    assert [int(row[4]) for row in FACTS if row[4]] == [8, 8, 13, 4, 2]
    assert sum("fever" in row[8] for row in FACTS) == 3
    assert sum(row[8] == ("none",) for row in FACTS) == 4


def test_baseline_is_pictured_before_the_first_infusion() -> None:
    for person in PEOPLE:
        for strand in person.strands:
            assert strand.visits[0].day <= person.start < strand.visits[1].day or person.id == "P04"


def test_deposits_that_touch_are_refused() -> None:
    one = Concretion(lineage="a", centre=(0.0, 0.0), semi_axes=(3.0, 3.0, 1.0))
    other = Concretion(lineage="b", centre=(5.0, 0.0), semi_axes=(3.0, 3.0, 1.0))
    with pytest.raises(ValueError, match="touches"):
        Visit(day=date(2012, 3, 1), concretions=(one, other))
