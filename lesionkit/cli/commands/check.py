"""What would be read of a folder, without writing anything."""

import typer

from lesionkit.cli import options


def check_folder(
    folder: options.Folder,
    *,
    patient: options.Patients = None,
    reader: options.ReaderName = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Show what would be read, and everything that is wrong with it. Writes nothing."""
    from lesionkit.cli.inventory import show_examination
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.pipeline import check

    with progress_bar(quiet=quiet) as progress:
        examined = check(
            folder, patients=patient, reader=reader, jobs=jobs, scheduler=scheduler, progress=progress
        )
    show_examination(examined, as_json=json, quiet=quiet)
    raise typer.Exit(int(examined.has_errors))
