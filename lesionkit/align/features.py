"""Points that look alike on two planar images, and the motion most of them agree on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.align.found import Refused
from lesionkit.align.grids import corners
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid
from lesionkit.core.region import Mask, Region

LONG_SIDE = 1600
"""Pixels of the long side at which features are sought: finer detail is noise and costs time."""

MOST_FEATURES = 6000

RATIO = 0.8
"""Nearest against second-nearest descriptor [1]_.

.. [1] Lowe DG. Distinctive image features from scale-invariant keypoints. IJCV 2004;60:91-110, section 7.1.
"""

INLIER_PX = 3.0
"""Greatest distance of an inlier from its carried partner, px at the reduced size."""

LEAST_SHARE = 0.25
"""Least share of matches that must agree on the motion; unrelated pictures stay well below."""

LEAST_INLIERS = 10
"""Least number of agreeing matches for a similarity: unrelated pictures reach 4 to 6 by chance."""

NEIGHBOURHOOD = 0.2
"""How far around the deposits features count, as a share of the image's long side."""

LEAST_SCALE, GREATEST_SCALE = 0.2, 5.0
"""Between which a picture may be larger or smaller than another of the same site."""

LEAST_SPREAD = 0.02
"""Least area of the inliers' hull as a share of the image: a single spot fixes no motion."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Matches:
    """Points that look alike, row by row, in full-size (row, col) pixels.

    Parameters
    ----------
    image, baseline : ndarray of float, shape (n, 2)
        Partners.
    tolerance : float
        Inlier distance in the baseline's full-size pixels.
    """

    image: Floats
    baseline: Floats
    tolerance: float

    def __len__(self) -> int:
        return len(self.image)

    def agreeing(self, matrix: Floats) -> npt.NDArray[np.bool_]:
        """Return which are carried to within the tolerance of their partners."""
        distances = np.linalg.norm(homogeneous(matrix, self.image) - self.baseline, axis=1)
        return np.asarray(distances <= self.tolerance)

    def joined(self, other: "Matches") -> "Matches":
        """Return these and others of the same two images."""
        return Matches(
            image=np.vstack([self.image, other.image]),
            baseline=np.vstack([self.baseline, other.baseline]),
            tolerance=self.tolerance,
        )


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


def match(
    image: npt.NDArray[np.uint8],
    baseline: npt.NDArray[np.uint8],
    *,
    masks: tuple[npt.NDArray[np.bool_] | None, npt.NDArray[np.bool_] | None] = (None, None),
) -> Matches:
    """Return the points of two grey images that look alike, each of both at most once.

    SIFT features at a long side of at most `LONG_SIDE`, the ratio test, and mutual nearest neighbours.

    Parameters
    ----------
    image, baseline : ndarray of uint8, shape (rows, cols)
        The two.
    masks : tuple of (ndarray of bool or None)
        Where on each to look; None = everywhere.
    """
    first, second = _describe(image, masks[0]), _describe(baseline, masks[1])
    tolerance = INLIER_PX / second.scale
    if min(len(first.points), len(second.points)) < 2:
        return Matches(image=np.empty((0, 2)), baseline=np.empty((0, 2)), tolerance=tolerance)
    import cv2

    matcher = cv2.BFMatcher(cv2.NORM_L2)
    forth = matcher.knnMatch(first.descriptors, second.descriptors, k=2)
    back = {(m.trainIdx, m.queryIdx) for m in matcher.match(second.descriptors, first.descriptors)}
    pairs = [
        (best.queryIdx, best.trainIdx)
        for best, other in forth
        if best.distance < RATIO * other.distance and (best.queryIdx, best.trainIdx) in back
    ]
    index = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    # SIFT may describe one point twice (two orientations): one match per pair of places.
    joined = np.hstack([first.points[index[:, 0]], second.points[index[:, 1]]])
    joined = np.unique(joined, axis=0)
    return Matches(image=joined[:, :2], baseline=joined[:, 2:], tolerance=tolerance)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Described:
    points: Floats
    descriptors: npt.NDArray[np.float32]
    scale: float


def _describe(grey: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_] | None) -> _Described:
    import cv2

    scale = min(1.0, LONG_SIDE / max(grey.shape))
    rows, cols = (max(1, round(side * scale)) for side in grey.shape)
    small = grey if scale == 1 else cv2.resize(grey, (cols, rows), interpolation=cv2.INTER_AREA)
    where = None
    if mask is not None:
        where = cv2.resize(mask.astype(np.uint8), (cols, rows), interpolation=cv2.INTER_NEAREST)
    sift = cv2.SIFT.create(nfeatures=MOST_FEATURES, contrastThreshold=0.02, enable_precise_upscale=True)
    keypoints, descriptors = sift.detectAndCompute(small, where)
    if descriptors is None:
        descriptors = np.empty((0, 128), dtype=np.float32)
    xy = np.asarray([keypoint.pt for keypoint in keypoints], dtype=np.float64).reshape(-1, 2)
    # Pixel centres on integers: a reduced pixel covers several, so the half pixel scales too.
    ratio = np.asarray(grey.shape) / np.asarray(small.shape)
    # RootSIFT: Arandjelovic R, Zisserman A. Three things everyone should know to improve object
    # retrieval. CVPR 2012.
    rooted = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-9))
    return _Described(
        points=(xy[:, ::-1] + 0.5) * ratio - 0.5,
        descriptors=np.asarray(rooted, dtype=np.float32),
        scale=1 / float(ratio.max()),
    )


def near_regions(matches: Matches, regions: Sequence[Region], baseline: Grid) -> Matches:
    """Return the matches whose point on the baseline lies in the neighbourhood of a region.

    Parameters
    ----------
    matches : Matches
        All of them.
    regions : sequence of Region
        On the baseline.
    baseline : Grid
        Of the baseline.
    """
    margin = NEIGHBOURHOOD * max(baseline.shape)
    points = matches.baseline
    inside = np.zeros(len(matches), dtype=np.bool_)
    for region in regions:
        if isinstance(region, Mask):
            low = np.asarray(region.origin, dtype=np.float64)
            high = low + np.asarray(region.voxels.shape) - 1
        else:
            low, high = region.exterior.min(axis=0), region.exterior.max(axis=0)
        inside |= ((points >= low - margin) & (points <= high + margin)).all(axis=1)
    return Matches(image=matches.image[inside], baseline=points[inside], tolerance=matches.tolerance)


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

    Parameters
    ----------
    matches : Matches
        Points that look alike.
    grid, baseline : Grid
        Of the image and of the baseline.
    """
    if len(matches) < 2:
        return None
    import cv2

    onto = [np.eye(3), np.eye(3)]
    if grid.is_calibrated and baseline.is_calibrated:
        onto = [_onto_plane(grid), _onto_plane(baseline)]
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
    return _motion(np.linalg.inv(onto[1]) @ np.vstack([found, [0.0, 0.0, 1.0]]) @ onto[0], matches)


def _onto_plane(grid: Grid) -> Floats:
    """Return what carries pixel coordinates to mm on the object's plane."""
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
    if _spread(matches.image[motion.inliers]) < LEAST_SPREAD * float(np.prod(grid.shape)):
        return Refused(why="the matching points lie in one spot of the picture")
    return _implausible(motion.matrix, grid)


def _spread(points: Floats) -> float:
    from shapely import MultiPoint

    return float(MultiPoint(points).convex_hull.area)


def _implausible(matrix: Floats, grid: Grid) -> Refused | None:
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
