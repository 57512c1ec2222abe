"""An outcome with its parts at hand: sorted once, so that many patients cost no more per page than few."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from lesionkit.core.image import Modality
from lesionkit.core.measurement import Measurement
from lesionkit.core.outcome import Outcome, Problem
from lesionkit.core.region import Deposit
from lesionkit.core.response import Criterion, Response
from lesionkit.report.course import Course, courses, criteria_of
from lesionkit.report.exporters import Load

Site = tuple[str, Modality, str]
"""Patient, stream and site."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What pages are made from.

    Parameters
    ----------
    outcome : Outcome
        The result.
    load : callable, optional
        Loads an image's pixels.
    texts : Mapping of str to str
        The sentence of each reason code.
    courses, responses : Mapping
        The outcome's, by patient, stream and site; responses on single tracks are left out.
    criteria : Mapping of Modality to Criterion
        The rule of each stream.
    deposits, measurements : Mapping
        The outcome's, by image.
    problems : Mapping
        The outcome's, by the patient they are about; those about no one patient are left out.
    """

    outcome: Outcome
    load: Load | None
    texts: Mapping[str, str]
    courses: Mapping[Site, tuple[Course, ...]]
    responses: Mapping[Site, tuple[Response, ...]]
    criteria: Mapping[Modality, Criterion]
    deposits: Mapping[str, tuple[Deposit, ...]]
    measurements: Mapping[str, tuple[Measurement, ...]]
    problems: Mapping[str, tuple[Problem, ...]]

    @classmethod
    def of(cls, outcome: Outcome, *, load: Load | None, texts: Mapping[str, str]) -> "Source":
        """Return an outcome with its parts at hand."""
        return cls(
            outcome=outcome,
            load=load,
            texts=texts,
            courses=_grouped(courses(outcome), lambda c: (c.track.patient, c.track.modality, c.track.site)),
            responses=_grouped(
                (response for response in outcome.responses if response.track is None),
                lambda r: (r.patient, r.modality.stream, r.site),
            ),
            criteria=criteria_of(outcome),
            deposits=_grouped(outcome.deposits, lambda deposit: deposit.image),
            measurements=_grouped(outcome.measurements, lambda measurement: measurement.image),
            problems=_problems_by_patient(outcome),
        )

    def is_read(self, image: str) -> bool:
        """Return whether a person has said what is on an image; suggestions alone do not count."""
        found = self.deposits.get(image, ())
        return image in self.outcome.grids and (not found or any(deposit.counts for deposit in found))


def _problems_by_patient(outcome: Outcome) -> dict[str, tuple[Problem, ...]]:
    owners: dict[str, set[str]] = {}
    for patient in outcome.cohort.patients:
        for name in (patient.id, f"sub-{patient.id}"):
            owners.setdefault(name, set()).add(patient.id)
        for ref in patient.images:
            # Its first folder tells whose a file is that could not be read; not where patients share it.
            for name in (ref.id, ref.location, ref.location.split("/")[0]):
                owners.setdefault(name, set()).add(patient.id)

    def owner(problem: Problem) -> str | None:
        words = problem.about.split(" ")
        starts = (" ".join(words[:count]) for count in range(len(words), 0, -1))
        for name in (*starts, problem.about.split("/")[0]):
            if len(owners.get(name, ())) == 1:
                return next(iter(owners[name]))
        return None

    found = _grouped(outcome.problems, owner)
    return {patient: problems for patient, problems in found.items() if patient is not None}


def _grouped(values: Iterable[V], key: Callable[[V], K]) -> dict[K, tuple[V, ...]]:
    groups: dict[K, list[V]] = {}
    for value in values:
        groups.setdefault(key(value), []).append(value)
    return {name: tuple(group) for name, group in groups.items()}
