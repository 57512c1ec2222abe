"""Slow work beside the window, in napari's worker threads."""

from collections.abc import Callable
from typing import Any, TypeVar

from napari.qt.threading import create_worker
from qtpy.QtCore import QTimer

T = TypeVar("T")


class Threads:
    """Does work in the background, and tells what is being done.

    Parameters
    ----------
    tell : callable
        Called with what is being done, a sentence each; nothing when all is done.
    """

    def __init__(self, tell: Callable[[tuple[str, ...]], None]) -> None:
        self._tell = tell
        self._doing: list[str] = []
        self._workers: set[Any] = set()

    def __call__(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        doing: str,
    ) -> None:
        """Do work in a thread; `done` or `failed` is called in the window's own."""
        worker = create_worker(work, _start_thread=False, _ignore_errors=True)
        self._doing.append(doing)
        self._workers.add(worker)
        self._tell(tuple(self._doing))

        def ended() -> None:
            self._workers.discard(worker)
            self._doing.remove(doing)
            self._tell(tuple(self._doing))

        worker.returned.connect(done)
        worker.errored.connect(failed)
        worker.finished.connect(ended)
        worker.start()

    @property
    def is_busy(self) -> bool:
        """Whether something is being done."""
        return bool(self._workers)


def soon(call: Callable[[], None]) -> None:
    """Call as soon as what is going on in the window's thread has ended."""
    QTimer.singleShot(0, call)
