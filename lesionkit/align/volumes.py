"""Volumes: where the scanner does not say, a rigid motion found by mutual information."""

import numpy as np
import numpy.typing as npt

from lesionkit.align.agreement import refuse, round_trip
from lesionkit.align.found import Found, Refused
from lesionkit.align.grids import corners
from lesionkit.align.intensity import Lattice, register, sample_lattice
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


def align_volumes(image: Image, baseline: Image) -> Found | Refused:
    """Return how two volumes of one site lie on one another, or why it is not known.

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
    matrix = np.linalg.inv(_onto_space(baseline.grid)) @ forth @ _onto_space(image.grid)
    residual = float(np.hypot(round_trip(one, forth, back), SLIDE * step))
    return Found(matrix=matrix, method="intensity", residual=residual)


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
