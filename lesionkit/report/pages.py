"""What a patient's page holds."""

from dataclasses import dataclass

from lesionkit.core.cohort import Patient
from lesionkit.core.image import Modality
from lesionkit.core.response import ALL_SITES
from lesionkit.report import words
from lesionkit.report.page_parts import (
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
from lesionkit.report.sites import SitePage, site_page
from lesionkit.report.source import Source
from lesionkit.report.verdicts import Verdict

_FACTS = ("sex", "diagnosis")
"""What of ``patients.csv`` is shown: further columns may identify a person."""


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


def patient_page(source: Source, patient: Patient) -> PatientPage:
    """Return what a patient's page holds; loads the patient's pictures."""
    outcome = source.outcome
    return PatientPage(
        id=patient.id,
        span=span([patient]),
        images=image_counts([patient]),
        facts=tuple((name, patient.facts[name]) for name in _FACTS if patient.facts.get(name)),
        treatments=tuple(
            " ".join(part for part in (t.drug, t.dose, f"from {t.start}" if t.start else "") if part)
            for t in patient.treatments
        ),
        streams=tuple(_stream_page(source, patient, stream) for stream in streams_of(patient)),
        problems=problem_groups(source.problems.get(patient.id, ())),
        rules=rules(outcome),
    )


def _stream_page(source: Source, patient: Patient, stream: Modality) -> StreamPage:
    outcome = source.outcome
    images = [ref for ref in patient.images if ref.modality.stream is stream]
    sites = sorted({ref.site for ref in images})
    read = [site for site in sites if any(r.site == site and r.id in outcome.grids for r in images)]
    answer = next(filter(is_answer, source.responses.get((patient.id, stream, ALL_SITES), ())), None)
    return StreamPage(
        name=words.STREAMS[stream],
        is_volume=stream.is_volume,
        answer=told(answer, source),
        sites=tuple(site_page(source, patient, stream, site) for site in read),
        unread=tuple(site for site in sites if site not in read),
    )
