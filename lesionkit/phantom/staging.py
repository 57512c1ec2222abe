"""What differs from visit to visit: where the limb, the camera, the ruler and the lamp are."""

import numpy as np

from lesionkit.phantom.anatomy import Limb, Side
from lesionkit.phantom.box import Box
from lesionkit.phantom.camera import View
from lesionkit.phantom.history import Strand
from lesionkit.phantom.photo import Light, Table
from lesionkit.phantom.props import Placed
from lesionkit.phantom.volume import Pose

_PHOTO_SHAPE = (1200, 1600)
_PHOTO_MM = 0.17
_XRAY_SHAPE = (900, 700)
_XRAY_MM = (0.22, 0.22)


def skin_box(limb: Limb, region: str) -> Box:
    """Return the part of the skin that a photograph of a region can show."""
    low, high = (-75.0, 105.0) if limb.side is Side.LEFT else (-105.0, 75.0)
    z = (-50.0, 205.0) if region == "hand" else (-340.0, 60.0)
    if region == "forearm":
        low, high = -85.0, 85.0
    return Box(x=(low * limb.size, high * limb.size), z=(z[0] * limb.size, z[1] * limb.size))


def xray_view(rng: np.random.Generator, limb: Limb) -> View:
    """Return how a hand lies on the detector at one visit."""
    x, z = limb.at((9.0, 90.0))
    return View(
        shape=_XRAY_SHAPE,
        spacing_mm=_XRAY_MM,
        centre=(x + rng.uniform(-3, 3), z + rng.uniform(-3, 3)),
        turn_deg=rng.uniform(-3, 3),
    )


def photo_view(rng: np.random.Generator, limb: Limb, region: str) -> View:
    """Return how the camera sees a region at one visit: scale, shift and turn differ a little."""
    x, z = limb.at((10.0, 90.0) if region == "hand" else (0.0, -150.0))
    mm = round(_PHOTO_MM * rng.uniform(0.975, 1.035), 4)
    return View(
        shape=_PHOTO_SHAPE,
        spacing_mm=(mm, mm),
        centre=(x + rng.uniform(-5, 5), z + rng.uniform(-3, 3)),
        turn_deg=(90.0 if region == "forearm" else 0.0) + rng.uniform(-4, 4),
    )


def lay_table(rng: np.random.Generator, limb: Limb, strand: Strand) -> Table:
    """Return ruler and marker, put down beside the limb anew at each visit."""
    right, down, turn = rng.uniform(-2, 2), rng.uniform(-2, 2), rng.uniform(-1.5, 1.5)
    free = 1 if limb.side is Side.LEFT else -1
    if strand.region == "hand":
        ruler = Placed(right_mm=-104.0 * free + right, down_mm=6.0 + down, turn_deg=-90.0 + turn)
        marker = Placed(right_mm=102.0 * free + down, down_mm=66.0 + right, turn_deg=2 * turn)
    else:
        ruler = Placed(right_mm=-18.0 + right, down_mm=83.0 + down, turn_deg=turn)
        marker = Placed(right_mm=-108.0 + down, down_mm=-78.0 + right, turn_deg=2 * turn)
    has_marker = strand.how not in ("two-points", "manifest")
    return Table(ruler=ruler, marker=marker if has_marker else None)


def set_light(rng: np.random.Generator) -> Light:
    """Return the light of one visit."""
    return Light(
        towards=(-0.45 + rng.uniform(-0.12, 0.12), 0.5 + rng.uniform(-0.12, 0.12), 0.74),
        exposure=rng.uniform(0.92, 1.06),
        warmth=rng.uniform(-0.05, 0.05),
        falloff=rng.uniform(0.10, 0.25),
    )


def lay_limb(rng: np.random.Generator) -> Pose:
    """Return how a limb lies in the scanner at one visit."""
    turns, shifts = rng.uniform(-2.5, 2.5, 3), rng.uniform(-3, 3, 3)
    return Pose(
        turn_deg=(float(turns[0]), float(turns[1]), float(turns[2])),
        shift_mm=(float(shifts[0]), float(shifts[1]), float(shifts[2])),
    )
