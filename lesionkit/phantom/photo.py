"""Clinical photographs of the limb on a drape, from above, at one exact scale."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.phantom.camera import View
from lesionkit.phantom.concretion import Concretion
from lesionkit.phantom.light import encoded
from lesionkit.phantom.noise import Field, rng_of, smooth_noise
from lesionkit.phantom.props import Placed, cloth, lay, marker_card, ruler, ruler_points
from lesionkit.phantom.skin import Skin

_RULER_MM = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """How a photograph is lit.

    Parameters
    ----------
    towards : tuple of float
        Direction to the lamp: right, up in the picture, and towards the camera.
    exposure : float
        Brightness over that of a well exposed picture.
    warmth : float
        Red over blue of the white balance less 1.
    falloff : float
        Share of light lost from the brightest to the darkest corner.
    """

    towards: tuple[float, float, float] = (-0.45, 0.5, 0.74)
    exposure: float = 1.0
    warmth: float = 0.0
    falloff: float = 0.18


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What lies beside the limb; None = is not there."""

    ruler: Placed | None = field(default_factory=lambda: Placed(right_mm=-100.0, down_mm=5.0, turn_deg=-90.0))
    marker: Placed | None = field(default_factory=lambda: Placed(right_mm=100.0, down_mm=62.0))
    marker_number: int = 7

    def ruler_marks(self, view: View, *marks_mm: float) -> Floats:
        """Return where ticks of the ruler are on a picture, ``(row, col)``, shape (n, 2).

        Raises
        ------
        ValueError
            If there is no ruler.
        """
        if self.ruler is None:
            raise ValueError("there is no ruler on this table")
        seen = self.ruler.to_table(ruler_points(_RULER_MM, *marks_mm)) / view.spacing_mm[1]
        return np.asarray(seen[:, ::-1] + (np.asarray(view.shape) - 1) / 2)


def paint_photograph(
    skin: Skin,
    concretions: Sequence[Concretion],
    *,
    view: View,
    seed: int,
    light: Light | None = None,
    table: Table | None = None,
    noise: float = 0.006,
) -> npt.NDArray[np.uint8]:
    """Return a photograph, shape (rows, cols, 3), sRGB.

    Parameters
    ----------
    skin : Skin
        Of the patient's limb; must cover the view's part of it.
    concretions : sequence of Concretion
        Those that reach the skin: raised, chalky, with a red border.
    view : View
        Rows and columns must have one spacing.
    seed : int
        Of what changes from picture to picture: drape and sensor noise.
    light : Light, optional
        How it is lit.
    table : Table, optional
        What lies beside the limb.
    noise : float
        Standard deviation of the sensor noise, of full scale.
    """
    light, table = light or Light(), table or Table()
    rng = rng_of(seed, "photo")
    x, z = view.body_of_pixels()
    seen = _look_up(skin, x, z)
    lumps = _Lumps(concretions, x, z)
    scene = _background(rng, view, table, light)
    square = seen.square
    half = np.sqrt(np.maximum(square, 0))
    cover = _coverage(square)
    scene *= _shadow(cover, light, view.spacing_mm[1])[..., None]
    height = half + seen.relief * (1 - 0.55 * lumps.chalk) + lumps.rise + 0.035 * lumps.chalk * seen.flecks
    body = _shaded(
        lumps.coloured(seen.albedo, seen.flecks),
        height,
        np.maximum(seen.gloss, 0.7 * lumps.chalk),
        light,
        view,
    )
    linear = scene * (1 - cover[..., None]) + body * cover[..., None]
    linear *= _falloff(view.shape, light)[..., None] * np.float32(light.exposure)
    linear *= np.array([1 + light.warmth / 2, 1, 1 - light.warmth / 2], dtype=np.float32)
    return _developed(linear, rng, noise)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    square: Field
    relief: Field
    albedo: Field
    gloss: Field
    flecks: Field


def _look_up(skin: Skin, x: Floats, z: Floats) -> _Seen:
    import cv2

    rows, cols = (field.astype(np.float32) for field in skin.box.to_samples(x, z))

    def at(layer: Field, how: int, outside: float) -> Field:
        out = cv2.remap(
            layer, cols, rows, how, borderMode=cv2.BORDER_CONSTANT, borderValue=(outside, outside, outside)
        )
        return np.asarray(out)

    return _Seen(
        square=at(skin.thickness_square, cv2.INTER_CUBIC, -1e3),
        relief=at(skin.relief, cv2.INTER_LINEAR, 0.0),
        albedo=at(skin.albedo, cv2.INTER_LINEAR, 0.5),
        gloss=at(skin.gloss, cv2.INTER_LINEAR, 0.0),
        flecks=at(skin.flecks, cv2.INTER_LINEAR, 0.0),
    )


class _Lumps:
    """What the concretions do to the skin over them."""

    def __init__(self, concretions: Sequence[Concretion], x: Floats, z: Floats) -> None:
        self.rise = np.zeros(x.shape, dtype=np.float32)
        self.chalk = np.zeros(x.shape, dtype=np.float32)
        self.redness = np.zeros(x.shape, dtype=np.float32)
        for concretion in concretions:
            self._add(concretion, x, z)

    def _add(self, concretion: Concretion, x: Floats, z: Floats) -> None:
        a, b, c = concretion.semi_axes
        near = np.hypot(x - concretion.centre[0], z - concretion.centre[1]) < 2.2 * max(a, b) + 6
        rows, cols = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
        if not len(rows):
            return
        window = slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1)
        inward = np.sqrt(concretion.inwardness(x[window], z[window]))
        outside_mm = (inward - 1) * np.sqrt(a * b)
        tall = min(0.70 * c, 2.8)
        dome = 0.62 * np.clip(1 - (inward / 1.08) ** 2, 0, 1) ** 0.8
        skirt = 0.38 * np.exp(-(np.maximum(outside_mm + 0.6, 0) ** 2) / 3.5)
        self.rise[window] += (tall * (dome + skirt)).astype(np.float32)
        chalk = np.clip(0.5 - outside_mm / 0.6, 0, 1) * (0.60 + 0.40 * np.clip(1 - inward**2, 0, 1))
        self.chalk[window] = np.maximum(self.chalk[window], chalk.astype(np.float32))
        ring = np.exp(-((np.maximum(outside_mm - 0.3, 0) / 2.3) ** 2)) * np.clip(
            0.55 + outside_mm / 0.8, 0.25, 1
        )
        self.redness[window] = np.maximum(self.redness[window], ring.astype(np.float32))

    def coloured(self, albedo: Field, flecks: Field) -> Field:
        """Return the skin's albedo with redness around and chalk over the concretions.

        `flecks` lets the chalk shine through the stretched skin here more, there less.
        """
        red = albedo * np.exp(-self.redness[..., None] * np.array([0.07, 0.60, 0.50], dtype=np.float32))
        veined = red / red.mean(axis=2, keepdims=True)
        chalk = np.array([0.88, 0.76, 0.54], dtype=np.float32) * (0.80 + 0.20 * veined)
        share = np.clip(self.chalk * (0.80 + 0.10 * flecks), 0, 0.93)[..., None]
        return np.asarray(red * (1 - share) + chalk * share, dtype=np.float32)


def _background(rng: np.random.Generator, view: View, table: Table, light: Light) -> Field:
    import cv2

    scale = view.spacing_mm[1]
    scene = cloth(rng, view.shape, scale)
    things = [(ruler(_RULER_MM), table.ruler), (marker_card(table.marker_number), table.marker)]
    for thing, placed in things:
        if placed is None:
            continue
        seen, cover = lay(thing, placed, view.shape, scale)
        step = np.array([[1, 0, -light.towards[0] * 1.6 / scale], [0, 1, light.towards[1] * 1.6 / scale]])
        dark = cv2.warpAffine(cover, step, (view.shape[1], view.shape[0]))
        scene *= (1 - 0.45 * cv2.GaussianBlur(dark, (0, 0), 0.9 / scale))[..., None]
        paper = seen[..., None] * np.array([0.98, 0.98, 0.95], dtype=np.float32)
        scene = scene * (1 - cover[..., None]) + paper * cover[..., None]
    return scene


def _coverage(square: Field) -> Field:
    """Return the share of each pixel that the limb covers, from the distance to its border."""
    down, right = np.gradient(square)
    slope = np.maximum(np.hypot(down, right), 1e-3)
    return np.asarray(np.clip(square / slope + 0.5, 0, 1), dtype=np.float32)


def _shadow(cover: Field, light: Light, mm_per_px: float) -> Field:
    """Return the light that the limb leaves on the table: a soft cast shadow and a dark line of contact."""
    import cv2

    size = (cover.shape[1], cover.shape[0])
    left = np.ones_like(cover)
    for reach_mm, soft_mm, dark in ((5.0, 4.5, 0.42), (16.0, 11.0, 0.30), (1.0, 1.2, 0.35)):
        step = np.array(
            [
                [1, 0, -light.towards[0] * reach_mm / mm_per_px],
                [0, 1, light.towards[1] * reach_mm / mm_per_px],
            ]
        )
        cast = cv2.warpAffine(cover, step, size, borderMode=cv2.BORDER_REPLICATE)
        left *= 1 - np.float32(dark) * cv2.GaussianBlur(cast, (0, 0), soft_mm / mm_per_px)
    return left


def _shaded(albedo: Field, height: Field, gloss: Field, light: Light, view: View) -> Field:
    import cv2

    scale = np.float32(view.spacing_mm[1])
    smooth = cv2.GaussianBlur(height, (0, 0), 0.16 / float(scale))
    down, right = (g / scale for g in np.gradient(smooth))
    steep = np.hypot(down, right)
    ease = 1 / np.maximum(steep / 2.6, 1)  # the limb's border turns under, it is not a cliff
    down, right = down * ease, right * ease
    length = np.sqrt(1 + down**2 + right**2)
    lamp = np.asarray(light.towards, dtype=np.float32)
    lamp /= np.linalg.norm(lamp)
    facing = (-right * lamp[0] + down * lamp[1] + lamp[2]) / length
    wrapped = np.clip((facing + 0.25) / 1.25, 0, 1)
    # light scattered in the skin: the dim side is redder, not greyer
    tint = np.clip(1 - facing, 0, 1)[..., None] * np.array([0.06, -0.03, -0.05], dtype=np.float32)
    sky = 0.24 + 0.12 / length
    body = albedo * ((0.86 * wrapped + sky)[..., None] + tint)
    halfway = lamp + np.array([0, 0, 1], dtype=np.float32)
    halfway /= np.linalg.norm(halfway)
    mirror = np.clip((-right * halfway[0] + down * halfway[1] + halfway[2]) / length, 0, 1)
    shine = gloss * (0.10 * mirror**18 + 0.22 * gloss**3 * mirror**70)
    return np.asarray(body + shine[..., None], dtype=np.float32)


def _falloff(shape: tuple[int, int], light: Light) -> Field:
    rows = np.linspace(-1, 1, shape[0])[:, None]
    cols = np.linspace(-1, 1, shape[1])[None, :]
    towards = (cols * light.towards[0] - rows * light.towards[1]) / 2
    return np.asarray(
        1 - light.falloff * (0.5 - towards) * 0.7 - 0.10 * (rows**2 + cols**2) / 2, dtype=np.float32
    )


def _developed(linear: Field, rng: np.random.Generator, noise: float) -> npt.NDArray[np.uint8]:
    """Return what the camera stores: sRGB of clipped light, with noise."""
    stored = encoded(linear)
    if noise:
        luma = smooth_noise(rng, stored.shape[:2], 1.6)
        stored = stored + np.float32(noise) * luma[..., None]
    return np.asarray(np.clip(np.round(stored * 255), 0, 255), dtype=np.uint8)
