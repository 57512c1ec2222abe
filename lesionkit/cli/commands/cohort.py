"""The tables of a cohort."""

from pathlib import Path
from typing import Annotated

import typer

from lesionkit.cli import options


def cohort(
    folder: options.Folder,
    *,
    overall: Annotated[
        str | None,
        typer.Option(
            "--overall",
            metavar="ITEM",
            help="The questionnaire's item that says how a patient fared. (default: overall benefit)",
            show_default=False,
        ),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(
            "--template",
            metavar="FILE",
            help="Write an empty questionnaire for the patients of FOLDER into FILE, and do nothing else.",
            show_default=False,
        ),
    ] = None,
    figures: Annotated[
        bool,
        typer.Option(
            "--figures",
            help="Write each plot, and before and after of each site, as SVG, PDF and PNG (extra: figures).",
        ),
    ] = False,
    out: options.Out = None,
    patient: options.Patients = None,
    criterion: options.CriterionName = None,
    reader: options.ReaderName = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    force: options.Force = False,
    debug: options.Debug = False,
) -> None:
    """Write the cohort's tables and figures: who, how treated, and how they fared by each source."""
    from lesionkit.cli.cohort import show_summary
    from lesionkit.cli.terminal import print_lines, progress_bar
    from lesionkit.core.outcome import any_error
    from lesionkit.pipeline import (
        Engine,
        derivatives,
        kept_in,
        must_be_drawable,
        must_be_writable,
        run_and_summarise,
        write_figures,
        write_questionnaire_template,
        write_summary,
    )

    if template is not None:
        print_lines([write_questionnaire_template(folder, template, patients=patient)])
        return
    target = derivatives(folder, out)
    must_be_writable(target)
    if figures:
        must_be_drawable()
    with progress_bar(quiet=quiet) as progress:
        engine = Engine(jobs=jobs, scheduler=scheduler, memo=kept_in(target), force=force, progress=progress)
        outcome, summary = run_and_summarise(
            engine, folder, overall=overall, criterion=criterion, patients=patient, reader=reader
        )
        paths = write_summary(summary, target)
        if figures:
            paths = (*paths, *write_figures(outcome, summary, target, progress=progress))
    show_summary(summary, paths, as_json=json, quiet=quiet)
    raise typer.Exit(int(any_error(summary.problems)))
