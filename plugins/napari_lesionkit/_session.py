"""One person at one folder: what a widget calls, in this order. Neither Qt nor napari is known here.

::

    session = open_session(folder, reader="anna")   # file names and headers only; InputError says why not
    session.cases, session.problems                 # the list; of a case show nothing but its label
    image = session.load(case)                      # slow: in a worker thread. With its scale in image.grid
    draft = session.open(case)                      # quick: takes the lock, replays the journal
    draft.problems, draft.refusal, draft.conflict   # tell the user; draft.recovered > 0: ask keep or forget
    stop = draft.watch(show)                        # called after each change, in the thread that made it
    edit = verbs.draw(draft.drawn, outline, by=draft.stamp)         # every verb is a function in _verbs
    draft.commit(edit)                              # the one door; InputError says what cannot be done
    draft.undo(), draft.redo()
    session.rows(case), session.response(case)      # the table and the verdict, quick enough for every vertex
    session.align(case, earlier)                    # slow: in a worker thread, before ghosts and propagate
    draft.save()                                    # after a second of quiet, and before anything is left
    session.leave(case)                             # saves, lets others in; False: it is not on the disk
    session.beat()                                  # once a minute
    session.close()                                 # False: something is not on the disk, see problems
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from lesionkit.core.image import Image, ImageRef
from lesionkit.core.outcome import Problem, worst_first
from lesionkit.core.transform import Transform
from lesionkit.errors import InputError
from lesionkit.io import DrawingFile, find_drawings, load_image, read_folder, read_settings
from napari_lesionkit._case import Case
from napari_lesionkit._draft import Author, Draft
from napari_lesionkit._drawn import Drawn
from napari_lesionkit._shelf import Shelf, find_shelf


def open_session(
    folder: Path | str,
    *,
    patients: Sequence[str] | None = None,
    reader: str = "",
    author: str = "",
    clock: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone(),
) -> "Session":
    """Return the session of one person at one folder; only file names and headers are read.

    Parameters
    ----------
    folder : path
        The cohort.
    patients : sequence of str, optional
        Only these.
    reader : str
        Whose outlines: files are ``<image>.outlines.<reader>.geojson``; empty for the common reading.
    author : str
        Written as author of what is drawn; the reader unless given.
    clock : callable
        Tells the time.

    Raises
    ------
    InputError
        If the folder does not exist, holds no image, or the reader's name cannot be part of a file name.
    """
    _must_be_a_name(reader)
    return Session(
        Path(folder), patients=patients, reader=reader, author=Author(who=author or reader, clock=clock)
    )


def _must_be_a_name(reader: str) -> None:
    if reader != reader.strip() or any(sign in reader for sign in './\\:*?"<>|'):
        raise InputError(
            f"{reader!r} cannot be part of a file's name", hint="Use letters, digits, - and _ for a reader."
        )


class Session:
    """One person at one folder. Made by `open_session`."""

    def __init__(self, folder: Path, *, patients: Sequence[str] | None, reader: str, author: Author) -> None:
        self.settings = read_settings(folder)
        contents = read_folder(folder, settings=self.settings, patients=patients or None)
        self.cohort = contents.cohort
        self.reader = reader
        self._author = author
        self._files, problems = find_drawings(self.cohort, contents.outline_files)
        self._found = (*contents.problems, *problems)
        self._drafts: dict[tuple[str, str], Draft] = {}
        self.cases: tuple[Case, ...] = tuple(
            Case(number=number, ref=ref, patient=patient, day=day, reader=reader)
            for number, (patient, day, ref) in enumerate(self._images(), start=1)
        )

    def _images(self) -> list[tuple[str, date, ImageRef]]:
        return [
            (patient.id, timepoint.date, ref)
            for patient in self.cohort.patients
            for timepoint in patient.timepoints
            for ref in timepoint.images
        ]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the folder and with every draft that is open, worst first."""
        drafts = (problem for draft in self._drafts.values() for problem in draft.problems)
        return worst_first((*self._found, *drafts))

    # -- cases --------------------------------------------------------------------------------------------

    def timeline(self, case: Case) -> tuple[Case, ...]:
        """Return all cases of the same patient, stream, site and reader, in order of time, with itself."""
        same = (other for other in self.cases if (other.site, other.reader) == (case.site, case.reader))
        return tuple(sorted(same, key=lambda other: (other.day, other.ref.location)))

    def previous(self, case: Case) -> Case | None:
        """Return the last case of its site on an earlier day; None at baseline, or in a blinded study."""
        earlier = [other for other in self.timeline(case) if other.day < case.day]
        return earlier[-1] if earlier and not case.is_blinded else None

    def baseline(self, case: Case) -> Case | None:
        """Return the first case of its site, if that is on an earlier day; None in a blinded study."""
        earlier = [other for other in self.timeline(case) if other.day < case.day]
        return earlier[0] if earlier and not case.is_blinded else None

    # -- pixels (slow: call these in a worker thread) -----------------------------------------------------

    def load(self, case: Case) -> Image:
        """Return the image with its pixels, upright, with its scale. Slow; any thread.

        Raises
        ------
        LesionkitError
            If it cannot be read.
        """
        return load_image(case.ref)

    def align(self, case: Case, onto: Case) -> Transform:
        """Return what carries pixels of one case's image onto another's. Slow; any thread; kept."""
        raise NotImplementedError

    # -- drawing ------------------------------------------------------------------------------------------

    def open(self, case: Case) -> Draft:
        """Return the draft of a case, opened for drawing; the same one until `leave`."""
        if case.key not in self._drafts:
            self._drafts[case.key] = Draft(self._shelf(case), self._author)
        return self._drafts[case.key]

    def peek(self, case: Case) -> Drawn:
        """Return what is drawn on a case, to be looked at (ghosts, table): takes no lock, writes nothing."""
        draft = self._drafts.get(case.key)
        return (draft or Draft(self._shelf(case), self._author, is_locked=False)).drawn

    def _shelf(self, case: Case) -> Shelf:
        files: tuple[DrawingFile, ...] = self._files.get(case.ref.id, ())
        return find_shelf(case.ref, reader=case.reader, files=files, cohort=self.cohort)

    def leave(self, case: Case) -> bool:
        """Save a case and let others in; return whether all of it is on the disk. If not, it stays open."""
        draft = self._drafts.get(case.key)
        if draft is None or not draft.close():
            return draft is None
        del self._drafts[case.key]
        return True

    def beat(self) -> None:
        """Give others a sign of life, and try again what could not be written; call it once a minute."""
        for draft in self._drafts.values():
            draft.beat()

    def close(self) -> bool:
        """Leave every case; return whether all is on the disk. What is not stays open."""
        left = [self.leave(case) for case in self.cases]
        return all(left)
