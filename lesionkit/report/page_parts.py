"""What pages have in common: rules and problems in words, whose they are, and where each page stands."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lesionkit.core.cohort import Patient
from lesionkit.core.image import Modality
from lesionkit.core.outcome import Outcome, Problem, Severity
from lesionkit.core.response import ALL_SITES, Criterion, Evaluation, Response
from lesionkit.report import words
from lesionkit.report.source import Source
from lesionkit.report.verdicts import Verdict, verdict_of

STREAM_ORDER = (Modality.XC, Modality.DX, Modality.CT, Modality.MR)
"""In which order a page shows the streams."""


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


_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows takes for a device, whatever their ending."""


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
        if _RESERVED.fullmatch(plain):
            plain = f"patient-{plain}"
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


def streams_of(patient: Patient) -> list[Modality]:
    """Return the streams of which a patient has images, in the order of pages."""
    held = {ref.modality.stream for ref in patient.images}
    return [stream for stream in STREAM_ORDER if stream in held]


def is_answer(response: Response) -> bool:
    """Return whether a response is a stream's final one over all sites: what a page answers with."""
    return response.site == ALL_SITES and response.evaluation is Evaluation.FINAL and response.track is None


def told(response: Response | None, source: Source) -> Verdict | None:
    """Return a response in words; None where there is none."""
    return None if response is None else verdict_of(response, source.texts)


def rules(outcome: Outcome) -> tuple[Rule, ...]:
    """Return the rules an outcome was judged by, in words."""
    return tuple(_rule(criterion) for criterion in outcome.criteria)


def _rule(criterion: Criterion) -> Rule:
    return Rule(
        name=criterion.name,
        text=words.rule(criterion),
        citation=criterion.citation or "no source given",
        validated_on=criterion.validated_on or "not known",
    )


def span(patients: Sequence[Patient]) -> str:
    """Return from when to when patients were imaged."""
    days = [timepoint.date for patient in patients for timepoint in patient.timepoints]
    if not days:
        return "no image"
    return f"{min(days)} to {max(days)}" if min(days) != max(days) else f"{min(days)}"


def image_counts(patients: Sequence[Patient]) -> str:
    """Return how many images of each stream patients have, in words."""
    kinds = Counter(ref.modality.stream for patient in patients for ref in patient.images)
    listed = ", ".join(f"{kinds[s]} {_NOUNS[s][kinds[s] > 1]}" for s in STREAM_ORDER if kinds[s])
    return listed or "none"


_NOUNS = {
    Modality.XC: ("photograph", "photographs"),
    Modality.DX: ("radiograph", "radiographs"),
    Modality.CT: ("CT series", "CT series"),
    Modality.MR: ("MR series", "MR series"),
}
