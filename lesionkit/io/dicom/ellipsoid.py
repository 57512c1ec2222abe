"""Ellipsoids of structured reports, as the outlines in which the planes of a volume cut them."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.io.dicom.contours import Contour, ContourError, ellipse, from_patient

_SKEW = 0.01
"""How far axes may be from meeting in one middle (in lengths of the longest) or at right angles (cosine)."""


def sections(ends: npt.ArrayLike, grid: Grid) -> tuple[Contour, ...]:
    """Return the ellipses in which an ellipsoid is cut by the planes of a volume, as polygons of equal area.

    Their areas times the distance of planes add up to 4/3 π abc but for how coarsely planes sample it: with
    n planes through it, to within 1 in n². Sheared grids (gantry tilt) are cut along their own planes.

    Parameters
    ----------
    ends : array_like, shape (6, 3)
        LPS mm: the ends of each of its three axes.
    grid : Grid
        Of a volume that knows its place.

    Raises
    ------
    ContourError
        If the six points are those of no ellipsoid, it reaches outside the volume, or lies between two
        planes.

    References
    ----------
    DICOM PS3.3 section C.18.9.1.2 (Graphic Type ELLIPSOID).
    """
    points = np.asarray(ends, dtype=np.float64).reshape(3, 2, 3)
    middles, axes = points.mean(axis=1), (points[:, 1] - points[:, 0]) / 2
    centre = middles.mean(axis=0)
    _must_be_ellipsoid(middles, axes)
    assert grid.affine is not None
    normal = np.cross(grid.affine[:3, 1], grid.affine[:3, 2])
    # The step along the planes' own normal: what shears them against one another does not count.
    step = float(normal @ grid.affine[:3, 0])
    at = float(normal @ (centre - grid.affine[:3, 3])) / step
    reach = float(np.linalg.norm(axes @ normal)) / abs(step)
    if at - reach < -0.5 or at + reach > grid.shape[0] - 0.5:
        raise ContourError(
            "an ellipsoid reaches outside the image",
            code="outline_outside_image",
            hint="Check that it was drawn on this image, and all of it is there.",
        )
    found = tuple(_cut(centre, axes, normal, at=at, step=step, reach=reach, grid=grid))
    if not found:
        raise ContourError(
            "an ellipsoid lies between two planes of the image",
            code="contour_between_planes",
            hint="Draw it on the planes of this series, or use the series it was drawn on.",
        )
    return found


def _must_be_ellipsoid(middles: Floats, axes: Floats) -> None:
    lengths = np.linalg.norm(axes, axis=1)
    longest = float(lengths.max())
    is_one = np.isfinite(longest) and lengths.min() > 0
    if is_one:
        units = axes / lengths[:, None]
        off = np.linalg.norm(middles - middles.mean(axis=0), axis=1).max()
        is_one = bool(off <= _SKEW * longest and np.abs(units @ units.T - np.eye(3)).max() <= _SKEW)
    if not is_one:
        raise ContourError(
            "its points are not those of an ellipsoid",
            code="outline_unreadable",
            hint="Export it again from its program.",
        )


def _cut(
    centre: Floats, axes: Floats, normal: Floats, *, at: float, step: float, reach: float, grid: Grid
) -> Iterator[Contour]:
    # Where the axes are carried onto a unit sphere, planes cut circles, whose diameters are carried back.
    across = axes @ normal
    size = float(np.linalg.norm(across))
    pole = across / size
    first = np.cross(pole, np.eye(3)[int(np.abs(pole).argmin())])
    first /= np.linalg.norm(first)
    second = np.cross(pole, first)
    for plane in range(int(np.ceil(at - reach)), int(np.floor(at + reach)) + 1):
        height = (plane - at) * step / size
        radius = np.sqrt(max(1 - height**2, 0.0))
        if radius > 0:
            middle = centre + height * pole @ axes
            one, other = radius * first @ axes, radius * second @ axes
            # Any two diameters of a circle at right angles are conjugate ones of the ellipse it becomes.
            line = ellipse(middle - one, middle + one, middle - other, middle + other)
            yield from_patient(line, grid, plane=plane)
