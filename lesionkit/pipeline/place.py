"""Where results go, asked before any work is done for them."""

import os
from contextlib import suppress
from pathlib import Path

from lesionkit.errors import InputError


def must_be_writable(out: Path) -> None:
    """Refuse a place for results that cannot be written to, before any work is done; nothing is made.

    Raises
    ------
    InputError
        If it, or the first folder above it that exists, is a file or may not be written to.
    """
    place = out.absolute()
    while not os.path.lexists(place):
        place = place.parent
    if not place.is_dir():
        raise InputError(
            f"results cannot go to {out}: {place.name} is not a folder", hint="Name another place (--out)."
        )
    if not os.access(place, os.W_OK | os.X_OK):
        raise InputError(
            f"results cannot go to {out}: {place.name} may not be written to",
            hint="Name a place that may be written to (--out).",
        )


def mark_as_results(folder: Path) -> None:
    """Let a folder be known for one of results, wherever it lies: its pictures are never read as images."""
    from lesionkit.io.clutter import RESULTS

    with suppress(FileExistsError), (folder / RESULTS).open("x", encoding="utf-8") as file:
        file.write("Written by lesionkit: nothing in this folder is read as an image.\n")
