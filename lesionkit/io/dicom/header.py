"""One DICOM file's header as plain values, and nothing of pydicom behind it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom.datadict import tag_for_keyword

from lesionkit.errors import ReadError
from lesionkit.io.dicom import tags
from lesionkit.io.dicom.opening import BROKEN_FILE, quiet, unreadable
from lesionkit.io.dicom.scale import SpacingTags

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

DATES = ("AcquisitionDate", "AcquisitionDateTime", "SeriesDate", "StudyDate")
"""Where the day an image was made is looked for, in order of precedence."""

TRAITS = (
    "ImageType",
    "FrameType",
    "ComplexImageComponent",
    "EchoNumbers",
    "EchoTime",
    "EffectiveEchoTime",
    "DiffusionBValue",
    "DiffusionDirectionality",
    "DiffusionGradientOrientation",
    "SequenceName",
    "TemporalPositionIdentifier",
    "TemporalPositionIndex",
    "StackID",
    "InversionTime",
    "InversionTimes",
    "FlipAngle",
    "TriggerTime",
    "NominalCardiacTriggerDelayTime",
    "ConvolutionKernel",
    "KVP",
    "ContrastBolusAgent",
    "SliceThickness",
    "AcquisitionNumber",
    "FrameAcquisitionNumber",
    "AcquisitionTime",
)
"""What may tell apart two images of one series at one place, the most telling first."""

KEYWORDS = (
    "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "SeriesDescription", "PatientID", "Modality",
    "ImageType", *DATES,
    "ConversionType", "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation",
    "BitsAllocated", "BodyPartExamined", "Laterality", "ImageLaterality", "ViewPosition",
    "FrameOfReferenceUID", "PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing",
    "PixelSpacingCalibrationType", "EstimatedRadiographicMagnificationFactor", "DistanceSourceToDetector",
    "DistanceSourceToPatient", "PixelAspectRatio", "ImagePositionPatient", "ImageOrientationPatient",
    "RescaleSlope", "RescaleIntercept", "RescaleType", "ConcatenationUID", "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence", "BurnedInAnnotation", *TRAITS,
)  # fmt: skip
"""The elements that are read of a header."""

OVERLAY = 0x60000010
"""OverlayRows of the first overlay: where it stands, something is drawn over the image."""


_TAGS = (*filter(None, map(tag_for_keyword, KEYWORDS)), OVERLAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One plane of pixels: a file, or one frame of a multi-frame file.

    Parameters
    ----------
    path : Path
        Its file.
    frame : int
        Its number in the file, from 0.
    uid : str
        SOPInstanceUID of the file; empty where it has none.
    shape : tuple of int
        Rows and columns.
    position, orientation, spacing : tuple of float, optional
        ImagePositionPatient, ImageOrientationPatient, PixelSpacing; None where absent or nonsense.
    thickness : float, optional
        SliceThickness, mm.
    frame_of_reference : str
        FrameOfReferenceUID; empty where absent.
    slope, intercept : float, optional
        Of its rescale; None where absent.
    rescale_type : str
        RescaleType; empty where absent.
    traits : tuple of str
        Values of `TRAITS`, empty where absent; of a frame also its DimensionIndexValues.
    """

    path: Path
    frame: int = 0
    uid: str = ""
    shape: tuple[int, int]
    position: tuple[float, ...] | None = None
    orientation: tuple[float, ...] | None = None
    spacing: tuple[float, float] | None = None
    thickness: float | None = None
    frame_of_reference: str = ""
    slope: float | None = None
    intercept: float | None = None
    rescale_type: str = ""
    traits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a file says of itself, without its pixels. Strings are empty where it does not say.

    Parameters
    ----------
    path : Path
        The file.
    sop_class, uid, series, description, patient, modality : str
        SOPClassUID, SOPInstanceUID, SeriesInstanceUID, SeriesDescription, PatientID, Modality.
    photometric, conversion, concatenation, syntax : str
        PhotometricInterpretation, ConversionType, ConcatenationUID, TransferSyntaxUID.
    image_type : tuple of str
        ImageType, upper case.
    dates : tuple of (str, date)
        Those of `DATES` that are valid.
    body_part, laterality, view : str
        BodyPartExamined, ImageLaterality or Laterality, ViewPosition.
    samples, bits_allocated : int
        Of a pixel.
    aspect : tuple of float, optional
        PixelAspectRatio: height over width as two numbers.
    scale : SpacingTags
        Of a radiograph.
    slices : tuple of Slice
        Its planes; empty where the file holds no pixels.
    frames : int
        NumberOfFrames, as it is told; there need not be as many `slices`.
    has_overlay, is_burned_in : bool
        Whether something is drawn over its pixels, or into them (BurnedInAnnotation).
    bytes_left : int, optional
        Bytes of the file from the element of its pixels on; None where they were read.
    """

    path: Path
    sop_class: str = ""
    uid: str = ""
    series: str = ""
    description: str = ""
    patient: str = ""
    modality: str = ""
    photometric: str = ""
    conversion: str = ""
    concatenation: str = ""
    syntax: str = ""
    image_type: tuple[str, ...] = ()
    dates: tuple[tuple[str, date], ...] = ()
    body_part: str = ""
    laterality: str = ""
    view: str = ""
    samples: int = 1
    bits_allocated: int = 8
    aspect: tuple[float, float] | None = None
    scale: SpacingTags = field(default_factory=SpacingTags)
    slices: tuple[Slice, ...] = ()
    frames: int = 1
    has_overlay: bool = False
    is_burned_in: bool = False
    bytes_left: int | None = None


def read_header(path: Path) -> Header:
    """Return what a file says of itself; pixels are not read.

    Raises
    ------
    ReadError
        If it is not DICOM, or its header breaks off.
    """
    from pydicom import dcmread

    try:
        with quiet(), path.open("rb") as file:
            dataset = dcmread(file, force=True, stop_before_pixels=True, specific_tags=list(_TAGS))
            left = path.stat().st_size - file.tell()
            header = header_of(dataset, path)
    except BROKEN_FILE as error:
        raise unreadable(path, type(error).__name__) from error
    if not dataset and not dataset.file_meta:
        raise ReadError(
            f"{path.name} is named like a DICOM file but is not one",
            path=path,
            tried={"dicom": "no DICOM element found"},
            hint="Export it again, or take it out of the folder.",
        )
    return replace(header, bytes_left=left)


def header_of(dataset: tags.Elements, path: Path) -> Header:
    """Return what a dataset says of itself."""
    top = (dataset,)
    file_meta: tags.Elements | None = getattr(dataset, "file_meta", None)
    meta = (file_meta,) if file_meta else ()
    # What a file of many frames shows, its frames say: the first speaks for all.
    first = next(_frames(dataset), top)[:-1]
    anatomy = tags.values(first, "AnatomicRegionSequence")
    return Header(
        path=path,
        sop_class=tags.text(top, "SOPClassUID") or tags.text(meta, "MediaStorageSOPClassUID"),
        uid=tags.text(top, "SOPInstanceUID"),
        series=tags.text(top, "SeriesInstanceUID"),
        description=tags.text(top, "SeriesDescription"),
        patient=tags.text(top, "PatientID"),
        modality=tags.text(top, "Modality").upper(),
        photometric=tags.text(top, "PhotometricInterpretation").upper(),
        conversion=tags.text(top, "ConversionType").upper(),
        concatenation=tags.text(top, "ConcatenationUID"),
        syntax=tags.text(meta, "TransferSyntaxUID"),
        image_type=tuple(value.upper() for value in tags.texts(top, "ImageType")),
        dates=tuple((name, found) for name in DATES if (found := tags.day(top, name))),
        body_part=tags.text(top, "BodyPartExamined") or tags.text(anatomy, "CodeMeaning"),
        laterality=(
            tags.text(top, "ImageLaterality")
            or tags.text(top, "Laterality")
            or tags.text(first, "FrameLaterality")
        ),
        view=tags.text(top, "ViewPosition"),
        samples=tags.whole(top, "SamplesPerPixel") or 1,
        bits_allocated=tags.whole(top, "BitsAllocated") or 8,
        aspect=tags.pair(top, "PixelAspectRatio"),
        scale=SpacingTags(
            pixel=tags.pair(top, "PixelSpacing"),
            imager=tags.pair(top, "ImagerPixelSpacing"),
            nominal=tags.pair(top, "NominalScannedPixelSpacing"),
            calibration=tags.text(top, "PixelSpacingCalibrationType"),
            magnification=tags.positive(top, "EstimatedRadiographicMagnificationFactor"),
            source_to_detector=tags.positive(top, "DistanceSourceToDetector"),
            source_to_patient=tags.positive(top, "DistanceSourceToPatient"),
        ),
        slices=tuple(_slices(dataset, path)),
        frames=max(tags.whole(top, "NumberOfFrames") or 1, 1),
        has_overlay=OVERLAY in dataset,
        is_burned_in=tags.text(top, "BurnedInAnnotation").upper() == "YES",
    )


def _slices(dataset: tags.Elements, path: Path) -> Iterator[Slice]:
    top = (dataset,)
    rows, columns = tags.whole(top, "Rows") or 0, tags.whole(top, "Columns") or 0
    if rows < 1 or columns < 1:
        return
    uid = tags.text(top, "SOPInstanceUID")
    for frame, layers in enumerate(_frames(dataset)):
        yield Slice(
            path=path,
            frame=frame,
            uid=uid,
            shape=(rows, columns),
            position=tags.numbers(layers, "ImagePositionPatient", 3),
            orientation=tags.numbers(layers, "ImageOrientationPatient", 6),
            spacing=tags.pair(layers, "PixelSpacing"),
            thickness=tags.positive(layers, "SliceThickness"),
            frame_of_reference=tags.text(layers, "FrameOfReferenceUID"),
            slope=tags.number(layers, "RescaleSlope"),
            intercept=tags.number(layers, "RescaleIntercept"),
            rescale_type=tags.text(layers, "RescaleType"),
            traits=(
                *("\\".join(tags.texts(layers, name)) for name in TRAITS),
                *tags.texts(layers, "DimensionIndexValues"),
            ),
        )


def _frames(dataset: tags.Elements) -> Iterator[tags.Layers]:
    """Yield, per frame, where its elements stand: its own functional groups, the shared ones, the file."""
    shared = [
        group for item in tags.values((dataset,), "SharedFunctionalGroupsSequence") for group in _groups(item)
    ]
    own = tags.values((dataset,), "PerFrameFunctionalGroupsSequence")
    # The count is read, not trusted: an absurd one must not be looped over. Frames that say nothing of
    # themselves are all alike, and two are enough to know that there are several.
    frames = min(tags.whole((dataset,), "NumberOfFrames") or 1, len(own) + 1 if own else 2)
    for frame in range(frames):
        groups = _groups(own[frame]) if frame < len(own) else []
        yield (*groups, *shared, dataset)


def _groups(item: "Dataset") -> "list[Dataset]":
    groups = [element.value[0] for element in item if element.VR == "SQ" and len(element.value) > 0]
    # The direction of a diffusion gradient stands one level further down.
    deeper = (tags.values((group,), "DiffusionGradientDirectionSequence")[:1] for group in groups)
    return [*groups, *chain.from_iterable(deeper)]
