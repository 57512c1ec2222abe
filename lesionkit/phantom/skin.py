"""The skin of one limb: colour and relief that stay with the skin from visit to visit.

Creases, nevi, veins and pores are what an alignment of photographs can hold on to, so they are made once
per patient, in the limb's own coordinates, and every photograph looks them up.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.phantom.anatomy import Finger, Limb
from lesionkit.phantom.box import Box
from lesionkit.phantom.noise import Field, fractal_noise
from lesionkit.phantom.skin_layers import SkinLayers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Skin:
    """Samples of the skin over a box.

    Parameters
    ----------
    box : Box
        Where.
    thickness_square : ndarray of float32
        Squared half thickness of the limb, mm²; negative outside.
    relief : ndarray of float32
        What stands above the smooth surface, mm.
    albedo : ndarray of float32, shape (rows, cols, 3)
        Reflected share of red, green and blue light, linear.
    gloss : ndarray of float32
        0 dull to 1 shining, as a nail.
    flecks : ndarray of float32
        Uneven transparency, mean near 0 and standard deviation near 1: how much lies through.
    """

    box: Box
    thickness_square: Field
    relief: Field
    albedo: Field
    gloss: Field
    flecks: Field


def grow_skin(limb: Limb, box: Box, *, seed: int, tone: float = 0.35, is_hairy: bool = False) -> Skin:
    """Return the skin of a limb within a box.

    Parameters
    ----------
    limb : Limb
        What it covers.
    box : Box
        Where.
    seed : int
        One seed, one skin.
    tone : float
        0 fair to 1 dark.
    is_hairy : bool
        Whether it grows visible hairs.
    """
    grain = SkinLayers(limb, box, seed)
    blood, melanin, relief = grain.blood(), grain.melanin(tone), grain.pores()
    creases = grain.creases()
    veins = grain.veins()
    relief = relief - 0.30 * creases + 0.30 * veins + grain.tendons()
    spots = grain.spots(is_hairy=is_hairy)
    absorbed = (
        blood[..., None] * _BLOOD
        + (melanin + spots)[..., None] * _MELANIN
        + veins[..., None] * _VEIN
        + creases[..., None] * _CREASE
    )
    albedo = _PALE * np.exp(-absorbed)
    gloss = np.full(blood.shape, 0.25, dtype=np.float32)
    for finger in limb.fingers:
        _put_nail(finger, grain, albedo, relief, gloss)
    return Skin(
        box=box,
        thickness_square=grain.square,
        relief=relief.astype(np.float32),
        albedo=albedo.astype(np.float32),
        gloss=gloss,
        flecks=fractal_noise(grain.rng("flecks"), box.shape, grain.scales(1.6, 0.7, 0.35), 0.8),
    )


_PALE = np.array([0.86, 0.66, 0.53], dtype=np.float32)
_BLOOD = np.array([0.05, 0.26, 0.22], dtype=np.float32)
_MELANIN = np.array([0.30, 0.46, 0.62], dtype=np.float32)
_VEIN = np.array([0.20, 0.09, 0.05], dtype=np.float32)
_CREASE = np.array([0.16, 0.30, 0.32], dtype=np.float32)


def _put_nail(finger: Finger, grain: SkinLayers, albedo: Field, relief: Field, gloss: Field) -> None:
    tip, before = np.asarray(finger.joints[-1]), np.asarray(finger.joints[-2])
    radius = finger.radii[-1]
    along = (tip - before) / np.hypot(*(tip - before))
    centre = tip + along * radius * 0.02
    window, x, z = grain.window(tuple(centre), 2.4 * radius)
    if not albedo[window].size:
        return
    dx, dz = x - centre[0], z - centre[1]
    s = (dx * along[0] + dz * along[1]) / (0.95 * radius)
    across = (-dx * along[1] + dz * along[0]) / (0.72 * radius)
    # rounder towards the root, squarer towards the free edge
    gap = (np.abs(s) ** 3 + np.abs(across) ** 3) ** (1 / 3)
    plate = 1 / (1 + np.exp(-(1 - gap) * 40))
    groove = np.exp(-(((gap - 1.02) / 0.05) ** 2)) * (s < 0.85)
    moon = plate / (1 + np.exp((s + 0.62 + 0.25 * across**2) * 22))
    free = plate / (1 + np.exp(-(s - 0.80) * 30))
    streaks = 0.03 * np.sin(across * 21)
    colour = np.array([0.80, 0.52, 0.46]) * (1 + streaks[..., None])
    colour = _mixed(colour, np.array([0.84, 0.66, 0.60]), 0.7 * moon)
    colour = _mixed(colour, np.array([0.86, 0.80, 0.70]), 0.85 * free)
    mixed = _mixed(albedo[window], colour, 0.9 * plate)
    albedo[window] = (mixed * (1 - 0.45 * groove[..., None])).astype(np.float32)
    relief[window] = (relief[window] * (1 - plate) - 0.35 * groove + 0.1 * plate).astype(np.float32)
    gloss[window] = np.maximum(gloss[window], plate.astype(np.float32))


def _mixed(a: npt.ArrayLike, b: npt.ArrayLike, share: Floats) -> Floats:
    weight = share[..., None]
    return np.asarray(np.asarray(a) * (1 - weight) + np.asarray(b) * weight)
