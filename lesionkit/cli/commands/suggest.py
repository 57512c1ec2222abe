"""Outlines proposed where nobody has drawn any."""

from pathlib import Path
from typing import Annotated

import typer

from lesionkit.cli import options


def suggest_outlines(
    folder: options.Folder,
    *,
    patient: options.Patients = None,
    suggester: Annotated[
        str | None,
        typer.Option(
            "--suggester",
            metavar="NAME",
            help="Who proposes: propagate, calcium, or another that `lesionkit plugins` lists. "
            "(default: propagate, and calcium for what it finds elsewhere)",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Write the outline files there, outside FOLDER, instead of beside their images.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be proposed, and write nothing.")
    ] = False,
    jobs: options.Jobs = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Propose outlines where there are none: for a person to correct and confirm, counting in nothing."""
    from lesionkit.cli.suggested import show_suggestions
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.pipeline import suggest

    with progress_bar(quiet=quiet) as progress:
        found = suggest(
            folder,
            patients=patient,
            suggester=suggester,
            out=out,
            dry_run=dry_run,
            jobs=jobs,
            progress=progress,
        )
    show_suggestions(found, as_json=json, quiet=quiet)
    raise typer.Exit(int(found.has_errors))
