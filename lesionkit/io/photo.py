"""Photographs: JPEG, PNG, TIFF, WebP, HEIF and raw files, upright and in sRGB.

Cameras store the picture as the sensor lay and say in EXIF how to turn it; every reader that forgets
puts outlines in the wrong place. Here it is turned once. `lesionkit.io.picture`, `lesionkit.io.heif` and
`lesionkit.io.raw` do the decoding.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from lesionkit.core.grid import Grid
from lesionkit.core.image import FoundImage, Image, ImageRef, Modality
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.units import Unit
from lesionkit.errors import ReadError
from lesionkit.io import heif, picture, raw
from lesionkit.io.archive import shown
from lesionkit.io.colour import Pixels
from lesionkit.io.problems import error, raised
from lesionkit.io.readers import Scan
from lesionkit.io.remarks import Header, problem_of

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".webp"})

EXIF_DATE = "EXIF DateTimeOriginal"
"""Name of the date source; the folder trusts it less than the path (camera clocks are often wrong)."""

_SURE, _BY_CONTENT, _BY_NAME = 0.9, 0.5, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decoder:
    """What reads files of one family, and the package and extra it needs."""

    read_header: Callable[[Path], Header]
    load_pixels: Callable[[Path], Pixels]
    package: str = "PIL"
    extra: str = ""

    @property
    def is_missing(self) -> bool:
        return find_spec(self.package) is None


_PICTURE = _Decoder(read_header=picture.read_header, load_pixels=picture.load_pixels)
_HEIF = _Decoder(
    read_header=heif.read_header, load_pixels=heif.load_pixels, package="pillow_heif", extra="heif"
)
_RAW = _Decoder(read_header=raw.read_header, load_pixels=raw.load_pixels, package="rawpy", extra="raw")


def _decoder(path: Path) -> _Decoder:
    # Raw files are TIFF inside, but only their thumbnail could be read as such: the name tells them apart.
    if path.suffix.lower() in raw.SUFFIXES:
        return _RAW
    with path.open("rb") as file:
        is_heif = heif.is_heif(file.read(16))
    return _HEIF if is_heif else _PICTURE


class PhotoReader:
    """Reads photographs; see `lesionkit.io.readers.Reader`."""

    def bid(self, path: Path) -> float:
        """Return 0.9 for a picture named as one, 0.5 for one without a suffix, 0.1 for the name alone.

        The low bid on a name lets this reader say what is wrong with a text file named ``.jpg``,
        unless another reader knows the content. A raw file is known by its name.
        """
        suffix = path.suffix.lower()
        if suffix in raw.SUFFIXES:
            return _SURE
        named = suffix in SUFFIXES or suffix in heif.SUFFIXES
        if not named and suffix:
            return 0.0
        with path.open("rb") as file:
            head = file.read(16)
        if picture.is_picture(head) or heif.is_heif(head):
            return _SURE if named else _BY_CONTENT
        return _BY_NAME if named else 0.0

    def scan(self, paths: Iterable[Path], *, root: Path) -> Scan:
        """Return the photographs among files, with upright shape and EXIF date.

        A file that is not a picture is a problem ``picture_unreadable`` (error); one of several
        pages or frames, of which the first is read, is ``picture_has_pages`` (warning); one whose extra is
        not installed ``picture_needs_extra`` (error); a panorama, a screenshot or one in other colours
        is read with a warning.
        """
        images: list[FoundImage] = []
        problems: list[Problem] = []
        for path in paths:
            about = shown(path, root)
            decoder = _decoder(path)
            if decoder.is_missing:
                problems.append(_needs_extra(about, path, decoder.extra))
                continue
            try:
                header = decoder.read_header(path)
            except ReadError as fault:
                problems.append(raised("picture_unreadable", about, fault))
                continue
            problems.extend(problem_of(remark, about) for remark in header.remarks)
            if header.pages > 1:
                problems.append(_has_pages(about, header.pages))
            images.append(_found(path, about, header))
        return Scan(images=tuple(images), problems=tuple(problems))

    def load(self, ref: ImageRef) -> Image:
        """Return the photograph upright and in sRGB: ``(row, col)`` grey or ``(row, col, 3)``.

        8 and 16 bits are kept, see `lesionkit.io.picture.load_pixels`; HEIF comes out in 8, raw files in 16.

        Raises
        ------
        ReadError
            If it cannot be read, is truncated, or has another shape than when it was found.
        """
        pixels = _decoder(ref.paths[0]).load_pixels(ref.paths[0])
        if pixels.shape[:2] != ref.grid.shape:
            raise ReadError(
                f"{ref.paths[0].name} is {pixels.shape[0]} × {pixels.shape[1]} pixels, "
                f"but was {ref.grid.shape[0]} × {ref.grid.shape[1]} when it was found",
                path=ref.paths[0],
                hint="Run again: the file changed meanwhile.",
            )
        return Image(modality=ref.modality, pixels=pixels, grid=ref.grid, intensity_unit=Unit.GREY)


def _found(path: Path, about: str, header: Header) -> FoundImage:
    taken: tuple[tuple[str, date], ...] = ((EXIF_DATE, header.taken),) if header.taken else ()
    return FoundImage(
        id=about,
        paths=(path,),
        reader="photo",
        location=about,
        grid=Grid(shape=header.shape),
        modality=Modality.XC,
        dates=taken,
    )


def _needs_extra(about: str, path: Path, extra: str) -> Problem:
    return error(
        "picture_needs_extra",
        about,
        f"Pictures of the kind {path.suffix.lower()} need a package that is not installed.",
        f'Install it: pip install "lesionkit[{extra}]", or save the picture as JPEG.',
    )


def _has_pages(about: str, pages: int) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="picture_has_pages",
        about=about,
        text=f"The file holds {pages} pages, of which only the first is read.",
        hint="Save each photograph as a file of its own.",
    )


READER = PhotoReader()
