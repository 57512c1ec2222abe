"""The application: what is common to all commands."""

from typing import Annotated

import typer

from lesionkit.cli.commands import COMMANDS

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Measure calcium deposits in the skin on photographs, X-ray, CT and MR, follow them through "
    "time, and say with reasons whether they shrink, stay or grow.",
)


def _show_version(*, value: bool) -> None:
    if value:
        from lesionkit import __version__

        typer.echo(f"lesionkit {__version__}")
        raise typer.Exit


@app.callback()
def lesionkit(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda value: _show_version(value=value),
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """Hold what is common to all commands."""


for name, command in COMMANDS.items():
    app.command(name)(command)
