"""Pages to look at."""

import typer

from lesionkit.cli import options


def report(
    folder: options.Folder,
    *,
    out: options.Out = None,
    patient: options.Patients = None,
    criterion: options.CriterionName = None,
    reader: options.ReaderName = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    force: options.Force = False,
    pdf: options.Pdf = False,
    debug: options.Debug = False,
) -> None:
    """Write pages to look at: one for the cohort and one per patient."""
    from lesionkit.cli.show import show_pages
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.pipeline import (
        Engine,
        derivatives,
        kept_in,
        must_be_printable,
        must_be_writable,
        print_patients,
        run_on,
        write_pages,
    )

    target = derivatives(folder, out)
    must_be_writable(target)
    if pdf:
        must_be_printable()
    with progress_bar(quiet=quiet) as progress:
        engine = Engine(jobs=jobs, scheduler=scheduler, memo=kept_in(target), force=force, progress=progress)
        outcome = run_on(engine, folder, criterion=criterion, patients=patient, reader=reader)
        pages = write_pages(engine, outcome, target, is_whole=not patient)
        if pdf:
            outcome, printed = print_patients(outcome, pages, progress=progress)
            pages = (*pages, *printed)
    show_pages(outcome, pages, as_json=json, quiet=quiet)
    raise typer.Exit(int(outcome.has_errors))
