"""DICOM images with their pixels: HU, radiographs bright where dense, photographs in sRGB."""

from dataclasses import replace
from typing import TYPE_CHECKING

from lesionkit.core.image import Image, ImageRef, Modality
from lesionkit.core.units import Unit
from lesionkit.core.window import Look
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.looks import looks_of, read_looks
from lesionkit.io.dicom.opening import quiet
from lesionkit.io.dicom.pixels import decode, must_fit, open_believable
from lesionkit.io.dicom.values import Array, photograph, radiograph, turned_about
from lesionkit.io.dicom.volume import load_volume

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def load_pixels(ref: ImageRef) -> Image:
    """Return a DICOM image with its pixels.

    * CT: stored × slope + intercept of each slice, in HU; int16 where every rescale is integral and
      the values fit, else float32. Where a file has no rescale to HU, values are in `Unit.STORED`.
    * MR: likewise, in `Unit.STORED`.
    * Radiographs: rescaled likewise, without window, turned where needed so that bright is dense.
    * Photographs: sRGB or grey, 8 or 16 bits.

    Padding values are kept as they are: they lie outside the patient, where nothing is outlined. How the
    file asks to be shown (window, VOI LUT) is told in `Image.looks`, and never applied.

    Raises
    ------
    ReadError
        If a file cannot be read, is cut short, or is not what was found when the folder was read.
    """
    if ref.modality.is_volume:
        return replace(load_volume(ref), looks=read_looks(ref))
    path = ref.paths[0]
    with quiet():
        dataset = open_believable(path)
    stored, photometric = decode(dataset, path, frame=ref.frames[0] if ref.frames else 0)
    must_fit(stored.shape[:2], ref.grid.shape, path)
    if ref.modality is Modality.XC:
        return Image(
            modality=ref.modality,
            pixels=photograph(dataset, stored, photometric, path),
            grid=ref.grid,
            intensity_unit=Unit.GREY,
        )
    with quiet():
        pixels = radiograph(dataset, stored)
        return Image(
            modality=ref.modality,
            pixels=pixels,
            grid=ref.grid,
            intensity_unit=Unit.STORED,
            kvp=tags.positive((dataset,), "KVP"),
            looks=_looks(dataset, stored),
        )


def _looks(dataset: "Dataset", stored: Array) -> tuple[Look, ...]:
    """Return how a radiograph asks to be shown, turned as its pixels are."""
    found, about = looks_of((dataset,)), turned_about(dataset, stored)
    return found if about is None else tuple(look.mirrored(about) for look in found)
