"""What a photograph's header says besides its pixels: day, pages, and whether it is a photograph at all."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from lesionkit.core.outcome import Problem
from lesionkit.io.problems import warning

if TYPE_CHECKING:
    from PIL import Image as Pil

_MAKE, _EXIF_BLOCK, _EXPOSURE_TIME = 0x010F, 0x8769, 0x829A
_DATE_TIME_ORIGINAL, _USER_COMMENT, _CUSTOM_RENDERED = 0x9003, 0x9286, 0xA401
_APPLE_PANORAMA = 6
"""What Apple writes into CustomRendered of a panorama."""
_PANORAMA_XMP = b"GPano:"
"""Google's Photo Sphere XMP, which stitching programs of all makers write."""
_SCREENSHOT = re.compile(
    r"screen[ _-]?shot|bildschirmfoto|capture d.?.?cran|captura de pantalla", re.IGNORECASE
)


class Remark(StrEnum):
    """What is not right with a picture as a photograph to measure on."""

    PANORAMA = "panorama"
    SCREENSHOT = "screenshot"
    OTHER_COLOURS = "other colours"
    """In a colour space without a profile that could be converted (HDR, wide gamut)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a picture's header says.

    Parameters
    ----------
    shape : tuple of int
        ``(rows, columns)`` of the upright picture.
    taken : date, optional
        EXIF DateTimeOriginal by the clock of the place, whatever its offset from UTC; None where it is
        missing or blank.
    pages : int
        Pages or frames of the file; depth maps and what else lies behind a phone's main picture do not count.
    remarks : tuple of Remark
        What is not right with it.
    """

    shape: tuple[int, int]
    taken: date | None = None
    pages: int = 1
    remarks: tuple[Remark, ...] = ()


def taken_on(exif: "Pil.Exif") -> date | None:
    """Return the day of EXIF DateTimeOriginal; None where it is missing or blank."""
    text = exif.get_ifd(_EXIF_BLOCK).get(_DATE_TIME_ORIGINAL)
    try:
        return date.fromisoformat(str(text)[:10].replace(":", "-"))
    except ValueError:
        return None  # blank, zeros, or no date at all


def remarks_of(path: Path, exif: "Pil.Exif", xmp: object) -> tuple[Remark, ...]:
    """Return what a picture's header tells against it.

    A panorama is stitched from several views: it says so in Google's XMP or, by Apple, in EXIF. A screenshot
    is called one by its EXIF comment, or by its name where no camera signed it.
    """
    block = exif.get_ifd(_EXIF_BLOCK)
    packet = xmp.encode() if isinstance(xmp, str) else xmp if isinstance(xmp, bytes) else b""
    remarks = []
    if _PANORAMA_XMP in packet or block.get(_CUSTOM_RENDERED) == _APPLE_PANORAMA:
        remarks.append(Remark.PANORAMA)
    comment = block.get(_USER_COMMENT, b"")
    said = comment.decode("latin-1") if isinstance(comment, bytes) else str(comment)
    by_camera = _MAKE in exif or _EXPOSURE_TIME in block
    if _SCREENSHOT.search(said.replace("\0", "")) or (not by_camera and _SCREENSHOT.search(path.stem)):
        remarks.append(Remark.SCREENSHOT)
    return tuple(remarks)


def problem_of(remark: Remark, about: str) -> Problem:
    """Return what a remark means for the user."""
    if remark is Remark.PANORAMA:
        return warning(
            "picture_is_panorama",
            about,
            "This is a panorama, stitched from several views: its scale changes across it, so that sizes "
            "on it are wrong.",
            "Use a single photograph of the site.",
        )
    if remark is Remark.SCREENSHOT:
        return warning(
            "picture_is_screenshot",
            about,
            "This is a screenshot, not the photograph itself: it may be shrunk, cropped and changed in "
            "colour.",
            "Put the original photograph into the folder.",
        )
    return warning(
        "picture_colours_not_srgb",
        about,
        "Its colours are in a space (HDR, wide gamut) that is not converted: sizes are right, colours not.",
        "Switch HDR photographs off in the camera, or save it as JPEG.",
    )
