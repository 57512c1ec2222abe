"""What looking and seeing nothing tells: not zero for certain, but less than could have been seen."""

import math

from lesionkit.core.grid import Grid
from lesionkit.core.response import BurdenMeasure
from lesionkit.core.uncertainty import ErrorTerm
from lesionkit.core.units import AREA, LENGTH, VOLUME, Quantity

_ACROSS = 2.0
"""A deposit is taken to be seen from two pixels across, the least that a lattice resolves (Nyquist)."""


def nothing_on(grid: Grid, measure: BurdenMeasure) -> Quantity | None:
    """Return a size of zero with the error of what may have been missed; None where there is no volume.

    The limit of detection is an ellipse, or an ellipsoid, two pixels across along each axis. What lies below
    it may be of any size from zero to the limit, so that its root mean square is limit / √3.

    Examples
    --------
    >>> from lesionkit.core.grid import ScaleSource
    >>> grid = Grid(shape=(9, 9), spacing_mm=(0.5, 0.5), scale_source=ScaleSource.RULER)
    >>> nothing_on(grid, BurdenMeasure.AREA).standard_error  # of 0.785 mm2
    0.4534
    """
    spacing = grid.spacing_mm or (1.0,) * len(grid.shape)
    across = [_ACROSS * step for step in spacing]
    metric = grid.is_calibrated
    if measure is BurdenMeasure.VOLUME:
        if grid.is_planar:
            return None
        limit, unit = math.pi / 6 * math.prod(across), VOLUME[metric]
    elif measure is BurdenMeasure.LONG_AXIS:
        limit, unit = max(across[-2:]), LENGTH[metric]
    elif measure is BurdenMeasure.AXES_PRODUCT:
        limit, unit = math.prod(across[-2:]), AREA[metric]
    else:
        limit, unit = math.pi / 4 * math.prod(across[-2:]), AREA[metric]
    missed = ErrorTerm(
        name="detection",
        source="a deposit less than two pixels across may be missed",
        effect=limit / math.sqrt(3),
    )
    return Quantity(value=0.0, unit=unit, errors=(missed,))
