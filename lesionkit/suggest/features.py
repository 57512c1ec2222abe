"""What pixels look like to the tools: the few numbers in which deposits differ from what surrounds them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image
from lesionkit.errors import OutlineError

Field = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """Part of a picture, or of one plane of a volume, as the tools see it.

    Parameters
    ----------
    looks : ndarray of float32, shape (rows, cols, channels)
        CIELAB of a photograph (lightness 0 to 100), the pixel values of any other image.
    origin : tuple of int
        Row and column of its first pixel in the image.
    step : tuple of float
        Image pixels per pixel of the window along each axis; at least 1.
    cut : tuple of (bool, bool)
        Whether the image goes on before its first and behind its last row, and column.
    """

    looks: Field
    origin: tuple[int, int]
    step: tuple[float, float]
    cut: tuple[tuple[bool, bool], tuple[bool, bool]]

    def to_window(self, points: npt.ArrayLike) -> Floats:
        """Return points of the image in pixels of the window."""
        moved = np.asarray(points, dtype=np.float64) - self.origin
        return np.asarray((moved + 0.5) / np.asarray(self.step) - 0.5)

    def to_image(self, points: npt.ArrayLike) -> Floats:
        """Return points of the window in pixels of the image."""
        spread = (np.asarray(points, dtype=np.float64) + 0.5) * np.asarray(self.step) - 0.5
        return np.asarray(spread + self.origin)

    def touches_cut(self, inside: npt.NDArray[np.bool_]) -> bool:
        """Return whether pixels of the window reach an edge behind which the image goes on."""
        edges = ((inside[0], inside[-1]), (inside[:, 0], inside[:, -1]))
        return any(
            is_cut and bool(edge.any())
            for pair, cuts in zip(edges, self.cut, strict=True)
            for edge, is_cut in zip(pair, cuts, strict=True)
        )


def window_of(
    image: Image, low: npt.ArrayLike, high: npt.ArrayLike, *, plane: int | None = None, most_side: int = 4096
) -> Window:
    """Return the window from one corner to another, both within it, cut off at the image's border.

    Parameters
    ----------
    image : Image
        A picture or a volume.
    low, high : array_like, shape (2,)
        Row and column of its corners, pixels.
    plane : int, optional
        Of a volume.
    most_side : int
        A longer side is made as short, each pixel the mean of those it stands for.
    """
    rows, cols = image.grid.shape[-2:]
    first = np.clip(np.floor(np.asarray(low, dtype=np.float64)), 0, (rows - 1, cols - 1)).astype(int)
    last = np.clip(np.ceil(np.asarray(high, dtype=np.float64)), first, (rows - 1, cols - 1)).astype(int) + 1
    box = (slice(first[0], last[0]), slice(first[1], last[1]))
    pixels = image.pixels[box] if plane is None else image.pixels[plane][box]
    shape = pixels.shape[:2]
    share = min(1.0, most_side / max(shape))
    if share < 1:
        import cv2

        # Made smaller before colours are told: a window of a whole photograph costs a tenth of the time.
        size = (max(round(shape[1] * share), 1), max(round(shape[0] * share), 1))
        exact = pixels if pixels.dtype in (np.uint8, np.uint16) else pixels.astype(np.float32)
        pixels = cv2.resize(np.ascontiguousarray(exact), size, interpolation=cv2.INTER_AREA)
    looks = _looks(image, pixels)
    return Window(
        looks=looks,
        origin=(int(first[0]), int(first[1])),
        step=(shape[0] / looks.shape[0], shape[1] / looks.shape[1]),
        cut=((bool(first[0] > 0), bool(last[0] < rows)), (bool(first[1] > 0), bool(last[1] < cols))),
    )


def _looks(image: Image, pixels: npt.NDArray[Any]) -> Field:
    """Return pixels as the tools see them, shape (rows, cols, channels)."""
    if not image.is_colour:
        return np.asarray(pixels[..., None], dtype=np.float32)
    import cv2

    full_scale = np.float32(np.iinfo(pixels.dtype).max)
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / full_scale, cv2.COLOR_RGB2LAB))


def softened(looks: Field, sigma: float = 1.0) -> Field:
    """Return looks blurred by a Gaussian of so many pixels."""
    import cv2

    soft = cv2.GaussianBlur(looks, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    return np.asarray(soft).reshape(looks.shape)


def must_lie_on(image: Image, points: npt.ArrayLike, *, plane: int | None = None) -> Floats:
    """Return points ``(row, col)`` as an array once they all lie on the image.

    Raises
    ------
    OutlineError
        If one lies beside it, or a volume's plane does not exist.
    ValueError
        If a plane is named of a planar image, or none of a volume.
    """
    if (plane is None) != image.grid.is_planar:
        raise ValueError("a plane is named exactly where the image is a volume")
    pts = np.atleast_2d(np.asarray(points, dtype=np.float64))
    whole = pts if plane is None else np.column_stack([np.full(len(pts), plane), pts])
    if not np.isfinite(pts).all() or not image.grid.contains(whole).all():
        raise OutlineError("a point lies beside the image", hint="Mark the deposit on the image itself.")
    return pts
