"""A folder of follow-up images, as it is: who was seen, when, and with which images."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import get_close_matches
from itertools import chain
from pathlib import Path

from lesionkit.core.cohort import Cohort, Patient, Timepoint, Treatment
from lesionkit.core.image import FoundImage
from lesionkit.core.outcome import Problem, Severity, worst_first
from lesionkit.core.settings import Settings
from lesionkit.errors import InputError
from lesionkit.io.archive import is_zip, shown, unpack
from lesionkit.io.clutter import is_clutter, is_passed_over, is_results, nobody_reads
from lesionkit.io.files import detached
from lesionkit.io.load import best_reader
from lesionkit.io.manifest import read_manifest
from lesionkit.io.outline_files import is_outline_file
from lesionkit.io.place import Placed, place_images, pseudonym
from lesionkit.io.problems import error, info, warning
from lesionkit.io.readers import READERS
from lesionkit.io.settings import read_settings
from lesionkit.io.tables import PATIENTS, TREATMENTS, read_facts, read_treatments


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderContents:
    """What lies in a cohort's folder.

    Parameters
    ----------
    cohort : Cohort
        The patients and their images.
    outline_files : tuple of Path
        Files with outlines; `lesionkit.io.drawings.find_drawings` tells of which images.
    problems : tuple of Problem
        What could not be read or placed, or was left out; worst first.
    """

    cohort: Cohort
    outline_files: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_cohort(folder: Path | str) -> Cohort:
    """Return the patients, timepoints and images of a folder, with the settings of its ``cohort.toml``.

    Only headers are read. What is wrong with single files is not told here, but by `read_folder`.

    Raises
    ------
    InputError
        As `read_folder`.
    """
    root = Path(folder)
    return read_folder(root, settings=read_settings(root)).cohort


def read_folder(root: Path, *, settings: Settings, patients: Sequence[str] | None = None) -> FolderContents:
    """Return all that lies in a cohort's folder, from headers only.

    Hidden files, whatever lies under ``derivatives``, documents and tables are passed over. Every
    other file is an image, an outline file, or a problem. A ZIP archive is read as if it were a folder
    (`lesionkit.io.archive.unpack`).

    Parameters
    ----------
    root : Path
        The folder.
    settings : Settings
        From `lesionkit.io.read_settings`.
    patients : sequence of str, optional
        Pseudonyms of those wanted; None = all.

    Raises
    ------
    InputError
        If there is no such folder, no image in it, or none of a wanted patient; if a table is unreadable.
    TypeError
        If `patients` is one text: its letters are no names.
    """
    if not root.is_dir():
        what = "is a file, not a folder" if root.exists() else "does not exist"
        raise InputError(f"{root} {what}", hint="Name the folder that holds the images.")
    if isinstance(patients, str):
        raise TypeError(f"patients must be a list of names, not the text {patients!r}")
    root = root.absolute()
    manifest, problems = read_manifest(root)
    seen = _see(root)
    if not seen.images:
        raise _nothing_found(root, seen)
    placed, shared = place_images(seen.images, root=root, settings=settings, manifest=manifest)
    people, told = _patients(placed, root, settings)
    cohort = Cohort(root=root, name=settings.name or root.resolve().name, patients=people)
    outlines = seen.outlines
    if patients is not None:
        whole, cohort = cohort, _narrowed(cohort, patients)
        outlines = _narrowed_outlines(whole, cohort, outlines)
        placed = tuple(p for p in placed if p.patient in patients)
    by_image = chain.from_iterable(p.problems for p in placed)
    problems = (*problems, *manifest.unused(), *seen.problems, *shared, *told, *by_image, *_doubled(cohort))
    return FolderContents(cohort=cohort, outline_files=outlines, problems=worst_first(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    images: tuple[FoundImage, ...]
    outlines: tuple[Path, ...]
    problems: tuple[Problem, ...]


def _see(root: Path) -> _Seen:
    readers = dict(READERS.loaded())
    lots: dict[str, list[Path]] = {name: [] for name in readers}
    outlines: list[Path] = []
    unread: list[Path] = []
    problems: list[Problem] = [
        warning("reader_not_loaded", e.name, f"The reader {e.name!r} cannot be used.", e.reason)
        for e in READERS.extensions()
        if e.reason
    ]
    for path in _unpacked(_files(root, problems), root, problems):
        about = shown(path, root)
        if is_outline_file(path):
            outlines.append(path)
            continue
        try:
            winner = best_reader(path, readers)
        except OSError as fault:
            problems.append(_unreadable(about, fault))
            continue
        if winner is not None:
            lots[winner].append(path)
        elif not is_clutter(path):
            unread.append(path)
    parts = {part for path in (*chain.from_iterable(lots.values()), *outlines) for part in detached(path)}
    problems += [nobody_reads(p, shown(p, root)) for p in unread if p not in parts]
    scans = [readers[name].scan(lot, root=root) for name, lot in lots.items() if lot]
    return _Seen(
        images=tuple(sorted(chain.from_iterable(s.images for s in scans), key=lambda i: (i.location, i.id))),
        outlines=tuple(sorted({*outlines, *chain.from_iterable(s.outlines for s in scans)})),
        problems=(*problems, *chain.from_iterable(s.problems for s in scans)),
    )


def _files(root: Path, problems: list[Problem]) -> Iterator[Path]:
    """Yield the files that may be of interest, sorted; linked folders are followed, once."""

    def note(fault: OSError) -> None:
        about = os.path.relpath(fault.filename or root, root)
        problems.append(_unreadable(Path(about).as_posix(), fault))

    entered: set[str] = set()
    for folder, below, names in os.walk(root, onerror=note, followlinks=True):
        real = os.path.realpath(folder)
        if real in entered or (Path(folder) != root and is_results(below, names)):
            below.clear()
            continue
        entered.add(real)
        below[:] = sorted(name for name in below if not is_passed_over(name))
        for name in sorted(names):
            if name.startswith("."):
                continue
            path = Path(folder, name)
            about = path.relative_to(root).as_posix()
            if about != _printable(about):
                problems.append(_nameless(about))
                continue
            yield path


def _unpacked(paths: Iterable[Path], root: Path, problems: list[Problem]) -> Iterator[Path]:
    """Yield files, those in an archive instead of it."""
    for path in paths:
        if is_zip(path):
            unpacked = unpack(path, root=root)
            problems.extend(unpacked.problems)
            yield from unpacked.files
        else:
            yield path


def _printable(path: str) -> str:
    return path.encode("utf-8", "replace").decode("utf-8")


def _nameless(about: str) -> Problem:
    text = "The file's name is not UTF-8 and could not be written into any table; it is left out."
    return error("file_name_not_utf8", _printable(about), text, "Rename the file.")


def _unreadable(about: str, fault: OSError) -> Problem:
    text = f"This cannot be opened: {fault.strerror or fault}."
    return error("file_unreadable", about, text, "Check that you may read it.")


def _nothing_found(root: Path, seen: _Seen) -> InputError:
    worst = [p for p in worst_first(seen.problems) if p.severity is Severity.ERROR]
    if worst:
        others = len(worst) - 1
        more = f" (and {others} more problem{'s' * (others > 1)})" if others else ""
        return InputError(
            f"{root} holds no image that can be read: {worst[0].about}: {worst[0].text.rstrip('.')}{more}",
            hint=worst[0].hint,
        )
    return InputError(
        f"{root} holds no image",
        hint="Name the folder that holds photographs (JPEG, PNG, TIFF), DICOM, NIfTI or NRRD files.",
    )


def _patients(
    placed: Sequence[Placed], root: Path, settings: Settings
) -> tuple[tuple[Patient, ...], tuple[Problem, ...]]:
    by_patient: dict[str, list[Placed]] = {}
    for image in placed:
        if image.image is not None:
            by_patient.setdefault(image.patient, []).append(image)
    listed, problems = read_facts(root)
    given, more = read_treatments(root)
    facts: dict[str, Mapping[str, str]] = {}
    for name, row in listed.items():
        facts.setdefault(pseudonym(name, settings), row)
    treatments: dict[str, tuple[Treatment, ...]] = {}
    for name, some in given.items():
        key = pseudonym(name, settings)
        treatments[key] = (*treatments.get(key, ()), *some)
    people = sorted({*by_patient, *facts, *treatments})
    return tuple(
        Patient(
            id=name,
            timepoints=_timepoints(by_patient.get(name, []), settings.timepoint_window_days),
            treatments=treatments.get(name, ()),
            facts=facts.get(name, {}),
        )
        for name in people
    ), (*problems, *more, *_without_images(people, by_patient, facts))


def _without_images(
    people: Sequence[str], imaged: Mapping[str, object], listed: Mapping[str, object]
) -> Iterator[Problem]:
    for name in people:
        if name in imaged:
            continue
        if name in listed:
            text = f"A patient of {PATIENTS} has no image that could be placed."
            yield info("patient_without_images", name, text, "")
        else:
            text = f"A patient of {TREATMENTS} is neither among the images nor in {PATIENTS}."
            hint = "Write the patient as the folder is named."
            yield warning("patient_without_images", name, text, hint)


def _timepoints(placed: Sequence[Placed], window_days: int) -> tuple[Timepoint, ...]:
    """Return visits: a visit begins with an image and holds what lies at most the window behind it."""
    dated = sorted(
        ((p.date, p.image) for p in placed if p.date is not None and p.image is not None),
        key=lambda pair: (pair[0], pair[1].location, pair[1].id),
    )
    timepoints: list[Timepoint] = []
    for day, image in dated:
        if timepoints and day - timepoints[-1].date <= timedelta(days=window_days):
            timepoints[-1] = replace(timepoints[-1], images=(*timepoints[-1].images, image))
        else:
            timepoints.append(Timepoint(date=day, images=(image,)))
    return tuple(timepoints)


def _doubled(cohort: Cohort) -> Iterator[Problem]:
    for timepoint in (t for patient in cohort.patients for t in patient.timepoints):
        same: dict[tuple[str, str], list[str]] = {}
        for image in timepoint.images:
            same.setdefault((image.modality.stream, image.site), []).append(image.location)
        for (stream, site), locations in same.items():
            if len(locations) > 1:
                text = (
                    f"{len(locations)} {stream} images of {timepoint.date} show one site ({site}): "
                    f"{', '.join(locations[:4])}{', ...' if len(locations) > 4 else ''}."
                )
                hint = "Outline only one of them, or name their sites apart."
                yield warning("two_images_of_one_site", locations[0], text, hint)


def _narrowed(cohort: Cohort, wanted: Sequence[str]) -> Cohort:
    known = [patient.id for patient in cohort.patients]
    for name in wanted:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Patients are: {', '.join(known[:20])}."
            raise InputError(f"there is no patient {name!r} in {cohort.name}", hint=hint)
    return replace(cohort, patients=tuple(p for p in cohort.patients if p.id in wanted))


def _narrowed_outlines(whole: Cohort, part: Cohort, outlines: tuple[Path, ...]) -> tuple[Path, ...]:
    from lesionkit.io.drawings import find_drawings

    wanted = {image.id for image in part.images}
    found, _ = find_drawings(whole, outlines)
    others = {file.path for id_, files in found.items() if id_ not in wanted for file in files}
    ours = {file.path for id_, files in found.items() if id_ in wanted for file in files}
    return tuple(path for path in outlines if path in ours or path not in others)
