"""Long and short axis of many regions at once, each in the plane where it is longest."""

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.geometry.farthest import Ends, farthest
from lesionkit.geometry.runs import Ints, Runs, changes
from lesionkit.geometry.widths import greatest_widths, lines_around

_TIE = 1e-9


def in_plane_axes(runs: Runs, ends: Ends, *, spacing: Floats) -> tuple[Floats, Floats]:
    """Return the long and the short axis of each region, shape (count,) each.

    As `lesionkit.geometry.polygon.axes` has them of `lesionkit.geometry.voxels.plane_rings`, in the plane
    with the longest one; of planes (and of pairs of points) equally long, across the widest.

    Parameters
    ----------
    runs : Runs
        The regions.
    ends : Ends
        Of the regions' rows.
    spacing : ndarray of float, shape (2,)
        Of rows and columns.
    """
    ends = _worth_a_look(ends, spacing)
    firsts = changes(ends.owner, ends.plane)
    found = farthest((ends.row, ends.col), firsts=firsts, owner=ends.owner[firsts], spacing=spacing)
    place, vector = _directions(ends, found.pairs, spacing)
    along = vector * spacing
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    owner = ends.owner[place]
    parts = _slabs(runs, owner, ends.plane[place])
    widths = greatest_widths(lines_around(parts), along, spacing)
    return found.length, np.maximum.reduceat(widths, changes(owner))


def _worth_a_look(ends: Ends, spacing: Floats) -> Ends:
    """Return the planes that are not too narrow to hold the longest diameter of their region."""
    firsts = changes(ends.owner, ends.plane)
    sizes = np.diff(firsts, append=len(ends.owner))
    # Half a voxel is added at either end of each; ends stand in the order of their rows.
    rows = (ends.row[firsts + sizes - 1] - ends.row[firsts] + 1) * spacing[0]
    cols = _extents(ends.col, firsts) * spacing[1]
    turned = [_extents(along, firsts) for along in (ends.row + ends.col, ends.row - ends.col)]
    width = np.maximum(np.maximum(rows, cols), np.maximum(*turned) * (spacing.prod() / np.hypot(*spacing)))
    owner_firsts = changes(ends.owner[firsts])
    reach = np.maximum.reduceat(width, owner_firsts)
    reach = np.repeat(reach, np.diff(owner_firsts, append=len(firsts)))
    # No diameter lies farther from one of the four directions than half the wider angle between two.
    half = np.arctan2(spacing.max(), spacing.min()) / 2
    is_long = np.minimum(np.hypot(rows, cols), width / np.cos(half)) >= reach * (1 - _TIE)
    return ends if is_long.all() else ends.taken(np.repeat(is_long, sizes))


def _extents(along: Ints, firsts: Ints) -> Ints:
    return np.asarray(np.maximum.reduceat(along, firsts) - np.minimum.reduceat(along, firsts) + 1)


def _directions(ends: Ends, pairs: Ints, spacing: Floats) -> tuple[Ints, Ints]:
    """Return where and along which vectors, in pixels, regions are longest: by owner, then plane.

    Returns
    -------
    place : ndarray of int, shape (n,)
        Index of a corner on the plane.
    vector : ndarray of int, shape (n, 2)
        From one end to the other.
    """
    one, other = pairs.T
    apart = np.stack([ends.row[other] - ends.row[one], ends.col[other] - ends.col[one]], axis=1)
    gain = np.square(spacing) * (2 * np.abs(apart) + 1)
    places, vectors = [], []
    for axis in (0, 1):
        # Half a voxel is added at either end; where the two ends lie on one line across, either way.
        is_grown = gain[:, axis] >= gain.max(axis=1, initial=0) * (1 - _TIE)
        for sign in (1, -1):
            fits = np.flatnonzero(is_grown & (apart[:, axis] * sign >= 0))
            vector = apart[fits]
            vector[:, axis] += sign
            places.append(one[fits])
            vectors.append(vector)
    place, vector = np.concatenate(places), np.concatenate(vectors)
    is_turned = (vector[:, 0] < 0) | ((vector[:, 0] == 0) & (vector[:, 1] < 0))
    vector = np.where(is_turned[:, None], -vector, vector)
    keys = (ends.owner[place], ends.plane[place], *vector.T)
    order = np.lexsort(keys[::-1])
    first = order[changes(*(key[order] for key in keys))]
    return place[first], vector[first]


def _slabs(runs: Runs, owner: Ints, plane: Ints) -> Runs:
    """Return single planes of regions, each as a region of its own."""
    firsts = runs.slabs()
    counts = np.diff(firsts, append=len(runs.owner))
    base = int(runs.plane.max(initial=0)) + 1
    key = runs.owner[firsts] * base + runs.plane[firsts]
    slab = np.searchsorted(key, owner * base + plane)
    number = counts[slab]
    index = np.arange(number.sum()) + np.repeat(firsts[slab] - (np.cumsum(number) - number), number)
    return Runs(
        count=len(owner),
        owner=np.repeat(np.arange(len(owner)), number),
        plane=runs.plane[index],
        row=runs.row[index],
        start=runs.start[index],
        stop=runs.stop[index],
    )
