"""How wide many regions are across given directions, on the line midway between inside and outside pixels."""

from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.geometry.runs import Ints, Runs, changes

_TIE = 1e-9

_LINES = (
    *((0, 0), (1, 0), (0, 3), (1, 3), (2, 1), (2, 0), (0, 3), (2, 3)),
    *((3, 2), (1, 0), (0, 2), (1, 2), (3, 1), (3, 0), (0, 1), (0, 0)),
    *((2, 1), (3, 2)),
)
"""From which to which edge of a square of four pixel centres the line goes, by which of the four are inside.

Bits: 1 first row and column, 2 next column, 4 next row, 8 both. Edges: 0 first row, 1 first column, 2 next
row, 3 next column. What is inside lies to the left. Pixels that touch at a corner only are parted: the last
two are the other line of 6 and that of 9.
"""
_FROM, _TO = np.array(_LINES).T
_ROW, _COL = np.array([(-1, -0.5), (-0.5, -1), (0, -0.5), (-0.5, 0)])[_FROM].T


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """The lines around regions, in straight pieces from corner to corner.

    Parameters
    ----------
    points : ndarray of float, shape (2, n)
        Row and column of each corner, from the top left of its region's box.
    region : ndarray of int, shape (n,)
        Which region a corner belongs to.
    following : ndarray of int, shape (n,)
        Index of the corner to which the piece goes that begins at each.
    """

    points: Floats
    region: Ints
    following: Ints


def lines_around(runs: Runs) -> Lines:
    """Return the lines along which each region of one plane each crosses one half.

    Parameters
    ----------
    runs : Runs
        Of regions that lie on one plane each.
    """
    firsts = runs.firsts
    top, left = runs.row[firsts], np.minimum.reduceat(runs.start, firsts)
    height = np.maximum.reduceat(runs.row, firsts) - top + 2
    width = np.maximum.reduceat(runs.stop, firsts) - left + 1
    # All boxes lie end to end in one long row, each with an empty row and an empty column before it.
    ends = np.cumsum(height * width)
    base = ends - height * width
    own = runs.owner
    begin = base[own] + (runs.row - top[own] + 1) * width[own] + runs.start - left[own] + 1
    inside = np.zeros(int(ends[-1]) + 1, dtype=np.uint8)
    for back, bit in ((0, 1), (width[own], 4)):
        inside[begin - back] += np.uint8(bit)
        inside[begin - back + runs.lengths] -= np.uint8(bit)
    np.cumsum(inside, dtype=np.uint8, out=inside)
    code = inside[:-1] | inside[1:] << 1
    cell = np.flatnonzero((code != 0) & (code != 15))
    region = np.repeat(np.arange(runs.count), np.diff(np.searchsorted(cell, ends), prepend=0))
    code = code[cell]
    other = np.flatnonzero((code == 6) | (code == 9))
    cell, region = np.append(cell, cell[other]), np.append(region, region[other])
    code = np.append(code, np.where(code[other] == 6, np.uint8(16), np.uint8(17)))
    # An edge is named after the square it is the first row (even) or the first column (odd) of.
    across = width[region]
    corner = np.empty(2 * int(ends[-1] + 1), dtype=np.int64)
    corner[_named(cell, _FROM.take(code), across)] = np.arange(len(cell))
    place = (cell - base[region]).astype(np.float64)
    row = np.floor((place + 0.5) / across)
    points = np.stack([row + _ROW.take(code), place - row * across + _COL.take(code)])
    return Lines(points=points, region=region, following=corner[_named(cell, _TO.take(code), across)])


def _named(cell: Ints, edge: Ints, across: Ints) -> Ints:
    beside, below = np.array([(0, 0), (1, 0), (0, 2), (3, 0)]).T
    return np.asarray(2 * cell + beside.take(edge) + across * below.take(edge))


def greatest_widths(lines: Lines, along: Floats, spacing: Floats) -> Floats:
    """Return the greatest width of each region perpendicular to a direction.

    Over all lines perpendicular to the direction, the distance between the outermost two points on one.

    Parameters
    ----------
    lines : Lines
        Around the regions.
    along : ndarray of float, shape (regions, 2)
        Unit vectors, in the lengths of `spacing`.
    spacing : ndarray of float, shape (2,)
        Of rows and columns.
    """
    row, col = lines.points * spacing[:, None]
    down, right = along.T.take(lines.region, axis=1)
    t, y = row * down + col * right, col * down - row * right
    return widths_of_pieces(t, y, region=lines.region, following=lines.following, count=len(along))


def widths_of_pieces(t: Floats, y: Floats, *, region: Ints, following: Ints, count: int) -> Floats:
    """Return for each region the greatest extent in `y` of its pieces at one `t`.

    It is piecewise linear between corners, so its maximum lies at one of them.

    Parameters
    ----------
    t, y : ndarray of float, shape (n,)
        Of every corner.
    region : ndarray of int, shape (n,)
        Of every corner.
    following : ndarray of int, shape (n,)
        The corner that the piece joins that begins at each.
    count : int
        Of regions.
    """
    place, position, owner = _places(t, region, count)
    top, bottom = np.full(len(position), -np.inf), np.full(len(position), np.inf)
    np.maximum.at(top, place, y)
    np.minimum.at(bottom, place, y)
    # The corners themselves are in already: only places strictly between the ends are new.
    to = place[following]
    between = np.abs(to - place) - 1
    one = np.flatnonzero(between > 0)
    other, between = following[one], between[one]
    slope = (y[other] - y[one]) / (t[other] - t[one])
    offset = np.cumsum(between) - between
    where = np.repeat(np.minimum(place[one], to[one]) + 1 - offset, between) + np.arange(between.sum())
    height = np.repeat(y[one] - slope * t[one], between) + np.repeat(slope, between) * position[where]
    np.maximum.at(top, where, height)
    np.minimum.at(bottom, where, height)
    return np.maximum.reduceat(top - bottom, changes(owner)) if count else np.zeros(0)


def _places(t: Floats, region: Ints, count: int) -> tuple[Ints, Floats, Ints]:
    """Return which different place each corner has, where that is, and whose.

    Corners that face one another across the axis must share their place in spite of rounding.
    """
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, region, t)
    np.maximum.at(high, region, t)
    extent = high - low
    begin = np.cumsum(extent * 1.5 + 1) - extent
    key = t - low[region] + begin[region]
    order = np.argsort(key)
    whose = region[order]
    is_new = np.ones(len(t), dtype=np.bool_)
    is_new[1:] = (np.diff(t[order]) > _TIE * extent[whose[1:]]) | (whose[1:] != whose[:-1])
    place = np.empty(len(t), dtype=np.int64)
    place[order] = np.cumsum(is_new) - 1
    return place, t[order][is_new], whose[is_new]
