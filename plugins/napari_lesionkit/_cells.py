"""A deposit's row in words, as the table shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from lesionkit.core.region import Status
from lesionkit.report.words import interval, percent, quantity
from napari_lesionkit._rows import Match, Row

HEADINGS = ("Deposit", "Status", "Size", "Δ prev.", "Δ base", "Match", "Axis", "Role")

HELP = (
    "Equal names are the same deposit at every timepoint. Double-click (or F2) to write one.",
    "suggested: a program's; counts in no response until confirmed. excised, extruded: its place is marked.",
    "Area on pictures, volume on scans; in pixels where there is no scale. The tooltip: its 95 % interval.",
    "Change of size since the previous timepoint.",
    "Change of size since baseline.",
    "Which deposit of the previous timepoint it is. A name given by a person decides; else it is proposed.",
    "Longest distance within it.",
    "What it is followed for: target, non-target or control.",
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


def cells_of(rows: Sequence[Row]) -> tuple[Cells, ...]:
    """Return rows in words."""
    return tuple(_cells(row) for row in rows)


def _cells(row: Row) -> Cells:
    parts = f"Its {row.parts} parts on this image together." if row.parts > 1 else ""
    return Cells(
        key=row.key,
        name=row.name or "",
        texts=(
            row.called,
            row.status.value,
            quantity(row.size) if row.size else "",
            percent(row.change_previous_pct) if row.change_previous_pct is not None else "",
            percent(row.change_baseline_pct) if row.change_baseline_pct is not None else "",
            match_text(row.match),
            quantity(row.long_axis) if row.long_axis else "",
            row.role.value if row.role else "",
        ),
        tips=(
            "",
            f"by {row.author}" if row.author else "",
            interval(row.size),
            parts,
            parts,
            _match_tip(row.match),
            interval(row.long_axis),
            "",
        ),
        is_open=row.status is Status.SUGGESTED,
    )


def match_text(match: Match | None) -> str:
    """Return the deposit of the previous timepoint that this one seems to be; a question until confirmed."""
    if match is None:
        return ""
    return f"= {match.called}" if match.is_named else f"{match.called}?"


def _match_tip(match: Match | None) -> str:
    if match is None or match.is_named:
        return ""
    how = f" by {match.matched_by.value}" if match.matched_by else ""
    likely = f", {100 * match.score:.0f} % likely" if match.score is not None else ""
    sure = "" if match.is_sure else " Look closely: another explanation is nearly as likely."
    return f"Proposed{how}{likely}. Shift+C confirms it.{sure}"
