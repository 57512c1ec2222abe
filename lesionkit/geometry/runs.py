"""Many yes-or-no regions at once, as runs of voxels along rows: everything that is counted, in one pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.geometry.threads import side_by_side

Ints = npt.NDArray[np.int64]

_WORD_BYTES = 8
_CHUNK_WORDS = 1 << 16
"""Words that are looked through at once: small enough for what is found to stay in the processor's cache."""
_MOST_NUMBERED = 1 << 22
_PIECE = 1 << 24
"""Labels of which the runs are found at once: what is made on the way is then small enough to be used again,
rather than given back to the system and asked for anew."""
_BATCH_RUNS = 30_000
"""Runs that are measured at once, for the same reason."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runs:
    """Yes-or-no regions, each as its runs of voxels along rows.

    Sorted by owner, then plane, row and start; runs of one owner do not overlap.

    Parameters
    ----------
    count : int
        Of regions; each has at least one run.
    owner : ndarray of int, shape (n,)
        Which region a run belongs to, 0 to `count` − 1.
    plane, row : ndarray of int, shape (n,)
        Where it lies; on planar images plane is 0.
    start, stop : ndarray of int, shape (n,)
        First column, and the one after the last.
    """

    count: int
    owner: Ints
    plane: Ints
    row: Ints
    start: Ints
    stop: Ints

    @property
    def lengths(self) -> Ints:
        """Voxels per run."""
        return self.stop - self.start

    @property
    def firsts(self) -> Ints:
        """Index of each region's first run, shape (count,)."""
        return np.searchsorted(self.owner, np.arange(self.count))

    def slabs(self) -> Ints:
        """Return the index of the first run of each region on each of its planes."""
        return changes(self.owner, self.plane)

    def lines(self) -> Ints:
        """Return the index of the first run of each region on each of its rows."""
        return changes(self.owner, self.plane, self.row)

    def batches(self) -> Iterator["Runs"]:
        """Yield some regions after others, all together once: few enough to stay in the processor's cache."""
        if self.count == 0:
            yield self
            return
        firsts = np.append(self.firsts, len(self.owner))
        begins = changes(firsts[:-1] // _BATCH_RUNS)
        for begin, stop in zip(begins, np.append(begins[1:], self.count), strict=True):
            which = slice(firsts[begin], firsts[stop])
            yield Runs(
                count=int(stop - begin),
                owner=self.owner[which] - begin,
                plane=self.plane[which],
                row=self.row[which],
                start=self.start[which],
                stop=self.stop[which],
            )


def changes(*keys: npt.NDArray[np.integer]) -> Ints:
    """Return where any key differs from the one before it, beginning with 0; nothing of empty keys."""
    is_new = np.ones(len(keys[0]), dtype=np.bool_)
    if len(is_new):
        is_new[1:] = keys[0][1:] != keys[0][:-1]
        for key in keys[1:]:
            is_new[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(is_new)


def runs_of_masks(masks: Sequence[npt.NDArray[np.bool_]], origins: Sequence[tuple[int, ...]]) -> Runs:
    """Return regions given as arrays of bool, each with the index of its first element in the image.

    Parameters
    ----------
    masks : sequence of ndarray of bool, shape (rows, cols) or (planes, rows, cols)
        At least one voxel each.
    origins : sequence of tuple of int
        One per mask.
    """
    parts = [_of_mask(mask, origin) for mask, origin in zip(masks, origins, strict=True)]
    owner = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    plane, row, start, stop = columns if parts else [np.zeros(0, dtype=np.int64)] * 4
    return Runs(count=len(parts), owner=owner, plane=plane, row=row, start=start, stop=stop)


def _of_mask(mask: npt.NDArray[np.bool_], origin: tuple[int, ...]) -> tuple[Ints, Ints, Ints, Ints]:
    planar = mask.ndim == 2
    first_plane, first_row, first_col = (0, *origin) if planar else origin
    stack = mask[None] if planar else mask
    rows, width = stack.shape[1], stack.shape[2] + 1
    # With one empty column after each row a run begins and ends wherever the long row of all changes.
    laid = np.zeros((*stack.shape[:2], width), dtype=np.int8)
    laid[..., :-1] = stack
    edges = np.flatnonzero(np.diff(laid.ravel(), prepend=np.int8(0)))
    starts, stops = edges[::2], edges[1::2]
    line, start = np.divmod(starts, width)
    plane, row = np.divmod(line, rows)
    return plane + first_plane, row + first_row, start + first_col, start + (stops - starts) + first_col


def runs_of_labels(labels: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.integer], Runs]:
    """Return the labels there are, rising, and the runs of each.

    Parameters
    ----------
    labels : ndarray of int or bool, shape (rows, cols) or (planes, rows, cols)
        0 is background.
    """
    array = np.ascontiguousarray(labels)
    rows, cols = array.shape[-2:]
    flat = array.reshape(-1)
    values, begin, length = _labelled(flat.view(np.uint8) if flat.dtype == np.bool_ else flat, cols)
    numbers, owner = _numbered(values)
    names = numbers.astype(labels.dtype)
    # The radix sort that numpy has for short integers is several times as quick as any other.
    small = owner.astype(np.uint16) if len(names) <= np.iinfo(np.uint16).max else owner
    order = np.argsort(small, kind="stable")
    begin, length = begin[order], length[order]
    line = begin // cols
    plane = line // rows
    start = begin - line * cols
    return names, Runs(
        count=len(names),
        owner=owner[order],
        plane=plane,
        row=line - plane * rows,
        start=start,
        stop=start + length,
    )


def _labelled(flat: npt.NDArray[np.integer], cols: int) -> tuple[npt.NDArray[np.integer], Ints, Ints]:
    """Return the label of every run, where in the array it begins, and its length."""
    piece = max(_PIECE // cols, 1) * cols
    firsts = range(0, len(flat), piece)

    def of_piece(first: int) -> tuple[npt.NDArray[np.integer], Ints, Ints]:
        values, begin, length = _labelled_in(flat[first : first + piece], cols)
        return values, begin + first, length

    found = [(flat[:0], *[np.zeros(0, dtype=np.int64)] * 2), *side_by_side(of_piece, firsts)]
    values, begin, length = (np.concatenate(column) for column in zip(*found, strict=True))
    return values, begin, length


def _labelled_in(flat: npt.NDArray[np.integer], cols: int) -> tuple[npt.NDArray[np.integer], Ints, Ints]:
    # Several labels are looked at together, as one word, where no word reaches over the end of a row.
    shift = next(k for k in (3, 2, 1, 0) if flat.itemsize << k <= _WORD_BYTES and cols % (1 << k) == 0)
    words = flat.view(f"u{flat.itemsize << shift}")
    hits = []
    for first in range(0, len(words), _CHUNK_WORDS):
        chunk = words[first : first + _CHUNK_WORDS]
        if chunk.max():
            hits.append(np.flatnonzero(chunk != 0) + first)
    hit = np.concatenate(hits) if hits else np.zeros(0, dtype=np.int64)
    if len(hit) == 0:
        return flat[:0], hit, hit
    values = words.take(hit).view(flat.dtype)
    is_new = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=is_new[1:])
    line = hit // (cols >> shift)
    is_new[1 << shift :: 1 << shift] |= (hit[1:] - hit[:-1] != 1) | (line[1:] != line[:-1])
    at = np.flatnonzero(is_new)
    found = values.take(at)
    region = np.flatnonzero(found != 0)
    begin = at.take(region)
    length = np.append(at, len(values)).take(region + 1) - begin
    return found.take(region), (hit.take(begin >> shift) << shift) + (begin & ((1 << shift) - 1)), length


def _numbered(values: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.integer], Ints]:
    """Return the different values, rising, and which of them each is."""
    if len(values) == 0 or values.min() < 0 or values.max() >= _MOST_NUMBERED:
        names, owner = np.unique(values, return_inverse=True)
        return names, owner.astype(np.int64)
    is_there = np.zeros(int(values.max()) + 1, dtype=np.bool_)
    is_there[values] = True
    number = np.cumsum(is_there) - 1
    return np.flatnonzero(is_there).astype(values.dtype), number[values]


def total(values: Ints, firsts: Ints) -> Ints:
    """Return the sum of the values of each group, given where each begins."""
    return np.asarray(np.add.reduceat(values, firsts) if len(firsts) else values[:0])


def voxels_of(runs: Runs, shape: Sequence[int]) -> Ints:
    """Return the index of every voxel of every region in the raveled image, owner after owner."""
    lengths = runs.lengths
    rows, cols = shape[-2:]
    begin = (runs.plane * rows + runs.row) * cols + runs.start
    ends = np.cumsum(lengths)
    return np.repeat(begin - (ends - lengths), lengths) + np.arange(ends[-1] if len(ends) else 0)


def moments(runs: Runs) -> tuple[Ints, Floats]:
    """Return how many voxels each region has, and its centre of mass (plane, row, col), shape (count, 3)."""
    lengths, firsts = runs.lengths, runs.firsts
    counts = total(lengths, firsts)
    doubled = total((runs.start + runs.stop - 1) * lengths, firsts)
    sums = (total(runs.plane * lengths, firsts), total(runs.row * lengths, firsts), doubled / 2)
    return counts, np.asarray(np.stack([each / counts for each in sums], axis=1))
