"""Points that look alike on two planar images."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lesionkit.align.lines import outlines_of
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

_AT_ONCE = 1024
"""Features compared at a time with all of the other image, to spare memory."""

NEIGHBOURHOOD = 0.2
"""How far around the deposits features count, as a share of the image's long side."""

RIM = 0.25
"""What lies so near to a deposit changes with it, in radii of it."""


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

    def only(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Matches":
        """Return some of them, by a mask or by their places."""
        return Matches(image=self.image[which], baseline=self.baseline[which], tolerance=self.tolerance)

    def joined(self, other: "Matches") -> "Matches":
        """Return these and others of the same two images."""
        return Matches(
            image=np.vstack([self.image, other.image]),
            baseline=np.vstack([self.baseline, other.baseline]),
            tolerance=self.tolerance,
        )


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
    first, second = (
        describe(grey, mask, shape=grey.shape) for grey, mask in zip((image, baseline), masks, strict=True)
    )
    return match_described(first, second)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Described:
    """Features of one grey image.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        ``(row, col)`` at full size.
    descriptors : ndarray of float32, shape (n, 128)
        Of length 1.
    scale : float
        Size at which they were sought, over the full one.
    """

    points: Floats
    descriptors: npt.NDArray[np.float32]
    scale: float

    def only(self, which: npt.NDArray[np.bool_]) -> "Described":
        """Return some of them."""
        return replace(self, points=self.points[which], descriptors=self.descriptors[which])


def describe(
    grey: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_] | None, *, shape: tuple[int, ...]
) -> Described:
    """Return the features of a grey image: SIFT at a long side of at most `LONG_SIDE`.

    Parameters
    ----------
    grey : ndarray of uint8, shape (rows, cols)
        The image, or a smaller copy of it.
    mask : ndarray of bool, optional
        Where to look; as large as `grey`.
    shape : tuple of int
        Of the image at its full size, in whose pixels the points are told.
    """
    import cv2

    shrink = min(1.0, LONG_SIDE / max(grey.shape))
    rows, cols = (max(1, round(side * shrink)) for side in grey.shape)
    small = grey if shrink == 1 else cv2.resize(grey, (cols, rows), interpolation=cv2.INTER_AREA)
    where = None
    if mask is not None:
        where = cv2.resize(mask.astype(np.uint8), (cols, rows), interpolation=cv2.INTER_NEAREST)
    sift = cv2.SIFT.create(nfeatures=MOST_FEATURES, contrastThreshold=0.02, enable_precise_upscale=True)
    keypoints, descriptors = sift.detectAndCompute(small, where)
    if descriptors is None:
        descriptors = np.empty((0, 128), dtype=np.float32)
    xy = np.asarray([keypoint.pt for keypoint in keypoints], dtype=np.float64).reshape(-1, 2)
    # Pixel centres on integers: a reduced pixel covers several, so the half pixel scales too.
    ratio = np.asarray(shape, dtype=np.float64) / np.asarray(small.shape)
    # RootSIFT: Arandjelovic R, Zisserman A. Three things everyone should know to improve object
    # retrieval. CVPR 2012.
    rooted = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-9))
    return Described(
        points=(xy[:, ::-1] + 0.5) * ratio - 0.5,
        descriptors=np.asarray(rooted, dtype=np.float32),
        scale=1 / float(ratio.max()),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nearness:
    """Where features of one image are expected on another.

    Parameters
    ----------
    matrix : ndarray of float, shape (3, 3)
        Carries them there, about.
    sides_mm : ndarray of float, shape (2,)
        Of the other image's pixels.
    reach_mm : float
        How far off they may be.
    """

    matrix: Floats
    sides_mm: Floats
    reach_mm: float

    def is_far(self, points: Floats, others: Floats) -> npt.NDArray[np.bool_]:
        """Return which of two images' points are too far apart to be partners, shape (n, m)."""
        carried, there = (
            (each * self.sides_mm).astype(np.float32) for each in (homogeneous(self.matrix, points), others)
        )
        is_far = np.abs(np.subtract.outer(carried[:, 0], there[:, 0])) > self.reach_mm
        is_far |= np.abs(np.subtract.outer(carried[:, 1], there[:, 1])) > self.reach_mm
        return np.asarray(is_far)


def match_described(first: Described, second: Described, *, near: "Nearness | None" = None) -> Matches:
    """Return the points of two images that look alike, each of both at most once.

    The ratio test, and mutual nearest neighbours; of descriptors of length 1 the nearest has the
    greatest product.

    Parameters
    ----------
    first, second : Described
        The two.
    near : Nearness, optional
        Compare only what lies near to where it is expected; None compares all with all.
    """
    tolerance = INLIER_PX / second.scale
    if min(len(first.points), len(second.points)) < 2:
        return Matches(image=np.empty((0, 2)), baseline=np.empty((0, 2)), tolerance=tolerance)
    best = np.empty(len(first.points), dtype=np.intp)
    nearest, next_nearest = np.empty((2, len(first.points)), dtype=np.float32)
    back_alike = np.full(len(second.points), -np.inf, dtype=np.float32)
    back = np.zeros(len(second.points), dtype=np.intp)
    for start in range(0, len(best), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        alike = first.descriptors[part] @ second.descriptors.T
        if near is not None:
            # Not minus infinity: what has no rival near must still be alike by itself.
            alike[near.is_far(first.points[part], second.points)] = 0.0
        lines = np.arange(len(alike))
        better = alike.max(axis=0) > back_alike
        back[better] = start + alike[:, better].argmax(axis=0)
        back_alike = np.maximum(back_alike, alike.max(axis=0))
        best[part] = alike.argmax(axis=1)
        nearest[part] = alike[lines, best[part]]
        alike[lines, best[part]] = -np.inf
        next_nearest[part] = alike.max(axis=1)
    # Of vectors of length 1 the squared distance is 2 - 2 × their product.
    is_clear = 1 - nearest < RATIO**2 * (1 - next_nearest)
    chosen = np.flatnonzero(is_clear & (back[best] == np.arange(len(best))))
    # SIFT may describe one point twice (two orientations): one match per pair of places.
    joined = np.unique(np.hstack([first.points[chosen], second.points[best[chosen]]]), axis=0)
    return Matches(image=joined[:, :2], baseline=joined[:, 2:], tolerance=tolerance)


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
    return matches.only(inside)


def off_regions(matches: Matches, of_image: Sequence[Region], of_baseline: Sequence[Region]) -> Matches:
    """Return the matches that lie on no region of either image: what grows does not move with the skin."""
    return matches.only(~(_within(matches.image, of_image) | _within(matches.baseline, of_baseline)))


def _within(points: Floats, regions: Sequence[Region]) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(points), dtype=np.bool_)
    outlines = outlines_of(regions)
    if not outlines or not len(points):
        return inside
    from shapely import Polygon, contains_xy

    for outline in outlines:
        polygon = Polygon(outline.exterior)
        inside |= contains_xy(polygon.buffer(RIM * np.sqrt(polygon.area / np.pi)), *points.T)
    return inside
