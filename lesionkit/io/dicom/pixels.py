"""Stored pixels out of DICOM files: decoded, whole, of a believable size."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lesionkit.errors import ReadError
from lesionkit.io.dicom import codec, tags
from lesionkit.io.dicom.codestream import must_be_whole
from lesionkit.io.dicom.header import Header, Slice, header_of
from lesionkit.io.dicom.opening import BROKEN_FILE, open_dataset, quiet

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.pixels.decoders.base import Decoder

Array = npt.NDArray[Any]

MOST_PIXELS = 2**31
"""More pixels than one image may have: a header that claims more is believed to be damaged."""

_MORE_DECODERS = 'pip install "lesionkit[dicom-codecs]"'

_IMPLICIT = "1.2.840.10008.1.2"
_DEFLATED = "1.2.840.10008.1.2.1.99"
RLE = "1.2.840.10008.1.2.5"
_JPEG_2000 = {f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 92, 93)}
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
    if not header.slices:
        return 0
    rows, columns = header.slices[0].shape
    return max(header.frames, len(header.slices)) * rows * columns * header.samples


def open_believable(path: Path) -> "Dataset":
    """Return a file as a pydicom dataset, pixels included, if it can be that large.

    Raises
    ------
    ReadError
        If it is not DICOM, breaks off, or announces more pixels than any image has.
    """
    dataset = open_dataset(path)
    if is_absurd(header_of(dataset, path)):
        raise ReadError(
            f"the header of {path.name} announces more pixels than any image has",
            path=path,
            hint="Export it again from the archive.",
        )
    return dataset


def must_fit(shape: tuple[int, ...], expected: tuple[int, ...], path: Path) -> None:
    """Raise ReadError where a file holds pixels of another shape than was found when it was scanned."""
    if tuple(shape) != tuple(expected):
        raise ReadError(
            f"{path.name} has {shape[0]} × {shape[1]} pixels, "
            f"not the {expected[-2]} × {expected[-1]} found before",
            path=path,
            hint="Files changed while the folder was read: run again.",
        )


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
    with quiet():
        syntax = syntax_of(dataset)
        ways = _ways(syntax)
        if not ways:
            raise _no_decoder(path, syntax)
        refusals: dict[str, str] = {}
        for plugin, decoder in ways:
            try:
                _must_be_whole(dataset, syntax, frame)
                pixels, properties = decoder.as_array(dataset, index=frame, decoding_plugin=plugin)
            except BROKEN_FILE as error:
                refusals[plugin or "pydicom"] = str(error)
            else:
                return pixels, str(properties["photometric_interpretation"])
    raise ReadError(
        f"the pixels of {path.name} ({tags.uid_name(syntax)}) cannot be decoded: damaged, cut short, "
        "or of a kind no installed decoder understands",
        path=path,
        tried=refusals,
        hint=f"Export it again from the archive, or install more decoders: {_MORE_DECODERS}",
    )


def _ways(syntax: str) -> "list[tuple[str, Decoder]]":
    """Return the decoders to try in turn, each with the name of its plugin."""
    from pydicom.pixels import get_decoder  # type: ignore[attr-defined]

    own = codec.decoder(syntax)
    ways = [(codec.NAME, own)] if own is not None else []
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        return ways
    if not decoder.is_encapsulated:
        return [("", decoder)]
    return ways + [(plugin, decoder) for plugin in _plugins(syntax, decoder.available_plugins)]


def _plugins(syntax: str, installed: Sequence[str]) -> Sequence[str]:
    """Return the decoders to try in turn."""
    # Where a stream is damaged, GDCM's JPEG 2000 and pylibjpeg's RLE write to the terminal by themselves.
    loud = "pylibjpeg" if syntax == RLE else "gdcm"
    quieter = [plugin for plugin in installed if plugin != loud]
    return quieter or installed if syntax == RLE or syntax in _JPEG_2000 else installed


def _must_be_whole(dataset: "Dataset", syntax: str, frame: int) -> None:
    """Raise ValueError where a compressed frame ends early or is of another size than the header says."""
    from pydicom.encaps import get_frame

    if syntax in _UNCOMPRESSED or syntax in (_DEFLATED, RLE):
        return
    frames = tags.whole((dataset,), "NumberOfFrames") or 1
    stream = get_frame(dataset.PixelData, frame, number_of_frames=frames)
    must_be_whole(stream, dataset.Rows, dataset.Columns)


def syntax_of(dataset: "Dataset") -> str:
    """Return the transfer syntax of a dataset that was read from a file."""
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


def _no_decoder(path: Path, syntax: str) -> ReadError:
    return ReadError(
        f"{path.name} is compressed in a way no installed decoder understands: {tags.uid_name(syntax)}",
        path=path,
        tried={"dicom": f"no decoder for transfer syntax {syntax}"},
        hint=f"Install more decoders: {_MORE_DECODERS}, or export it uncompressed.",
    )


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
