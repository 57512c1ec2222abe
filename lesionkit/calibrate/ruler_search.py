"""Where in a photograph a ruler may lie: long narrow bands of short parallel strokes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats

Grey = npt.NDArray[np.uint8]

LONGEST_SIDE_PX = 2000
"""Pictures are looked through at this size and at halves of it."""

_LEVELS = 4
_BLOCK_PX = 6
_COHERENT = 0.55
"""Least coherence of the gradient: 1 where all edges are parallel, 0 where none is preferred."""
_BALANCED = 0.35
"""Most of the gradient's square that its mean may hold: light and dark alternate, so strokes cancel."""
_LEAST_GRADIENT = 5.0
"""Grey values per pixel (root mean square)."""
_LEAST_BLOCKS = 13
_WIDEST = 0.4
"""Thickness of a band over its length."""
_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Band:
    """A narrow band of strokes that lie across it.

    Parameters
    ----------
    shrink : float
        Pixels of the whole picture per pixel of the picture in which it was found.
    middle : ndarray of float, shape (2,)
        ``(row, col)`` in the whole picture.
    along : ndarray of float, shape (2,)
        Unit vector ``(row, col)`` along it.
    length, thickness : float
        In pixels of the whole picture.
    weight : float
        Larger where more strokes are parallel.
    """

    shrink: float
    middle: Floats
    along: Floats
    length: float
    thickness: float
    weight: float


def find_bands(pictures: tuple[Grey, ...]) -> tuple[Band, ...]:
    """Return the bands of a photograph in which ticks of a ruler may stand, the weightiest first.

    Blocks of pixels are kept whose gradients share one direction (structure tensor) and cancel one another;
    those that touch and point alike make a band if it is long along their gradient and narrow across.

    Parameters
    ----------
    pictures : tuple of ndarray of uint8, shape (rows, cols)
        The photograph and smaller copies of it, the largest first, as `pyramid` makes them.

    References
    ----------
    Bigün J, Granlund GH. Optimal orientation detection of linear symmetry. ICCV 1987:433-8.
    """
    bands: list[Band] = []
    for grey in pictures:
        if max(grey.shape) <= LONGEST_SIDE_PX and min(grey.shape) >= _LEAST_BLOCKS * _BLOCK_PX:
            bands.extend(_bands(grey, shrink=max(pictures[0].shape) / max(grey.shape)))
    return tuple(sorted(bands, key=lambda band: -band.weight)[:_MOST])


def pyramid(grey: Grey) -> tuple[Grey, ...]:
    """Return a photograph and its smaller copies: at `LONGEST_SIDE_PX` and at halves of it."""
    import cv2

    out = [grey]
    side = min(LONGEST_SIDE_PX, max(grey.shape))
    for _ in range(_LEVELS):
        if side < max(out[-1].shape):
            share = side / max(grey.shape)
            size = (max(1, round(grey.shape[1] * share)), max(1, round(grey.shape[0] * share)))
            out.append(np.asarray(cv2.resize(out[-1], size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
        side //= 2
    return tuple(out)


def _bands(grey: Grey, *, shrink: float) -> Iterator[Band]:
    import cv2

    angle, fit = _strokes(grey)
    for centre in np.arange(0, math.pi, math.pi / 12):
        apart = np.abs((angle - centre + math.pi / 2) % math.pi - math.pi / 2)
        near = (fit > 0) & (apart < math.radians(14))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(near.astype(np.uint8), connectivity=8)
        spans = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
        for label in range(1, count):
            if spans[label] < _LEAST_BLOCKS:
                continue
            left, top, wide, high = stats[label, :4]
            part = labels[top : top + high, left : left + wide] == label
            blocks = np.argwhere(part) + np.array([top, left])
            band = _band(blocks, angle, fit, shrink=shrink)
            # A band whose direction lies nearer to another bin's middle is found there.
            if band is not None and _apart(math.atan2(*band.along), float(centre)) <= math.pi / 24 + 0.02:
                yield band


def _apart(first: float, second: float) -> float:
    return abs((first - second + math.pi / 2) % math.pi - math.pi / 2)


def _strokes(grey: Grey) -> tuple[Floats, Floats]:
    """Return the direction of the gradient in every block, and how well it is one; 0 where it is none."""
    import cv2

    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.125)
    right = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.125)
    size = (grey.shape[1] // _BLOCK_PX, grey.shape[0] // _BLOCK_PX)

    def mean(field: npt.NDArray[np.float32]) -> Floats:
        whole = field[: size[1] * _BLOCK_PX, : size[0] * _BLOCK_PX]
        small = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.blur(small, (3, 3)), dtype=np.float64)

    dd, rr, dr = mean(down * down), mean(right * right), mean(down * right)
    total = dd + rr
    coherence = np.hypot(dd - rr, 2 * dr) / np.maximum(total, 1e-9)
    lean = (mean(down) ** 2 + mean(right) ** 2) / np.maximum(total, 1e-9)
    is_stroke = (coherence > _COHERENT) & (lean < _BALANCED) & (total > _LEAST_GRADIENT**2)
    return np.asarray(np.arctan2(2 * dr, rr - dd) / 2), np.where(is_stroke, coherence, 0.0)


def _band(blocks: npt.NDArray[np.int64], angle: Floats, fit: Floats, *, shrink: float) -> Band | None:
    """Return the band that blocks make, if it is long along their gradient and narrow across."""
    at = tuple(blocks.T)
    middle = blocks.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov((blocks - middle).T))
    along = axes[:, 1] if axes[1, 1] >= 0 else -axes[:, 1]
    span = np.ptp((blocks - middle) @ along) + 1
    thick = len(blocks) / span
    gradient = np.angle(np.sum(fit[at] * np.exp(2j * angle[at]))) / 2
    if span < _LEAST_BLOCKS or thick > _WIDEST * span:
        return None
    if _apart(math.atan2(along[0], along[1]), float(gradient)) > math.radians(18):
        return None
    scale = _BLOCK_PX * shrink
    reach = (blocks - middle) @ along
    centre = middle + along * (reach.max() + reach.min()) / 2
    return Band(
        shrink=shrink,
        middle=(centre + 0.5) * scale - 0.5,
        along=along,
        length=float(span * scale),
        thickness=float(thick * scale),
        weight=float(fit[at].sum()),
    )
