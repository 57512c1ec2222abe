"""How wide many regions are across given directions, on the line midway between inside and outside pixels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.geometry.runs import Ints, Runs, changes

_TIE = 1e-9

_LINES = (
    *((), ((0, 1),), ((0, 3),), ((1, 3),), ((1, 2),), ((0, 2),), ((0, 3), (1, 2)), ((2, 3),)),
    *(((2, 3),), ((0, 1), (2, 3)), ((0, 2),), ((1, 2),), ((1, 3),), ((0, 3),), ((0, 1),), ()),
)
"""Which edges of a square of four pixel centres the line joins, by which of the four are inside.

Bits: 1 first row and column, 2 next column, 4 next row, 8 both. Edges: 0 first row, 1 first column, 2 next
row, 3 next column. Pixels that touch at a corner only are parted.
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """The lines around regions, in straight pieces from edge to edge.

    Parameters
    ----------
    points : ndarray of float, shape (2, n)
        Row and column of each corner of a line, from the top left of its region's box.
    region : ndarray of int, shape (m,)
        Which region a piece belongs to, rising.
    ends : ndarray of int, shape (2, m)
        Index of the points it joins.
    """

    points: Floats
    region: Ints
    ends: Ints


def lines_around(runs: Runs) -> Lines:
    """Return the lines along which each region of one plane each crosses one half.

    Parameters
    ----------
    runs : Runs
        Of regions that lie on one plane each.
    """
    firsts = runs.firsts
    top, left = runs.row[firsts], np.minimum.reduceat(runs.start, firsts)
    height = np.maximum.reduceat(runs.row, firsts) - top + 3
    width = np.maximum.reduceat(runs.stop, firsts) - left + 2
    # All boxes lie end to end in one long row, each with an empty border.
    ends = np.cumsum(height * width)
    base = ends - height * width
    own, lengths = runs.owner, runs.lengths
    begin = base[own] + (runs.row - top[own] + 1) * width[own] + runs.start - left[own] + 1
    stops = np.cumsum(lengths)
    is_in = np.zeros(int(ends[-1] + width.max() + 2), dtype=np.uint8)
    is_in[np.repeat(begin - (stops - lengths), lengths) + np.arange(stops[-1])] = 1
    below = np.repeat(width, height * width) + np.arange(ends[-1])
    pair = is_in[:-1] | is_in[1:] << 1
    code = pair[: ends[-1]] | pair[below] << 2
    cell = np.flatnonzero((code != 0) & (code != 15))
    region = np.searchsorted(ends, cell, side="right")
    # What stands below a box's last row, which is empty, is another box.
    is_own = cell < (ends - width)[region]
    cell, region = cell[is_own], region[is_own]
    return _joined(cell, code[cell], region, width=width, base=base, ends=ends)


def _joined(
    cell: Ints, code: npt.NDArray[np.uint8], region: Ints, *, width: Ints, base: Ints, ends: Ints
) -> Lines:
    which = _PIECES[code]
    piece = np.flatnonzero(which[:, :, 0].ravel() >= 0)
    # An edge is named after the square it is the first row (even) or the first column (odd) of; the square
    # to the right of one with a line across their edge is the next of those that have a line.
    number = np.empty(int(ends[-1]), dtype=np.int64)
    number[cell] = 2 * np.arange(len(cell))
    own = np.arange(len(cell))
    following = np.stack([2 * own, 2 * own + 1, number[cell + width[region]], 2 * own + 3])
    joins = which.reshape(-1, 2)[piece].T
    edges = following[joins, piece // 2]
    crossed = np.stack([(code ^ code >> 1) & 1, (code ^ code >> 2) & 1], axis=1).ravel()
    renumbered = np.cumsum(crossed) - 1
    edge = np.flatnonzero(crossed)
    of = region[edge // 2]
    row, col = np.divmod(cell[edge // 2] - base[of], width[of])
    is_upright = edge & 1
    points = np.stack([row - 1 + 0.5 * is_upright, col - 1 + 0.5 * (1 - is_upright)])
    return Lines(points=points, region=region[piece // 2], ends=renumbered[edges])


_PIECES = np.full((16, 2, 2), -1, dtype=np.int8)
for _code, _pairs in enumerate(_LINES):
    for _index, _pair in enumerate(_pairs):
        _PIECES[_code, _index] = _pair


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
    point_region = np.empty(lines.points.shape[1], dtype=np.int64)
    point_region[lines.ends] = lines.region
    row, col = lines.points * spacing[:, None]
    down, right = along[point_region].T
    t, y = row * down + col * right, col * down - row * right
    return widths_of_pieces(t, y, region=point_region, ends=lines.ends, count=len(along))


def widths_of_pieces(t: Floats, y: Floats, *, region: Ints, ends: Ints, count: int) -> Floats:
    """Return for each region the greatest extent in `y` of its pieces at one `t`.

    It is piecewise linear between corners, so its maximum lies at one of them.

    Parameters
    ----------
    t, y : ndarray of float, shape (n,)
        Of every corner.
    region : ndarray of int, shape (n,)
        Of every corner.
    ends : ndarray of int, shape (2, m)
        The corners that each piece joins.
    count : int
        Of regions.
    """
    place, position, owner = _places(t, region, count)
    top, bottom = np.full(len(position), -np.inf), np.full(len(position), np.inf)
    np.maximum.at(top, place, y)
    np.minimum.at(bottom, place, y)
    one, other = ends
    is_turned = place[one] > place[other]
    first, last = np.where(is_turned, other, one), np.where(is_turned, one, other)
    # The corners themselves are in already: only places strictly between the ends are new.
    between = place[last] - place[first] - 1
    crossing = np.flatnonzero(between > 0)
    first, last, between = first[crossing], last[crossing], between[crossing]
    slope = (y[last] - y[first]) / (t[last] - t[first])
    offset = np.cumsum(between) - between
    where = np.arange(between.sum()) + np.repeat(place[first] + 1 - offset, between)
    height = np.repeat(y[first] - slope * t[first], between) + np.repeat(slope, between) * position[where]
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
