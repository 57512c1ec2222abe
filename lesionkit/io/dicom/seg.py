"""DICOM segmentations: deposits drawn on a series, or on a radiograph, as an archive keeps them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Problem
from lesionkit.core.region import Deposit, Drawing, Mask, Status
from lesionkit.errors import OutlineError, ReadError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.ending import open_whole
from lesionkit.io.dicom.opening import BROKEN_FILE, quiet
from lesionkit.io.dicom.planes import Planes
from lesionkit.io.dicom.seg_frames import Frame, frame_pixels, frames, is_drawn_on, place_frame
from lesionkit.io.naming import Title, empty_segment, nearly_marked, titled, unique_id
from lesionkit.io.places import drawing_of, unjudged_in
from lesionkit.io.problems import error as fault
from lesionkit.io.problems import raised
from lesionkit.io.regrid import Placement, outside

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
"""SOP classes: Segmentation, Label Map Segmentation."""

_REFERENCES = ("ReferencedSeriesSequence", "StudiesContainingOtherReferencedInstancesSequence")


def referred_series(path: Path) -> tuple[str, ...]:
    """Return the SeriesInstanceUIDs of the series a segmentation was drawn on, from its header only.

    Empty where it does not say, or is not readable as DICOM.
    """
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    try:
        with quiet():
            dataset = dcmread(path, stop_before_pixels=True, specific_tags=list(_REFERENCES))
            return series_of(dataset)
    except (*BROKEN_FILE, InvalidDicomError):
        return ()


def read_seg(
    path: Path,
    *,
    image: ImageRef,
    reader: str = "",
    about: str = "",
    names: Mapping[int, tuple[str, str]] | None = None,
) -> tuple[Drawing | None, tuple[Problem, ...]]:
    """Return what a DICOM segmentation holds of one image: one deposit per segment.

    BINARY, FRACTIONAL and LABELMAP are read. Of FRACTIONAL, a voxel's fraction is its value divided by
    MaximumFractionalValue, whether it stands for the part of the voxel that is deposit (OCCUPANCY)
    or for the probability that it is (PROBABILITY): the volume is the sum of fractions, so of
    probabilities it is the expected volume. A deposit's name is its segment's TrackingID, else the
    SegmentLabel unless a program made it up. A segment of SegmentAlgorithmType AUTOMATIC was drawn by
    nobody and is a suggestion, with the algorithm as its author; SEMIAUTOMATIC and MANUAL are drawn.
    Names of people are not read. A SegmentLabel (or TrackingID) that ends with a mark such as ``(excised)``,
    or a SegmentDescription that is this word alone, makes the segment a mere place: where a deposit was, or
    is that cannot be judged.

    A frame lies on the plane of the image it says it was drawn on; where it does not say, or was not
    drawn on that image's own pixels, where its position says. A segment may lack frames: there it is empty.

    Parameters
    ----------
    path : Path
        The DICOM file.
    image : ImageRef
        The series, or the radiograph, it was drawn on.
    reader : str
        Who drew it, where the file's place says so.
    about : str
        How problems name the file; its bare name unless given.
    names : Mapping of int to (str, str), optional
        TrackingID and TrackingUID of segments that have none of their own, by SegmentNumber: what a report
        says of them.

    Returns
    -------
    drawing : Drawing or None
        None where nothing was read, which is not absent. So it is, without a problem, for another image of
        the same series than the segmentation was drawn on.
    problems : tuple of Problem
        ``outlines_unreadable``, ``outlines_not_on_the_grid``, ``seg_refers_to_another_series``,
        ``segment_in_part_elsewhere`` (errors), ``name_nearly_a_mark`` (warning), ``segment_is_empty`` (info;
        a warning where it marks a place), ``deposit_not_assessable`` (info).

    References
    ----------
    DICOM PS3.3 sections A.51 (Segmentation IOD) and C.8.20.2 (Segmentation Image Module).
    """
    about = about or path.name
    try:
        with quiet():
            dataset = open_whole(path)
            if tags.text((dataset,), "SOPClassUID") not in SEGMENTATIONS:
                return None, (fault("outlines_unreadable", about, f"{about} is no DICOM segmentation."),)
            if not _refers_to(dataset, image):
                text = f"{about} was drawn on another series than {image.location}."
                hint = "Put the series it refers to into the folder."
                return None, (fault("seg_refers_to_another_series", about, text, hint),)
            if not _shows(dataset, image):
                return None, ()
            found = _deposits(dataset, image, about, names or {})
    except OutlineError as error:
        text = f"{about} is not drawn on the pixels of {image.location}: {error.message}."
        return None, (fault("outlines_not_on_the_grid", about, text, error.hint),)
    except ReadError as error:
        return None, (raised("outlines_unreadable", about, error),)
    except BROKEN_FILE:
        text = f"{about} is not readable as DICOM segmentation: it is damaged or incomplete."
        return None, (fault("outlines_unreadable", about, text, "Export it again."),)
    drawing = drawing_of(
        found.deposits, image=image.id, left_out=found.left_out, reader=reader, files=(path,)
    )
    return drawing, (*found.problems, *unjudged_in(drawing, about))


def _series_items(dataset: "Dataset") -> "Iterator[Dataset]":
    yield from tags.values((dataset,), _REFERENCES[0])
    for study in tags.values((dataset,), _REFERENCES[1]):
        yield from tags.values((study,), _REFERENCES[0])


def series_of(dataset: "Dataset") -> tuple[str, ...]:
    """Return the SeriesInstanceUIDs of what a segmentation was drawn on; empty where it does not say."""
    uids = (tags.text((item,), "SeriesInstanceUID") for item in _series_items(dataset))
    return tuple(dict.fromkeys(uid for uid in uids if uid))


def _refers_to(dataset: "Dataset", image: ImageRef) -> bool:
    series = series_of(dataset)
    return image.series_uid is None or not series or image.series_uid in series


def _shows(dataset: "Dataset", image: ImageRef) -> bool:
    # A series may hold several images: radiographs, or volumes that differ by echo or time. A volume's
    # segmentation is of those its frames were drawn on; a radiograph that is listed was looked at,
    # even where its frame is empty and therefore left out.
    drawn_on = {uid for frame in frames(dataset) for uid in frame.drawn_on}
    if image.grid.is_planar or not drawn_on:
        drawn_on.update(
            tags.text((item,), "ReferencedSOPInstanceUID")
            for series in _series_items(dataset)
            for item in tags.values((series,), "ReferencedInstanceSequence")
        )
    if drawn_on and image.instance_uids and drawn_on.isdisjoint(image.instance_uids):
        return False
    # Several volumes may share a file: then it is the frames that tell them apart.
    named = [frame for frame in frames(dataset) if frame.drawn_on and frame.source_frames]
    planes = Planes(image)
    return not (image.frames and named) or any(is_drawn_on(frame, planes) for frame in named)


@dataclass(slots=True)
class _Pieces:
    """The drawn parts of one segment, frame by frame, and how many frames are drawn on other images."""

    parts: list[Mask] = field(default_factory=list)
    places: set[tuple[int, ...]] = field(default_factory=set)
    elsewhere: int = 0

    def add(self, part: Mask, placement: Placement) -> None:
        """Take what one frame holds."""
        if placement.offset in self.places:
            raise OutlineError("two frames of one segment lie at one place", hint="Export it again.")
        self.places.add(placement.offset)
        self.parts.append(part)

    def mask(self) -> Mask:
        """Return them as one mask."""
        low = np.min([part.origin for part in self.parts], axis=0)
        high = np.max([np.add(part.origin, part.voxels.shape) for part in self.parts], axis=0)
        voxels = np.zeros(high - low, dtype=self.parts[0].voxels.dtype)
        for part in self.parts:
            here = tuple(slice(s.start - o, s.stop - o) for s, o in zip(part.box, low, strict=True))
            np.maximum(voxels[here], part.voxels, out=voxels[here])
        if voxels.dtype != np.bool_ and np.isin(voxels, (0, 1)).all():
            voxels = voxels.astype(np.bool_)  # fractions that only say yes or no
        return Mask(voxels=voxels, origin=tuple(int(n) for n in low))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    deposits: tuple[Deposit, ...]
    left_out: tuple[str, ...]
    problems: tuple[Problem, ...]


def _deposits(
    dataset: "Dataset", image: ImageRef, about: str, names: Mapping[int, tuple[str, str]]
) -> _Found:
    pieces = _pieces(dataset, image)
    deposits: dict[str, Deposit] = {}
    left_out: list[str] = []
    problems: list[Problem] = []
    for segment in tags.values((dataset,), "SegmentSequence"):
        number = tags.whole((segment,), "SegmentNumber")
        if number is None or number == _background(dataset):
            continue
        found = pieces.get(number, _Pieces())
        tracking = _tracking(segment, names.get(number, ("", "")))
        title = _title(segment, tracking[0])
        called = title.name or str(number)
        if not found.parts and not found.elsewhere:
            problems.append(empty_segment(about, called, title.place))
            left_out += [called] if title.place else []
        elif found.parts and found.elsewhere and not image.grid.is_planar:
            problems.append(_in_part(about, called, found.elsewhere, image))
            left_out.append(called)
        elif found.parts:
            id_ = unique_id(called, deposits)
            deposits[id_] = _deposit(segment, id_, title, found.mask(), image, tracking[1])
            problems.extend(nearly_marked(about, title.name))
    return _Found(deposits=tuple(deposits.values()), left_out=tuple(left_out), problems=tuple(problems))


def _tracking(segment: "Dataset", told: tuple[str, str]) -> tuple[str, str]:
    own = tags.text((segment,), "TrackingID"), tags.text((segment,), "TrackingUID")
    return own if any(own) else told


def _title(segment: "Dataset", tracking_id: str) -> Title:
    label, described = (tags.text((segment,), f"Segment{word}") for word in ("Label", "Description"))
    return titled(tracked=tracking_id, label=label, described=described)


def _in_part(about: str, called: str, frames_elsewhere: int, image: ImageRef) -> Problem:
    return fault(
        "segment_in_part_elsewhere",
        about,
        f"{frames_elsewhere} of the frames of segment {called} are drawn on slices that are not part of "
        f"{image.location}; it is left out, because its volume would be too small.",
        "Complete the series, or draw the deposit again.",
    )


def _deposit(segment: "Dataset", id_: str, title: Title, mask: Mask, image: ImageRef, uid: str) -> Deposit:
    # No program marks what became of a deposit: whoever did stands behind it, whatever drew its place.
    is_automatic = tags.text((segment,), "SegmentAlgorithmType") == "AUTOMATIC" and not title.place
    return Deposit(
        id=id_,
        image=image.id,
        regions=(mask,),
        name=title.name,
        status=title.place or (Status.SUGGESTED if is_automatic else Status.DRAWN),
        author=_program(segment) if is_automatic else "",
        tracking_uid=uid or None,
    )


def _program(segment: "Dataset") -> str:
    told = tags.values((segment,), "SegmentationAlgorithmIdentificationSequence")
    name = tags.text((segment,), "SegmentAlgorithmName") or tags.text(told, "AlgorithmName")
    return " ".join(part for part in (name, tags.text(told, "AlgorithmVersion")) if part)


def _background(dataset: "Dataset") -> int | None:
    if tags.text((dataset,), "SegmentationType") != "LABELMAP":
        return None
    return tags.whole((dataset,), "PixelPaddingValue") or 0


def _pieces(dataset: "Dataset", image: ImageRef) -> dict[int, _Pieces]:
    kind = tags.text((dataset,), "SegmentationType")
    if kind not in ("BINARY", "FRACTIONAL", "LABELMAP"):
        raise ValueError(f"a segmentation of type {kind!r}")
    highest = float(dataset.MaximumFractionalValue) if kind == "FRACTIONAL" else 1.0
    frame_of_reference = tags.text((dataset,), "FrameOfReferenceUID")
    pieces: dict[int, _Pieces] = {}
    for frame, pixels in zip(frames(dataset), frame_pixels(dataset), strict=True):
        placement = place_frame(frame, image, frame_of_reference)
        for segment, drawn in _drawn(frame, pixels, _background(dataset)):
            found = pieces.setdefault(segment, _Pieces())
            if placement is None:
                found.elsewhere += 1
            else:
                values = drawn != 0 if kind != "FRACTIONAL" else (drawn / highest).astype(np.float32)
                found.add(_piece(values, frame, placement, image.grid), placement)
    return pieces


def _drawn(
    frame: Frame, pixels: npt.NDArray[Any], background: int | None
) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    if background is not None:
        for number in np.unique(pixels):
            if number != background:
                yield int(number), pixels == number
    elif frame.segment is None:
        raise ValueError("a frame does not say which segment it shows")
    elif pixels.any():
        yield frame.segment, pixels


def _piece(values: npt.NDArray[Any], frame: Frame, placement: Placement, grid: Grid) -> Mask:
    turned = placement.turn(values if grid.is_planar else values[None])
    part = Mask.cropped(turned)
    origin = tuple(o + p for o, p in zip(part.origin, placement.offset, strict=True))
    stops = (o + n for o, n in zip(origin, part.voxels.shape, strict=True))
    if min(origin) < 0 or any(stop > n for stop, n in zip(stops, grid.shape, strict=True)):
        raise outside(int(np.count_nonzero(part.voxels)), of=f"frame {frame.number + 1}")
    return Mask(voxels=part.voxels, origin=origin)
