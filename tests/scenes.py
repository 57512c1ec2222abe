"""Pictures and volumes of made-up limbs, seen from a known place, for alignment to find again."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial.transform import Rotation

from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.units import Unit

SPACING = (0.2, 0.25)
SHAPE = (200, 260)


def texture(seed: int, shape: tuple[int, int] = SHAPE) -> Floats:
    """Return a pattern with detail at several scales, mean 0 and standard deviation 1."""
    rng = np.random.default_rng(seed)
    layers = [weight * size * gaussian_filter(rng.normal(size=shape), size) for size, weight in _SCALES]
    total = sum(layers[1:], layers[0])
    return total / total.std()


_SCALES = ((1.2, 1.0), (3.0, 1.0), (8.0, 1.5))


def planar(
    pixels: npt.NDArray[np.generic],
    modality: Modality,
    *,
    spacing_mm: tuple[float, float] | None = SPACING,
) -> Image:
    """Return pixels as a photograph or radiograph."""
    source = ScaleSource.NONE if spacing_mm is None else ScaleSource.MARKER
    return Image(
        modality=modality,
        pixels=pixels,
        grid=Grid(shape=pixels.shape[:2], spacing_mm=spacing_mm, scale_source=source),
        intensity_unit=Unit.GREY if modality is Modality.XC else Unit.STORED,
    )


def uncalibrated(image: Image) -> Image:
    """Return an image without its scale."""
    return replace(image, grid=Grid(shape=image.grid.shape))


def grey_picture(seed: int) -> npt.NDArray[np.uint8]:
    """Return a textured grey picture."""
    return np.clip(128 + 28 * texture(seed), 0, 255).astype(np.uint8)


def turned(*, angle_deg: float, scale: float, shift: tuple[float, float]) -> Floats:
    """Return a similarity of the object's plane, in mm, as it carries (row, col) pixels of `SPACING`."""
    angle = np.deg2rad(angle_deg)
    plane = np.eye(3)
    plane[:2, :2] = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    plane[:2, 2] = shift
    onto = np.diag([*SPACING, 1.0])
    return np.linalg.inv(onto) @ plane @ onto


def seen_from(
    pixels: npt.NDArray[np.generic], onto_pixels: Floats, *, shape: tuple[int, int] = (190, 250)
) -> npt.NDArray[np.generic]:
    """Return the picture whose (row, col) are carried onto those of `pixels` by a matrix."""
    swap = np.eye(3)[[1, 0, 2]]
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(pixels, swap @ onto_pixels @ swap, shape[::-1], flags=flags))


def noisy(pixels: npt.NDArray[np.generic], *, sd: float) -> npt.NDArray[np.generic]:
    """Return pixels with noise, in their own type."""
    most = np.iinfo(pixels.dtype).max
    added = pixels + np.random.default_rng(5).normal(0, sd, pixels.shape)
    return np.clip(np.round(added), 0, most).astype(pixels.dtype)


def hand_on_cloth(
    skin_seed: int,
    onto_hand: Floats,
    *,
    ruler_at: tuple[int, int],
    light: float = 1.0,
    shape: tuple[int, int] = (420, 520),
) -> npt.NDArray[np.uint8]:
    """Return a photograph of a brown-red oval with pigment, veins and pores on blue cloth, a ruler beside it.

    The skin is seen through `onto_hand`, which carries the photograph's (row, col) onto the skin's;
    the ruler lies at a place of the photograph.
    """
    rows, cols = np.mgrid[: shape[0], : shape[1]]
    there = homogeneous(onto_hand, np.stack([rows.ravel(), cols.ravel()], axis=1)).T
    size = (420, 520)
    red = texture(skin_seed, size)
    pigment = map_coordinates(red, there, order=1).reshape(shape)
    inside = (((there[0] - 210) / 170) ** 2 + ((there[1] - 230) / 130) ** 2 < 1).reshape(shape)
    picture = np.empty((*shape, 3))
    picture[:] = (60, 95, 130)
    skin = np.stack([200 + 4 * pigment, 140 + 12 * pigment, 115 + 12 * pigment], axis=-1)
    picture[inside] = skin[inside]
    picture *= light * (1 + 0.15 * (cols / shape[1])[..., None])
    top, left = ruler_at
    picture[top : top + 300, left : left + 40] = 225
    for tick in range(0, 300, 6):
        width = 30 if tick % 30 == 0 else 14 + tick % 4
        picture[top + tick : top + tick + 2, left : left + width] = 20
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def rigid(angles_deg: tuple[float, float, float], shift_mm: tuple[float, float, float]) -> Floats:
    """Return a rigid motion of patient coordinates."""
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("xyz", angles_deg, degrees=True).as_matrix()
    matrix[:3, 3] = shift_mm
    return matrix


def axial_grid(
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    *,
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0),
    frame: str | None = None,
) -> Grid:
    """Return a grid of transverse planes around a place."""
    return _grid(shape, spacing_mm, np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]]), centre, frame)


def coronal_grid(
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    *,
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Grid:
    """Return a grid of coronal planes, head up, around a place."""
    return _grid(shape, spacing_mm, np.array([[0.0, 0, 1], [1, 0, 0], [0, -1, 0]]), centre, None)


def _grid(
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    directions: Floats,
    centre: tuple[float, float, float],
    frame: str | None,
) -> Grid:
    linear = directions * np.asarray(spacing_mm)
    if np.linalg.det(linear) < 0:
        linear[:, 0] *= -1
    affine = np.eye(4)
    affine[:3, :3] = linear
    affine[:3, 3] = np.asarray(centre) - linear @ ((np.asarray(shape) - 1) / 2)
    return Grid(
        shape=shape,
        spacing_mm=spacing_mm,
        affine=affine,
        frame_of_reference=frame,
        scale_source=ScaleSource.PATIENT_PLANE,
    )


def limb(seed: int, grid: Grid, *, pose: Floats, noise_hu: float = 20.0) -> Image:
    """Return a CT of an ellipsoid limb with five bones, its inside made from a seed, posed in the scanner."""
    index = np.indices(grid.shape).reshape(3, -1).T
    x, y, z = homogeneous(np.linalg.inv(pose), grid.locate(index)).T
    rng = np.random.default_rng(seed)
    cloud = gaussian_filter(rng.normal(size=(64, 64, 64)), 1.5)
    body = (x / 45) ** 2 + (y / 30) ** 2 + (z / 55) ** 2 < 1
    flesh = 40 + 40 / cloud.std() * map_coordinates(cloud, [(c + 64) / 2 for c in (x, y, z)], order=1)
    values = np.where(body, flesh, -1000.0)
    for _ in range(5):
        across, along = rng.uniform((-28, -15), (28, 15)), rng.uniform(-20, 20)
        wide, deep, long = rng.uniform((3, 3, 15), (6, 6, 30))
        bone = ((x - across[0]) / wide) ** 2 + ((y - across[1]) / deep) ** 2 + ((z - along) / long) ** 2 < 1
        values[bone & body] = 700.0
    values += np.random.default_rng(seed + 100).normal(0, noise_hu, values.shape)
    pixels = np.round(values).astype(np.int16).reshape(grid.shape)
    return Image(modality=Modality.CT, pixels=pixels, grid=grid, intensity_unit=Unit.HU)
