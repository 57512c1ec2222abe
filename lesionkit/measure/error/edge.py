"""How sharp an image is where a deposit ends: nobody places a line better than the edge lets them."""

import math

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image
from lesionkit.geometry import polygon

_POINTS, _BUNCH, _STEPS = 64, 4, 49
_SHARPEST_PX = 1 / math.sqrt(12)
"""Standard deviation of a pixel's own width: no edge is narrower."""
_NOISE = 4.0
"""A step counts as an edge where it is this many times the noise."""


def edge_sd_px(line: Floats, image: Image, *, plane: int | None = None) -> float | None:
    """Return how wide the edge along a line is, as the standard deviation of its blur in pixels.

    The image is read along normals of the line, four neighbouring ones averaged at a time. Across a step
    of height h that is blurred by a Gaussian, the steepest slope is ``h / (sqrt(2 π) sd)``; of all that
    stand out of the noise the median is taken. Of a deposit narrower than its blur it is too small.

    Parameters
    ----------
    line : ndarray of float, shape (n, 2)
        Closed, ``(row, col)`` in pixels.
    image : Image
        Its pixels.
    plane : int, optional
        Of a volume.

    Returns
    -------
    float or None
        None where less than half of the line lies on an edge.
    """
    area = polygon.ring_area(line)
    radius = math.sqrt(area / math.pi) if area else 0.0
    points, normals = _evenly(line)
    reach = min(max(radius / 2, 3.0), 24.0)
    offsets = np.linspace(-min(reach, max(radius, 1.0)), reach, _STEPS)
    at = points[:, None, :] + offsets[None, :, None] * normals[:, None, :]
    values = _read(image, at, plane=plane)
    if values is None:
        return None
    profiles = values.reshape(_POINTS // _BUNCH, _BUNCH, _STEPS).mean(axis=1)
    ends = _STEPS // 6
    first, last = profiles[:, :ends], profiles[:, -ends:]
    step = last.mean(axis=1) - first.mean(axis=1)
    height = np.abs(step)
    noise = (first.std(axis=1) + last.std(axis=1)) / 2
    slopes = np.sign(step)[:, None] * np.diff(profiles, axis=1) / (offsets[1] - offsets[0])
    # A mean of a pixel's width: a single noisy sample is no slope.
    width = max(1, round(1.0 / float(offsets[1] - offsets[0])))
    smooth = np.apply_along_axis(np.convolve, 1, slopes, np.ones(width) / width, mode="same")
    steepest = smooth.max(axis=1)
    is_edge = (height > _NOISE * noise) & (steepest > 0)
    if is_edge.mean() < 0.5:
        return None
    found = float(np.median(height[is_edge] / (math.sqrt(2 * math.pi) * steepest[is_edge])))
    return min(max(found, _SHARPEST_PX), reach)


def _evenly(line: Floats) -> tuple[Floats, Floats]:
    """Return points evenly spaced along a closed line, and the normals that point out of it.

    From the line's first corner in reading order: where a reader began to draw changes nothing.
    """
    start = int(np.lexsort((line[:, 1], line[:, 0]))[0])
    line = np.roll(line, -start, axis=0)
    following = np.roll(line, -1, axis=0)
    turn = float((line[:, 0] * following[:, 1] - following[:, 0] * line[:, 1]).sum())
    if turn < 0:
        line = np.roll(line[::-1], 1, axis=0)
    closed = np.vstack([line, line[:1]])
    steps = np.hypot(*np.diff(closed, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = (np.arange(_POINTS) + 0.5) / _POINTS * along[-1]
    points = np.stack([np.interp(at, along, closed[:, axis]) for axis in (0, 1)], axis=1)
    tangent = np.roll(points, -2, axis=0) - np.roll(points, 2, axis=0)
    normals = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    normals /= np.maximum(np.hypot(*normals.T), 1e-12)[:, None]
    return points, normals


def _read(image: Image, at: Floats, *, plane: int | None) -> Floats | None:
    """Return the image at points in a plane, between pixel centres linearly; None where it ends there."""
    shape = np.asarray(image.grid.shape[-2:])
    low = np.floor(at.reshape(-1, 2).min(axis=0)).astype(int)
    high = np.floor(at.reshape(-1, 2).max(axis=0)).astype(int) + 2
    if (low < 0).any() or (high > shape).any():
        low, high = np.maximum(low, 0), np.minimum(high, shape)
        if (high - low < 2).any():
            return None
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    pixels = np.asarray(image.intensity(box if plane is None else (slice(plane, plane + 1), *box)))
    pixels = pixels.reshape(pixels.shape[-2:]).astype(np.float64)
    inside = np.clip(at - low, 0, np.asarray(pixels.shape) - 1.000001)
    corner = inside.astype(int)
    share = inside - corner
    r, c = corner[..., 0], corner[..., 1]
    down, right = share[..., 0], share[..., 1]
    upper = pixels[r, c] * (1 - right) + pixels[r, c + 1] * right
    lower = pixels[r + 1, c] * (1 - right) + pixels[r + 1, c + 1] * right
    found = upper * (1 - down) + lower * down
    return found if np.isfinite(found).all() else None
