"""Headers and pixel layouts of usual files, read side by side; pydicom reads the unusual ones.

Values are turned from bytes by pydicom itself, so that a header read here is the one it would give.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement, convert_raw_data_element, empty_value_for_VR
from pydicom.tag import BaseTag

from lesionkit.errors import ReadError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.header import KEYWORDS, TRAITS, Header, header_of, quiet, read_header
from lesionkit.io.dicom.layout import Layout, layout_of
from lesionkit.io.dicom.walk import FEW, Raw, Walked, walk_files

_MORE = (
    "SpecificCharacterSet", "BitsStored", "HighBit", "PixelRepresentation", "ModalityLUTSequence",
)  # fmt: skip


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    return int(tag)


_WANTED = tuple(sorted({_tag(keyword) for keyword in (*KEYWORDS, *_MORE)}))
_PLACE = {tag: place for place, tag in enumerate(_WANTED)}


def _place(keyword: str) -> int:
    return _PLACE[_tag(keyword)]


_CHARSET = _place("SpecificCharacterSet")
_NESTED = tuple(
    map(_place, ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "NumberOfFrames"))
)
_IN_WORDS = tuple(
    map(_place, ("PatientID", "ConvolutionKernel", "ContrastBolusAgent", "StackID", "RescaleType"))
)
"""Elements whose letters depend on the character set."""

_ONE_BYTE_SETS = frozenset({b"", b"ISO_IR 6", b"ISO_IR 100", b"ISO_IR 101", b"ISO_IR 144", b"ISO_IR 192"})
"""Character sets in which ASCII is ASCII."""

_UID = _place("SOPInstanceUID")
_POSITION = _place("ImagePositionPatient")
_TRAIT_PLACES = tuple(map(_place, TRAITS))
_VARYING = frozenset({_UID, _POSITION, *_TRAIT_PLACES}) - set(
    map(_place, ("ImageType", "SliceThickness", "KVP"))
)
"""What often differs from slice to slice; all else is alike in most files of a series."""

_FIXED = tuple(place for place in range(len(_WANTED)) if place not in _VARYING)

_LAYOUT = tuple(
    map(
        _place,
        (
            "Rows",
            "Columns",
            "SamplesPerPixel",
            "PhotometricInterpretation",
            "BitsAllocated",
            "BitsStored",
            "HighBit",
            "PixelRepresentation",
            "ModalityLUTSequence",
            "RescaleSlope",
            "RescaleIntercept",
            "RescaleType",
            "KVP",
        ),
    )
)
"""What decides how pixels become values."""

_PLAIN_UID = re.compile(rb"[0-9.]+\0?")
_PLAIN_NUMBERS = re.compile(rb" *[+-]?\d+(\.\d*)?([eE][+-]?\d+)? *(\\ *[+-]?\d+(\.\d*)?([eE][+-]?\d+)? *){2}")


def dataset_value(tag: int, raw: Raw, *, implicit: bool) -> Any:
    """Return the value of an element as pydicom gives it.

    Raises
    ------
    Exception
        Whatever pydicom raises of a broken value.
    """
    vr, data = raw[0] or None, raw[1]
    element = RawDataElement(
        tag=BaseTag(tag),
        VR=vr,
        length=len(data),
        value=data or empty_value_for_VR(vr, raw=True),  # type: ignore[arg-type]
        value_tell=0,
        is_implicit_VR=implicit,
        is_little_endian=True,
    )
    return convert_raw_data_element(element, encoding=["iso8859"]).value


@dataclass(frozen=True)
class Elements:
    """The wanted elements of a walked file, asked for as those of a pydicom dataset."""

    walked: Walked

    @cached_property
    def file_meta(self) -> "_Meta":
        """The file meta information."""
        return _Meta(self.walked.meta)

    def get(self, keyword: str) -> Any:
        """Return a value; None where the file has none of that name."""
        raw = self.walked.found[_place(keyword)]
        return None if raw is None else dataset_value(_tag(keyword), raw, implicit=self.walked.implicit)


@dataclass(frozen=True)
class _Meta:
    raw: dict[int, Raw]

    def get(self, keyword: str) -> Any:
        raw = self.raw.get(_tag(keyword))
        return None if raw is None else dataset_value(_tag(keyword), raw, implicit=False)


def walk_usual(paths: Sequence[Path]) -> Iterator[Walked | None]:
    """Yield where the elements of single images stand; None of what pydicom is to read."""
    if len(paths) < FEW:
        yield from (None for _ in paths)
        return
    for walked in walk_files(paths, _WANTED):
        yield walked if walked is not None and _is_single(walked.found) else None


def _is_single(found: Sequence[Raw | None]) -> bool:
    charset = found[_CHARSET]
    if charset is not None and charset[1].strip() not in _ONE_BYTE_SETS:
        return False
    if any(found[place] is not None for place in _NESTED):
        return False
    words = (found[place] for place in _IN_WORDS)
    return all(raw is None or (raw[1].isascii() and b"\x1b" not in raw[1]) for raw in words)


class QuickHeaders:
    """Turns walked files into headers; what is alike in many is turned once."""

    def __init__(self) -> None:
        self._alike: dict[tuple[Any, ...], Header] = {}
        self._traits: dict[tuple[int, bool, Raw | None], str] = {}

    def header(self, walked: Walked) -> Header:
        """Return what a file says of itself, as `lesionkit.io.dicom.header.read_header` does."""
        found = walked.found
        key = (walked.implicit, *walked.meta.values(), *map(found.__getitem__, _FIXED))
        alike = self._alike.get(key)
        elements = Elements(walked)
        if alike is None:
            alike = self._alike[key] = header_of(elements, walked.path)
        uid = _uid(elements)
        slices = alike.slices and (
            replace(
                alike.slices[0],
                path=walked.path,
                uid=uid,
                position=_position(elements),
                traits=tuple(map(self._trait, TRAITS, _TRAIT_PLACES, [elements] * len(TRAITS))),
            ),
        )
        return replace(
            alike, path=walked.path, uid=uid, slices=slices, bytes_left=walked.size - walked.pixels_at
        )

    def _trait(self, keyword: str, place: int, elements: Elements) -> str:
        key = (place, elements.walked.implicit, elements.walked.found[place])
        known = self._traits.get(key)
        if known is None:
            known = self._traits[key] = "\\".join(tags.texts((elements,), keyword))
        return known


class Layouts:
    """Tells of walked files how their pixels are stored; what is alike in many is told once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Layout | None] = {}

    def layout(self, walked: Walked) -> Layout | None:
        """Return how a file's pixels are stored; None where not in a usual way."""
        found = walked.found
        key = (walked.implicit, *walked.meta.values(), *map(found.__getitem__, _LAYOUT))
        if key not in self._known:
            elements = Elements(walked)
            slices = header_of(elements, walked.path).slices
            syntax = tags.text((elements.file_meta,), "TransferSyntaxUID")
            self._known[key] = layout_of(elements, slices[0], syntax) if slices else None
        return self._known[key]


def _uid(elements: Elements) -> str:
    raw = elements.walked.found[_UID]
    if raw is not None and raw[0] in ("UI", "") and _PLAIN_UID.fullmatch(raw[1]):
        return raw[1].rstrip(b"\0").decode("ascii")
    return tags.text((elements,), "SOPInstanceUID")


def _position(elements: Elements) -> tuple[float, ...] | None:
    raw = elements.walked.found[_POSITION]
    if raw is not None and raw[0] in ("DS", "") and _PLAIN_NUMBERS.fullmatch(raw[1]):
        found = tuple(map(float, raw[1].split(b"\\")))
        if max(map(abs, found)) < 1e9:
            return found
    return tags.numbers((elements,), "ImagePositionPatient", 3)


def read_headers(paths: Sequence[Path]) -> Iterator[Header | ReadError]:
    """Yield what files say of themselves, each opened once; the error of one that cannot be read."""
    quick = QuickHeaders()
    with quiet():
        for path, walked in zip(paths, walk_usual(paths), strict=True):
            try:
                yield read_header(path) if walked is None else quick.header(walked)
            except ReadError as error:
                yield error
