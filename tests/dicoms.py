"""DICOM files made by hand whose truth is plain: a smooth ball at a known place, in any orientation."""

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.image import FoundImage, Image, Modality
from lesionkit.io.dicom import READER
from lesionkit.io.readers import Scan

CLASSES = {
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "ECT": "1.2.840.10008.5.1.4.1.1.2.1",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "US": "1.2.840.10008.5.1.4.1.1.6.1",
    "SC": "1.2.840.10008.5.1.4.1.1.7",
    "SEG": "1.2.840.10008.5.1.4.1.1.66.4",
    "XC": "1.2.840.10008.5.1.4.1.1.77.1.4",
    "SR": "1.2.840.10008.5.1.4.1.1.88.33",
}
NAME = "Doe^Jane"
CENTRE = np.array([13.0, -42.0, 301.0])
"""LPS mm of the ball."""
PIXEL = (0.75, 0.5)
"""Row and column spacing, mm."""
STEP = 1.25
SIGMA = 2.0

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
PRONE = (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
FEET_FIRST = (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
DECUBITUS = (0.0, 1.0, 0.0, -1.0, 0.0, 0.0)
OBLIQUE = (0.8, 0.36, -0.48, 0.0, 0.8, 0.6)

Array = npt.NDArray[Any]


def uid(number: int) -> str:
    """Return a made-up UID."""
    return f"1.2.826.0.1.3680043.10.9999.{number}"


def dataset(kind: str, pixels: Array | None = None, **elements: object) -> Any:
    """Return a DICOM dataset of a kind in `CLASSES`, explicit little endian; elements by keyword."""
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = CLASSES[kind]
    made.SOPInstanceUID = uid(1)
    made.SeriesInstanceUID = uid(100)
    made.PatientID = "H-4711"
    made.PatientName = NAME
    made.Modality = "CT" if kind == "ECT" else kind
    made.StudyDate = "20120301"
    if pixels is not None:
        made.Rows, made.Columns = pixels.shape[:2] if pixels.shape[-1] == 3 else pixels.shape[-2:]
        made.SamplesPerPixel = 3 if pixels.shape[-1] == 3 else 1
        made.PhotometricInterpretation = "RGB" if made.SamplesPerPixel == 3 else "MONOCHROME2"
        if made.SamplesPerPixel == 3:
            made.PlanarConfiguration = 0
        made.BitsAllocated = made.BitsStored = pixels.dtype.itemsize * 8
        made.HighBit = made.BitsStored - 1
        made.PixelRepresentation = int(pixels.dtype.kind == "i")
        made.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    with warnings.catch_warnings():
        # Values that break the rules are what some tests are about.
        warnings.simplefilter("ignore")
        for keyword, value in elements.items():
            setattr(made, keyword, value)
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    return made


def save(made: Any, path: Path) -> Path:
    """Write a dataset with preamble."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save_as(path, enforce_file_format=True)
    return path


def steps(orientation: Sequence[float], tilt: float = 0.0) -> tuple[Array, Array, Array]:
    """Return LPS mm from one plane, row, column to the next; each plane lies `tilt` mm further down."""
    along_row, along_col = np.reshape(orientation, (2, 3)).astype(float)
    normal = np.cross(along_row, along_col)
    return normal * STEP + along_col * tilt, along_col * PIXEL[0], along_row * PIXEL[1]


def ball(places: Array) -> Array:
    """Return the ball's density at LPS places, shape (..., 3): a Gaussian of height 20000 in air of -1000."""
    distance = ((places - CENTRE) ** 2).sum(axis=-1)
    return np.rint(20000 * np.exp(-distance / (2 * SIGMA**2)) - 1000).astype(np.int16)


def planes(
    orientation: Sequence[float] = AXIAL, *, tilt: float = 0.0, count: int = 19, **elements: object
) -> list[Any]:
    """Return the slices of a CT series through the ball, along the normal.

    Only their positions are to be trusted: InstanceNumber runs at random, SliceLocation
    the wrong way, SliceThickness is not the distance.
    """
    rows, cols = 32, 44
    plane, row, col = steps(orientation, tilt)
    # The ball is off the middle, so that a mirrored axis shows.
    corner = CENTRE - plane * (count // 2 + 1) - row * 14.3 - col * 20.6
    index = np.moveaxis(np.indices((rows, cols)), 0, -1)
    made = []
    shuffled = np.random.default_rng(5).permutation(count)
    for number in range(count):
        position = corner + plane * number
        pixels = ball(position + index @ np.stack([row, col]))
        made.append(
            dataset(
                "CT",
                pixels,
                **{
                    "SOPInstanceUID": uid(1000 + number),
                    "ImagePositionPatient": [round(float(value), 6) for value in position],
                    "ImageOrientationPatient": list(orientation),
                    "PixelSpacing": list(PIXEL),
                    "SliceThickness": 3.0,
                    "SpacingBetweenSlices": 9.0,
                    "SliceLocation": -float(number),
                    "InstanceNumber": int(shuffled[number]),
                    "FrameOfReferenceUID": uid(7),
                    "RescaleSlope": 1,
                    "RescaleIntercept": 0,
                }
                | elements,
            )
        )
    return made


def write(folder: Path, slices: Iterable[Any]) -> Path:
    """Write slices under names whose order says nothing."""
    slices = list(slices)
    names = np.random.default_rng(3).permutation(len(slices))
    for name, made in zip(names, slices, strict=True):
        save(made, folder / f"IM{name:04d}")
    return folder


def scan(root: Path) -> Scan:
    """Return what the reader finds in a folder, among the files it bids for."""
    return READER.scan(
        [path for path in root.rglob("*") if path.is_file() and READER.bid(path) > 0], root=root
    )


def load(found: FoundImage) -> Image:
    """Return a found image with its pixels."""
    return READER.load(found.placed(modality=found.modality or Modality.CT, site="anywhere"))


def only(root: Path) -> Image:
    """Return the only image in a folder, loaded; there must be no problem."""
    found = scan(root)
    assert not found.problems
    (image,) = found.images
    return load(image)


def centroid(image: Image) -> Array:
    """Return the ball's centre of mass in LPS mm."""
    weights = image.pixels.astype(float) + 1000
    where = np.argwhere(weights > 0)
    places = image.grid.locate(where)
    return np.average(places, axis=0, weights=weights[tuple(where.T)])
