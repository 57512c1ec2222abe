"""A folder's images that nobody has read -> proposed outlines, beside them and never over anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Problem, Severity, any_error, worst_first
from lesionkit.core.region import Deposit, Status
from lesionkit.io.archive import is_packed
from lesionkit.pipeline.beside import write_beside
from lesionkit.pipeline.engine import Progress, run_all, stay_quiet, workers
from lesionkit.pipeline.examine import Examination, examine
from lesionkit.pipeline.place import must_be_writable
from lesionkit.pipeline.proposing import Proposed, ReadBefore, SuggestJob, propose
from lesionkit.pipeline.publish import must_be_outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What was proposed for one image.

    Parameters
    ----------
    ref : ImageRef
        The image.
    patient : str
        Pseudonym.
    date : date
        Of its timepoint.
    deposits : tuple of Deposit
        All *suggested*; none where nothing could be proposed.
    path : Path, optional
        The file they stand in; None where none was written.
    """

    ref: ImageRef
    patient: str
    date: date
    deposits: tuple[Deposit, ...] = ()
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What was proposed for a folder.

    Parameters
    ----------
    found : tuple of Suggestion
        One for every image that nobody has read, in the cohort's order.
    problems : tuple of Problem
        Worst first.
    """

    found: tuple[Suggestion, ...]
    problems: tuple[Problem, ...]

    @property
    def has_errors(self) -> bool:
        """Whether anything that was proposed could not be written."""
        return any_error(self.problems)


def suggest(
    folder: Path | str,
    *,
    patients: Sequence[str] | None = None,
    suggester: str | None = None,
    out: Path | None = None,
    dry_run: bool = False,
    jobs: int | None = None,
    progress: Progress = stay_quiet,
) -> Suggestions:
    """Write proposed outlines of the images that nobody has read, and return what was proposed.

    An image with any outline file, of any reader, is left alone. Outlines of pictures go to
    ``<image>.outlines.geojson``, those of DICOM volumes to ``<series>.outlines.dcm``; no file is ever
    replaced. Every deposit is *suggested*: it counts in no response until a person has confirmed it. Where
    nothing is found no file is written, since an empty one would say that a person looked.

    Parameters
    ----------
    folder : path
        The cohort.
    patients : sequence of str, optional
        Only these.
    suggester : str, optional
        Name of the one to use; None = the built-in ones: ``propagate``, and ``calcium`` for what it
        finds elsewhere.
    out : Path, optional
        A folder outside the cohort to write to instead, each file as its image lies in the cohort.
    dry_run : bool
        Write nothing.
    jobs : int, optional
        Images handled at a time; None = one per processor.
    progress : Progress, optional
        Told of every step.

    Raises
    ------
    InputError
        If the folder holds no image, or may not be written to.
    ExtensionError
        If there is no such suggester, or it cannot be loaded.
    """
    from lesionkit.suggest import SUGGESTERS
    from lesionkit.suggest.suggesters import BUILT_IN

    names = BUILT_IN if suggester is None else (suggester,)
    for name in names:
        SUGGESTERS.load(name)  # fails here rather than on every image
    examined = examine(folder, patients=patients)
    root = out or examined.cohort.root
    if not dry_run:
        if out is not None:
            must_be_outside(folder, out)
        must_be_writable(root)
    todo = list(_jobs(examined, names))
    is_lost = [not dry_run and out is None and is_packed(job.ref.paths[0]) for job in todo]
    asked = [job for job, lost in zip(todo, is_lost, strict=True) if not lost]
    with workers(jobs=jobs) as executor:
        results = run_all(executor, propose, asked, stage="Proposing outlines", progress=progress)
    by_image = {job.ref.id: result for job, result in zip(asked, results, strict=True)}
    problems = [problem for result in results for problem in result.problems]
    problems += [_packed(job.ref) for job, lost in zip(todo, is_lost, strict=True) if lost]
    found = []
    for job in todo:
        deposits = _deposits(by_image.get(job.ref.id, Proposed()), job.ref)
        path = None
        if deposits and not dry_run:
            path, faults = write_beside(job.ref, deposits, examined, root=root)
            problems += faults
        found.append(Suggestion(ref=job.ref, patient=job.patient, date=job.day, deposits=deposits, path=path))
    return Suggestions(found=tuple(found), problems=worst_first(problems))


def _jobs(examined: Examination, suggesters: tuple[str, ...]) -> Iterator[SuggestJob]:
    """Yield the images without any outline file, each with those of its site that were read before."""
    for patient in examined.cohort.patients:
        read: list[ReadBefore] = []
        for timepoint in patient.timepoints:
            for ref in timepoint.images:
                if not examined.readers.get(ref.id):
                    before = tuple(
                        earlier
                        for earlier in reversed(read)
                        if earlier.day < timepoint.date and _is_comparable(earlier.ref, ref)
                    )
                    yield SuggestJob(
                        ref=ref,
                        patient=patient.id,
                        day=timepoint.date,
                        before=before,
                        suggesters=suggesters,
                    )
            read += [
                ReadBefore(ref=ref, day=timepoint.date, files=examined.drawings[ref.id])
                for ref in timepoint.images
                if ref.id in examined.drawings
            ]


def _is_comparable(one: ImageRef, other: ImageRef) -> bool:
    return (one.modality.stream, one.site, len(one.grid.shape)) == (
        other.modality.stream,
        other.site,
        len(other.grid.shape),
    )


def _deposits(proposed: Proposed, ref: ImageRef) -> tuple[Deposit, ...]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return tuple(
        Deposit(
            id=f"{number}" if proposal.name is None else f"{number} {proposal.name}",
            image=ref.id,
            regions=proposal.regions,
            name=proposal.name,
            role=proposal.role,
            tracking_uid=proposal.tracking_uid,
            status=Status.SUGGESTED,
            author=author,
            drawn_at=now,
        )
        for number, (author, proposal) in enumerate(proposed.proposals, start=1)
    )


def _packed(ref: ImageRef) -> Problem:
    return Problem(
        severity=Severity.ERROR,
        code="suggestion_in_archive",
        about=ref.location,
        text="The image lies in a ZIP archive, in which no outline file can be kept: nothing is proposed.",
        hint="Unpack the archive into the folder, or name another folder to write to with --out.",
    )
