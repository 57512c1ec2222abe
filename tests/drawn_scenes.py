"""Small images with one deposit whose truth is known in closed form, and parts of phantoms."""

from functools import cache

import numpy as np

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Mask, Outline
from lesionkit.core.units import Unit
from lesionkit.phantom import Block

SHAPE = (120, 150)
MIDDLE, HALF = (61.3, 72.6), (17.0, 26.0)
"""Of the ellipse on the pictures, pixels."""


def ellipse(middle=MIDDLE, half=HALF, *, count=360) -> np.ndarray:
    """Return the points of an ellipse, shape (n, 2)."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([middle[0] + half[0] * np.sin(angle), middle[1] + half[1] * np.cos(angle)], axis=1)


def share(shape=SHAPE, middle=MIDDLE, half=HALF) -> np.ndarray:
    """Return the part of each pixel that lies in an ellipse, nearly: soft over one pixel."""
    rows, cols = np.mgrid[: shape[0], : shape[1]]
    out = np.hypot((rows - middle[0]) / half[0], (cols - middle[1]) / half[1])
    return np.clip((1 - out) * min(half) + 0.5, 0, 1)


def photograph(*, noise=3.0, shape=SHAPE, middle=MIDDLE, half=HALF) -> Image:
    """Return chalk on red skin, the skin on a blue cloth whose edge is sharper still."""
    inside = share(shape, middle, half)[..., None]
    skin, chalk, cloth = (np.array(c, dtype=float) for c in ((200, 120, 105), (235, 220, 180), (40, 80, 110)))
    scene = skin * (1 - inside) + chalk * inside
    scene[:, -12:] = cloth
    scene = scene + np.random.default_rng(4).normal(0, noise, scene.shape)
    pixels = np.clip(np.rint(scene), 0, 255).astype(np.uint8)
    grid = Grid(shape=shape, spacing_mm=(0.2, 0.3), scale_source=ScaleSource.MANIFEST)
    return Image(modality=Modality.XC, pixels=pixels, grid=grid, intensity_unit=Unit.GREY)


def radiograph(*, noise=8.0) -> Image:
    """Return a bright ellipse across which the edge of a bone runs."""
    scene = 900 + 700 * share()
    scene[:, 60:75] += 250
    pixels = np.rint(scene + np.random.default_rng(5).normal(0, noise, SHAPE)).astype(np.uint16)
    grid = Grid(shape=SHAPE, spacing_mm=(0.2, 0.25), scale_source=ScaleSource.PATIENT_PLANE)
    return Image(modality=Modality.DX, pixels=pixels, grid=grid, intensity_unit=Unit.STORED)


VOLUME = (24, 60, 70)
SPACING = (2.0, 0.8, 1.0)


def ball(middle, radius_mm) -> np.ndarray:
    """Return the voxels of a ball."""
    index = np.stack(np.meshgrid(*map(np.arange, VOLUME), indexing="ij"), axis=-1)
    return np.linalg.norm((index - np.asarray(middle)) * SPACING, axis=-1) <= radius_mm


def bone(row=18, col=20) -> np.ndarray:
    """Return the density a long bone adds: a cortex around marrow, through all planes."""
    _, rows, cols = np.indices(VOLUME)
    out = np.hypot((rows - row) * SPACING[1], (cols - col) * SPACING[2])
    return np.where(out <= 4.5, 130.0, np.where(out <= 7, 1150.0, 0.0))


def scan(*things: np.ndarray, noise=10.0) -> Image:
    """Return a CT of things (HU added) in soft tissue of 50 HU, with air around, blurred."""
    from scipy.ndimage import gaussian_filter

    hu = np.full(VOLUME, 50.0) + sum(things)
    hu[:, :3], hu[:, -3:] = -1000, -1000
    hu = gaussian_filter(hu, [0.4 / mm for mm in SPACING])
    hu += np.random.default_rng(6).normal(0, noise, VOLUME)
    affine = np.array([[0, 0, 1.0, 0], [0, 0.8, 0, 0], [-2.0, 0, 0, 0], [0, 0, 0, 1]])
    grid = Grid(shape=VOLUME, spacing_mm=SPACING, affine=affine, scale_source=ScaleSource.PATIENT_PLANE)
    pixels = np.rint(hu).astype(np.int16)
    return Image(modality=Modality.CT, pixels=pixels, grid=grid, intensity_unit=Unit.HU, kvp=120.0)


def dice(found: Outline | Mask, truth: np.ndarray) -> float:
    """Return twice the shared ground over the sum: of an outline with a ring, of a mask with voxels."""
    if isinstance(found, Outline):
        from shapely import Polygon

        one, other = Polygon(found.exterior), Polygon(truth)
        return 2 * one.intersection(other).area / (one.area + other.area)
    whole = np.zeros(truth.shape, dtype=bool)
    whole[found.box] = found.voxels
    return 2 * (whole & truth).sum() / (whole.sum() + truth.sum())


@cache
def phantom_photograph():
    """Return part of a phantom's photograph with two deposits, and what truly lies there."""
    from lesionkit.phantom import Box, Concretion, Limb, Side, Table, View, grow_skin, render_photograph

    limb = Limb(side=Side.LEFT)
    things = [
        Concretion(lineage="a", centre=(-9.0, -150.0), semi_axes=(5.0, 4.0, 2.6), lobes=((3, 0.1, 0.4),)),
        Concretion(lineage="b", centre=(9.0, -138.0), semi_axes=(3.6, 4.4, 2.4), angle_deg=30),
    ]
    skin = grow_skin(limb, Box(x=(-32, 32), z=(-175, -115)), seed=3, tone=0.2)
    view = View(shape=(250, 290), spacing_mm=(0.18, 0.18), centre=(0.0, -145.0))
    return render_photograph(skin, things, view=view, seed=1, table=Table(ruler=None, marker=None))


@cache
def phantom_radiograph():
    """Return part of a phantom's radiograph with a deposit over a bone and one beside it."""
    from lesionkit.phantom import Concretion, Limb, Side, View, render_radiograph

    limb = Limb(side=Side.LEFT)
    things = [
        Concretion(lineage="a", centre=(36.5, 138.0), semi_axes=(4.2, 5.4, 2.7), lobes=((3, 0.1, 0.4),)),
        Concretion(lineage="b", centre=(15.0, 66.0), semi_axes=(5.0, 6.6, 3.2), angle_deg=20),
    ]
    view = View(shape=(480, 300), spacing_mm=(0.24, 0.22), centre=(22.0, 105.0))
    return render_radiograph(limb, things, view=view, seed=2)


CT_BLOCK = Block(shape=(24, 80, 90), spacing_mm=(1.5, 0.9, 1.0), middle=(2.0, 0.0, -148.0))


@cache
def phantom_ct():
    """Return part of a phantom's CT with three deposits."""
    from lesionkit.phantom import Concretion, Limb, Side, render_volume

    limb = Limb(side=Side.LEFT)
    things = [
        Concretion(lineage="a", centre=(6.0, -148.0), semi_axes=(7.0, 9.0, 4.0), sunk_mm=6.5),
        Concretion(lineage="b", centre=(-21.0, -155.0), semi_axes=(5.0, 6.5, 3.2), sunk_mm=6.0),
        Concretion(lineage="c", centre=(24.0, -140.0), semi_axes=(4.0, 5.0, 3.0), sunk_mm=5.5),
    ]
    return render_volume(limb, things, modality=Modality.CT, block=CT_BLOCK, seed=3)
