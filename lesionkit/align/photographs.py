"""Photographs: the skin's motion, not that of the ruler lying beside it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.align.features import (
    LEAST_INLIERS,
    Matches,
    Motion,
    find_homography,
    find_similarity,
    match,
    near_regions,
    refuse,
    residual,
)
from lesionkit.align.found import Found, Refused
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image
from lesionkit.core.region import Region

HOMOGRAPHY_INLIERS = 25
"""From here on eight free parameters are better than four; below, they follow the noise."""


def align_photographs(image: Image, baseline: Image, *, focus: Sequence[Region] = ()) -> Found | Refused:
    """Return how two photographs of one site lie on one another, or why it is not known.

    Features around the deposits decide where they suffice, else all of them do. A homography is
    taken where at least `HOMOGRAPHY_INLIERS` matches agree on a plausible one that explains clearly
    more than a similarity does, else a similarity.
    """
    matches = match(grey(image), grey(baseline))
    tries = [near_regions(matches, focus, image.grid), matches] if focus else [matches]
    refused = Refused(why="too few matching points")
    for candidates in tries:
        found = _from_matches(candidates, image.grid, baseline.grid)
        if isinstance(found, Found):
            return found
        refused = found
    return refused


def grey(image: Image) -> npt.NDArray[np.uint8]:
    """Return the luma of a photograph, 8 bits, with local contrast made even.

    Skin has little contrast beside a marker's; levelling it lets the skin's features be found.
    """
    import cv2

    luma = np.round(image.intensity() * 255).astype(np.uint8)
    level = cv2.createCLAHE(clipLimit=4.0, tileGridSize=(8, 8)).apply(luma)
    return np.asarray(level, dtype=np.uint8)


def _from_matches(matches: Matches, grid: Grid, baseline: Grid) -> Found | Refused:
    similarity, homography = find_similarity(matches), find_homography(matches)
    chosen = similarity
    if homography is not None and _is_better(homography, similarity):
        refused = refuse(homography, matches, grid, least=HOMOGRAPHY_INLIERS)
        chosen = homography if refused is None else similarity
    refused = refuse(chosen, matches, grid, least=LEAST_INLIERS)
    if refused is not None:
        return refused
    assert chosen is not None
    return Found(matrix=chosen.matrix, method="features", residual=residual(chosen, matches, baseline))


def _is_better(homography: Motion, similarity: Motion | None) -> bool:
    agreeing = int(homography.inliers.sum())
    return agreeing >= HOMOGRAPHY_INLIERS and (similarity is None or agreeing >= similarity.inliers.sum())
