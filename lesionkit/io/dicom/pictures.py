"""Radiographs and photographs: every file, or every frame of a file, is an image of its own."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from lesionkit.core.image import FoundImage, Modality
from lesionkit.core.outcome import Problem, Severity
from lesionkit.io.dicom.flaw import AGAIN, Flaw, damage, fatal
from lesionkit.io.dicom.found import planar_image
from lesionkit.io.dicom.header import Header
from lesionkit.io.dicom.pixels import same_pixels
from lesionkit.io.dicom.where import Where

MOST_PICTURES = 200
"""Pictures in one file: what has more is a film."""


def pictures_of(
    headers: Sequence[Header], modality: Modality, where: Where
) -> Iterator[FoundImage | Problem]:
    """Yield the radiographs or photographs of one series, copies of one image once."""
    by_uid: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        name = where.file(header.path)
        flaw = damage(header, where, consequence="it is left out") or _film(header)
        if flaw is not None:
            yield flaw.problem(name)
            continue
        by_uid[header.uid or header.path.as_posix()].append(header)
    for header, *copies in by_uid.values():
        name = where.file(header.path)
        if copies:
            names = ", ".join(where.file(copy.path) for copy in copies)
            if not all(_are_copies(header, copy) for copy in copies):
                yield _differing_copies(names).problem(name)
                continue
            yield same_copies(names).problem(name)
        yield from _images(header, modality, where)


def _images(header: Header, modality: Modality, where: Where) -> Iterator[FoundImage | Problem]:
    if header.frames > 1:
        images = [planar_image(header, modality, where, frame=frame) for frame in range(header.frames)]
    else:
        images = [planar_image(header, modality, where)]
    if images[0].grid.spacing_mm is None and header.aspect and header.aspect[0] != header.aspect[1]:
        yield _oblong(header.aspect).problem(where.file(header.path))
    yield from images


def _are_copies(a: Header, b: Header) -> bool:
    if a.frames != b.frames:
        return False
    return a.path.read_bytes() == b.path.read_bytes() or (
        a.frames == 1 and same_pixels(a.slices[0], b.slices[0])
    )


def _film(header: Header) -> Flaw | None:
    if header.frames <= MOST_PICTURES:
        return None
    text = f"It holds {header.frames} pictures, as a film does: films are not read, and it is left out."
    return fatal("multiframe_not_read", text, "Save the pictures that are meant as single ones.")


def _differing_copies(names: str) -> Flaw:
    return fatal(
        "duplicate_images_differ",
        f"It carries the identifier of another image with different pixels ({names}): both are left out.",
        AGAIN,
    )


def same_copies(names: str) -> Flaw:
    """Return the flaw that files are copies of one that is used."""
    return Flaw(
        severity=Severity.WARNING,
        code="duplicate_images",
        text=f"The same image is there more than once: {names} not used.",
        hint="Take the copies out of the folder.",
    )


def _oblong(aspect: tuple[float, float]) -> Flaw:
    return Flaw(
        severity=Severity.WARNING,
        code="pixels_not_square",
        text=f"It has no scale, and its pixels are not square ({aspect[0]:g} : {aspect[1]:g}): "
        "areas and lengths in pixels are distorted.",
        hint="Give it a scale.",
    )
