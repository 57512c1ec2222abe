"""Radiographs: features on evened contrast, and where there are too few, mutual information."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from lesionkit.align.features import Described, Matches, Nearness, describe, match_described, near_regions
from lesionkit.align.found import Found, Refused
from lesionkit.align.grids import sides_mm
from lesionkit.align.joints import Turned, find_turned
from lesionkit.align.motions import LEAST_INLIERS, Motion, find_similarity, refuse, residual
from lesionkit.align.planar import align_by_intensity
from lesionkit.align.ranges import ranges
from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image
from lesionkit.core.region import Region
from lesionkit.core.transform import Part
from lesionkit.core.units import Quantity

LEAST_SHARE = 0.4
"""Least share of matches that the motions found must explain: fewer show a limb turned out of the plane."""

REACH_MM = 40.0
"""How far from where it is expected a point of a moved finger is sought: the tip of one of 95 mm turned by 25
degrees."""


def align_radiographs(image: Image, baseline: Image, *, focus: Sequence[Region] = ()) -> Found | Refused:
    """Return how two radiographs of one site lie on one another, or why it is not known.

    Both ways give a similarity: beyond it a projection changes with depth, which no plane motion says.
    What turned at a joint has one of its own (`lesionkit.align.joints.find_turned`).
    """
    seen = tuple(describe(each, None, shape=each.shape) for each in (grey(image), grey(baseline)))
    matches = match_described(*seen)
    tries = [near_regions(matches, focus, baseline.grid), matches] if focus else [matches]
    for candidates in tries:
        motion = find_similarity(candidates, image.grid, baseline.grid)
        if motion is None or refuse(motion, candidates, image.grid, least=LEAST_INLIERS, share=0) is not None:
            continue
        every = _matched_again(motion.matrix, matches, seen, baseline.grid)
        main = Motion(matrix=motion.matrix, inliers=every.agreeing(motion.matrix))
        # What is found near to where it is expected is no proof that it does not lie elsewhere.
        sure = np.arange(len(every)) < len(matches)
        turned = find_turned(main, every, image.grid, baseline.grid, sure=sure)
        matrices = [motion.matrix, *(part.matrix for part in turned.parts)]
        if np.any([candidates.agreeing(each) for each in matrices], axis=0).mean() >= LEAST_SHARE:
            return Found(
                matrix=motion.matrix,
                method="features",
                residual=residual(motion, candidates, baseline.grid),
                parts=tuple(_parts(main, turned, every, image.grid, baseline.grid)),
            )
    return align_by_intensity(_floats(image), _floats(baseline), image.grid, baseline.grid)


def _matched_again(matrix: Floats, matches: Matches, seen: tuple[Described, ...], baseline: Grid) -> Matches:
    """Return the matches, and those found near to where the rest of the picture would carry them.

    Fingers look alike: without the other ones far more points of a finger pass the ratio test.
    """
    agreeing = matches.only(matches.agreeing(matrix))
    left = [
        one.only(~np.isin(_keys(one.points), _keys(points)))
        for one, points in zip(seen, (agreeing.image, agreeing.baseline), strict=True)
    ]
    near = Nearness(matrix=matrix, sides_mm=sides_mm(baseline), reach_mm=REACH_MM)
    found = match_described(*left, near=near)
    return matches.joined(found.only(~np.isin(_keys(found.image), _keys(matches.image))))


def _keys(points: Floats) -> npt.NDArray[np.complex128]:
    return np.asarray(points[:, 0] + 1j * points[:, 1])


def _parts(main: Motion, turned: Turned, matches: Matches, grid: Grid, baseline: Grid) -> Iterator[Part]:
    """Return what turned, and where no motion is known to hold, each with where it lies on both."""
    groups = [main.inliers, *(motion.inliers for motion in turned.parts), *turned.lost]
    if len(groups) == 1:
        return
    here = ranges([matches.image[which] for which in groups], grid)
    there = ranges([matches.baseline[which] for which in groups], baseline)
    motions = [main, *turned.parts, *([None] * len(turned.lost))]
    for motion, on_image, on_baseline in zip(motions, here, there, strict=True):
        matrix = main.matrix if motion is None else motion.matrix
        near, far = (
            Part(here=one, there=other, matrix=matrix, is_reliable=False)
            for one, other in zip(on_image, on_baseline, strict=True)
        )
        if motion is not None:
            left = Quantity(value=residual(motion, matches, baseline), unit=baseline.length_unit)
            near = replace(near, residual=left, is_reliable=True)
        # Near what agrees with the main motion it holds; beyond, only while no joint has moved.
        said = (near, far) if motion is not main else (far,) if turned.parts else ()
        yield from (part for part in said if part.here or part.there)


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
