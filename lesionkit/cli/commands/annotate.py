"""A window to outline deposits in."""

from typing import Annotated

import typer

from lesionkit.cli import options


def annotate(
    folder: options.Folder,
    *,
    patient: Annotated[
        str | None,
        typer.Option("--patient", metavar="ID", help="Offer only this patient's images.", show_default=False),
    ] = None,
    reader: Annotated[
        str,
        typer.Option(
            "--reader",
            metavar="NAME",
            help="Who outlines: kept in files of their own. (default: the common outlines)",
            show_default=False,
        ),
    ] = "",
    blinded: Annotated[
        bool,
        typer.Option(
            "--blinded", help="Hide patient, date, order and other people's outlines from the reader."
        ),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the order of a blinded reading.")] = 1,
    repeats: Annotated[
        int,
        typer.Option("--repeats", metavar="N", min=0, help="Show so many images of a blinded reading twice."),
    ] = 0,
    debug: options.Debug = False,
) -> None:
    """Open napari on the cohort to outline deposits."""
    from lesionkit.pipeline.viewing import VIEWERS

    viewer = VIEWERS.load("napari")
    viewer(folder, patient=patient, reader=reader, seed=seed if blinded else None, repeats=repeats)
