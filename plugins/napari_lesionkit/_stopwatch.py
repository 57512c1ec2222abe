"""How long a reader works on a case, pauses taken off."""

import time
from collections.abc import Callable

PAUSE_S = 60.0
"""Longer without a gesture is a pause: what goes beyond it does not count as work."""


class Stopwatch:
    """Runs from when it is made.

    Parameters
    ----------
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = self._last = clock()
        self._idle = 0.0

    def tick(self) -> None:
        """Note a gesture."""
        now = self._clock()
        self._idle += max(0.0, now - self._last - PAUSE_S)
        self._last = now

    def read(self) -> tuple[float, float]:
        """Return the seconds since it was made, and how many of them were pauses."""
        self.tick()
        return self._last - self._started, self._idle
