"""Stored pixels as each lossless transfer syntax of DICOM holds them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

NATIVE = {
    "implicit": "1.2.840.10008.1.2",
    "explicit": "1.2.840.10008.1.2.1",
    "big endian": "1.2.840.10008.1.2.2",
    "deflated": "1.2.840.10008.1.2.1.99",
}
COMPRESSED = {
    "rle": "1.2.840.10008.1.2.5",
    "jpeg lossless": "1.2.840.10008.1.2.4.70",
    "jpeg-ls": "1.2.840.10008.1.2.4.80",
    "jpeg 2000": "1.2.840.10008.1.2.4.90",
    "htj2k": "1.2.840.10008.1.2.4.201",
}
SYNTAXES = NATIVE | COMPRESSED


def frame(kind: str, stored: npt.NDArray[Any], bits: int) -> bytes:
    """Return one plane of stored values as a compressed frame."""
    imagecodecs = pytest.importorskip("imagecodecs")
    unsigned = stored.view(np.uint16) & np.uint16((1 << bits) - 1)
    if kind == "rle":
        from pydicom.pixels import get_encoder

        return get_encoder(COMPRESSED["rle"]).encode(
            stored, rows=stored.shape[0], columns=stored.shape[1], samples_per_pixel=1, number_of_frames=1,
            bits_allocated=16, bits_stored=bits, pixel_representation=int(stored.dtype.kind == "i"),
            photometric_interpretation="MONOCHROME2", encoding_plugin="pydicom",
        )  # fmt: skip
    if kind == "jpeg lossless":
        return imagecodecs.ljpeg_encode(unsigned, bitspersample=max(bits, 12))
    if kind == "jpeg-ls":
        return imagecodecs.jpegls_encode(stored.view(np.uint16))
    if kind == "htj2k":
        return imagecodecs.htj2k_encode(stored)
    return imagecodecs.jpeg2k_encode(stored, level=0, codecformat="j2k", reversible=True, bitspersample=bits)


def put(dataset: Any, frames: Sequence[npt.NDArray[Any]], *, kind: str, bits: int) -> dict[str, bool]:
    """Put frames of 16-bit stored values into a dataset, and return how `save_as` is to write it."""
    from pydicom.encaps import encapsulate

    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, bits, bits - 1
    dataset.PixelRepresentation = int(frames[0].dtype.kind == "i")
    dataset.file_meta.TransferSyntaxUID = SYNTAXES[kind]
    if kind in COMPRESSED:
        dataset.PixelData = encapsulate([frame(kind, one, bits) for one in frames])
        dataset["PixelData"].is_undefined_length = True
        dataset["PixelData"].VR = "OB"
    else:
        dataset.PixelData = b"".join(
            (one.byteswap() if kind == "big endian" else one).tobytes() for one in frames
        )
        dataset["PixelData"].VR = "OW"
    return {"implicit_vr": kind == "implicit", "little_endian": kind != "big endian"}
