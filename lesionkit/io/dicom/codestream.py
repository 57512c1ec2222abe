"""What a compressed frame says of its own size, before a decoder believes it and makes room."""

import struct
from typing import NamedTuple

_J2K_START = b"\xff\x4f\xff\x51"
_JPEG_START = b"\xff\xd8"
_FRAME_HEADERS = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}
"""JPEG's markers that begin a frame (ITU-T T.81, table B.1), and JPEG-LS's."""
_SCAN = 0xDA
_ITEM = b"\xfe\xff\x00\xe0"
_END = b"\xfe\xff\xdd\xe0\0\0\0\0"


Bytes = bytes | memoryview


class StreamSize(NamedTuple):
    """Size of a compressed picture, and of its samples."""

    rows: int
    columns: int
    components: int
    bits: int
    signed: bool = False


def stream_size(frame: Bytes) -> StreamSize | None:
    """Return the size that a JPEG, JPEG-LS or JPEG 2000 stream announces; None where it does not.

    References
    ----------
    ITU-T T.81 section B.2.2 (frame header), T.87 section C.2.2, T.800 section A.5.1 (image and tile size).
    """
    start = bytes(frame[:4096]).find(_J2K_START)
    if start >= 0 and len(frame) >= start + 43:
        right, bottom, left, top = struct.unpack_from(">4I", frame, start + 8)
        components, depth = struct.unpack_from(">HB", frame, start + 40)
        return StreamSize(bottom - top, right - left, components, (depth & 0x7F) + 1, bool(depth >> 7))
    if frame[: len(_JPEG_START)] == _JPEG_START:
        return _jpeg_size(frame)
    return None


def must_be_whole(frame: Bytes, rows: int, columns: int) -> StreamSize | None:
    """Return the size a compressed frame announces, where it is the expected one and the frame has an end.

    Decoders make up what is missing at the end, and make room for whatever size a stream announces.

    Raises
    ------
    ValueError
        If it ends early or is of another size.
    """
    size = stream_size(frame)
    if size is None:
        return None
    if not ends(frame):
        raise ValueError("the compressed picture ends early")
    if (size.rows, size.columns) != (rows, columns) or size.components > 4:
        raise ValueError(
            f"the compressed picture is {size.rows} × {size.columns} pixels of {size.components} samples, "
            f"the header says {rows} × {columns}"
        )
    return size


def ends(frame: Bytes) -> bool:
    """Return whether a JPEG, JPEG-LS or JPEG 2000 stream has its end marker, padding after it aside."""
    return b"\xff\xd9" in bytes(frame[-16:])


def only_frame(value: Bytes) -> Bytes:
    """Return the frame whose fragments are the value of a file's pixels, from there to the end of the file.

    A frame of one fragment is a part of `value`, and no copy.

    Raises
    ------
    ValueError
        If these are not an offset table, fragments and a delimiter (DICOM PS3.5 section A.4).
    """
    at, fragments = 0, []
    while value[at : at + 4] == _ITEM and at + 8 <= len(value):
        end = at + 8 + int.from_bytes(value[at + 4 : at + 8], "little")
        fragments.append(slice(at + 8, end))
        at = end
    if value[at:] != _END or len(fragments) < 2:
        raise ValueError("the compressed pixels are not wrapped as they should be")
    if len(fragments) == 2:
        return value[fragments[1]]
    return b"".join(value[fragment] for fragment in fragments[1:])


def _jpeg_size(frame: Bytes) -> StreamSize | None:
    at = 2
    while at + 10 <= len(frame) and frame[at] == 0xFF:
        marker = frame[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _FRAME_HEADERS:
            bits, rows, columns, components = struct.unpack_from(">BHHB", frame, at + 4)
            # A height of nought is told at the end of the stream.
            return StreamSize(rows, columns, components, bits) if rows and columns else None
        if marker == _SCAN:
            return None
        at += 2 + struct.unpack_from(">H", frame, at + 2)[0]
    return None
