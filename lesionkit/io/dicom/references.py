"""What a DICOM object that holds outlines is, and which images it was drawn on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.errors import ReadError
from lesionkit.io.dicom import graphics, rtstruct, tags
from lesionkit.io.dicom.ending import breaks_off
from lesionkit.io.dicom.opening import BROKEN_FILE, open_dataset, quiet
from lesionkit.io.dicom.seg import SEGMENTATIONS, series_of
from lesionkit.io.dicom.sr import REPORTS
from lesionkit.io.dicom.sr_groups import Group, Source, groups, segment_names

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


class Kind(StrEnum):
    """Kinds of DICOM objects that hold outlines."""

    SEG = "dicom-seg"
    RTSTRUCT = "rtstruct"
    SR = "dicom-sr"
    PRESENTATION_STATE = "presentation-state"


_CLASSES = {
    **dict.fromkeys(SEGMENTATIONS, Kind.SEG),
    rtstruct.RT_STRUCTURE_SET: Kind.RTSTRUCT,
    **dict.fromkeys(REPORTS, Kind.SR),
    **dict.fromkeys(graphics.PRESENTATION_STATES, Kind.PRESENTATION_STATE),
}
_MODALITIES = {"SEG": Kind.SEG, "RTSTRUCT": Kind.RTSTRUCT, "SR": Kind.SR, "PR": Kind.PRESENTATION_STATE}


def kind_of(sop_class: str, modality: str) -> Kind | None:
    """Return what kind of outlines an object may hold; None where it holds none."""
    return _CLASSES.get(sop_class) if sop_class else _MODALITIES.get(modality)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Images by what an object calls them.

    Parameters
    ----------
    series : tuple of str
        SeriesInstanceUIDs.
    instances : tuple of str
        SOPInstanceUIDs: of several images of a series, those that are meant.
    frames : Mapping of str to tuple of int
        By SOPInstanceUID: the frames (from 1) that are meant of a file of several, where any are named.
    frames_of_reference : tuple of str
        FrameOfReferenceUIDs, where an object says no more than in which space it lies.
    """

    series: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    frames: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    frames_of_reference: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Referred:
    """What an object was drawn on.

    Parameters
    ----------
    kind : Kind
        What it is.
    uid : str
        Its own SOPInstanceUID.
    target : Target
        The images.
    evidence : tuple of str
        SeriesInstanceUIDs of all it has anything to do with.
    segmentations : Mapping of str to Target
        By SOPInstanceUID: the segmentations that a report refers to, with the images it names for them.
    """

    kind: Kind
    uid: str
    target: Target
    evidence: tuple[str, ...] = ()
    segmentations: Mapping[str, Target] = field(default_factory=dict)

    @property
    def outlines_something(self) -> bool:
        """Whether there is anything drawn in it, or named that is drawn elsewhere."""
        return bool(self.target != Target() or self.segmentations)


_HEADS = [
    "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "Modality", "FrameOfReferenceUID",
    "ReferencedSeriesSequence", "StudiesContainingOtherReferencedInstancesSequence",
    "ReferencedFrameOfReferenceSequence", "StructureSetROISequence", "ContentSequence",
    "CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence",
    "GraphicAnnotationSequence", "ROIContourSequence",
]  # fmt: skip


def read_references(path: Path) -> Referred | None:
    """Return what a DICOM object was drawn on, without its pixels; None where it is none that holds outlines.

    Raises
    ------
    ReadError
        If it is damaged, or nests its content absurdly deep.
    """
    from pydicom import dcmread

    try:
        with quiet():
            dataset = dcmread(path, force=True, stop_before_pixels=True, specific_tags=list(_HEADS))
            kind = kind_of(tags.text((dataset,), "SOPClassUID"), tags.text((dataset,), "Modality"))
            if kind is not None and breaks_off(path):
                raise EOFError
            return None if kind is None else _referred(dataset, kind, path)
    except BROKEN_FILE as error:
        raise ReadError(
            f"{path.name} is not readable as DICOM: it breaks off, or nests its content absurdly deep",
            path=path,
            hint="Export it again from its program.",
        ) from error


def _referred(dataset: "Dataset", kind: Kind, path: Path) -> Referred:
    uid = tags.text((dataset,), "SOPInstanceUID")
    if kind is Kind.SR:
        return _of_report(dataset, uid, groups(dataset, path))
    if kind is Kind.PRESENTATION_STATE:
        shown = [source for _, sources in graphics.closed_lines(dataset) for source in sources]
        return Referred(kind=kind, uid=uid, target=_images(shown))
    if kind is Kind.RTSTRUCT:
        series, frames = rtstruct.referred_series(dataset), rtstruct.frames_of_reference(dataset)
        images = rtstruct.referred_images(dataset)
    else:
        series, frames = series_of(dataset), _once([tags.text((dataset,), "FrameOfReferenceUID")])
        images = ()
    frames = () if series else frames
    target = Target(series=series, instances=images, frames_of_reference=frames)
    return Referred(kind=kind, uid=uid, target=target)


def _of_report(dataset: "Dataset", uid: str, found: tuple[Group, ...]) -> Referred:
    drawn = [(shape, group) for group in found for shape in group.shapes]
    segmentations: dict[str, Target] = {}
    for group in found:
        for segment in () if group.shapes else group.segments:
            segmentations[segment.uid] = replace(_images(group.sources), series=group.series)
    evidence = (
        tags.text((series,), "SeriesInstanceUID")
        for keyword in ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")
        for study in tags.values((dataset,), keyword)
        for series in tags.values((study,), "ReferencedSeriesSequence")
    )
    target = replace(
        _images([source for shape, group in drawn for source in shape.sources or group.sources]),
        frames_of_reference=_once(
            shape.frame_of_reference for shape, group in drawn if not (shape.sources or group.sources)
        ),
    )
    return Referred(
        kind=Kind.SR, uid=uid, target=target, evidence=_once(evidence), segmentations=segmentations
    )


def _images(sources: Sequence[Source]) -> Target:
    frames: dict[str, tuple[int, ...]] = {}
    whole = {source.uid for source in sources if not source.frames}
    for source in sources:
        if source.uid not in whole:
            frames[source.uid] = (*frames.get(source.uid, ()), *source.frames)
    return Target(instances=_once(source.uid for source in sources), frames=frames)


def _once(uids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(uid for uid in uids if uid))


def read_segment_names(segmentation: Path, reports: Iterable[Path]) -> dict[int, tuple[str, str]]:
    """Return what reports call the segments of a segmentation: tracking identifier and UID, by SegmentNumber.

    A report that cannot be read says nothing here; reading it for its own sake says why.
    """
    names: dict[int, tuple[str, str]] = {}
    try:
        own = read_references(segmentation)
        for path in reports:
            with quiet():
                names |= segment_names(open_dataset(path), path, own.uid if own else "")
    except ReadError:
        return names
    return names
