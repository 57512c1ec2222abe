"""Radiographs: features on evened contrast, and where there are too few, mutual information."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.align.features import Matches, match, near_regions
from lesionkit.align.found import Found, Refused
from lesionkit.align.joints import Turned, find_turned
from lesionkit.align.motions import LEAST_INLIERS, Motion, find_similarity, refuse, residual
from lesionkit.align.planar import align_by_intensity
from lesionkit.align.ranges import ranges
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image
from lesionkit.core.region import Region
from lesionkit.core.transform import Part
from lesionkit.core.units import Quantity

LEAST_SHARE = 0.4
"""Least share of matches that the motions found must explain: fewer show a limb turned out of the plane."""


def align_radiographs(image: Image, baseline: Image, *, focus: Sequence[Region] = ()) -> Found | Refused:
    """Return how two radiographs of one site lie on one another, or why it is not known.

    Both ways give a similarity: beyond it a projection changes with depth, which no plane motion says.
    What turned at a joint has one of its own (`lesionkit.align.joints.find_turned`).
    """
    matches = match(grey(image), grey(baseline))
    tries = [near_regions(matches, focus, baseline.grid), matches] if focus else [matches]
    for candidates in tries:
        motion = find_similarity(candidates, image.grid, baseline.grid)
        if motion is None or refuse(motion, candidates, image.grid, least=LEAST_INLIERS, share=0) is not None:
            continue
        main = Motion(matrix=motion.matrix, inliers=matches.agreeing(motion.matrix))
        turned = find_turned(main, matches, image.grid, baseline.grid)
        matrices = [motion.matrix, *(part.matrix for part in turned.parts)]
        if np.any([candidates.agreeing(each) for each in matrices], axis=0).mean() >= LEAST_SHARE:
            return Found(
                matrix=motion.matrix,
                method="features",
                residual=residual(motion, candidates, baseline.grid),
                parts=tuple(_parts(main, turned, matches, image.grid, baseline.grid)),
            )
    return align_by_intensity(_floats(image), _floats(baseline), image.grid, baseline.grid)


def _parts(main: Motion, turned: Turned, matches: Matches, grid: Grid, baseline: Grid) -> Iterator[Part]:
    """Return what turned, and what moved nobody knows how, each with where it lies on both."""
    own = [*(part.inliers for part in turned.parts), *turned.lost]
    if not own:
        return
    rest = main.inliers & ~np.any([np.zeros_like(main.inliers), *(p.inliers for p in turned.parts)], axis=0)
    here = ranges([matches.image[which] for which in (rest, *own)], grid)
    there = ranges([matches.baseline[which] for which in (rest, *own)], baseline)
    motions = [*turned.parts, *(None for _ in turned.lost)]
    for motion, on_image, on_baseline in zip(motions, here, there, strict=True):
        if on_image is None or on_baseline is None:
            continue
        if motion is None:
            yield Part(here=on_image, there=on_baseline, matrix=main.matrix, is_reliable=False)
            continue
        left = Quantity(value=residual(motion, matches, baseline), unit=baseline.length_unit)
        yield Part(here=on_image, there=on_baseline, matrix=motion.matrix, residual=left)


def grey(image: Image) -> npt.NDArray[np.uint8]:
    """Return a radiograph in 8 bits, its outermost 0.5 % cut off and local contrast made even."""
    import cv2

    values = _floats(image)
    low, high = np.percentile(values, (0.5, 99.5))
    scaled = np.clip((values - low) / max(float(high - low), 1e-9), 0, 1)
    level = cv2.createCLAHE(clipLimit=4.0, tileGridSize=(8, 8)).apply(np.round(scaled * 255).astype(np.uint8))
    return np.asarray(level, dtype=np.uint8)


def _floats(image: Image) -> npt.NDArray[np.float32]:
    return np.asarray(image.intensity(), dtype=np.float32)
