"""Closed lines as DICOM tells them, in mm or in an image's pixels, put on an image's planes.

RTSTRUCT, structured reports and presentation states share what is decided here: on which plane a line lies,
and how far it may be from where it should be.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid
from lesionkit.errors import OutlineError

NEAR = 0.1
"""How far a line may lie from its plane, in planes: files round positions, but by less."""

NEAR_NAMED = 0.25
"""The same where the line names its image: slices may be a little unevenly spaced."""

_EDGE = 1e-3
"""How far outside the image's border a line may run by rounding, in px; it is moved onto the border."""

_HALF_PIXEL = 0.5
"""Where a pixel's centre lies, seen from its top-left corner, in px."""

_CORNERS_OF_A_CURVE = 360
"""So many keep a polygon of equal area within 0.004 % of its longest half axis from the curve."""

_OFF_MIDDLE = 0.05
"""How far the middles of an ellipse's axes may be apart, in lengths of the longer: points are rounded."""


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

    Raises
    ------
    ContourError
        If the two axes do not cross in their middles.
    """
    first, second, third, fourth = (np.asarray(end, dtype=np.float64) for end in ends)
    longest = max(float(np.linalg.norm(second - first)), float(np.linalg.norm(fourth - third)))
    if np.linalg.norm(first + second - third - fourth) > 2 * _OFF_MIDDLE * longest:
        raise ContourError(
            "its points are not those of an ellipse",
            code="outline_unreadable",
            hint="Export it again from its program.",
        )
    step = 2 * np.pi / _CORNERS_OF_A_CURVE
    angles = (np.arange(_CORNERS_OF_A_CURVE) * step)[:, None]
    # The corners lie a little outside the curve, by as much as the sides then cut off.
    swelling = np.sqrt(step / np.sin(step))
    major, minor = (second - first) / 2 * swelling, (fourth - third) / 2 * swelling
    return np.asarray((first + second) / 2 + np.cos(angles) * major + np.sin(angles) * minor)
