"""One patient's timepoints, in the terminal."""

import typer

from lesionkit.cli import options


def compare(
    folder: options.Folder,
    *,
    patient: options.Patient,
    out: options.Out = None,
    explain: options.Explain = False,
    criterion: options.CriterionName = None,
    reader: options.ReaderName = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    force: options.Force = False,
    debug: options.Debug = False,
) -> None:
    """Compare one patient's timepoints with one another, in the terminal."""
    from lesionkit.cli.explain import show_explanation
    from lesionkit.cli.show import show_comparison
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.pipeline import Engine, derivatives, kept_in, run_on

    with progress_bar(quiet=quiet) as progress:
        engine = Engine(
            jobs=jobs,
            scheduler=scheduler,
            memo=kept_in(derivatives(folder, out)),
            force=force,
            progress=progress,
        )
        outcome = run_on(engine, folder, criterion=criterion, patients=[patient], reader=reader)
    if explain:
        show_explanation(outcome, as_json=json, quiet=quiet)
    else:
        show_comparison(outcome, as_json=json, quiet=quiet)
    raise typer.Exit(int(outcome.has_errors))
