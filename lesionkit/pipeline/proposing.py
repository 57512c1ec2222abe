"""One image that nobody has read -> what a suggester proposes for it, and why where it is nothing."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from lesionkit import __version__
from lesionkit.core.image import Image, ImageRef, Modality
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.region import Deposit
from lesionkit.errors import LesionkitError
from lesionkit.geometry.overlap import share_ground
from lesionkit.io import DrawingFile

if TYPE_CHECKING:
    from lesionkit.suggest import Earlier, Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBefore:
    """An image of the same site that somebody has read.

    Parameters
    ----------
    ref : ImageRef
        The image.
    day : date
        Of its timepoint.
    files : tuple of DrawingFile
        Its outlines, of one reader.
    """

    ref: ImageRef
    day: date
    files: tuple[DrawingFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestJob:
    """One image that is to get proposals.

    Parameters
    ----------
    ref : ImageRef
        The image.
    patient : str
        Pseudonym.
    day : date
        Of its timepoint.
    before : tuple of ReadBefore
        Images of its site read before, the last one first.
    suggesters : tuple of str
        Asked in this order; a later one adds what shares no ground with what is there.
    """

    ref: ImageRef
    patient: str
    day: date
    before: tuple[ReadBefore, ...]
    suggesters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What was proposed for one image.

    Parameters
    ----------
    proposals : tuple of (str, Proposal)
        One per deposit, each with its author: distribution, its version and the suggester.
    problems : tuple of Problem
        Why there is none, or what went wrong.
    """

    proposals: "tuple[tuple[str, Proposal], ...]" = ()
    problems: tuple[Problem, ...] = ()


def propose(job: SuggestJob) -> Proposed:
    """Return what is proposed for an image; whatever goes wrong with it is in the problems."""
    try:
        return _propose(job)
    except LesionkitError as error:
        return Proposed(problems=(_failed(job.ref, f"{error.message.rstrip('.')}.", error.hint),))
    except Exception as error:  # a trained model may fail in any way; the other images must go on
        # What a library says of a file may quote its header: whose it is.
        text = f"No outlines could be proposed ({type(error).__name__})."
        return Proposed(problems=(_failed(job.ref, text, ""),))


def _propose(job: SuggestJob) -> Proposed:
    from lesionkit.io import load_image
    from lesionkit.suggest import SUGGESTERS
    from lesionkit.suggest.suggesters import BUILT_IN

    if not job.before and job.ref.modality is not Modality.CT and set(job.suggesters) <= set(BUILT_IN):
        return Proposed(problems=(_nothing(job.ref, _why_none(job.ref)),))
    image = load_image(job.ref)
    earlier, problems = _earlier(job, image)
    found: list[tuple[str, Proposal]] = []
    for name in job.suggesters:
        there = [proposal for _, proposal in found]
        found += [
            (_author(name), proposal)
            for proposal in SUGGESTERS.load(name)(image, earlier=earlier)
            if not any(_overlap(proposal, other) for other in there)
        ]
    if found:
        return Proposed(proposals=tuple(found), problems=problems)
    why = problems[0].text if problems else _why_none(job.ref)
    return Proposed(problems=(*problems[1:], _nothing(job.ref, why)))


def _overlap(one: "Proposal", other: "Proposal") -> bool:
    return any(share_ground(a, b) for a in one.regions for b in other.regions)


def _author(name: str) -> str:
    """Return who proposes: the distribution that provides a suggester, its version, and the suggester."""
    from lesionkit.suggest import SUGGESTERS
    from lesionkit.suggest.suggesters import BUILT_IN

    if name in BUILT_IN:
        return f"lesionkit {__version__} {name}"
    (own,) = (each for each in SUGGESTERS.extensions() if each.name == name)
    return f"{own.origin} {own.version} {name}"


def _earlier(job: SuggestJob, image: Image) -> "tuple[Earlier | None, tuple[Problem, ...]]":
    """Return the last timepoint on which a person saw deposits, aligned with this image."""
    from lesionkit.align import align
    from lesionkit.io import load_image
    from lesionkit.suggest import Earlier

    for before in job.before:
        deposits = _drawn(before)
        if not deposits:
            continue
        old = load_image(before.ref)
        transform, _ = align(
            image,
            old,
            image_id=job.ref.id,
            baseline_id=before.ref.id,
            focus=[region for deposit in deposits for region in deposit.regions],
        )
        if not transform.is_reliable:
            text = f"The outlines of {before.day} could not be carried onto it, for it could not be aligned."
            return None, (_nothing(job.ref, text),)
        return Earlier(image=old, deposits=deposits, transform=transform.inverse()), ()
    return None, ()


def _drawn(before: ReadBefore) -> tuple[Deposit, ...]:
    from lesionkit.io import load_drawing

    drawings = [load_drawing(file, image=before.ref)[0] for file in before.files]
    return tuple(d for drawing in drawings if drawing for d in drawing.deposits if d.counts)


def _why_none(ref: ImageRef) -> str:
    if ref.modality is Modality.CT:
        return "Nothing in it is as dense as calcium, in soft tissue and no bone."
    return "No earlier image of its site with deposits was read, from which outlines could be carried."


def _nothing(ref: ImageRef, text: str) -> Problem:
    return Problem(
        severity=Severity.INFO,
        code="nothing_suggested",
        about=ref.location,
        text=f"No outlines are proposed. {text.removeprefix('No outlines are proposed. ')}",
        hint="Somebody must look at it: that nothing is proposed does not say that nothing is there.",
    )


def _failed(ref: ImageRef, text: str, hint: str) -> Problem:
    return Problem(
        severity=Severity.ERROR, code="image_not_suggested", about=ref.location, text=text, hint=hint
    )
