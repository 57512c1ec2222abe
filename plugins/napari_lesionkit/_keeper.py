"""What keeps a draft's gestures: writes them to the journal, and has an answer where that fails."""

import contextlib

from lesionkit.core.outcome import Problem
from lesionkit.errors import LesionkitError
from napari_lesionkit import _tell as tell
from napari_lesionkit._author import Author
from napari_lesionkit._history import History, base_record, replay
from napari_lesionkit._journal import ForeignJournalError, Journal, Read, Record, read_journal
from napari_lesionkit._shelf import Shelf


class Keeper:
    """Keeps the gestures of one draft.

    Parameters
    ----------
    shelf : Shelf
        Where.
    author : Author
        Who, and when.
    is_writing : bool
        False where a draft is only looked at.
    """

    def __init__(self, shelf: Shelf, author: Author, *, is_writing: bool) -> None:
        self._shelf, self._author, self._is_writing = shelf, author, is_writing
        self._journal = Journal(shelf.journal, Read())
        self._has_begun = False
        self.fault: Problem | None = None

    @property
    def waits(self) -> bool:
        """Whether gestures are in memory only."""
        return self._journal.waits

    def recall(self) -> History | None:
        """Return what the journal says; None where there is none that can be believed."""
        try:
            read = read_journal(self._shelf.journal)
            history = replay(read.records)
        except OSError as fault:
            self.fault = tell.journal_unreadable(self._shelf, fault)
            return None
        except (ValueError, LookupError, TypeError, AssertionError, LesionkitError):
            read, history = Read(is_damaged=True), None
        if read.is_damaged:
            self.fault = tell.journal_damaged(self._shelf)
            if self._is_writing:
                self._put_aside()
            return history
        self._journal = Journal(self._shelf.journal, read)
        self._has_begun = history is not None
        return history

    def begin_anew(self) -> None:
        """Begin with what is drawn then, whatever the journal said before: that stays above it."""
        self._has_begun = False

    def note(self, record: Record, *, before: History, must: bool = False) -> None:
        """Journal a line; where it cannot be written it waits, and `fault` says why.

        Parameters
        ----------
        record : Record
            The line.
        before : History
            What was drawn before it.
        must : bool
            Raise where it cannot be written.

        Raises
        ------
        OSError
            If it cannot, and must.
        """
        anew = [self._base(before), record]
        lines = [record] if self._has_begun else anew
        self._has_begun = True
        self._append(lines, instead=anew)
        if must and self._journal.fault is not None:
            raise self._journal.fault

    def retry(self, now: History) -> None:
        """Try again what could not be written."""
        if self._journal.waits:
            self._append([], instead=[self._base(now)])

    def _append(self, lines: list[Record], *, instead: list[Record]) -> None:
        """Journal lines; `instead` of them where somebody else took the journal away or wrote into it."""
        try:
            is_kept = self._journal.append([self._signed(line) for line in lines])
        except ForeignJournalError:
            self._put_aside()
            is_kept = self._start_again(instead)
        if is_kept:
            self.fault = None
        elif self._journal.fault is not None:
            self.fault = tell.not_journalled(self._shelf, self._journal.fault)

    def _start_again(self, lines: list[Record]) -> bool:
        self._journal = Journal(self._shelf.journal, Read())
        try:
            return self._journal.append([self._signed(line) for line in lines])
        except ForeignJournalError:  # what is there could not be put aside: it waits
            return False

    def _put_aside(self) -> None:
        path = self._shelf.journal
        base = path.name.removesuffix(".journal.jsonl")
        with contextlib.suppress(OSError):
            path.rename(path.with_name(f"{base}.{self._author.compact}.journal.jsonl"))

    def _base(self, history: History) -> Record:
        where = {"image": self._shelf.ref.id, "reader": self._shelf.reader}
        return where | base_record(history.drawn, saved=history.saved, is_saved=history.is_saved)

    def _signed(self, record: Record) -> Record:
        return {"at": self._author.at, "who": self._author.who, **record}
