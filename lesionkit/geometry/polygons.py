"""Many closed rings at once: what `lesionkit.geometry.polygon` says of each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.geometry.farthest import farthest, outermost
from lesionkit.geometry.runs import Ints, changes
from lesionkit.geometry.widths import widths_of_pieces

_MOST_POINTS = 1 << 15
"""Corners that are reckoned at once: few enough to stay in the processor's cache."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RingSizes:
    """Sizes of rings, shape (n,) each.

    Parameters
    ----------
    area, perimeter : ndarray of float
        As `lesionkit.geometry.polygon.ring_area` and `lesionkit.geometry.polygon.perimeter`.
    long, short : ndarray of float
        As `lesionkit.geometry.polygon.Axes`.
    """

    area: Floats
    perimeter: Floats
    long: Floats
    short: Floats


def measure_rings(points: Floats, firsts: Ints) -> RingSizes:
    """Return area, perimeter, long and short axis of each of many rings.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        Corners of all rings, end to end, none repeated at its ring's end; no ring crosses itself.
    firsts : ndarray of int, shape (rings,)
        Where each ring begins; each has at least one corner.

    Examples
    --------
    >>> corners = np.array([[0.0, 0], [0, 2], [3, 2], [3, 0], [0, 0], [3, 4], [0, 8], [-3, 4]])
    >>> found = measure_rings(corners, np.array([0, 4]))
    >>> found.area.tolist(), found.perimeter.tolist(), found.long.round(3).tolist(), found.short.tolist()[1]
    ([6.0, 24.0], [10.0, 20.0], [3.606, 8.0], 6.0)
    """
    bounds = np.append(firsts, len(points))
    pieces = []
    begin = 0
    while begin < len(firsts):
        stop = int(np.searchsorted(bounds, bounds[begin] + _MOST_POINTS, side="right")) - 1
        stop = min(max(stop, begin + 1), len(firsts))
        own = points[bounds[begin] : bounds[stop]]
        pieces.append(_sizes(own, firsts[begin:stop] - bounds[begin]))
        begin = stop
    area, perimeter, long, short = np.concatenate(pieces, axis=1) if pieces else np.zeros((4, 0))
    return RingSizes(area=area, perimeter=perimeter, long=long, short=short)


def _sizes(points: Floats, firsts: Ints) -> Floats:
    sizes = np.diff(firsts, append=len(points))
    # From one corner of each ring, so that a small one far from the origin keeps its digits.
    row, col = (axis - np.repeat(axis[firsts], sizes) for axis in points.T)
    after = np.arange(1, len(points) + 1)
    after[firsts + sizes - 1] = firsts
    next_row, next_col = row[after], col[after]
    area = np.add.reduceat(row * next_col - col * next_row, firsts) / 2
    down, right = next_row - row, next_col - col
    perimeter = np.add.reduceat(np.hypot(down, right), firsts)
    ends = _outward(down, right, after, turn=np.repeat(np.sign(area), sizes))
    kept, outer = _taken(np.arange(len(points)), ends, firsts)
    few = outermost((row[kept], col[kept]), firsts=outer, spacing=np.ones(2))
    kept, outer = _taken(kept, few, outer)
    found = farthest(
        (row[kept], col[kept]),
        firsts=outer,
        owner=np.arange(len(firsts)),
        spacing=np.ones(2),
        growth=0.0,
    )
    return np.stack(
        [np.abs(area), perimeter, found.length, _short(row, col, after, firsts, kept[found.pairs])]
    )


def _taken(index: Ints, which: npt.NDArray[np.bool_], firsts: Ints) -> tuple[Ints, Ints]:
    """Return what is chosen of each group, and where that of each begins; none is left without any."""
    sizes = np.add.reduceat(which, firsts, dtype=np.int64)
    return index[which], np.cumsum(sizes) - sizes


def _outward(down: Floats, right: Floats, after: Ints, *, turn: Floats) -> npt.NDArray[np.bool_]:
    """Return which corners do not point inwards: of a ring without crossings, all corners of its hull.

    A corner that is there twice in a row has no direction, and stays.
    """
    bend = (down * right[after] - right * down[after]) * turn
    is_still = (down == 0) & (right == 0)
    is_outward = np.ones(len(down), dtype=np.bool_)
    is_outward[after] = (bend > 0) | is_still | is_still[after] | (turn == 0)
    return is_outward


def _short(row: Floats, col: Floats, after: Ints, firsts: Ints, pairs: Ints) -> Floats:
    """Return the greatest width across each ring's long axis; of several as long, across the widest."""
    sizes = np.diff(firsts, append=len(row))
    one, other = pairs.T
    ring = np.searchsorted(firsts, one, side="right") - 1
    down, right = row[other] - row[one], col[other] - col[one]
    length = np.hypot(down, right)
    is_point = length == 0
    length[is_point] = 1
    count = sizes[ring]
    shift = np.cumsum(count) - count
    number = np.repeat(np.arange(len(ring)), count)
    at = np.arange(len(number)) + np.repeat(firsts[ring] - shift, count)
    follower = after[at] + np.repeat(shift - firsts[ring], count)
    down, right = np.repeat(down / length, count), np.repeat(right / length, count)
    t, y = row[at] * down + col[at] * right, col[at] * down - row[at] * right
    widths = widths_of_pieces(t, y, region=number, following=follower, count=len(ring))
    widths[is_point] = 0
    order = np.argsort(ring, kind="stable")
    return np.asarray(np.maximum.reduceat(widths[order], changes(ring[order])))
