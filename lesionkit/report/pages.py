"""What a patient's page holds."""

from dataclasses import dataclass

from markupsafe import Markup

from lesionkit.core.cohort import Patient, Treatment
from lesionkit.core.image import Modality
from lesionkit.core.response import ALL_SITES
from lesionkit.report import words
from lesionkit.report.explanation import explain_discordances
from lesionkit.report.methods import Methods, methods_of
from lesionkit.report.overview import overview
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
from lesionkit.report.said import AnswerRow, ScoreRow, answer_rows, answers_in_short, score_rows
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
    is_dark : bool
        Whether calcium is dark on them.
    answer : Verdict, optional
        The final response over all sites; None where there is nothing to compare yet.
    sites : tuple of SitePage
        Those that were read.
    unread : tuple of str
        Sites nobody has read.
    """

    name: str
    is_volume: bool
    is_dark: bool
    answer: Verdict | None
    sites: tuple[SitePage, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientPage:
    """What a patient's page holds: one answer per source, side by side; then what each rests on."""

    id: str
    span: str
    images: str
    facts: tuple[tuple[str, str], ...]
    treatments: tuple[str, ...]
    streams: tuple[StreamPage, ...]
    scores: tuple[ScoreRow, ...]
    answers: tuple[AnswerRow, ...]
    answered: str
    disagreements: tuple[str, ...]
    overview: Markup
    methods: Methods
    problems: tuple[ProblemGroup, ...]
    rules: tuple[Rule, ...]

    @property
    def captures(self) -> tuple[SitePage, ...]:
        """Sites that have a capture sheet."""
        return tuple(site for stream in self.streams for site in stream.sites if site.capture is not None)


def patient_page(source: Source, patient: Patient) -> PatientPage:
    """Return what a patient's page holds; loads the patient's pictures."""
    outcome = source.outcome
    streams = streams_of(patient)
    answers = answer_rows(outcome.answers.get(patient.id, ()))
    return PatientPage(
        id=patient.id,
        span=span([patient]),
        images=image_counts([patient]),
        facts=tuple((name, patient.facts[name]) for name in _FACTS if patient.facts.get(name)),
        treatments=tuple(map(_treatment, patient.treatments)),
        streams=tuple(
            _stream_page(source, patient, stream, key=f"s{number}")
            for number, stream in enumerate(streams, start=1)
        ),
        scores=score_rows(outcome, patient, source.texts),
        answers=answers,
        answered=answers_in_short(answers),
        disagreements=explain_discordances(d for d in outcome.discordances if d.patient == patient.id),
        overview=overview(source, patient, streams),
        methods=methods_of(outcome, patient),
        problems=problem_groups(source.problems.get(patient.id, ())),
        rules=rules(outcome),
    )


def _treatment(treatment: Treatment) -> str:
    """Return a treatment in words; an end that is not known is not told as one that has not come."""
    known = (
        treatment.drug or "treatment",
        treatment.dose,
        f"{treatment.cycles} cycles" if treatment.cycles else "",
        f"from {treatment.start}" if treatment.start else "start not known",
        f"to {treatment.end}" if treatment.end else "",
    )
    return " ".join(part for part in known if part)


def _stream_page(source: Source, patient: Patient, stream: Modality, *, key: str) -> StreamPage:
    outcome = source.outcome
    images = [ref for ref in patient.images if ref.modality.stream is stream]
    sites = sorted({ref.site for ref in images})
    read = [site for site in sites if any(r.site == site and r.id in outcome.grids for r in images)]
    answer = next(filter(is_answer, source.responses.get((patient.id, stream, ALL_SITES), ())), None)
    return StreamPage(
        name=words.STREAMS[stream],
        is_volume=stream.is_volume,
        is_dark=stream is Modality.MR,
        answer=told(answer, source),
        sites=tuple(
            site_page(source, patient, stream, site, key=f"{key}-{number}")
            for number, site in enumerate(read, start=1)
        ),
        unread=tuple(site for site in sites if site not in read),
    )
