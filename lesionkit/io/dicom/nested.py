"""Where a DICOM sequence of undefined length ends: it must be read through to tell."""

from functools import cache
from struct import Struct

UNDEFINED = 0xFFFFFFFF
"""A length that is not told."""

_ITEM = 0xFFFEE000
_ITEM_END = 0xFFFEE00D
_SEQUENCE_END = 0xFFFEE0DD
_DEEPEST = 32
_SQ = int.from_bytes(b"SQ", "little")
_HEAD = Struct("<HHHH").unpack_from
_LONG = Struct("<I").unpack_from


class Nested:
    """Finds the end of sequences, in one buffer.

    Parameters
    ----------
    flat : bytes
        Files one after another.
    explicit : bool
        Whether VRs stand in them.
    """

    def __init__(self, flat: bytes, *, explicit: bool) -> None:
        self._flat = flat
        self._explicit = explicit
        self._known: dict[int, bytes] = {}
        self.ran_out = False
        """Whether the last sequence was not found to end before what there is of its file did."""

    def past(self, tag: int, vr: int, at: int, stop: int) -> int | None:
        """Return where the sequence ends whose first item is at `at`; None where it is none, or malformed."""
        self.ran_out = False
        if not self._is_sequence(tag, vr):
            return None
        # The same sequence often stands in every slice, and the same bytes end at the same place.
        known = self._known.get(tag, b"")
        if known and self._flat.startswith(known, at) and at + len(known) <= stop:
            return at + len(known)
        end = self._end(at, stop)
        if end is not None:
            self._known[tag] = self._flat[at:end]
        return end

    def _is_sequence(self, tag: int, vr: int) -> bool:
        return vr == _SQ if self._explicit else _is_sequence_by_dictionary(tag)

    def _end(self, at: int, stop: int) -> int | None:
        # Of each open sequence None, of each open item the place of its end or UNDEFINED, outermost first.
        open_: list[int | None] = [None]
        while open_:
            inner = open_[-1]
            if inner is not None and inner != UNDEFINED and at >= inner:
                if at > inner:
                    return None
                open_.pop()
                continue
            if at + 12 > stop:
                # A sequence may end with its file's head, but then nothing is known of what follows.
                self.ran_out = True
                return None
            step = self._in_sequence(at, open_) if inner is None else self._in_item(at, open_)
            if step is None or len(open_) > _DEEPEST:
                return None
            at = step
        return at

    def _in_sequence(self, at: int, open_: list[int | None]) -> int | None:
        group, element, _, _ = _HEAD(self._flat, at)
        (length,) = _LONG(self._flat, at + 4)
        tag = group << 16 | element
        if tag == _SEQUENCE_END and length == 0:
            open_.pop()
            return at + 8
        if tag != _ITEM:
            return None
        open_.append(UNDEFINED if length == UNDEFINED else at + 8 + length)
        return at + 8

    def _in_item(self, at: int, open_: list[int | None]) -> int | None:
        group, element, vr, short = _HEAD(self._flat, at)
        tag = group << 16 | element
        if group == 0xFFFE:
            (length,) = _LONG(self._flat, at + 4)
            if tag != _ITEM_END or length or open_[-1] != UNDEFINED:
                return None
            open_.pop()
            return at + 8
        found = self._value(at, vr, short)
        if found is None:
            return None
        value, length = found
        if length != UNDEFINED:
            return value + length
        if not self._is_sequence(tag, vr):
            return None
        open_.append(None)
        return value

    def _value(self, at: int, vr: int, short: int) -> tuple[int, int] | None:
        """Return where the value of an element begins and how long it is; None where its VR is unusual."""
        if not self._explicit:
            looks_explicit = 0x40 < vr & 0xFF < 0x5B and 0x40 < vr >> 8 < 0x5B
            return None if looks_explicit else (at + 8, _LONG(self._flat, at + 4)[0])
        width = _length_width(vr)
        if width == 4:
            return at + 12, _LONG(self._flat, at + 8)[0]
        return (at + 8, short) if width else None


@cache
def _length_width(vr: int) -> int:
    from pydicom.valuerep import EXPLICIT_VR_LENGTH_16, EXPLICIT_VR_LENGTH_32

    name = vr.to_bytes(2, "little").decode("latin-1")
    return 2 if name in EXPLICIT_VR_LENGTH_16 else 4 if name in EXPLICIT_VR_LENGTH_32 else 0


@cache
def _is_sequence_by_dictionary(tag: int) -> bool:
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    return dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ"
