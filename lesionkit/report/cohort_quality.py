"""What a cohort's data lack: how much was read, scaled, aligned and known, and what was wrong."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lesionkit.core.cohort import Patient
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.likeness import Comparable
from lesionkit.core.outcome import Outcome, Problem, Severity
from lesionkit.report import words
from lesionkit.report.page_parts import STREAM_ORDER
from lesionkit.report.source import Source

_EXAMPLES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRow:
    """So many of so many.

    Parameters
    ----------
    name : str
        What is counted.
    count, of : int
        How many, of how many.
    note : str
        What it means where it is not all of them.
    """

    name: str
    count: int
    of: int
    note: str = ""

    @property
    def pct(self) -> str:
        """The percentage in words; a dash of nobody."""
        return f"{100 * self.count / self.of:.0f} %" if self.of else words.DASH


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemKind:
    """All problems of one code.

    Parameters
    ----------
    kind, severity, code : str
        The severity for the style sheet and in words, and the code.
    count : int
        How many.
    patients : int
        Of how many patients; those about no one patient in none.
    examples : tuple of Problem
        The first ones.
    """

    kind: str
    severity: str
    code: str
    count: int
    patients: int
    examples: tuple[Problem, ...]

    @property
    def more(self) -> int:
        """How many are not among the examples."""
        return self.count - len(self.examples)


def problem_kinds(problems: Sequence[Problem], source: Source) -> tuple[ProblemKind, ...]:
    """Return problems by severity and code, worst first and the commonest of them first."""
    owners = {problem: patient for patient, some in source.problems.items() for problem in some}
    groups: dict[tuple[Severity, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.severity, problem.code), []).append(problem)
    rank = list(Severity)
    order = sorted(groups, key=lambda key: (rank.index(key[0]), -len(groups[key]), key[1]))
    return tuple(
        ProblemKind(
            kind=severity.value,
            severity=words.SEVERITIES[severity][0].removesuffix("s"),
            code=code,
            count=len(groups[severity, code]),
            patients=len({owners[p] for p in groups[severity, code] if p in owners}),
            examples=tuple(groups[severity, code][:_EXAMPLES]),
        )
        for severity, code in order
    )


def quality_rows(source: Source, patients: Sequence[Patient]) -> tuple[QualityRow, ...]:
    """Return how much of a cohort was read, scaled, aligned and told, each with its denominator."""
    return tuple(row for row in (*_images(source), *_people(source.outcome, patients)) if row.of)


def _images(source: Source) -> Iterator[QualityRow]:
    outcome = source.outcome
    refs = outcome.cohort.images
    read = [ref for ref in refs if source.is_read(ref.id)]
    yield QualityRow(
        name="Images read", count=len(read), of=len(refs), note="Nobody has looked at the others."
    )
    for stream in STREAM_ORDER:
        grids = [outcome.grids[ref.id] for ref in read if ref.modality.stream is stream]
        sources = Counter(words.SCALES[grid.scale_source] for grid in grids if grid.is_calibrated)
        yield QualityRow(
            name=f"{words.STREAMS[stream]}: read images with a scale",
            count=sum(grid.is_calibrated for grid in grids),
            of=len(grids),
            note="; ".join(f"{name}: {n}" for name, n in sources.most_common()),
        )
    moved = [t for t in outcome.transforms.values() if t.source != t.target]
    yield QualityRow(
        name="Later images laid on the first of their site",
        count=sum(transform.is_reliable for transform in moved),
        of=len(moved),
        note="The alignment of the others failed its checks: their deposits are matched unconfirmed.",
    )
    likenesses = outcome.likenesses
    yield QualityRow(
        name="Later photographs taken like the first",
        count=sum(found.verdict is Comparable.YES for found in likenesses),
        of=len(likenesses),
        note=f"{sum(f.verdict is Comparable.RETAKE for f in likenesses)} should be taken again.",
    )


def _people(outcome: Outcome, patients: Sequence[Patient]) -> Iterator[QualityRow]:
    yield QualityRow(
        name="Patients with a known start of treatment",
        count=sum(patient.treatment_start is not None for patient in patients),
        of=len(patients),
        note="Of the others, the first reading is the baseline.",
    )
    judged = {(r.patient, r.modality.stream) for r in outcome.responses}
    for stream in STREAM_ORDER:
        with_images = [p for p in patients if _has(p.images, stream)]
        yield QualityRow(
            name=f"{words.STREAMS[stream]}: patients with two readings or more",
            count=sum((patient.id, stream) in judged for patient in with_images),
            of=len(with_images),
            note="There is nothing to compare in the others.",
        )
    if outcome.answers:
        yield QualityRow(
            name="Patients who answered the questionnaire",
            count=sum(patient.id in outcome.answers for patient in patients),
            of=len(patients),
            note="A missing answer is not a no.",
        )


def _has(images: Iterable[ImageRef], stream: Modality) -> bool:
    return any(image.modality.stream is stream for image in images)
