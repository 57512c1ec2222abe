"""What a folder holds before anything is measured: images, who outlined them, and what is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lesionkit.core.cohort import Cohort
from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.likeness import Comparability
from lesionkit.core.outcome import Problem, Severity, any_error, worst_first
from lesionkit.core.settings import Settings
from lesionkit.io import DrawingFile, find_drawings, read_folder, read_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a folder holds.

    Parameters
    ----------
    cohort : Cohort
        Who was seen, when, with which images.
    settings : Settings
        From ``cohort.toml``.
    drawings : Mapping of str to tuple of DrawingFile
        The outline files to be measured, by image id; images that nobody has read are not in it.
    readers : Mapping of str to tuple of str
        Everyone who outlined an image, by image id; empty text is the common reading.
    problems : tuple of Problem
        Worst first.
    grids : Mapping of str to Grid
        Geometry with scale of the images looked into, by image id; empty where only headers were read.
    likenesses : tuple of Comparability
        How alike each later photograph was taken to the first one of its site, where they were looked into.
    """

    cohort: Cohort
    settings: Settings
    drawings: Mapping[str, tuple[DrawingFile, ...]]
    readers: Mapping[str, tuple[str, ...]]
    problems: tuple[Problem, ...]
    grids: Mapping[str, Grid] = field(default_factory=dict)
    likenesses: tuple[Comparability, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether anything the user meant to be read cannot be."""
        return any_error(self.problems)

    @property
    def read_images(self) -> tuple[ImageRef, ...]:
        """The images that somebody has outlined, in the cohort's order."""
        return tuple(image for image in self.cohort.images if image.id in self.drawings)


def examine(
    folder: Path | str, *, patients: Sequence[str] | None = None, reader: str | None = None
) -> Examination:
    """Return what a folder holds, from file names and headers only.

    Parameters
    ----------
    folder : path
        The cohort.
    patients : sequence of str, optional
        Only these.
    reader : str, optional
        Whose outlines to measure where several people drew; None = the common file
        (``<stem>.outlines.geojson``), else the first reader by name.

    Raises
    ------
    InputError
        If the folder does not exist, holds no image, ``cohort.toml`` is wrong, or a named patient
        is not in it.
    """
    root = Path(folder)
    settings = read_settings(root)
    contents = read_folder(root, settings=settings, patients=patients or None)
    cohort = contents.cohort
    found, problems = find_drawings(cohort, contents.outline_files)
    chosen: dict[str, tuple[DrawingFile, ...]] = {}
    choices: list[Problem] = []
    for image in cohort.images:
        files = found.get(image.id, ())
        if files:
            drawn_by, problem = _choose_reader(image, files, reader)
            choices.extend(problem)
            if drawn_by is not None:
                chosen[image.id] = tuple(file for file in files if file.reader == drawn_by)
    readers = {
        image.id: tuple(sorted({file.reader for file in found.get(image.id, ())})) for image in cohort.images
    }
    unread = _unread(cohort, chosen, readers)
    mixed = _mixed_readers(cohort, chosen)
    return Examination(
        cohort=cohort,
        settings=settings,
        drawings=chosen,
        readers=readers,
        problems=worst_first((*contents.problems, *problems, *choices, *mixed, *unread)),
    )


def _mixed_readers(cohort: Cohort, chosen: Mapping[str, tuple[DrawingFile, ...]]) -> Iterator[Problem]:
    for patient in cohort.patients:
        drawn_by: dict[tuple[Modality, str], set[str]] = {}
        for image in patient.images:
            names = {file.reader for file in chosen.get(image.id, ())}
            drawn_by.setdefault((image.modality.stream, image.site), set()).update(names)
        for (stream, site), names in drawn_by.items():
            if len(names) > 1:
                yield Problem(
                    severity=Severity.WARNING,
                    code="readers_differ",
                    about=f"{patient.id} {stream} {site}",
                    text="Its timepoints were outlined by different readers "
                    f"({', '.join(sorted(name or 'the common file' for name in names))}): "
                    "a change may be the reader's rather than the deposits'.",
                    hint="Name one reader with --reader, or have one person outline every timepoint.",
                )


def _choose_reader(
    image: ImageRef, files: Sequence[DrawingFile], reader: str | None
) -> tuple[str | None, list[Problem]]:
    names = sorted({file.reader for file in files})
    if reader is not None:
        return (reader if reader in names else None), []
    if len(names) > 1 and names[0] != "":
        return names[0], [
            Problem(
                severity=Severity.WARNING,
                code="several_readers",
                about=image.location,
                text=f"It was outlined by {', '.join(names)} and has no common outline file; "
                f"{names[0]}'s outlines were measured.",
                hint="Name the reader to measure with --reader, or save the agreed outlines as "
                "the file without a reader's name.",
            )
        ]
    return names[0], []


def _unread(
    cohort: Cohort, chosen: Mapping[str, object], readers: Mapping[str, tuple[str, ...]]
) -> Iterator[Problem]:
    for ref in cohort.images:
        if ref.id in chosen:
            continue
        others = " and ".join(name or "the common file" for name in readers[ref.id])
        who = f"Only {others} outlined this" if others else "Nobody has outlined this"
        yield Problem(
            severity=Severity.WARNING,
            code="not_outlined",
            about=ref.location,
            text=f"{who} {_KIND[ref.modality]}: its deposits count as unseen, not as absent.",
            hint="Outline its deposits; if there are none, save an outline file without features.",
        )


_KIND = {
    Modality.XC: "photograph",
    Modality.CR: "radiograph",
    Modality.DX: "radiograph",
    Modality.CT: "CT series",
    Modality.MR: "MR series",
}
