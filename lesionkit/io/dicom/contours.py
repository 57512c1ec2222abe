"""Closed lines as DICOM tells them, in mm or in an image's pixels, made into outlines on an image's planes.

RTSTRUCT, structured reports and presentation states share what is decided here: on which plane a line lies,
which lines are holes of others, and how far a line may be from what it should be.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid
from lesionkit.core.region import Outline
from lesionkit.errors import OutlineError

if TYPE_CHECKING:
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry

NEAR = 0.1
"""How far a line may lie from its plane, in planes: files round positions, but by less."""

NEAR_NAMED = 0.25
"""The same where the line names its image: slices may be a little unevenly spaced."""

_EDGE = 1e-3
"""How far outside the image's border a line may run by rounding, in px; it is moved onto the border."""

_SAME = 1e-3
"""Areas that differ by less than this share of themselves are one area."""

_NOTHING = 1e-9
"""Area of what is left over by rounding, px2."""

_HALF_PIXEL = 0.5
"""Where a pixel's centre lies, seen from its top-left corner, in px."""

_CORNERS_OF_A_CURVE = 360


class ContourError(OutlineError):
    """A line that cannot be used.

    Parameters
    ----------
    message : str
        What is wrong with it.
    code : str
        Of the problem.
    hint : str
        What to do next.
    """

    def __init__(self, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contour:
    """One closed line.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        ``(row, col)`` in pixels, centres on integers.
    plane : int, optional
        Of a volume; None on a planar image.
    is_xor : bool
        Whether its file says that lines on one plane are to be combined by exclusive or.
    """

    points: Floats
    plane: int | None = None
    is_xor: bool = False


def from_image(points: npt.ArrayLike, grid: Grid, *, plane: int | None = None) -> Contour:
    """Return a line told in an image's own pixels as DICOM counts them.

    Pairs of column and row, of which (0, 0) is the top-left corner of the top-left pixel and (1, 1) that
    pixel's bottom-right corner: the centre of the top-left pixel is (0.5, 0.5).

    Parameters
    ----------
    points : array_like, shape (n, 2)
        The pairs.
    grid : Grid
        The image's.
    plane : int, optional
        The plane they are told of; None on a planar image.

    Raises
    ------
    ContourError
        If it reaches outside the image.

    References
    ----------
    DICOM PS3.3 sections C.18.6 (Spatial Coordinates Macro) and C.10.5.1 (Graphic Annotation Module).

    Examples
    --------
    >>> from_image([[0.5, 0.5], [3.5, 0.5], [3.5, 2.5]], Grid(shape=(4, 5))).points
    array([[0., 0.],
           [0., 3.],
           [2., 3.]])
    """
    pairs = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    return Contour(points=_inside(pairs[:, ::-1] - _HALF_PIXEL, grid), plane=plane)


def from_patient(
    points: npt.ArrayLike, grid: Grid, *, plane: int | None = None, is_xor: bool = False
) -> Contour:
    """Return a line told in patient coordinates as it lies on a volume.

    Parameters
    ----------
    points : array_like, shape (n, 3)
        LPS mm.
    grid : Grid
        The volume's.
    plane : int, optional
        The plane it names as its own; it may lie `NEAR_NAMED` planes off, instead of `NEAR`.
    is_xor : bool
        As of `Contour`.

    Raises
    ------
    ContourError
        If it is not parallel to the planes, lies between two of them, or outside the image.
    """
    if grid.affine is None:
        raise ContourError(
            "the image does not say where its voxels lie",
            code="outlines_not_on_the_grid",
            hint="Use the whole DICOM series.",
        )
    at = homogeneous(_inverse(grid.affine), np.asarray(points, dtype=np.float64).reshape(-1, 3))
    heights, on_plane = at[:, 0], at[:, 1:]
    near = NEAR if plane is None else NEAR_NAMED
    nearest = int(np.rint(np.median(heights))) if plane is None else plane
    if np.ptp(heights) > 2 * near:
        raise ContourError(
            "a line is not parallel to the image's planes",
            code="contour_not_parallel",
            hint="Draw it on the planes of this series.",
        )
    if not 0 <= nearest < grid.shape[0]:
        raise _outside("a line lies above or below the image")
    off = float(np.abs(heights - nearest).max())
    if off > near:
        mm = off * (grid.spacing_mm or (1.0,))[0]
        raise ContourError(
            f"a line lies between two planes of the image, {mm:.2g} mm off the nearest",
            code="contour_between_planes",
            hint="Draw it on the planes of this series, or use the series it was drawn on.",
        )
    return Contour(points=_inside(on_plane, grid), plane=nearest, is_xor=is_xor)


def _inverse(affine: Floats) -> Floats:
    return np.asarray(np.linalg.inv(affine), dtype=np.float64)


def _inside(points: Floats, grid: Grid) -> Floats:
    low, high = -_HALF_PIXEL, np.subtract(grid.shape[-2:], _HALF_PIXEL)
    if not np.isfinite(points).all() or (points < low - _EDGE).any() or (points > high + _EDGE).any():
        raise _outside("a line reaches outside the image")
    return np.asarray(np.clip(points, low, high))


def _outside(text: str) -> ContourError:
    return ContourError(
        text,
        code="outline_outside_image",
        hint="Check that it was drawn on this image, and all of it is there.",
    )


def circle(centre: npt.ArrayLike, on_it: npt.ArrayLike) -> Floats:
    """Return a circle by its centre and a point on it as a polygon of equal area, shape (n, 2)."""
    middle, edge = np.asarray(centre, dtype=np.float64), np.asarray(on_it, dtype=np.float64)
    along = edge - middle
    return ellipse(middle - along, middle + along, middle + _turned(along), middle - _turned(along))


def _turned(vector: Floats) -> Floats:
    return np.array([-vector[1], vector[0]])


def ellipse(*ends: npt.ArrayLike) -> Floats:
    """Return an ellipse by the ends of its major, then of its minor axis as a polygon of equal area.

    Parameters
    ----------
    *ends : array_like, shape (d,)
        Four points.

    Returns
    -------
    ndarray of float, shape (n, d)
    """
    first, second, third, fourth = (np.asarray(end, dtype=np.float64) for end in ends)
    step = 2 * np.pi / _CORNERS_OF_A_CURVE
    angles = (np.arange(_CORNERS_OF_A_CURVE) * step)[:, None]
    # The corners lie a little outside the curve, by as much as the sides then cut off.
    swelling = np.sqrt(step / np.sin(step))
    major, minor = (second - first) / 2 * swelling, (fourth - third) / 2 * swelling
    return np.asarray((first + second) / 2 + np.cos(angles) * major + np.sin(angles) * minor)


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
