"""Photographs: JPEG, PNG, TIFF and WebP, upright and in sRGB.

Cameras store the picture as the sensor lay and say in EXIF how to turn it; every reader that forgets
puts outlines in the wrong place. Here it is turned once, and `lesionkit.io.picture` does the decoding.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from lesionkit.core.grid import Grid
from lesionkit.core.image import FoundImage, Image, ImageRef, Modality
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.units import Unit
from lesionkit.errors import ReadError
from lesionkit.io import picture
from lesionkit.io.archive import shown
from lesionkit.io.problems import raised
from lesionkit.io.readers import Scan

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".webp"})

EXIF_DATE = "EXIF DateTimeOriginal"
"""Name of the date source; the folder trusts it less than the path (camera clocks are often wrong)."""

_SURE, _BY_CONTENT, _BY_NAME = 0.9, 0.5, 0.1


class PhotoReader:
    """Reads photographs; see `lesionkit.io.readers.Reader`."""

    def bid(self, path: Path) -> float:
        """Return 0.9 for a picture named as one, 0.5 for one without a suffix, 0.1 for the name alone.

        The low bid on a name lets this reader say what is wrong with a text file named ``.jpg``,
        unless another reader knows the content. Raw camera files are TIFF inside, but only their
        thumbnail could be read, so other suffixes are not bid for.
        """
        named = path.suffix.lower() in SUFFIXES
        if not named and path.suffix:
            return 0.0
        with path.open("rb") as file:
            is_picture = picture.is_picture(file.read(16))
        if is_picture:
            return _SURE if named else _BY_CONTENT
        return _BY_NAME if named else 0.0

    def scan(self, paths: Iterable[Path], *, root: Path) -> Scan:
        """Return the photographs among files, with upright shape and EXIF date.

        A file that is not a picture is a problem ``picture_unreadable`` (error); one of several
        pages or frames, of which the first is read, is ``picture_has_pages`` (warning).
        """
        images: list[FoundImage] = []
        problems: list[Problem] = []
        for path in paths:
            about = shown(path, root)
            try:
                header = picture.read_header(path)
            except ReadError as error:
                problems.append(raised("picture_unreadable", about, error))
                continue
            if header.pages > 1:
                problems.append(_has_pages(about, header.pages))
            images.append(_found(path, about, header))
        return Scan(images=tuple(images), problems=tuple(problems))

    def load(self, ref: ImageRef) -> Image:
        """Return the photograph upright and in sRGB: ``(row, col)`` grey or ``(row, col, 3)``.

        8 and 16 bits are kept, see `lesionkit.io.picture.load_pixels`.

        Raises
        ------
        ReadError
            If it cannot be read, is truncated, or has another shape than when it was found.
        """
        pixels = picture.load_pixels(ref.paths[0])
        if pixels.shape[:2] != ref.grid.shape:
            raise ReadError(
                f"{ref.paths[0].name} is {pixels.shape[0]} × {pixels.shape[1]} pixels, "
                f"but was {ref.grid.shape[0]} × {ref.grid.shape[1]} when it was found",
                path=ref.paths[0],
                hint="Run again: the file changed meanwhile.",
            )
        return Image(modality=ref.modality, pixels=pixels, grid=ref.grid, intensity_unit=Unit.GREY)


def _found(path: Path, about: str, header: picture.Header) -> FoundImage:
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


def _has_pages(about: str, pages: int) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="picture_has_pages",
        about=about,
        text=f"The file holds {pages} pages, of which only the first is read.",
        hint="Save each photograph as a file of its own.",
    )


READER = PhotoReader()
