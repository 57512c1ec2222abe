"""A stroke through a deposit, and perhaps one beside it -> its outline."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.image import Image
from lesionkit.core.region import Outline
from lesionkit.errors import OutlineError
from lesionkit.suggest.contour import outline_along, rings_at, smoothed
from lesionkit.suggest.features import Window, must_lie_on, window_of
from lesionkit.suggest.snap import eight_bits

_MOST_SIDE = 256
_ROUNDS = 4
_ROOMS = (1.0, 2.0, 4.0)
_LEAST_ROOM = 12.0
_NEAR = 0.6
"""What lies within this share of the stroke's length is taken for deposit at first."""

_NOT_HERE, _HERE, _PERHAPS_NOT, _PERHAPS = 0, 1, 2, 3


def outline_scribble(
    image: Image,
    inside: npt.ArrayLike,
    *,
    outside: Sequence[npt.ArrayLike] = (),
    plane: int | None = None,
) -> Outline:
    """Return the outline of what a stroke runs through.

    Colours (or grey values) under the stroke are the deposit's, those under strokes outside and along a
    window around it are not; the cheapest cut between the two, by how well each pixel fits either and how
    like its neighbours it is, is the outline (GrabCut). The window widens while the deposit reaches its
    border.

    Parameters
    ----------
    image : Image
        A picture or a volume.
    inside : array_like, shape (n, 2)
        A stroke ``(row, col)`` along the deposit, pixels; at least two points.
    outside : sequence of array_like, shape (n, 2)
        Strokes on what is not deposit.
    plane : int, optional
        Of a volume.

    Raises
    ------
    OutlineError
        If a stroke lies beside the image or has fewer than two points, or nothing is found under it.
    ValueError
        If a plane is named of a planar image, or none of a volume.

    References
    ----------
    Rother C, Kolmogorov V, Blake A. "GrabCut": interactive foreground extraction using iterated graph cuts.
    ACM Trans Graph 2004;23:309-314.
    """
    stroke = must_lie_on(image, inside, plane=plane)
    others = [must_lie_on(image, each, plane=plane) for each in outside]
    if len(np.unique(stroke, axis=0)) < 2:
        raise OutlineError("a stroke has at least two points", hint="Draw along the deposit, or click on it.")
    extent = float(np.ptp(stroke, axis=0).max())
    for room in _ROOMS:
        far = max(room * extent, _LEAST_ROOM)
        window = window_of(
            image, stroke.min(axis=0) - far, stroke.max(axis=0) + far, plane=plane, most_side=_MOST_SIDE
        )
        found = _cut(window, stroke, others)
        if not window.touches_cut(_fattened(found)):
            break
    return _outline(image, window, found, plane)


def _cut(
    window: Window, stroke: npt.NDArray[np.float64], others: Sequence[npt.NDArray[np.float64]]
) -> npt.NDArray[np.bool_]:
    import cv2
    from scipy.ndimage import label

    picture = eight_bits(window.looks)
    if picture.shape[2] == 1:
        picture = np.repeat(picture, 3, axis=2)
    belief = _near(window, stroke)
    for side, is_cut in zip((belief[:1], belief[-1:], belief[:, :1], belief[:, -1:]),
                            (*window.cut[0], *window.cut[1]), strict=True):  # fmt: skip
        if is_cut:
            side[:] = _NOT_HERE
    for points, what in ((stroke, _HERE), *((each, _NOT_HERE) for each in others)):
        line = np.round(window.to_window(points)[:, ::-1] * 16).astype(np.int32)
        cv2.polylines(belief, [line], isClosed=False, color=what, thickness=2, lineType=cv2.LINE_8, shift=4)
    if not (belief == _NOT_HERE).any():
        belief[:1] = belief[-1:] = _NOT_HERE
    cv2.setRNGSeed(0)  # GrabCut starts from random clusters; the same stroke must give the same line
    models = np.zeros((1, 65)), np.zeros((1, 65))
    result = cv2.grabCut(picture, belief, None, *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)[0]
    held = (result == _HERE) | (result == _PERHAPS)
    pieces, _ = label(held)
    under = np.clip(np.rint(window.to_window(stroke)), 0, np.subtract(held.shape, 1)).astype(int)
    numbers = np.unique(pieces[under[:, 0], under[:, 1]])
    return np.isin(pieces, numbers[numbers > 0])


def _near(window: Window, stroke: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    import cv2

    points = window.to_window(stroke)
    apart = np.ones(window.looks.shape[:2], dtype=np.uint8)
    line = np.round(points[:, ::-1] * 16).astype(np.int32)
    cv2.polylines(apart, [line], isClosed=False, color=0, thickness=1, lineType=cv2.LINE_8, shift=4)
    far = cv2.distanceTransform(apart, cv2.DIST_L2, 5) > _NEAR * float(np.hypot(*np.ptp(points, axis=0)))
    return np.where(far, _PERHAPS_NOT, _PERHAPS).astype(np.uint8)


def _fattened(found: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    # The window's own rim was told to be outside: what reaches the row within touches it.
    from scipy.ndimage import binary_dilation

    return np.asarray(binary_dilation(found))


def _outline(image: Image, window: Window, found: npt.NDArray[np.bool_], plane: int | None) -> Outline:
    rings = rings_at(np.where(found, 0.0, 1.0), 0.5)
    if not rings:
        raise OutlineError("nothing is found under the stroke", hint="Draw it along the whole deposit.")
    return outline_along(
        smoothed(window.to_image(rings[0]), sigma=1.5 * max(window.step)), image, plane=plane
    )
