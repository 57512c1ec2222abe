"""Areas, lengths and axes of closed polygons, exact on their vertices.

A ring is an array of shape (n, 2), not repeated at its end; coordinates may be pixels or mm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats

Rings = Sequence[Floats]
"""One part of a shape: its exterior, then its holes."""

_TIE = 1e-9
"""Lengths that differ by less than this share of themselves are one length."""

_FEW = 64
"""Of so few corners every pair is tried, which is quicker than finding those that face one another."""


def ring_area(ring: Floats) -> float:
    """Return the area enclosed by a ring, 0 or more, by the shoelace formula.

    Coordinates are taken from the first vertex, so that a small ring far from the origin keeps its digits.

    Examples
    --------
    >>> ring_area(np.array([[0.0, 0.0], [0.0, 2.0], [3.0, 2.0], [3.0, 0.0]]))
    6.0
    """
    return abs(_signed_area(ring))


def _signed_area(ring: Floats) -> float:
    a, b = (ring - ring[0]).T
    return float(np.dot(a, np.roll(b, -1)) - np.dot(b, np.roll(a, -1))) / 2


def area(rings: Rings) -> float:
    """Return the area of a polygon: its first ring's less that of the further ones, its holes."""
    return ring_area(rings[0]) - sum(ring_area(hole) for hole in rings[1:])


def perimeter(ring: Floats) -> float:
    """Return the length of a closed ring.

    Examples
    --------
    >>> perimeter(np.array([[0.0, 0.0], [0.0, 2.0], [3.0, 2.0], [3.0, 0.0]]))
    10.0
    """
    return float(np.linalg.norm(np.roll(ring, -1, axis=0) - ring, axis=1).sum())


def hull_area(rings: Sequence[Floats]) -> float:
    """Return the area of the convex hull of all rings together.

    Examples
    --------
    >>> hull_area([np.array([[0.0, 0.0], [2.0, 0.0], [0.5, 0.5], [0.0, 2.0]])])
    2.0
    """
    return ring_area(_hull(np.vstack(rings)))


def centroid(rings: Rings) -> tuple[Floats, float]:
    """Return the centre of mass of a polygon with holes, shape (2,), and its area."""
    moment, total = np.zeros(2), 0.0
    start = rings[0][0]
    for index, ring in enumerate(rings):
        # From one near point, so that a small polygon far from the origin keeps its digits.
        local = ring - start
        following = np.roll(local, -1, axis=0)
        cross = local[:, 0] * following[:, 1] - local[:, 1] * following[:, 0]
        signed = float(cross.sum() / 2)
        sign = np.sign(signed) * (1 if index == 0 else -1)
        moment += sign * ((local + following) * cross[:, None]).sum(axis=0) / 6
        total += float(sign * signed)
    return np.asarray(start + moment / total), total


def merged(parts: Sequence[Rings]) -> tuple[tuple[Floats, ...], ...]:
    """Return the parts of a shape so that none overlaps or touches another.

    Parts that lie apart come back as they are, to the last digit; where any two meet, all are
    replaced by those of their union, so that nothing is counted twice.

    Parameters
    ----------
    parts : sequence of (sequence of ndarray of float, shape (n, 2))
        Each part's exterior and holes, without crossings.
    """
    if len(parts) > 1:
        from shapely import Polygon, STRtree, get_coordinates, get_parts, union_all

        shapes = [Polygon(rings[0], rings[1:]) for rings in parts]
        meeting = STRtree(shapes).query(shapes, predicate="intersects")
        if meeting.shape[1] > len(shapes):
            whole = get_parts(union_all(shapes))
            return tuple(
                tuple(get_coordinates(ring)[:-1] for ring in (part.exterior, *part.interiors))
                for part in whole
            )
    return tuple(tuple(rings) for rings in parts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Axes:
    """The long axis of a shape and its short axis across it.

    Parameters
    ----------
    long : float
        Greatest distance between two of its points.
    short : float
        Greatest width perpendicular to the long axis: over all lines perpendicular to it, the
        distance between the outermost two points of the outline on one line. Where several pairs of
        points are equally far apart, the pair across which the shape is widest counts.
    ends : ndarray of float, shape (2, 2)
        The two points of the long axis.
    """

    long: float
    short: float
    ends: Floats


def axes(rings: Sequence[Floats]) -> Axes:
    """Return the axes of a shape drawn by rings (all parts together).

    Examples
    --------
    >>> found = axes([np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 8.0], [-3.0, 4.0]])])
    >>> found.long, found.short
    (8.0, 6.0)

    References
    ----------
    The largest diameter and the largest one perpendicular to it: WHO handbook for reporting results
    of cancer treatment, Geneva 1979.
    """
    long, pairs = _farthest(np.vstack(rings))
    if long == 0:
        return Axes(long=0.0, short=0.0, ends=pairs[0])
    # Masks and drawn circles have many equally long diameters; without a rule, the short axis
    # would hang on which of them rounding happens to favour.
    widths = [_greatest_width(rings, (ends[1] - ends[0]) / long) for ends in pairs]
    widest = int(np.argmax(widths))
    return Axes(long=long, short=widths[widest], ends=pairs[widest])


def longest(points: Floats) -> float:
    """Return the greatest distance between two of some points.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        At least one.
    """
    return _farthest(points)[0]


def _farthest(points: Floats) -> tuple[float, Floats]:
    """Return the greatest distance and every pair of points that far apart, shape (n, 2, 2)."""
    hull = _hull(points)
    first, second = _facing(hull)
    gaps = np.hypot(*(hull[first] - hull[second]).T)
    best = float(gaps.max())
    is_best = gaps >= best * (1 - _TIE)
    low, high = np.minimum(first, second)[is_best], np.maximum(first, second)[is_best]
    pair = np.unique(low * len(hull) + high)
    return best, np.stack([hull[pair // len(hull)], hull[pair % len(hull)]], axis=1)


def _facing(hull: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return pairs of vertices of a convex ring among which are all that two parallel lines can enclose.

    The two farthest vertices are such a pair, and turning the lines until one lies on an edge shows that one
    of the two ends that edge and the other is the vertex farthest from it: the one where the ring turns back.

    References
    ----------
    Shamos MI. Computational geometry. PhD thesis, Yale University 1978 (antipodal pairs).
    """
    count = len(hull)
    if count == 1:
        return np.zeros(1, dtype=np.intp), np.zeros(1, dtype=np.intp)
    if count <= _FEW:
        return np.triu_indices(count, 1)
    edges = np.roll(hull, -1, axis=0) - hull
    turns = np.maximum.accumulate(np.unwrap(np.arctan2(edges[:, 1], edges[:, 0])))
    back = np.searchsorted(np.concatenate([turns, turns + 2 * np.pi]), turns + np.pi)
    # The neighbours as well, since nearly parallel edges are told apart by rounding alone.
    ends = np.arange(count)[:, None, None] + np.arange(2)[:, None]
    others = back[:, None, None] + np.arange(-1, 2)
    ends, others = np.broadcast_arrays(ends, others)
    return ends.ravel() % count, others.ravel() % count


def _hull(points: Floats) -> Floats:
    """Return the corners of the convex hull, turning from the first axis to the second."""
    from shapely import MultiPoint, get_coordinates

    hull = np.asarray(get_coordinates(MultiPoint(points).convex_hull))
    if len(hull) < 3:
        return hull
    hull = hull[:-1]
    return hull if _signed_area(hull) > 0 else hull[::-1]


def _greatest_width(rings: Sequence[Floats], along: Floats) -> float:
    # The width is piecewise linear between vertices, so its maximum lies at one of them. Each edge
    # is taken to the vertices' positions it spans, which are few: not every edge at every position.
    across = np.array([-along[1], along[0]])
    points = np.vstack(rings) - rings[0][0]
    follower = _followers([len(ring) for ring in rings])
    t, y = points @ along, points @ across
    positions, place = _places(t)
    last = place[follower]
    spans = np.abs(last - place) + 1
    edge = np.repeat(np.arange(len(place)), spans)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(spans) - spans, spans)
    where = np.minimum(place, last)[edge] + nth
    run = (t[follower] - t)[edge]
    is_slanted = (place != last)[edge]
    share = np.divide(positions[where] - t[edge], run, out=np.zeros(len(edge)), where=is_slanted)
    share = np.where(is_slanted & (where == last[edge]), 1.0, np.where(where == place[edge], 0.0, share))
    height = y[edge] + share * (y[follower] - y)[edge]
    top, bottom = np.full(len(positions), -np.inf), np.full(len(positions), np.inf)
    np.maximum.at(top, where, height)
    np.minimum.at(bottom, where, height)
    return float((top - bottom).max())


def _places(t: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Return the different values in rising order, and which of them each is.

    Vertices that face one another across the axis must share their place in spite of rounding.
    """
    order = np.argsort(t)
    steps = np.diff(t[order], prepend=-np.inf) > _TIE * np.ptp(t)
    place = np.empty(len(t), dtype=np.intp)
    place[order] = np.cumsum(steps) - 1
    return t[order][steps], place


def _followers(lengths: Sequence[int]) -> npt.NDArray[np.intp]:
    """Return the index of the vertex after each, of rings laid end to end."""
    follower = np.arange(1, sum(lengths) + 1)
    ends = np.cumsum(lengths)
    follower[ends - 1] = ends - lengths
    return follower
