"""What a folder gives a reader to outline, and where each image's outlines lie."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Problem
from lesionkit.errors import InputError
from lesionkit.io import find_drawings, read_folder, read_settings
from napari_lesionkit._case import Case, Key
from napari_lesionkit._shelf import Shelf, find_shelf
from napari_lesionkit._study import Study, blind


def must_be_a_name(reader: str) -> None:
    """Refuse a reader's name that no file could bear.

    Raises
    ------
    InputError
        If it holds a sign that file names cannot, or a dot.
    """
    if reader != reader.strip() or any(sign in reader for sign in './\\:*?"<>|'):
        raise InputError(
            f"{reader!r} cannot be part of a file's name", hint="Use letters, digits, - and _ for a reader."
        )


class Cases:
    """The cases of a folder.

    Attributes
    ----------
    cohort : Cohort
        What was found.
    settings : Settings
        From ``cohort.toml``.
    reader : str
        Whose outlines.
    study : Study or None
        Where the reader is blinded.
    cases : tuple of Case
        In the order in which they are shown.
    found : tuple of Problem
        What is wrong with the folder.
    """

    def __init__(
        self, folder: Path, *, patients: Sequence[str] | None, reader: str, study: Study | None
    ) -> None:
        self.settings = read_settings(folder)
        contents = read_folder(folder, settings=self.settings, patients=patients or None)
        self.cohort = contents.cohort
        self.reader = reader
        self.study = study
        self._files, problems = find_drawings(self.cohort, contents.outline_files)
        self.found: tuple[Problem, ...] = (*contents.problems, *problems)
        self._shelves: dict[Key, Shelf] = {}
        cases = tuple(
            Case(number=number, ref=ref, patient=patient, day=day, reader=reader)
            for number, (patient, day, ref) in enumerate(self._images(), start=1)
        )
        self.cases: tuple[Case, ...] = blind(cases, study) if study else cases

    def _images(self) -> Iterator[tuple[str, date, ImageRef]]:
        for patient in self.cohort.patients:
            for visit in patient.timepoints:
                for ref in visit.images:
                    yield patient.id, visit.date, ref

    def timeline(self, case: Case) -> tuple[Case, ...]:
        """Return all cases of its patient, stream, site and reader, in order of time; in a study itself."""
        if case.is_blinded:
            return (case,)
        same = (other for other in self.cases if (other.site, other.reader) == (case.site, case.reader))
        return tuple(sorted(same, key=lambda other: (other.day, other.ref.location)))

    def previous(self, case: Case) -> Case | None:
        """Return the last case of its site on an earlier day; None at baseline, and in a study."""
        earlier = [other for other in self.timeline(case) if other.day < case.day]
        return earlier[-1] if earlier else None

    def baseline(self, case: Case) -> Case | None:
        """Return the first case of its site, if that is on an earlier day; None in a study."""
        earlier = [other for other in self.timeline(case) if other.day < case.day]
        return earlier[0] if earlier else None

    def readers(self, case: Case) -> tuple[str, ...]:
        """Return who else has outlined this image, by name (empty: the common reading); in a study nobody."""
        others = {file.reader for file in self._files.get(case.ref.id, ())} - {case.reader}
        return () if case.is_blinded else tuple(sorted(others))

    def shelf(self, case: Case) -> Shelf:
        """Return where a case's outlines lie, or would."""
        if case.key not in self._shelves:
            files = self._files.get(case.ref.id, ())
            self._shelves[case.key] = find_shelf(
                case.ref, reader=case.reader, files=files, cohort=self.cohort
            )
        return self._shelves[case.key]
