"""Stored pixels out of DICOM files: decoded, whole, of a believable size."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lesionkit.errors import ReadError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.header import BROKEN_FILE, Header, Slice, open_dataset, quiet

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Array = npt.NDArray[Any]

MOST_PIXELS = 2**31
"""More pixels than one image may have: a header that claims more is believed to be damaged."""

_IMPLICIT = "1.2.840.10008.1.2"
_DEFLATED = "1.2.840.10008.1.2.1.99"
_RLE = "1.2.840.10008.1.2.5"
_UNCOMPRESSED = {"", _IMPLICIT, "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"}


def is_cut_short(header: Header) -> bool:
    """Return whether a file ends before the pixels its header announces.

    Of compressed pixels only the beginning is looked for: whether they are whole shows when they are decoded.
    """
    if header.bytes_left is None or header.syntax == _DEFLATED:
        return False
    needed = 8 if header.syntax in ("", _IMPLICIT) else 12
    if header.syntax in _UNCOMPRESSED and header.photometric != "YBR_FULL_422":
        needed += _pixel_count(header) * header.bits_allocated // 8
    return header.bytes_left < needed


def is_absurd(header: Header) -> bool:
    """Return whether a header announces more pixels than any image has."""
    return _pixel_count(header) > MOST_PIXELS


def _pixel_count(header: Header) -> int:
    return sum(item.shape[0] * item.shape[1] for item in header.slices) * header.samples


def decode(dataset: "Dataset", path: Path, *, frame: int = 0) -> tuple[Array, str]:
    """Return one frame's stored pixels and their photometric interpretation.

    Values are as stored (no rescale, no window), but signs and unused bits are put right, and
    luma-chroma colour is turned to RGB. Every installed decoder is tried in turn.

    Returns
    -------
    ndarray, shape (rows, cols) or (rows, cols, 3)
        Of the stored type.
    str
        Such as ``MONOCHROME2`` or ``RGB``.

    Raises
    ------
    ReadError
        If the pixels are cut short or no installed decoder understands them.
    """
    from pydicom.pixels import get_decoder  # type: ignore[attr-defined]

    with quiet():
        syntax = _syntax(dataset)
        try:
            decoder = get_decoder(syntax)
            usable = decoder.is_available
        except NotImplementedError:
            usable = False
        if not usable:
            raise _no_decoder(path, syntax)
        _silence_codecs()
        try:
            pixels, properties = decoder.as_array(dataset, index=frame, decoding_plugin=_plugin(syntax))
        except BROKEN_FILE as error:
            raise ReadError(
                f"the pixels of {path.name} ({tags.uid_name(syntax)}) cannot be decoded: damaged, cut short, "
                "or of a kind no installed decoder understands",
                path=path,
                tried={"dicom": str(error)},
                hint="Export it again from the archive, or install more decoders: "
                'pip install "lesionkit[dicom-codecs]"',
            ) from error
    return pixels, str(properties["photometric_interpretation"])


def _syntax(dataset: "Dataset") -> str:
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    meta = getattr(dataset, "file_meta", None)
    stated = tags.text((meta,), "TransferSyntaxUID") if meta else ""
    if stated:
        return stated
    # A file without its preamble does not say; pydicom found out while reading.
    implicit, little = dataset.original_encoding
    if implicit:
        return str(ImplicitVRLittleEndian)
    return str(ExplicitVRLittleEndian if little else ExplicitVRBigEndian)


def _plugin(syntax: str) -> str:
    """Return the decoder to use; empty where pydicom shall try all that are installed."""
    # The RLE decoder of pylibjpeg aborts, and says so on the terminal, where a stream is damaged.
    return "pydicom" if syntax == _RLE else ""


def _no_decoder(path: Path, syntax: str) -> ReadError:
    return ReadError(
        f"{path.name} is compressed in a way no installed decoder understands: {tags.uid_name(syntax)}",
        path=path,
        tried={"dicom": f"no decoder for transfer syntax {syntax}"},
        hint='Install more decoders: pip install "lesionkit[dicom-codecs]", or export it uncompressed.',
    )


def _silence_codecs() -> None:
    """Keep GDCM, where it is installed, from writing to the terminal by itself."""
    import sys

    gdcm = sys.modules.get("gdcm")
    if gdcm is not None:
        for channel in ("Debug", "Warning", "Error"):
            getattr(gdcm.Trace, f"{channel}Off")()


def same_pixels(a: Slice, b: Slice) -> bool:
    """Return whether two slices hold the same pixels and turn them into values alike."""
    if (a.slope, a.intercept) != (b.slope, b.intercept):
        return False
    if a.frame == b.frame and a.path.read_bytes() == b.path.read_bytes():
        return True
    try:
        first, second = (decode_file(item) for item in (a, b))
    except ReadError:
        return False
    return first.dtype == second.dtype and np.array_equal(first, second)


def decode_file(item: Slice) -> Array:
    """Return one slice's stored pixels, read from its file.

    Raises
    ------
    ReadError
        If the file or its pixels cannot be read.
    """
    with quiet():
        dataset = open_dataset(item.path)
    return decode(dataset, item.path, frame=item.frame)[0]
