"""An outcome -> the files people open."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.core.outcome import Outcome, Problem, worst_first
from lesionkit.errors import InputError
from lesionkit.pipeline.engine import Engine, Progress, Step, stay_quiet, workers
from lesionkit.pipeline.place import mark_as_results

if TYPE_CHECKING:
    from lesionkit.report.exporters import Load


def derivatives(folder: Path | str, out: Path | None = None) -> Path:
    """Return where a folder's results go: `out`, else ``derivatives/lesionkit`` in it (as in BIDS)."""
    return out if out is not None else Path(folder) / "derivatives" / "lesionkit"


def kept_in(out: Path) -> Path:
    """Return where a run that writes into a folder keeps its results for the next one."""
    from lesionkit.io.clutter import KEPT

    return out / KEPT


def write_tables(outcome: Outcome, out: Path) -> tuple[Path, ...]:
    """Write the tables and ``run.json``; return their paths."""
    from lesionkit.report.to_csv import write

    return write(outcome, out)


def write_pages(engine: Engine, outcome: Outcome, out: Path, *, is_whole: bool = True) -> tuple[Path, ...]:
    """Write ``report/index.html`` and one page per patient; return their paths.

    Parameters
    ----------
    engine : Engine
        On what pages are made; its memo remembers them, so that unchanged ones are not made again.
    outcome : Outcome
        What to show.
    out : Path
        The folder; ``report`` is made in it.
    is_whole : bool
        Whether the run held all patients.

    Raises
    ------
    InputError
        As `lesionkit.run`, of the engine.
    """
    from lesionkit.classification import REASONS
    from lesionkit.io import load_image
    from lesionkit.pipeline.cohort import summarise_outcome
    from lesionkit.report.to_html import write

    summary = summarise_outcome(outcome, is_whole=is_whole)
    with workers(jobs=engine.jobs, scheduler=engine.scheduler) as executor:
        pages = write(
            outcome,
            out,
            load=load_image,
            reason_texts=REASONS,
            progress=_counting(engine.progress, stage="Writing pages"),
            summary=summary,
            executor=executor,
            kept=engine.memo,
            force=engine.force,
        )
    mark_as_results(out / "report")
    return pages


def html(
    outcome: Outcome,
    out: Path,
    /,
    *,
    load: "Load | None" = None,
    reason_texts: Mapping[str, str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    tell: Callable[[Problem], None] | None = None,
) -> tuple[Path, ...]:
    """Return the pages of an outcome with the cohort's plots: the exporter ``html``.

    Parameters are those of `lesionkit.report.exporters.Exporter`.
    """
    from lesionkit.pipeline.cohort import summarise_outcome
    from lesionkit.report.to_html import write

    pages = write(
        outcome,
        out,
        load=load,
        reason_texts=reason_texts,
        progress=progress,
        tell=tell,
        summary=summarise_outcome(outcome),
    )
    mark_as_results(out / "report")
    return pages


def must_be_printable() -> None:
    """Refuse to print before anything is computed, where no browser can.

    Raises
    ------
    InputError
        If there is none; the hint says what to install.
    """
    from lesionkit.report.printing import find_browser

    find_browser()


def print_patients(
    outcome: Outcome, pages: Sequence[Path], *, progress: Progress = stay_quiet
) -> tuple[Outcome, tuple[Path, ...]]:
    """Print the patients' pages to PDF beside them; return their paths, and the outcome with what failed.

    Raises
    ------
    InputError
        If there is no browser that can print.
    """
    from lesionkit.report.printing import find_browser, print_pages

    patients = [page for page in pages if page.suffix == ".html" and page.stem != "index"]
    count = _counting(progress, stage="Printing")
    printed, problems = print_pages(patients, find_browser(), progress=count)
    return replace(outcome, problems=worst_first((*outcome.problems, *problems))), printed


def _counting(progress: Progress, *, stage: str) -> Callable[[int, int], None]:
    def count(done: int, total: int) -> None:
        progress(Step(stage=stage, done=done, total=total))

    return count


def must_be_outside(folder: Path | str, out: Path) -> None:
    """Refuse to export among the images, where what is written would be read as outlines the next time.

    Raises
    ------
    InputError
        If `out` lies in the cohort's folder, but not under ``derivatives``, or is a file.
    """
    root, target = Path(folder).resolve(), out.resolve()
    if target.exists() and not target.is_dir():
        raise InputError(f"{out} is a file", hint="Name a folder to write into.")
    if target.is_relative_to(root) and target.relative_to(root).parts[:1] != ("derivatives",):
        raise InputError(
            f"{out} lies among the images, where what is exported would be read as outlines",
            hint=f"Write somewhere else, or below {Path(folder) / 'derivatives'}.",
        )


def export(
    outcome: Outcome, exporter: str, out: Path, *, progress: Progress = stay_quiet
) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """Return the files that an exporter wrote, and what it left out.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    exporter : str
        Its name, such as ``dicom-seg``.
    out : Path
        The folder; it holds all of the files afterwards, or is as it was.
    progress : Progress, optional
        Told of every step.

    Raises
    ------
    ExtensionError
        If there is no such exporter.
    """
    from lesionkit.classification import REASONS
    from lesionkit.io import load_image
    from lesionkit.report.exporters import write

    left_out: list[Problem] = []
    paths = write(
        outcome,
        exporter,
        out,
        load=load_image,
        reason_texts=REASONS,
        progress=_counting(progress, stage="Writing"),
        tell=left_out.append,
    )
    return paths, tuple(left_out)


def must_be_exporter(name: str) -> None:
    """Refuse the name of an exporter that cannot be used, before anything is computed.

    Raises
    ------
    ExtensionError
        If there is none of that name, or it cannot be loaded; the hint names those there are.
    """
    from lesionkit.report.exporters import EXPORTERS

    EXPORTERS.load(name)
