"""The motion that most points agree on, and the checks it must pass to be believed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.align.features import Matches
from lesionkit.align.found import Refused
from lesionkit.align.grids import corners
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid

LEAST_SHARE = 0.25
"""Least share of matches that must agree on the motion; unrelated pictures stay well below."""

LEAST_INLIERS = 10
"""Least number of agreeing matches for a similarity: unrelated pictures reach 4 to 6 by chance."""

LEAST_SCALE, GREATEST_SCALE = 0.2, 5.0
"""Between which a picture may be larger or smaller than another of the same site."""

LEAST_SPREAD = 0.04
"""Least area of the inliers' hull as a share of the image: a single spot fixes no motion."""

LEAST_REACH = 0.2
"""Least area of the inliers' hull as a share of that of all matches: one spot is a chance likeness."""

_REACH = 3.035
"""Standard deviations within which 99 of 100 points of the plane lie that are normal about the middle."""
_ROUNDS = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """A motion and the matches that agree with it.

    Parameters
    ----------
    matrix : ndarray of float, shape (3, 3)
        Carries (row, col, 1).
    inliers : ndarray of bool, shape (n,)
        Which matches agree.
    """

    matrix: Floats
    inliers: npt.NDArray[np.bool_]


def find_homography(matches: Matches) -> Motion | None:
    """Return the homography most matches agree on; None where there is none."""
    if len(matches) < 4:
        return None
    import cv2

    cv2.setRNGSeed(0)
    source, target = matches.image, matches.baseline
    matrix, mask = cv2.findHomography(
        source, target, cv2.USAC_MAGSAC, matches.tolerance, maxIters=10_000, confidence=0.9999
    )
    if matrix is None:
        return None
    inliers = mask.ravel().astype(np.bool_)
    if inliers.sum() >= 4:
        refined, _ = cv2.findHomography(source[inliers], target[inliers], 0)
        matrix = matrix if refined is None else refined
    return _motion(np.asarray(matrix, dtype=np.float64), matches)


def find_similarity(matches: Matches, grid: Grid, baseline: Grid) -> Motion | None:
    """Return the similarity (turn, one scale, shift; never a mirror image) most matches agree on.

    It is one on the objects' planes, in mm, where both images have a scale, so that neither unequal
    spacing of rows and columns nor a known perspective is taken for a deformation; else one of pixels.
    OpenCV offers MAGSAC for homographies, not for similarities: RANSAC finds the set, and its weights settle
    the motion, so that no single distance parts what counts from what does not.

    Parameters
    ----------
    matches : Matches
        Points that look alike.
    grid, baseline : Grid
        Of the image and of the baseline.

    References
    ----------
    Barath D et al. MAGSAC++, a fast, reliable and accurate robust estimator. CVPR 2020:1301-1309.
    """
    if len(matches) < 2:
        return None
    import cv2

    onto = onto_planes(grid, baseline)
    source, target = homogeneous(onto[0], matches.image), homogeneous(onto[1], matches.baseline)
    pixel = (
        1.0 if not baseline.is_calibrated or not grid.is_calibrated else max(baseline.spacing_mm or (1.0,))
    )
    cv2.setRNGSeed(0)
    found, _ = cv2.estimateAffinePartial2D(
        source,
        target,
        method=cv2.RANSAC,
        ransacReprojThreshold=matches.tolerance * pixel,
        maxIters=10_000,
        confidence=0.9999,
        refineIters=50,
    )
    if found is None:
        return None
    settled = _settled(
        np.vstack([found, [0.0, 0.0, 1.0]]), source, target, tolerance=matches.tolerance * pixel
    )
    return _motion(np.linalg.inv(onto[1]) @ settled @ onto[0], matches)


def _settled(matrix: Floats, source: Floats, target: Floats, *, tolerance: float) -> Floats:
    """Return the similarity that fits best where the noise is anything up to what is tolerated.

    Of residuals in the plane whose standard deviation is equally likely to be anything up to σ, MAGSAC's
    weights (its equation for two degrees of freedom) are erfc(r / √2 σ) − erfc(k / √2), and 0 beyond k σ.
    """
    from scipy.special import erfc

    sigma = tolerance / _REACH
    here, there = (points[:, 0] + 1j * points[:, 1] for points in (source, target))
    for _ in range(_ROUNDS):
        off = np.linalg.norm(homogeneous(matrix, source) - target, axis=1)
        weights = np.clip(erfc(off / (np.sqrt(2) * sigma)) - erfc(_REACH / np.sqrt(2)), 0, None)
        if (weights > 0).sum() < 2:
            return matrix
        middles = [np.average(points, weights=weights) for points in (here, there)]
        around = here - middles[0]
        turn = np.sum(weights * around.conj() * (there - middles[1])) / np.sum(weights * np.abs(around) ** 2)
        shift = middles[1] - turn * middles[0]
        last, matrix = (
            matrix,
            np.array(
                [[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag], [0.0, 0.0, 1.0]]
            ),
        )
        if np.abs(homogeneous(matrix, source) - homogeneous(last, source)).max() < 1e-3 * sigma:
            break
    return matrix


def onto_planes(grid: Grid, baseline: Grid) -> tuple[Floats, Floats]:
    """Return what carries the pixel coordinates of each of two images to its object's plane.

    In mm where both have a scale, else in pixels.
    """
    if not (grid.is_calibrated and baseline.is_calibrated):
        return np.eye(3), np.eye(3)
    return _onto_plane(grid), _onto_plane(baseline)


def _onto_plane(grid: Grid) -> Floats:
    if grid.homography is not None:
        return grid.homography
    assert grid.spacing_mm is not None
    return np.diag([*grid.spacing_mm, 1.0])


def _motion(matrix: Floats, matches: Matches) -> Motion | None:
    if not np.isfinite(matrix).all() or abs(matrix[2, 2]) < 1e-9:
        return None
    matrix = matrix / matrix[2, 2]
    return Motion(matrix=matrix, inliers=matches.agreeing(matrix))


def refuse(
    motion: Motion | None, matches: Matches, grid: Grid, *, least: int, share: float = LEAST_SHARE
) -> Refused | None:
    """Return why a motion is not believed, None where it passes.

    Checked are the count and share of the matches that agree, how much of the image they span, and
    that the image is carried to a convex quadrilateral, not mirrored, neither tiny nor huge.

    Parameters
    ----------
    motion : Motion, optional
        As found; None where nothing was.
    matches : Matches
        What it was found from.
    grid : Grid
        Of the image.
    least : int
        Least number of matches that must agree.
    share : float
        Least share of them.
    """
    agreeing = 0 if motion is None else int(motion.inliers.sum())
    if motion is None or agreeing < least:
        return Refused(why=f"too few matching points: {agreeing}, at least {least} are needed")
    if agreeing < share * len(matches):
        return Refused(why=f"only {agreeing} of {len(matches)} matching points agree on one motion")
    spread = _spread(matches.image[motion.inliers])
    if spread < max(LEAST_SPREAD * float(np.prod(grid.shape)), LEAST_REACH * _spread(matches.image)):
        return Refused(why="the matching points lie in one spot of the picture")
    return implausible(motion.matrix, grid)


def _spread(points: Floats) -> float:
    from shapely import MultiPoint

    return float(MultiPoint(points).convex_hull.area)


def implausible(matrix: Floats, grid: Grid) -> Refused | None:
    """Return why no camera can have made a motion, None where one can: see `refuse`."""
    ring = corners(grid)
    weights = ring @ matrix[2, :2] + matrix[2, 2]
    if (weights <= 0).any():
        return Refused(why="the perspective found is not possible")
    carried = homogeneous(matrix, ring)
    edges = np.roll(carried, -1, axis=0) - carried
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    # The ring runs along the columns first: turning the other way means a mirror image.
    if (turns >= 0).all():
        return Refused(why="the motion found is a mirror image")
    if (turns >= 0).any():
        return Refused(why="the perspective found is not possible")
    # How much larger one corner comes out than the opposite one: the cube of the weights' ratio.
    if weights.max() > 2 * weights.min():
        return Refused(why="the perspective found is too strong to be believed")
    jacobian = matrix[:2, :2] - np.outer(carried.mean(axis=0), matrix[2, :2])
    stretch = np.linalg.svd(jacobian / weights.mean(), compute_uv=False)
    if stretch.max() > GREATEST_SCALE or stretch.min() < LEAST_SCALE or stretch.max() > 2 * stretch.min():
        return Refused(why="the scale found is not possible")
    return None


def residual(motion: Motion, matches: Matches, grid: Grid) -> float:
    """Return the root mean square distance of agreeing matches after the motion, in the grid's length unit.

    Parameters
    ----------
    motion : Motion
        As found.
    matches : Matches
        What it was found from.
    grid : Grid
        Of the baseline.
    """
    carried = grid.locate(homogeneous(motion.matrix, matches.image[motion.inliers]))
    there = grid.locate(matches.baseline[motion.inliers])
    return float(np.sqrt(((carried - there) ** 2).sum(axis=1).mean()))
