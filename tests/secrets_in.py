"""DICOM files in which everything that may tell who somebody is says one word that can be searched for."""

import base64
import binascii
import gzip
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydicom import Dataset, dcmread
from pydicom.datadict import DicomDictionary, dictionary_VR

WORD = "ZZSENTINEL"
DAY = "19010203"
HOUR = "010203.040506"
ROOT = "1.2.826.0.1.3680043.10.9999.777777"
"""Begins every UID that is nobody's business."""

_VALUES = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "SH", "ST", "UC", "UT"), WORD),
    "PN": f"{WORD}^Jane^^Dr",
    "UR": f"https://{WORD}.example/{WORD}",
    "DA": DAY,
    "DT": f"{DAY}{HOUR}",
    "TM": HOUR,
    "UI": f"{ROOT}.1",
    "AS": "097Y",
}
_NEEDED = frozenset(
    {
        # What the image is, how its pixels are to be read, when and of what it was taken.
        *(
            "SpecificCharacterSet",
            "ImageType",
            "Modality",
            "SOPClassUID",
            "SOPInstanceUID",
            "SeriesInstanceUID",
        ),
        *("AcquisitionDate", "SeriesDate", "StudyDate", "AcquisitionDateTime", "TimezoneOffsetFromUTC"),
        *(
            "BodyPartExamined",
            "Laterality",
            "ImageLaterality",
            "FrameLaterality",
            "ViewPosition",
            "PatientOrientation",
        ),
        *("PhotometricInterpretation", "PixelSpacingCalibrationType", "PixelIntensityRelationship"),
        *(
            "RescaleType",
            "PresentationLUTShape",
            "VOILUTFunction",
            "LossyImageCompression",
            "BurnedInAnnotation",
        ),
        *(
            "FrameOfReferenceUID",
            "ImageOrientation",
            "SegmentationType",
            "ContentQualification",
            "TransferSyntaxUID",
        ),
        *("VolumetricProperties", "PixelPresentation", "DimensionOrganizationType", "DerivationDescription"),
        *("PatientPosition", "ContentLabel", "StructureSetLabel", "CompletionFlag", "VerificationFlag"),
        *(
            "ValueType",
            "ContinuityOfContent",
            "PresentationLUTShape",
            "ColorSpace",
            "SegmentsOverlap",
            "ContentDate",
        ),
    }
)
_NESTED = (
    *("RequestAttributesSequence", "OriginalAttributesSequence", "ReferencedPatientSequence"),
    *(
        "OtherPatientIDsSequence",
        "PhysiciansOfRecordIdentificationSequence",
        "OperatorIdentificationSequence",
    ),
    *("PatientPrimaryLanguageCodeSequence", "ReferencedStudySequence", "ReferencedRequestSequence"),
    *("InstitutionCodeSequence", "ContributingEquipmentSequence", "DigitalSignaturesSequence"),
)


_PERSONAL = (
    *(
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientBirthTime",
        "PatientAddress",
        "InstitutionName",
    ),
    *("InstitutionAddress", "OperatorsName", "ReferringPhysicianName", "DeviceSerialNumber", "StationName"),
    *("AccessionNumber", "StudyDescription", "PersonName", "CodeMeaning", "ReferencedSOPInstanceUID", "UID"),
    *("AttributeModificationDateTime", "RequestedProcedureDescription", "TextValue", "PatientComments"),
)
"""Of the dictionary: what is written into nested items."""


def taint(path: Path, *, sex: str = "F", in_all: bool = True) -> Path:
    """Write the word into every text, date, time and UID that a file can do without, and beside them."""
    made = dcmread(path)
    taint_dataset(made, None if in_all else _PERSONAL)
    made.PatientID = f"H-{WORD}"
    made.PatientSex = sex
    for name in _NESTED:
        inner = Dataset()
        for keyword in _PERSONAL:
            setattr(inner, keyword, _VALUES[dictionary_VR(keyword)])
        deeper = Dataset()
        deeper.PatientName = f"{WORD}^Deeper"
        inner.OtherPatientIDsSequence = [deeper]
        setattr(made, name, [inner])
    for group in (0x0009, 0x0029, 0x0099):
        block = made.private_block(group, f"{WORD} PRIVATE", create=True)
        inner = Dataset()
        inner.PatientName = f"{WORD}^Private"
        for number, (vr, value) in enumerate(
            (("LO", WORD), ("PN", f"{WORD}^P"), ("UN", WORD.encode()), ("OB", WORD.encode()), ("SQ", [inner]))
        ):
            block.add_new(number, vr, value)
    made.add_new((0x6000, 0x4000), "LT", WORD)  # Overlay Comments
    made.add_new((0x6000, 0x1500), "LO", WORD)  # Overlay Label
    made.EncapsulatedDocument = WORD.encode()
    made.DataSetTrailingPadding = WORD.encode() * 10
    made.preamble = (WORD * 13).encode()[:128]
    made.file_meta.SourceApplicationEntityTitle = WORD
    made.file_meta.ImplementationVersionName = WORD
    made.file_meta.PrivateInformationCreatorUID = f"{ROOT}.2"
    made.file_meta.PrivateInformation = WORD.encode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.save_as(path, enforce_file_format=True)
    return path


def taint_dataset(made: Dataset, only: Sequence[str] | None = None) -> None:
    """Write the word into every element of the dictionary that may hold a text, but for those needed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for tag, (vr, _, _, _, keyword) in DicomDictionary.items():
            if only is not None and keyword not in only:
                continue
            if vr not in _VALUES or tag >> 16 < 0x0008 or keyword in _NEEDED or not keyword:
                continue
            if keyword in made and vr in ("UI", "CS"):
                continue  # what is there is how it is read
            made.add_new(tag, vr, _VALUES[vr])


MARKS = tuple(
    mark
    for text in (WORD, DAY, "1901-02-03", "03.02.1901", "01:02:03", HOUR[:6] + ".04", ROOT)
    for mark in (text.encode(), text.lower().encode(), text.encode("utf-16-le"), text.encode("utf-16-be"))
)


def told_in(data: bytes, *, depth: int = 3) -> bool:
    """Return whether a mark stands in some bytes, or in what is packed or encoded within them."""
    if any(mark in data for mark in MARKS):
        return True
    return depth > 0 and any(told_in(inner, depth=depth - 1) for inner in unpacked(data))


def unpacked(data: bytes) -> Iterator[bytes]:
    """Yield what is packed in some bytes: archives, compressed streams of PDF and PNG, base64 in pages."""
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
            yield "\n".join(archive.namelist()).encode()
    elif data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    elif data[:5] == b"%PDF-":
        for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
            yield from _inflated(stream)
            yield from _ascii85(stream)
    elif data[:8] == b"\x89PNG\r\n\x1a\n":
        for chunk in re.finditer(rb"[zi]TXt|iCCP|eXIf", data):
            yield data[chunk.start() : chunk.start() + 4096]
            yield from _inflated(data[chunk.end() :])
    for text in re.findall(rb"base64,([A-Za-z0-9+/=]+)", data):
        yield base64.b64decode(text)


def _inflated(data: bytes) -> Iterator[bytes]:
    try:
        yield zlib.decompressobj().decompress(data)
    except zlib.error:
        return


def _ascii85(data: bytes) -> Iterator[bytes]:
    try:
        plain = base64.a85decode(data.strip().removesuffix(b"~>"))
    except (ValueError, binascii.Error):
        return
    yield plain
    yield from _inflated(plain)
