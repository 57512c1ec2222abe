"""DICOM objects that hold outlines, made by hand so that their truth is plain."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from dicoms import dataset, save, uid
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

RTSTRUCT = "1.2.840.10008.5.1.4.1.1.481.3"
COMPREHENSIVE_3D_SR = "1.2.840.10008.5.1.4.1.1.88.34"
GSPS = "1.2.840.10008.5.1.4.1.1.11.1"


def item(**elements: object) -> Dataset:
    """Return a sequence item."""
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def square(low: Sequence[float], high: Sequence[float]) -> np.ndarray:
    """Return the corners of a rectangle, (row, col)."""
    (r0, c0), (r1, c1) = low, high
    return np.array([[r0, c0], [r0, c1], [r1, c1], [r1, c0]], dtype=float)


def on_plane(affine: np.ndarray, plane: float, ring: np.ndarray) -> np.ndarray:
    """Return where points of a plane lie in LPS mm."""
    index = np.column_stack([np.full(len(ring), plane), ring, np.ones(len(ring))])
    return (index @ affine.T)[:, :3]


def contour(points: np.ndarray, kind: str = "CLOSED_PLANAR", image: str = "") -> Dataset:
    """Return one contour of a structure set."""
    numbers = [f"{value:.6f}".rstrip("0") for value in np.ravel(points)]
    made = item(ContourGeometricType=kind, NumberOfContourPoints=len(points), ContourData=numbers)
    if image:
        made.ContourImageSequence = [item(ReferencedSOPInstanceUID=image)]
    return made


def write_rtstruct(
    path: Path,
    regions: Mapping[str, Sequence[Dataset]],
    *,
    series: str = "",
    frame_of_reference: str = "",
    types: Mapping[str, str] | None = None,
    algorithm: str = "MANUAL",
) -> Path:
    """Write a structure set."""
    made = dataset("SEG", Modality="RTSTRUCT", SOPClassUID=RTSTRUCT, SeriesInstanceUID=uid(900))
    made.SOPInstanceUID = uid(901)
    made.file_meta.MediaStorageSOPClassUID = RTSTRUCT
    study = item(RTReferencedSeriesSequence=[item(SeriesInstanceUID=series)] if series else [])
    frame = item(FrameOfReferenceUID=frame_of_reference, RTReferencedStudySequence=[study])
    made.ReferencedFrameOfReferenceSequence = [frame]
    made.StructureSetROISequence = [
        item(
            ROINumber=number,
            ROIName=name,
            ReferencedFrameOfReferenceUID=frame_of_reference,
            ROIGenerationAlgorithm=algorithm,
            ROIGenerationDescription="threshold 2.1",
        )
        for number, name in enumerate(regions, start=1)
    ]
    made.ROIContourSequence = [
        item(ReferencedROINumber=number, ContourSequence=list(lines))
        for number, lines in enumerate(regions.values(), start=1)
    ]
    made.RTROIObservationsSequence = [
        item(ReferencedROINumber=number, RTROIInterpretedType=(types or {}).get(name, ""))
        for number, name in enumerate(regions, start=1)
    ]
    return save(made, path)


def code(value: str, scheme: str = "DCM") -> Items:
    """Return a coded concept."""
    return Items([item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=value)])


def content(kind: str, name: str, **elements: object) -> Dataset:
    """Return a content item of a report."""
    return item(ValueType=kind, ConceptNameCodeSequence=code(name), RelationshipType="CONTAINS", **elements)


def reference(instance: str, **elements: object) -> Items:
    """Return a reference to an object."""
    return Items([item(ReferencedSOPInstanceUID=instance, **elements)])


def region(graphic: str, numbers: Any, *, image: str = "", space: str = "") -> Dataset:
    """Return an image region, in an image's pixels or in space."""
    made = content("SCOORD3D" if space else "SCOORD", "111030", GraphicType=graphic)
    made.GraphicData = [float(value) for value in np.ravel(numbers)]
    if space:
        made.ReferencedFrameOfReferenceUID = space
    if image:
        made.ContentSequence = [content("IMAGE", "121324", ReferencedSOPSequence=reference(image))]
    return made


def group(identifier: str, *items: Dataset, tracking: str = "") -> Dataset:
    """Return a measurement group."""
    named = [content("TEXT", "112039", TextValue=identifier)]
    if tracking:
        named.append(content("UIDREF", "112040", UID=tracking))
    return content("CONTAINER", "125007", ContentSequence=[*named, *items])


def write_sr(path: Path, *groups: Dataset, evidence: Sequence[str] = (), **elements: object) -> Path:
    """Write a structured report."""
    made = dataset("SR", SOPClassUID=COMPREHENSIVE_3D_SR, SeriesInstanceUID=uid(910), SOPInstanceUID=uid(911))
    made.file_meta.MediaStorageSOPClassUID = COMPREHENSIVE_3D_SR
    made.ContentSequence = [content("CONTAINER", "126010", ContentSequence=list(groups))]
    series = [item(SeriesInstanceUID=one) for one in evidence]
    made.CurrentRequestedProcedureEvidenceSequence = [item(ReferencedSeriesSequence=series)]
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return save(made, path)


def graphic(numbers: Any, kind: str = "POLYLINE", units: str = "PIXEL") -> Dataset:
    """Return a graphic object of a presentation state."""
    return item(
        GraphicAnnotationUnits=units,
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(np.ravel(numbers)) // 2,
        GraphicData=[float(value) for value in np.ravel(numbers)],
        GraphicType=kind,
        GraphicFilled="N",
    )


def write_gsps(path: Path, graphics: Sequence[Dataset], *, images: Sequence[str]) -> Path:
    """Write a presentation state that shows graphics on images."""
    made = dataset("SR", Modality="PR", SOPClassUID=GSPS, SeriesInstanceUID=uid(920), SOPInstanceUID=uid(921))
    made.file_meta.MediaStorageSOPClassUID = GSPS
    shown = [item(ReferencedSOPInstanceUID=image) for image in images]
    made.ReferencedSeriesSequence = [item(SeriesInstanceUID=uid(100), ReferencedImageSequence=shown)]
    annotation = item(GraphicLayer="L", GraphicObjectSequence=list(graphics), ReferencedImageSequence=shown)
    made.GraphicAnnotationSequence = [annotation]
    return save(made, path)
