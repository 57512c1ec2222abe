"""The greatest diameter of many regions at once, exact, without trying every pair of points.

The surface of a yes-or-no region runs midway between the centres of inside and outside voxels. Its convex
hull is that of the voxel centres, grown by half a voxel either way along each axis: so only the centres at
the ends of rows that stand out beyond the rows beside them are looked at, and half a voxel is added at each
end of a diameter along the axis where that adds most.
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
Numbers = npt.NDArray[np.int64] | npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ends:
    """Voxel centres at the ends of the rows of regions, among them all corners of the hull of every plane.

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
    """Return the ends of all rows of all regions that can be corners of the convex hull of a plane.

    One that does not stand out beyond the line from the row before to the row after is none.
    """
    lines = runs.lines()
    if len(lines) == 0:
        return Ends(owner=lines, plane=lines, row=lines, col=lines)
    owner, plane, row = runs.owner[lines], runs.plane[lines], runs.row[lines]
    cols = np.stack([runs.start[lines], runs.stop[np.append(lines[1:], len(runs.owner)) - 1] - 1], axis=1)
    is_alone = np.ones(len(lines), dtype=np.bool_)
    is_alone[1:-1] = row[2:] - row[:-2] != 2
    slabs = changes(owner, plane)
    is_alone[slabs] = is_alone[slabs - 1] = True
    is_corner = np.repeat(is_alone, 2).reshape(-1, 2)
    is_corner[1:-1] |= (cols[:-2] + cols[2:] - 2 * cols[1:-1]) * (1, -1) > 0
    index = np.flatnonzero(is_corner)
    line = index >> 1
    return Ends(owner=owner[line], plane=plane[line], row=row[line], col=cols.ravel()[index])


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


def farthest(
    points: Sequence[Numbers], *, firsts: Ints, owner: Ints, spacing: Floats, growth: float = 1.0
) -> Farthest:
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
    growth : float
        How much longer a diameter grows along the axis where that adds most, in voxels: 1 of voxels, 0 of
        bare points.

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
    best = _gaps(points, one, other, spacing, growth)
    owner_firsts = changes(owner)
    reach = np.maximum.reduceat(best, owner_firsts) if len(best) else best
    number = np.repeat(np.arange(len(owner_firsts)), np.diff(owner_firsts, append=len(owner)))
    goal = np.sqrt(reach)[number] * (1 - _TIE)
    radius = _radii(
        [axis - np.repeat((axis[one] + axis[other]) / 2, sizes) for axis in near], spacing, growth
    )
    found = [np.zeros((4, 0))]
    for i, j, group in _worth_trying(radius, goal, firsts, sizes):
        squared = _gaps(points, i, j, spacing, growth)
        is_long = squared >= np.square(goal)[group]
        found.append(np.stack([i, j, number[group], squared])[:, is_long])
    return _longest(np.concatenate(found, axis=1), owners=len(owner_firsts), points=len(points[0]))


def outermost(points: Sequence[Numbers], *, firsts: Ints, spacing: Floats) -> npt.NDArray[np.bool_]:
    """Return which bare points can be an end of their group's greatest distance, by one look at each group.

    For groups of many points, before `farthest`. The two ends of a distance lie together at least as far from
    any place as from one another: none is nearer to it than the greatest distance known, less the farthest
    point. The place is the mean of four points.

    Parameters
    ----------
    points, firsts, spacing
        As for `farthest`.
    """
    sizes = np.diff(firsts, append=len(points[0]))
    near = [axis.astype(np.float32) for axis in points]
    some = [firsts + sizes * eighth // 8 for eighth in (1, 3, 5, 7)]
    middles = [np.mean([axis[each] for each in some], axis=0, dtype=np.float32) for axis in near]
    off = [axis - np.repeat(middle, sizes) for axis, middle in zip(near, middles, strict=True)]
    radius = _radii(off, spacing, 0.0)
    one = _first_greatest(radius, firsts, sizes)
    for axis in near:
        axis -= np.repeat(axis[one], sizes)
    other = _first_greatest(_lengths(near, spacing), firsts, sizes)
    known = np.sqrt(_gaps(points, one, other, spacing, 0.0)) * (1 - _TIE)
    return np.asarray(radius >= np.repeat((known - radius[one]).astype(np.float32), sizes))


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


def _gaps(points: Sequence[Numbers], one: Ints, other: Ints, spacing: Floats, growth: float) -> Floats:
    """Return squared distances of grown points: half a voxel is added at either end where it adds most."""
    total, grown = np.zeros(len(one)), np.zeros(len(one))
    for axis, step in zip(points, spacing, strict=True):
        apart = np.abs(axis[one] - axis[other]).astype(np.float64, copy=False)
        if growth:
            np.maximum(grown, step**2 * growth * (2 * apart + growth), out=grown)
        total += np.square(step * apart)
    return np.asarray(total + grown)


def _radii(off: Sequence[Shorts], spacing: Floats, growth: float) -> Shorts:
    """Return how far grown points lie from a centre, given the way there in voxels; a little more."""
    squares = (np.square(spacing) * growth).astype(np.float32)
    grown = np.zeros_like(off[0])
    for axis, square in zip(off, squares, strict=True):
        np.abs(axis, out=axis)
        np.maximum(grown, (axis + np.float32(growth / 4)) * square, out=grown)
    grown += _lengths(off, spacing)
    np.sqrt(grown, out=grown)
    grown *= np.float32(1 + _MARGIN)
    return grown


def _worth_trying(
    radius: Shorts, goal: Floats, firsts: Ints, sizes: Ints
) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Yield pairs of points of one group whose distances from its middle add up to the goal, and the group.

    Each pair once, every point with itself among them, in pieces that fit in memory.
    """
    widest = np.maximum.reduceat(radius, firsts) if len(firsts) else radius
    chosen = np.flatnonzero(radius >= np.repeat((goal - widest).astype(np.float32), sizes))
    group = np.searchsorted(firsts, chosen, side="right") - 1
    reach = radius[chosen].astype(np.float64)
    # Groups end to end, in each from the outermost point inwards: partners follow one another.
    top = reach.max(initial=0.0)
    key = group * (2 * top + 1) + (top - reach)
    order = np.argsort(key)
    chosen, group, reach, key = chosen[order], group[order], reach[order], key[order]
    least = np.clip(goal[group] - reach, 0, None)
    last = np.searchsorted(key, group * (2 * top + 1) + (top - least) + top * _MARGIN, side="right")
    counts = np.maximum(last - np.arange(len(chosen)), 0)
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(chosen):
        base = ends[begin - 1] if begin else 0
        stop = max(int(np.searchsorted(ends, base + _MOST_PAIRS, side="right")), begin + 1)
        number = counts[begin:stop]
        one = np.repeat(np.arange(begin, stop), number)
        other = one + np.arange(len(one)) - np.repeat(ends[begin:stop] - number - base, number)
        yield chosen[one], chosen[other], group[one]
        begin = stop
