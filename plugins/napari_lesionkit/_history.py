"""What a journal's lines add up to: what is drawn now, and what can be undone and done again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from napari_lesionkit._drawn import Drawn, Edit
from napari_lesionkit._encoding import decode_drawn, decode_edit, encode_drawn, encode_edit
from napari_lesionkit._journal import Record


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """One gesture, with what was drawn before and after it."""

    edit: Edit
    before: Drawn
    after: Drawn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """What is drawn, and how it came about since the last base.

    Parameters
    ----------
    base : Drawn
        What was drawn when it began.
    done, undone : tuple of Step
        What can be undone, and what can be done again, the next one last.
    saved : str or None
        SHA-256 of the outline file that says the same as `saved_as`; None for no file.
    saved_as : Drawn
        What the outline file says.
    saving : tuple of (str or None, Drawn), optional
        The same of a file that was about to be written.
    """

    base: Drawn
    saved_as: Drawn
    done: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()
    saved: str | None = None
    saving: tuple[str | None, Drawn] | None = None

    @classmethod
    def beginning(cls, base: Drawn, *, saved: str | None, is_saved: bool = True) -> "History":
        """Return the history of what was just read from an outline file (of no file: `saved` is None)."""
        return cls(base=base, saved_as=base if is_saved else Drawn(), saved=saved)

    @property
    def drawn(self) -> Drawn:
        """What is drawn now."""
        return self.done[-1].after if self.done else self.base

    @property
    def is_saved(self) -> bool:
        """Whether the outline file says what is drawn."""
        return self.drawn is self.saved_as

    @property
    def ahead(self) -> int:
        """How many gestures, done or undone, lie between what the outline file says and what is drawn."""
        states = [self.base, *(step.after for step in self.done)]
        for back, state in enumerate(reversed(states)):
            if state is self.saved_as:
                return back
        forth = (step.after for step in reversed(self.undone))
        return next((n for n, state in enumerate(forth, start=1) if state is self.saved_as), len(self.done))

    def edited(self, edit: Edit) -> "History":
        """Return the history after one more gesture; what was undone cannot be done again."""
        before = self.drawn
        step = Step(edit=edit, before=before, after=edit.on(before))
        return replace(self, done=(*self.done, step), undone=())

    def undo(self) -> "History":
        """Return the history with its last gesture undone."""
        return replace(self, done=self.done[:-1], undone=(*self.undone, self.done[-1]))

    def redo(self) -> "History":
        """Return the history with the last gesture that was undone done again."""
        return replace(self, done=(*self.done, self.undone[-1]), undone=self.undone[:-1])

    def written(self, sha256: str | None) -> "History":
        """Return the history once the outline file says what is drawn."""
        return replace(self, saved=sha256, saved_as=self.drawn, saving=None)

    def about_to_write(self, sha256: str | None) -> "History":
        """Return the history while the outline file is being written."""
        return replace(self, saving=(sha256, self.drawn))

    def found(self, sha256: str | None) -> "History":
        """Return the history once the outline file was looked at: it tells whether the last writing ended."""
        if self.saving is None or self.saving[0] != sha256:
            return self
        return replace(self, saved=sha256, saved_as=self.saving[1], saving=None)


def base_record(drawn: Drawn, *, saved: str | None, is_saved: bool) -> dict[str, object]:
    """Return the line with which a history begins: what is drawn, and whether the file says the same."""
    return {"kind": "base", "drawn": encode_drawn(drawn), "file": saved, "is_saved": is_saved}


def edit_record(edit: Edit, before: Drawn) -> dict[str, object]:
    """Return the line of one gesture."""
    return {"kind": "edit", **encode_edit(edit, before)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment:
    """One line of a journal, with what was drawn before and after it."""

    record: Record
    step: Step | None
    history: History


def replay(records: Iterable[Record]) -> History | None:
    """Return what a journal's lines add up to; None of one that never began.

    Raises
    ------
    ValueError, KeyError, IndexError, LesionkitError
        If a line cannot follow those before it.
    """
    history = None
    for moment in moments(records):
        history = moment.history
    return history


def moments(records: Iterable[Record]) -> Iterator[Moment]:
    """Yield a journal's lines with what they did, from the first base on."""
    history: History | None = None
    for record in records:
        kind, step = record["kind"], None
        if kind == "base":
            history = History.beginning(
                decode_drawn(record["drawn"]), saved=record["file"], is_saved=record["is_saved"]
            )
        elif history is None:
            continue
        elif kind == "edit":
            history = history.edited(decode_edit(record, history.drawn))
            step = history.done[-1]
        elif kind == "undo":
            step = history.done[-1]
            history = history.undo()
        elif kind == "redo":
            step = history.undone[-1]
            history = history.redo()
        elif kind == "saving":
            history = history.about_to_write(record["file"])
        elif kind == "saved":
            history = history.written(record["file"])
        yield Moment(record=record, step=step, history=history)
