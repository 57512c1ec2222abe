"""How each patient fared in each stream, side by side; and for how long they were followed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lesionkit.core.cohort import Patient
from lesionkit.core.image import Modality
from lesionkit.core.outcome import Outcome
from lesionkit.core.response import ALL_SITES, Category, Evaluation, Response
from lesionkit.core.score import ScoreResponse
from lesionkit.core.summary import FollowUpTime, LeftOut, StreamResponse
from lesionkit.summarise.describe import describe, share
from lesionkit.summarise.kappa import ORDER

PHOTOGRAPHS, RADIOLOGY = "photographs", "radiology"
SCORE = "score: "
"""Before the name of a score, where it is a stream."""

NAMES = {Modality.XC: PHOTOGRAPHS, Modality.DX: "X-ray", Modality.CT: "CT", Modality.MR: "MR"}
"""What each stream is called in a cohort's tables."""
DAYS_PER_MONTH = 30.4375
_IMPROVED = (Category.RESOLVED, Category.REGRESSION)

Sentences = Callable[[Iterable[str]], str]
"""What some reason codes mean, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamVerdicts:
    """The last verdict on each patient of one stream.

    Parameters
    ----------
    stream : str
        Its name.
    judged : Mapping of str to Category
        Resolved, regression, stable or progression, by patient.
    left_out : tuple of LeftOut
        Participants who are not judged, and why.
    """

    stream: str
    judged: Mapping[str, Category]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def improved(self) -> Mapping[str, bool]:
        """Whether each patient judged is resolved or in regression."""
        return {patient: category in _IMPROVED for patient, category in self.judged.items()}

    @property
    def response(self) -> StreamResponse:
        """How many of those judged fell into each category."""
        said = list(self.judged.values())
        improved = sum(self.improved.values())
        return StreamResponse(
            stream=self.stream,
            shares={category: share(said.count(category), len(said)) for category in ORDER},
            improved=share(improved, len(said)),
            not_worse=share(improved + said.count(Category.STABLE), len(said)),
            left_out=self.left_out,
        )


def verdicts(outcome: Outcome, *, sentences: Sentences) -> tuple[StreamVerdicts, ...]:
    """Return the last verdicts on photographs, on radiology, on each of its modalities, and on scores.

    The verdict is the final response over all sites. In radiology, X-ray, CT and MR of one patient
    count once where they say the same; where they do not, that patient is left out: none of them outvotes
    another. Of a modality by itself, and of a score, those patients are told as left out who have some of it.

    Parameters
    ----------
    outcome : Outcome
        Of the whole run.
    sentences : callable
        Gives the words of reason codes.
    """
    finals: dict[tuple[str, Modality], Response] = {
        (r.patient, r.modality.stream): r
        for r in outcome.responses
        if r.evaluation is Evaluation.FINAL and r.site == ALL_SITES
    }
    streams: list[StreamVerdicts] = []
    people = outcome.cohort.patients
    modalities = [m for m in NAMES if any(_has(patient, m) for patient in people)]
    each = {m: _of_modality(m, people, finals, sentences) for m in modalities}
    if Modality.XC in each:
        streams.append(_all_told(each[Modality.XC], people))
    radiology = [each[m] for m in modalities if m is not Modality.XC]
    if radiology:
        streams.append(_all_told(_joined(radiology), people))
    streams += radiology if len(radiology) > 1 else []
    return (*streams, *_of_scores(outcome.scores, sentences))


def _has(patient: Patient, modality: Modality) -> bool:
    return any(image.modality.stream is modality for image in patient.images)


def _of_modality(
    modality: Modality,
    people: Sequence[Patient],
    finals: Mapping[tuple[str, Modality], Response],
    sentences: Sentences,
) -> StreamVerdicts:
    judged: dict[str, Category] = {}
    left_out: list[LeftOut] = []
    for patient in people:
        if not _has(patient, modality):
            continue
        final = finals.get((patient.id, modality))
        if final is None:
            left_out.append(LeftOut(patient=patient.id, why="fewer than two timepoints read"))
        elif final.category in ORDER:
            judged[patient.id] = final.category
        else:
            why = f"{final.category.value.replace('_', ' ')}: {sentences(final.reasons)}"
            left_out.append(LeftOut(patient=patient.id, why=why))
    return StreamVerdicts(stream=NAMES[modality], judged=judged, left_out=tuple(left_out))


def _joined(streams: Sequence[StreamVerdicts]) -> StreamVerdicts:
    """Return radiology: what its modalities say where they agree."""
    said: dict[str, dict[str, Category]] = {}
    why: dict[str, list[str]] = {}
    for stream in streams:
        for patient, category in stream.judged.items():
            said.setdefault(patient, {})[stream.stream] = category
        for left in stream.left_out:
            why.setdefault(left.patient, []).append(f"{stream.stream} {left.why}")
    judged: dict[str, Category] = {}
    for patient, by_modality in said.items():
        if len(set(by_modality.values())) == 1:
            judged[patient] = next(iter(by_modality.values()))
        else:
            listed = ", ".join(f"{name} {category.value}" for name, category in by_modality.items())
            why[patient] = [f"modalities differ: {listed}"]
    left_out = (LeftOut(patient=p, why="; ".join(texts)) for p, texts in why.items() if p not in judged)
    return StreamVerdicts(
        stream=RADIOLOGY, judged=judged, left_out=tuple(sorted(left_out, key=lambda left: left.patient))
    )


def _all_told(stream: StreamVerdicts, people: Sequence[Patient]) -> StreamVerdicts:
    """Return a stream that also names the participants of whom there are no such images."""
    told = {*stream.judged, *(left.patient for left in stream.left_out)}
    rest = [LeftOut(patient=p.id, why=f"no {stream.stream}") for p in people if p.id not in told]
    left_out = sorted((*stream.left_out, *rest), key=lambda left: left.patient)
    return StreamVerdicts(stream=stream.stream, judged=stream.judged, left_out=tuple(left_out))


def last_scores(scores: Iterable[ScoreResponse]) -> Mapping[str, Mapping[str, ScoreResponse]]:
    """Return the last change of each score, by score and patient."""
    found: dict[str, dict[str, ScoreResponse]] = {}
    for response in sorted(scores, key=lambda s: s.date):
        found.setdefault(response.score, {})[response.patient] = response
    return {name: dict(sorted(found[name].items())) for name in sorted(found)}


def _of_scores(scores: Sequence[ScoreResponse], sentences: Sentences) -> Iterable[StreamVerdicts]:
    for name, by_patient in last_scores(scores).items():
        judged = {p: s.category for p, s in by_patient.items() if s.category in ORDER}
        left_out = tuple(
            LeftOut(patient=p, why=sentences(s.reasons)) for p, s in by_patient.items() if p not in judged
        )
        if judged:  # a score without a rule is told with its numbers only
            yield StreamVerdicts(stream=f"{SCORE}{name}", judged=judged, left_out=left_out)


def follow_up_times(people: Sequence[Patient]) -> tuple[FollowUpTime, ...]:
    """Return how long after the first treatment the last photograph and the last radiology were taken.

    In months of 30.4375 days, from the first day of the first treatment to the day of the last timepoint with
    such a picture, read or not. Patients without a start of treatment, without such a picture, or whose last
    one was taken before the start, are left out.
    """
    kinds = {PHOTOGRAPHS: {Modality.XC}, RADIOLOGY: {Modality.DX, Modality.CT, Modality.MR}}
    return tuple(
        _time(stream, modalities, people)
        for stream, modalities in kinds.items()
        if any(_has(patient, modality) for patient in people for modality in modalities)
    )


def _time(stream: str, modalities: set[Modality], people: Sequence[Patient]) -> FollowUpTime:
    months: list[float] = []
    left_out: list[LeftOut] = []
    for patient in people:
        last = _last(patient, modalities)
        start = patient.treatment_start
        if last is None:
            left_out.append(LeftOut(patient=patient.id, why=f"no {stream}"))
        elif start is None:
            left_out.append(LeftOut(patient=patient.id, why="start of treatment not known"))
        elif last < start:
            left_out.append(LeftOut(patient=patient.id, why="none after the start of treatment"))
        else:
            months.append((last - start).days / DAYS_PER_MONTH)
    numbers = describe(months, missing=len(left_out), decimals=0)
    return FollowUpTime(stream=stream, months=numbers, left_out=tuple(left_out))


def _last(patient: Patient, modalities: set[Modality]) -> date | None:
    days = (
        timepoint.date
        for timepoint in patient.timepoints
        if any(image.modality.stream in modalities for image in timepoint.images)
    )
    return max(days, default=None)
