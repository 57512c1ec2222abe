"""Volumes: where the scanner does not say, a rigid motion found by mutual information, or an affine one."""

import numpy as np
import numpy.typing as npt

from lesionkit.align.agreement import refuse, round_trip, shared
from lesionkit.align.found import Found, Refused
from lesionkit.align.grids import corners
from lesionkit.align.intensity import Lattice, register, sample_lattice, stretch
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality

FINEST_MM, COARSEST_MM = 1.0, 3.0
"""Steps of the lattice volumes are registered on."""

LATTICE_POINTS = 400_000
"""About how many points the lattice has; small volumes are sampled finer, down to their own voxels."""

CT_WINDOW_HU = (-500.0, 1000.0)
"""What matters of a CT: air below and metal above are cut off."""

TURNS_DEG = (-25.0, 25.0)
"""Turns about each axis the search also starts from."""

SLIDE = 0.6
"""What a round trip does not show, in lattice steps: along bones that are alike for some length a limb
slides, forth and back by the same. Forearms slid by up to 1.3 mm on lattices of 2 to 2.5 mm."""

LEAST_GAIN = 1.02
"""How many times what a rigid motion makes two volumes share an affine one must, to be taken for it.

Of limbs that moved rigidly it is 0.98 to 1.00, of limbs stretched or sheared by 4 % 1.02 to 1.04.
"""

MOST_STRETCH = 1.15
"""By how much an affine motion may stretch or squeeze along any direction, and in all."""


def align_volumes(image: Image, baseline: Image) -> Found | Refused:
    """Return how two volumes of one site lie on one another, or why it is not known.

    A rigid motion that passes its checks gives way to an affine one near it only where that makes the two
    share `LEAST_GAIN` as much, passes the same checks, and stretches by no more than `MOST_STRETCH`: where a
    scanner's geometry or a wrong spacing is the cause. What is neither is not bent into place.

    The residual is the error of the round trip by two independent registrations, with `SLIDE` for what
    both have in common, in mm: it shows what the search leaves, not how far the two bodies differ in shape.
    """
    if image.grid.spacing_mm is None or baseline.grid.spacing_mm is None:
        return Refused(why="a volume has no scale")
    step = max(_step(image.grid), _step(baseline.grid))
    one, other = _lattice(image, step), _lattice(baseline, step)
    forth = register(one, other, turns_deg=TURNS_DEG)
    back = register(other, one, turns_deg=TURNS_DEG)
    if forth is None or back is None:
        return Refused(why="the two do not overlap")
    refused = refuse(one, other, forth, back)
    if refused is not None:
        return refused
    forth, back = _stretched(one, other, forth, back)
    matrix = np.linalg.inv(_onto_space(baseline.grid)) @ forth @ _onto_space(image.grid)
    residual = float(np.hypot(round_trip(one, forth, back), SLIDE * step))
    return Found(matrix=matrix, method="intensity", residual=residual)


def _stretched(one: Lattice, other: Lattice, forth: Floats, back: Floats) -> tuple[Floats, Floats]:
    """Return affine motions in place of rigid ones where they are justified, else these."""
    wide, narrow = stretch(one, other, forth), stretch(other, one, back)
    if wide is None or narrow is None or not (_is_modest(wide) and _is_modest(narrow)):
        return forth, back
    if shared(one, other, wide) < LEAST_GAIN * shared(one, other, forth):
        return forth, back
    return (forth, back) if refuse(one, other, wide, narrow) else (wide, narrow)


def _is_modest(matrix: Floats) -> bool:
    """Whether no direction, and no volume, is stretched or squeezed by more than `MOST_STRETCH`."""
    sides = np.linalg.svd(matrix[:3, :3], compute_uv=False)
    extremes = (*sides, float(np.linalg.det(matrix[:3, :3])))
    return all(1 / MOST_STRETCH <= value <= MOST_STRETCH for value in extremes)


def _lattice(image: Image, step: float) -> Lattice:
    return sample_lattice(_windowed(image), _onto_space(image.grid), step=step)


def _windowed(image: Image) -> npt.NDArray[np.generic]:
    if image.modality is not Modality.CT:
        return image.pixels
    return np.asarray(np.clip(image.pixels, *CT_WINDOW_HU))


def _onto_space(grid: Grid) -> Floats:
    """Return what carries pixel coordinates to mm, x first: to the patient's where they are known."""
    if grid.affine is not None:
        return grid.affine
    assert grid.spacing_mm is not None
    matrix = np.eye(4)
    matrix[:3, :3] = np.fliplr(np.diag(grid.spacing_mm[::-1]))
    return matrix


def _step(grid: Grid) -> float:
    reach = np.ptp(homogeneous(_onto_space(grid), corners(grid)), axis=0)
    even = float(np.cbrt(np.prod(np.maximum(reach, 1.0)) / LATTICE_POINTS))
    return float(np.clip(max(even, np.cbrt(grid.voxel_volume_mm3)), FINEST_MM, COARSEST_MM))
