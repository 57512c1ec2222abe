"""What every part of the desk works with: session, layers, what is chosen, and how the user is told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import ScaleClaim
from lesionkit.core.image import Image
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.transform import Transform
from lesionkit.errors import InputError, LesionkitError
from napari_lesionkit import _verbs as verbs
from napari_lesionkit._case import Case
from napari_lesionkit._draft import Draft
from napari_lesionkit._drawn import Drawn, Edit
from napari_lesionkit._gestures import Gestures
from napari_lesionkit._session import Session
from napari_lesionkit._stage import Stage
from napari_lesionkit._tools import (
    MODES,
    PAINT_MODES,
    Tool,
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


class Seat:
    """Holds one window's work: a session, what it shows, and what is chosen.

    Parameters
    ----------
    viewer : napari.Viewer or napari.components.ViewerModel
        Where it is shown.
    run : Runner
        Does slow work.
    """

    gestures: Gestures

    def __init__(
        self,
        viewer: Any,
        *,
        run: Runner = right_away,
    ) -> None:
        self.stage = Stage(viewer)
        self.session: Session | None = None
        self.case: Case | None = None
        self.draft: Draft | None = None
        self.image: Image | None = None
        self.earlier: Case | None = None
        self.to_earlier: Transform | None = None
        self.is_beside_baseline = False
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

    def _one(self) -> str:
        if len(self.chosen) != 1:
            raise InputError("no deposit is chosen", hint="Click on one, or on its row of the table.")
        return self.chosen[0]

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

    def take(self, tool: Tool) -> None:
        """Take a tool."""
        if self.image is not None and tool not in tools_for(self.image.modality):
            self.say(f"{tool.capitalize()} is not for images of this kind.")
            return
        self.tool = tool
        if tool.paints:
            self.stage.ensure_paint()
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

    def save(self) -> bool:
        """Write what waits to be written; return whether all is on the disk."""
        if self.draft is None:
            return True
        return self.draft.save()
