"""The printable calibration card."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from lesionkit.cli import options

Paper = Literal["a4", "letter"]


def card(
    out: Annotated[
        Path, typer.Argument(metavar="OUT.pdf", help="The PDF file to write.", show_default=False)
    ],
    *,
    paper: Annotated[Paper, typer.Option("--paper", help="Size of the paper.")] = "a4",
    patient: Annotated[
        str | None,
        typer.Option("--patient", metavar="ID", help="Pseudonym to print on it, in words and as QR code."),
    ] = None,
    strip: Annotated[
        bool, typer.Option("--strip", help="Strips to print on adhesive paper instead of one card.")
    ] = False,
    debug: options.Debug = False,
) -> None:
    """Write the printable calibration card, true to size."""
    from lesionkit.pipeline import write_card

    typer.echo(write_card(out, piece="strip" if strip else "card", paper=paper, patient=patient))
