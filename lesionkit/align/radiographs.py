"""Radiographs: features on evened contrast, and where there are too few, mutual information."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.align.features import Matches, match, near_regions
from lesionkit.align.found import Found, Refused
from lesionkit.align.motions import LEAST_INLIERS, Motion, find_similarity, refuse, residual
from lesionkit.align.planar import align_by_intensity
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image
from lesionkit.core.region import Region

LEAST_SHARE = 0.4
"""Least share of matches that must agree: where fewer do, the limb was turned and no similarity holds."""


def align_radiographs(image: Image, baseline: Image, *, focus: Sequence[Region] = ()) -> Found | Refused:
    """Return how two radiographs of one site lie on one another, or why it is not known.

    Both ways give a similarity: beyond it a projection changes with depth, which no plane motion says.
    """
    matches = match(grey(image), grey(baseline))
    tries = [near_regions(matches, focus, baseline.grid), matches] if focus else [matches]
    for candidates in tries:
        motion = find_similarity(candidates, image.grid, baseline.grid)
        if motion is not None and _holds(motion, candidates, image.grid):
            left = residual(motion, candidates, baseline.grid)
            return Found(matrix=motion.matrix, method="features", residual=left)
    return align_by_intensity(_floats(image), _floats(baseline), image.grid, baseline.grid)


def grey(image: Image) -> npt.NDArray[np.uint8]:
    """Return a radiograph in 8 bits, its outermost 0.5 % cut off and local contrast made even."""
    import cv2

    values = _floats(image)
    low, high = np.percentile(values, (0.5, 99.5))
    scaled = np.clip((values - low) / max(float(high - low), 1e-9), 0, 1)
    level = cv2.createCLAHE(clipLimit=4.0, tileGridSize=(8, 8)).apply(np.round(scaled * 255).astype(np.uint8))
    return np.asarray(level, dtype=np.uint8)


def _holds(motion: Motion, matches: Matches, grid: Grid) -> bool:
    return refuse(motion, matches, grid, least=LEAST_INLIERS, share=LEAST_SHARE) is None


def _floats(image: Image) -> npt.NDArray[np.float32]:
    return np.asarray(image.intensity(), dtype=np.float32)
