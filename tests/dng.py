"""The smallest raw file: an uncompressed colour filter array in DNG, written by hand."""

import struct
from pathlib import Path

import numpy as np

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 10: 8}
_XYZ_TO_SRGB = (3.2404542, -1.5371385, -0.4985314, -0.9692660, 1.8760108, 0.0415560, 0.0556434, -0.2040259)

Entry = tuple[int, int, bytes]


def write_dng(path: Path, light: np.ndarray, *, orientation: int = 1, taken: str = "") -> Path:
    """Write a raw picture whose sensor sees sRGB's own primaries in linear light, 0 to 1, shape (rows, cols).

    Adobe, Digital Negative Specification 1.4; TIFF 6.0, section 2.
    """
    rows, cols = light.shape
    data = np.rint(light * 65535).astype("<u2").tobytes()
    matrix = [(round(x * 10**7), 10**7) for x in (*_XYZ_TO_SRGB, 1.0572252)]
    day = [(0x9003, 2, taken.encode() + b"\0")] if taken else []

    def whole(exif_at: int, data_at: int) -> list[Entry]:
        return [
            (254, 4, _long(0)),
            (256, 4, _long(cols)),
            (257, 4, _long(rows)),
            (258, 3, _short(16)),
            (259, 3, _short(1)),
            (262, 3, _short(32803)),
            (271, 2, b"Maker\0"),
            (272, 2, b"Camera\0"),
            (273, 4, _long(data_at)),
            (274, 3, _short(orientation)),
            (277, 3, _short(1)),
            (278, 4, _long(rows)),
            (279, 4, _long(len(data))),
            (284, 3, _short(1)),
            (33421, 3, _short(2, 2)),
            (33422, 1, bytes([0, 1, 1, 2])),
            *([(34665, 4, _long(exif_at))] if taken else []),
            (50706, 1, bytes([1, 4, 0, 0])),
            (50707, 1, bytes([1, 1, 0, 0])),
            (50708, 2, b"Maker Camera\0"),
            (50710, 1, bytes([0, 1, 2])),
            (50711, 3, _short(1)),
            (50714, 4, _long(0)),
            (50717, 4, _long(65535)),
            (50721, 10, b"".join(struct.pack("<ii", *x) for x in matrix)),
            (50728, 5, struct.pack("<II", 1, 1) * 3),
            (50778, 3, _short(21)),
        ]

    exif_at = 8 + len(_directory(whole(0, 0), 8))
    exif = _directory(day, exif_at) if taken else b""
    body = _directory(whole(exif_at, exif_at + len(exif)), 8)
    path.write_bytes(struct.pack("<2sHI", b"II", 42, 8) + body + exif + data)
    return path


def _short(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}H", *values)


def _long(value: int) -> bytes:
    return struct.pack("<I", value)


def _directory(entries: list[Entry], start: int) -> bytes:
    """Return a TIFF directory that begins at `start`, with the values that do not fit into it behind it."""
    out, pool = struct.pack("<H", len(entries)), b""
    behind = start + 2 + 12 * len(entries) + 4
    for tag, kind, value in entries:
        place = value.ljust(4, b"\0")
        if len(value) > 4:
            place = _long(behind + len(pool))
            pool += value + b"\0" * (len(value) % 2)
        out += struct.pack("<HHI", tag, kind, len(value) // _SIZES[kind]) + place
    return out + _long(0) + pool
