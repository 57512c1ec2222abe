"""Softcopy presentation states: closed lines that someone drew on an image for display."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.image import ImageRef
from lesionkit.errors import OutlineError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.contours import ContourError, from_image
from lesionkit.io.dicom.planes import Planes
from lesionkit.io.dicom.sheet import Read, Sheet, read_object
from lesionkit.io.dicom.sr_groups import Source
from lesionkit.io.naming import titled

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

PRESENTATION_STATES = frozenset(f"1.2.840.10008.5.1.4.1.1.11.{number}" for number in (1, 2))
"""Grayscale and Color Softcopy Presentation State."""


def read_graphics(path: Path, *, image: ImageRef, reader: str = "", about: str = "") -> Read:
    """Return the closed polylines that a presentation state shows on one image: one deposit each.

    A polyline is closed where its last point is its first. Everything else that is drawn (points, open lines,
    circles, curves, and what is placed on the display instead of on the image) is left out. A deposit is
    called by its TrackingID where the graphic has one.

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

    Returns
    -------
    drawing : Drawing or None
        None where no closed line is drawn on this image, which is not absent.
    problems : tuple of Problem
        ``outlines_unreadable``, ``outline_outside_image``, ``outline_crosses_itself``,
        ``outline_too_few_points``, ``outlines_not_on_the_grid`` (errors), ``outline_not_an_area`` (info).

    References
    ----------
    DICOM PS3.3 section C.10.5 (Graphic Annotation Module).
    """
    sheet = Sheet(image=image, path=path, reader=reader, about=about or path.name)

    def read(dataset: "Dataset") -> Read:
        planes = Planes(image)
        for number, (graphic, sources) in enumerate(closed_lines(dataset), start=1):
            here = [source for source in sources if planes.shows(source.uid, source.frames)]
            if here:
                _draw(graphic, number, here, planes, sheet)
        others = Counter(
            tags.text((item,), "GraphicType") for item, _ in _graphics(dataset) if not _is_closed(item)
        )
        if others:
            listed = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
            sheet.note(
                "outline_not_an_area", f"What is drawn but is no closed polyline is not read ({listed})."
            )
        return sheet.done()

    return read_object(path, sheet.about, kind="presentation state", classes=PRESENTATION_STATES, read=read)


def closed_lines(dataset: "Dataset") -> "Iterator[tuple[Dataset, tuple[Source, ...]]]":
    """Yield each closed polyline in image pixels, with the images it is shown on."""
    return ((item, sources) for item, sources in _graphics(dataset) if _is_closed(item))


def _graphics(dataset: "Dataset") -> "Iterator[tuple[Dataset, tuple[Source, ...]]]":
    all_images = tuple(
        source
        for series in tags.values((dataset,), "ReferencedSeriesSequence")
        for source in _sources(series)
    )
    for annotation in tags.values((dataset,), "GraphicAnnotationSequence"):
        for item in tags.values((annotation,), "GraphicObjectSequence"):
            yield item, tuple(_sources(annotation)) or all_images


def _sources(item: "Dataset") -> Iterator[Source]:
    for image in tags.values((item,), "ReferencedImageSequence"):
        frames = tuple(int(number) for number in tags.values((image,), "ReferencedFrameNumber"))
        yield Source(uid=tags.text((image,), "ReferencedSOPInstanceUID"), frames=frames)


def _is_closed(item: "Dataset") -> bool:
    if (
        tags.text((item,), "GraphicType") != "POLYLINE"
        or tags.text((item,), "GraphicAnnotationUnits") != "PIXEL"
    ):
        return False
    points = _points(item)
    return len(points) > 3 and np.array_equal(points[0], points[-1])


def _points(item: "Dataset") -> Floats:
    numbers = np.array([float(value) for value in tags.values((item,), "GraphicData")])
    return numbers.reshape(-1, 2) if len(numbers) % 2 == 0 else np.empty((0, 2))


def _draw(graphic: "Dataset", number: int, here: list[Source], planes: Planes, sheet: Sheet) -> None:
    told = tags.text((graphic,), "TrackingID")
    called = told or str(number)
    named = {planes.of(source.uid, source.frames) for source in here} - {None}
    grid = planes.image.grid
    try:
        if not grid.is_planar and len(named) != 1:
            raise ContourError(
                "its line is shown on several slices, and does not say on which it was drawn",
                code="outlines_not_on_the_grid",
                hint="Draw it on one slice.",
            )
        contour = from_image(_points(graphic), grid, plane=named.pop() if named else None)
    except OutlineError as fault:
        sheet.leave_out(called, fault)
        return
    uid = tags.text((graphic,), "TrackingUID") or None
    sheet.draw([contour], called=called, title=titled(tracked=told), tracking_uid=uid)
