"""Areas, lengths and axes of closed polygons, exact on their vertices.

A ring is an array of shape (n, 2), not repeated at its end; coordinates may be pixels or mm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.core.arrays import Floats


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


def area(rings: Sequence[Floats]) -> float:
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


def centroid(rings: Sequence[Floats]) -> tuple[Floats, float]:
    """Return the centre of mass of a polygon with holes, shape (2,), and its area."""
    moment, total = np.zeros(2), 0.0
    for index, ring in enumerate(rings):
        local = ring - ring[0]
        following = np.roll(local, -1, axis=0)
        cross = local[:, 0] * following[:, 1] - local[:, 1] * following[:, 0]
        signed = cross.sum() / 2
        sign = np.sign(signed) * (1 if index == 0 else -1)
        moment += sign * (((local + following) * cross[:, None]).sum(axis=0) / 6 + ring[0] * signed)
        total += sign * signed
    return moment / total, float(total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """The long axis of a shape and its short axis across it.

    Parameters
    ----------
    long : float
        Greatest distance between two of its points.
    short : float
        Greatest width perpendicular to the long axis: over all lines perpendicular to it, the
        distance between the outermost two points of the outline on one line.
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
    """
    ends = _farthest(np.vstack(rings))
    direction = ends[1] - ends[0]
    long = float(np.hypot(*direction))
    if long == 0:
        return Axes(long=0.0, short=0.0, ends=ends)
    along = direction / long
    across = np.array([-along[1], along[0]])
    return Axes(long=long, short=_greatest_width(rings, along, across), ends=ends)


def _farthest(points: Floats) -> Floats:
    hull = _hull(points)
    gaps = np.linalg.norm(hull[:, None, :] - hull[None, :, :], axis=2)
    first, second = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
    return np.stack([hull[first], hull[second]])


def _hull(points: Floats) -> Floats:
    from shapely import MultiPoint, get_coordinates

    return np.asarray(get_coordinates(MultiPoint(points).convex_hull))


def _greatest_width(rings: Sequence[Floats], along: Floats, across: Floats) -> float:
    # The width is piecewise linear between vertices, so its maximum lies at one of them.
    starts = np.vstack(rings)
    stops = np.vstack([np.roll(ring, -1, axis=0) for ring in rings])
    t0, t1, y0, y1 = starts @ along, stops @ along, starts @ across, stops @ across
    slanted = t0 != t1
    t0, t1, y0, y1 = t0[slanted], t1[slanted], y0[slanted], y1[slanted]
    widest = 0.0
    positions = np.unique(starts @ along)
    for block in np.array_split(positions, max(1, len(positions) * len(t0) // 2_000_000)):
        share = (block[:, None] - t0) / (t1 - t0)
        crossed = (share >= 0) & (share <= 1)
        y = y0 + share * (y1 - y0)
        top = np.where(crossed, y, -np.inf).max(axis=1)
        bottom = np.where(crossed, y, np.inf).min(axis=1)
        widest = max(widest, float((top - bottom).max()))
    return widest
