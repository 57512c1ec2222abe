"""How a reader draws a deposit: near its true border, with the small errors of a hand."""

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.phantom.anatomy import Limb
from lesionkit.phantom.camera import View
from lesionkit.phantom.concretion import Concretion
from lesionkit.phantom.noise import periodic_noise
from lesionkit.phantom.volume import Block, Pose, depth_of

HAND_ERROR_MM = 0.2
"""Standard deviation of a drawn border's distance from the true one."""

_SIMPLIFY_MM = 0.06
_TERMS = 7


def draw_outline(
    concretion: Concretion, rng: np.random.Generator, *, view: View, error_mm: float = HAND_ERROR_MM
) -> Floats:
    """Return a footprint as a reader draws it, ``(row, col)`` in pixels, shape (n, 2).

    The true border is moved in and out along its rays by a smooth random function of the angle, then
    thinned to the points a person would set.

    Parameters
    ----------
    concretion : Concretion
        What is drawn.
    rng : Generator
        The reader's hand.
    view : View
        The picture.
    error_mm : float
        Standard deviation of the border's error; 0 = none.
    """
    from shapely import LinearRing, get_coordinates

    border = concretion.outline(vertices=240)
    out = border - np.asarray(concretion.centre)
    distance = np.hypot(*out.T)
    moved = np.maximum(distance + error_mm * _wobble(rng, np.arctan2(out[:, 1], out[:, 0])), 0.3 * distance)
    drawn = np.asarray(concretion.centre) + out * (moved / distance)[:, None]
    thinned = get_coordinates(LinearRing(drawn).simplify(_SIMPLIFY_MM))[:-1]
    return np.round(view.to_pixels(thinned), 2)


def paint_voxels(
    limb: Limb,
    concretion: Concretion,
    rng: np.random.Generator,
    *,
    block: Block,
    pose: Pose,
    error_mm: float = HAND_ERROR_MM,
) -> npt.NDArray[np.bool_]:
    """Return a concretion's voxels as a reader paints them, shape as the block's.

    Parameters
    ----------
    limb : Limb
        In which it lies.
    concretion : Concretion
        What is painted.
    rng : Generator
        The reader's hand.
    block : Block
        Voxels.
    pose : Pose
        How the limb lies.
    error_mm : float
        Standard deviation of the border's error; 0 = none.
    """
    points = pose.to_limb(block.points())
    dx, dz = points[..., 0] - concretion.centre[0], points[..., 2] - concretion.centre[1]
    dy = points[..., 1] - depth_of(limb, concretion)
    square = concretion.inwardness(points[..., 0], points[..., 2]) + (dy / concretion.semi_axes[2]) ** 2
    size = float(np.cbrt(np.prod(concretion.semi_axes)))
    error = (
        error_mm / size * (_wobble(rng, np.arctan2(dz, dx)) + _wobble(rng, np.arctan2(dy, dx))) / np.sqrt(2)
    )
    return np.asarray(np.sqrt(square) <= 1 + error)


def _wobble(rng: np.random.Generator, angle: Floats) -> Floats:
    """Return a random smooth function of an angle with standard deviation 1."""
    value = np.zeros_like(angle)
    for k, (a, b) in enumerate(zip(*periodic_noise(rng, _TERMS), strict=True), start=2):
        value += a * np.cos(k * angle) + b * np.sin(k * angle)
    return value
