"""A digital cohort whose truth is known."""

from pathlib import Path
from typing import Annotated

import typer

from lesionkit.cli import options


def phantom(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A folder to make; it must be empty or new.")],
    *,
    seed: Annotated[
        int, typer.Option("--seed", help="Another seed gives other pictures of the same histories.")
    ] = 2021,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Make a digital cohort whose truth is known."""
    from lesionkit.cli.terminal import progress_bar
    from lesionkit.errors import InputError
    from lesionkit.phantom import write_cohort
    from lesionkit.pipeline import must_be_writable

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        what = "is not empty" if out.is_dir() else "is a file"
        raise InputError(f"{out} {what}", hint="Name a folder that does not exist yet.")
    must_be_writable(out)
    with progress_bar(quiet=quiet) as progress:
        write_cohort(out, seed=seed, progress=progress)
    typer.echo(out)
