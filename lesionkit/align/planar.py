"""Planar images laid on one another by their values, where points that look alike are too few."""

import numpy as np
import numpy.typing as npt

from lesionkit.align.agreement import refuse, round_trip
from lesionkit.align.found import Found, Refused
from lesionkit.align.grids import corners
from lesionkit.align.intensity import register, sample_lattice
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid

LATTICE_SIDE = 320
"""Lattice points along the longer side of the larger image."""

TURNS_DEG = (-90.0, -45.0, -20.0, 20.0, 45.0, 90.0, 180.0)
"""Turns the search also starts from: a cassette or a camera may be held either way up."""


def align_by_intensity(
    values: npt.NDArray[np.float32], baseline_values: npt.NDArray[np.float32], grid: Grid, baseline: Grid
) -> Found | Refused:
    """Return the similarity that lays one planar image on another by mutual information.

    The residual is the error of the round trip by two independent registrations.

    Parameters
    ----------
    values, baseline_values : ndarray of float32, shape (rows, cols)
        High where the body is.
    grid, baseline : Grid
        Of the two.
    """
    in_mm = grid.is_calibrated and baseline.is_calibrated
    spaces = [_onto_space(each, in_mm=in_mm) for each in (grid, baseline)]
    reaches = [
        float(np.ptp(homogeneous(space, corners(each)), axis=0).max())
        for space, each in zip(spaces, (grid, baseline), strict=True)
    ]
    step = max(reaches) / LATTICE_SIDE
    if step <= 0:
        return Refused(why="an image of one pixel shows nothing")
    one = sample_lattice(values, spaces[0], step=step)
    other = sample_lattice(baseline_values, spaces[1], step=step)
    forth = register(one, other, turns_deg=TURNS_DEG)
    back = register(other, one, turns_deg=TURNS_DEG)
    if forth is None or back is None:
        return Refused(why="the two do not overlap")
    refused = refuse(one, other, forth, back)
    if refused is not None:
        return refused
    error = round_trip(one, forth, back)
    if not in_mm:
        # The trip ends on the image: its pixels are the baseline's times the scale between them.
        error *= float(np.sqrt(abs(np.linalg.det(forth[:2, :2])))) * max(baseline.spacing_mm or (1.0,))
    return Found(matrix=np.linalg.inv(spaces[1]) @ forth @ spaces[0], method="intensity", residual=error)


def _onto_space(grid: Grid, *, in_mm: bool) -> Floats:
    """Return what carries (row, col) to (x, y), in mm or in px."""
    rows, cols = grid.spacing_mm if in_mm and grid.spacing_mm is not None else (1.0, 1.0)
    return np.array([[0.0, cols, 0.0], [rows, 0.0, 0.0], [0.0, 0.0, 1.0]])
