"""Structured reports (TID 1500): deposits outlined in a report, or named there and drawn elsewhere."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.image import ImageRef
from lesionkit.errors import OutlineError
from lesionkit.io.dicom.contours import Contour, ContourError, circle, ellipse, from_image, from_patient
from lesionkit.io.dicom.ellipsoid import sections
from lesionkit.io.dicom.planes import Planes
from lesionkit.io.dicom.sheet import Read, Sheet, read_object
from lesionkit.io.dicom.sr_groups import Group, Shape, groups
from lesionkit.io.naming import titled

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_STORAGE = "1.2.840.10008.5.1.4.1.1.88."
REPORTS = frozenset(_STORAGE + number for number in ("22", "33", "34"))
"""Enhanced, Comprehensive and Comprehensive 3D SR."""

_NO_AREA = {"POINT", "MULTIPOINT"}


def read_sr(
    path: Path,
    *,
    image: ImageRef,
    reader: str = "",
    about: str = "",
    segmentations: Collection[str] = (),
) -> Read:
    """Return what a structured report outlines of one image: one deposit per measurement group.

    Planar and volumetric groups (TID 1410, 1411) are read: image regions in an image's pixels (SCOORD), and
    in mm (SCOORD3D) where they lie on the planes of the series. Circles and ellipses become polygons of
    equal area, an ellipsoid the ellipses in which the planes of the series cut it. The tracking identifier
    is the deposit's name, its UID is kept. A segment that a group refers to is read from its segmentation,
    not here; where that is not in the folder, the deposit is left out.

    Parameters
    ----------
    path : Path
        The DICOM file.
    image : ImageRef
        The image it was drawn on.
    reader : str
        Who drew it, where the file's place says so.
    about : str
        How problems name the file; its bare name unless given.
    segmentations : collection of str
        SOPInstanceUIDs of the segmentations at hand.

    Returns
    -------
    drawing : Drawing or None
        None where nothing in it is drawn on this image, which is not absent.
    problems : tuple of Problem
        ``outlines_unreadable``, ``segmentation_not_found``, ``contour_between_planes``,
        ``contour_not_parallel``, ``outline_outside_image``, ``outline_crosses_itself``,
        ``outline_too_few_points``, ``outline_unreadable`` (errors), ``outline_not_closed``,
        ``outlines_overlap``, ``contours_skip_planes`` (warnings), ``outline_not_an_area`` (info).

    References
    ----------
    DICOM PS3.16 TID 1500 (Measurement Report), 1410, 1411; PS3.3 C.18.6 (SCOORD), C.18.9 (SCOORD3D).
    """
    sheet = Sheet(image=image, path=path, reader=reader, about=about or path.name)

    def read(dataset: "Dataset") -> Read:
        planes = Planes(image)
        for group in groups(dataset, path):
            shapes = [shape for shape in group.shapes if _is_here(shape, group, planes)]
            if shapes:
                _draw(group, shapes, planes, sheet)
            elif not group.shapes:
                _miss_segments(group, planes, sheet, segmentations)
        return sheet.done()

    return read_object(path, sheet.about, kind="structured report", classes=REPORTS, read=read)


def _called(group: Group) -> str:
    return group.identifier or str(group.number)


def _is_here(shape: Shape, group: Group, planes: Planes) -> bool:
    sources = shape.sources or group.sources
    if shape.frame_of_reference:
        ours = planes.image.grid.frame_of_reference
        if planes.image.grid.is_planar or (ours and ours != shape.frame_of_reference):
            return False
        return not sources or any(planes.shows(source.uid, source.frames) for source in sources)
    return any(planes.shows(source.uid, source.frames) for source in sources)


def _miss_segments(group: Group, planes: Planes, sheet: Sheet, at_hand: Collection[str]) -> None:
    missing = [segment for segment in group.segments if segment.uid not in at_hand]
    named = any(planes.shows(source.uid, source.frames) for source in group.sources) or (
        planes.image.series_uid in group.series if group.series else not group.sources
    )
    if missing and named:
        fault = ContourError(
            "it is drawn in a segmentation that is not in the folder",
            code="segmentation_not_found",
            hint="Export the DICOM SEG that belongs to the report as well.",
        )
        sheet.leave_out(_called(group), fault)


def _draw(group: Group, shapes: Sequence[Shape], planes: Planes, sheet: Sheet) -> None:
    called = _called(group)
    areas = [shape for shape in shapes if shape.graphic not in _NO_AREA]
    if len(areas) < len(shapes):
        kinds = sorted({shape.graphic for shape in shapes} - {shape.graphic for shape in areas})
        text = f"{called} holds what is no closed line ({', '.join(kinds)}), which is not measured."
        sheet.note("outline_not_an_area", text)
    if not areas:
        return
    try:
        contours = [contour for shape in areas for contour in _contours(shape, group, planes)]
    except OutlineError as fault:
        sheet.leave_out(called, fault)
        return
    if any(_is_open(shape) for shape in areas):
        text = (
            f"The line around {called} ends before it meets its beginning; it is closed by a straight line."
        )
        sheet.warn("outline_not_closed", text, "Check it, and draw it closed.")
    title = titled(tracked=group.identifier)
    sheet.draw(contours, called=called, title=title, tracking_uid=group.uid or None)


def _points(shape: Shape) -> Floats:
    axes = 3 if shape.frame_of_reference else 2
    numbers = np.asarray(shape.numbers, dtype=np.float64)
    corners = {"CIRCLE": 2, "ELLIPSE": 4, "ELLIPSOID": 6}.get(shape.graphic)
    needed = len(numbers) if corners is None else corners * axes
    if not len(numbers) or len(numbers) % axes or len(numbers) != needed or not np.isfinite(numbers).all():
        raise ContourError(
            "its points cannot be read", code="outline_unreadable", hint="Export it again from its program."
        )
    points = numbers.reshape(-1, axes)
    if shape.graphic == "CIRCLE":
        return circle(*points)
    return ellipse(*points) if shape.graphic == "ELLIPSE" else points


def _is_open(shape: Shape) -> bool:
    points = _points(shape)
    return shape.graphic == "POLYLINE" and not np.array_equal(points[0], points[-1])


def _contours(shape: Shape, group: Group, planes: Planes) -> tuple[Contour, ...]:
    grid = planes.image.grid
    if shape.graphic == "ELLIPSOID" and shape.frame_of_reference and grid.affine is not None:
        return sections(_points(shape), grid)
    return (_contour(shape, group, planes),)


def _contour(shape: Shape, group: Group, planes: Planes) -> Contour:
    grid = planes.image.grid
    named = {planes.of(source.uid, source.frames) for source in shape.sources or group.sources} - {None}
    plane = named.pop() if len(named) == 1 else None
    if shape.frame_of_reference:
        return from_patient(_points(shape), grid, plane=plane)
    if plane is None and not grid.is_planar:
        raise ContourError(
            "its line does not say on which slice it lies",
            code="outlines_not_on_the_grid",
            hint="Export it again from its program.",
        )
    return from_image(_points(shape), grid, plane=plane)
