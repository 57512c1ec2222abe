"""CT and MR volumes of the limb: materials sampled within every voxel, blurred, with noise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.phantom.anatomy import Limb
from lesionkit.phantom.concretion import Concretion
from lesionkit.phantom.noise import rng_of
from lesionkit.phantom.surface import look_up

_SAMPLES = 3
"""Samples per voxel and axis: what a border voxel holds is known to 1/27."""

SKIN_MM = 1.6
FAT_SHARE = 0.16
"""Thickness of the fat under the skin over the limb's half thickness."""

_FLESHY_MM = 13.0
"""Half thickness above which muscles are large enough to be told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """How the limb lies in the scanner: turned about the wrist, then shifted.

    Parameters
    ----------
    turn_deg : tuple of float
        About x, y and z.
    shift_mm : tuple of float
        Along x, y and z.
    """

    turn_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def rotation(self) -> Floats:
        """Rotation from the limb's to the scanner's coordinates, shape (3, 3)."""
        a, b, c = (math.radians(angle) for angle in self.turn_deg)
        about_x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
        about_y = np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
        about_z = np.array([[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]])
        return np.asarray(about_z @ about_y @ about_x)

    def to_limb(self, points: Floats) -> Floats:
        """Return scanner coordinates as the limb's own, shape (..., 3)."""
        return np.asarray((points - np.asarray(self.shift_mm)) @ self.rotation)

    def to_scanner(self, points: Floats) -> Floats:
        """Return the limb's own coordinates as the scanner's, shape (..., 3)."""
        return np.asarray(points @ self.rotation.T + np.asarray(self.shift_mm))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The grid of an axial series: planes along +z, rows along +y, columns along +x.

    Parameters
    ----------
    shape : tuple of int
        Planes, rows, columns.
    spacing_mm : tuple of float
        In the same order.
    middle : tuple of float
        x, y, z of the middle of the block in the limb's resting place, mm.
    """

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    middle: tuple[float, float, float]

    @property
    def affine(self) -> Floats:
        """Carries ``(plane, row, col, 1)`` to LPS mm; right-handed, shape (4, 4)."""
        planes, rows, cols = self.spacing_mm
        matrix = np.array([[0, 0, cols, 0], [0, rows, 0, 0], [planes, 0, 0, 0], [0, 0, 0, 1.0]])
        # (plane, row, col) -> (z, y, x) is a mirror image; counting planes downwards rights it
        matrix[2, 0] = -planes
        half = (np.asarray(self.shape) - 1) / 2
        matrix[:3, 3] = np.asarray(self.middle) - matrix[:3, :3] @ half
        return matrix

    def points(self, offset: tuple[float, float, float] = (0, 0, 0)) -> Floats:
        """Return LPS mm of every voxel's centre moved by a share of a voxel, shape ``(*shape, 3)``."""
        axes = [np.arange(n) + o for n, o in zip(self.shape, offset, strict=True)]
        index = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
        return np.asarray(index @ self.affine[:3, :3].T + self.affine[:3, 3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tissues:
    """What a scanner makes of each material.

    Parameters
    ----------
    air, skin, fat, muscle, cortex, marrow : float
        Pixel values.
    calcium : float, optional
        Of deposits; None = each its own density in HU.
    blur_mm : float
        Standard deviation of the point spread.
    noise : float
        Standard deviation of the noise.
    is_magnitude : bool
        Whether noise is that of a magnitude image (Rician: never below zero).
    """

    air: float
    skin: float
    fat: float
    muscle: float
    cortex: float
    marrow: float
    calcium: float | None
    blur_mm: float
    noise: float
    is_magnitude: bool = False


CT_TISSUES = Tissues(
    air=-1000, skin=60, fat=-95, muscle=55, cortex=1250, marrow=180, calcium=None, blur_mm=0.45, noise=14
)
T1_TISSUES = Tissues(
    air=0,
    skin=330,
    fat=900,
    muscle=360,
    cortex=25,
    marrow=780,
    calcium=30,
    blur_mm=0.4,
    noise=14,
    is_magnitude=True,
)


def depth_of(limb: Limb, concretion: Concretion) -> float:
    """Return y of a concretion's centre, mm: so far under the back of the limb."""
    x, z = concretion.centre
    return float(-limb.half_thickness(x, z)) + concretion.sunk_mm


def inside(limb: Limb, concretion: Concretion, points: Floats) -> npt.NDArray[np.bool_]:
    """Return which points (the limb's own coordinates, mm, shape (..., 3)) lie in a concretion."""
    depth = (points[..., 1] - depth_of(limb, concretion)) / concretion.semi_axes[2]
    return np.asarray(concretion.inwardness(points[..., 0], points[..., 2]) + depth**2 <= 1)


def true_voxels(limb: Limb, concretion: Concretion, *, block: Block, pose: Pose) -> npt.NDArray[np.bool_]:
    """Return the voxels whose centres lie in a concretion, shape as the block's."""
    return inside(limb, concretion, pose.to_limb(block.points()))


def scan_volume(
    limb: Limb,
    concretions: Sequence[Concretion],
    *,
    block: Block,
    tissues: Tissues,
    seed: int,
    pose: Pose | None = None,
    noise: float = 1.0,
) -> npt.NDArray[np.int16]:
    """Return a volume, shape as the block's: HU for CT, arbitrary signal for MR.

    Parameters
    ----------
    limb : Limb
        What is scanned.
    concretions : sequence of Concretion
        Calcium in it.
    block : Block
        Where.
    tissues : Tissues
        What each material looks like.
    seed : int
        Of the noise.
    pose : Pose, optional
        How the limb lies.
    noise : float
        Over the tissues' own noise; 0 = none.
    """
    from scipy.ndimage import gaussian_filter

    pose = pose or Pose()
    offsets = (np.arange(_SAMPLES) + 0.5) / _SAMPLES - 0.5
    total = np.zeros(block.shape, dtype=np.float32)
    for plane in offsets:
        for row in offsets:
            for col in offsets:
                total += _material(limb, concretions, tissues, pose.to_limb(block.points((plane, row, col))))
    mean = total / _SAMPLES**3
    sigma = [tissues.blur_mm / spacing for spacing in block.spacing_mm]
    blurred = gaussian_filter(mean, sigma, mode="nearest")
    if noise:
        blurred = _with_noise(blurred, rng_of(seed, "volume"), noise * tissues.noise, tissues)
    return np.asarray(np.clip(np.round(blurred), -1024, 3071), dtype=np.int16)


def _with_noise(
    mean: npt.NDArray[np.float32], rng: np.random.Generator, sigma: float, tissues: Tissues
) -> npt.NDArray[np.float32]:
    first = mean + sigma * rng.standard_normal(mean.shape, dtype=np.float32)
    if not tissues.is_magnitude:
        return np.asarray(np.where(mean < -990, tissues.air, first), dtype=np.float32)
    second = sigma * rng.standard_normal(mean.shape, dtype=np.float32)
    return np.asarray(np.hypot(first, second), dtype=np.float32)


def _material(
    limb: Limb, concretions: Sequence[Concretion], tissues: Tissues, points: Floats
) -> npt.NDArray[np.float32]:
    flat = points.reshape(-1, points.shape[-2], 3)
    square, slope = (f.reshape(points.shape[:-1]) for f in look_up(limb, flat[..., 0], flat[..., 2]))
    y2 = points[..., 1] ** 2
    body = square - y2
    # distance to the surface to first order: value over gradient of the implicit surface
    depth = body / np.maximum(np.hypot(slope, 2 * points[..., 1]), 1e-6)
    fat_mm = FAT_SHARE * np.sqrt(np.maximum(square, 0)) + 1.0
    value = np.full(body.shape, tissues.air, dtype=np.float32)
    value[body >= 0] = tissues.skin
    value[(body >= 0) & (depth > SKIN_MM)] = tissues.fat
    flesh = (body >= 0) & (depth > SKIN_MM + fat_mm)
    value[flesh] = tissues.muscle
    septa = flesh & (square > _FLESHY_MM**2) & (np.abs(_compartments(points)) < 0.055)
    value[septa] = 0.5 * (tissues.muscle + tissues.fat)
    _add_bones(limb, tissues, points, value)
    for concretion in concretions:
        calcium = tissues.calcium if tissues.calcium is not None else concretion.density_hu
        value[inside(limb, concretion, points)] = calcium
    return value


def _compartments(points: Floats) -> Floats:
    """Return a smooth function of place whose zeros are the planes of fat between muscles."""
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    wave = np.sin(x / 6.5 + 0.6 * np.sin(y / 7) + z / 60) + np.sin(y / 5.5 + 0.7 * np.sin(x / 8) - z / 75)
    return np.asarray(wave + 0.15)


def _add_bones(limb: Limb, tissues: Tissues, points: Floats, value: npt.NDArray[np.float32]) -> None:
    low, high = points.reshape(-1, 3).min(axis=0), points.reshape(-1, 3).max(axis=0)
    for bone in limb.bones:
        ends = np.array([bone.start, bone.end])
        reach = max(*bone.ends, bone.waist)
        if (ends.min(axis=0) - reach > high[[0, 2]]).any() or (ends.max(axis=0) + reach < low[[0, 2]]).any():
            continue
        whole, inner = bone.squares(points[..., 0], points[..., 2])
        y2 = (points[..., 1] - bone.depth) ** 2
        value[whole >= y2] = tissues.cortex
        value[inner >= y2] = tissues.marrow
