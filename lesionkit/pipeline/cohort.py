"""A folder -> the tables of a cohort, as a paper shows them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.core.outcome import Outcome, Problem, Severity, Told, worst_first
from lesionkit.core.summary import CohortSummary
from lesionkit.errors import InputError
from lesionkit.pipeline.engine import Engine, Progress, Step, stay_quiet
from lesionkit.pipeline.examine import examine
from lesionkit.pipeline.place import mark_as_results
from lesionkit.pipeline.run import run_on
from lesionkit.pipeline.told import read_told

if TYPE_CHECKING:
    from lesionkit.report.cohort_canvas import Figure


def summarise(
    folder: Path | str,
    *,
    overall: str | None = None,
    criterion: str | None = None,
    patients: Sequence[str] | None = None,
    reader: str | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    memo: Path | None = None,
    force: bool = False,
    progress: Progress = stay_quiet,
) -> CohortSummary:
    """Return the tables of a cohort: who, how treated, how they fared by each source, and what goes with it.

    Parameters
    ----------
    folder : path
        The cohort; it is not written to.
    overall : str, optional
        The questionnaire's item that says how a patient fared; None = ``overall benefit``.
    criterion, patients, reader, jobs, scheduler, memo, force, progress
        As of `lesionkit.run`.

    Raises
    ------
    InputError
        As `lesionkit.run`; or if ``questionnaire.csv`` or ``adverse_events.csv`` cannot be read as a table,
        or has no item of the name asked for.
    """
    engine = Engine(jobs=jobs, scheduler=scheduler, memo=memo, force=force, progress=progress)
    _, summary = run_and_summarise(
        engine, folder, overall=overall, criterion=criterion, patients=patients, reader=reader
    )
    return summary


def run_and_summarise(
    engine: Engine,
    folder: Path | str,
    *,
    overall: str | None = None,
    criterion: str | None = None,
    patients: Sequence[str] | None = None,
    reader: str | None = None,
) -> tuple[Outcome, CohortSummary]:
    """Return the outcome of a folder and the tables of its cohort: `summarise`, with what it rests on."""
    told = read_told(Path(folder))
    _must_be_answered(told, overall)
    outcome = run_on(engine, folder, criterion=criterion, patients=patients, reader=reader, told=told)
    return outcome, summarise_outcome(outcome, overall=overall, is_whole=not patients)


def summarise_outcome(
    outcome: Outcome, *, overall: str | None = None, is_whole: bool = True
) -> CohortSummary:
    """Return the tables of a cohort that has been measured, with the answers and events beside its images.

    Parameters
    ----------
    outcome : Outcome
        Of `lesionkit.run`.
    overall : str, optional
        The questionnaire's item that says how a patient fared; None = ``overall benefit``.
    is_whole : bool
        Whether the run held all patients, so that others in the tables are strangers.
    """
    from lesionkit.classification import REASONS
    from lesionkit.io.adverse_events import ADVERSE_EVENTS
    from lesionkit.io.questionnaire import QUESTIONNAIRE
    from lesionkit.pipeline.provenance import versions
    from lesionkit.summarise.cohort import summarise_cohort
    from lesionkit.summarise.questionnaire import OVERALL

    told = outcome.told
    strangers: list[Problem] = []
    if is_whole:
        ids = {patient.id for patient in outcome.cohort.patients}
        strangers += _strangers(QUESTIONNAIRE, told.answers, ids)
        strangers += _strangers(ADVERSE_EVENTS, told.events or {}, ids)
    summary = summarise_cohort(
        replace(outcome, versions={**outcome.versions, **versions("statsmodels")}),
        answers=told.answers,
        events=told.events,
        sentences=lambda codes: " ".join(REASONS.get(code, code) for code in codes),
        overall=overall or OVERALL,
    )
    return replace(
        summary, problems=worst_first((*summary.problems, *told.problems.get(ADVERSE_EVENTS, ()), *strangers))
    )


def write_summary(summary: CohortSummary, out: Path) -> tuple[Path, ...]:
    """Write the tables of a cohort into ``cohort/``; return their paths."""
    from lesionkit.report.to_cohort import write

    return write(summary, out / "cohort")


def must_be_drawable() -> None:
    """Refuse to draw figures where what writes their files is missing, before anything is computed.

    Raises
    ------
    MissingExtraError
        If Typst is not installed.
    """
    from lesionkit.report.to_figures import must_have_typst

    must_have_typst()


def write_figures(
    outcome: Outcome, summary: CohortSummary, out: Path, *, progress: Progress = stay_quiet
) -> tuple[Path, ...]:
    """Write each plot of a cohort, and each site before and after, into ``cohort/figures/``; return paths.

    Raises
    ------
    MissingExtraError
        If Typst is not installed.
    """
    from lesionkit.report.to_figures import write

    figures = write(_figures(outcome, summary, progress), out / "cohort" / "figures")
    mark_as_results(out / "cohort")
    return figures


def _figures(outcome: Outcome, summary: CohortSummary, progress: Progress) -> "Iterator[Figure]":
    from lesionkit.classification import REASONS
    from lesionkit.io import load_image
    from lesionkit.report.cohort_figures import cohort_figures
    from lesionkit.report.cohort_panels import panels
    from lesionkit.report.page_parts import page_names
    from lesionkit.report.slices import outcomes_of
    from lesionkit.report.source import Source

    parts = outcomes_of(Source.of(outcome, load=None, texts=REASONS))
    names = page_names(parts)
    plots = cohort_figures(summary)
    total = len(plots) + len(parts)
    for done, plot in enumerate(plots):
        progress(Step(stage="Drawing figures", done=done, total=total))
        yield plot
    for done, (patient, part) in enumerate(parts.items(), start=len(plots)):
        progress(Step(stage="Drawing figures", done=done, total=total))
        source = Source.of(part, load=load_image, texts=REASONS)
        yield from panels(source, part.cohort.patients[0], stem=Path(names[patient]).stem)
    progress(Step(stage="Drawing figures", done=total, total=total))


def write_questionnaire_template(
    folder: Path | str, place: Path, *, patients: Sequence[str] | None = None
) -> Path:
    """Write an empty questionnaire for the patients of a folder; return its path.

    Raises
    ------
    InputError
        If there is a file already, or it cannot be written.
    """
    from lesionkit.io.questionnaire import questionnaire_template

    people = examine(folder, patients=patients).cohort.patients
    text = questionnaire_template(patient.id for patient in people)
    try:
        with place.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError as fault:
        raise InputError(f"{place} exists", hint="Name a new file: answers are not overwritten.") from fault
    except OSError as fault:
        raise InputError(
            f"{place} cannot be written: {fault.strerror}", hint="Name another place."
        ) from fault
    return place


def _must_be_answered(told: Told, asked: str | None) -> None:
    """Refuse an item that would be missed only after everything has been measured."""
    from lesionkit.io.questionnaire import folded

    names = {folded(answer.item): answer.item for some in told.answers.values() for answer in some}
    if asked is not None and folded(asked) not in names:
        listed = ", ".join(sorted(names.values())) or "none yet"
        raise InputError(f"no one has answered an item {asked!r}", hint=f"Items answered are: {listed}.")


def _strangers(file: str, named: Mapping[str, object], ids: set[str]) -> Iterable[Problem]:
    count = sum(name not in ids for name in named)
    if count:
        yield Problem(
            severity=Severity.WARNING,
            code="table_names_strangers",
            about=file,
            text=f"{file} names {count} patient(s) who are neither among the images nor in patients.csv; "
            "their lines are left out.",
            hint="Write patients as their folders are named.",
        )
