"""Headers and pixel layouts of usual files, read side by side; pydicom reads the unusual ones.

Values are turned from bytes by pydicom itself, so that a header read here is the one it would give.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.dataelem import RawDataElement, convert_raw_data_element, empty_value_for_VR
from pydicom.tag import BaseTag

from lesionkit.errors import ReadError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.header import KEYWORDS, OVERLAY, TRAITS, Header, Slice, header_of, read_header
from lesionkit.io.dicom.layout import Layout, layout_of
from lesionkit.io.dicom.nested import UNDEFINED
from lesionkit.io.dicom.opening import quiet
from lesionkit.io.dicom.recent import RECENT, PixelsOf
from lesionkit.io.dicom.walk import FEW, Walked, walk_files

_MORE = (
    "SpecificCharacterSet", "BitsStored", "HighBit", "PixelRepresentation", "ModalityLUTSequence",
)  # fmt: skip


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    return int(tag)


_WANTED = {
    tag: dictionary_VR(tag) for tag in sorted({OVERLAY, *(_tag(keyword) for keyword in (*KEYWORDS, *_MORE))})
}
_WANTED_TAGS = tuple(_WANTED)
_PLACE = {tag: place for place, tag in enumerate(_WANTED)}


def _place(keyword: str) -> int:
    return _PLACE[_tag(keyword)]


_CHARSET = _place("SpecificCharacterSet")
_NESTED = tuple(
    map(_place, ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "NumberOfFrames"))
)
_IN_WORDS = tuple(
    map(
        _place,
        (
            "PatientID",
            "ConvolutionKernel",
            "ContrastBolusAgent",
            "SeriesDescription",
            "StackID",
            "SequenceName",
            "RescaleType",
        ),
    )
)
"""Elements whose letters depend on the character set."""

_ONE_BYTE_SETS = frozenset({b"", b"ISO_IR 6", b"ISO_IR 100", b"ISO_IR 101", b"ISO_IR 144", b"ISO_IR 192"})
"""Character sets in which ASCII is ASCII."""

_UID = _place("SOPInstanceUID")
_POSITION = _place("ImagePositionPatient")
_OF_A_SLICE = {
    TRAITS.index(keyword): _place(keyword)
    for keyword in ("TriggerTime", "AcquisitionNumber", "AcquisitionTime")
}
"""Traits that differ from slice to slice, by their place among the traits."""
_VARYING = frozenset({_UID, _POSITION, *_OF_A_SLICE.values()})
"""What often differs from slice to slice; all else is alike in most files of a series."""

_fixed = itemgetter(*(place for place in range(len(_WANTED)) if place not in _VARYING))
_decides_single = itemgetter(_CHARSET, *_NESTED, *_IN_WORDS)
_decides_layout = itemgetter(
    *map(
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
"""What of the values found decides whether a file is a single image, and how its pixels become values."""

_PLAIN_UID = re.compile(rb"[0-9.]+\0?")
_PLAIN = {
    "TM": re.compile(rb"\d{6}(\.\d{1,6})? ?"),
    "IS": re.compile(rb"[1-9]\d{0,8} ?"),
    "DS": re.compile(rb"[1-9]\d{0,5}(\.\d{1,8})? ?"),
}
"""Values that read as they stand."""

_PLAIN_NUMBERS = re.compile(rb" *[+-]?\d+(\.\d*)?([eE][+-]?\d+)? *(\\ *[+-]?\d+(\.\d*)?([eE][+-]?\d+)? *){2}")


def dataset_value(tag: int, data: bytes, *, implicit: bool) -> Any:
    """Return the value of an element as pydicom gives it.

    Raises
    ------
    Exception
        Whatever pydicom raises of a broken value.
    """
    vr = None if implicit else dictionary_VR(tag)
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
        return _Meta(self.walked)

    def get(self, keyword: str) -> Any:
        """Return a value; None where the file has none of that name."""
        raw = self.walked.found[_place(keyword)]
        return None if raw is None else dataset_value(_tag(keyword), raw, implicit=self.walked.implicit)

    def __contains__(self, tag: int) -> bool:
        return self.walked.found[_PLACE[tag]] is not None


@dataclass(frozen=True)
class _Meta:
    walked: Walked

    def get(self, keyword: str) -> Any:
        known = {"TransferSyntaxUID": self.walked.syntax, "MediaStorageSOPClassUID": self.walked.sop_class}
        return dataset_value(_tag(keyword), known[keyword], implicit=False) if known.get(keyword) else None

    def __contains__(self, tag: int) -> bool:
        return self.get(keyword_for_tag(tag)) is not None


def walk_usual(paths: Sequence[Path]) -> Iterator[Walked | None]:
    """Yield where the elements of single images stand; None of what pydicom is to read."""
    if len(paths) < FEW:
        yield from (None for _ in paths)
        return
    single: dict[tuple[bytes | None, ...], bool] = {}
    for walked in walk_files(paths, _WANTED):
        if walked is not None:
            key = _decides_single(walked.found)
            if key not in single:
                single[key] = _is_single(walked.found)
            yield walked if single[key] else None
        else:
            yield None


def _is_single(found: Sequence[bytes | None]) -> bool:
    charset = found[_CHARSET]
    if charset is not None and charset.strip() not in _ONE_BYTE_SETS:
        return False
    if any(found[place] is not None for place in _NESTED):
        return False
    words = (found[place] for place in _IN_WORDS)
    return all(raw is None or (raw.isascii() and b"\x1b" not in raw) for raw in words)


class QuickHeaders:
    """Turns walked files into headers; what is alike in many is turned once."""

    def __init__(self) -> None:
        self._alike: dict[tuple[Any, ...], tuple[dict[str, Any], dict[str, Any] | None]] = {}

    def header(self, walked: Walked) -> Header:
        """Return what a file says of itself, as `lesionkit.io.dicom.header.read_header` does."""
        key = (walked.implicit, walked.sop_class, walked.syntax, _fixed(walked.found))
        elements = Elements(walked)
        if key not in self._alike:
            header = header_of(elements, walked.path)
            self._alike[key] = _fields(header), _fields(header.slices[0]) if header.slices else None
        alike, plane = self._alike[key]
        path, uid = walked.path, _uid(elements)
        if plane is None:
            slices: tuple[Slice, ...] = ()
        else:
            traits = _traits(plane["traits"], elements)
            own = {"path": path, "uid": uid, "position": _position(elements), "traits": traits}
            slices = (Slice(**plane | own),)
        left = walked.stamp.size - walked.pixels_at
        return Header(**alike | {"path": path, "uid": uid, "slices": slices, "bytes_left": left})


def _fields(of: Header | Slice) -> dict[str, Any]:
    return {field.name: getattr(of, field.name) for field in fields(of)}


class Layouts:
    """Tells of walked files how their pixels are stored; what is alike in many is told once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Layout | None] = {}

    def pixels(self, walked: Walked) -> PixelsOf | None:
        """Return where a file's pixels stand; None where in any way that is not usual."""
        layout, at, size = self.layout(walked), walked.value_at, walked.stamp.size
        if layout is None:
            return None
        if layout.is_native:
            is_whole = walked.length == layout.bytes and at + walked.length == size
        else:
            is_whole = walked.length == UNDEFINED
        return PixelsOf(walked.stamp, at, layout) if is_whole else None

    def layout(self, walked: Walked) -> Layout | None:
        """Return how a file's pixels are stored; None where not in a usual way."""
        key = (walked.implicit, walked.sop_class, walked.syntax, _decides_layout(walked.found))
        if key not in self._known:
            elements = Elements(walked)
            slices = header_of(elements, walked.path).slices
            syntax = tags.text((elements.file_meta,), "TransferSyntaxUID")
            self._known[key] = layout_of(elements, slices[0], syntax) if slices else None
        return self._known[key]


def _traits(alike: Sequence[str], elements: Elements) -> tuple[str, ...]:
    traits = list(alike)
    for index, place in _OF_A_SLICE.items():
        raw = elements.walked.found[place]
        if raw is None:
            traits[index] = ""
        elif _PLAIN[_WANTED[_WANTED_TAGS[place]]].fullmatch(raw):
            traits[index] = raw.strip().decode("ascii")
        else:
            traits[index] = "\\".join(tags.texts((elements,), TRAITS[index]))
    return tuple(traits)


def _uid(elements: Elements) -> str:
    raw = elements.walked.found[_UID]
    if raw is not None and _PLAIN_UID.fullmatch(raw):
        return raw.rstrip(b"\0").decode("ascii")
    return tags.text((elements,), "SOPInstanceUID")


def _position(elements: Elements) -> tuple[float, ...] | None:
    raw = elements.walked.found[_POSITION]
    if raw is not None and _PLAIN_NUMBERS.fullmatch(raw):
        found = tuple(map(float, raw.split(b"\\")))
        if max(map(abs, found)) < 1e9:
            return found
    return tags.numbers((elements,), "ImagePositionPatient", 3)


def read_headers(paths: Sequence[Path]) -> Iterator[Header | ReadError]:
    """Yield what files say of themselves, each opened once; the error of one that cannot be read."""
    quick, layouts = QuickHeaders(), Layouts()
    with quiet():
        for path, walked in zip(paths, walk_usual(paths), strict=True):
            try:
                header = read_header(path) if walked is None else quick.header(walked)
            except ReadError as error:
                yield error
                continue
            if walked is not None and (pixels := layouts.pixels(walked)) is not None:
                RECENT.keep(path, pixels)
            yield header


def find_pixels(paths: Sequence[Path]) -> list[PixelsOf | None]:
    """Return where the pixels of files stand that hold one picture each; None of what pydicom is to read."""
    found = [RECENT.recall(path) for path in paths]
    unknown = [index for index, pixels in enumerate(found) if pixels is None]
    layouts = Layouts()
    for index, walked in zip(unknown, walk_usual([paths[index] for index in unknown]), strict=True):
        found[index] = layouts.pixels(walked) if walked is not None else None
    return found
