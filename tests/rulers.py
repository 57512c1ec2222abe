"""Small photographs of rulers through a pinhole, whose true scale is known everywhere."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from lesionkit.core.arrays import homogeneous
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality
from lesionkit.core.units import Unit
from lesionkit.phantom.light import encoded
from lesionkit.phantom.ruler import PX_PER_MM, RulerMake, draw_ruler

SHAPE = (840, 1120)
FOCAL = 1000.0
"""Of a picture 1400 px across its diagonal: 31 mm by 35 mm film."""


@dataclass(frozen=True, kw_only=True)
class View:
    """A camera over a plane; angles in degrees, places in mm (down, across)."""

    tilt: float = 0.0
    towards: float = 0.0
    distance_mm: float = 170.0

    @property
    def to_pixels(self) -> np.ndarray:
        axis = np.radians(self.tilt) * np.array(
            [-np.sin(np.radians(self.towards)), np.cos(np.radians(self.towards)), 0]
        )
        turn, _ = cv2.Rodrigues(axis)
        pose = np.column_stack([turn[:, 0], turn[:, 1], [0, 0, self.distance_mm]])
        middle = (np.asarray(SHAPE) - 1) / 2
        return np.array([[FOCAL, 0, middle[0]], [0, FOCAL, middle[1]], [0, 0, 1]]) @ pose

    def area_factor(self, grid: Grid, at: tuple[float, float], side_px: float = 4.0) -> float:
        """Return the area of a small square on the picture by a grid, over the true one."""
        square = np.asarray(at) + side_px * np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]])
        truth = homogeneous(np.linalg.inv(self.to_pixels), square)
        return area(grid.locate(square)) / area(truth)


def area(ring: np.ndarray) -> float:
    (a, b), (c, d) = ring.T, np.roll(ring, -1, axis=0).T
    return abs(float(np.sum(a * d - b * c))) / 2


@dataclass(frozen=True, kw_only=True)
class Laid:
    """A ruler whose middle lies at a place, turned; `stretch` makes its millimetres wrong."""

    make: RulerMake = field(default_factory=lambda: RulerMake(length_mm=100))
    at: tuple[float, float] = (20.0, 0.0)
    turn: float = 0.0
    stretch: float = 1.0


def photograph(*rulers: Laid, view: View | None = None, seed: int = 1, noise: float = 0.01) -> Image:
    """Return a grey-brown picture of rulers."""
    view = view or View()
    rng = np.random.default_rng(seed)
    light = np.full(SHAPE, 0.2, np.float32)
    for laid in rulers:
        paint = draw_ruler(laid.make)
        px_mm = view.distance_mm / FOCAL
        paint = cv2.GaussianBlur(paint, (0, 0), max(0.3, 0.4 * px_mm * PX_PER_MM))
        turn, (rows, cols) = np.radians(laid.turn), np.asarray(paint.shape) - 1
        to_mm = np.array([[1, 0, -rows / 2], [0, 1, -cols / 2], [0, 0, PX_PER_MM / laid.stretch]])
        to_mm = to_mm / to_mm[2, 2]
        lay = np.array(
            [
                [np.cos(turn), -np.sin(turn), laid.at[0]],
                [np.sin(turn), np.cos(turn), laid.at[1]],
                [0, 0, 1],
            ]
        )
        flip = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1.0]])  # OpenCV speaks of (col, row)
        onto = flip @ view.to_pixels @ lay @ to_mm @ flip
        size = (SHAPE[1], SHAPE[0])
        cover = cv2.warpPerspective(np.ones_like(paint), onto, size)
        light = light * (1 - cover) + cv2.warpPerspective(paint, onto, size) * cover
    stored = encoded(cv2.GaussianBlur(light, (0, 0), 0.6)) + noise * rng.standard_normal(SHAPE)
    grey = np.clip(np.rint(stored * 255), 0, 255).astype(np.uint8)
    pixels = np.stack([grey] * 3, axis=-1)
    return Image(modality=Modality.XC, pixels=pixels, grid=Grid(shape=SHAPE), intensity_unit=Unit.GREY)
