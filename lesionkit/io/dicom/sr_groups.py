"""The measurement groups of a structured report (TID 1500) as plain values: names, and where they lie."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.errors import ReadError
from lesionkit.io.dicom import tags

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

DEEPEST = 50
"""How deep a report may nest its content: TID 1500 needs about seven."""

Code = tuple[str, str]
"""Value and scheme designator."""

_MEASUREMENT_GROUP: Code = ("125007", "DCM")
_TRACKING_IDENTIFIER: Code = ("112039", "DCM")
_TRACKING_UID: Code = ("112040", "DCM")
_SEGMENTS: set[Code] = {("121191", "DCM"), ("121214", "DCM")}
_SOURCE_SERIES: Code = ("121232", "DCM")
_REGIONS: set[Code] = {("111030", "DCM"), ("121231", "DCM"), ("130488", "DCM")}
"""Image Region, Volume Surface, Region in Space; a Path (121055) is a line that was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An image that something was drawn on.

    Parameters
    ----------
    uid : str
        SOPInstanceUID.
    frames : tuple of int
        Of a multi-frame image, counted from 1; empty where none are named.
    """

    uid: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A region as drawn.

    Parameters
    ----------
    graphic : str
        DICOM Graphic Type.
    numbers : tuple of float
        Graphic Data.
    sources : tuple of Source
        What it was drawn on, where it is told in an image's pixels.
    frame_of_reference : str
        Where it is told in mm; empty where it is told in pixels.
    """

    graphic: str
    numbers: tuple[float, ...]
    sources: tuple[Source, ...] = ()
    frame_of_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentReference:
    """A segment of a segmentation.

    Parameters
    ----------
    uid : str
        SOPInstanceUID of the segmentation.
    number : int
        SegmentNumber.
    """

    uid: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One measurement group: a deposit.

    Parameters
    ----------
    number : int
        From 1, in the order of the report.
    identifier, uid : str
        Tracking Identifier and Tracking Unique Identifier; empty where there is none.
    shapes : tuple of Shape
        Regions drawn in the report itself.
    segments : tuple of SegmentReference
        Regions drawn in a segmentation.
    sources : tuple of Source
        Images the group names as a whole.
    series : tuple of str
        SeriesInstanceUIDs it names.
    """

    number: int
    identifier: str = ""
    uid: str = ""
    shapes: tuple[Shape, ...] = ()
    segments: tuple[SegmentReference, ...] = ()
    sources: tuple[Source, ...] = ()
    series: tuple[str, ...] = ()


def groups(dataset: "Dataset", path: Path) -> tuple[Group, ...]:
    """Return the measurement groups of a report.

    Raises
    ------
    ReadError
        If it nests its content deeper than `DEEPEST`.

    References
    ----------
    DICOM PS3.16 TID 1500, 1410, 1411, 4108.
    """
    return tuple(_group(number, item) for number, item in enumerate(group_items(dataset, path), start=1))


def group_items(dataset: "Dataset", path: Path) -> "tuple[Dataset, ...]":
    """Return the content items that are measurement groups.

    Raises
    ------
    ReadError
        If the report nests its content deeper than `DEEPEST`.
    """
    return tuple(item for item in _items(dataset, path) if concept(item) == _MEASUREMENT_GROUP)


def segment_names(dataset: "Dataset", path: Path, segmentation: str) -> dict[int, tuple[str, str]]:
    """Return tracking identifier and UID of the segments of one segmentation, by SegmentNumber."""
    return {
        segment.number: (group.identifier, group.uid)
        for group in groups(dataset, path)
        for segment in group.segments
        if segment.uid == segmentation
    }


def _items(dataset: "Dataset", path: Path) -> "Iterator[Dataset]":
    """Yield all content items, parents first, in the order of the report."""
    waiting = [(item, 1) for item in reversed(children(dataset))]
    while waiting:
        item, depth = waiting.pop()
        if depth > DEEPEST:
            raise ReadError(
                f"{path.name} nests its content more than {DEEPEST} levels deep, as no report does",
                path=path,
                hint="Export it again from its program.",
            )
        yield item
        waiting += [(child, depth + 1) for child in reversed(children(item))]


def children(item: "Dataset") -> "tuple[Dataset, ...]":
    """Return the content items within one."""
    return tags.values((item,), "ContentSequence")


def concept(item: "Dataset") -> Code:
    """Return the code of what an item says."""
    named = tags.values((item,), "ConceptNameCodeSequence")[:1]
    return tags.text(named, "CodeValue"), tags.text(named, "CodingSchemeDesignator")


def _group(number: int, group: "Dataset") -> Group:
    content = [(item, tags.text((item,), "ValueType"), concept(item)) for item in children(group)]
    identifiers = (
        tags.text((item,), "TextValue") for item, _, name in content if name == _TRACKING_IDENTIFIER
    )
    uids = (tags.text((item,), "UID") for item, _, name in content if name == _TRACKING_UID)
    return Group(
        number=number,
        identifier=next(identifiers, ""),
        uid=next(uids, ""),
        shapes=tuple(
            _shape(item)
            for item, kind, name in content
            if kind in ("SCOORD", "SCOORD3D") and name in _REGIONS
        ),
        segments=tuple(
            SegmentReference(uid=tags.text((object_,), "ReferencedSOPInstanceUID"), number=int(number))
            for item, kind, name in content
            if kind == "IMAGE" and name in _SEGMENTS
            for object_ in tags.values((item,), "ReferencedSOPSequence")
            for number in tags.values((object_,), "ReferencedSegmentNumber")
        ),
        sources=tuple(
            source
            for item, kind, name in content
            if kind == "IMAGE" and name not in _SEGMENTS
            for source in _sources(item)
        ),
        series=tuple(tags.text((item,), "UID") for item, _, name in content if name == _SOURCE_SERIES),
    )


def _shape(item: "Dataset") -> Shape:
    return Shape(
        graphic=tags.text((item,), "GraphicType").upper(),
        numbers=tuple(float(value) for value in tags.values((item,), "GraphicData")),
        sources=tuple(source for child in children(item) for source in _sources(child)),
        frame_of_reference=tags.text((item,), "ReferencedFrameOfReferenceUID"),
    )


def _sources(item: "Dataset") -> Iterator[Source]:
    for object_ in tags.values((item,), "ReferencedSOPSequence"):
        frames = tuple(int(number) for number in tags.values((object_,), "ReferencedFrameNumber"))
        yield Source(uid=tags.text((object_,), "ReferencedSOPInstanceUID"), frames=frames)
