"""What turned at a joint between two radiographs: a finger that is spread, a hand bent at the wrist.

A radiograph of a hand lies under one similarity only while no joint is moved. What was turned in the plane of
the film lies under another one, which meets that of the rest at the joint.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lesionkit.align.features import Matches
from lesionkit.align.grids import CASSETTE_MM
from lesionkit.align.motions import Motion, find_similarity, onto_planes
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid

if TYPE_CHECKING:
    from scipy.spatial import KDTree

Complexes = npt.NDArray[np.complex128]

NEIGHBOURS_MM = 25.0
"""How far apart matches may lie that hang together: about a phalanx."""

LEAST_AGREEING = 6
"""Least number of matches that must agree on the motion of a part. By chance 4 to 6 agree anywhere in
unrelated pictures (`lesionkit.align.motions.LEAST_INLIERS`), but they do not hang together."""

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

FINGER_MM = 60.0
"""How far from its nearest match the place may lie about which a part is turned: where a finger shows no
detail but near its tip."""

GAP_MM = 3.0
"""By how much two motions may differ at the joint: its cartilage does not part by more."""

LEAST_LOST = 4
"""How many matches must hang together, each off by more than `GAP_MM`, to show that the motion of the rest
does not hold there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Turned:
    """What moved by itself, seen in matches.

    Parameters
    ----------
    parts : tuple of Motion
        Of each that is known; inliers are those that hang together.
    lost : tuple of ndarray of bool
        Matches of each place where the motion of the rest does not hold, and none is known that does.
    """

    parts: tuple[Motion, ...] = ()
    lost: tuple[npt.NDArray[np.bool_], ...] = ()


def find_turned(
    main: Motion, matches: Matches, grid: Grid, baseline: Grid, *, sure: npt.NDArray[np.bool_]
) -> Turned:
    """Return what turned at a joint against the rest of a picture.

    Matches that the motion of the rest leaves unexplained, and that hang together (neighbours whose
    partners lie as far apart, turned by no more than a joint allows), are searched for further
    similarities. One is believed if at least `LEAST_AGREEING` matches agree, over `LEAST_LENGTH_MM`, that
    are `LEAST_SHARE` of the matches there; if it is neither stretched nor turned too far, if it moved at
    all, and if it agrees with the rest, or with another such part, at the joint between them.

    Parameters
    ----------
    main : Motion
        Of the rest.
    matches : Matches
        Points that look alike.
    grid, baseline : Grid
        Of the image and of the baseline.
    sure : ndarray of bool, shape (n,)
        Which matches were found without asking where they might be: the others do not show that anything
        is lost.
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
    far = plane.off > GAP_MM
    lost = [
        each for each in plane.clusters(np.flatnonzero(sure & far & ~explained)) if len(each) >= LEAST_LOST
    ]
    return Turned(parts=tuple(parts), lost=tuple(plane.chosen(each) for each in lost))


def _motions(cluster: npt.NDArray[np.intp], plane: "_Plane", grid: Grid, baseline: Grid) -> Iterator[Motion]:
    """Return the similarities that may be parts among matches that hang together."""
    pool = cluster
    while len(pool) >= LEAST_AGREEING:
        found = find_similarity(plane.matches.only(pool), grid, baseline)
        if found is None or found.inliers.sum() < LEAST_AGREEING:
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
    """Matches in mm (or as if) on the baseline's plane, as complex numbers: a similarity is then linear.

    Parameters
    ----------
    matches : Matches
        In pixels.
    back : ndarray of float, shape (3, 3)
        Carries places of the plane to pixel coordinates of the image, as the rest moved.
    onto : ndarray of float, shape (3, 3)
        Carries pixel coordinates of the baseline to the plane.
    tolerance : float
        Of a match, on the plane.
    at, partners : ndarray of complex, shape (n,)
        Where the rest of the picture carries the matches, and where their partners are.
    """

    matches: Matches
    back: Floats
    onto: Floats
    tolerance: float
    at: Complexes
    partners: Complexes

    @classmethod
    def of(cls, main: Motion, matches: Matches, grid: Grid, baseline: Grid) -> "_Plane":
        onto = onto_planes(grid, baseline)[1]
        if not (grid.is_calibrated and baseline.is_calibrated):
            onto = np.diag([CASSETTE_MM / max(baseline.shape)] * 2 + [1.0])
        return cls(
            matches=matches,
            back=np.asarray(np.linalg.inv(onto @ main.matrix), dtype=np.float64),
            onto=onto,
            tolerance=matches.tolerance * float(np.abs(onto[:2, :2]).max()),
            at=_complex(homogeneous(onto @ main.matrix, matches.image)),
            partners=_complex(homogeneous(onto, matches.baseline)),
        )

    @property
    def off(self) -> Floats:
        """How far the rest carries matches from their partners."""
        return np.abs(self.partners - self.at)

    def clusters(self, which: npt.NDArray[np.intp]) -> list[npt.NDArray[np.intp]]:
        """Return matches that hang together, the most first."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        if not len(which):
            return []
        pairs = _tree(self.at[which]).query_pairs(NEIGHBOURS_MM, output_type="ndarray")
        before, after = (np.diff(each[which][pairs], axis=1)[:, 0] for each in (self.at, self.partners))
        pairs = pairs[_misfits(before, after) <= 2 * self.tolerance]
        graph = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(which),) * 2)
        count, labels = connected_components(graph, directed=False)
        return sorted((which[labels == label] for label in range(count)), key=len, reverse=True)

    def chosen(self, which: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """Return matches as a mask."""
        mask = np.zeros(len(self.matches), dtype=np.bool_)
        mask[which] = True
        return mask

    def settled(self, which: npt.NDArray[np.intp], grid: Grid, baseline: Grid) -> Motion | None:
        """Return the similarity of some matches alone; its inliers are among them."""
        found = find_similarity(self.matches.only(which), grid, baseline)
        if found is None:
            return None
        return Motion(matrix=found.matrix, inliers=self.chosen(which[found.inliers]))

    def may_be_part(self, motion: Motion) -> bool:
        """Whether a motion is one that a joint allows, and enough matches in its place agree with it."""
        own = self.at[motion.inliers]
        if len(own) < LEAST_AGREEING or _length(own) < LEAST_LENGTH_MM:
            return False
        turn, shift = self._against_rest(motion)
        moved = np.sqrt((np.abs(turn * own + shift - own) ** 2).mean())
        return bool(
            len(own) >= LEAST_SHARE * _count_within(self.at, own)
            and 1 / GREATEST_STRETCH <= abs(turn) <= GREATEST_STRETCH
            and abs(np.angle(turn, deg=True)) <= GREATEST_TURN_DEG
            and moved >= LEAST_MOVED * self.tolerance
        )

    def meet(self, one: Motion, other: Motion) -> bool:
        """Whether two motions agree at a place that may be the joint between their matches.

        That is near the middle between the nearest of both, or where exactly they agree, if it is not
        too far from the matches of either.
        """
        turn, shift = np.subtract(self._against_rest(one), self._against_rest(other))
        own, others = (self.at[motion.inliers] for motion in (one, other))
        away, nearest = _tree(others).query(_columns(own))
        between = (own + others[nearest])[away <= JOINT_MM] / 2
        # Two similarities differ by |turn| per mm from where they agree.
        if (np.abs(turn * between + shift) <= GAP_MM + abs(turn) * REACH_MM).any():
            return True
        pivot = -shift / turn if turn else np.inf
        return bool(np.abs(own - pivot).min() <= FINGER_MM and np.abs(others - pivot).min() <= JOINT_MM)

    def _against_rest(self, motion: Motion) -> tuple[complex, complex]:
        """Return the turn (and scale) and shift that a motion adds to that of the rest."""
        added = self.onto @ motion.matrix @ self.back
        return complex(added[0, 0], added[1, 0]), complex(added[0, 2], added[1, 2])


def _misfits(before: Complexes, after: Complexes) -> Floats:
    """Return how far steps lie, shape (n,), from the nearest that a joint can have made of others."""
    turn = after / np.where(before == 0, 1, before)
    size = np.clip(np.abs(turn), 1 / GREATEST_STRETCH, GREATEST_STRETCH)
    most = np.deg2rad(GREATEST_TURN_DEG)
    nearest = size * np.exp(1j * np.clip(np.angle(turn), -most, most))
    return np.asarray(np.abs(after - nearest * before))


def _length(places: Complexes) -> float:
    around = _columns(places - places.mean())
    return float(np.ptp(around @ np.linalg.svd(around, full_matrices=False)[2][0]))


def _count_within(places: Complexes, own: Complexes) -> int:
    from shapely import MultiPoint, intersects_xy

    return int(intersects_xy(MultiPoint(_columns(own)).convex_hull, places.real, places.imag).sum())


def _complex(points: Floats) -> Complexes:
    return points[:, 0] + 1j * points[:, 1]


def _columns(places: Complexes) -> Floats:
    return np.column_stack([places.real, places.imag])


def _tree(places: Complexes) -> "KDTree":
    from scipy.spatial import KDTree

    return KDTree(_columns(places))
