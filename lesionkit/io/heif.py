"""HEIF and HEIC, the files of telephones: the main picture alone, which its decoder turns upright."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lesionkit.errors import ReadError
from lesionkit.io.colour import Pixels, to_srgb
from lesionkit.io.remarks import Header, Remark, remarks_of, taken_on

if TYPE_CHECKING:
    from PIL import Image as Pil

SUFFIXES = frozenset({".heic", ".heif", ".hif"})

_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, EOFError, LookupError, RuntimeError)
_SRGB_PRIMARIES, _SRGB_TRANSFERS = (1, 2), (1, 2, 6, 13)


def is_heif(head: bytes) -> bool:
    """Return whether a file's first 16 bytes are those of HEIF coded as HEVC."""
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS


def read_header(path: Path) -> Header:
    """Return what a HEIF file says of its main picture, without decoding it.

    Depth maps, thumbnails and auxiliary pictures are not counted as pages. What EXIF says of the
    orientation is for information only (ISO/IEC 23008-12): the file's own turns and mirrors make it upright.

    Raises
    ------
    ReadError
        If it is none, is damaged or unreasonably large.
    """
    with _opened(path) as file:
        width, height = file.size
        exif = _exif(file)
        remarks = list(remarks_of(path, exif, file.info.get("xmp")))
        if not _is_srgb(file):
            remarks.append(Remark.OTHER_COLOURS)
        return Header(shape=(height, width), taken=taken_on(exif), pages=len(file), remarks=tuple(remarks))


def load_pixels(path: Path) -> Pixels:
    """Return the main picture's pixels, upright, in sRGB and 8 bits.

    Raises
    ------
    ReadError
        If it cannot be decoded.
    """
    with _opened(path) as file:
        return to_srgb(file.to_pillow(), path=path)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import pillow_heif
    from PIL import Image as Pil

    try:
        file = pillow_heif.open_heif(path)
        width, height = file.size
        most = 2 * (Pil.MAX_IMAGE_PIXELS or width * height)
        if width * height > most:
            raise ReadError(
                f"{path.name} claims more than {most} pixels",
                path=path,
                tried={"photo": f"{width} × {height} pixels"},
                hint="Save it in a smaller size.",
            )
        yield file
    except _BROKEN as error:
        raise ReadError(
            f"{path.name} is damaged or cut off, or no HEIF",
            path=path,
            tried={"photo": type(error).__name__},
            hint="Copy it again from the camera, or save it as JPEG.",
        ) from error


def _exif(file: Any) -> "Pil.Exif":
    from PIL import Image as Pil

    exif = Pil.Exif()
    if file.info.get("exif"):
        exif.load(file.info["exif"])
    return exif


def _is_srgb(file: Any) -> bool:
    # Where there is an ICC profile it counts, and is converted.
    colours = file.info.get("nclx_profile")
    return (
        "icc_profile" in file.info
        or not colours
        or (
            colours["color_primaries"] in _SRGB_PRIMARIES
            and colours["transfer_characteristics"] in _SRGB_TRANSFERS
        )
    )
