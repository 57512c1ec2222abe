"""What can be done in the panel, without the panel: every button and key calls one method here.

The rules are the session's; the desk only hands gestures to its verbs, and what comes back to the layers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import ScaleClaim
from lesionkit.core.image import Image, Modality
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.region import Deposit, Mask, Outline, Region, Role, Status
from lesionkit.core.transform import Transform
from lesionkit.errors import InputError, LesionkitError
from lesionkit.report.words import change
from napari_lesionkit import _compat as compat
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._ahead import row_ahead
from napari_lesionkit._case import Case
from napari_lesionkit._draft import Draft
from napari_lesionkit._drawn import Drawn, Edit
from napari_lesionkit._gestures import Gestures, Painted, at_once
from napari_lesionkit._layers import mended, outline_from, repainted
from napari_lesionkit._letters import windows_of
from napari_lesionkit._rows import Row
from napari_lesionkit._scale import claim_of
from napari_lesionkit._session import Session, open_session
from napari_lesionkit._stage import Stage
from napari_lesionkit._study import Study
from napari_lesionkit._tools import (
    MODES,
    PAINT_MODES,
    Tool,
    dense_only,
    filled_between,
    regions_by,
    tools_for,
)

T = TypeVar("T")


class Runner(Protocol):
    """What does slow work."""

    def __call__(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        doing: str,
    ) -> None:
        """Do work in the background, then hand on what came of it in the window's own thread."""


def right_away(
    work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None], *, doing: str
) -> None:
    """Do the work now: without a window."""
    del doing
    try:
        result = work()
    except LesionkitError as error:
        failed(error)
        return
    done(result)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One sentence for the user, and what to do."""

    text: str
    hint: str = ""
    severity: Severity = Severity.INFO


class Desk:
    """One window's work: a session, what it shows, and what is chosen.

    Parameters
    ----------
    viewer : napari.Viewer or napari.components.ViewerModel
        Where it is shown.
    run : Runner
        Does slow work.
    later : callable
        Runs a callable once napari is done with what it does.

    Attributes
    ----------
    on_change : list of callable
        Called when anything that the panel shows has changed.
    on_message : list of callable
        Called with a `Message`.
    """

    def __init__(
        self,
        viewer: Any,
        *,
        run: Runner = right_away,
        later: Callable[[Callable[[], None]], None] = at_once,
    ) -> None:
        self.stage = Stage(viewer)
        self.session: Session | None = None
        self.case: Case | None = None
        self.draft: Draft | None = None
        self.image: Image | None = None
        self.earlier: Case | None = None
        self.to_earlier: Transform | None = None
        self.chosen: tuple[str, ...] = ()
        self.tool = Tool.MOVE
        self.window: tuple[float, float] | None = None
        self.on_change: list[Callable[[], None]] = []
        self.on_message: list[Callable[[Message], None]] = []
        self.on_preview: list[Callable[[Drawn], None]] = []
        self.on_scale: list[Callable[[Floats], None]] = []
        self.on_opened: list[Callable[[Draft], None]] = []
        self._run = run
        self._claims: tuple[ScaleClaim, ...] = ()
        self._turn = 0
        self._unwatch: Callable[[], None] = lambda: None
        self.gestures = Gestures(self.stage, self, later=later)
        self.stage.lines.events.mode.connect(self._mode_changed)

    # --- telling

    def say(self, text: str, hint: str = "", *, severity: Severity = Severity.INFO) -> None:
        """Tell the user something."""
        for tell in self.on_message:
            tell(Message(text=text, hint=hint, severity=severity))

    def _refused(self, error: Exception) -> None:
        if isinstance(error, LesionkitError):
            said = error.message.rstrip(".")
            self.say(f"{said[:1].upper()}{said[1:]}.", error.hint, severity=Severity.WARNING)
        else:
            self.say(f"{type(error).__name__}: {error}", severity=Severity.ERROR)

    def _problem(self, problem: Problem) -> None:
        self.say(problem.text, problem.hint, severity=problem.severity)

    def _changed(self) -> None:
        for tell in self.on_change:
            tell()

    # --- folders and cases

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
        if wrong:
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
            lambda: session.load(case),
            lambda image: self._arrived(turn, case, image),
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

    def _arrived(self, turn: int, case: Case, image: Image) -> None:
        if turn != self._turn or self.session is None:
            return  # the user has gone on since
        self.image, self.draft = image, self.session.open(case)
        self._claims = self.draft.drawn.scale_claims
        self.chosen, self.to_earlier, self.earlier = (), None, None
        self._unwatch = self.draft.watch(self._drawn)
        self.stage.show(image, self.draft.drawn.deposits, name=case.label)
        self.gestures.bind_paint()
        self.window = self.window if not image.grid.is_planar else None
        self.take(self.tool if self.tool in tools_for(image.modality) else Tool.MOVE)
        for problem in self.draft.problems:
            self._problem(problem)
        for ask in self.on_opened:
            ask(self.draft)
        self._changed()
        self._fetch_others(turn, case)

    # --- the earlier picture

    def _fetch_others(self, turn: int, case: Case) -> None:
        """Look at the site's other timepoints: the one before for the eye, all of them for the table."""
        assert self.session is not None
        session, earlier = self.session, self.session.previous(case)

        def follow() -> None:
            if turn != self._turn:
                return  # the user has gone on since
            session.follow(case)
            session.load(case)  # the table needs it at hand, whatever was looked at since

        def then_follow() -> None:
            self._run(follow, lambda _: self._followed(turn), self._refused, doing="Following the site")

        if earlier is None:
            then_follow()
            return
        self._run(
            lambda: session.load(earlier),
            lambda image: self._earlier_arrived(turn, case, earlier, image),
            self._refused,
            doing=f"Loading {earlier.label}",
        )
        then_follow()

    def _followed(self, turn: int) -> None:
        if turn == self._turn:
            self._changed()

    def _earlier_arrived(self, turn: int, case: Case, earlier: Case, image: Image) -> None:
        if turn != self._turn or self.session is None:
            return
        session = self.session
        self.earlier = earlier
        deposits = session.peek(earlier).present
        self.stage.show_before(image, deposits, name=earlier.label)
        self._changed()
        self._run(
            lambda: session.align(case, earlier) if turn == self._turn else None,
            lambda transform: self._aligned(turn, earlier, transform),
            self._refused,
            doing=f"Aligning with {earlier.label}",
        )

    def _aligned(self, turn: int, earlier: Case, transform: Transform | None) -> None:
        if turn != self._turn or self.session is None or self.image is None or transform is None:
            return
        deposits = self.session.peek(earlier).present
        if not transform.is_reliable:
            self.say(
                "The two pictures could not be aligned; they lie middle on middle.",
                "Earlier outlines are shown on their own picture only.",
                severity=Severity.WARNING,
            )
            return
        self.to_earlier = transform
        forth = transform.inverse()
        self.stage.align_before(forth.matrix)
        self.stage.set_ghosts(self._carried(deposits, forth))
        self._changed()

    def _carried(self, deposits: Sequence[Deposit], forth: Transform) -> tuple[Region, ...]:
        from lesionkit.suggest import carry_deposit

        assert self.image is not None
        image = self.image
        return tuple(
            region for deposit in deposits for region in carry_deposit(deposit, forth, image, refine=False)
        )

    def toggle_side_by_side(self) -> None:
        """Show the earlier picture beside the one now, or hide it."""
        if self.stage.before_picture is None:
            self.say("There is no earlier picture of this site.")
            return
        self.stage.set_side_by_side(on=not self.stage.is_side_by_side)
        self.stage.viewer.reset_view()

    def flicker(self) -> None:
        """Show the earlier picture in the place of the one now, or back."""
        if self.stage.before_picture is None:
            self.say("There is no earlier picture of this site.")
            return
        self.stage.flicker()

    def toggle_ghosts(self) -> None:
        """Show or hide the outlines of the other timepoint."""
        self.stage.show_ghosts(on=not self.stage.ghosts.visible)

    # --- going about

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

    # --- the hand

    def drew(self, points: Floats) -> None:
        """Make of a line or a click what the tool makes of it."""
        if self.image is None or self.draft is None:
            return
        plane = None if self.image.grid.is_planar else self.stage.plane
        points = np.asarray(points, dtype=np.float64)[:, -2:]
        if self.tool is Tool.SCALE:
            self._restore()
            for ask in self.on_scale:
                ask(points)
        elif self.tool is Tool.CUT:
            self._do(lambda drawn: verbs.split(drawn, self._one(), along=points))
        else:
            self._outline(points, plane)

    def _outline(self, points: Floats, plane: int | None) -> None:
        assert self.image is not None
        tool = self.tool if self.tool in _OUTLINING else Tool.POLYGON
        window = self.window if tool is Tool.THRESHOLD else None
        try:
            if tool in (Tool.POLYGON, Tool.LASSO):
                points, was_mended = mended(points)
                if was_mended:
                    self.say("The line crossed itself; its largest part is kept.", severity=Severity.WARNING)
            regions = regions_by(tool, self.image, points, plane=plane, window=window)
        except LesionkitError as error:
            self._refused(error)
            self._restore()
            return
        before = {deposit.id for deposit in self._drawn_now.deposits}
        if plane is not None and self.chosen and tool not in (Tool.GROW,):
            self._add_to_chosen(regions)
        else:
            self._do(lambda drawn: verbs.draw(drawn, *regions, by=self._by))
        new = [deposit.id for deposit in self._drawn_now.deposits if deposit.id not in before]
        if new:
            self.choose(new[-1])

    def _add_to_chosen(self, regions: Sequence[Region]) -> None:
        old = self._drawn_now.deposit(self.chosen[0])
        self._do(lambda drawn: verbs.redraw(drawn, old.id, *old.regions, *regions, by=self._by))

    def moved(self, loops: Mapping[int, Floats]) -> None:
        """Take over lines that were changed."""
        try:
            changed = self._regions_with(loops)
        except LesionkitError as error:
            self._refused(error)
            self._restore()
            return
        for key, regions in changed.items():
            self._do(lambda drawn, key=key, regions=regions: verbs.redraw(drawn, key, *regions, by=self._by))  # type: ignore[misc]

    def _regions_with(self, loops: Mapping[int, Floats]) -> dict[str, list[Region]]:
        shown = self.gestures.shown()
        changed: dict[str, list[Region]] = {}
        for place, loop in loops.items():
            part, outline = shown[place]
            regions = changed.setdefault(part.deposit, list(self._drawn_now.deposit(part.deposit).regions))
            regions[part.region] = outline_from(loop, before=outline)
        return changed

    def moving(self, place: int, loop: Floats) -> None:
        """Let the table follow a point that is being dragged."""
        try:
            changed = self._regions_with({place: loop})
            drawn = self._drawn_now
            for key, regions in changed.items():
                drawn = verbs.redraw(drawn, key, *regions, by=self._by).on(drawn)
        except LesionkitError:
            return  # the line crosses itself just now; it is told when it is let go so
        for tell in self.on_preview:
            tell(drawn)

    def removed(self, places: tuple[int, ...]) -> None:
        """Take away what was deleted on the picture."""
        shown = self.gestures.shown()
        gone: dict[str, set[int]] = {}
        for place in places:
            gone.setdefault(shown[place][0].deposit, set()).add(shown[place][0].region)
        whole = [
            key for key, parts in gone.items() if len(parts) == len(self._drawn_now.deposit(key).regions)
        ]
        if whole:
            self._do(lambda drawn: verbs.delete(drawn, *whole))
        for key in gone.keys() - set(whole):
            left = [r for i, r in enumerate(self._drawn_now.deposit(key).regions) if i not in gone[key]]
            self._do(lambda drawn, key=key, left=left: verbs.redraw(drawn, key, *left, by=self._by))  # type: ignore[misc]

    def painted(self, strokes: Painted) -> None:
        """Take over voxels that were painted or rubbed out."""
        assert self.image is not None
        deposits = self._drawn_now.deposits
        for value, (added, taken) in strokes.items():
            if self.tool is Tool.DENSE_PAINT and len(added) and self.window is not None:
                added = added[dense_only(self.image, tuple(added.T), self.window)]
            if not len(added) and not len(taken):
                continue
            key = deposits[value - 1].id if value <= len(deposits) else None
            self._paint(key, added, taken)
        touched = np.concatenate([voxels for both in strokes.values() for voxels in both])
        low, high = touched.min(axis=0), touched.max(axis=0)
        self.stage.paint_anew([tuple(slice(int(a), int(b) + 1) for a, b in zip(low, high, strict=True))])

    def _paint(self, key: str | None, added: Any, taken: Any) -> None:
        assert self.image is not None
        shape = self.image.grid.shape
        old = None if key is None else _as_mask(self._drawn_now.deposit(key), shape)
        mask = repainted(old, shape=shape, added=added, taken=taken)
        if key is None:
            if mask is not None:
                self._do(lambda drawn: verbs.draw(drawn, mask, by=self._by))
                self.choose(self._drawn_now.deposits[-1].id)
        elif mask is None:
            self._do(lambda drawn: verbs.delete(drawn, key))
        else:
            self._do(lambda drawn: verbs.redraw(drawn, key, mask, by=self._by))

    def pointed(self, place: int | None) -> None:
        """Choose the deposit whose line was clicked."""
        if place is not None:
            self.choose(self.gestures.shown()[place][0].deposit)

    # --- verbs

    @property
    def _drawn_now(self) -> Drawn:
        return self.draft.drawn if self.draft else Drawn()

    @property
    def _by(self) -> verbs.Stamp:
        assert self.draft is not None
        return self.draft.stamp

    def _do(self, make: Callable[[Drawn], Edit]) -> bool:
        """Hand an edit to the draft; whatever is refused is told, and the screen shows again what is."""
        if self.draft is None:
            return False
        try:
            self.draft.commit(make(self.draft.drawn))
        except LesionkitError as error:
            self._refused(error)
            self._restore()
            return False
        return True

    def _restore(self) -> None:
        """Show again what is drawn, whatever the layers hold."""
        self.stage.set_deposits(self._drawn_now.deposits, chosen=self.chosen)
        if self.stage.labels is not None:
            self.stage.paint_anew()

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

    def _one(self) -> str:
        if len(self.chosen) != 1:
            raise InputError("no deposit is chosen", hint="Click on one, or on its row of the table.")
        return self.chosen[0]

    def undo(self) -> None:
        """Take back a point of the line that is being drawn, else the last gesture."""
        if compat.is_drawing(self.stage.lines):
            compat.take_back_point(self.stage.lines)
            return
        self._step_history(lambda draft: draft.undo(), "There is nothing to undo.")

    def redo(self) -> None:
        """Do again what was undone last."""
        self._step_history(lambda draft: draft.redo(), "There is nothing to do again.")

    def _step_history(self, step: Callable[[Draft], bool], none: str) -> None:
        if self.draft is None:
            return
        try:
            if not step(self.draft):
                self.say(none)
        except LesionkitError as error:
            self._refused(error)

    def choose(self, *keys: str) -> None:
        """Choose deposits."""
        there = {deposit.id for deposit in self._drawn_now.deposits}
        chosen = tuple(key for key in keys if key in there)
        if chosen == self.chosen:
            return
        self.chosen = chosen
        self.stage.set_deposits(self._drawn_now.deposits, chosen=chosen)
        self._follow_label()
        self._changed()

    def _follow_label(self) -> None:
        if self.stage.labels is not None:
            self.stage.labels.selected_label = self.stage.label_of(self.chosen[0] if self.chosen else "")

    def zoom_to(self, key: str) -> None:
        """Choose a deposit and bring it to the middle."""
        self.choose(key)
        if key in {deposit.id for deposit in self._drawn_now.deposits}:
            self.stage.focus(self._drawn_now.deposit(key))

    def step_deposit(self, by: int) -> None:
        """Choose the next or previous deposit, and bring it to the middle."""
        keys = [deposit.id for deposit in self._drawn_now.deposits]
        if keys:
            at = keys.index(self.chosen[0]) + by if self.chosen else (0 if by > 0 else -1)
            self.zoom_to(keys[at % len(keys)])

    def rename(self, key: str, name: str) -> None:
        """Name a deposit; equal names are the same deposit at every timepoint."""
        self._do(lambda drawn: verbs.rename(drawn, key, name))

    def merge(self) -> None:
        """Make the chosen deposits one."""
        self._do(lambda drawn: verbs.merge(drawn, self.chosen))

    def split(self) -> None:
        """Make the parts of the chosen deposit deposits of their own."""
        self._do(lambda drawn: verbs.split(drawn, self._one()))

    def delete(self) -> None:
        """Take the chosen deposits away: they were none."""
        if not self.chosen:
            self.say("No deposit is chosen.", "Click on one, or on its row of the table.")
            return
        self._do(lambda drawn: verbs.delete(drawn, *self.chosen))

    def mark(self, status: Status) -> None:
        """Say that the chosen deposit was excised or extruded, or is there again."""
        self._do(lambda drawn: verbs.mark(drawn, self._one(), status, by=self._by))

    def give_role(self, role: Role | None) -> None:
        """Say what the chosen deposit is followed for."""
        self._do(lambda drawn: verbs.give_role(drawn, self._one(), role))

    def confirm(self) -> None:
        """Confirm the chosen suggestion, else all of them, and go on to the next."""
        open_ = [d.id for d in self._drawn_now.deposits if d.status is Status.SUGGESTED]
        keys = [key for key in self.chosen if key in open_]
        if self._do(lambda drawn: verbs.confirm(drawn, *keys, by=self._by)) and keys:
            left = [key for key in open_ if key not in keys]
            if left:
                self.zoom_to(left[0])

    def say_absent(self) -> None:
        """Say: looked, nothing there."""
        if self._do(verbs.say_absent):
            self.say("Kept: looked, nothing there.")

    def say_not_assessable(self) -> None:
        """Say: this image cannot be judged."""
        if self._do(verbs.say_not_assessable):
            self.say("Kept: this image cannot be judged.")

    def fill_between(self) -> None:
        """Fill the planes between painted ones of the chosen deposit."""
        if self.image is None or self.image.grid.is_planar:
            self.say("Slices are filled in CT and MR only.")
            return
        shape, spacing = self.image.grid.shape, self.image.grid.spacing_mm

        def make(drawn: Drawn) -> Edit:
            key = self._one()
            mask = _as_mask(drawn.deposit(key), shape)
            if mask is None:
                raise InputError("the deposit has no voxel", hint="Paint it first.")
            full = filled_between(mask, spacing=spacing[1:] if spacing else (1.0, 1.0))  # type: ignore[arg-type]
            return verbs.redraw(drawn, key, full, by=self._by)

        self._do(make)

    # --- suggestions

    def propagate(self) -> None:
        """Suggest the outlines of the previous timepoint, carried onto this one."""
        if self.session is None or self.case is None or self.draft is None:
            return
        session, case, turn = self.session, self.case, self._turn

        def arrived(edit: Edit) -> None:
            if turn == self._turn and self._do(lambda _: edit):
                self._tell_suggested(len(edit.puts))

        self._run(
            lambda: session.propagate(case), arrived, self._refused, doing="Carrying the earlier outlines"
        )

    def _tell_suggested(self, count: int) -> None:
        self.say(f"{count} suggested.", "Correct or confirm each: a suggestion counts in no response.")

    def suggest_calcium(self) -> None:
        """Suggest whatever in a CT is as dense as calcium and no bone."""
        if self.image is None:
            return
        image, turn = self.image, self._turn
        self._run(
            lambda: _calcium(image),
            lambda found: self._suggested(turn, found),
            self._refused,
            doing="Looking for calcium",
        )

    def _suggested(self, turn: int, found: tuple[Deposit, ...]) -> None:
        from lesionkit import __version__

        author = f"lesionkit {__version__} calcium"
        if turn != self._turn:
            return
        if not found:
            self.say("Nothing is suggested.", "That nothing is suggested does not say that nothing is there.")
        elif self._do(lambda drawn: verbs.suggest(drawn, found, by=self._by, author=author)):
            self._tell_suggested(len(found))

    def others(self) -> tuple[str, ...]:
        """Return whose outlines of this image can be taken over; nobody's in a blinded study."""
        if self.session is None or self.case is None or self.case.is_blinded:
            return ()
        return self.session.readers(self.case)

    def take_over(self, reader: str) -> None:
        """Copy what somebody else drew on this image, to go on from there."""
        if self.session is None or self.case is None:
            return
        theirs = self.session.drawn_by(self.case, reader).deposits
        self._do(lambda drawn: verbs.adopt(drawn, theirs, by=self._by))

    def confirm_match(self) -> None:
        """Confirm which deposit of the earlier timepoint the chosen one is: both then bear the same name."""
        if self.session is None or self.case is None:
            return
        try:
            name = self.session.confirm_match(self.case, self._one())
        except LesionkitError as error:
            self._refused(error)
            return
        self.say(f"Both are {name} from now on.")

    # --- scale

    def set_scale(self, points: Floats, length_mm: float) -> None:
        """Take two points on something of known length as the picture's scale."""
        claim = claim_of(points, length_mm)
        self._do(lambda drawn: verbs.set_scale(drawn, claim))

    def forget_scale(self) -> None:
        """Take back what was said of the scale."""
        self._do(verbs.set_scale)

    # --- numbers

    def rows(self, ahead: Drawn | None = None) -> tuple[Row, ...]:
        """Return what is measured of each deposit.

        Parameters
        ----------
        ahead : Drawn, optional
            What is drawn while a point is being dragged: sizes and changes follow it, without an error until
            the point is let go.
        """
        if self.session is None or self.case is None or self.image is None or self.draft is None:
            return ()
        rows = self.session.rows(self.case)
        if ahead is None:
            return rows
        there = {deposit.id: deposit for deposit in ahead.deposits}
        grid = self.image.grid
        return tuple(row_ahead(row, there[row.key].regions, grid) for row in rows if row.key in there)

    def verdict(self) -> str:
        """Return the response of this site at this timepoint, in one line."""
        if self.session is None or self.case is None or self.image is None or self.case.is_blinded:
            return ""
        found = self.session.response(self.case)
        if found is not None:
            return f"{found.label.capitalize()}: {change(found)}"
        return (
            "Baseline: there is no earlier image of this site."
            if self.session.previous(self.case) is None
            else ""
        )

    # --- grey values

    def default_window(self) -> tuple[float, float]:
        """Return the values that thresholds take at first: on CT whatever is as dense as calcium."""
        from lesionkit.suggest.solid import CALCIUM_HU

        assert self.image is not None
        pixels = self.image.pixels
        if self.image.modality is Modality.CT:
            return float(CALCIUM_HU), 4000.0
        low, high = (float(value) for value in np.percentile(pixels[..., ::4, ::4], (0, 100)))
        return low, high

    def show_window(self, name: str) -> None:
        """Show grey values as a preset says."""
        if self.image is None or self.stage.picture is None:
            return
        limits = windows_of(self.image).get(name)
        if limits is not None:
            self.stage.picture.contrast_limits = limits
            if self.stage.before_picture is not None:
                self.stage.before_picture.contrast_limits = limits

    # --- tools

    def take(self, tool: Tool) -> None:
        """Take a tool."""
        if self.image is not None and tool not in tools_for(self.image.modality):
            self.say(f"{tool.capitalize()} is not for images of this kind.")
            return
        self.tool = tool
        lines, labels = self.stage.lines, self.stage.labels
        selection = self.stage.viewer.layers.selection
        self.gestures.wants_click = tool is Tool.GROW
        if tool.paints and labels is not None:
            selection.active = labels
            labels.mode = PAINT_MODES[tool]
            self._follow_label()
        else:
            if labels is not None:
                labels.mode = "pan_zoom"
            selection.active = lines
            if str(lines.mode) != MODES[tool]:
                lines.mode = MODES[tool]
            self.stage.take_in_hand()
        self._changed()

    def _mode_changed(self, event: Any = None) -> None:
        """Follow napari's own keys: they change the layer's mode, so the tool changes too."""
        del event
        mode = str(self.stage.lines.mode)
        self.stage.take_in_hand()
        if self.stage.is_refreshing or MODES.get(self.tool) == mode:
            return
        for tool, its in MODES.items():
            if its == mode and tool in (Tool.MOVE, Tool.POLYGON, Tool.LASSO, Tool.CORRECT):
                self.tool, self.gestures.wants_click = tool, False
                self._changed()

    # --- ending

    def save(self) -> bool:
        """Write what waits to be written; return whether all is on the disk."""
        if self.draft is None:
            return True
        return self.draft.save()

    def close(self) -> bool:
        """Leave everything; return whether all is on the disk."""
        self._turn += 1
        if self.session is None:
            return True
        self._leave()
        return self.session.close()


_OUTLINING = (Tool.POLYGON, Tool.LASSO, Tool.GROW, Tool.BOX, Tool.SNAP, Tool.SCRIBBLE, Tool.THRESHOLD)


def _as_mask(deposit: Deposit, shape: tuple[int, ...]) -> Mask | None:
    """Return a deposit's voxels as one mask."""
    from lesionkit.geometry.raster import pixels
    from napari_lesionkit._shapes import together

    masks = [mask for region in deposit.regions if (mask := pixels(region, shape=shape)) is not None]
    if not masks:
        return None
    (one,) = together(masks)
    assert isinstance(one, Mask)
    return one


def _calcium(image: Image) -> tuple[Deposit, ...]:
    from lesionkit.suggest.suggesters import calcium

    return _as_deposits(calcium(image))


def _as_deposits(proposals: Sequence[Any]) -> tuple[Deposit, ...]:
    return tuple(
        Deposit(
            id=str(number),
            image="",
            regions=one.regions,
            name=one.name,
            role=one.role,
            tracking_uid=one.tracking_uid,
            status=Status.SUGGESTED,
        )
        for number, one in enumerate(proposals, 1)
    )


__all__ = ["Desk", "Message", "Outline", "right_away"]
