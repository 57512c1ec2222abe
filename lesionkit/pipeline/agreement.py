"""Several readers' outlines of one folder -> how well they agree."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lesionkit.core.agreement import Agreement
from lesionkit.core.outcome import Problem, worst_first
from lesionkit.errors import InputError
from lesionkit.pipeline.engine import Engine, Progress, stay_quiet
from lesionkit.pipeline.examine import examine
from lesionkit.pipeline.run import run_on

COMMON = "common"
"""What the reading without a reader's name is called among others."""

_OF_ONE_READER = {"not_outlined", "several_readers", "readers_differ"}
"""Problems that say only that another reader's outlines were not taken."""


def agree(
    folder: Path | str,
    *,
    readers: Sequence[str] | None = None,
    criterion: str | None = None,
    patients: Sequence[str] | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    memo: Path | None = None,
    force: bool = False,
    progress: Progress = stay_quiet,
) -> Agreement:
    """Return how well the readers of a folder agree: on deposits, sizes and responses.

    Parameters
    ----------
    folder : path
        The cohort; it is not written to.
    readers : sequence of str, optional
        Only these, ``common`` for the outline files without a reader's name; None = everyone who outlined an
        image that somebody else outlined too.
    criterion, patients, jobs, scheduler, memo, force, progress
        As of `lesionkit.run`.

    Raises
    ------
    InputError
        If fewer than two readers have outlined one image, or a reader asked for has outlined none.
    MissingExtraError
        If statsmodels is not installed.
    """
    from lesionkit.pipeline.provenance import versions
    from lesionkit.summarise.agreement import compare_readings
    from lesionkit.summarise.kappa import must_have_statsmodels
    from lesionkit.summarise.readings import ReaderOutcome, outcome_of

    must_have_statsmodels()
    engine = Engine(jobs=jobs, scheduler=scheduler, memo=memo, force=force, progress=progress)
    chosen = _choose(folder, patients, readers)
    readings: list[ReaderOutcome] = []
    problems: list[Problem] = []
    for reader in chosen:
        whose = "" if reader == COMMON else reader
        outcome = run_on(engine, folder, criterion=criterion, patients=patients, reader=whose)
        problems += [problem for problem in outcome.problems if problem.code not in _OF_ONE_READER]
        readings.append(outcome_of(reader, outcome))
    return replace(
        compare_readings(readings),
        cohort=readings[0].outcome.cohort.name,
        problems=worst_first(problems),
        versions=versions("statsmodels"),
    )


def _choose(
    folder: Path | str, patients: Sequence[str] | None, asked: Sequence[str] | None
) -> tuple[str, ...]:
    examined = examine(folder, patients=patients)
    by_image = [{name or COMMON for name in names} for names in examined.readers.values()]
    known = {name for names in by_image for name in names}
    unknown = sorted(set(asked or ()) - known)
    if unknown:
        raise InputError(
            f"{unknown[0]} has outlined no image of {examined.cohort.name}",
            hint=f"Readers are: {', '.join(sorted(known)) or 'none yet'}.",
        )
    wanted = set(asked) if asked else known
    chosen = {name for names in by_image if len(names & wanted) > 1 for name in names & wanted}
    if len(chosen) < 2:
        raise InputError(
            f"no image of {examined.cohort.name} was outlined by two readers",
            hint="Save each reader's outlines as <image>.outlines.<reader>.geojson, and a second reading "
            "by the same reader as <image>.outlines.<reader>~2.geojson.",
        )
    return tuple(sorted(chosen))


def write_agreement(agreement: Agreement, out: Path) -> tuple[Path, ...]:
    """Write the tables and the page of an agreement into ``agreement/``; return their paths."""
    from lesionkit.report.to_agreement import write

    return write(agreement, out / "agreement")


def remember_errors(folder: Path | str, agreement: Agreement) -> Path:
    """Write the readers' errors into the folder's ``cohort.toml``; return its path.

    Raises
    ------
    InputError
        If too little was read twice to tell any, or the file cannot be written.
    """
    from lesionkit.io.reader_errors import write_reader_errors

    if not agreement.errors:
        raise InputError(
            "too few deposits were drawn twice in mm to tell the readers' error",
            hint="Have at least five deposits of one modality, on images with a scale, outlined twice.",
        )
    return write_reader_errors(Path(folder), agreement.errors)
