"""What a compressed frame says of its own size, before a decoder believes it and makes room."""

import struct
from typing import NamedTuple

_J2K_START = b"\xff\x4f\xff\x51"
_JPEG_START = b"\xff\xd8"
_FRAME_HEADERS = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}
"""JPEG's markers that begin a frame (ITU-T T.81, table B.1), and JPEG-LS's."""
_SCAN = 0xDA


class StreamSize(NamedTuple):
    """Size of a compressed picture."""

    rows: int
    columns: int
    components: int


def stream_size(frame: bytes) -> StreamSize | None:
    """Return the size that a JPEG, JPEG-LS or JPEG 2000 stream announces; None where it does not.

    References
    ----------
    ITU-T T.81 section B.2.2 (frame header), T.87 section C.2.2, T.800 section A.5.1 (image and tile size).
    """
    start = frame.find(_J2K_START, 0, 4096)
    if start >= 0 and len(frame) >= start + 42:
        right, bottom, left, top = struct.unpack_from(">4I", frame, start + 8)
        return StreamSize(bottom - top, right - left, struct.unpack_from(">H", frame, start + 40)[0])
    if frame.startswith(_JPEG_START):
        return _jpeg_size(frame)
    return None


def ends(frame: bytes) -> bool:
    """Return whether a JPEG, JPEG-LS or JPEG 2000 stream has its end marker, padding after it aside."""
    return b"\xff\xd9" in frame[-16:]


def _jpeg_size(frame: bytes) -> StreamSize | None:
    at = 2
    while at + 10 <= len(frame) and frame[at] == 0xFF:
        marker = frame[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _FRAME_HEADERS:
            rows, columns, components = struct.unpack_from(">HHB", frame, at + 5)
            # A height of nought is told at the end of the stream.
            return StreamSize(rows, columns, components) if rows and columns else None
        if marker == _SCAN:
            return None
        at += 2 + struct.unpack_from(">H", frame, at + 2)[0]
    return None
