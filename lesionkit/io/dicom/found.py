"""What headers say of an image: of whom, when, of which site, and on which grid."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from lesionkit.core.grid import Grid
from lesionkit.core.image import FoundImage, Modality
from lesionkit.io.dicom.geometry import Stack
from lesionkit.io.dicom.header import DATES, Header
from lesionkit.io.dicom.scale import SpacingTags, radiograph_scale
from lesionkit.io.dicom.where import Where

READER_NAME = "dicom"

_SIDES = {"L": "left", "R": "right", "B": "both"}


def planar_image(header: Header, modality: Modality, where: Where, *, frame: int | None = None) -> FoundImage:
    """Return a radiograph or photograph as found; `frame` counts the pictures of its file from 0."""
    tags = header.scale
    if frame is not None:
        # Frames that say nothing of themselves are alike, and not listed one by one.
        tags = replace(tags, pixel=header.slices[min(frame, len(header.slices) - 1)].spacing)
    if modality is Modality.XC:
        # What a detector or a tube says means nothing for a camera.
        tags = SpacingTags(pixel=tags.pixel, calibration=tags.calibration)
    scale = radiograph_scale(tags)
    height, width = header.aspect or (1.0, 1.0)
    grid = Grid(
        shape=header.slices[0].shape,
        spacing_mm=scale.spacing_mm,
        scale_source=scale.source,
        aspect=height / width,
    )
    name = where.file(header.path) + (f"#{frame + 1}" if frame is not None else "")
    return FoundImage(
        id=name,
        paths=(header.path,),
        reader=READER_NAME,
        location=name,
        grid=grid,
        modality=modality,
        site=site_of(header, modality),
        patient=header.patient or None,
        dates=header.dates,
        series_uid=header.series or None,
        instance_uids=(header.uid,) if header.uid else (),
        frames=() if frame is None else (frame,),
    )


def volume_image(
    stack: Stack, headers: Sequence[Header], modality: Modality, *, location: str, part: int
) -> FoundImage:
    """Return a CT or MR volume as found; `part` counts the volumes of its series from 1."""
    paths = tuple(dict.fromkeys(item.path for item in stack.slices))
    first = headers[0]
    several = any(len(header.slices) > 1 for header in headers)
    return FoundImage(
        id=first.series if part == 1 else f"{first.series}#{part}",
        paths=paths,
        reader=READER_NAME,
        location=location,
        grid=stack.grid,
        modality=modality,
        site=site_of(first, modality),
        patient=next((header.patient for header in headers if header.patient), None),
        dates=earliest(headers),
        series_uid=first.series,
        instance_uids=tuple(dict.fromkeys(item.uid for item in stack.slices)),
        frames=tuple(item.frame for item in stack.slices) if several else (),
    )


def earliest(headers: Sequence[Header]) -> tuple[tuple[str, date], ...]:
    """Return the dates of several files, of each source the earliest, in order of precedence."""
    found: dict[str, date] = {}
    for header in headers:
        for name, day in header.dates:
            found[name] = min(day, found.get(name, day))
    return tuple((name, found[name]) for name in DATES if name in found)


def site_of(header: Header, modality: Modality) -> str:
    """Return the body site such as ``hand-left-pa`` or ``forearm-left``; empty where no body part is given.

    The view is a radiograph's only: volumes and photographs have none to be compared by.
    """
    body = _plain(header.body_part)
    if not body:
        return ""
    view = header.view if modality.stream is Modality.DX else ""
    side = _SIDES.get(header.laterality.upper(), "")
    return "-".join(part for part in (body, side, _plain(view)) if part)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")
