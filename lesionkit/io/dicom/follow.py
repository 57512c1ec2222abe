"""Files that are built as another one: it is checked for all of them together that they are.

Of one series all files have the same elements, most of the same length. So one is walked, and of the others
it is checked that every element is where its steps lead. That takes some array operations for all files,
where walking takes a Python loop over some 260 elements of each.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from lesionkit.io.dicom.nested import UNDEFINED
from lesionkit.io.dicom.trail import LETTERS, PIXELS, SYNTAX, Trail, Walker

_AT_ONCE = 32
"""Elements checked together, as far as the first whose length is not the same in all files."""

_TAG, _TAG_AND_VR, _ALL = np.uint64(2**32 - 1), np.uint64(2**48 - 1), np.uint64(2**64 - 1)
_IS_LETTERS = np.array(LETTERS)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Followers:
    """The files that have the elements of a trail: alike in tags, VRs and TransferSyntaxUID, not in lengths.

    Parameters
    ----------
    walker : Walker
        Of the trail.
    trail : Trail
        Of one file; ended, or run out.
    starts, stops : ndarray of int64, shape (files,)
        Where in the walker's buffer files begin and end.

    Attributes
    ----------
    rows : ndarray of int64
        Numbers of these files; none where the trail has run out.
    ran_out : ndarray of bool, shape (files,)
        Which files have these elements as far as they could be read.
    places, lengths : ndarray of int64, shape (files, elements)
        Where elements begin in the buffer, and bytes of their values; told of `rows` only.
    """

    def __init__(self, walker: Walker, trail: Trail, starts: Ints, stops: Ints) -> None:
        self._walker, self._trail, self._stops = walker, trail, stops
        # Every place of the buffer as the start of eight bytes, or of four.
        flat = walker.flat
        self._words = np.ndarray((len(flat) - 7,), dtype="<u8", buffer=flat, strides=(1,))
        self._longs = np.ndarray((len(flat) - 3,), dtype="<u4", buffer=flat, strides=(1,))
        self._offsets = np.array(trail.places, dtype=np.int64)
        self._values = np.array(trail.values, dtype=np.int64)
        self._lengths = np.array(trail.lengths, dtype=np.int64)
        self._heads, self._masks = _expected(trail)
        self.rows: Ints = np.arange(len(starts))
        self.ran_out: Bools = np.zeros(len(starts), dtype=np.bool_)
        self.places: Ints = np.empty((len(starts), len(trail.tags)), dtype=np.int64)
        self.lengths: Ints = np.tile(self._lengths, (len(starts), 1))
        at = self._go(starts + trail.places[0])
        if not trail.ended:
            self.ran_out[self.rows[at + 12 > stops[self.rows]]] = True
            self.rows = self.rows[:0]

    def _go(self, at: Ints) -> Ints:
        """Go from element to element, several at once, from the place of the first to that of the next."""
        first = 0
        for turn in _turns(self._trail):
            while first <= turn:
                first = self._check(first, min(first + _AT_ONCE, turn + 1), at)
                last = first - 1
                at = self.places[self.rows, last] + self._values[last] + self.lengths[self.rows, last]
            if self._trail.lengths[turn] == UNDEFINED and self._trail.tags[turn] != PIXELS:
                at = self._past_sequence(turn)
            elif self._trail.tags[turn] == SYNTAX:
                at = self._of_same_syntax(turn, at)
        return at

    def _check(self, first: int, stop: int, at: Ints) -> int:
        """Check elements to the first whose head is not the same in all files; return the number behind."""
        places = at[:, None] + (self._offsets[first:stop] - self._offsets[first])
        readable = np.minimum(places, len(self._words) - 1)
        same = (self._words[readable] & self._masks[first:stop]) == self._heads[first:stop]
        long = np.flatnonzero(self._values[first:stop] == 12)
        same[:, long] &= self._long_lengths(readable[:, long]) == self._lengths[first + long]
        differ = np.flatnonzero(~same.all(axis=0))
        here = int(differ[0]) if len(differ) else stop - first - 1
        self.places[self.rows, first : first + here + 1] = places[:, : here + 1]
        # Of a file that ends before here, all is right up to where it ends.
        fits = places[:, here] + 12 <= self._stops[self.rows]
        self.ran_out[self.rows[~fits]] = True
        self.rows = self.rows[fits]
        if len(differ):
            self._take_lengths(first + here)
        return first + here + 1

    def _take_lengths(self, which: int) -> None:
        """Take the lengths of one element as each file has it; let files go whose element is another."""
        places = self.places[self.rows, which]
        heads = self._words[places]
        guide = self._heads[which]
        if self._values[which] == 12:
            lengths = self._long_lengths(places)
            same = (heads & _TAG_AND_VR) == guide
        elif self._trail.explicit or which < self._trail.main:
            lengths = (heads >> np.uint64(48)).astype(np.int64)
            same = (heads & _TAG_AND_VR) == (guide & _TAG_AND_VR)
        else:
            lengths = (heads >> np.uint64(32)).astype(np.int64)
            same = ((heads & _TAG) == (guide & _TAG)) & ~_IS_LETTERS[lengths & 0xFFFF]
        if self._trail.tags[which] != PIXELS:
            same &= (lengths == UNDEFINED) == (self._lengths[which] == UNDEFINED)
        self.lengths[self.rows, which] = lengths
        self.rows = self.rows[same]

    def _long_lengths(self, places: Ints) -> Ints:
        return self._longs[np.minimum(places + 8, len(self._longs) - 1)].astype(np.int64)

    def _past_sequence(self, which: int) -> Ints:
        """Return where the next element begins; let files go whose sequence is unusual."""
        nested = self._walker.nested[self._trail.explicit or which < self._trail.main]
        tag, vr, value = self._trail.tags[which], self._trail.vrs[which], self._trail.values[which]
        ends: list[int] = []
        kept: list[int] = []
        for row, place in zip(self.rows.tolist(), self.places[self.rows, which].tolist(), strict=True):
            end = nested.past(tag, vr, place + value, int(self._stops[row]))
            self.ran_out[row] = nested.ran_out
            if end is not None:
                ends.append(end)
                kept.append(row)
        self.rows = np.array(kept, dtype=np.int64)
        return np.array(ends, dtype=np.int64)

    def _of_same_syntax(self, which: int, ends: Ints) -> Ints:
        """Let files go whose TransferSyntaxUID is another; return where the next element begins."""
        flat, syntax = self._walker.flat, self._trail.syntax
        lengths = self.lengths[self.rows, which]
        same = [
            flat[end - length : end] == syntax
            for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)
        ]
        self.rows = self.rows[same]
        return ends[same]


def _turns(trail: Trail) -> Iterator[int]:
    """Yield the numbers of elements after which more than heads must be looked at, and of the last."""
    last = len(trail.tags) - 1
    for number, (tag, length) in enumerate(zip(trail.tags, trail.lengths, strict=True)):
        if length == UNDEFINED or tag == SYNTAX or number == last:
            yield number


def _expected(trail: Trail) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return the first eight bytes of every element as a number, and which bits of them matter."""
    heads: list[int] = []
    masks: list[int] = []
    elements = zip(trail.tags, trail.vrs, trail.values, trail.lengths, strict=True)
    for number, (tag, vr, value, length) in enumerate(elements):
        head = (tag >> 16) | (tag & 0xFFFF) << 16
        if not trail.explicit and number >= trail.main:
            head |= length << 32
        elif value == 8:
            head |= vr << 32 | length << 48
        else:
            head |= vr << 32
        heads.append(head)
        masks.append(int(_TAG_AND_VR if value == 12 else _ALL))
    return np.array(heads, dtype=np.uint64), np.array(masks, dtype=np.uint64)
