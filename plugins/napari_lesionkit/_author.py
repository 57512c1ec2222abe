"""Who works, and what tells the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


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

    @property
    def compact(self) -> str:
        """The time now, as part of a file's name."""
        return self.clock().strftime("%Y%m%dT%H%M%S")
