"""A marker's cells as a blurred picture shows them."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cover:
    """How much of each row (or column) of cells each pixel shows.

    Parameters
    ----------
    share : ndarray of float, shape (pixels, cells)
        Between 0 and 1.
    by_place : ndarray of float, shape (pixels, cells)
        Its change as the pixel moves by one cell.
    by_blur : ndarray of float, shape (pixels, cells)
        Its change as the blur grows by one pixel.
    """

    share: Floats
    by_place: Floats
    by_blur: Floats

    @classmethod
    def along(
        cls, axis: int, own: Floats, depth: Floats, to_cells: Floats, *, lines: int, blur: float
    ) -> "Cover":
        """Return how much pixels show along one axis of the marker.

        Parameters
        ----------
        axis : int
            0 for rows of cells, 1 for columns.
        own : ndarray of float, shape (pixels, 2)
            Where pixels lie on the marker, in cells.
        depth : ndarray of float, shape (pixels, 1)
            Third homogeneous coordinate of that.
        to_cells : ndarray of float, shape (3, 3)
            Carries pixels to cells.
        lines : int
            How many lines there are, with those before the first and after the last cell.
        blur : float
            Standard deviation of the blur, px.
        """
        from scipy.special import ndtr

        place = own[:, axis : axis + 1]
        slope = (to_cells[axis, :2] - place * to_cells[2, :2]) / depth
        width = blur * np.sqrt(np.einsum("nk,nk->n", slope, slope))[:, None]
        # Single precision: what is left of it is a ten-thousandth of a grey value.
        at = ((place - np.arange(lines)) / width).astype(np.float32)
        peak = np.exp(at * at * np.float32(-0.5)) * np.float32(1 / math.sqrt(2 * math.pi))
        wider = at * peak / -blur
        peak = peak / width
        step = ndtr(at)
        return cls(
            share=step[:, :-1] - step[:, 1:],
            by_place=peak[:, :-1] - peak[:, 1:],
            by_blur=wider[:, :-1] - wider[:, 1:],
        )


def at_edge(own: Floats, cells: npt.NDArray[np.uint8], *, reach: float) -> npt.NDArray[np.bool_]:
    """Return which places, in cells, are within `reach` of an edge between black and white."""
    count = len(cells)
    bright = np.pad(cells > 0, 2, constant_values=True)
    line = np.clip(np.rint(own).astype(int), 0, count)
    cell = np.clip(np.floor(own).astype(int), -1, count)
    near = np.abs(own - line) < reach
    down = bright[line[:, 0] + 1, cell[:, 1] + 2] != bright[line[:, 0] + 2, cell[:, 1] + 2]
    across = bright[cell[:, 0] + 2, line[:, 1] + 1] != bright[cell[:, 0] + 2, line[:, 1] + 2]
    return np.asarray((near[:, 0] & down) | (near[:, 1] & across))
