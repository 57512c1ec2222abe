"""What turned at a joint between two radiographs: a finger that is spread, a hand bent at the wrist.

A radiograph of a hand lies under one similarity only while no joint is moved. What was turned in the plane of
the film lies under another one, which meets that of the rest at the joint.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.align.features import Matches
from lesionkit.align.motions import LEAST_INLIERS, Motion, find_similarity, onto_planes
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid

CASSETTE_MM = 300.0
"""What the long side of a picture without a scale is taken for, so that the lengths below mean something:
the cassette for a hand is 24 by 30 cm."""

NEIGHBOURS_MM = 15.0
"""How far apart matches may lie that hang together: less than the bones of neighbouring fingers."""

ALIKE_MM = 8.0
"""How differently they may be off: at `NEIGHBOURS_MM` from one another a turn by 30 degrees makes 8 mm."""

LEAST_LENGTH_MM = 15.0
"""How long the agreeing matches of a part must lie: the phalanges of a grown finger are 15 to 45 mm long."""

LEAST_SHARE = 0.5
"""Least share of the matches within the hull of the agreeing ones that must agree."""

GREATEST_TURN_DEG = 50.0
"""By how much a part may be turned against the rest: a wrist goes 20 degrees towards the thumb and 30 to the
other side [1]_, fingers are spread by less.

.. [1] American Academy of Orthopaedic Surgeons. Joint motion: method of measuring and recording. 1965.
"""

GREATEST_STRETCH = 1.05
"""How much larger or smaller a part may come out than the rest: bones do not change, and a finger raised
20 mm from the film of a tube a metre away is 2 % larger. What is foreshortened by more is bent towards the
film, and no motion of the plane holds."""

LEAST_MOVED = 1.5
"""How far a part must have moved, in tolerances of a match (root mean square): less is no motion."""

JOINT_MM = 35.0
"""How far apart the nearest matches on both sides of a joint may lie."""

REACH_MM = 10.0
"""How far from the middle between them the joint may lie."""

GAP_MM = 3.0
"""By how much two motions may differ at the joint: its cartilage does not part by more."""

LEAST_LOST = 8
"""How many matches must hang together to show that something moved of which no motion is known."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Turned:
    """What moved by itself, seen in matches.

    Parameters
    ----------
    parts : tuple of Motion
        Of each that is known, the greatest first; inliers are those that hang together.
    lost : tuple of ndarray of int
        Matches, each time of one place, that moved together but as nothing rigid does that hangs on the rest.
    """

    parts: tuple[Motion, ...] = ()
    lost: tuple[npt.NDArray[np.intp], ...] = ()


def find_turned(main: Motion, matches: Matches, grid: Grid, baseline: Grid) -> Turned:
    """Return what turned at a joint against the rest of a picture.

    Matches that the motion of the rest leaves unexplained, and that hang together both in place and in
    how they are off, are searched for further similarities. One is believed if at least `LEAST_INLIERS`
    matches agree that lie in one place, over `LEAST_LENGTH_MM`, and are `LEAST_SHARE` of the matches there;
    if it is neither stretched nor turned too far, if it moved at all, and if it agrees with the rest, or
    with another such part, at the joint between them. What chance makes alike does not hang together:
    its partners lie anywhere.

    Parameters
    ----------
    main : Motion
        Of the rest.
    matches : Matches
        Points that look alike.
    grid, baseline : Grid
        Of the image and of the baseline.
    """
    plane = _Plane.of(main, matches, grid, baseline)
    candidates: list[Motion] = []
    for cluster in plane.clusters(np.flatnonzero(~main.inliers)):
        candidates += _motions(cluster, plane, grid, baseline)
    candidates.sort(key=lambda motion: -int(motion.inliers.sum()))
    parts: list[Motion] = []
    # What hangs on a part that hangs on the rest is found in a later round.
    while met := [one for one in candidates if any(plane.meet(one, other) for other in (main, *parts))]:
        parts += met
        candidates = [one for one in candidates if one not in met]
    explained = np.any([main.inliers, *(part.inliers for part in parts)], axis=0)
    lost = plane.clusters(np.flatnonzero(~explained))
    return Turned(parts=tuple(parts), lost=tuple(each for each in lost if len(each) >= LEAST_LOST))


def _motions(
    cluster: npt.NDArray[np.intp], plane: "_Plane", grid: Grid, baseline: Grid
) -> Iterator[Motion]:
    """Return the similarities that may be parts among matches that hang together."""
    pool = cluster
    while len(pool) >= LEAST_INLIERS:
        found = find_similarity(plane.matches.only(pool), grid, baseline)
        if found is None or found.inliers.sum() < LEAST_INLIERS:
            return
        agreeing = pool[found.inliers]
        together = max(plane.clusters(agreeing), key=len)
        motion = plane.settled(together, grid, baseline)
        is_part = motion is not None and plane.may_be_part(motion)
        if motion is not None and is_part:
            yield motion
        pool = np.setdiff1d(pool, together if is_part else agreeing)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plane:
    """Matches in mm on the object's planes, or as if in mm where there is no scale.

    Parameters
    ----------
    matches : Matches
        In pixels.
    main : ndarray of float, shape (3, 3)
        Motion of the rest, in pixels.
    onto : ndarray of float, shape (3, 3)
        Carries pixel coordinates of the baseline to its plane.
    tolerance : float
        Of a match, on the baseline's plane.
    source, carried, target : ndarray of float, shape (n, 2)
        Where the matches lie on the image, where the rest would carry them, and where their partners are.
    """

    matches: Matches
    main: Floats
    onto: Floats
    tolerance: float
    source: Floats
    carried: Floats
    target: Floats

    @classmethod
    def of(cls, main: Motion, matches: Matches, grid: Grid, baseline: Grid) -> "_Plane":
        here, there = onto_planes(grid, baseline)
        if not (grid.is_calibrated and baseline.is_calibrated):
            here, there = (np.diag([CASSETTE_MM / max(g.shape)] * 2 + [1.0]) for g in (grid, baseline))
        return cls(
            matches=matches,
            main=main.matrix,
            onto=there,
            tolerance=matches.tolerance * float(np.abs(there[:2, :2]).max()),
            source=homogeneous(here, matches.image),
            carried=homogeneous(there @ main.matrix, matches.image),
            target=homogeneous(there, matches.baseline),
        )

    def clusters(self, which: npt.NDArray[np.intp]) -> list[npt.NDArray[np.intp]]:
        """Return matches that hang together: near to one another, and off by much the same."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components
        from scipy.spatial import KDTree

        if not len(which):
            return []
        at, off = self.carried[which], (self.target - self.carried)[which]
        pairs = KDTree(at).query_pairs(NEIGHBOURS_MM, output_type="ndarray")
        pairs = pairs[np.linalg.norm(off[pairs[:, 0]] - off[pairs[:, 1]], axis=1) <= ALIKE_MM]
        graph = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(which),) * 2)
        count, labels = connected_components(graph, directed=False)
        found = [which[labels == label] for label in range(count)]
        return sorted(found, key=len, reverse=True)

    def settled(self, which: npt.NDArray[np.intp], grid: Grid, baseline: Grid) -> Motion | None:
        """Return the similarity of some matches alone; its inliers are among them."""
        found = find_similarity(self.matches.only(which), grid, baseline)
        if found is None:
            return None
        inliers = np.zeros(len(self.matches), dtype=np.bool_)
        inliers[which[found.inliers]] = True
        return Motion(matrix=found.matrix, inliers=inliers)

    def may_be_part(self, motion: Motion) -> bool:
        """Whether a motion is one that a joint allows, and enough matches in its place agree with it."""
        own = motion.inliers
        if own.sum() < LEAST_INLIERS or _length(self.source[own]) < LEAST_LENGTH_MM:
            return False
        if own.sum() < LEAST_SHARE * _count_within(self.source, self.source[own]):
            return False
        turn = self._turn(motion.matrix, self.main)
        moved = np.linalg.norm(self._off(motion.matrix, self.main, self.matches.image[own]), axis=1)
        return bool(
            1 / GREATEST_STRETCH <= abs(turn) <= GREATEST_STRETCH
            and abs(np.angle(turn, deg=True)) <= GREATEST_TURN_DEG
            and np.sqrt((moved**2).mean()) >= LEAST_MOVED * self.tolerance
        )

    def meet(self, one: Motion, other: Motion) -> bool:
        """Whether two motions agree at a place between their matches: the joint."""
        from scipy.spatial import KDTree

        some, others = np.flatnonzero(one.inliers), np.flatnonzero(other.inliers)
        away, nearest = KDTree(self.source[others]).query(self.source[some])
        near = away <= JOINT_MM
        if not near.any():
            return False
        points = self.matches.image
        between = (points[some[near]] + points[others[nearest[near]]]) / 2
        gaps = np.linalg.norm(self._off(one.matrix, other.matrix, between), axis=1)
        # Two motions of the plane differ by so much per mm from where they agree.
        steepness = abs(self._turn(one.matrix, other.matrix) - 1)
        return bool(gaps.min() - steepness * REACH_MM <= GAP_MM)

    def _off(self, one: Floats, other: Floats, points: Floats) -> Floats:
        return homogeneous(self.onto @ one, points) - homogeneous(self.onto @ other, points)

    def _turn(self, one: Floats, other: Floats) -> complex:
        """Return the turn and scale between two similarities, as a complex number."""
        between = self.onto @ one @ np.linalg.inv(self.onto @ other)
        return complex(between[0, 0], between[1, 0])


def _length(points: Floats) -> float:
    around = points - points.mean(axis=0)
    along = np.linalg.svd(around, full_matrices=False)[2][0]
    return float(np.ptp(around @ along))


def _count_within(points: Floats, ring: Floats) -> int:
    from shapely import MultiPoint, intersects_xy

    return int(intersects_xy(MultiPoint(ring).convex_hull, *points.T).sum())
