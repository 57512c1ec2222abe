"""Radiographs: X-rays weakened along parallel rays through bone, soft tissue and calcium."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.phantom.anatomy import Limb
from lesionkit.phantom.camera import View
from lesionkit.phantom.concretion import Concretion
from lesionkit.phantom.noise import Field, fractal_noise, rng_of
from lesionkit.phantom.surface import look_up, look_up_noise

# Linear attenuation per mm at about 35 keV effective energy (55 kV hand technique): water 0.031, cortical
# bone of 1.92 g/cm³ 0.20 (NIST XCOM, rounded). Calcium weighs more here than at CT energy.
_SOFT = 0.031
_CORTEX = 0.155
_MARROW = 0.052
_CALCIUM_PER_HU = 0.14 / 1000
_PHOTONS = 30_000.0
_TRABECULA_MM = 0.25


def ray_paths(limb: Limb, concretions: Sequence[Concretion], x: Floats, z: Floats) -> dict[str, Floats]:
    """Return how many mm each frontal ray runs through each material.

    Parameters
    ----------
    limb : Limb
        Whose soft tissue and bones.
    concretions : sequence of Concretion
        Each is a material of its own, ``calcium`` holds their mm weighted by HU.
    x, z : ndarray
        Patient coordinates of the rays, mm.

    Returns
    -------
    dict of str to ndarray
        ``body`` (everything within the skin), ``cortex``, ``marrow`` in mm, ``calcium`` in mm · HU.
    """
    square, _ = look_up(limb, x, z)
    body = 2 * np.sqrt(np.maximum(square, 0))
    cortex, marrow = np.zeros_like(body), np.zeros_like(body)
    for bone in limb.bones:
        whole, inner = bone.squares(x, z)
        thick = 2 * np.sqrt(np.maximum(whole, 0))
        inside = np.minimum(2 * np.sqrt(np.maximum(inner, 0)), thick)
        # neighbouring bones that overlap in projection are seen through one another
        cortex += thick - inside
        marrow += inside
    calcium = np.zeros_like(body)
    for concretion in concretions:
        inward = concretion.inwardness(x, z)
        calcium += 2 * concretion.semi_axes[2] * np.sqrt(np.maximum(1 - inward, 0)) * concretion.density_hu
    return {"body": body, "cortex": cortex, "marrow": marrow, "calcium": calcium}


def _trabeculae(limb: Limb) -> Field:
    """Return the sponge of the bones, fixed to them, so that it comes out alike at every visit."""
    words = (limb.side.value, f"{limb.size:.3f}", f"{limb.girth:.3f}")
    return fractal_noise(rng_of(0, "trabeculae", *words), (2400, 960), (9, 4, 2.2), 0.8)


def expose_radiograph(
    limb: Limb,
    concretions: Sequence[Concretion],
    *,
    view: View,
    seed: int,
    noise: float = 1.0,
    bits: int = 12,
) -> npt.NDArray[np.uint16]:
    """Return a radiograph, bright = dense, shape as the view's.

    Defined by Beer and Lambert: the share of photons that arrive is ``exp(−Σ μᵢ lᵢ)``; scatter adds a
    smooth share of what arrives around, the detector blurs and counts photons, and the stored value
    grows with the negative logarithm, as after the usual processing for display.

    Parameters
    ----------
    limb : Limb
        What is exposed.
    concretions : sequence of Concretion
        Calcium in it.
    view : View
        Spacing at the limb (not at the detector).
    seed : int
        Of the noise.
    noise : float
        Standard deviation of the counting noise over that of Poisson's; 0 = none.
    bits : int
        Depth of the stored value.
    """
    import cv2

    rng = rng_of(seed, "radiograph")
    x, z = view.body_of_pixels()
    paths = ray_paths(limb, concretions, x, z)
    spongy = 1 + 0.10 * look_up_noise(_trabeculae(limb), _TRABECULA_MM, x, z)
    soft = paths["body"] - paths["cortex"] - paths["marrow"]
    weakened = (
        _SOFT * np.maximum(soft, 0)
        + _CORTEX * paths["cortex"]
        + _MARROW * paths["marrow"] * spongy
        + _CALCIUM_PER_HU * paths["calcium"]
    )
    primary = np.exp(-weakened).astype(np.float32)
    scattered = cv2.GaussianBlur(primary, (0, 0), 14 / view.spacing_mm[1])
    arrived = cv2.GaussianBlur(0.9 * primary + 0.1 * scattered, (0, 0), 0.12 / view.spacing_mm[1])
    if noise:
        counted = rng.standard_normal(view.shape, dtype=np.float32)
        arrived = arrived + noise * counted * np.sqrt(arrived / _PHOTONS)
    density = -np.log(np.maximum(arrived, 1e-4))
    full = 2**bits - 1
    stored = full * (0.03 + 0.94 * (1 - np.exp(-density / 0.85)) / (1 - np.exp(-2.4 / 0.85)))
    return np.asarray(np.clip(np.round(stored), 0, full), dtype=np.uint16)
