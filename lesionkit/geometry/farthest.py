"""The greatest diameter of many regions at once, exact, without trying every pair of points.

The surface of a yes-or-no region runs midway between the centres of inside and outside voxels. Its convex
hull is that of the voxel centres, grown by half a voxel either way along each axis: so only the centres at
the ends of rows are looked at, and half a voxel is added at each end of a diameter along the axis where that
adds most.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.geometry.runs import Ints, Runs, changes

_TIE = 1e-9
"""Lengths that differ by less than this share of themselves are one length."""
_MARGIN = 1e-5
"""What is left out by short floats is shorter by more than this share."""
_ROUNDS = 3
_MOST_PAIRS = 1 << 20

Shorts = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ends:
    """The voxel centres at both ends of every row of every region.

    Sorted by owner, plane and row.

    Parameters
    ----------
    owner, plane, row, col : ndarray of int, shape (n,)
        Of each centre.
    """

    owner: Ints
    plane: Ints
    row: Ints
    col: Ints

    def taken(self, which: npt.NDArray[np.generic]) -> "Ends":
        """Return those of an index or a mask."""
        return Ends(
            owner=self.owner[which], plane=self.plane[which], row=self.row[which], col=self.col[which]
        )


def ends_of(runs: Runs) -> Ends:
    """Return the ends of all rows of all regions."""
    lines = runs.lines()
    last = np.append(lines[1:], len(runs.owner)) - 1 if len(lines) else lines
    cols = np.stack([runs.start[lines], runs.stop[last] - 1], axis=1)
    owner, plane, row = (np.repeat(each[lines], 2) for each in (runs.owner, runs.plane, runs.row))
    return Ends(owner=owner, plane=plane, row=row, col=cols.ravel())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Farthest:
    """The greatest diameter of each owner, and the pairs of points that have it.

    Parameters
    ----------
    length : ndarray of float, shape (owners,)
        Greatest distance.
    pairs : ndarray of int, shape (m, 2)
        Indices of points; every pair that far apart, in one order.
    """

    length: Floats
    pairs: Ints


def farthest(points: Sequence[Ints], *, firsts: Ints, owner: Ints, spacing: Floats) -> Farthest:
    """Return the greatest distance of two grown points of one group, for each owner of groups.

    Parameters
    ----------
    points : sequence of ndarray of int, shape (n,)
        Voxel centres, by axis; each group's stand together.
    firsts : ndarray of int, shape (groups,)
        Where each group of points begins.
    owner : ndarray of int, shape (groups,)
        Each owner's groups stand together.
    spacing : ndarray of float, shape (k,)
        Distance of voxel centres along each axis.

    References
    ----------
    Malandain G, Boissonnat JD. Computing the diameter of a point set. Int J Comput Geom Appl
    2002;12:489-509: of two points farther apart than a known pair, one lies outside the ball over that pair.
    """
    sizes = np.diff(firsts, append=len(points[0]))
    near = [axis.astype(np.float32) for axis in points]
    one = firsts
    for _ in range(_ROUNDS):
        gaps = _lengths([axis - np.repeat(axis[one], sizes) for axis in near], spacing)
        other, one = one, _first_greatest(gaps, firsts, sizes)
    best = _gaps(points, one, other, spacing)
    owner_firsts = changes(owner)
    reach = np.maximum.reduceat(best, owner_firsts) if len(best) else best
    number = np.repeat(np.arange(len(owner_firsts)), np.diff(owner_firsts, append=len(owner)))
    goal = np.sqrt(reach)[number] * (1 - _TIE)
    radius = _radii([axis - np.repeat((axis[one] + axis[other]) / 2, sizes) for axis in near], spacing)
    chosen, is_outer, group = _worth_trying(radius, goal, firsts, sizes)
    found = [np.zeros((4, 0))]
    for first, second in _pairings(group, is_outer):
        i, j = chosen[first], chosen[second]
        squared = _gaps(points, i, j, spacing)
        is_long = squared >= np.square(goal)[group[first]]
        found.append(np.stack([i, j, number[group[first]], squared])[:, is_long])
    return _longest(np.concatenate(found, axis=1), owners=len(owner_firsts), points=len(points[0]))


def _longest(found: Floats, *, owners: int, points: int) -> Farthest:
    one, other, whose = found[:3].astype(np.int64)
    best = np.zeros(owners)
    np.maximum.at(best, whose, found[3])
    is_best = found[3] >= best[whose] * (1 - _TIE) ** 2
    pair = np.unique((np.minimum(one, other) * points + np.maximum(one, other))[is_best])
    return Farthest(length=np.sqrt(best), pairs=np.stack([pair // points, pair % points], axis=1))


def _lengths(apart: Sequence[Shorts], spacing: Floats) -> Shorts:
    """Return squared lengths of ways in voxels, which are overwritten."""
    for axis, step in zip(apart, spacing.astype(np.float32), strict=True):
        np.multiply(axis, step, out=axis)
        np.square(axis, out=axis)
    for axis in apart[1:]:
        np.add(apart[0], axis, out=apart[0])
    return apart[0]


def _first_greatest(values: Shorts, firsts: Ints, sizes: Ints) -> Ints:
    """Return the index of the first of the greatest values of each group."""
    best = np.maximum.reduceat(values, firsts) if len(firsts) else values
    hits = np.flatnonzero(values == np.repeat(best, sizes))
    return hits[np.searchsorted(hits, firsts)]


def _gaps(points: Sequence[Ints], one: Ints, other: Ints, spacing: Floats) -> Floats:
    """Return squared distances of grown points: half a voxel is added at either end where it adds most."""
    total, grown = np.zeros(len(one)), np.zeros(len(one))
    for axis, step in zip(points, spacing, strict=True):
        apart = np.abs(axis[one] - axis[other]).astype(np.float64)
        np.maximum(grown, step**2 * (2 * apart + 1), out=grown)
        total += np.square(step * apart)
    return np.asarray(total + grown)


def _radii(off: Sequence[Shorts], spacing: Floats) -> Shorts:
    """Return how far grown points lie from a centre, given the way there in voxels; a little more."""
    squares = np.square(spacing).astype(np.float32)
    grown = np.zeros_like(off[0])
    for axis, square in zip(off, squares, strict=True):
        np.abs(axis, out=axis)
        np.maximum(grown, (axis + np.float32(0.25)) * square, out=grown)
    grown += _lengths(off, spacing)
    np.sqrt(grown, out=grown)
    grown *= np.float32(1 + _MARGIN)
    return grown


def _worth_trying(
    radius: Shorts, goal: Floats, firsts: Ints, sizes: Ints
) -> tuple[Ints, npt.NDArray[np.bool_], Ints]:
    """Return points that can end a diameter, which lie outside the known one's ball, and their group."""
    widest = np.maximum.reduceat(radius, firsts) if len(firsts) else radius
    chosen = np.flatnonzero(radius >= np.repeat((goal - widest).astype(np.float32), sizes))
    group = np.searchsorted(firsts, chosen, side="right") - 1
    return chosen, 2 * radius[chosen] >= goal[group], group


def _pairings(group: Ints, is_outer: npt.NDArray[np.bool_]) -> Iterator[tuple[Ints, Ints]]:
    """Yield every outer point with every point of its group, in pieces that fit in memory."""
    outer = np.flatnonzero(is_outer)
    firsts = np.searchsorted(group, group[outer])
    counts = np.searchsorted(group, group[outer], side="right") - firsts
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(outer):
        base = ends[begin - 1] if begin else 0
        stop = max(int(np.searchsorted(ends, base + _MOST_PAIRS, side="right")), begin + 1)
        number = counts[begin:stop]
        shift = firsts[begin:stop] - (ends[begin:stop] - number - base)
        one = np.repeat(outer[begin:stop], number)
        yield one, np.arange(len(one)) + np.repeat(shift, number)
        begin = stop
