"""A camera held over a plane: what of it falls on which pixel, by pinhole and lens."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats

_FULL_FRAME_DIAGONAL_MM = math.hypot(36, 24)
_UNDISTORTING_STEPS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera: what of the world falls on which pixel.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns; the default is 12 MP.
    focal_35mm : float
        Focal length of the same angle of view on 36 × 24 mm film, by the diagonal.
    k1, k2, p1, p2 : float
        Radial and tangential distortion, of coordinates in units of the focal length (Brown and Conrady).
    off_centre : tuple of float
        Where the optical axis meets the picture, ``(rows, cols)`` from its middle, px.
    """

    shape: tuple[int, int] = (3024, 4032)
    focal_35mm: float = 26.0
    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    off_centre: tuple[float, float] = (0.0, 0.0)

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return self.focal_35mm * math.hypot(*self.shape) / _FULL_FRAME_DIAGONAL_MM

    @property
    def centre(self) -> Floats:
        """Where the optical axis meets the picture, ``(row, col)``."""
        return (np.asarray(self.shape) - 1) / 2 + self.off_centre

    def bent(self, directions: Floats) -> Floats:
        """Return where the lens shows directions ``(down, right)`` over the depth, shape (..., 2)."""
        down, right = directions[..., 0], directions[..., 1]
        square = down**2 + right**2
        radial = 1 + square * (self.k1 + square * self.k2)
        cross = 2 * down * right
        return np.stack(
            [
                down * radial + self.p1 * (square + 2 * down**2) + self.p2 * cross,
                right * radial + self.p2 * (square + 2 * right**2) + self.p1 * cross,
            ],
            axis=-1,
        )

    def unbent(self, shown: Floats) -> Floats:
        """Return the directions that the lens shows at `shown`, by fixed-point iteration."""
        directions = shown
        for _ in range(_UNDISTORTING_STEPS):
            directions = directions + (shown - self.bent(directions))
        return directions


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A camera held over the plane on which everything lies.

    Parameters
    ----------
    camera : Camera
        The camera.
    tilt_deg : float
        Between the camera's axis and the plane's normal.
    towards_deg : float
        In which direction of the picture the plane falls away: 0 downwards, 90 to the right.
    roll_deg : float
        Turn of the plane about its normal, from down to right.
    distance_mm : float
        From the camera to the plane along its axis.
    aim_mm : tuple of float
        ``(down, across)`` on the plane that is seen in the optical centre.
    """

    camera: Camera
    tilt_deg: float = 0.0
    towards_deg: float = 0.0
    roll_deg: float = 0.0
    distance_mm: float = 350.0
    aim_mm: tuple[float, float] = (0.0, 0.0)

    @property
    def _axes(self) -> Floats:
        """Directions of the plane's down and across in the camera's (down, right, forward), as columns."""
        tilt, towards, roll = np.radians([self.tilt_deg, self.towards_deg, self.roll_deg])
        fall = np.array([math.cos(towards), math.sin(towards), 0.0])
        level = np.array([-math.sin(towards), math.cos(towards), 0.0])
        fallen = math.cos(tilt) * fall + np.array([0.0, 0.0, math.sin(tilt)])
        turn = roll - towards
        down = math.cos(turn) * fallen + math.sin(turn) * level
        across = -math.sin(turn) * fallen + math.cos(turn) * level
        return np.stack([down, across], axis=1)

    def to_pixels(self, points_mm: npt.ArrayLike, *, height_mm: npt.ArrayLike = 0.0) -> Floats:
        """Return ``(row, col)`` of points ``(down, across)`` in mm on the plane, or so high above it."""
        points = np.atleast_2d(np.asarray(points_mm, dtype=np.float64)) - self.aim_mm
        axes = self._axes
        above = np.cross(axes[:, 1], axes[:, 0])
        above *= -math.copysign(1.0, above[2])
        seen = points @ axes.T + np.array([0.0, 0.0, self.distance_mm])
        seen = seen + np.asarray(height_mm, dtype=np.float64)[..., None] * above
        shown = self.camera.bent(seen[:, :2] / seen[:, 2:])
        return np.asarray(self.camera.centre + self.camera.focal_px * shown)

    def to_plane(self, pixels: Floats) -> Floats:
        """Return ``(down, across)`` in mm on the plane of pixels ``(row, col)``, shape (..., 2)."""
        directions = self.camera.unbent((pixels - self.camera.centre) / self.camera.focal_px)
        axes = self._axes
        normal = np.cross(axes[:, 0], axes[:, 1])
        depth = self.distance_mm * normal[2] / (directions @ normal[:2] + normal[2])
        places = directions * depth[..., None] @ axes[:2] + (depth - self.distance_mm)[..., None] * axes[2]
        return np.asarray(places + self.aim_mm)
