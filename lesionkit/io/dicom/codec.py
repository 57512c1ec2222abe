"""Compressed frames of one sample per pixel undone with imagecodecs, where it is installed.

It is the quickest, knows every syntax, decodes into memory that is there already, and lets go of the
interpreter, so that frames are decoded side by side.
"""

from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lesionkit.io.dicom.codestream import Bytes, must_be_whole

if TYPE_CHECKING:
    from pydicom.pixels.decoders.base import Decoder, DecodeRunner

NAME = "imagecodecs"
"""Of the package, and of our plugin to pydicom."""

Array = npt.NDArray[Any]

_RLE = "rle"
_JPEG = "jpeg8_decode"
_JPEG_2000 = ("jpeg2k_decode", "htj2k_decode")
_SYNTAXES = {
    **{f"1.2.840.10008.1.2.4.{number}": _JPEG for number in (50, 51, 53, 55, 57, 70)},
    **{f"1.2.840.10008.1.2.4.{number}": "jpegls_decode" for number in (80, 81)},
    **{f"1.2.840.10008.1.2.4.{number}": "jpeg2k_decode" for number in (90, 91)},
    **{f"1.2.840.10008.1.2.4.{number}": "htj2k_decode" for number in (201, 202, 203)},
    "1.2.840.10008.1.2.5": _RLE,
}
"""Transfer syntaxes, and what undoes them."""

DECODER_DEPENDENCIES = dict.fromkeys(_SYNTAXES, (NAME,))
"""Asked for by pydicom."""


class Stored(NamedTuple):
    """How pixels are stored: rows and columns, bits in use of 16, and whether they have a sign."""

    shape: tuple[int, int]
    bits: int
    signed: bool

    @property
    def range(self) -> tuple[int, int]:
        """The lowest and highest value that can be stored."""
        half = 1 << (self.bits - 1)
        return (-half, half - 1) if self.signed else (0, 2 * half - 1)


@cache
def _package() -> ModuleType | None:
    try:
        import imagecodecs
    except ImportError:
        return None
    found: ModuleType = imagecodecs
    return found


def knows(syntax: str) -> bool:
    """Return whether frames of a transfer syntax can be undone here."""
    return syntax in _SYNTAXES and _package() is not None


def decode_into(out: npt.NDArray[np.int16], stream: Bytes, syntax: str, stored: Stored) -> Stored:
    """Decode one frame of 16-bit containers into memory, and return how many of their bits are in use.

    Where a stream says so itself (JPEG-LS, JPEG 2000), it is believed rather than the header.

    Parameters
    ----------
    out : ndarray of int16, shape (rows, cols)
        Where to; its bits are those of uint16 where pixels have no sign.
    stream : bytes or memoryview
        The frame.
    syntax : str
        Its transfer syntax, one that this module `knows`.
    stored : Stored
        What the header says of the pixels.

    Raises
    ------
    Exception
        If the frame is damaged or is not what the header says; anything of `header.BROKEN_FILE`.
    """
    name = _SYNTAXES[syntax]
    if name == _RLE:
        _undo_rle(stream, out)
        return stored
    size = must_be_whole(stream, *stored.shape)
    if size is None or size.components != 1:
        raise ValueError("the compressed picture has samples of another kind than the header says")
    if name in _JPEG_2000 and size.signed != stored.signed:
        raise ValueError("the compressed picture has signs where the header says none, or none")
    view = out if name in _JPEG_2000 and stored.signed else out.view(np.uint16)
    found = _function(name)(stream, out=view)
    if found is not view:
        view[...] = found
    return stored if name == _JPEG else stored._replace(bits=size.bits)


def _function(name: str) -> Any:
    return getattr(_package(), name)


def _undo_rle(stream: Bytes, out: Array) -> None:
    size = out.dtype.itemsize
    if len(stream) < 64 or int.from_bytes(stream[:4], "little") != size:
        raise ValueError("the run-length encoded picture does not have one segment per byte of a pixel")
    _function("dicomrle_decode")(stream, out.dtype, out=out.data.cast("B"))


def is_available(syntax: str) -> bool:
    """Return whether frames of a transfer syntax can be undone; asked for by pydicom."""
    return knows(syntax)


def decode_frame(stream: bytes, runner: "DecodeRunner") -> bytearray:
    """Return one frame's pixels as pydicom's decoders do, for it to put signs and unused bits right.

    Raises
    ------
    Exception
        If the frame is damaged or has several samples per pixel: in colour, others know better.
    """
    if runner.samples_per_pixel != 1 or runner.bits_allocated not in (8, 16):
        raise ValueError("only pixels of one sample are decoded")
    shape = (runner.rows, runner.columns)
    container = np.dtype(f"u{runner.bits_allocated // 8}")
    name = _SYNTAXES[runner.transfer_syntax]
    if name == _RLE:
        out = np.empty(shape, dtype=container)
        _undo_rle(stream, out)
        return bytearray(out)
    must_be_whole(stream, *shape)
    found = np.asarray(_function(name)(stream))
    if found.shape != shape or found.dtype.itemsize > container.itemsize or found.dtype.kind not in "iu":
        raise ValueError("the compressed picture has samples of another kind than the header says")
    return bytearray(np.ascontiguousarray(found.astype(f"{found.dtype.kind}{container.itemsize}")))


@cache
def decoder(syntax: str) -> "Decoder | None":
    """Return a pydicom decoder that works with this module; None where it does not know the syntax.

    It is our own, so that pydicom stays as it is for whoever else uses it.
    """
    if not knows(syntax):
        return None
    from pydicom.pixels.decoders.base import Decoder
    from pydicom.uid import UID

    own = Decoder(UID(syntax))
    own.add_plugin(NAME, (__name__, "decode_frame"))
    return own
