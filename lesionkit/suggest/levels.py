"""Regions that grow from a seed as the tolerance rises, and the tolerance at which their edge is sharpest."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]

LEVELS = 96
"""Steps of the tolerance that are looked at."""

STOP_SHARE = 0.5
"""Growing has gone past the edge once the sharpness falls below this share of the greatest so far."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grown:
    """A region grown from a seed.

    Parameters
    ----------
    joins_at : ndarray of float32
        Of each pixel, the tolerance from which on it belongs to the seed's region.
    tolerance : float
        That at which growing stops.
    sharpness : float
        Mean gradient along the region's edge, per pixel.
    """

    joins_at: Field
    tolerance: float
    sharpness: float

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """The region."""
        return np.asarray(self.joins_at <= self.tolerance)


def grow_level(
    difference: Field, gradient: Field, seed: tuple[int, ...], *, least: int, free: int | None = None
) -> Grown | None:
    """Return the region round a seed whose edge is sharpest; None where no edge encloses it.

    With tolerance t the region is the connected set (across edges of pixels, not corners) that holds the seed
    and nowhere differs from it by more than t. As t rises it grows; the mean gradient along its edge
    (the peripheral contrast) is greatest where it fills the object. The first such maximum is taken: growing
    stops once the mean gradient has fallen to `STOP_SHARE` of it, so that the limb's own outline, which may
    be sharper still, is not reached.

    Parameters
    ----------
    difference : ndarray of float32
        Of each pixel from the seed's look, 0 or more; any number of axes.
    gradient : ndarray of float32
        Length of the gradient of the looks; same shape.
    seed : tuple of int
        Index of the seed.
    least : int
        Fewer pixels are no region.
    free : int, optional
        Bits (2 per axis, first the low side) of the array's sides that are the image's own border, which a
        region may reach; None = none may.

    References
    ----------
    Hojjatoleslami SA, Kittler J. Region growing: a new approach. IEEE Trans Image Process 1998;7:1079-1084.
    """
    joins_at = _joining(difference, seed)
    top = _reach(joins_at, free or 0)
    if top <= 0:
        return None
    edges = np.linspace(0, top, LEVELS + 1)
    level = np.searchsorted(edges, joins_at.ravel()).astype(np.intp).reshape(joins_at.shape)
    sizes = np.cumsum(np.bincount(level.ravel(), minlength=LEVELS + 2))
    sharp = _sharpness(level, gradient)
    best: int | None = None
    for step in range(1, LEVELS):
        if sizes[step] < least:
            continue
        if best is None or sharp[step] > sharp[best]:
            best = step
        elif sharp[step] < STOP_SHARE * sharp[best]:
            break
    if best is None or sharp[best] == 0:
        return None
    return Grown(joins_at=joins_at, tolerance=float(edges[best]), sharpness=float(sharp[best]))


def _joining(difference: Field, seed: tuple[int, ...]) -> Field:
    """Return of each pixel the least tolerance with which a path from the seed reaches it (minimax)."""
    from scipy.ndimage import generate_binary_structure
    from skimage.morphology import reconstruction

    start = np.full(difference.shape, difference.max(), dtype=np.float32)
    start[seed] = difference[seed]
    cross = generate_binary_structure(difference.ndim, 1)
    return np.asarray(reconstruction(start, difference, method="erosion", footprint=cross), dtype=np.float32)


def _reach(joins_at: Field, free: int) -> float:
    """Return the tolerance at which the region first reaches a side behind which the image goes on."""
    reached = [float(joins_at.max())]
    for axis in range(joins_at.ndim):
        for side, at in enumerate((0, -1)):
            if not free & (1 << (2 * axis + side)):
                reached.append(float(np.take(joins_at, at, axis=axis).min()))
    return min(reached)


def _sharpness(level: npt.NDArray[np.intp], gradient: Field) -> npt.NDArray[np.float64]:
    """Return the mean gradient along the region's edge at every level, in one pass over pairs of neighbours.

    A pair lies on the edge from the level at which one of the two joins to that at which the other does.
    """
    steps = LEVELS + 2
    total, count = np.zeros(steps), np.zeros(steps)
    for axis in range(level.ndim):
        one, other = (_along(level, axis, side).ravel() for side in (0, 1))
        steep = (_along(gradient, axis, 0).ravel() + _along(gradient, axis, 1).ravel()) / 2
        low, high = np.minimum(one, other), np.maximum(one, other)
        on = high > low
        for at, sign in ((low[on], 1), (high[on], -1)):
            total += sign * np.bincount(at, weights=steep[on], minlength=steps)[:steps]
            count += sign * np.bincount(at, minlength=steps)[:steps]
    return np.cumsum(total) / np.maximum(np.cumsum(count), 1)


def _along(values: npt.NDArray[Any], axis: int, side: int) -> npt.NDArray[Any]:
    cut = [slice(None)] * values.ndim
    cut[axis] = slice(1, None) if side else slice(None, -1)
    return values[tuple(cut)]


def gradient_length(looks: npt.NDArray[np.floating], axes: int) -> Field:
    """Return the length of the gradient over the first `axes` axes, all channels together, per pixel."""
    square = np.zeros(looks.shape[:axes], dtype=np.float64)
    for axis in range(axes):
        if looks.shape[axis] > 1:
            slope = np.gradient(looks, axis=axis)
            square += (slope**2).reshape(*looks.shape[:axes], -1).sum(axis=-1)
    return np.sqrt(square).astype(np.float32)
