"""Where the elements of one DICOM file stand, walked one after another without pydicom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import Struct

from lesionkit.io.dicom.nested import UNDEFINED, Nested

_EXPLICIT, _IMPLICIT, _DEFLATED, _BIG = (
    b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.2",
)  # fmt: skip
_FIRST = 132
"""Where the first element stands, after preamble and prefix."""
SYNTAX = 0x00020010
PIXELS = 0x7FE00010
_HEAD = Struct("<HHHH").unpack_from
_LONG = Struct("<I").unpack_from

Wanted = Mapping[int, str]
"""Tags of elements, and their VRs by the dictionary."""


def _vrs() -> dict[int, int]:
    """Return how many bytes stand between the start of an element and its value, by its VR as a number."""
    from pydicom.valuerep import EXPLICIT_VR_LENGTH_16, EXPLICIT_VR_LENGTH_32

    short = {_code(name): 8 for name in EXPLICIT_VR_LENGTH_16}
    return short | {_code(name): 12 for name in EXPLICIT_VR_LENGTH_32}


def _code(vr: str) -> int:
    return int.from_bytes(vr.encode("ascii"), "little")


_VALUE_AFTER = _vrs()

LETTERS = tuple(0x40 < low < 0x5B and 0x40 < high < 0x5B for high in range(256) for low in range(256))
"""Whether two bytes look like a VR, where none should be."""


@dataclass(slots=True)
class Trail:
    """The elements of a file up to that of its pixels.

    Parameters
    ----------
    tags, vrs : list of int
        Of each element; VR as a number of two bytes, whatever stands there where VRs are left out.
    places : list of int
        Where each begins, from the start of the file.
    values : list of int
        Bytes from there to its value.
    lengths : list of int
        Bytes of its value, `UNDEFINED` where that is not told.
    main : int
        Number of the first element of the main dataset.
    syntax : bytes
        TransferSyntaxUID.
    explicit : bool
        Whether VRs stand in the main dataset.
    ended : bool
        Whether the last element is that of the pixels.
    ran_out : bool
        Whether there was no more to read before that.
    """

    tags: list[int] = field(default_factory=list)
    vrs: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    main: int = 0
    syntax: bytes = b""
    explicit: bool = True
    ended: bool = False
    ran_out: bool = False


class Walker:
    """Walks files in one buffer.

    Only what pydicom would read in the same way is walked: file meta information, then little endian
    elements whose tags rise and whose VRs are those of the standard, sequences well formed. At anything else
    a walk stops, neither ended nor run out.

    Parameters
    ----------
    flat : bytes
        The beginnings of files, one after another, and at least 16 bytes more.
    wanted : dict of int to str
        Tags and VRs of elements that must be of these VRs where VRs are told, and be there whole.
    """

    flat: bytes
    nested: dict[bool, Nested]
    """Finds the ends of sequences, by whether VRs are told."""

    def __init__(self, flat: bytes, wanted: Wanted) -> None:
        self.flat = flat
        self._wanted = {tag: _code(vr) for tag, vr in wanted.items()}
        self.nested = {explicit: Nested(flat, explicit=explicit) for explicit in (True, False)}

    def walk(self, start: int, stop: int) -> Trail:
        """Return the elements of the file between two places."""
        trail = Trail()
        at: int | None = start + _FIRST
        while at is not None and at + 12 <= stop and _HEAD(self.flat, at)[0] == 2:
            at = self._step(trail, start, at, stop)
            if at is not None and trail.tags[-1] == SYNTAX:
                trail.syntax = self.flat[at - trail.lengths[-1] : at]
        explicit = _says_vrs(trail.syntax)
        if at is None or at + 12 > stop or explicit is None:
            trail.ran_out = False
            return trail
        trail.main, trail.explicit = len(trail.tags), explicit
        while at is not None:
            at = self._step(trail, start, at, stop)
        return trail

    def _step(self, trail: Trail, start: int, at: int, stop: int) -> int | None:
        """Add the element at a place; return where the next begins, None where the walk stops."""
        if at + 12 > stop:
            trail.ran_out = True
            return None
        tag, vr, value, length = self._element(at, explicit=trail.explicit)
        if not value or (trail.tags and tag <= trail.tags[-1]):
            return None
        following: int | None = at + value + length
        if tag in self._wanted:
            if (trail.explicit and vr != self._wanted[tag]) or length == UNDEFINED:
                return None
            if at + value + length > stop:
                trail.ran_out = True
                return None
        elif tag >= PIXELS - 0x10:
            if tag != PIXELS:
                return None
            trail.ended, following = True, None
        elif length == UNDEFINED:
            nested = self.nested[trail.explicit]
            following = nested.past(tag, vr, at + value, stop)
            trail.ran_out = nested.ran_out
            if following is None:
                return None
        trail.tags.append(tag)
        trail.vrs.append(vr)
        trail.places.append(at - start)
        trail.values.append(value)
        trail.lengths.append(length)
        return following

    def _element(self, at: int, *, explicit: bool) -> tuple[int, int, int, int]:
        """Return tag, VR, bytes up to the value (0 where it is unusual), and length of an element."""
        group, element, vr, length = _HEAD(self.flat, at)
        value = _VALUE_AFTER.get(vr, 0) if explicit else 0 if LETTERS[vr] else 8
        if value == 12 or not explicit:
            (length,) = _LONG(self.flat, at + value - 4)
        return group << 16 | element, vr, value, length


def _says_vrs(syntax: bytes) -> bool | None:
    """Return whether VRs stand in a file; None where it is not of a usual kind."""
    plain = syntax.rstrip(b"\0 ")
    if plain in (_DEFLATED, _BIG) or not plain.startswith(_IMPLICIT):
        return None
    return plain != _IMPLICIT
