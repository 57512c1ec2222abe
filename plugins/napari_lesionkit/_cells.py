"""A deposit's row in words, as the table shows it."""

from dataclasses import dataclass
from typing import Any

from lesionkit.core.region import Status
from napari_lesionkit._drawn import Drawn

HEADINGS = ("Deposit", "Status", "Role", "Size", "Long axis", "Δ previous", "Δ baseline", "Match")

HELP = (
    "Equal names are the same deposit at every timepoint. Double-click (or F2) to write one.",
    "suggested: a program's; counts in no response until confirmed. excised, extruded: its place is marked.",
    "What it is followed for: target, non-target or control.",
    "Area on pictures, volume on scans, with its standard error; in pixels where there is no scale.",
    "Longest distance within it.",
    "Change of size since the previous timepoint.",
    "Change of size since baseline.",
    "Which deposit of the previous timepoint it is. A name given by a person decides; else it is proposed.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """One row.

    Parameters
    ----------
    key : str
        Of the deposit.
    name : str
        Given by a person; empty where none is.
    texts : tuple of str
        One per heading.
    tips : tuple of str
        What is shown where the mouse rests; empty: the heading's.
    is_open : bool
        Whether somebody has to decide on it.
    """

    key: str
    name: str
    texts: tuple[str, ...]
    tips: tuple[str, ...]
    is_open: bool = False


def cells_of(drawn: Drawn, rows: Any = ()) -> tuple[Cells, ...]:
    """Return the rows of what is drawn, with what was measured of each."""
    del rows
    return tuple(
        Cells(
            key=deposit.id,
            name=deposit.name or "",
            texts=(drawn.called(deposit.id), deposit.status.value, deposit.role or "", "", "", "", "", ""),
            tips=("",) * len(HEADINGS),
            is_open=deposit.status is Status.SUGGESTED,
        )
        for deposit in drawn.deposits
    )
