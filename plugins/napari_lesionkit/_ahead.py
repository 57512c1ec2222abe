"""The table's row of a deposit whose line is being dragged: quick, and without a claim to be right."""

from collections.abc import Sequence
from dataclasses import replace

from lesionkit.core.grid import Grid
from lesionkit.core.region import Region
from lesionkit.core.units import Quantity
from napari_lesionkit._rows import Row


def row_ahead(row: Row, regions: Sequence[Region], grid: Grid) -> Row:
    """Return a row with the size that lines have on the screen just now.

    Its errors and its match are told again once the hand lets go; the changes go with the size.
    """
    from lesionkit.measure.size import size_of

    if row.size is None:
        return row
    found = size_of(regions, grid)
    size = found.area if found.volume is None else found.volume
    ratio = size / row.size.value if row.size.value else 1.0
    return replace(
        row,
        size=Quantity(value=size, unit=row.size.unit),
        long_axis=Quantity(value=found.long_axis, unit=row.long_axis.unit) if row.long_axis else None,
        change_previous_pct=_scaled(row.change_previous_pct, ratio),
        change_baseline_pct=_scaled(row.change_baseline_pct, ratio),
    )


def _scaled(change_pct: float | None, ratio: float) -> float | None:
    return None if change_pct is None else (100 + change_pct) * ratio - 100
