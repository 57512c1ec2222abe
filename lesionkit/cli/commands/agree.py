"""Agreement between readers."""

from typing import Annotated

import typer

from lesionkit.cli import options


def agree_folder(
    folder: options.Folder,
    *,
    reader: Annotated[
        list[str] | None,
        typer.Option(
            "--reader",
            metavar="NAME",
            help="Only this reader; may be given more than once; `common` is the reading without a name.",
        ),
    ] = None,
    write_errors: Annotated[
        bool, typer.Option("--write-errors", help="Put the readers' error into FOLDER's cohort.toml.")
    ] = False,
    out: options.Out = None,
    patient: options.Patients = None,
    criterion: options.CriterionName = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    force: options.Force = False,
    debug: options.Debug = False,
) -> None:
    """Say how well readers agree on deposits, sizes and responses, and what their error is."""
    from lesionkit.cli.agreement import show_agreement
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.core.outcome import any_error
    from lesionkit.pipeline import (
        agree,
        derivatives,
        kept_in,
        must_be_writable,
        remember_errors,
        write_agreement,
    )

    target = derivatives(folder, out)
    must_be_writable(target)
    with progress_bar(quiet=quiet) as progress:
        agreement = agree(
            folder,
            readers=reader,
            criterion=criterion,
            patients=patient,
            jobs=jobs,
            scheduler=scheduler,
            memo=kept_in(target),
            force=force,
            progress=progress,
        )
        paths = write_agreement(agreement, target)
    settings = remember_errors(folder, agreement) if write_errors else None
    show_agreement(agreement, paths, settings, as_json=json, quiet=quiet)
    raise typer.Exit(int(any_error(agreement.problems)))
