"""The main job: everything measured, followed and judged."""

import typer

from lesionkit.cli import options


def measure(
    folder: options.Folder,
    *,
    out: options.Out = None,
    patient: options.Patients = None,
    explain: options.ExplainImage = None,
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
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.pipeline import derivatives, must_be_writable, run, write_pages, write_tables

    target = derivatives(folder, out)
    must_be_writable(target)
    with progress_bar(quiet=quiet) as progress:
        outcome = run(
            folder,
            criterion=criterion,
            patients=patient,
            reader=reader,
            jobs=jobs,
            scheduler=scheduler,
            memo=target / ".kept",
            force=force,
            progress=progress,
        )
        write_tables(outcome, target)
        pages = write_pages(outcome, target, progress=progress)
    if explain is None:
        show_outcome(outcome, target, pages, as_json=json, quiet=quiet)
    else:
        show_errors(outcome, explain, as_json=json, quiet=quiet)
    raise typer.Exit(int(outcome.has_errors))
