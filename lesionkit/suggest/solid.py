"""One click in a volume -> the deposit's voxels."""

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Mask
from lesionkit.errors import OutlineError
from lesionkit.suggest.parting import part_around

CALCIUM_HU = 130
"""Below it nothing is taken for calcium.

References
----------
Agatston AS et al. J Am Coll Cardiol 1990;15:827-832.
"""

REACH_MM = (8.0, 16.0, 32.0, 64.0)
"""Half sides of the windows looked at, one after the other (in voxels where these have no size)."""

PARTED_UP_TO_MM = 32.0
"""In wider windows nothing is parted: what fills them is no small deposit, and it would take seconds."""

SOFT_TISSUE_HU = 50.0
SOFT_HU = (-300.0, 300.0)
"""What may be taken for the tissue around: no air, no bone."""

_ROUNDS = 4
_SETTLED = 0.01
Density = npt.NDArray[np.float32]


def grow_solid(image: Image, seed: Floats) -> Mask:
    """Return the voxels of the deposit at a point of a volume.

    CT: the connected voxels above half the way from the soft tissue around to the deposit's own density
    (full width at half maximum), at least `CALCIUM_HU`. The density is the 90th percentile of what was found,
    the tissue the median of a shell around it; both are found anew until they stay. Where the deposit touches
    bone or another deposit it is parted at the neck (`lesionkit.suggest.parting`).

    On MR calcium is as dark as bone, tendon and air, which a click does not tell apart: refused.

    Raises
    ------
    OutlineError
        If the point lies beside the volume, nothing is found there, or it is no CT.
    """
    if image.modality is not Modality.CT:
        raise OutlineError(
            "on MR a deposit is as dark as bone, tendon and air, which one click does not tell apart",
            hint="Draw a box around it, or outline it, on each of its planes.",
        )
    if not image.grid.contains(seed)[0]:
        raise OutlineError("a point lies beside the image", hint="Mark the deposit on the image itself.")
    index = tuple(int(i) for i in np.clip(np.rint(seed), 0, np.subtract(image.grid.shape, 1)))
    for reach in REACH_MM:
        box = window_around(image, index, reach)
        density = np.asarray(image.pixels[box], dtype=np.float32)
        start = densest_near(density, tuple(i - s.start for i, s in zip(index, box, strict=True)))
        if density[start] < CALCIUM_HU:
            raise _nothing()
        part = half_maximum(density, start)
        if reach <= PARTED_UP_TO_MM:
            part = part_around(part, start, spacing_mm=image.grid.spacing_mm)
        if not touches(part, box, image.grid.shape):
            break
    if not part.any():
        raise _nothing()
    return _cropped(part, box)


def window_around(image: Image, index: tuple[int, ...], reach_mm: float) -> tuple[slice, ...]:
    """Return the box around a voxel, so far to all sides, within the volume."""
    spacing = image.grid.spacing_mm or (1.0,) * len(index)
    halves = [max(3, round(reach_mm / s)) for s in spacing]
    return tuple(
        slice(max(i - h, 0), min(i + h + 1, n))
        for i, h, n in zip(index, halves, image.grid.shape, strict=True)
    )


def densest_near(density: Density, index: tuple[int, ...], *, steps: int = 3) -> tuple[int, ...]:
    """Return where a climb from voxel to denser neighbour ends, after a few steps at most."""
    at = index
    for _ in range(steps):
        near = tuple(slice(max(i - 1, 0), i + 2) for i in at)
        best = np.unravel_index(int(np.argmax(density[near])), density[near].shape)
        climbed = tuple(int(b) + s.start for b, s in zip(best, near, strict=True))
        if climbed == at:
            break
        at = climbed
    return at


def half_maximum(density: Density, start: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return the connected voxels around one, cut half the way from the tissue around to their density."""
    from scipy.ndimage import label

    own = float(density[start])
    tissue = SOFT_TISSUE_HU
    inside = np.zeros(density.shape, dtype=np.bool_)
    level = -np.inf
    for _ in range(_ROUNDS):
        before, level = level, max((own + tissue) / 2, float(CALCIUM_HU))
        if abs(level - before) < _SETTLED * abs(own - tissue):
            break
        named, _ = label(density >= level)
        if named[start] == 0:
            break
        inside = np.asarray(named == named[start])
        own = float(np.percentile(density[inside], 90))
        tissue = _tissue(density, inside)
    return inside


def _tissue(density: Density, inside: npt.NDArray[np.bool_]) -> float:
    from scipy.ndimage import binary_dilation

    where = [np.flatnonzero(inside.any(axis=tuple(a for a in range(3) if a != axis))) for axis in range(3)]
    box = tuple(slice(max(int(w[0]) - 4, 0), int(w[-1]) + 5) for w in where)
    around = density[box]
    near = binary_dilation(inside[box], iterations=2)
    shell = binary_dilation(near, iterations=2) & ~near & (around > SOFT_HU[0]) & (around < SOFT_HU[1])
    return float(np.median(around[shell])) if shell.any() else SOFT_TISSUE_HU


def touches(inside: npt.NDArray[np.bool_], box: tuple[slice, ...], shape: tuple[int, ...]) -> bool:
    """Return whether voxels of a window reach a side behind which the volume goes on."""
    for axis, (cut, size) in enumerate(zip(box, shape, strict=True)):
        first, last = np.take(inside, 0, axis=axis).any(), np.take(inside, -1, axis=axis).any()
        if (cut.start > 0 and first) or (cut.stop < size and last):
            return True
    return False


def _cropped(inside: npt.NDArray[np.bool_], box: tuple[slice, ...]) -> Mask:
    from scipy.ndimage import binary_fill_holes

    mask = Mask.cropped(np.asarray(binary_fill_holes(inside)))
    origin = tuple(o + s.start for o, s in zip(mask.origin, box, strict=True))
    return Mask(voxels=mask.voxels, origin=origin)


def _nothing() -> OutlineError:
    return OutlineError(
        "nothing around this point stands out from the tissue",
        hint="Click on the deposit itself; on CT it is denser than 130 HU.",
    )
