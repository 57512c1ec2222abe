"""One reader's work on one image: gestures journalled before they count, the outline file written behind."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from errno import ENOENT
from pathlib import Path

from lesionkit.core.outcome import Problem
from lesionkit.errors import InputError, LesionkitError
from napari_lesionkit import _tell as tell
from napari_lesionkit._drawn import Drawn, Edit
from napari_lesionkit._history import History, base_record, edit_record, replay
from napari_lesionkit._journal import ForeignJournalError, Journal, Read, read_journal
from napari_lesionkit._lock import Lock
from napari_lesionkit._shelf import Shelf, must_be_sayable, read_shelf, write_shelf
from napari_lesionkit._verbs import Stamp

Watcher = Callable[["Draft"], None]
"""Called after anything about a draft has changed."""


class Keep(StrEnum):
    """Whose outlines stay in place where two people changed them; the other's go into a file beside."""

    MINE = "mine"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who works, and what tells the time.

    Parameters
    ----------
    who : str
        Written as author of what is drawn.
    clock : callable
        Returns the time now, with its zone.
    """

    who: str
    clock: Callable[[], datetime]

    @property
    def at(self) -> str:
        """The time now, ISO 8601."""
        return self.clock().isoformat(timespec="seconds")


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
        self._lock: Lock | None = None
        self.refusal = self._take_lock() if is_locked else tell.only_looking(shelf)
        self.history, self._journal = self._begin()

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
        return self.history.is_saved and not self._journal.waits

    @property
    def is_safe(self) -> bool:
        """Whether everything is on the disk, in the journal at least: nothing is lost if the power goes."""
        return not self._journal.waits

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Whatever the user should know of it, now."""
        first = [problem for problem in (self.conflict, self.refusal) if problem is not None]
        return (*first, *self._faults.values())

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
        self._note(edit_record(edit, before.drawn), before=before)
        self._now(after)
        return self.drawn

    def undo(self) -> bool:
        """Undo the last gesture; return whether there was one. It may be of an earlier day."""
        self._must_be_editable()
        if not self.history.done:
            return False
        self._note({"kind": "undo"}, before=self.history)
        self._now(self.history.undo())
        return True

    def redo(self) -> bool:
        """Do the gesture again that was undone last; return whether there was one."""
        self._must_be_editable()
        if not self.history.undone:
            return False
        self._note({"kind": "redo"}, before=self.history)
        self._now(self.history.redo())
        return True

    def note_time(self, seconds: float, **more: str | int) -> None:
        """Journal how long the reader has worked on this image since it was last noted."""
        if self.refusal is None:
            self._note({"kind": "time", "seconds": round(seconds, 1), **more}, before=self.history)

    # -- files --------------------------------------------------------------------------------------------

    def save(self) -> bool:
        """Write the outline file, if it does not say what is drawn; return whether it does.

        Cheap where nothing has changed. Where it fails, or somebody else has changed the file, the reason is
        in `problems` (and `conflict`), and the work stays in memory and in the journal.
        """
        if self.refusal is not None:
            return self.history.is_saved
        self._retry()
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
                aside.write_bytes(self.shelf.path.read_bytes())
            self.conflict = None
            self._write()
        else:
            write_shelf(replace(self.shelf, path=aside), self.drawn)
            self.conflict = None
            self._begin_anew()
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
        saved = write_shelf(shelf, self.drawn)
        shelf.journal.unlink(missing_ok=True)
        journal = Journal(shelf.journal, Read())
        if (
            not journal.append([self._signed(base_record(self.drawn, saved=saved, is_saved=True))])
            and journal.fault
        ):
            raise journal.fault
        return shelf.path

    def beat(self) -> None:
        """Give a sign of life to others, and try again what could not be written; call it once a minute."""
        if self._lock is not None:
            self._lock.beat()
        if self._journal.waits or "file" in self._faults:
            self.save()

    def close(self) -> bool:
        """Save, and let others in; return whether everything is on the disk."""
        is_kept = self.refusal is not None or self.save()
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        return is_kept

    # -- inside -------------------------------------------------------------------------------------------

    def _take_lock(self) -> Problem | None:
        if self.shelf.refusal:
            return tell.not_ours(self.shelf)
        try:
            taken = Lock.take(self.shelf.lock, who=self._author.who, since=self._author.at)
        except OSError as fault:
            self._faults["place"] = tell.read_only(self.shelf, fault)
            return None
        if isinstance(taken, Lock):
            self._lock = taken
            return None
        return tell.locked(self.shelf, taken)

    def _begin(self) -> tuple[History, Journal]:
        read = self._read_journal()
        history = self._replayed(read)
        there = self.shelf.digest()
        if history is None or (history.saved != there and history.is_saved):
            # Nobody was here before, or all that was done is overtaken by another program's file.
            return self._from_file(there), self._writer(read)
        if history.saved != there:
            self.conflict = tell.changed_elsewhere(self.shelf)
        elif not history.is_saved:
            self.recovered = history.ahead
        return history, self._writer(read)

    def _read_journal(self) -> Read:
        try:
            read = read_journal(self.shelf.journal)
        except OSError as fault:
            self._faults["journal"] = tell.journal_unreadable(self.shelf, fault)
            return Read(is_damaged=True)
        if read.is_damaged:
            self._faults["journal"] = tell.journal_damaged(self.shelf)
        return read

    def _replayed(self, read: Read) -> History | None:
        try:
            return replay(read.records)
        except (ValueError, LookupError, TypeError, AssertionError, LesionkitError):
            self._faults["journal"] = tell.journal_damaged(self.shelf)
            return None

    def _writer(self, read: Read) -> Journal:
        if "journal" in self._faults and self.refusal is None:
            with contextlib.suppress(OSError):
                self.shelf.journal.rename(self._beside(".journal.jsonl"))
            self._started = False
            return Journal(self.shelf.journal, Read())
        self._started = bool(read.records) and self.conflict is None
        return Journal(self.shelf.journal, read)

    def _from_file(self, there: str | None) -> History:
        drawn, problems = read_shelf(self.shelf)
        self._faults |= {f"file {number}": problem for number, problem in enumerate(problems)}
        self._started = False
        return History.beginning(drawn, saved=there)

    def _note(self, record: dict[str, object], *, before: History) -> None:
        lines = [record] if self._started else [self._base(before), record]
        self._started = True
        self._append(lines, instead=[self._base(before), record])

    def _append(self, lines: list[dict[str, object]], *, instead: list[dict[str, object]]) -> None:
        """Journal lines; `instead` where the journal has to be begun anew."""
        try:
            is_kept = self._journal.append([self._signed(line) for line in lines])
        except ForeignJournalError:
            with contextlib.suppress(OSError):
                self.shelf.journal.rename(self._beside(".journal.jsonl"))
            self._journal = Journal(self.shelf.journal, Read())
            is_kept = self._journal.append([self._signed(line) for line in instead])
        self._tell_journal(is_kept=is_kept)

    def _retry(self) -> None:
        if self._journal.waits:
            self._append([], instead=[self._base(self.history)])

    def _tell_journal(self, *, is_kept: bool) -> None:
        if is_kept:
            self._faults.pop("journal", None)
        elif self._journal.fault is not None:
            self._faults["journal"] = tell.not_journalled(self.shelf, self._journal.fault)

    def _base(self, history: History) -> dict[str, object]:
        return base_record(history.drawn, saved=history.saved, is_saved=history.is_saved)

    def _signed(self, record: dict[str, object]) -> dict[str, object]:
        return {"at": self._author.at, "who": self._author.who, **record}

    def _is_changed_elsewhere(self) -> bool:
        if not self.shelf.path.parent.is_dir():
            raise FileNotFoundError(ENOENT, "the folder is gone")
        return self.shelf.digest() != self.history.saved

    def _write(self) -> None:
        saved = write_shelf(self.shelf, self.drawn)
        written = self.history.written(saved)
        self._note({"kind": "saved", "file": saved}, before=self.history)
        self.history = written
        self.recovered = 0

    def _begin_anew(self) -> None:
        """Go on from what the outline file says now."""
        self.history = self._from_file(self.shelf.digest())
        self._note({"kind": "settled"}, before=self.history)

    def _aside(self) -> Path:
        return self.shelf.called("~".join(filter(None, (self.shelf.reader, f"conflict-{self._compact}"))))

    def _beside(self, suffix: str) -> Path:
        base = self.shelf.journal.name.removesuffix(".journal.jsonl")
        return self.shelf.journal.with_name(f"{base}.{self._compact}{suffix}")

    @property
    def _compact(self) -> str:
        return self._author.clock().strftime("%Y%m%dT%H%M%S")

    def _must_be_editable(self) -> None:
        problem = self.refusal or self.conflict
        if problem is not None:
            raise InputError(problem.text, hint=problem.hint)

    def _now(self, history: History) -> None:
        self.history = history
        self._changed()

    def _changed(self) -> None:
        for watcher in tuple(self._watchers):
            watcher(self)
