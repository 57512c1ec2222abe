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
    debug: options.Debug = False,
) -> None:
    """Open napari on the cohort to outline deposits."""
    from lesionkit.pipeline.viewing import VIEWERS

    VIEWERS.load("napari")(folder, patient=patient, reader=reader)
