"""One patient's readings of one site -> its tracks, with the alignments they rest on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING

from lesionkit.core.image import Image, ImageRef, Modality
from lesionkit.core.likeness import Comparability
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.region import Deposit, Region
from lesionkit.core.track import Reading, Track
from lesionkit.core.transform import Carried, Transform
from lesionkit.pipeline.alike import tell_not_carried, tell_unlike
from lesionkit.pipeline.memo import Memo, kept

if TYPE_CHECKING:
    from lesionkit.align import Sighted
    from lesionkit.track import Doubt


@kept
@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """How one image lies on another, and what was wrong.

    Parameters
    ----------
    transform : Transform
        From the later image onto the first.
    problems : tuple of Problem
        Why it failed, where it did.
    near : tuple of Carried
        The later image's outlines on the first, where both are photographs without a scale.
    likeness : Comparability, optional
        How alike two photographs were taken.
    """

    transform: Transform
    problems: tuple[Problem, ...] = ()
    near: tuple[Carried, ...] = ()
    likeness: Comparability | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteJob:
    """The readings of one site.

    Parameters
    ----------
    patient : str
        Pseudonym.
    modality : Modality
        Stream.
    site : str
        Body site.
    dates : tuple of date
        All timepoints of the stream.
    readings : tuple of Reading
        In order of time, at most one per date.
    refs : tuple of ImageRef
        Their images.
    fingerprints : tuple of str
        SHA-256 of each image.
    focus : str
        SHA-256 of the first image's outlines, round which the images are aligned.
    memo : Memo
        Where alignments are kept.
    drawings : tuple of str
        SHA-256 of each image's outlines.
    """

    patient: str
    modality: Modality
    site: str
    dates: tuple[date, ...]
    readings: tuple[Reading, ...]
    refs: tuple[ImageRef, ...]
    fingerprints: tuple[str, ...]
    focus: str
    memo: Memo
    drawings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What became of the deposits of one site.

    Parameters
    ----------
    tracks : tuple of Track
        Deposits through time.
    transforms : tuple of Transform
        Of each reading's image onto the first one's.
    problems : tuple of Problem
        Alignments that failed, outlines that could not be carried, and names the images speak against.
    near : Mapping of str to tuple of Carried
        By image: its outlines on the first one, where both are photographs without a scale.
    likenesses : tuple of Comparability
        How alike each later photograph was taken to the first.
    """

    tracks: tuple[Track, ...]
    transforms: tuple[Transform, ...]
    problems: tuple[Problem, ...]
    near: Mapping[str, tuple[Carried, ...]] = field(default_factory=dict)
    likenesses: tuple[Comparability, ...] = ()


def link_site(job: SiteJob) -> Linked:
    """Return the tracks of one site."""
    from lesionkit.track import doubt_names, link_deposits, unknown_marks

    if not any(reading.deposits for reading in job.readings):
        return Linked(tracks=(), transforms=(), problems=())
    alignments = _alignments(job)
    transforms = {a.transform.source: a.transform for a in alignments}
    tracks = link_deposits(
        job.readings,
        transforms,
        patient=job.patient,
        modality=job.modality,
        site=job.site,
        dates=job.dates,
    )
    problems: list[Problem | None] = [problem for a in alignments for problem in a.problems]
    if all(deposit.name for reading in job.readings for deposit in reading.deposits):
        # Every deposit is followed by its name: the alignment decides nothing.
        problems = [problem and replace(problem, severity=Severity.INFO) for problem in problems]
    locations = {ref.id: ref.location for ref in job.refs}
    problems += [_name_in_doubt(d, locations[d.image]) for d in doubt_names(job.readings, transforms)]
    problems += [_mark_unknown(m, locations[m.image]) for m in unknown_marks(job.readings, transforms)]
    near = {a.transform.source: a.near for a in alignments if a.near}
    likenesses = tuple(a.likeness for a in alignments if a.likeness)
    problems += [tell_unlike(likeness, locations[likeness.image]) for likeness in likenesses]
    problems += [tell_not_carried(one, locations[image]) for image, found in near.items() for one in found]
    return Linked(
        tracks=tracks,
        transforms=tuple(transforms.values()),
        problems=tuple(problem for problem in problems if problem is not None),
        near=near,
        likenesses=likenesses,
    )


def likenesses_of(linked: Iterable[Linked]) -> tuple[Comparability, ...]:
    """Return how alike the photographs of some sites were taken."""
    return tuple(likeness for found in linked for likeness in found.likenesses)


def _name_in_doubt(doubt: "Doubt", about: str) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="name_in_doubt",
        about=about,
        text=f"Deposit {doubt.name!r} seems to be what was called {doubt.earlier_name!r} on "
        f"{doubt.earlier_date}; by their names they are followed as two deposits.",
        hint="If it is the same deposit, or a part of it, give it the same name at every timepoint.",
    )


def _mark_unknown(mark: Deposit, about: str) -> Problem:
    which = "A place without a name" if mark.name is None else repr(mark.name)
    return Problem(
        severity=Severity.WARNING,
        code="mark_unknown",
        about=about,
        text=f"{which} is marked {mark.status.value}, but no deposit was seen there, or under that name, "
        "before; the deposit that is meant may count as resolved.",
        hint="Give the mark the deposit's name, spelt as before, or draw it where the deposit was.",
    )


def _alignments(job: SiteJob) -> list[Alignment]:
    first = job.readings[0]
    found = [Alignment(transform=Transform.identity(first.image, first.image, axes=len(first.grid.shape)))]
    from lesionkit.align import Sighted

    # The first image is loaded and described once for all, and only if any alignment is not known yet.
    baseline = cache(lambda: Sighted(_load(job, 0)))
    for index in range(1, len(job.readings)):
        drawn = job.drawings[index] if job.drawings else ""
        key = ("alignment", *_identity(job, index), *_identity(job, 0), job.focus, drawn)
        found.append(job.memo.recall_or(key, partial(_align, job, index, baseline)))
    return found


def _identity(job: SiteJob, index: int) -> tuple[str, ...]:
    """Return all of an image that an alignment hangs on: also its scale, which other files may give."""
    ref, grid = job.refs[index], job.readings[index].grid
    place = [None if matrix is None else matrix.tolist() for matrix in (grid.affine, grid.homography)]
    scale = (grid.shape, grid.spacing_mm, grid.scale_source.value, grid.frame_of_reference, place)
    return ref.id, ref.modality.value, job.fingerprints[index], repr(scale)


def _load(job: SiteJob, index: int) -> Image:
    from lesionkit.io import load_image

    return replace(load_image(job.refs[index]), grid=job.readings[index].grid)


def _align(job: SiteJob, index: int, baseline: Callable[[], "Sighted"]) -> Alignment:
    from lesionkit.align import Sighted, align, align_grids, carry_near, compare_pictures

    moving, first = job.readings[index], job.readings[0]
    transform = align_grids(moving.grid, first.grid, image_id=moving.image, baseline_id=first.image)
    if transform is not None:
        return Alignment(transform=transform)
    here, there = Sighted(_load(job, index)), baseline()
    transform, problems = align(
        here.image,
        there.image,
        image_id=moving.image,
        baseline_id=first.image,
        focus=_regions(first),
        drawn=_regions(moving),
        landmarks=(moving.landmarks, first.landmarks),
        sighted=(here, there),
    )
    near: tuple[Carried, ...] = ()
    if transform.is_reliable and _have_no_scale(job, index):
        near = carry_near(
            here.image, there.image, transform, moving.deposits, others=first.deposits, sighted=(here, there)
        )
    return Alignment(
        transform=transform,
        problems=tuple(replace(problem, about=job.refs[index].location) for problem in problems),
        near=near,
        likeness=compare_pictures(here.image, there.image, transform, focus=_regions(first), carried=near)
        if job.modality is Modality.XC
        else None,
    )


def _have_no_scale(job: SiteJob, index: int) -> bool:
    """Return whether sizes of this image and of the first can be compared by the skin around them alone."""
    grids = job.readings[0].grid, job.readings[index].grid
    return job.modality is Modality.XC and not any(grid.is_calibrated for grid in grids)


def _regions(reading: Reading) -> tuple[Region, ...]:
    return tuple(region for deposit in reading.deposits for region in deposit.regions)
