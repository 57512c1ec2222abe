"""Decoding a picture file: header without pixels, and pixels upright in sRGB."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from lesionkit.errors import ReadError
from lesionkit.io.colour import Pixels, is_srgb, over_white, to_srgb
from lesionkit.io.remarks import Header, remarks_of, taken_on

if TYPE_CHECKING:
    from PIL import Image as Pil


_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP")
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_TIFF_ORDER: dict[bytes, Literal["little", "big"]] = {b"II": "little", b"MM": "big"}
_ORIENTATION = 0x0112
_TIFF_WIDTH, _TIFF_LENGTH, _TIFF_BITS, _XMP = 256, 257, 258, 700
_BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, EOFError, LookupError, OverflowError),
    *(struct.error, zlib.error),
)
"""What Pillow raises on a file that is not what it says."""

_TURNED = (5, 6, 7, 8)
"""EXIF orientations that swap rows and columns."""


def is_picture(head: bytes) -> bool:
    """Return whether a file's first 16 bytes are those of a JPEG, PNG, TIFF or WebP."""
    return head.startswith(_MAGIC) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def read_header(path: Path) -> Header:
    """Return what a picture's header says, without decoding its pixels.

    Raises
    ------
    ReadError
        If the file is not a picture of a kind that is read, or is unreasonably large.
    """
    with _opened(path) as im:
        exif = _exif(im, path)
        pages = 1 if im.format == "MPO" else getattr(im, "n_frames", 1)
        return Header(
            shape=_upright_shape(im, _orientation(exif)),
            taken=taken_on(exif),
            pages=pages,
            remarks=remarks_of(path, exif, _xmp(im)),
        )


def load_pixels(path: Path) -> Pixels:
    """Return a picture's pixels, upright and in sRGB.

    The EXIF orientation is applied once. Eight and sixteen bits per colour are kept. An ICC profile
    is converted to sRGB; 16-bit pictures with another profile than sRGB come out in 8 bits, because
    the colour management at hand works in 8. Pictures without a profile are taken as sRGB. CMYK is
    converted through its profile, or plainly where it has none. What is transparent is laid over
    white: pixels hidden on purpose stay hidden.

    Returns
    -------
    ndarray of uint8 or uint16, shape (rows, cols) or (rows, cols, 3)

    Raises
    ------
    ReadError
        If it cannot be read, is truncated, or is of a kind that is not read (floats, 32 bits).
    """
    with _opened(path) as im:
        is_deep = _is_deep(im, path) and is_srgb(im)
        orientation = _orientation(_exif(im, path))
        if im.format in ("JPEG", "MPO"):
            _must_end(path)
        im.load()  # also where OpenCV decodes: of a file that is cut off it would only warn
        if im.format in ("JPEG", "MPO"):
            _must_be_filled(im)
        if not is_deep:
            # Pillow turns TIFF by itself when it decodes, and then forgets the tag.
            return upright(to_srgb(im, path=path), _orientation(im.getexif()))
        is_grey = im.mode.startswith(("I", "L"))
    return upright(_load_deep(path, is_grey=is_grey), orientation)


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Return pixels turned as an EXIF orientation of 1 to 8 asks; other values ask nothing.

    References
    ----------
    CIPA DC-008 (Exif 2.32), tag 274 Orientation.
    """
    turns: dict[int, Pixels] = {
        2: pixels[:, ::-1],
        3: pixels[::-1, ::-1],
        4: pixels[::-1],
        5: pixels.swapaxes(0, 1),
        6: pixels.swapaxes(0, 1)[:, ::-1],
        7: pixels.swapaxes(0, 1)[::-1, ::-1],
        8: pixels.swapaxes(0, 1)[::-1],
    }
    return np.ascontiguousarray(turns.get(orientation, pixels))


@contextmanager
def _opened(path: Path) -> Iterator["Pil.Image"]:
    from PIL import Image as Pil
    from PIL import UnidentifiedImageError

    hint = "Check that it is a photograph, and save it again as JPEG, PNG or TIFF."
    try:
        with warnings.catch_warnings():
            # Above 89 megapixels Pillow warns, which phones reach; above 179 it refuses.
            warnings.simplefilter("ignore", Pil.DecompressionBombWarning)
            im = Pil.open(path, formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise ReadError(
            f"{path.name} is named as a picture but is none that can be read",
            path=path,
            tried={"photo": "no JPEG, PNG, TIFF or WebP"},
            hint=hint,
        ) from error
    except Pil.DecompressionBombError as error:
        raise ReadError(
            f"{path.name} claims more than {2 * (Pil.MAX_IMAGE_PIXELS or 0)} pixels",
            path=path,
            tried={"photo": str(error)},
            hint="Save it in a smaller size.",
        ) from error
    except _BROKEN as error:
        raise ReadError(
            f"{path.name} cannot be opened: {_reason(error)}",
            path=path,
            tried={"photo": _reason(error)},
            hint=hint,
        ) from error
    with im:
        try:
            yield im
        except _BROKEN as error:
            raise ReadError(
                f"{path.name} is damaged or cut off: {_reason(error)}",
                path=path,
                tried={"photo": _reason(error)},
                hint="Copy it again from the camera.",
            ) from error


def _reason(error: Exception) -> str:
    # The text of an OSError of the system holds the absolute path.
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _exif(im: "Pil.Image", path: Path) -> "Pil.Exif":
    from PIL import Image as Pil

    if im.format != "PNG" or "exif" in im.info or _has_late_exif(path):
        return im.getexif()
    return Pil.Image.getexif(im)  # that of PNG decodes all pixels to see whether EXIF follows


def _has_late_exif(path: Path) -> bool:
    # PNG, section 5: after the signature chunks of length, type, data and a 4-byte checksum.
    with path.open("rb") as file:
        file.seek(8)
        while len(head := file.read(8)) == 8:
            if head[4:] == b"eXIf":
                return True
            file.seek(int.from_bytes(head[:4], "big") + 4, 1)
    return False


def _orientation(exif: "Pil.Exif") -> int:
    value = exif.get(_ORIENTATION, 1)
    return value if isinstance(value, int) else 1


def _upright_shape(im: "Pil.Image", orientation: int) -> tuple[int, int]:
    width, height = im.size
    if im.format == "TIFF":
        tags = getattr(im, "tag_v2", {})
        width, height = int(tags[_TIFF_WIDTH]), int(tags[_TIFF_LENGTH])
    return (width, height) if orientation in _TURNED else (height, width)


def _xmp(im: "Pil.Image") -> object:
    return im.info.get("xmp") or im.info.get("XML:com.adobe.xmp") or getattr(im, "tag_v2", {}).get(_XMP)


def _is_deep(im: "Pil.Image", path: Path) -> bool:
    if im.format == "TIFF":
        bits = getattr(im, "tag_v2", {}).get(_TIFF_BITS, (1,))
        return max(bits) == 16 and im.mode in ("I;16", "I;16B", "I;16L", "RGB", "RGBA", "RGBX")
    if im.format == "PNG":
        with path.open("rb") as file:
            return file.read(25)[24] == 16  # IHDR's bit depth
    return False


def _load_deep(path: Path, *, is_grey: bool) -> Pixels:
    # Pillow cuts 16 bits of colour to 8; OpenCV keeps them.
    import cv2

    data = path.read_bytes()
    if data[:2] in _TIFF_ORDER:
        data = _without_orientation(data)
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags)
    if pixels is None or pixels.dtype != np.uint16:
        raise ReadError(
            f"{path.name} is a 16-bit picture that cannot be decoded",
            path=path,
            tried={"photo": "16 bits per colour"},
            hint="Save it as 8-bit PNG or TIFF.",
        )
    if pixels.ndim == 2:
        return np.asarray(pixels, dtype=np.uint16)
    colour = over_white(pixels[..., 2::-1], pixels[..., 3]) if pixels.shape[2] == 4 else pixels[..., ::-1]
    return np.asarray(colour[..., 0] if is_grey else colour, dtype=np.uint16)


def _must_end(path: Path) -> None:
    """Raise OSError if a JPEG lacks its end: what is missing would be shown as grey.

    The end (FF D9) is looked for behind the last header, since a thumbnail in a header has an end of its own.
    """
    data = path.read_bytes()
    at = 2
    while data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] not in (b"\xda", b""):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    if data.find(b"\xff\xd9", at) < 0:
        raise OSError("it ends before its last row")


def _must_be_filled(im: "Pil.Image") -> None:
    """Raise OSError if a JPEG's data ended early: libjpeg fills what is missing with middle grey.

    Not where the other corners are of that grey too: then it is a background.
    """
    high, wide = im.height, im.width
    side = min(8, high, wide)
    boxes = [(x, y, x + side, y + side) for x in (0, wide - side) for y in (0, high - side)]
    grey = [set(np.asarray(im.crop(box)).ravel().tolist()) == {128} for box in boxes]
    if grey[3] and not all(grey):
        raise OSError("its data end before its last row")


def _without_orientation(data: bytes) -> bytes:
    # OpenCV turns TIFF whatever it is asked (and fails on a quarter turn), so the tag is set to 1.
    # TIFF 6.0, section 2: header, then a directory of entries (tag, type, count, value); in BigTIFF
    # offsets and counts are wider.
    order = _TIFF_ORDER[data[:2]]
    is_big = int.from_bytes(data[2:4], order) == 43
    at, offset, number, entry, value = (8, 8, 8, 20, 12) if is_big else (4, 4, 2, 12, 8)
    out = bytearray(data)
    start = int.from_bytes(data[at : at + offset], order)
    first = start + number
    for place in range(first, first + entry * int.from_bytes(data[start:first], order), entry):
        if int.from_bytes(data[place : place + 2], order) == _ORIENTATION:
            out[place + value : place + value + 2] = (1).to_bytes(2, order)
    return bytes(out)
