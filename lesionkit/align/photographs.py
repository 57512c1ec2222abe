"""Photographs: the skin's motion, not that of the ruler lying beside it."""

from collections.abc import Sequence
from functools import reduce

from lesionkit.align.features import Matches, match_described, near_regions, off_regions
from lesionkit.align.found import Found, Refused
from lesionkit.align.motions import (
    LEAST_INLIERS,
    LEAST_SHARE,
    Motion,
    find_homography,
    find_similarity,
    refuse,
    residual,
)
from lesionkit.align.planar import align_by_intensity
from lesionkit.align.sighted import Sighted
from lesionkit.core.grid import Grid
from lesionkit.core.region import Region

HOMOGRAPHY_INLIERS = 25
"""From here on eight free parameters are better than four; below, they follow the noise."""

HOMOGRAPHY_GAIN = 1.05
"""How many times a similarity's matches a homography must explain: else the simpler holds."""

LEAST_NEAR = 4
"""Least number of agreeing matches around the deposits where the whole picture decides."""


def align_photographs(
    image: Sighted, baseline: Sighted, *, focus: Sequence[Region] = (), drawn: Sequence[Region] = ()
) -> Found | Refused:
    """Return how two photographs of one site lie on one another, or why it is not known.

    Features are sought on the skin alone where it stands out by its redness, both in the luma and in
    the redness, which does not change with the light. Those around the deposits decide where they
    suffice; else all of them do, if the ones around the deposits agree. A homography is taken where
    at least `HOMOGRAPHY_INLIERS` matches agree on a plausible one, and clearly more than on a
    similarity. Where features fail, the redness itself is registered.
    """
    grids = image.image.grid, baseline.image.grid
    matches = off_regions(_match(image, baseline), drawn, focus)
    refused = Refused(why="too few matching points")
    for candidates in [near_regions(matches, focus, grids[1]), matches] if focus else [matches]:
        found = _from_matches(candidates, *grids)
        if isinstance(found, Found):
            if candidates is not matches or not focus or _holds_near(found, matches, focus, grids[1]):
                return found
            found = Refused(why="the points around the deposits do not move with the rest")
        refused = found
    red = image.full_red, baseline.full_red
    if red[0] is None or red[1] is None:
        return refused
    found = align_by_intensity(red[0], red[1], *grids)
    return found if isinstance(found, Found) else refused


def _match(image: Sighted, baseline: Sighted) -> Matches:
    on_skin = image.skin is not None and baseline.skin is not None
    pairs = zip(image.described(on_skin=on_skin), baseline.described(on_skin=on_skin), strict=False)
    return reduce(Matches.joined, (match_described(here, there) for here, there in pairs))


def _from_matches(matches: Matches, grid: Grid, baseline: Grid) -> Found | Refused:
    similarity, homography = find_similarity(matches, grid, baseline), find_homography(matches)
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
    if similarity is None:
        return True
    return bool(homography.inliers.sum() >= HOMOGRAPHY_GAIN * similarity.inliers.sum())


def _holds_near(found: Found, matches: Matches, focus: Sequence[Region], baseline: Grid) -> bool:
    near = near_regions(matches, focus, baseline)
    agreeing = int(near.agreeing(found.matrix).sum())
    return agreeing >= LEAST_NEAR and agreeing >= LEAST_SHARE * len(near)
