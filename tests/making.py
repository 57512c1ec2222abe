"""Small folders on disk, made by hand so that their truth is plain."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

Box = tuple[int, int, int, int]
"""First row, first column, rows, columns of pixels."""

SHAPE = (240, 320)
MM_PER_PX = 0.25


def write_photo(path: Path, *, seed: int = 1, shape: tuple[int, int] = SHAPE) -> Path:
    """Write a textured JPEG that feature matching can hold on to."""
    from PIL import Image, ImageFilter

    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 256, (*shape, 3), dtype=np.uint8)
    Image.fromarray(noise).filter(ImageFilter.GaussianBlur(2)).save(path, quality=95)
    return path


def write_outlines(image: Path, boxes: dict[str, Box]) -> Path:
    """Write rectangles that cover whole pixels as GeoJSON beside an image; empty = nothing there."""
    features = []
    for name, (row, col, rows, cols) in boxes.items():
        corners = [[col, row], [col + cols, row], [col + cols, row + rows], [col, row + rows], [col, row]]
        geometry = {"type": "Polygon", "coordinates": [corners]}
        features.append({"type": "Feature", "geometry": geometry, "properties": {"deposit": name}})
    path = image.with_name(f"{image.stem}.outlines.geojson")
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def write_series(
    folder: Path,
    *,
    patient: str = "P01",
    day: date = date(2012, 3, 1),
    planes: Sequence[int] = range(6),
    uid: str = "1.2.826.0.1.3680043.8.498.1",
) -> list[Path]:
    """Write an axial CT series of 20 x 30 pixels, 0.6 x 0.7 mm, planes 2.5 mm apart, all 40 HU."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for plane in planes:
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = CTImageStorage
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"{uid}.{plane + 1}"
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = f"{uid}.100", uid, f"{uid}.200"
        ds.PatientID, ds.PatientName, ds.Modality = patient, "Sentinel^Name", "CT"
        ds.AcquisitionDate = ds.SeriesDate = ds.StudyDate = day.strftime("%Y%m%d")
        ds.BodyPartExamined, ds.Laterality, ds.ImageType = "FOREARM", "L", ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.InstanceNumber = plane + 1
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        ds.ImagePositionPatient = [-10.0, 5.0, 2.5 * plane]
        ds.PixelSpacing, ds.SliceThickness, ds.KVP = [0.6, 0.7], 2.5, 120
        ds.Rows, ds.Columns = 20, 30
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
        ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = 1, -1024, "HU"
        ds.PixelData = np.full((20, 30), 1064, np.int16).tobytes()
        paths.append(folder / f"{plane:04}.dcm")
        ds.save_as(paths[-1], enforce_file_format=True)
    return paths
