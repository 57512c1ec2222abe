"""Stored pixels into values: HU, radiographs bright where dense, photographs in sRGB."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lesionkit.errors import ReadError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.header import Slice
from lesionkit.io.dicom.opening import quiet

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Array = npt.NDArray[Any]


def rescaled(dataset: "Dataset", stored: Array, item: Slice) -> Array:
    """Return one slice's values after its modality transform: int16 where that is exact, else float32."""
    if "ModalityLUTSequence" in dataset:
        from pydicom.pixels.processing import apply_modality_lut

        values: Array = apply_modality_lut(stored, dataset)
        slope, intercept = 1.0, 0.0
    else:
        values = stored
        slope = 1.0 if item.slope is None else item.slope
        intercept = item.intercept or 0.0
    if values.dtype.kind in "iu" and slope.is_integer() and intercept.is_integer():
        ends = sorted(int(end) * int(slope) + int(intercept) for end in (values.min(), values.max()))
        bounds = np.iinfo(np.int16)
        if bounds.min <= ends[0] and ends[1] <= bounds.max:
            whole = values.astype(np.int32) * np.int32(slope) + np.int32(intercept)
            return whole.astype(np.int16)
    return np.asarray(values * slope + intercept, dtype=np.float32)


def is_hu(elements: tags.Elements, item: Slice) -> bool:
    """Return whether a slice of a CT says how its stored values turn into HU."""
    stated = (item.rescale_type or tags.text((elements,), "RescaleType")).upper()
    return item.slope is not None and item.intercept is not None and stated in ("", "HU")


def radiograph(dataset: "Dataset", stored: Array) -> Array:
    """Return a radiograph's values after its modality transform, turned so that bright is dense.

    MONOCHROME1 is shown with its lowest value white, so it is turned round within its stored range.
    Images *for processing* are not made to be shown: where they say so, the sign of their relation
    to X-ray intensity decides instead.
    """
    slope = tags.number((dataset,), "RescaleSlope")
    intercept = tags.number((dataset,), "RescaleIntercept") or 0.0
    turned = is_dark_where_dense(dataset)
    if "ModalityLUTSequence" in dataset:
        from pydicom.pixels.processing import apply_modality_lut

        values: Array = apply_modality_lut(stored, dataset)
        return turned_round(values, values.dtype.itemsize * 8) if turned else values
    bits = tags.whole((dataset,), "BitsStored") or stored.dtype.itemsize * 8
    values = turned_round(stored, bits) if turned else stored
    if slope in (None, 1.0) and intercept == 0:
        return values
    return np.asarray(values * (slope or 1.0) + intercept, dtype=np.float32)


def is_dark_where_dense(dataset: "Dataset") -> bool:
    """Return whether a radiograph's stored values fall where tissue is denser."""
    top = (dataset,)
    sign = tags.whole(top, "PixelIntensityRelationshipSign")
    if tags.text(top, "PresentationIntentType").upper() == "FOR PROCESSING" and sign in (-1, 1):
        return sign == 1
    return tags.text(top, "PhotometricInterpretation").upper() == "MONOCHROME1"


def turned_about(dataset: "Dataset", stored: Array) -> float | None:
    """Return the sum of a value before and after a radiograph was turned bright where dense.

    None where it was not turned. What its file says of values before can so be said of those after.
    """
    if not is_dark_where_dense(dataset):
        return None
    table = tags.values((dataset,), "ModalityLUTSequence")
    if table:
        bits = tags.numbers(table[:1], "LUTDescriptor", 3)
        return None if bits is None else 255.0 if bits[2] <= 8 else 65535.0
    slope = tags.number((dataset,), "RescaleSlope") or 1.0
    intercept = tags.number((dataset,), "RescaleIntercept") or 0.0
    ends = np.array([stored.min(), stored.max()])
    bits_stored = tags.whole((dataset,), "BitsStored") or stored.dtype.itemsize * 8
    return slope * (float(ends[0]) + float(turned_round(ends, bits_stored)[0])) + 2 * intercept


def turned_round(stored: Array, bits: int) -> Array:
    """Return values mirrored within the range that so many bits can store, of the same type."""
    if stored.dtype.kind == "i":
        return np.asarray(-1 - stored, dtype=stored.dtype)
    if stored.dtype.kind == "u":
        return np.asarray(stored.dtype.type(2**bits - 1) - stored, dtype=stored.dtype)
    return np.asarray(stored.max() + stored.min() - stored, dtype=stored.dtype)


def photograph(dataset: "Dataset", stored: Array, photometric: str, path: Path) -> Array:
    """Return a photograph's pixels in sRGB or grey, 8 or 16 bits.

    Raises
    ------
    ReadError
        If its kind of pixel is not that of a photograph.
    """
    from pydicom.pixels.processing import apply_color_lut

    pixels = stored
    if photometric == "PALETTE COLOR":
        with quiet():
            pixels = apply_color_lut(stored, dataset)
            bits = pixels.dtype.itemsize * 8
    else:
        bits = tags.whole((dataset,), "BitsStored") or pixels.dtype.itemsize * 8
    if pixels.dtype.kind != "u" or bits > 16:
        raise ReadError(
            f"{path.name} has pixels of a kind that photographs do not have",
            path=path,
            tried={"dicom": f"{pixels.dtype} {photometric}"},
            hint="Export it as an 8-bit colour picture.",
        )
    if photometric == "MONOCHROME1":
        pixels = turned_round(pixels, bits)
    if bits not in (8, 16):
        full = 255 if bits < 8 else 65535
        kind = np.uint8 if bits < 8 else np.uint16
        pixels = np.rint(pixels * (full / (2**bits - 1))).astype(kind)
    elif pixels.dtype.itemsize * 8 != bits:
        pixels = pixels.astype(np.uint8 if bits == 8 else np.uint16)
    return _managed(dataset, pixels, path)


def _managed(dataset: "Dataset", pixels: Array, path: Path) -> Array:
    profile = tags.values((dataset,), "ICCProfile")
    if not profile or pixels.dtype != np.uint8:
        return pixels
    from PIL import Image as Pil

    from lesionkit.io.colour import to_srgb

    picture = Pil.fromarray(pixels)
    picture.info["icc_profile"] = profile[0]
    return to_srgb(picture, path=path)
