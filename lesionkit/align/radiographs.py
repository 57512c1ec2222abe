"""Radiographs: features on evened contrast, and where there are too few, mutual information."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.align.agreement import refuse as refuse_likeness
from lesionkit.align.agreement import round_trip
from lesionkit.align.features import LEAST_INLIERS, find_similarity, match, near_regions, refuse, residual
from lesionkit.align.found import Found, Refused
from lesionkit.align.grids import corners
from lesionkit.align.intensity import register, sample_lattice
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image
from lesionkit.core.region import Region

LATTICE_SIDE = 320
"""Lattice points along the longer side of the larger radiograph."""

TURNS_DEG = (-90.0, -45.0, -20.0, 20.0, 45.0, 90.0, 180.0)
"""Turns the search also starts from: cassettes lie either way up."""


def align_radiographs(image: Image, baseline: Image, *, focus: Sequence[Region] = ()) -> Found | Refused:
    """Return how two radiographs of one site lie on one another, or why it is not known.

    Both ways give a similarity: beyond it a projection changes with depth, which no plane motion says.
    """
    matches = match(grey(image), grey(baseline))
    tries = [near_regions(matches, focus, image.grid), matches] if focus else [matches]
    for candidates in tries:
        motion = find_similarity(candidates)
        if motion is not None and refuse(motion, candidates, image.grid, least=LEAST_INLIERS) is None:
            left = residual(motion, candidates, baseline.grid)
            return Found(matrix=motion.matrix, method="features", residual=left)
    return _by_intensity(image, baseline)


def grey(image: Image) -> npt.NDArray[np.uint8]:
    """Return a radiograph in 8 bits, its outermost 0.5 % cut off and local contrast made even."""
    import cv2

    values = np.asarray(image.intensity(), dtype=np.float32)
    low, high = np.percentile(values, (0.5, 99.5))
    scaled = np.clip((values - low) / max(float(high - low), 1e-9), 0, 1)
    level = cv2.createCLAHE(clipLimit=4.0, tileGridSize=(8, 8)).apply(np.round(scaled * 255).astype(np.uint8))
    return np.asarray(level, dtype=np.uint8)


def _by_intensity(image: Image, baseline: Image) -> Found | Refused:
    in_mm = image.grid.is_calibrated and baseline.grid.is_calibrated
    spaces = [_onto_space(grid, in_mm=in_mm) for grid in (image.grid, baseline.grid)]
    sides = [np.ptp(homogeneous(spaces[0], corners(image.grid)), axis=0).max()]
    sides.append(np.ptp(homogeneous(spaces[1], corners(baseline.grid)), axis=0).max())
    step = float(max(sides)) / LATTICE_SIDE
    one = sample_lattice(np.asarray(image.intensity()), spaces[0], step=step)
    other = sample_lattice(np.asarray(baseline.intensity()), spaces[1], step=step)
    forth = register(one, other, turns_deg=TURNS_DEG)
    back = register(other, one, turns_deg=TURNS_DEG)
    if forth is None or back is None:
        return Refused(why="the two do not overlap")
    refused = refuse_likeness(one, other, forth, back)
    if refused is not None:
        return refused
    error = round_trip(one, forth, back)
    if not in_mm and baseline.grid.spacing_mm is not None:
        error *= max(baseline.grid.spacing_mm)
    return Found(matrix=np.linalg.inv(spaces[1]) @ forth @ spaces[0], method="intensity", residual=error)


def _onto_space(grid: Grid, *, in_mm: bool) -> Floats:
    """Return what carries (row, col) to (x, y), in mm or in px."""
    rows, cols = grid.spacing_mm if in_mm and grid.spacing_mm is not None else (1.0, 1.0)
    return np.array([[0.0, cols, 0.0], [rows, 0.0, 0.0], [0.0, 0.0, 1.0]])
