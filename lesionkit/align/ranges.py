"""Where on a picture each of several motions holds: where the nearest matches are its own."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.align.grids import sides_mm
from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.region import Mask, Outline
from lesionkit.geometry.raster import edges

LATTICE = 320
"""Places along the long side of a picture at which it is asked: about 1 mm of a hand."""

NEAREST = 5
"""How many matches are asked: one that agrees by chance has no say."""

REACH_MM = 15.0
"""How far from the nearest match anything is known once joints have moved: less than the phalanx of a grown
finger, so that no joint without detail is passed over."""


def ranges(
    groups: Sequence[Floats], grid: Grid
) -> tuple[tuple[tuple[Outline, ...], tuple[Outline, ...]], ...]:
    """Return where each group of points is the most among the `NEAREST` ones: within `REACH_MM`, and beyond.

    Parameters
    ----------
    groups : sequence of ndarray of float, shape (n, 2)
        Points of the rest of the picture, then of each part, in pixels of it.
    grid : Grid
        Of the picture.
    """
    from scipy.spatial import KDTree

    step = max(1.0, max(grid.shape) / LATTICE)
    # Lattice cells cover the picture to its edge, so that a half cell may stand out.
    rows, cols = (np.arange(0, length + step / 2, step) for length in grid.shape)
    lattice = np.stack(np.meshgrid(rows, cols, indexing="ij"), axis=-1)
    points = np.vstack(list(groups))
    group = np.repeat(np.arange(len(groups)), [len(each) for each in groups])
    sides = sides_mm(grid)
    away, nearest = KDTree(points * sides).query(lattice * sides, k=NEAREST)
    asked = group[nearest]
    votes = np.stack([(asked == each).sum(axis=-1) for each in range(len(groups))])
    most, is_near = votes.argmax(axis=0), away[..., 0] <= REACH_MM
    return tuple(
        (_outlined((most == each) & is_near, step), _outlined((most == each) & ~is_near, step))
        for each in range(len(groups))
    )


def _outlined(held: npt.NDArray[np.bool_], step: float) -> tuple[Outline, ...]:
    if not held.any():
        return ()
    cells = edges(Mask(voxels=held, origin=(0, 0)))
    return tuple(
        Outline(exterior=each.exterior * step, holes=tuple(hole * step for hole in each.holes))
        for each in cells
    )
