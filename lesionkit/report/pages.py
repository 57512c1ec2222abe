"""What the pages hold: one for the cohort, one for each patient."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lesionkit.core.cohort import Patient
from lesionkit.core.image import Modality
from lesionkit.core.outcome import Outcome, Problem, Severity
from lesionkit.core.response import ALL_SITES, Category, Criterion, Evaluation, Response
from lesionkit.report import words
from lesionkit.report.sites import SitePage, site_page
from lesionkit.report.source import Source
from lesionkit.report.verdicts import Verdict, verdict_of

_ORDER = (Modality.XC, Modality.DX, Modality.CT, Modality.MR)
_FACTS = ("sex", "diagnosis")
"""What of ``patients.csv`` is shown: further columns may identify a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A criterion in words."""

    name: str
    text: str
    citation: str
    validated_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemGroup:
    """Problems of one severity."""

    kind: str
    name: str
    meaning: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPage:
    """A stream of a patient: the answer, then each site.

    Parameters
    ----------
    name : str
        ``Photographs``.
    is_volume : bool
        Whether its images have planes.
    answer : Verdict, optional
        The final response over all sites; None where there is nothing to compare yet.
    sites : tuple of SitePage
        Those that were read.
    unread : tuple of str
        Sites nobody has read.
    """

    name: str
    is_volume: bool
    answer: Verdict | None
    sites: tuple[SitePage, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientPage:
    """What a patient's page holds."""

    id: str
    span: str
    images: str
    facts: tuple[tuple[str, str], ...]
    treatments: tuple[str, ...]
    streams: tuple[StreamPage, ...]
    problems: tuple[ProblemGroup, ...]
    rules: tuple[Rule, ...]


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


def patient_page(source: Source, patient: Patient) -> PatientPage:
    """Return what a patient's page holds; loads the patient's pictures."""
    outcome = source.outcome
    return PatientPage(
        id=patient.id,
        span=_span([patient]),
        images=_image_counts([patient]),
        facts=tuple((name, patient.facts[name]) for name in _FACTS if patient.facts.get(name)),
        treatments=tuple(
            " ".join(part for part in (t.drug, t.dose, f"from {t.start}" if t.start else "") if part)
            for t in patient.treatments
        ),
        streams=tuple(_stream_page(source, patient, stream) for stream in _streams(patient)),
        problems=problem_groups(source.problems.get(patient.id, ())),
        rules=_rules(outcome),
    )


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
    finals = {(r.patient, r.modality.stream): r for r in outcome.responses if _is_answer(r)}
    entries = tuple(
        Entry(
            id=patient.id,
            page=names[patient.id],
            answers=tuple(
                (words.STREAMS[stream], _verdict(finals.get((patient.id, stream)), source))
                for stream in _streams(patient)
            ),
        )
        for patient in patients
    )
    read = sum(source.is_read(ref.id) for ref in outcome.cohort.images)
    return IndexPage(
        name=outcome.cohort.name,
        span=_span(patients),
        images=_image_counts(patients),
        read=f"{read} of {len(outcome.cohort.images)}",
        entries=entries,
        categories=tuple((c.value, words.SIGNS[c], words.CATEGORIES[c]) for c in Category),
        counts=_counts(finals.values()),
        problems=problem_groups(outcome.problems),
        rules=_rules(outcome),
    )


def page_names(patients: Iterable[str]) -> dict[str, str]:
    """Return a file name for each patient's page: the id, made safe and unlike any other.

    Letters, digits, ``-``, ``_`` and ``.`` within stay; where anything had to be changed, or two ids
    differ in case only, a fingerprint of the id keeps the names apart.

    Examples
    --------
    >>> page_names(["P01"])
    {'P01': 'P01.html'}
    """
    names: dict[str, str] = {}
    taken = {"index"}
    for patient in patients:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", patient).strip("-.")[:60]
        fingerprint = hashlib.sha256(patient.encode()).hexdigest()
        safe, digits = plain, 8
        while not safe or safe.lower() in taken or (safe == plain != patient):
            safe = f"{plain or 'patient'}-{fingerprint[:digits]}"
            digits += 8
        taken.add(safe.lower())
        names[patient] = f"{safe}.html"
    return names


def problem_groups(problems: Sequence[Problem]) -> tuple[ProblemGroup, ...]:
    """Return problems by severity, worst first; severities without a problem are left out."""
    groups = []
    for severity in Severity:
        found = tuple(problem for problem in problems if problem.severity is severity)
        if found:
            name, meaning = words.SEVERITIES[severity]
            groups.append(ProblemGroup(kind=severity.value, name=name, meaning=meaning, problems=found))
    return tuple(groups)


def _streams(patient: Patient) -> list[Modality]:
    held = {ref.modality.stream for ref in patient.images}
    return [stream for stream in _ORDER if stream in held]


def _stream_page(source: Source, patient: Patient, stream: Modality) -> StreamPage:
    outcome = source.outcome
    images = [ref for ref in patient.images if ref.modality.stream is stream]
    sites = sorted({ref.site for ref in images})
    read = [site for site in sites if any(r.site == site and r.id in outcome.grids for r in images)]
    answer = next(filter(_is_answer, source.responses.get((patient.id, stream, ALL_SITES), ())), None)
    return StreamPage(
        name=words.STREAMS[stream],
        is_volume=stream.is_volume,
        answer=_verdict(answer, source),
        sites=tuple(site_page(source, patient, stream, site) for site in read),
        unread=tuple(site for site in sites if site not in read),
    )


def _is_answer(response: Response) -> bool:
    return response.site == ALL_SITES and response.evaluation is Evaluation.FINAL and response.track is None


def _verdict(response: Response | None, source: Source) -> Verdict | None:
    return None if response is None else verdict_of(response, source.texts)


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
        for stream in _ORDER
        if stream in by_stream
    )


def _rules(outcome: Outcome) -> tuple[Rule, ...]:
    return tuple(_rule(criterion) for criterion in outcome.criteria)


def _rule(criterion: Criterion) -> Rule:
    return Rule(
        name=criterion.name,
        text=words.rule(criterion),
        citation=criterion.citation or "no source given",
        validated_on=criterion.validated_on or "not known",
    )


def _span(patients: Sequence[Patient]) -> str:
    days = [timepoint.date for patient in patients for timepoint in patient.timepoints]
    if not days:
        return "no image"
    return f"{min(days)} to {max(days)}" if min(days) != max(days) else f"{min(days)}"


def _image_counts(patients: Sequence[Patient]) -> str:
    kinds = Counter(ref.modality.stream for patient in patients for ref in patient.images)
    listed = ", ".join(f"{kinds[s]} {_NOUNS[s][kinds[s] > 1]}" for s in _ORDER if kinds[s])
    return listed or "none"


_NOUNS = {
    Modality.XC: ("photograph", "photographs"),
    Modality.DX: ("radiograph", "radiographs"),
    Modality.CT: ("CT series", "CT series"),
    Modality.MR: ("MR series", "MR series"),
}
