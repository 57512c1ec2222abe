"""A line that lies nearly right, moved onto the edge beside it."""

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Outline
from lesionkit.suggest.contour import outline_along, resampled, smoothed
from lesionkit.suggest.features import Field, Window, softened, window_of
from lesionkit.suggest.paths import closed_path, edge_cost

FINENESS = 0.5
"""Pixels from one place to the next across the line."""

HOME = 0.25
"""What lying at the strip's end costs, beside the 1 that the sharpest edge earns."""

_MOST_POINTS = 720


def settle(image: Image, outline: Outline, *, reach: float | None = None) -> Outline:
    """Return an outline moved onto the edge near it.

    Across the line, as far as `reach` to both sides, the fall of the look from inside to outside is taken;
    the closed path through this strip with the steepest fall is the edge. What a look is, see
    `lesionkit.suggest.features.Window`; inside and outside are told apart along the line from the mean look
    outside to that inside (on radiographs and CT: bright is inside).

    Parameters
    ----------
    image : Image
        On which it lies.
    outline : Outline
        Holes are left out.
    reach : float, optional
        Pixels; None = a quarter of the radius of a disc of its area, at least 3 and at most 40.

    References
    ----------
    Kass M, Witkin A, Terzopoulos D. Snakes: active contour models. Int J Comput Vis 1988;1:321-331; solved by
    dynamic programming as in Amini AA et al. IEEE Trans Pattern Anal Mach Intell 1990;12:855-867.
    """
    from lesionkit.geometry.polygon import perimeter, ring_area

    ring = outline.exterior
    far = reach or float(np.clip(0.25 * np.sqrt(ring_area(ring) / np.pi), 3, 40))
    window = window_of(image, ring.min(axis=0) - far - 3, ring.max(axis=0) + far + 3, plane=outline.plane)
    count = int(np.clip(perimeter(ring), 24, _MOST_POINTS))
    line = smoothed_points(ring, count=count)
    offsets = np.arange(-far, far + FINENESS / 2, FINENESS)
    places = line[:, None] + offsets[None, :, None] * _outwards(line)[:, None]
    profile = profile_at(window, places, ring, is_dense=is_dense(image))
    cost = edge_cost(profile, offsets) + HOME * (offsets / far) ** 2
    chosen = closed_path(cost)
    moved = places[np.arange(count), chosen]
    return outline_along(smoothed(moved, sigma=1.0), image, plane=outline.plane)


def is_dense(image: Image) -> bool:
    """Return whether deposits are known to be brighter than what surrounds them."""
    return image.modality in (Modality.CR, Modality.DX, Modality.CT)


def smoothed_points(ring: Floats, *, count: int) -> Floats:
    """Return so many points along a ring that was made smooth, so that its normals do not cross."""
    return resampled(smoothed(ring, sigma=1.5), count=count)


def _outwards(line: Floats) -> Floats:
    from scipy.ndimage import gaussian_filter1d

    along = np.roll(line, -1, axis=0) - np.roll(line, 1, axis=0)
    along = gaussian_filter1d(along, 2.0, axis=0, mode="wrap")
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1)
    normal /= np.maximum(np.hypot(*normal.T), 1e-9)[:, None]
    rows, cols = line.T
    turn = float(rows @ np.roll(cols, -1) - cols @ np.roll(rows, -1))
    return np.asarray(normal if turn > 0 else -normal)


def profile_at(window: Window, places: Floats, ring: Floats, *, is_dense: bool) -> Floats:
    """Return how much of the inside's look, against the outside's, lies at places of the image.

    Parameters
    ----------
    window : Window
        Of the image.
    places : ndarray of float, shape (rows, columns, 2)
        Pixels of the image, outwards along each row.
    ring : ndarray of float, shape (n, 2)
        What is inside, roughly.
    is_dense : bool
        Whether the inside is brighter, as is known before looking.
    """
    from scipy.ndimage import map_coordinates

    where = np.moveaxis(window.to_window(places), -1, 0)
    looks = softened(window.looks)
    amount = looks @ _axis(window, looks, ring, is_dense=is_dense)
    return np.asarray(map_coordinates(amount, where, order=1, mode="nearest"), dtype=np.float64)


def _axis(window: Window, looks: Field, ring: Floats, *, is_dense: bool) -> Field:
    import cv2

    if is_dense or looks.shape[2] == 0:
        return np.ones(looks.shape[2], dtype=np.float32)
    inside = np.zeros(looks.shape[:2], dtype=np.uint8)
    corners = np.round(window.to_window(ring)[:, ::-1] * 16).astype(np.int32)
    cv2.fillPoly(inside, [corners], 1, shift=4)
    core = cv2.erode(inside, np.ones((3, 3), np.uint8)) > 0
    around = cv2.dilate(inside, np.ones((3, 3), np.uint8)) == 0
    if not core.any() or not around.any():
        return np.ones(looks.shape[2], dtype=np.float32)
    axis = np.median(looks[core], axis=0) - np.median(looks[around], axis=0)
    length = float(np.linalg.norm(axis))
    return np.asarray(axis / length if length > 0 else np.ones_like(axis), dtype=np.float32)
