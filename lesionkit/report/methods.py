"""How a page's numbers came about, as the methods of a paper tell it, with what is to be cited."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lesionkit.core.cohort import Patient
from lesionkit.core.grid import ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.outcome import Outcome
from lesionkit.core.response import Criterion
from lesionkit.core.settings import BaselineRule
from lesionkit.core.transform import Transform
from lesionkit.report import words

_STREAMS_IN_TEXT = {
    Modality.XC: "photographs",
    Modality.DX: "radiographs",
    Modality.CT: "CT",
    Modality.MR: "MR",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """A paragraph, and what it cites.

    Parameters
    ----------
    text : str
        The paragraph; it cites by number.
    references : tuple of str
        In that order.
    """

    text: str
    references: tuple[str, ...]


def methods_of(outcome: Outcome, patient: Patient) -> Methods:
    """Return how a patient's images were measured and judged; only what was done is told."""
    cited = [criterion.citation for criterion in outcome.criteria if criterion.citation]
    numbers = {citation: index for index, citation in enumerate(dict.fromkeys(cited), start=1)}
    return Methods(
        text=" ".join(
            [
                *_measured(outcome, patient),
                *_scales(outcome, patient),
                *_followed(outcome, patient),
                *(_judged(criterion, numbers) for criterion in outcome.criteria),
                *_compared(outcome),
                *_told(outcome, patient),
                *_software(outcome),
            ]
        ),
        references=tuple(numbers),
    )


def _measured(outcome: Outcome, patient: Patient) -> Iterator[str]:
    ids = {ref.id for ref in patient.images}
    deposits = [deposit for deposit in outcome.deposits if deposit.image in ids and deposit.counts]
    authors = {deposit.author for deposit in deposits if deposit.author}
    by = f" by {len(authors)} reader{'s' if len(authors) > 1 else ''}" if authors else ""
    read = [ref.modality.stream for ref in patient.images if ref.id in outcome.grids]
    listed = ", ".join(f"{read.count(stream)} {_of(stream)}" for stream in dict.fromkeys(read))
    if not read:
        yield "No image has been outlined yet."
        return
    yield f"Calcium deposits were outlined{by} on {listed}."
    planar = " and ".join(_STREAMS_IN_TEXT[s] for s in dict.fromkeys(read) if not s.is_volume)
    volumes = " and ".join(_STREAMS_IN_TEXT[s] for s in dict.fromkeys(read) if s.is_volume)
    sizes = []
    if planar:
        sizes.append(f"the area within its outline on {planar}")
    if volumes:
        sizes.append(f"the number of its voxels times their volume on {volumes}")
    yield f"A deposit's size is {', '.join(sizes)}."
    if any(measurement.image in ids for measurement in outcome.relative):
        yield (
            "Sizes on photographs without a scale are in pixels of the first picture of their site, onto "
            "which their outlines were carried; only their change has a meaning."
        )


def _of(stream: Modality) -> str:
    return _STREAMS_IN_TEXT[stream] if stream in (Modality.XC, Modality.DX) else f"{stream.value} series"


def _scales(outcome: Outcome, patient: Patient) -> Iterator[str]:
    found: dict[Modality, Counter[ScaleSource]] = {}
    for ref in patient.images:
        if ref.id in outcome.grids:
            found.setdefault(ref.modality.stream, Counter())[outcome.grids[ref.id].scale_source] += 1
    for stream, sources in found.items():
        listed = ", ".join(f"{words.SCALES[source]} ({count})" for source, count in sources.most_common())
        yield f"Scale of {_STREAMS_IN_TEXT[stream]}: {listed}."


def _followed(outcome: Outcome, patient: Patient) -> Iterator[str]:
    used = [outcome.transforms[ref.id] for ref in patient.images if ref.id in outcome.transforms]
    ways = _ways(used)
    if ways:
        failed = sum(not transform.is_reliable for transform in used)
        but = f" ({failed} could not be aligned reliably)" if failed else ""
        yield f"Images of one site were aligned with the first one {ways}{but}."
    if any(part.is_reliable for transform in used for part in transform.parts):
        yield "Where a finger or another part had turned at a joint in between, it was laid by itself."
    tracks = [track for track in outcome.tracks if track.patient == patient.id]
    if tracks:
        kinds = Counter(s.matched_by for track in tracks for s in track.sightings if s.matched_by)
        listed = ", ".join(f"{words.MATCHES[kind]} ({count})" for kind, count in kinds.most_common())
        yield f"Deposits were followed through time{f' by {listed}' if listed else ''}."


def _ways(used: Iterable[Transform]) -> str:
    names = dict.fromkeys(t.method for t in used if t.is_reliable and t.source != t.target)
    return " and ".join(words.ALIGNED_BY.get(name, f"by {name}") for name in names)


def _judged(criterion: Criterion, numbers: dict[str, int]) -> str:
    cited = f" [{numbers[criterion.citation]}]" if criterion.citation in numbers else ""
    validated = f" The rule was validated on {criterion.validated_on}." if criterion.validated_on else ""
    return f"Response was judged by {criterion.name}{cited}. {words.rule(criterion)}{validated}"


def _compared(outcome: Outcome) -> Iterator[str]:
    start = (
        "the last image on or before the start of treatment, else the first"
        if outcome.settings.baseline is BaselineRule.TREATMENT
        else "the first image"
    )
    yield (
        f"Baseline is {start}. A deposit that was looked for and not there counts as absent; one that was "
        "not imaged as unseen, and the site is then not evaluable unless it has progressed already."
    )
    if any(response.change_pct_limits is not None for response in outcome.responses):
        yield (
            "Errors of a size come from the outline, the reader and the scale; 95 % limits of a change are "
            "those of the logarithm of the ratio of sizes, in which errors common to both timepoints cancel."
        )
    yield "Photographs, radiology, scores and questionnaire were judged separately and never averaged."


def _told(outcome: Outcome, patient: Patient) -> Iterator[str]:
    scores = list(dict.fromkeys(score.name for score in outcome.given_scores.get(patient.id, ())))
    if scores:
        yield f"Scores as given: {', '.join(words.short(name, 60) for name in scores)}."


def _software(outcome: Outcome) -> Iterator[str]:
    others = ", ".join(f"{k} {v}" for k, v in outcome.versions.items() if k != "lesionkit")
    version = outcome.versions.get("lesionkit", "")
    yield f"Computed with lesionkit {version}{f' ({others})' if others else ''}."
