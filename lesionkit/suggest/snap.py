"""A few points on a deposit's border -> a closed line that keeps to the edge between them."""

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image
from lesionkit.core.region import Outline
from lesionkit.errors import OutlineError
from lesionkit.suggest.contour import outline_along, smoothed
from lesionkit.suggest.features import Window, must_lie_on, window_of

_ROOM = 0.25
_LEAST_ROOM = 12
_MOST_SIDE = 1024


def snap(image: Image, anchors: npt.ArrayLike, *, plane: int | None = None) -> Outline:
    """Return the closed line that runs through anchors in their order and keeps to edges between them.

    Parameters
    ----------
    image : Image
        A picture or a volume.
    anchors : array_like, shape (n, 2)
        At least three ``(row, col)`` on the deposit's border, going round it, pixels.
    plane : int, optional
        Of a volume.

    Raises
    ------
    OutlineError
        If there are fewer than three different anchors, one lies beside the image, or the line encloses
        nothing.
    ValueError
        If a plane is named of a planar image, or none of a volume.

    References
    ----------
    Mortensen EN, Barrett WA. Interactive segmentation with intelligent scissors. Graph Models Image Process
    1998;60:349-384 (OpenCV's ``IntelligentScissorsMB``).
    """
    points = must_lie_on(image, anchors, plane=plane)
    if len(np.unique(points, axis=0)) < 3:
        raise OutlineError(
            "an edge is followed between at least three points", hint="Set more points on the border."
        )
    room = max(_LEAST_ROOM, _ROOM * float(np.ptp(points, axis=0).max()))
    window = window_of(
        image, points.min(axis=0) - room, points.max(axis=0) + room, plane=plane, most_side=_MOST_SIDE
    )
    line = _traced(window, points)
    return outline_along(smoothed(window.to_image(line), sigma=1.5 * max(window.step)), image, plane=plane)


def _traced(window: Window, points: Floats) -> Floats:
    import cv2

    shape = window.looks.shape[:2]
    places = np.clip(np.rint(window.to_window(points)), 0, np.subtract(shape, 1)).astype(int)
    tool = cv2.segmentation.IntelligentScissorsMB()
    tool.setEdgeFeatureCannyParameters(16, 60)
    tool.setGradientMagnitudeMaxLimit(160)
    tool.applyImage(eight_bits(window.looks))
    pieces = []
    for here, there in zip(places, np.roll(places, -1, axis=0), strict=True):
        if (here == there).all():
            continue
        tool.buildMap((int(here[1]), int(here[0])))
        way = np.asarray(tool.getContour((int(there[1]), int(there[0])))).reshape(-1, 2)
        pieces.append(way[:-1, ::-1])
    return np.concatenate(pieces).astype(np.float64)


def eight_bits(looks: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Return looks as OpenCV wants them: each channel stretched from its darkest to its brightest hundredth.

    Colours are stretched alike, so that a hint of colour does not become as loud as light and dark.
    """
    low, high = np.percentile(looks.reshape(-1, looks.shape[2]), (1, 99), axis=0)
    span = max(float((high - low).max()), 1e-6)
    middle = (low + high) / 2
    stretched = np.clip((looks - middle) / span * 255 + 127.5, 0, 255)
    return np.ascontiguousarray(np.rint(stretched).astype(np.uint8))
