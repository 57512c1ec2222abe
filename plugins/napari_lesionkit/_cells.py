"""A deposit's row in words, as the table shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from lesionkit.core.region import Status
from lesionkit.core.units import Quantity
from lesionkit.report.words import interval, percent, quantity, unit
from napari_lesionkit._rows import Match, Row

HEADINGS = ("Deposit", "Status", "Size", "Δ prev.", "Δ base", "Match", "Axis", "Role")

HELP = (
    "Equal names are the same deposit at every timepoint. Double-click (or F2) to write one.",
    "suggested: a program's; counts in no response until confirmed. excised, extruded: its place is marked.",
    "Area on pictures, volume on scans; in pixels where there is no scale. ± is its standard error, "
    "where known. The tooltip: its 95 % interval.",
    "Change of size since the previous timepoint.",
    "Change of size since baseline.",
    "Which deposit of the previous timepoint it is. A name given by a person decides; else it is proposed.",
    "Longest distance within it. The tooltip: its 95 % interval.",
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
            sized(row.size) if row.size else "",
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


def sized(value: Quantity) -> str:
    """Return a quantity with its standard error, to the same decimals; without where that is not known.

    Three digits tell the value, whole from 100 on; an error below the last of them has its first digit.

    Examples
    --------
    >>> from lesionkit.core.units import Unit
    >>> sized(Quantity(value=61.42, unit=Unit.MM2, standard_error=1.31))
    '61.4 ± 1.3 mm²'
    >>> sized(Quantity(value=1234.5, unit=Unit.PX2, standard_error=0.042))
    '1,234 ± 0.04 px²'
    >>> sized(Quantity(value=61.42, unit=Unit.MM2))
    '61.4 mm²'
    """
    error = value.standard_error
    if error is None:
        return quantity(value)
    places = 0 if abs(value.value) >= 100 else 2 - _order(value.value)
    finer = max(places, -_order(error))
    shown = finer if float(f"{error:.{places}f}") == 0 else places
    return f"{value.value:,.{places}f} ± {error:,.{shown}f} {unit(value.unit)}"


def _order(value: float) -> int:
    """Return the power of ten of the first digit; 1 of nothing, for it has none."""
    return floor(log10(abs(value))) if value else 1


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
