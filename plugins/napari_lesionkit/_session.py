"""One person at one folder: what a widget calls, in this order. Neither Qt nor napari is known here.

::

    session = open_session(folder, reader="anna")   # file names and headers only; InputError says why not
    session.cases, session.problems                 # the list; of a case show nothing but its label
    image = session.load(case)                      # slow: in a worker thread. With its scale in image.grid;
                                                    # again, and quick, after set_scale. session.doubts(case)
    draft = session.open(case)                      # quick: takes the lock, replays the journal
    draft.problems, draft.refusal, draft.conflict   # tell the user; draft.recovered > 0: ask keep or forget
    stop = draft.watch(show)                        # called after each change, in the thread that made it
    edit = verbs.draw(draft.drawn, outline, by=draft.stamp)         # every verb is a function in _verbs
    draft.commit(edit)                              # the one door; InputError says what cannot be done
    draft.undo(), draft.redo()
    session.follow(case)                            # slow: in a worker thread, after load. Then, not before,
    session.rows(case), session.response(case)      # tell changes and matches; quick enough for every vertex
    session.confirm_match(case, key)                # one key: both timepoints bear the same name
    session.align(case, earlier)                    # slow: in a worker thread, for ghosts
    draft.commit(session.propagate(case))           # propagate is slow: in a worker thread
    draft.save()                                    # after a second of quiet, and before anything is left
    session.leave(case)                             # saves, lets others in; False: it is not on the disk
    session.beat()                                  # once a minute
    session.close()                                 # False: something is not on the disk, see problems
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lesionkit.core.image import Image
from lesionkit.core.outcome import Problem, worst_first
from lesionkit.core.response import Response
from lesionkit.core.transform import Transform
from lesionkit.errors import ComparisonError, InputError
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._aligning import Alignments
from napari_lesionkit._author import Author
from napari_lesionkit._case import Case, Key
from napari_lesionkit._cases import Cases, must_be_a_name
from napari_lesionkit._draft import Draft
from napari_lesionkit._drawn import Drawn, Edit
from napari_lesionkit._looking import Looking
from napari_lesionkit._matching import PROPAGATE, carried, give_one_name
from napari_lesionkit._rows import Row
from napari_lesionkit._standings import Standings
from napari_lesionkit._stopwatch import Stopwatch
from napari_lesionkit._study import Study


def open_session(
    folder: Path | str,
    *,
    patients: Sequence[str] | None = None,
    reader: str = "",
    author: str = "",
    study: Study | None = None,
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
    study : Study, optional
        Blinds the reader: cases are shuffled and bear numbers only, nobody else's outlines are shown, nothing
        is followed through time, and the time for each case is journalled.
    clock : callable
        Tells the time.

    Raises
    ------
    InputError
        If the folder does not exist, holds no image, the reader's name cannot be part of a file name, or a
        study has no reader.
    """
    must_be_a_name(reader)
    if study is not None and not reader:
        raise InputError("a study needs to know who reads", hint="Name the reader.")
    return Session(
        Path(folder),
        patients=patients,
        reader=reader,
        author=Author(who=author or reader, clock=clock),
        study=study,
    )


class Session(Cases):
    """One person at one folder. Made by `open_session`."""

    def __init__(
        self,
        folder: Path,
        *,
        patients: Sequence[str] | None,
        reader: str,
        author: Author,
        study: Study | None = None,
    ) -> None:
        super().__init__(folder, patients=patients, reader=reader, study=study)
        self._author = author
        self._drafts: dict[Key, Draft] = {}
        self._watches: dict[Key, Stopwatch] = {}
        self._peeked: dict[Key, tuple[object, Drawn]] = {}
        self._looking = Looking(self.settings, in_use=lambda: {image for image, _ in list(self._drafts)})
        self._alignments = Alignments()
        self._standings = Standings(
            cohort=self.cohort,
            settings=self.settings,
            looking=self._looking,
            peek=self.peek,
            align=self.align,
            timeline=self.timeline,
        )

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the folder and with every draft that is open, worst first.

        In a study those of the folder are kept back, and the others name the case: paths tell of patients.
        """
        of_drafts = [
            replace(problem, about=case.label) if case.is_blinded else problem
            for case in self.cases
            if case.key in self._drafts
            for problem in self._drafts[case.key].problems
        ]
        return worst_first([*(() if self.study else self.found), *of_drafts])

    def drawn_by(self, case: Case, reader: str) -> Drawn:
        """Return what somebody else drew on this image; `verbs.adopt` takes it over.

        Raises
        ------
        InputError
            If this person drew nothing there, or in a study.
        """
        if reader not in self.readers(case):
            raise InputError(f"{reader or 'nobody'} has drawn nothing here", hint="Choose another reader.")
        return self.peek(replace(case, reader=reader))

    # -- slow: call these in a worker thread --------------------------------------------------------------

    def load(self, case: Case) -> Image:
        """Return the image with its pixels, upright, with its scale. Slow; any thread.

        Quick where it was loaded before, with another scale drawn too.

        Raises
        ------
        LesionkitError
            If it cannot be read.
        """
        return self._looking.at(case, self.peek(case)).image

    def align(self, case: Case, onto: Case) -> Transform:
        """Return what carries pixels of one case's image onto another's. Slow; any thread; kept.

        Raises
        ------
        ComparisonError
            If they show different sites.
        """
        if case.site != onto.site:
            raise ComparisonError(
                f"{case.label} and {onto.label} show different sites", hint="Choose another timepoint."
            )
        return self._alignments.find(self._sight(case), self._sight(onto))[0]

    def _sight(self, case: Case) -> tuple[str, Image, Drawn]:
        return case.ref.id, self.load(case), self.peek(case)

    def follow(self, case: Case) -> None:
        """Read, measure and align the site's other timepoints, so that `rows` can tell changes. Slow.

        In a study nothing is followed.
        """
        self._standings.follow(case)

    def propagate(self, case: Case) -> Edit:
        """Return the edit that suggests the previous timepoint's deposits where they lie on this one. Slow.

        Raises
        ------
        InputError
            If there is no earlier timepoint with deposits, it cannot be aligned, or all are there already.
        """
        earlier = self.previous(case)
        there = tuple(d for d in self.peek(earlier).present if d.counts) if earlier else ()
        if earlier is None or not there:
            raise InputError("no earlier outlines are there to carry over", hint="Outline the deposits here.")
        found = carried(
            there, self.load(earlier), self.load(case), self.align(case, earlier), image_id=case.ref.id
        )
        by = verbs.Stamp(who=self._author.who, image=case.ref.id, at=self._author.at)
        return verbs.suggest(self.peek(case), found, by=by, author=PROPAGATE)

    # -- the table: quick ---------------------------------------------------------------------------------

    def rows(self, case: Case) -> tuple[Row, ...]:
        """Return the table of a case: those there first, then those of which only the place is marked.

        Sizes as soon as the image is loaded; changes and matches once it has been followed. While a line
        moves, who is who is taken over from before; it is judged anew with every other gesture, and when
        the draft has been saved: then every number is what ``lesionkit measure`` gives.
        """
        return self._standings.at(case, is_resting=self._is_resting(case)).rows

    def response(self, case: Case) -> Response | None:
        """Return the verdict on the site at this timepoint; None at baseline, and until it is followed."""
        return self._standings.at(case, is_resting=self._is_resting(case)).followed.response(case.day)

    def _is_resting(self, case: Case) -> bool:
        return case.key not in self._drafts or self._drafts[case.key].is_saved

    def doubts(self, case: Case) -> tuple[Problem, ...]:
        """Return what is wrong with the image's scale and colours."""
        return self._looking.at(case, self.peek(case)).problems

    # -- drawing ------------------------------------------------------------------------------------------

    def open(self, case: Case) -> Draft:
        """Return the draft of a case, opened for drawing; the same one until `leave`."""
        if case.key not in self._drafts:
            draft = self._drafts[case.key] = Draft(self.shelf(case), self._author)
            watch = self._watches[case.key] = Stopwatch()
            draft.watch(lambda _: watch.tick())
        return self._drafts[case.key]

    def peek(self, case: Case) -> Drawn:
        """Return what is drawn on a case, to be looked at (ghosts, table): takes no lock, writes nothing."""
        if case.key in self._drafts:
            return self._drafts[case.key].drawn
        shelf = self.shelf(case)
        now = shelf.signature()
        known = self._peeked.get(case.key)
        if known is None or known[0] != now:
            known = now, Draft(shelf, self._author, is_locked=False).drawn
            self._peeked[case.key] = known
        return known[1]

    def confirm_match(self, case: Case, key: str) -> str:
        """Give a deposit and its match on an earlier image the same name, and return it.

        The name is the one that either has, else a new one. It is journalled on both images; undoing it
        here leaves the earlier image's name.

        Raises
        ------
        InputError
            If it has no match, or the earlier image is outlined by somebody else right now.
        """
        row = next(row for row in self.rows(case) if row.key == key)
        if row.match is None:
            raise InputError("it matches no earlier deposit", hint="Name it, if it is new.")
        earlier = next(one for one in self.timeline(case) if one.ref.id == row.match.image)
        was_open = earlier.key in self._drafts
        there, here = self.open(earlier), self.open(case)
        taken = {d.name for one in self.timeline(case) for d in self.peek(one).deposits if d.name}
        try:
            return give_one_name(here, key, there, row.match.key, taken=taken)
        finally:
            if not was_open:
                self.leave(earlier)

    def leave(self, case: Case) -> bool:
        """Save a case and let others in; return whether all of it is on the disk. If not, it stays open."""
        draft = self._drafts.get(case.key)
        if draft is None:
            return True
        watch = self._watches.pop(case.key, None)
        if watch is not None and (case.is_blinded or draft.was_edited):
            seconds, pauses = watch.read()
            draft.note_time(seconds, pauses, case=case.label if case.is_blinded else "")
        if not draft.close():
            return False
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
