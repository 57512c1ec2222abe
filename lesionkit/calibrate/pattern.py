"""A marker's whole pattern laid onto the picture: every edge of its cells says where its corners are."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.calibrate.cells import Cover, at_edge
from lesionkit.calibrate.homography import homography_of
from lesionkit.core.arrays import Floats, frozen, homogeneous

_STEPS = 8
_ROUGHLY = 500
_MOST_PIXELS = 2400
_LEAST_PIXELS = 80
_EDGE_PX = 3.5
_ROUGHLY_PX = 0.1
_NEARLY_PX = 0.02
_NEAR_PX = 6e-3
_NUDGE_PX = 1e-3
_LEAST_CONTRAST = 4.0
_STIFFEST = 10.0
_FLOOR_PX = 0.01
"""How near the fit comes to the truth in pictures of whatever quality: error that noise does not tell."""
_CORRELATION = 1.8
"""By how much errors are larger than independent noise makes them: neighbouring pixels share JPEG's and
the camera's own processing."""

UNIT_SQUARE = frozen([[0, 0], [0, 1], [1, 1], [1, 0]])
"""Corners of a marker, ``(down, across)``, going round from its top left."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """Where a marker's corners are, by its whole pattern.

    Parameters
    ----------
    corners : ndarray of float, shape (4, 2)
        ``(row, col)``, going round from the marker's top left.
    covariance : ndarray of float, shape (8, 8)
        Theirs, px².
    blur_px : float
        Standard deviation of the blur of its edges.
    contrast : float
        White less black over the noise of a pixel.
    """

    corners: Floats
    covariance: Floats
    blur_px: float
    contrast: float


def refine(grey: npt.NDArray[np.uint8], corners: Floats, cells: npt.NDArray[np.uint8]) -> Seen | None:
    """Return a marker's corners by least squares of its pattern, blurred, and the pixels of the picture.

    The pixels are described by the corners (8 numbers), one blur, light and contrast that change smoothly
    over the marker, and a term ``m (1 − m)`` of the blurred pattern ``m``: to first order it is what a tone
    curve, sharpening or spreading ink do to an edge, which otherwise make black squares look larger or
    smaller than they are.

    Parameters
    ----------
    grey : ndarray of uint8, shape (rows, cols)
        The picture.
    corners : ndarray of float, shape (4, 2)
        Where they are within some pixels, ``(row, col)``.
    cells : ndarray of uint8, shape (n, n)
        The marker with its black border, one value per cell: 0 is black.

    Returns
    -------
    Seen or None
        None where the pattern does not fit.

    References
    ----------
    Lucas BD, Kanade T. An iterative image registration technique. IJCAI 1981:674-9.
    """
    some = _Pixels.near(grey, corners, cells, most=_ROUGHLY)
    if some is None:
        return None
    rough = some.fit(corners, blur=1.0, until_px=_ROUGHLY_PX)
    if rough.contrast < _LEAST_CONTRAST:
        return None
    pixels = _Pixels.near(grey, rough.corners, cells, most=_MOST_PIXELS)
    return (
        None if pixels is None else pixels.fit(rough.corners, blur=rough.state.blur, until_px=_NEARLY_PX).seen
    )


class _Pixels:
    """Pixels in and around a marker, and what the pattern says of them."""

    def __init__(self, places: Floats, values: Floats, cells: npt.NDArray[np.uint8]) -> None:
        self.places = np.column_stack([places, np.ones(len(places))])
        self.values = values
        self.count = len(cells)
        self.black = (cells == 0).astype(np.float64)

    @classmethod
    def near(
        cls, grey: npt.NDArray[np.uint8], corners: Floats, cells: npt.NDArray[np.uint8], *, most: int
    ) -> "_Pixels | None":
        """Return the pixels near edges between black and white, and some of the others for the light."""
        count = len(cells)
        sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
        cell_px = float(sides.min()) / count
        rim = min(0.6, max(0.35, 4 / cell_px))
        low = np.maximum(np.floor(corners.min(axis=0) - rim * cell_px - 1), 0).astype(int)
        high = np.minimum(np.ceil(corners.max(axis=0) + rim * cell_px + 2), grey.shape).astype(int)
        if (high - low < 8).any():
            return None
        step = max(1, int(math.sqrt(np.prod(high - low) / (5 * most))))
        axes = [np.arange(first, last, step) for first, last in zip(low, high, strict=True)]
        places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.float64)
        own = homogeneous(homography_of(corners, UNIT_SQUARE * count), places)
        inside = ((own > -rim) & (own < count + rim)).all(axis=1)
        places, own = places[inside], own[inside]
        edge = at_edge(own, cells, reach=_EDGE_PX / cell_px)
        chosen = _every(np.flatnonzero(edge), most), _every(np.flatnonzero(~edge), most // 4)
        places = places[np.concatenate(chosen)]
        if len(places) < _LEAST_PIXELS:
            return None
        rows, cols = places.astype(int).T
        return cls(places, grey[rows, cols].astype(np.float64), cells)

    def fit(self, start: Floats, *, blur: float, until_px: float) -> "_Best":
        """Return the corners that explain the pixels best (Levenberg and Marquardt)."""
        corners, damping = start, 1e-3
        state = self._described(corners, blur)
        normal = np.eye(0)
        for _ in range(_STEPS):
            slope = self._slopes(corners, state)
            weighted = slope * state.weight[:, None]
            normal, gradient = slope.T @ weighted, weighted.T @ state.rest
            moved, there = self._better(corners, state, normal, gradient, damping)
            if there is None:
                break
            corners, state, damping = corners + moved, there, damping / 10
            if np.abs(moved).max() < until_px:
                break
        return _Best(corners=corners, state=state, normal=normal)

    def _better(
        self, corners: Floats, state: "_State", normal: Floats, gradient: Floats, damping: float
    ) -> "tuple[Floats, _State | None]":
        """Return a step and what it comes to; None where none is better, or worth its while."""
        while damping < _STIFFEST:
            step = np.linalg.solve(normal + damping * np.diag(np.diag(normal) + 1e-9), gradient)
            moved = np.clip(step[:8], -2, 2).reshape(4, 2)
            if np.abs(moved).max() < _NEAR_PX:
                break
            there = self._described(corners + moved, float(np.clip(state.blur + step[8], 0.3, 8.0)))
            if there.cost <= state.cost:
                return moved, there
            damping *= 10
        return np.zeros((4, 2)), None

    def _described(self, corners: Floats, blur: float) -> "_State":
        """Return how the pattern, blurred, and light that suits it best describe the pixels."""
        to_cells = homography_of(corners, UNIT_SQUARE * self.count)
        own = self.places @ to_cells.T
        depth = own[:, 2:]
        own = own[:, :2] / depth
        down, across = (
            Cover.along(axis, own, depth, to_cells, lines=self.count + 1, blur=blur) for axis in (0, 1)
        )
        inked = down.share @ self.black
        white = 1 - np.einsum("ni,ni->n", inked, across.share)
        u, v = (own * (2 / self.count) - 1).T
        smooth = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=1)
        columns = np.column_stack([smooth, smooth * white[:, None], white * (1 - white)])
        light, rest, weight = _solved(columns, self.values)
        return _State(
            blur=blur,
            white=white,
            down=down,
            across=across,
            inked=inked,
            own=own,
            depth=depth,
            columns=columns,
            light=light,
            rest=rest,
            weight=weight,
        )

    def _slopes(self, corners: Floats, state: "_State") -> Floats:
        """Return the derivatives of what describes the pixels: by 8 corner coordinates, blur and light."""
        by_white = state.columns[:, :6] @ state.light[6:12] + state.light[12] * (1 - 2 * state.white)
        down, across, inked = state.down, state.across, state.inked
        by_place = np.stack(
            [
                np.einsum("ni,ni->n", down.by_place @ self.black, across.share),
                np.einsum("ni,ni->n", inked, across.by_place),
            ],
            axis=1,
        )
        by_blur = np.einsum("ni,ni->n", down.by_blur @ self.black, across.share)
        by_blur += np.einsum("ni,ni->n", inked, across.by_blur)
        along = by_place * (-by_white[:, None] / state.depth)
        by_matrix = np.column_stack(
            [
                along[:, :1] * self.places,
                along[:, 1:] * self.places,
                -np.einsum("nk,nk->n", along, state.own)[:, None] * self.places,
            ]
        )
        base = homography_of(corners, UNIT_SQUARE * self.count)
        by_corner = []
        for index in range(8):
            shifted = corners.copy()
            shifted.flat[index] += _NUDGE_PX
            by_corner.append((homography_of(shifted, UNIT_SQUARE * self.count) - base).ravel() / _NUDGE_PX)
        return np.column_stack([by_matrix @ np.stack(by_corner, axis=1), -by_white * by_blur, state.columns])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Best:
    """Where a fit ended."""

    corners: Floats
    state: "_State"
    normal: Floats

    @property
    def noise(self) -> float:
        return max(1.4826 * float(np.median(np.abs(self.state.rest))), 0.3)

    @property
    def contrast(self) -> float:
        return float(self.state.light[6]) / self.noise

    @property
    def seen(self) -> Seen | None:
        """What is told of the marker; None where the pattern does not stand out from the noise."""
        if self.contrast < _LEAST_CONTRAST:
            return None
        spread = np.linalg.pinv(self.normal)[:8, :8] * (self.noise * _CORRELATION) ** 2
        covariance = np.asarray(spread + np.eye(8) * _FLOOR_PX**2)
        return Seen(
            corners=self.corners, covariance=covariance, blur_px=self.state.blur, contrast=self.contrast
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _State:
    """What describes the pixels at one place of the corners and one blur."""

    blur: float
    white: Floats
    down: Cover
    across: Cover
    inked: Floats
    own: Floats
    depth: Floats
    columns: Floats
    light: Floats
    rest: Floats
    weight: Floats

    @property
    def cost(self) -> float:
        """Huber's sum of the residuals."""
        return float(np.sum(self.weight * self.rest**2))


def _solved(columns: Floats, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return light, residuals and weights; pixels that do not fit at first count less in the light."""
    light = _least(columns, values)
    weight = _weights(values - columns @ light)
    light = _least(columns * np.sqrt(weight)[:, None], values * np.sqrt(weight))
    rest = values - columns @ light
    return light, rest, weight


def _least(columns: Floats, values: Floats) -> Floats:
    normal = columns.T @ columns
    return np.asarray(np.linalg.solve(normal + np.eye(len(normal)) * 1e-6, columns.T @ values))


def _every(places: npt.NDArray[np.intp], most: int) -> npt.NDArray[np.intp]:
    """Return evenly spread ones of many."""
    return places[:: max(1, math.ceil(len(places) / most))]


def _weights(rest: Floats) -> Floats:
    """Return Huber's weights: pixels that a glare or a thread covers count less."""
    size = max(1.4826 * float(np.median(np.abs(rest))), 0.5) * 2.5
    return np.asarray(np.minimum(1.0, size / np.maximum(np.abs(rest), 1e-9)))
