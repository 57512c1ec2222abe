"""Where on a picture each of several motions holds: where its matches are the nearest."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.region import Outline

LATTICE = 320
"""Places along the long side of a picture at which it is asked: about 1 mm of a hand."""

NEAREST = 5
"""How many matches are asked: one that agrees by chance has no say."""


def ranges(groups: Sequence[Floats], grid: Grid) -> tuple[Outline | None, ...]:
    """Return where points of each group but the first are the most among the `NEAREST` ones.

    Of each the largest piece, its holes filled; None where a group has the most nowhere.

    Parameters
    ----------
    groups : sequence of ndarray of float, shape (n, 2)
        Points of the rest of the picture, then of each part, in pixels of it.
    grid : Grid
        Of the picture.
    """
    from scipy.spatial import KDTree

    sides = np.asarray(grid.spacing_mm or (1.0, 1.0))
    step = max(1.0, max(grid.shape) / LATTICE)
    axes = [np.linspace(0, n - 1, max(2, round((n - 1) / step) + 1)) for n in grid.shape]
    lattice = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    points = np.vstack(list(groups))
    group = np.repeat(np.arange(len(groups)), [len(each) for each in groups])
    nearest = KDTree(points * sides).query(lattice * sides, k=min(NEAREST, len(points)))[1]
    asked = group[nearest].reshape(*lattice.shape[:2], -1)
    votes = np.stack([(asked == each).sum(axis=-1) for each in range(len(groups))])
    winner = votes.argmax(axis=0)
    return tuple(_ring_of(winner == each, axes) for each in range(1, len(groups)))


def _ring_of(held: npt.NDArray[np.bool_], axes: Sequence[Floats]) -> Outline | None:
    from scipy.ndimage import binary_fill_holes, label
    from shapely import Polygon
    from skimage.measure import find_contours

    pieces, count = label(held)
    if not count:
        return None
    largest = np.pad(binary_fill_holes(pieces == 1 + np.bincount(pieces.ravel())[1:].argmax()), 1)
    ring = max(find_contours(largest.astype(np.float32), 0.5), key=len) - 1
    steps = np.array([axis[1] - axis[0] for axis in axes])
    polygon = Polygon(ring * steps).simplify(float(steps.max()) / 2)
    return Outline(exterior=np.asarray(polygon.exterior.coords)[:-1])
