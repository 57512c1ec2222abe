"""The main job: everything measured, followed and judged."""

from typing import Annotated

import typer

from lesionkit.cli import options


def measure(
    folder: options.Folder,
    *,
    out: options.Out = None,
    patient: options.Patients = None,
    explain: options.ExplainImage = None,
    xlsx: Annotated[
        bool, typer.Option("--xlsx", help="Also write the tables as one Excel workbook.")
    ] = False,
    criterion: options.CriterionName = None,
    reader: options.ReaderName = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    force: options.Force = False,
    debug: options.Debug = False,
) -> None:
    """Measure, follow and judge every outlined deposit; write tables and pages."""
    from lesionkit.cli.explain import show_errors
    from lesionkit.cli.show import show_outcome
    from lesionkit.cli.terminal import print_problems, progress_bar
    from lesionkit.pipeline import (
        Engine,
        derivatives,
        export,
        kept_in,
        must_be_exporter,
        must_be_writable,
        run_on,
        write_pages,
        write_tables,
    )

    target = derivatives(folder, out)
    must_be_writable(target)
    if xlsx:
        must_be_exporter("xlsx")
    with progress_bar(quiet=quiet) as progress:
        engine = Engine(jobs=jobs, scheduler=scheduler, memo=kept_in(target), force=force, progress=progress)
        outcome = run_on(engine, folder, criterion=criterion, patients=patient, reader=reader)
        write_tables(outcome, target)
        left_out = export(outcome, "xlsx", target, progress=progress)[1] if xlsx else ()
        pages = write_pages(engine, outcome, target, is_whole=not patient)
    if explain is None:
        show_outcome(outcome, target, pages, as_json=json, quiet=quiet)
    else:
        show_errors(outcome, explain, as_json=json, quiet=quiet)
    print_problems(left_out, quiet=quiet)
    raise typer.Exit(int(outcome.has_errors or bool(left_out)))
