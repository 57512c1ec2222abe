"""What the cohort's page holds."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lesionkit.core.image import Modality
from lesionkit.core.response import Category, Response
from lesionkit.report import words
from lesionkit.report.page_parts import (
    STREAM_ORDER,
    ProblemGroup,
    Rule,
    image_counts,
    is_answer,
    problem_groups,
    rules,
    span,
    streams_of,
    told,
)
from lesionkit.report.source import Source
from lesionkit.report.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A patient in the cohort's list: one answer per stream."""

    id: str
    page: str
    answers: tuple[tuple[str, Verdict | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow:
    """How many patients of a stream got each category."""

    stream: str
    counts: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """What the cohort's page holds."""

    name: str
    span: str
    images: str
    read: str
    entries: tuple[Entry, ...]
    categories: tuple[tuple[str, str, str], ...]
    counts: tuple[CountRow, ...]
    problems: tuple[ProblemGroup, ...]
    rules: tuple[Rule, ...]


def index_page(source: Source, names: Mapping[str, str]) -> IndexPage:
    """Return what the cohort's page holds.

    Parameters
    ----------
    source : Source
        What the pages are made from.
    names : Mapping of str to str
        File name of each patient's page, by the patient's id.
    """
    outcome = source.outcome
    patients = [patient for patient in outcome.cohort.patients if patient.timepoints]
    finals = {(r.patient, r.modality.stream): r for r in outcome.responses if is_answer(r)}
    entries = tuple(
        Entry(
            id=patient.id,
            page=names[patient.id],
            answers=tuple(
                (words.STREAMS[stream], told(finals.get((patient.id, stream)), source))
                for stream in streams_of(patient)
            ),
        )
        for patient in patients
    )
    read = sum(source.is_read(ref.id) for ref in outcome.cohort.images)
    return IndexPage(
        name=outcome.cohort.name,
        span=span(patients),
        images=image_counts(patients),
        read=f"{read} of {len(outcome.cohort.images)}",
        entries=entries,
        categories=tuple((c.value, words.SIGNS[c], words.CATEGORIES[c]) for c in Category),
        counts=_counts(finals.values()),
        problems=problem_groups(outcome.problems),
        rules=rules(outcome),
    )


def _counts(finals: Iterable[Response]) -> tuple[CountRow, ...]:
    by_stream: dict[Modality, Counter[Category]] = {}
    for response in finals:
        by_stream.setdefault(response.modality.stream, Counter())[response.category] += 1
    return tuple(
        CountRow(
            stream=words.STREAMS[stream],
            counts=tuple(by_stream[stream][category] for category in Category),
            total=by_stream[stream].total(),
        )
        for stream in STREAM_ORDER
        if stream in by_stream
    )
