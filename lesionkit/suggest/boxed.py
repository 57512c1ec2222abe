"""Two corners of a box drawn around a deposit -> its outline."""

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image
from lesionkit.core.region import Outline
from lesionkit.errors import OutlineError
from lesionkit.suggest.contour import outline_along, smoothed
from lesionkit.suggest.edges import is_dense, profile_at
from lesionkit.suggest.features import must_lie_on, window_of
from lesionkit.suggest.paths import closed_path, edge_cost

RAYS, PLACES = 128, 64

NEAREST, FARTHEST = 0.45, 1.4
"""Where on a ray the edge is sought, in units of the ellipse that touches the box's sides."""

LEAVING = 1.06
"""So far beyond the box's sides the line may run: a box is drawn by hand."""

_MOST_SIDE = 384
_ROUND = 5.0
_OUTSIDE = 2.0


def outline_box(image: Image, corners: npt.ArrayLike, *, plane: int | None = None) -> Outline:
    """Return the outline of the deposit in a box.

    From the box's middle, the look is taken along rays out to just beyond its sides; the closed line with the
    steepest fall from inside to outside is the outline. It lies in the box, near the ellipse that touches its
    sides rather than far from it, and is star-shaped about the box's middle. Edges that cross the deposit,
    such as those of a bone behind it, are passed over where they do not run around it.

    Parameters
    ----------
    image : Image
        A picture or a volume.
    corners : array_like, shape (2, 2)
        Two opposite corners ``(row, col)`` of a box that holds the deposit closely, pixels.
    plane : int, optional
        Of a volume.

    Raises
    ------
    OutlineError
        If a corner lies beside the image, or the box is smaller than 3 × 3 pixels.
    ValueError
        If a plane is named of a planar image, or none of a volume.
    """
    pts = must_lie_on(image, corners, plane=plane)
    low, high = pts.min(axis=0), pts.max(axis=0)
    if pts.shape != (2, 2) or (high - low < 2).any():
        raise OutlineError("the box is too small to hold a deposit", hint="Draw it around the whole deposit.")
    middle, half = (low + high) / 2, (high - low) / 2
    room = half * (FARTHEST - 1) + 3
    window = window_of(image, low - room, high + room, plane=plane, most_side=_MOST_SIDE)
    angles = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    along = np.linspace(NEAREST, FARTHEST, PLACES)
    rays = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    places = middle + rays[:, None] * half * along[None, :, None]
    profile = profile_at(window, places, _ellipse(middle, half, angles), is_dense=is_dense(image))
    lengths = np.hypot(*(rays * half).T)[:, None] * along
    beyond = (np.abs(rays[:, None] * along[None, :, None]) > LEAVING).any(axis=-1)
    cost = edge_cost(profile, lengths) + _ROUND * (along - 1) ** 2 + _OUTSIDE * beyond
    found = places[np.arange(RAYS), closed_path(cost)]
    step = float(np.mean(lengths[:, -1]) / FARTHEST) * 2 * np.pi / RAYS
    return outline_along(smoothed(found, sigma=max(1.0, step)), image, plane=plane)


def _ellipse(middle: Floats, half: Floats, angles: Floats) -> Floats:
    return np.asarray(middle + np.stack([np.sin(angles), np.cos(angles)], axis=1) * half)
