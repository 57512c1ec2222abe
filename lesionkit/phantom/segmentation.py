"""Painted deposits as DICOM SEG, written by highdicom."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lesionkit.core.region import Mask
from lesionkit.phantom.dicom import Shot, uid_of

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset


def write_segmentation(
    path: Path, masks: Mapping[str, Mask], *, series: Sequence[Path], shot: Shot, shape: tuple[int, int, int]
) -> None:
    """Write masks as a binary DICOM SEG, one segment per deposit with its name as Tracking ID.

    Parameters
    ----------
    path : Path
        Where to.
    masks : Mapping of str to Mask
        Name to voxels.
    series : sequence of Path
        The series' files in the order of the planes.
    shot : Shot
        Whom and when; a deposit keeps its Tracking UID from visit to visit.
    shape : tuple of int
        Of the series.
    """
    import highdicom as hd
    from pydicom import dcmread
    from pydicom.sr.codedict import codes

    voxels = np.zeros((*shape, len(masks)), dtype=np.uint8)
    for number, mask in enumerate(masks.values()):
        voxels[..., number][mask.box] = mask.voxels
    segments = [
        hd.seg.SegmentDescription(
            segment_number=number,
            segment_label=name,
            segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
            segmented_property_type=hd.sr.CodedConcept("18115005", "SCT", "Pathologic calcification"),
            algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
            tracking_id=name,
            tracking_uid=uid_of(str(shot.seed), shot.patient, shot.body_part, shot.side, "deposit", name),
        )
        for number, name in enumerate(masks, start=1)
    ]
    seg = hd.seg.Segmentation(
        source_images=[dcmread(file) for file in series],
        pixel_array=voxels,
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=segments,
        series_instance_uid=shot.uid("SEG"),
        series_number=100,
        sop_instance_uid=shot.uid("SEG", "1"),
        instance_number=1,
        manufacturer="lesionkit",
        manufacturer_model_name="phantom",
        software_versions="1",
        device_serial_number="1",
        series_description="Deposits",
    )
    _take_out_the_clock(seg, shot)
    seg.save_as(path)


def _take_out_the_clock(seg: "FileDataset", shot: Shot) -> None:
    """Replace what highdicom takes from the clock and from chance, so that the file can be made again."""
    day = shot.day.strftime("%Y%m%d")
    for keyword in ("ContentDate", "InstanceCreationDate", "SeriesDate"):
        setattr(seg, keyword, day)
    for keyword in ("ContentTime", "InstanceCreationTime", "SeriesTime"):
        setattr(seg, keyword, "110000")
    organization = shot.uid("SEG", "dimensions")
    for item in (*seg.DimensionOrganizationSequence, *seg.DimensionIndexSequence):
        item.DimensionOrganizationUID = organization
    for item in seg.get("ContributingEquipmentSequence", ()):
        item.ContributionDateTime = f"{day}110000"
