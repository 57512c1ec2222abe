"""One reader's work on one image: gestures journalled before they count, the outline file written behind."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from errno import ENOENT
from pathlib import Path

from lesionkit.core.outcome import Problem
from lesionkit.errors import InputError, LesionkitError
from lesionkit.io.files import write_whole
from napari_lesionkit import _tell as tell
from napari_lesionkit._author import Author
from napari_lesionkit._door import Door
from napari_lesionkit._drawn import Drawn, Edit
from napari_lesionkit._filing import make_sheets, must_be_sayable, read_shelf
from napari_lesionkit._history import History, edit_record
from napari_lesionkit._keeper import Keeper
from napari_lesionkit._making import Stamp
from napari_lesionkit._shelf import Shelf

Watcher = Callable[["Draft"], None]
"""Called after anything about a draft has changed."""


class Keep(StrEnum):
    """Whose outlines stay in place where two people changed them; the other's go into a file beside."""

    MINE = "mine"
    THEIRS = "theirs"


class Draft:
    """What one reader is drawing on one image. Made by `Session.open`.

    Attributes
    ----------
    history : History
        What is drawn, and what can be undone.
    refusal : Problem or None
        Why nothing can be drawn: somebody else is at it, or the outlines are of another program.
    conflict : Problem or None
        Set when the outline file was changed by somebody else: nothing is saved until `settle`.
    recovered : int
        Gestures found in the journal that had not reached the outline file: they are there; ask the user,
        and call `forget_recovered` if they are not wanted.
    """

    def __init__(self, shelf: Shelf, author: Author, *, is_locked: bool = True) -> None:
        self.shelf = shelf
        self.conflict: Problem | None = None
        self.recovered = 0
        self._author = author
        self._watchers: list[Watcher] = []
        self._faults: dict[str, Problem] = {}
        self._door = Door(shelf, author)
        self.refusal = self._door.enter() if is_locked else tell.only_looking(shelf)
        self._keeper = Keeper(shelf, author, is_writing=self.refusal is None)
        self.history = self._begin()
        self._opened = self.drawn

    # -- what there is ------------------------------------------------------------------------------------

    @property
    def drawn(self) -> Drawn:
        """What is drawn now."""
        return self.history.drawn

    @property
    def can_edit(self) -> bool:
        """Whether gestures are taken."""
        return self.refusal is None and self.conflict is None

    @property
    def can_undo(self) -> bool:
        """Whether there is a gesture to undo."""
        return self.can_edit and bool(self.history.done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a gesture to do again."""
        return self.can_edit and bool(self.history.undone)

    @property
    def is_saved(self) -> bool:
        """Whether the outline file says what is drawn, and nothing waits to be written."""
        return self.history.is_saved and not self._keeper.waits

    @property
    def is_safe(self) -> bool:
        """Whether everything is on the disk, in the journal at least: nothing is lost if the power goes."""
        return not self._keeper.waits

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Whatever the user should know of it, now."""
        first = [problem for problem in (self.conflict, self.refusal) if problem is not None]
        kept = [fault for fault in (self._door.fault, self._keeper.fault) if fault is not None]
        return (*first, *kept, *self._faults.values())

    @property
    def stamp(self) -> Stamp:
        """Who, on which image and when: what the verbs ask for."""
        return Stamp(who=self._author.who, image=self.shelf.ref.id, at=self._author.at)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Have a callable called after every change; returns what ends that."""
        self._watchers.append(watcher)

        def leave() -> None:
            with contextlib.suppress(ValueError):
                self._watchers.remove(watcher)

        return leave

    # -- gestures -----------------------------------------------------------------------------------------

    def commit(self, edit: Edit) -> Drawn:
        """Do a gesture: journalled first, then drawn; return what is drawn.

        Where the journal cannot be written it is drawn all the same, and kept in memory until it can
        (`problems`, `is_safe`).

        Raises
        ------
        InputError
            If nothing can be drawn here (`can_edit`), or the image's file could not say it.
        """
        self._must_be_editable()
        before = self.history
        after = before.edited(edit)
        must_be_sayable(self.shelf, after.drawn)
        self._keeper.note(edit_record(edit, before.drawn), before=before)
        self._now(after)
        return self.drawn

    def undo(self) -> bool:
        """Undo the last gesture; return whether there was one. It may be of an earlier day."""
        self._must_be_editable()
        if not self.history.done:
            return False
        self._keeper.note({"kind": "undo"}, before=self.history)
        self._now(self.history.undo())
        return True

    def redo(self) -> bool:
        """Do the gesture again that was undone last; return whether there was one."""
        self._must_be_editable()
        if not self.history.undone:
            return False
        self._keeper.note({"kind": "redo"}, before=self.history)
        self._now(self.history.redo())
        return True

    @property
    def was_edited(self) -> bool:
        """Whether anything was changed since it was opened."""
        return self.drawn is not self._opened

    def note_time(self, seconds: float, pauses_s: float, *, case: str = "") -> None:
        """Journal for how long the image was open, and how much of that were pauses."""
        if self.refusal is None:
            record = {"kind": "time", "seconds": round(seconds, 1), "pauses_s": round(pauses_s, 1)}
            self._keeper.note(record | ({"case": case} if case else {}), before=self.history)

    # -- files --------------------------------------------------------------------------------------------

    def save(self) -> bool:
        """Write the outline file, if it does not say what is drawn; return whether it does.

        Cheap where nothing has changed. Where it fails, or somebody else has changed the file, the reason is
        in `problems` (and `conflict`), and the work stays in memory and in the journal.
        """
        if self.refusal is not None:
            return self.history.is_saved
        self._keeper.retry(self.history)
        if self.history.is_saved or self.conflict is not None:
            return self.history.is_saved
        try:
            if self._is_changed_elsewhere():
                self.conflict = tell.changed_elsewhere(self.shelf)
            else:
                self._write()
                self._faults.pop("file", None)
        except OSError as fault:
            self._faults["file"] = tell.not_saved(self.shelf, fault)
        except LesionkitError as fault:
            self._faults["file"] = tell.not_sayable(self.shelf, fault)
        self._changed()
        return self.history.is_saved

    def settle(self, keep: Keep) -> Path:
        """End a conflict: keep one side in place, the other in a file of its own beside; return that file.

        Raises
        ------
        InputError
            If there is no conflict.
        OSError, LesionkitError
            If the file cannot be written; everything is then as before.
        """
        if self.conflict is None:
            raise InputError("nobody else has changed the outlines", hint="Go on.")
        aside = self._aside()
        if keep is Keep.MINE:
            if self.shelf.path.exists():
                write_whole(aside, self.shelf.path.read_bytes())
            self.conflict = None
            self._write()
        else:
            make_sheets(replace(self.shelf, path=aside), self.drawn).put()
            self.conflict = None
            self.history = self._from_file(self.shelf.digest())
            self._keeper.note({"kind": "settled"}, before=self.history)
        self._changed()
        return aside

    def forget_recovered(self) -> None:
        """Go back to what the outline file says; what was found in the journal can still be done again."""
        while self.recovered and self.history.done and not self.history.is_saved:
            self.undo()
        self.recovered = 0
        self._changed()

    def save_below(self, root: Path) -> Path:
        """Write outlines and journal below another folder, as the image lies in its cohort; return the file.

        Raises
        ------
        OSError, LesionkitError
            If they cannot be written there.
        """
        shelf = self.shelf.below(root)
        shelf.path.parent.mkdir(parents=True, exist_ok=True)
        sheets = make_sheets(shelf, self.drawn)
        sheets.put()
        written = self.history.written(sheets.digest)
        shelf.journal.unlink(missing_ok=True)
        Keeper(shelf, self._author, is_writing=True).note({"kind": "copied"}, before=written, must=True)
        return shelf.path

    def beat(self) -> None:
        """Give a sign of life to others, and try again what could not be written; call it once a minute."""
        self._door.beat()
        if self._keeper.waits or "file" in self._faults:
            self.save()

    def close(self) -> bool:
        """Save, and let others in; return whether everything is on the disk. If not, nobody is let in."""
        is_kept = self.refusal is not None or self.save()
        if is_kept:
            self._door.leave()
        return is_kept

    # -- inside -------------------------------------------------------------------------------------------

    def _begin(self) -> History:
        history, there = self._keeper.recall(), self.shelf.digest()
        history = history and history.found(there)
        if history is None or (history.saved != there and history.is_saved):
            # Nobody was here before, or all that was done is overtaken by another program's file.
            return self._from_file(there)
        if history.saved != there:
            self.conflict = tell.changed_elsewhere(self.shelf)
        elif not history.is_saved:
            self.recovered = history.ahead
        return history

    def _from_file(self, there: str | None) -> History:
        drawn, problems = read_shelf(self.shelf)
        self._faults |= {f"file {number}": problem for number, problem in enumerate(problems)}
        self._keeper.begin_anew()
        return History.beginning(drawn, saved=there)

    def _is_changed_elsewhere(self) -> bool:
        if not self.shelf.path.parent.is_dir():
            raise FileNotFoundError(ENOENT, "the folder is gone")
        return self.shelf.digest() != self.history.saved

    def _write(self) -> None:
        sheets = make_sheets(self.shelf, self.drawn)
        # Said first: whoever finds the file after a crash must know it for our own.
        self._keeper.note({"kind": "saving", "file": sheets.digest}, before=self.history)
        sheets.put()
        self._keeper.note({"kind": "saved", "file": sheets.digest}, before=self.history)
        self.history = self.history.written(sheets.digest)
        self.recovered = 0

    def _aside(self) -> Path:
        conflict = f"conflict-{self._author.compact}"
        return self.shelf.called(f"{self.shelf.reader}~{conflict}" if self.shelf.reader else conflict)

    def _must_be_editable(self) -> None:
        taken = self._door.look()
        if taken is not None:
            self.refusal = taken
            self._changed()
        problem = self.refusal or self.conflict
        if problem is not None:
            raise InputError(problem.text, hint=problem.hint)

    def _now(self, history: History) -> None:
        self.history = history
        self._changed()

    def _changed(self) -> None:
        for watcher in tuple(self._watchers):
            watcher(self)
