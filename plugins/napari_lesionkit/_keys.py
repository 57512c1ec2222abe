"""Every action of the panel: its name, what it does, its key and its button. One table is the truth.

None of these keys is one of napari's own, but for undo and redo, which mean there what they mean here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lesionkit.core.region import Status
from napari_lesionkit._desk import Desk
from napari_lesionkit._tools import TOLD, Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that can be done.

    Parameters
    ----------
    label : str
        On its button.
    help : str
        One sentence: what it does.
    do : callable
        Does it.
    key : str
        In napari's way of writing; empty where it has none.
    group : str
        Where its button stands.
    """

    label: str
    help: str
    do: Callable[[Desk], Any]
    key: str = ""
    group: str = ""


ACTIONS: tuple[Action, ...] = (
    Action(label="Undo", key="Control-Z", group="edit", do=Desk.undo,
           help="Undo the last gesture, of whatever day; while a line is drawn, take back its last point."),
    Action(label="Redo", key="Control-Shift-Z", group="edit", do=Desk.redo, help="Do again what was undone."),
    Action(label="Confirm", key="W", group="deposit", do=Desk.confirm,
           help="Confirm the chosen suggestion, or all if none is chosen, and go to the next."),
    Action(label="Confirm match", key="Shift-C", group="deposit", do=Desk.confirm_match,
           help="Confirm which earlier deposit the chosen one is: both then bear the same name."),
    Action(label="Merge", key="Shift-M", group="deposit", do=Desk.merge,
           help="Make the chosen deposits one (choose several rows with Ctrl or Shift)."),
    Action(label="Split", key="Shift-D", group="deposit", do=Desk.split,
           help="Make the parts of the chosen deposit deposits of their own; the tool Cut cuts it first."),
    Action(label="Delete", key="Shift-X", group="deposit", do=Desk.delete,
           help="Take the chosen deposits away: they were none."),
    Action(label="Excised", group="deposit", do=lambda desk: desk.mark(Status.EXCISED),
           help="The chosen deposit was cut out: it is absent, and not by any response."),
    Action(label="Extruded", group="deposit", do=lambda desk: desk.mark(Status.EXTRUDED),
           help="The chosen deposit came out through the skin: it is absent, and not by any response."),
    Action(label="Present", group="deposit", do=lambda desk: desk.mark(Status.DRAWN),
           help="The chosen deposit is there after all: neither excised nor extruded."),
    Action(label="Unclear", group="deposit", do=lambda desk: desk.mark(Status.NOT_ASSESSABLE),
           help="The chosen deposit cannot be judged on this image: it counts as unseen, not as absent."),
    Action(label="Fill slices", key="Shift-E", group="deposit", do=Desk.fill_between,
           help="Fill the slices between painted ones of the chosen deposit (CT and MR)."),
    Action(label="Carry earlier", key="Shift-W", group="image", do=Desk.propagate,
           help="Suggest the outlines of the previous timepoint, carried onto this picture."),
    Action(label="Find calcium", key="Shift-Q", group="image", do=Desk.suggest_calcium,
           help="Suggest whatever in a CT is as dense as calcium and no bone."),
    Action(label="Nothing there", key="Shift-O", group="image", do=Desk.say_absent,
           help="Say: looked, nothing there. An image without it and without outlines counts as not read."),
    Action(label="Cannot be judged", key="Shift-U", group="image", do=Desk.say_not_assessable,
           help="Say: this image cannot be assessed; its deposits count as unseen, not as absent."),
    Action(label="Side by side", key="Shift-B", group="view", do=Desk.toggle_side_by_side,
           help="Show the earlier picture beside this one; both move and zoom together."),
    Action(label="Baseline", key="Shift-I", group="view", do=Desk.toggle_baseline,
           help="Compare with the first picture of the site instead of the one before; again to go back."),
    Action(label="Flicker", key="Shift-F", group="view", do=Desk.flicker,
           help="Show the earlier picture in the place of this one; again to go back."),
    Action(label="Ghosts", key="Shift-G", group="view", do=Desk.toggle_ghosts,
           help="Show or hide the outlines of the other timepoint on each picture."),
    Action(label="Next deposit", key="N", group="", do=lambda desk: desk.step_deposit(1),
           help="Choose the next deposit and zoom to it."),
    Action(label="Previous deposit", key="Shift-N", group="", do=lambda desk: desk.step_deposit(-1),
           help="Choose the previous deposit and zoom to it."),
    Action(label="◀ Timepoint", key=",", group="go", do=lambda desk: desk.step_time(-1),
           help="Go to the previous timepoint of this site."),
    Action(label="Timepoint ▶", key=".", group="go", do=lambda desk: desk.step_time(1),
           help="Go to the next timepoint of this site."),
    Action(label="◀ Site", key="Control-PageUp", group="go", do=lambda desk: desk.step_site(-1),
           help="Go to the previous site."),
    Action(label="Site ▶", key="Control-PageDown", group="go", do=lambda desk: desk.step_site(1),
           help="Go to the next site."),
    Action(label="◀ Image", key="PageUp", group="go", do=lambda desk: desk.step(-1),
           help="Go to the previous image of the list."),
    Action(label="Image ▶", key="PageDown", group="go", do=lambda desk: desk.step(1),
           help="Go to the next image of the list."),
)  # fmt: skip
"""Every action, in the order of the buttons."""

RENAME, HELP = "F2", "F1"
"""Keys of what needs a dialog."""


def tool_keys() -> dict[str, Tool]:
    """Return which key takes which tool, beside napari's own."""
    return {told.key: tool for tool, told in TOLD.items() if told.key}


NAPARI_KEYS: tuple[tuple[str, str], ...] = (
    ("P", "polygon, on pictures; paint, on scans"),
    ("Shift-P", "lasso"),
    ("D or 4", "correct: move points"),
    ("I or 2", "insert points"),
    ("X or 1", "take points away"),
    ("Enter or Escape", "finish the line"),
    ("Z or 6", "move the picture; holding Space does so for a moment"),
    ("Delete", "take away the chosen lines"),
    ("E or 1", "rub out, on scans"),
    ("[ and ]", "smaller and larger brush, on scans"),
    ("Left and Right", "slice by slice"),
    ("Control-R", "show the whole picture"),
)
"""Those of napari's own keys that matter here."""


def bind_all(viewer: Any, desk: Desk, *, rename: Callable[[], None], show_help: Callable[[], None]) -> None:
    """Bind every key to a window."""
    from napari_lesionkit import _compat as compat

    for action in ACTIONS:
        if action.key:
            compat.bind(viewer, action.key, _doing(desk, action.do))
    for key, tool in tool_keys().items():
        compat.bind(viewer, key, _doing(desk, _taking(tool)))
    compat.bind(viewer, RENAME, lambda _: rename())
    compat.bind(viewer, HELP, lambda _: show_help())
    bind_undo(desk, desk.stage.lines)


def bind_undo(desk: Desk, layer: Any) -> None:
    """Let a layer's keys for undo and redo be those of the session."""
    from napari_lesionkit import _compat as compat

    for action in ACTIONS[:2]:
        compat.bind(layer, action.key, _doing(desk, action.do))


def _doing(desk: Desk, do: Callable[[Desk], Any]) -> Callable[[Any], None]:
    def pressed(_: Any) -> None:
        do(desk)

    return pressed


def _taking(tool: Tool) -> Callable[[Desk], None]:
    return lambda desk: desk.take(tool)
