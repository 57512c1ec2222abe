"""One click in a deposit -> its outline or its voxels."""

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Mask, Outline
from lesionkit.errors import OutlineError
from lesionkit.suggest.contour import outline_along, rings_at, smoothed
from lesionkit.suggest.edges import is_dense, profile_at
from lesionkit.suggest.features import Field, Window, must_lie_on, softened, window_of
from lesionkit.suggest.levels import Grown, gradient_length, grow_level
from lesionkit.suggest.paths import closed_path, edge_cost

WORKING_SIDE = 160
"""Pixels of the side of the picture that is looked at; a larger window is made smaller."""

_HALVES = (32, 64, 128, 256, 512, 1024, 2048)
_LEAST = 40
_ROOMY = 0.02
"""A window of which the region holds this share is not too wide for it."""

_MOST = 0.5
"""What holds more of its window is what surrounds deposits."""

_WORSE = 0.7
_ABOVE_NOISE = 3.0
"""Times the typical difference among the pixels at the seed that the tolerance must be: no fleck's."""

_NEIGHBOURS = 3


def grow(image: Image, seed: npt.ArrayLike) -> Outline | Mask:
    """Return the deposit around a point: an outline on a picture, a mask in a volume.

    The tolerance is found, not asked for: see `lesionkit.suggest.levels.grow_level` on photographs (looks are
    CIELAB colours), `lesionkit.suggest.solid.grow_solid` in volumes. On radiographs, where bone shines
    through the deposit and its brightness is not one, the closed line with the steepest fall of brightness
    around the point is taken; a box (`lesionkit.suggest.outline_box`) says more there.

    Only a window around the point is looked at, which widens while the region fills it.

    Parameters
    ----------
    image : Image
        A picture or a volume.
    seed : array_like, shape (2,) or (3,)
        Pixel coordinates of a point in the deposit.

    Raises
    ------
    OutlineError
        If the point lies beside the image, or nothing around it has an edge.
    """
    point = np.asarray(seed, dtype=np.float64).ravel()
    if len(point) != len(image.grid.shape):
        raise ValueError("a seed has one coordinate per axis of the image")
    if not image.grid.is_planar:
        from lesionkit.suggest.solid import grow_solid

        return grow_solid(image, point)
    must_lie_on(image, point)
    if image.modality is Modality.XC:
        return _by_colour(image, point)
    return _by_fall(image, point)


def _by_colour(image: Image, point: Floats) -> Outline:
    best: tuple[Window, Grown] | None = None
    for half in _HALVES:
        window = window_of(image, point - half, point + half, most_side=WORKING_SIDE)
        found = _grown(window, point)
        if found is None or found.inside.mean() > _MOST:
            continue
        sharp = found.sharpness / window.step[0]
        if best is None or sharp > best[1].sharpness / best[0].step[0]:
            best = window, found
        elif found.inside.mean() > _ROOMY and sharp < _WORSE * best[1].sharpness / best[0].step[0]:
            break
    if best is None:
        raise _nothing()
    return _outline(image, *best)


def _grown(window: Window, point: Floats) -> Grown | None:
    looks = softened(window.looks)
    at = np.clip(np.rint(window.to_window(point)), 0, np.subtract(looks.shape[:2], 1)).astype(int)
    around = looks[max(at[0] - 2, 0) : at[0] + 3, max(at[1] - 2, 0) : at[1] + 3]
    own = np.median(around.reshape(-1, looks.shape[2]), axis=0)
    difference = np.sqrt(((looks - own) ** 2).sum(axis=-1)).astype(np.float32)
    difference[at[0], at[1]] = 0
    free = sum(
        (not is_cut) << (2 * axis + side)
        for axis, cuts in enumerate(window.cut)
        for side, is_cut in enumerate(cuts)
    )
    seed = (int(at[0]), int(at[1]))
    found = grow_level(difference, gradient_length(looks, 2), seed, least=_LEAST, free=free)
    near = difference[tuple(slice(max(i - _NEIGHBOURS, 0), i + _NEIGHBOURS + 1) for i in seed)]
    return found if found and found.tolerance >= _ABOVE_NOISE * float(np.median(near)) else None


def _outline(image: Image, window: Window, found: Grown) -> Outline:
    field: Field = np.minimum(found.joins_at, 2 * found.tolerance + 1e-6)
    ring = rings_at(field, found.tolerance)[0]
    return outline_along(smoothed(window.to_image(ring), sigma=window.step[0] + 0.5), image)


RAYS, PLACES = 96, 72
NEAREST_PX, FARTHEST_PX = 4.0, 60.0
_ROUNDS = 3


def _by_fall(image: Image, point: Floats) -> Outline:
    """Return the closed line with the steepest fall of brightness around a point, then around its middle."""
    angles = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    rays = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    radii = np.geomspace(NEAREST_PX, FARTHEST_PX, PLACES)
    middle, found = point, np.empty((0, 2))
    window = window_of(image, point - 2 * FARTHEST_PX, point + 2 * FARTHEST_PX)
    for _ in range(_ROUNDS):
        places = middle + rays[:, None] * radii[None, :, None]
        profile = profile_at(window, places, found, is_dense=is_dense(image))
        found = places[np.arange(RAYS), closed_path(edge_cost(profile, radii))]
        middle = found.mean(axis=0)
    if float(np.ptp(profile)) <= 1e-5 * float(np.abs(profile).max()):
        raise _nothing()
    return outline_along(smoothed(found, sigma=1.5), image)


def _nothing() -> OutlineError:
    return OutlineError(
        "no edge stands out around this point",
        hint="Click nearer to the deposit's middle, or draw a box around it.",
    )
