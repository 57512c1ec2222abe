"""An outline as the one line that napari draws, and back.

napari's Shapes layer rounds: it keeps float32. What a person did not touch is therefore never read back.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.region import Outline


def loop_of(outline: Outline) -> Floats:
    """Return an outline as one closed line for napari, which knows holes by lines that are walked twice.

    From the exterior's first point it walks to each hole's first point, round it, and back; shape (n, 2).
    """
    if not outline.holes:
        return outline.exterior
    start = outline.exterior[:1]
    pieces = [outline.exterior]
    for hole in outline.holes:
        pieces += [start, hole, hole[:1]]
    return np.concatenate(pieces)


def counts_of(outline: Outline) -> tuple[int, ...]:
    """Return how many points each ring of an outline has."""
    return tuple(len(ring) for ring in outline.rings)


def owners(counts: Sequence[int]) -> list[tuple[int, int]]:
    """Return of each point of `loop_of` its ring and its place in it; first points stand there again."""
    found = [(0, i) for i in range(counts[0])]
    for ring, count in enumerate(counts[1:], 1):
        found += [(0, 0), *((ring, i) for i in range(count)), (ring, 0)]
    return found


def outline_from(loop: npt.ArrayLike, *, before: Outline | None = None) -> Outline:
    """Return the outline that a line on the screen is.

    Points that were not moved are those of the outline before, to the last digit; of a first point that
    stands in the line several times, the one that was moved counts.

    Parameters
    ----------
    loop : array_like, shape (n, 2)
        From napari.
    before : Outline, optional
        What it was made from. One point may have been added or taken away since, or any moved.

    Raises
    ------
    OutlineError
        If the line is no outline.
    """
    points = np.asarray(loop, dtype=np.float64)
    if before is None:
        return Outline(exterior=points)
    old = loop_of(before)
    kept = {_rounded(point): point for point in old}
    exact = np.array([kept.get(_rounded(point), point) for point in points])
    if not before.holes:
        return Outline(exterior=exact, plane=before.plane)
    rings = _rings_from(exact, old, before)
    return Outline(exterior=rings[0], holes=tuple(rings[1:]), plane=before.plane)


def _rounded(point: Floats) -> tuple[float, float]:
    """Return a point as napari keeps it."""
    row, col = np.asarray(point, dtype=np.float32)
    return float(row), float(col)


def _rings_from(points: Floats, old: Floats, before: Outline) -> list[Floats]:
    """Return the rings of an edited line with holes."""
    named = owners(counts_of(before))
    rings = [list(ring) for ring in before.rings]
    if len(points) == len(old):
        for point, was, (ring, place) in zip(points, old, named, strict=True):
            if not np.array_equal(point, was):
                rings[ring][place] = point
    elif len(points) == len(old) + 1:
        at = _first_difference(points, old)
        ring, place = named[max(at - 1, 0)]
        rings[ring].insert(place + 1, points[at])
    elif len(points) == len(old) - 1:
        ring, place = named[_first_difference(points, old)]
        del rings[ring][place]
    else:
        return [points]
    return [np.array(ring) for ring in rings]


def _first_difference(points: Floats, old: Floats) -> int:
    shorter = min(len(points), len(old))
    apart = np.flatnonzero((points[:shorter] != old[:shorter]).any(axis=1))
    return int(apart[0]) if len(apart) else shorter


def mended(loop: npt.ArrayLike) -> tuple[Floats, bool]:
    """Return a line drawn by hand as one that does not cross itself, and whether it did.

    A hand that closes a line often crosses its beginning; of the areas that it then encloses the largest is
    kept. What encloses nothing is returned as it is, for `Outline` to refuse.
    """
    from shapely import Polygon, make_valid

    points = np.asarray(loop, dtype=np.float64)
    if len(np.unique(points, axis=0)) < 3:
        return points, False
    drawn = Polygon(points)
    if drawn.is_valid:
        return points, False
    whole = make_valid(drawn)
    parts = [
        part for part in getattr(whole, "geoms", [whole]) if part.geom_type in ("Polygon", "MultiPolygon")
    ]
    polygons = [polygon for part in parts for polygon in getattr(part, "geoms", [part])]
    if not polygons:
        return points, False
    largest = max(polygons, key=lambda polygon: float(polygon.area))
    return np.asarray(largest.exterior.coords)[:-1], True
