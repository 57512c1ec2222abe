"""Closed lines of one deposit, combined on each plane: which are holes, which are parts, which cross."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.region import Outline
from lesionkit.io.dicom.contours import Contour, ContourError

if TYPE_CHECKING:
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry

_SAME = 1e-3
"""Areas that differ by less than this share of themselves are one area."""

_NOTHING = 1e-9
"""Area of what is left over by rounding, px2."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joined:
    """Closed lines of one deposit as outlines.

    Parameters
    ----------
    outlines : tuple of Outline
        In the order of planes.
    overlap : bool
        Whether two lines crossed one another or were the same, so that what they share counts once.
    gaps : int
        How many planes between the first and the last have no line.
    """

    outlines: tuple[Outline, ...]
    overlap: bool = False
    gaps: int = 0


def join(contours: Sequence[Contour]) -> Joined:
    """Return the closed lines of one deposit as outlines.

    A line inside another is a hole, a line inside that hole an island, and so on (exclusive or). Lines
    that cross one another are taken together, unless their file says exclusive or. A line that runs back
    along itself to draw a hole (the keyhole technique) encloses what it winds round once. A single simple
    line keeps its points to the last digit.

    Raises
    ------
    ContourError
        If a line crosses itself, or encloses no area.

    References
    ----------
    DICOM PS3.3 section C.8.8.6.3 (Representing Inner and Outer Contours).
    """
    planes = sorted({contour.plane for contour in contours}, key=lambda plane: plane or 0)
    outlines: list[Outline] = []
    overlap = False
    for plane in planes:
        found, is_overlap = _on_one_plane([contour for contour in contours if contour.plane == plane], plane)
        outlines += found
        overlap |= is_overlap
    drawn = [plane for plane in planes if plane is not None]
    gaps = drawn[-1] - drawn[0] + 1 - len(drawn) if drawn else 0
    return Joined(outlines=tuple(outlines), overlap=overlap, gaps=gaps)


def _on_one_plane(contours: Sequence[Contour], plane: int | None) -> tuple[list[Outline], bool]:
    from shapely import symmetric_difference

    shapes = [_polygons(contour.points) for contour in contours]
    if len(shapes) == 1 and shapes[0] is None:
        return [Outline(exterior=contours[0].points, plane=plane)], False
    whole = [_simple(c.points) if s is None else s for c, s in zip(contours, shapes, strict=True)]
    overlap = False
    if not any(contour.is_xor for contour in contours):
        whole, overlap = _without_crossings(whole)
    return [_outline(part, plane) for part in _parts(reduce(symmetric_difference, whole))], overlap


def _simple(points: Floats) -> "Polygon":
    from shapely import Polygon

    return Polygon(points)


def _polygons(points: Floats) -> "BaseGeometry | None":
    """Return what a line encloses where it is not simple; None where it is.

    Raises
    ------
    ContourError
        If it winds round something in both senses or twice, or encloses nothing.
    """
    from shapely import make_valid, union_all

    if len(np.unique(points, axis=0)) < 3:
        raise ContourError(
            "a line has fewer than three different points",
            code="outline_too_few_points",
            hint="Draw it again around the deposit.",
        )
    polygon = _simple(points)
    if polygon.is_valid and polygon.area > 0:
        return None
    enclosed = union_all(list(_parts(make_valid(polygon, method="linework"))))
    # What lies inside by even and odd is what the line winds round once in one sense, unless it
    # crosses itself: then lobes count against one another, or twice.
    if enclosed.area <= _NOTHING or abs(enclosed.area - polygon.area) > _SAME * enclosed.area:
        raise ContourError(
            "a line crosses itself, or encloses no area",
            code="outline_crosses_itself",
            hint="Draw it again so that the line meets itself only at its end.",
        )
    return enclosed


def _without_crossings(shapes: "list[BaseGeometry]") -> "tuple[list[BaseGeometry], bool]":
    """Return shapes of which each two lie apart or one inside the other, and whether it was so before."""
    from shapely import union

    found, overlap = list(shapes), False
    while (pair := _crossing_pair(found)) is not None:
        overlap = True
        first, second = pair
        found[first] = union(found[first], found[second])
        del found[second]
    return found, overlap


def _crossing_pair(shapes: "Sequence[BaseGeometry]") -> tuple[int, int] | None:
    from shapely import box, intersection

    for (i, a), (j, b) in combinations(enumerate(shapes), 2):
        if not box(*a.bounds).intersects(box(*b.bounds)):
            continue
        shared = intersection(a, b).area
        smaller, larger = sorted((a.area, b.area))
        is_inside = shared >= smaller * (1 - _SAME)
        is_same = is_inside and larger - smaller <= _SAME * larger
        if is_same or (not is_inside and shared > _SAME * smaller):
            return i, j
    return None


def _parts(geometry: "BaseGeometry") -> "Iterable[Polygon]":
    from shapely import get_parts

    for part in get_parts(geometry):
        if part.geom_type == "MultiPolygon":
            yield from part.geoms
        elif part.geom_type == "Polygon" and part.area > _NOTHING:
            yield part


def _outline(part: "Polygon", plane: int | None) -> Outline:
    rings = [np.asarray(ring.coords)[:-1] for ring in (part.exterior, *part.interiors)]
    return Outline(exterior=rings[0], holes=tuple(rings[1:]), plane=plane)
