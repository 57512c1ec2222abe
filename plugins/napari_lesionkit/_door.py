"""The way in to an image: shut while somebody else is at it, or where nothing of ours is."""

from lesionkit.core.outcome import Problem
from napari_lesionkit import _tell as tell
from napari_lesionkit._author import Author
from napari_lesionkit._lock import Lock
from napari_lesionkit._shelf import Shelf


class Door:
    """The way in to one image for one reader.

    Attributes
    ----------
    fault : Problem or None
        Set where one can go in, but nothing can be written.
    """

    def __init__(self, shelf: Shelf, author: Author) -> None:
        self._shelf, self._author = shelf, author
        self._lock: Lock | None = None
        self.fault: Problem | None = None

    def enter(self) -> Problem | None:
        """Go in, and shut it behind; return why that cannot be."""
        if self._shelf.refusal:
            return tell.not_ours(self._shelf)
        try:
            taken = Lock.take(self._shelf.lock, who=self._author.who, since=self._author.at)
        except OSError as fault:
            self.fault = tell.read_only(self._shelf, fault)
            return None
        if isinstance(taken, Lock):
            self._lock = taken
            return None
        return tell.locked(self._shelf, taken)

    def look(self) -> Problem | None:
        """Return that somebody has taken our place, not having heard of us for long; None if nobody has."""
        holder = self._lock.taken_by() if self._lock is not None else None
        if holder is None:
            return None
        self._lock = None
        return tell.locked(self._shelf, holder)

    def beat(self) -> None:
        """Give a sign of life."""
        if self._lock is not None:
            self._lock.beat()

    def leave(self) -> None:
        """Go out, and let others in."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
