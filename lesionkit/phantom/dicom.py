"""Pictures as DICOM files, RLE compressed by pydicom's own encoder, with identifiers made from words."""

import uuid
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lesionkit.core.image import Modality
from lesionkit.phantom.anatomy import Side
from lesionkit.phantom.volume import Block

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_NAMESPACE = uuid.UUID("6f2d1c1e-5d0b-4a43-9a0e-6c657369306b")


def uid_of(*words: str) -> str:
    """Return a DICOM UID of the 2.25 kind: the same for the same words, on every machine.

    Examples
    --------
    >>> uid_of("P01", "ct") == uid_of("P01", "ct") != uid_of("P02", "ct")
    True
    """
    return f"2.25.{uuid.uuid5(_NAMESPACE, '|'.join(words)).int}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """Of whom, of what and when a DICOM picture is.

    Parameters
    ----------
    patient : str
        Pseudonym.
    day : date
        Of the visit.
    body_part : str
        DICOM Body Part Examined.
    side : Side
        Laterality.
    seed : int
        Part of every UID.
    """

    patient: str
    day: date
    body_part: str
    side: Side
    seed: int

    def uid(self, *words: str) -> str:
        """Return a UID that belongs to this shot."""
        return uid_of(str(self.seed), self.patient, self.day.isoformat(), self.body_part, self.side, *words)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorScale:
    """How a radiograph says its scale.

    Parameters
    ----------
    is_calibrated : bool
        True: Pixel Spacing calibrated on a fiducial in the patient's plane. False: Imager Pixel Spacing
        and the estimated magnification factor.
    magnification : float
        Detector's mm over the patient's.
    """

    is_calibrated: bool
    magnification: float = 1.03


def write_radiograph(
    path: Path,
    pixels: npt.NDArray[np.uint16],
    *,
    shot: Shot,
    spacing_mm: tuple[float, float],
    scale: DetectorScale,
    is_inverted: bool = False,
) -> None:
    """Write a radiograph as DX for presentation.

    Parameters
    ----------
    path : Path
        Where to.
    pixels : ndarray of uint16
        12 bits, bright = dense.
    shot : Shot
        Whom and when.
    spacing_mm : tuple of float
        Row and column spacing in the patient, mm.
    scale : DetectorScale
        How the file tells it.
    is_inverted : bool
        Store as MONOCHROME1.
    """
    ds = _started(shot, "DX", "1.2.840.10008.5.1.4.1.1.1.1")
    ds.PresentationIntentType = "FOR PRESENTATION"
    ds.ImageType = ["DERIVED", "PRIMARY"]
    ds.SeriesInstanceUID, ds.SOPInstanceUID = shot.uid("DX"), shot.uid("DX", "1")
    ds.SeriesNumber, ds.InstanceNumber, ds.AcquisitionNumber = 1, 1, 1
    ds.SeriesDescription = f"{shot.body_part.title()} PA"
    ds.ViewPosition, ds.ImageLaterality, ds.PatientOrientation = "PA", shot.side.value[0].upper(), ["L", "F"]
    ds.KVP, ds.Exposure = "52", 2
    ds.DistanceSourceToDetector = "1100"
    ds.ImagerPixelSpacing = [_decimal(s * scale.magnification) for s in spacing_mm]
    if scale.is_calibrated:
        ds.PixelSpacing = [_decimal(s) for s in spacing_mm]
        ds.PixelSpacingCalibrationType = "FIDUCIAL"
        ds.PixelSpacingCalibrationDescription = "Sphere of 25 mm beside the hand"
    else:
        ds.EstimatedRadiographicMagnificationFactor = _decimal(scale.magnification)
        ds.DistanceSourceToPatient = _decimal(1100 / scale.magnification)
    ds.PixelIntensityRelationship, ds.PixelIntensityRelationshipSign = "LOG", 1 if is_inverted else -1
    ds.PhotometricInterpretation = "MONOCHROME1" if is_inverted else "MONOCHROME2"
    ds.PresentationLUTShape = "INVERSE" if is_inverted else "IDENTITY"
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", "1", "US"
    ds.WindowCenter, ds.WindowWidth = "2048", "4096"
    ds.BurnedInAnnotation, ds.LossyImageCompression = "NO", "00"
    ds.DetectorType = "DIRECT"
    _write(ds, 4095 - pixels if is_inverted else pixels, path, bits=12)


def write_volume(
    folder: Path, pixels: npt.NDArray[np.int16], *, shot: Shot, modality: Modality, block: Block
) -> tuple[Path, ...]:
    """Write a CT or MR volume as a series, one file per plane, numbered against their order in space.

    Every visit has a frame of reference of its own.

    Parameters
    ----------
    folder : Path
        Where to.
    pixels : ndarray of int16, shape (planes, rows, cols)
        HU for CT; 0 or more for MR.
    shot : Shot
        Whom and when.
    modality : Modality
        CT or MR.
    block : Block
        Where the voxels lie.

    Returns
    -------
    tuple of Path
        The files in the order of the planes.
    """
    paths = []
    for plane in range(block.shape[0]):
        number = block.shape[0] - plane  # planes run downwards, the scanner counted upwards
        ds = _plane_header(shot, modality, block, plane)
        ds.InstanceNumber, ds.SOPInstanceUID = number, shot.uid(modality, str(number))
        path = folder / f"{number:04d}.dcm"
        stored = pixels[plane] + 1024 if modality is Modality.CT else pixels[plane]
        _write(ds, stored.astype(np.uint16), path, bits=12)
        paths.append(path)
    return tuple(paths)


def _plane_header(shot: Shot, modality: Modality, block: Block, plane: int) -> "Dataset":
    is_ct = modality is Modality.CT
    ds = _started(shot, modality, f"1.2.840.10008.5.1.4.1.1.{2 if is_ct else 4}")
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"] if is_ct else ["ORIGINAL", "PRIMARY", "M", "SE"]
    ds.SeriesInstanceUID = shot.uid(modality)
    ds.FrameOfReferenceUID, ds.PositionReferenceIndicator = shot.uid(modality, "frame of reference"), ""
    ds.SeriesNumber, ds.AcquisitionNumber = 2, 1
    ds.SeriesDescription = f"{shot.body_part.title()} {'bone' if is_ct else 'T1 SE tra'}"
    ds.Laterality, ds.PatientPosition = shot.side.value[0].upper(), "HFS"
    position = block.affine @ (plane, 0, 0, 1)
    ds.ImagePositionPatient = [_decimal(v) for v in position[:3]]
    ds.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    ds.PixelSpacing = [_decimal(s) for s in block.spacing_mm[1:]]
    ds.SliceThickness, ds.SliceLocation = _decimal(block.spacing_mm[0]), _decimal(position[2])
    ds.PhotometricInterpretation = "MONOCHROME2"
    if is_ct:
        ds.KVP, ds.ConvolutionKernel, ds.RescaleType = "120", "B60", "HU"
        ds.RescaleIntercept, ds.RescaleSlope = "-1024", "1"
        ds.WindowCenter, ds.WindowWidth = "300", "1500"
    else:
        ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "SE", "NONE", ""
        ds.MRAcquisitionType, ds.RepetitionTime, ds.EchoTime = "2D", "520", "12"
        ds.EchoTrainLength, ds.MagneticFieldStrength = "1", "1.5"
        ds.WindowCenter, ds.WindowWidth = "450", "1000"
    return ds


def _started(shot: Shot, modality: str, sop_class: str) -> "Dataset":
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.Modality = sop_class, modality
    day = shot.day.strftime("%Y%m%d")
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = day
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = "100000"
    ds.AccessionNumber, ds.ReferringPhysicianName, ds.StudyID = "", "", "1"
    ds.Manufacturer, ds.ManufacturerModelName = "lesionkit", "phantom"
    ds.PatientID, ds.PatientName = shot.patient, f"{shot.patient}^"
    ds.PatientBirthDate, ds.PatientSex = "", ""
    ds.PatientIdentityRemoved, ds.DeidentificationMethod = "YES", "Synthetic: there is no such person"
    ds.StudyInstanceUID = shot.uid("study")
    ds.BodyPartExamined = shot.body_part
    return ds


def _write(ds: "Dataset", pixels: npt.NDArray[np.uint16], path: Path, *, bits: int) -> None:
    from pydicom.uid import RLELossless

    ds.Rows, ds.Columns = pixels.shape
    ds.SamplesPerPixel, ds.PixelRepresentation = 1, 0
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, bits, bits - 1
    ds.PixelData = np.ascontiguousarray(pixels, dtype="<u2").tobytes()
    ds["PixelData"].VR = "OW"
    ds.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)


def _decimal(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"
