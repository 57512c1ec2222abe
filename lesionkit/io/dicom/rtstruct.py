"""RT structure sets: deposits outlined for planning, as closed lines on a series' planes."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.core.image import ImageRef
from lesionkit.core.region import Status
from lesionkit.errors import OutlineError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.contours import Contour, ContourError, from_patient
from lesionkit.io.dicom.planes import Planes
from lesionkit.io.dicom.sheet import Read, Sheet, read_object
from lesionkit.io.naming import Title, empty_segment, titled

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"

_CLOSED = {"CLOSED_PLANAR", "CLOSEDPLANAR_XOR"}
_DEPOSITS = {"", "GTV"}
"""RT ROI Interpreted Types of what a deposit may be drawn as: none, or a gross tumour volume."""
_THINGS = {
    "EXTERNAL",
    "SUPPORT",
    "FIXATION",
    "BOLUS",
    "DOSE_REGION",
    "DOSE_MEASUREMENT",
    "ISOCENTER",
    "MARKER",
    "REGISTRATION",
    "CONTROL",
}
"""Those that nobody could mean as a deposit; others (organs, margins) get a warning."""


def read_rtstruct(path: Path, *, image: ImageRef, reader: str = "", about: str = "") -> Read:
    """Return what an RT structure set holds of one series: one deposit per region of interest.

    Each closed planar line becomes an outline on the plane it lies on, its points exact and nothing made into
    voxels. Lines on one plane are combined by `lesionkit.io.dicom.nesting.join`: a line inside another
    is a hole. A region of which one line lies between planes, is not parallel to them, or crosses itself
    is left out whole, because its volume would be too small. ROI names are names given by a person; one that
    ends with a mark such as ``(excised)`` makes the region a mere place. A region of
    ROIGenerationAlgorithm AUTOMATIC is a suggestion.

    Parameters
    ----------
    path : Path
        The DICOM file.
    image : ImageRef
        The series it was drawn on.
    reader : str
        Who drew it, where the file's place says so.
    about : str
        How problems name the file; its bare name unless given.

    Returns
    -------
    drawing : Drawing or None
        None where nothing was read, which is not absent.
    problems : tuple of Problem
        ``outlines_unreadable``, ``outline_for_another_image``, ``outlines_not_on_the_grid``,
        ``contour_between_planes``, ``contour_not_parallel``, ``outline_outside_image``,
        ``outline_crosses_itself``, ``outline_too_few_points``, ``segment_in_part_elsewhere`` (errors),
        ``roi_is_no_deposit`` (warning, info), ``outlines_overlap``, ``contours_skip_planes`` (warnings),
        ``outline_not_an_area``, ``segment_is_empty`` (info).

    References
    ----------
    DICOM PS3.3 sections C.8.8.5 (Structure Set Module), C.8.8.6 (ROI Contour Module).
    """
    sheet = Sheet(image=image, path=path, reader=reader, about=about or path.name)

    def read(dataset: "Dataset") -> Read:
        return _read(dataset, sheet)

    classes = frozenset({RT_STRUCTURE_SET})
    return read_object(path, sheet.about, kind="RT structure set", classes=classes, read=read)


def referred_series(dataset: "Dataset") -> tuple[str, ...]:
    """Return the SeriesInstanceUIDs of the series that a structure set refers to."""
    uids = (
        tags.text((series,), "SeriesInstanceUID")
        for frame in tags.values((dataset,), "ReferencedFrameOfReferenceSequence")
        for study in tags.values((frame,), "RTReferencedStudySequence")
        for series in tags.values((study,), "RTReferencedSeriesSequence")
    )
    return tuple(dict.fromkeys(uid for uid in uids if uid))


def referred_images(dataset: "Dataset") -> tuple[str, ...]:
    """Return the SOPInstanceUIDs of the images that the lines of a structure set name."""
    lines = (
        line
        for item in tags.values((dataset,), "ROIContourSequence")
        for line in tags.values((item,), "ContourSequence")
    )
    return tuple(dict.fromkeys(uid for line in lines for uid in _images(line)))


def frames_of_reference(dataset: "Dataset") -> tuple[str, ...]:
    """Return the FrameOfReferenceUIDs that a structure set or its regions lie in."""
    items = (
        *tags.values((dataset,), "ReferencedFrameOfReferenceSequence"),
        *tags.values((dataset,), "StructureSetROISequence"),
    )
    uids = (
        tags.text((item,), "FrameOfReferenceUID") or tags.text((item,), "ReferencedFrameOfReferenceUID")
        for item in items
    )
    return tuple(dict.fromkeys(uid for uid in uids if uid))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Roi:
    """What a structure set says of one region, besides its lines."""

    number: str
    name: str
    algorithm: str
    described: str
    frame_of_reference: str
    kind: str
    lines: "Sequence[Dataset]"

    @property
    def called(self) -> str:
        return self.name or self.number

    @property
    def title(self) -> Title:
        return titled(label=self.name)


def _read(dataset: "Dataset", sheet: Sheet) -> Read:
    series = referred_series(dataset)
    if sheet.image.series_uid and series and sheet.image.series_uid not in series:
        text = f"{sheet.about} was drawn on another series than {sheet.image.location}."
        sheet.error("outline_for_another_image", text, "Put the series it refers to into the folder.")
        return sheet.done()
    planes = Planes(sheet.image)
    # Programs that send a series on may give its images new identifiers. Where the lines name none of this
    # image's, they say nothing, and only where they lie does.
    by_name = any(planes.shows(uid) for uid in referred_images(dataset))
    for roi in _regions(dataset):
        if roi.kind not in _DEPOSITS:
            _pass_over(roi, sheet)
        elif _is_in_another_frame(roi, sheet.image):
            continue
        elif not roi.lines:
            _miss(roi, sheet)
        else:
            _draw(roi, planes, sheet, by_name=by_name)
    return sheet.done()


def _pass_over(roi: _Roi, sheet: Sheet) -> None:
    text = f"{roi.called} is marked as {roi.kind}, not as something to follow, and is left out."
    if roi.kind in _THINGS:
        sheet.note("roi_is_no_deposit", text)
    else:
        sheet.warn("roi_is_no_deposit", text, "If it is a deposit, leave its type empty or make it GTV.")


def _miss(roi: _Roi, sheet: Sheet) -> None:
    if roi.title.place is None:
        sheet.note("segment_is_empty", f"{roi.called} holds no line and is left out.")
    else:
        sheet.problems.append(empty_segment(sheet.about, roi.called, roi.title.place))
        sheet.left_out.append(roi.called)


def _is_in_another_frame(roi: _Roi, image: ImageRef) -> bool:
    ours = image.grid.frame_of_reference
    return bool(roi.frame_of_reference and ours and roi.frame_of_reference != ours)


def _regions(dataset: "Dataset") -> list[_Roi]:
    lines: dict[str, list[Dataset]] = defaultdict(list)
    for item in tags.values((dataset,), "ROIContourSequence"):
        lines[tags.text((item,), "ReferencedROINumber")] += tags.values((item,), "ContourSequence")
    kinds = {
        tags.text((item,), "ReferencedROINumber"): tags.text((item,), "RTROIInterpretedType").upper()
        for item in tags.values((dataset,), "RTROIObservationsSequence")
    }
    found = []
    for item in tags.values((dataset,), "StructureSetROISequence"):
        number = tags.text((item,), "ROINumber")
        found.append(
            _Roi(
                number=number,
                name=tags.text((item,), "ROIName"),
                algorithm=tags.text((item,), "ROIGenerationAlgorithm").upper(),
                described=tags.text((item,), "ROIGenerationDescription"),
                frame_of_reference=tags.text((item,), "ReferencedFrameOfReferenceUID"),
                kind=kinds.get(number, ""),
                lines=lines[number],
            )
        )
    return found


def _draw(roi: _Roi, planes: Planes, sheet: Sheet, *, by_name: bool) -> None:
    kinds = [tags.text((line,), "ContourGeometricType").upper() for line in roi.lines]
    closed = [line for line, kind in zip(roi.lines, kinds, strict=True) if kind in _CLOSED]
    if len(closed) < len(roi.lines):
        others = Counter(kind for kind in kinds if kind not in _CLOSED)
        listed = ", ".join(f"{count} {kind or 'of no type'}" for kind, count in sorted(others.items()))
        sheet.note("outline_not_an_area", f"{roi.called} holds contours that are no closed line ({listed}).")
    elsewhere = [line for line in closed if by_name and _is_elsewhere(line, planes)]
    if len(elsewhere) == len(closed):
        return  # drawn on another image of the series, or nothing to draw
    if elsewhere:
        fault = ContourError(
            f"{len(elsewhere)} of its lines are drawn on slices that are not part of "
            f"{sheet.image.location}, so its volume would be too small",
            code="segment_in_part_elsewhere",
            hint="Complete the series, or draw the deposit again.",
        )
        sheet.leave_out(roi.called, fault)
        return
    try:
        contours = [_contour(line, planes, sheet.image) for line in closed]
    except OutlineError as fault:
        sheet.leave_out(roi.called, fault)
        return
    is_automatic = roi.algorithm == "AUTOMATIC"
    sheet.draw(
        contours,
        called=roi.called,
        title=roi.title,
        status=Status.SUGGESTED if is_automatic else Status.DRAWN,
        author=roi.described if is_automatic else "",
    )


def _images(line: "Dataset") -> list[str]:
    items = tags.values((line,), "ContourImageSequence")
    return [uid for item in items if (uid := tags.text((item,), "ReferencedSOPInstanceUID"))]


def _is_elsewhere(line: "Dataset", planes: Planes) -> bool:
    named = _images(line)
    return bool(named) and not any(planes.shows(uid) for uid in named)


def _contour(line: "Dataset", planes: Planes, image: ImageRef) -> Contour:
    numbers = tags.values((line,), "ContourData")
    if not numbers or len(numbers) % 3:
        raise ContourError(
            "a line is not a list of points", code="outline_unreadable", hint="Export it again."
        )
    points = [numbers[start : start + 3] for start in range(0, len(numbers), 3)]
    named = {plane for uid in _images(line) if (plane := planes.of(uid)) is not None}
    return from_patient(
        [[float(value) for value in point] for point in points],
        image.grid,
        plane=named.pop() if len(named) == 1 else None,
        is_xor=tags.text((line,), "ContourGeometricType").upper() == "CLOSEDPLANAR_XOR",
    )
