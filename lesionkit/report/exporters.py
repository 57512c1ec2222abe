"""The door through which every output format leaves, ours included."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from lesionkit.core.image import Image, ImageRef
from lesionkit.core.outcome import Outcome, Problem
from lesionkit.core.registry import Registry
from lesionkit.report.batch import staged

Load = Callable[[ImageRef], Image]
"""Returns an image with its pixels; raises `lesionkit.errors.LesionkitError` where it cannot."""

Progress = Callable[[int, int], None]
"""Told how many pieces are done, of how many."""

Tell = Callable[[Problem], None]
"""Told of what cannot be written in this format, and why."""


class Exporter(Protocol):
    """What writes an outcome in one format.

    Register it as entry point in the group ``lesionkit.exporters``.
    """

    def __call__(
        self,
        outcome: Outcome,
        out: Path,
        /,
        *,
        load: Load | None = None,
        reason_texts: Mapping[str, str] | None = None,
        progress: Progress | None = None,
        tell: Tell | None = None,
    ) -> tuple[Path, ...]:
        """Return the files written below a folder.

        Whoever calls it through `write` gets all of them or none, so it may write one after the other.

        Parameters
        ----------
        outcome : Outcome
            What to write.
        out : Path
            The folder; made where it is missing.
        load : callable, optional
            Loads an image's pixels; None = do without pictures.
        reason_texts : Mapping of str to str, optional
            A plain sentence for each reason code.
        progress : callable, optional
            Called as pieces get done.
        tell : callable, optional
            Called with a problem for everything left out.
        """
        ...


EXPORTERS: Registry[Exporter] = Registry("lesionkit.exporters")


def write(
    outcome: Outcome,
    exporter: str,
    out: Path | str,
    *,
    load: Load | None = None,
    reason_texts: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> tuple[Path, ...]:
    """Return the files that an exporter wrote: all of them together, or none.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    exporter : str
        Name of the exporter: ``csv`` (tables and ``run.json``), ``html`` (pages), ``dicom-seg``,
        ``dicom-seg-fractional``, ``dicom-sr``, ``geojson``, ``nifti``, ``coco``, ``redcap``, ``sdtm``,
        ``sdtm-xpt``, ``xlsx``, or one of a plug-in.
    out : Path or str
        The folder to write into, such as ``FOLDER/derivatives/lesionkit``.
    load, reason_texts, progress, tell
        As of `Exporter`.

    Raises
    ------
    ExtensionError
        If there is no such exporter, or it cannot be loaded.
    OSError
        If the folder cannot be written; what was there before stays as it was.
    """
    export = EXPORTERS.load(exporter)
    target = Path(out)
    with staged(target) as draft:
        paths = export(outcome, draft, load=load, reason_texts=reason_texts, progress=progress, tell=tell)
    return tuple(target / path.relative_to(draft) for path in paths)
