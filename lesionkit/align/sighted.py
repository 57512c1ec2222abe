"""A photograph as alignment sees it: small, with its skin and its features, each worked out once."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from lesionkit.align.features import LONG_SIDE, Described, describe
from lesionkit.align.skin import redness, skin_of, stretched
from lesionkit.core.image import Image


class Sighted:
    """A photograph that may be aligned with several others.

    Parameters
    ----------
    image : Image
        The photograph.
    """

    def __init__(self, image: Image) -> None:
        self.image = image
        self._described: dict[bool, tuple[Described, ...]] = {}

    @cached_property
    def small(self) -> npt.NDArray[np.uint8]:
        """Its pixels in 8 bits, at most `LONG_SIDE` long."""
        import cv2

        pixels = np.asarray(self.image.pixels)
        if pixels.dtype != np.uint8:
            pixels = (pixels >> 8).astype(np.uint8)
        scale = min(1.0, LONG_SIDE / max(pixels.shape[:2]))
        rows, cols = (max(1, round(side * scale)) for side in pixels.shape[:2])
        return np.asarray(cv2.resize(pixels, (cols, rows), interpolation=cv2.INTER_AREA), dtype=np.uint8)

    @cached_property
    def red(self) -> npt.NDArray[np.float32] | None:
        """Its redness, small; None where it has no colour."""
        return redness(self.small)

    @cached_property
    def skin(self) -> npt.NDArray[np.bool_] | None:
        """Where skin is, small; None where it does not stand out."""
        return None if self.red is None else skin_of(self.red)

    @property
    def full_skin(self) -> npt.NDArray[np.bool_] | None:
        """Where skin is, at full size."""
        if self.skin is None:
            return None
        import cv2

        rows, cols = self.image.grid.shape
        where = cv2.resize(self.skin.astype(np.uint8), (cols, rows), interpolation=cv2.INTER_NEAREST)
        return np.asarray(where > 0)

    @property
    def full_red(self) -> npt.NDArray[np.float32] | None:
        """Its redness at full size, as smooth as the small one."""
        if self.red is None:
            return None
        import cv2

        rows, cols = self.image.grid.shape
        return np.asarray(
            cv2.resize(self.red, (cols, rows), interpolation=cv2.INTER_LINEAR), dtype=np.float32
        )

    def described(self, *, on_skin: bool) -> tuple[Described, ...]:
        """Return its features, in the luma and, of a coloured picture, in the redness.

        Parameters
        ----------
        on_skin : bool
            Whether to look on the skin alone.
        """
        if on_skin not in self._described:
            skin = self.skin if on_skin else None
            layers = [_levelled(self._luma)]
            if self.red is not None:
                layers.append(stretched(self.red, skin))
            self._described[on_skin] = tuple(
                describe(layer, skin, shape=self.image.grid.shape) for layer in layers
            )
        return self._described[on_skin]

    @property
    def _luma(self) -> npt.NDArray[np.uint8]:
        import cv2

        if self.small.ndim == 2:
            return self.small
        return np.asarray(cv2.cvtColor(self.small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _levelled(luma: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return a luma with local contrast made even: skin has little beside a marker."""
    import cv2

    return np.asarray(cv2.createCLAHE(clipLimit=4.0, tileGridSize=(8, 8)).apply(luma), dtype=np.uint8)
