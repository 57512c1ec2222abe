"""Going from image to image, with the earlier one beside."""

from collections.abc import Callable
from pathlib import Path

from lesionkit.core.grid import ScaleClaim
from lesionkit.core.image import Image
from lesionkit.core.outcome import Severity
from lesionkit.errors import LesionkitError
from lesionkit.io.dicom.sides import read_sides
from napari_lesionkit import _compat as compat
from napari_lesionkit._case import Case
from napari_lesionkit._comparing import Comparing
from napari_lesionkit._draft import Draft
from napari_lesionkit._session import open_session
from napari_lesionkit._study import Study
from napari_lesionkit._tools import (
    Tool,
    tools_for,
)
from napari_lesionkit._trail import write_times, write_trail


class Going(Comparing):
    """Opens folders and images."""

    def open_folder(
        self, folder: Path, *, patient: str | None = None, reader: str = "", study: Study | None = None
    ) -> None:
        """Open a cohort at its first image that the reader has not read, else at its first.

        Parameters
        ----------
        folder : Path
            The cohort.
        patient : str, optional
            Whose images are offered.
        reader : str
            Who outlines; empty for the common reading.
        study : Study, optional
            Blinds the reader.
        """
        if self.session is not None and not self.close():
            return
        try:
            self.session = open_session(
                folder, patients=[patient] if patient else None, reader=reader, study=study
            )
        except LesionkitError as error:
            self._refused(error)
            self._changed()
            return
        self._changed()
        wrong = [problem for problem in self.session.problems if problem.severity is not Severity.INFO]
        if wrong and study is None:
            more = f" And {len(wrong) - 1} more: see lesionkit check." if len(wrong) > 1 else ""
            self.say(f"{wrong[0].about}: {wrong[0].text}{more}", wrong[0].hint, severity=wrong[0].severity)
        unread = (case for case in self.session.cases if self.session.peek(case).is_silent)
        first = next(unread, self.session.cases[0] if self.session.cases else None)
        if first is not None:
            self.go_to(first)

    @property
    def cases(self) -> tuple[Case, ...]:
        """The list, in its order."""
        return self.session.cases if self.session else ()

    def go_to(self, case: Case) -> None:
        """Leave this image, saved, and show another; its pixels are loaded in the background."""
        assert self.session is not None
        session = self.session
        if self.case is not None and self.case.key == case.key and self.image is not None:
            return
        self._leave()
        self._turn += 1
        if self.case is not None:
            self.say("")
        turn, self.case, self.image = self._turn, case, None
        self._changed()
        self._run(
            lambda: (session.load(case), read_sides(case.ref)),
            lambda found: self._arrived(turn, case, *found),
            self._refused,
            doing=f"Loading {case.label}",
        )

    def _leave(self) -> None:
        if self.session is None or self.case is None or self.draft is None:
            return
        if compat.is_drawing(self.stage.lines):
            compat.finish_drawing(self.stage.lines)
        self._unwatch()
        draft, self.draft = self.draft, None
        if not self.session.leave(self.case):
            for problem in draft.problems:
                self._problem(problem)

    def _arrived(self, turn: int, case: Case, image: Image, sides: tuple[str, str] | None) -> None:
        if turn != self._turn or self.session is None:
            return  # the user has gone on since
        self.image, self.draft = image, self.session.open(case)
        self._claims = self.draft.drawn.scale_claims
        self.chosen, self.to_earlier, self.earlier = (), None, None
        self._unwatch = self.draft.watch(self._drawn)
        self.stage.show(image, self.draft.drawn.deposits, name=case.label, sides=sides)
        self.gestures.bind_paint()
        self.window = self.window if not image.grid.is_planar else None
        self.take(self.tool if self.tool in tools_for(image.modality) else Tool.MOVE)
        for problem in self.draft.problems:
            self._problem(problem)
        for ask in self.on_opened:
            ask(self.draft)
        self._changed()
        self._fetch_others(turn, case)

    def _drawn(self, draft: Draft) -> None:
        keys = {deposit.id for deposit in draft.drawn.deposits}
        self.chosen = tuple(key for key in self.chosen if key in keys)
        self.stage.set_deposits(draft.drawn.deposits, chosen=self.chosen)
        self._follow_label()
        if draft.drawn.scale_claims != self._claims:
            self._rescale(draft.drawn.scale_claims)
        self._changed()

    def _rescale(self, claims: tuple[ScaleClaim, ...]) -> None:
        """Show the picture in the scale that is believed now."""
        assert self.session is not None
        assert self.case is not None
        session, case, turn, self._claims = self.session, self.case, self._turn, claims

        def arrived(image: Image) -> None:
            if turn == self._turn:
                self.image = image
                self.stage.rescale(image)
                self._changed()

        self._run(lambda: session.load(case), arrived, self._refused, doing="Measuring anew")

    def step(self, by: int) -> None:
        """Go on in the list."""
        if self.case is None or not self.cases:
            return
        at = [case.key for case in self.cases].index(self.case.key) + by
        if 0 <= at < len(self.cases):
            self.go_to(self.cases[at])
        else:
            self.say(
                "This is the last image of the list." if by > 0 else "This is the first image of the list."
            )

    def step_time(self, by: int) -> None:
        """Go to the next or previous timepoint of this site."""
        if self.session is None or self.case is None:
            return
        if self.case.is_blinded:
            self.step(by)
            return
        line = self.session.timeline(self.case)
        at = [case.key for case in line].index(self.case.key) + by
        if 0 <= at < len(line):
            self.go_to(line[at])
        else:
            self.say(
                "This is the last timepoint of this site."
                if by > 0
                else "This is the first timepoint of this site."
            )

    def step_site(self, by: int) -> None:
        """Go to the next or previous site: its image of the same day, else its first."""
        if self.case is None:
            return
        if self.case.is_blinded:
            self.step(by)
            return
        sites = list(dict.fromkeys(case.site for case in self.cases))
        at = sites.index(self.case.site) + by
        if not 0 <= at < len(sites):
            self.say("This is the last site." if by > 0 else "This is the first site.")
            return
        there = [case for case in self.cases if case.site == sites[at]]
        same_day = [case for case in there if case.day == self.case.day]
        self.go_to((same_day or there)[0])

    def save_below(self, folder: Path) -> None:
        """Write a copy of this image's outlines and journal below another folder."""
        if self.draft is None:
            return
        try:
            path = self.draft.save_below(folder)
        except (LesionkitError, OSError) as error:
            self._refused(error)
            return
        self.say(f"A copy was written: {path.name}.")

    def write_trail(self, path: Path) -> None:
        """Write what was done, by whom and when, in this folder, as CSV."""
        self._write_table(write_trail, path)

    def write_times(self, path: Path) -> None:
        """Write how long each image took each reader, as CSV."""
        self._write_table(write_times, path)

    def _write_table(self, write: Callable[[Path, Path], int], path: Path) -> None:
        if self.session is None:
            return
        try:
            count = write(self.session.cohort.root, path)
        except (LesionkitError, OSError) as error:
            self._refused(error)
            return
        self.say(f"{count} rows were written: {path.name}.")

    def close(self) -> bool:
        """Leave everything; return whether all is on the disk."""
        self._turn += 1
        if self.session is None:
            return True
        self._leave()
        return self.session.close()
