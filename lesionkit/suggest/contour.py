"""Fields and rings -> outlines: smooth, simple, sub-pixel, within the image."""

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image
from lesionkit.core.region import Outline
from lesionkit.errors import OutlineError

KEPT_WITHIN = 0.1
"""Pixels by which a line may differ from the one found once its needless points are left out."""


def rings_at(field: npt.NDArray[np.floating], level: float) -> list[Floats]:
    """Return the closed lines along which a field crosses a level, holding what is below it; largest first.

    Shape (n, 2) each, pixels of the field, not repeated at the end. What reaches the field's border is closed
    there, half a pixel outside.
    """
    from skimage.measure import find_contours

    from lesionkit.geometry.polygon import ring_area

    padded = np.pad(np.asarray(field, dtype=np.float64), 1, constant_values=level + _margin(field, level))
    rings = [
        ring[:-1] - 1 for ring in find_contours(padded, level, positive_orientation="low") if len(ring) > 3
    ]
    # Round what is below, find_contours turns one way; round a hole in it the other.
    outer = [ring for ring in rings if _turn(ring) > 0]
    return sorted(outer, key=ring_area, reverse=True)


def _margin(field: npt.NDArray[np.floating], level: float) -> float:
    return max(abs(level - float(np.min(field))), 1e-6)


def _turn(ring: Floats) -> float:
    rows, cols = ring.T
    return float(rows @ np.roll(cols, -1) - cols @ np.roll(rows, -1))


def resampled(ring: Floats, *, count: int) -> Floats:
    """Return so many points along a ring, equally far apart along it."""
    closed = np.vstack([ring, ring[:1]])
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.linspace(0, way[-1], count, endpoint=False)
    return np.stack([np.interp(at, way, closed[:, axis]) for axis in (0, 1)], axis=1)


def smoothed(ring: Floats, *, sigma: float) -> Floats:
    """Return a ring in points half a pixel apart, made smooth over `sigma` pixels of its length.

    A Gaussian draws a circle of radius r in by σ²/2r; that is put back by smoothing what is left a second
    time (as in Taubin's λ|μ smoothing), so that areas stay.

    References
    ----------
    Taubin G. Curve and surface smoothing without shrinkage. ICCV 1995:852-857.
    """
    from scipy.ndimage import gaussian_filter1d

    length = float(np.hypot(*(np.roll(ring, -1, axis=0) - ring).T).sum())
    fine = resampled(ring, count=int(np.clip(2 * length, 16, 8000)))
    spread = sigma * len(fine) / length
    soft = gaussian_filter1d(fine, spread, axis=0, mode="wrap")
    return np.asarray(soft + gaussian_filter1d(fine - soft, spread, axis=0, mode="wrap"))


def outline_along(ring: Floats, image: Image, *, plane: int | None = None) -> Outline:
    """Return a ring as outline: cut off at the image, crossings taken out, needless points left out.

    Raises
    ------
    OutlineError
        If nothing is left.
    """
    from shapely import Polygon, box, get_coordinates, get_parts

    rows, cols = image.grid.shape[-2:]
    shape = Polygon(ring).buffer(0).intersection(box(-0.5, -0.5, rows - 0.5, cols - 0.5))
    parts = [part for part in get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
    if not parts:
        raise OutlineError("no line encloses a deposit here", hint="Mark it again, nearer to its middle.")
    whole = Polygon(max(parts, key=lambda part: part.area).exterior)
    thin = whole.simplify(min(KEPT_WITHIN, 0.02 * whole.area**0.5))
    kept = thin if isinstance(thin, Polygon) and thin.is_valid and thin.area > 0 else whole
    return Outline(exterior=get_coordinates(kept.exterior)[:-1], plane=plane)
