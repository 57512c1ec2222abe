"""The door through which a window is opened on a cohort: the library itself knows no screen."""

from pathlib import Path
from typing import Protocol

from lesionkit.core.registry import Registry


class Viewer(Protocol):
    """What opens a window on a cohort; registered as entry point in the group ``lesionkit.viewers``."""

    def __call__(
        self,
        folder: Path,
        /,
        *,
        patient: str | None = None,
        reader: str = "",
        seed: int | None = None,
        repeats: int = 0,
    ) -> None:
        """Open a window, and return when it is closed.

        Parameters
        ----------
        folder : Path
            The cohort.
        patient : str, optional
            Whose images are offered; all patients' where left out.
        reader : str
            Who outlines; empty for the common reading.
        seed : int, optional
            Of a reader study: blinds the reader, and decides on the order.
        repeats : int
            So many images of the study come a second time.
        """
        ...


VIEWERS: Registry[Viewer] = Registry("lesionkit.viewers")
