"""What a structured report says of one deposit, and of a site as a whole: its measurement groups."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lesionkit.core.measurement import Code
from lesionkit.core.region import Mask, Outline, Region
from lesionkit.core.response import BurdenMeasure, Response
from lesionkit.core.units import Quantity
from lesionkit.report import dicom_codes as codes
from lesionkit.report.dicom_names import MAKER, Named
from lesionkit.report.dicom_numbers import Visit, change_of, number_of, time_point
from lesionkit.report.dicom_source import Source
from lesionkit.report.to_dicom_seg import Made

if TYPE_CHECKING:
    from highdicom.sr import FindingSite, ImageRegion, Measurement, QualitativeEvaluation
    from pydicom.dataset import Dataset

_HALF_PIXEL = 0.5
"""DICOM counts from the top-left corner of the top-left pixel, lesionkit from its centre."""

_BURDENS = {
    BurdenMeasure.AREA: "area",
    BurdenMeasure.VOLUME: "volume",
    BurdenMeasure.LONG_AXIS: "long_axis",
}


def can_be_told_as_lines(regions: Sequence[Region], *, is_planar: bool) -> bool:
    """Return whether a report can hold regions by itself: outlines without holes; one of a planar image."""
    lines = all(isinstance(region, Outline) and not region.holes for region in regions)
    return lines and (len(regions) == 1 or not is_planar)


@dataclass(kw_only=True)
class GroupMaker:
    """Makes the groups of one image's report, and remembers which files they refer to.

    Parameters
    ----------
    source : Source
        The image.
    made : Made, optional
        Its segmentation, where its deposits cannot all be told as lines.
    sizes : Mapping of (str, str) to Quantity
        By deposit and measure.
    visit : Visit
        Which of the site's timepoints it is.
    """

    source: Source
    made: Made | None
    sizes: Mapping[tuple[str, str], Quantity]
    visit: Visit
    evidence: "dict[str, Dataset]" = field(default_factory=dict)

    def of_deposit(self, named: Named, verdict: Response | None) -> Any:
        """Return the group of one deposit; the verdict is that on its track at this timepoint.

        On a planar image a planar group (TID 1410), on a volume a volumetric one (TID 1411).
        """
        import highdicom.sr as hd

        common: dict[str, Any] = {
            "tracking_identifier": hd.TrackingIdentifier(uid=named.uid, identifier=named.identifier),
            "finding_type": codes.concept(codes.FINDING),
            "finding_category": codes.concept(codes.CATEGORY),
            "finding_sites": self._sites(),
            "algorithm_id": hd.AlgorithmIdentification(name=MAKER, version=self.source.version),
            "measurements": list(self._measurements(named)),
            "qualitative_evaluations": [self._scale(), *_evaluations(verdict)],
            "time_point_context": time_point(self.visit),
        }
        if self.source.grid.is_planar:
            where = self._planar(named)
            return hd.PlanarROIMeasurementsAndQualitativeEvaluations(**where, **common)
        return hd.VolumetricROIMeasurementsAndQualitativeEvaluations(**self._solid(named), **common)

    def of_site(self, verdict: Response) -> Any:
        """Return the group of the image as a whole (TID 1501): its site's burden, and the verdict on it."""
        import highdicom.sr as hd

        header, frame = self._refer_to(None if self.source.grid.is_planar else 0)
        source = hd.SourceImageForMeasurementGroup(header.SOPClassUID, header.SOPInstanceUID, frame)
        identifier = f"{verdict.modality.stream} {verdict.site}"
        return hd.MeasurementsAndQualitativeEvaluations(
            tracking_identifier=hd.TrackingIdentifier(
                uid=self.source.site_uid(verdict), identifier=identifier
            ),
            finding_type=codes.concept(codes.FINDING),
            finding_category=codes.concept(codes.CATEGORY),
            finding_sites=self._sites(),
            algorithm_id=hd.AlgorithmIdentification(name=MAKER, version=self.source.version),
            measurements=list(_burden(verdict)),
            qualitative_evaluations=[self._scale(), *_evaluations(verdict)],
            source_images=[source],
            time_point_context=time_point(self.visit),
        )

    def _refer_to(self, plane: int | None) -> "tuple[Dataset, list[int] | None]":
        header, frame = self.source.of_plane(plane)
        self.evidence.setdefault(header.SOPInstanceUID, header)
        return header, frame

    def _planar(self, named: Named) -> dict[str, Any]:
        import highdicom.sr as hd

        if self.made is None:
            (outline,) = named.deposit.regions
            return {"referenced_region": self._region(outline)}
        header, _ = self._refer_to(None)
        number = self.made.segments[named.deposit.id]
        dataset = self.made.dataset
        self.evidence.setdefault(dataset.SOPInstanceUID, dataset)
        frames = [
            index
            for index, item in enumerate(dataset.PerFrameFunctionalGroupsSequence, start=1)
            if item.SegmentIdentificationSequence[0].ReferencedSegmentNumber == number
        ]
        source = hd.SourceImageForSegmentation(header.SOPClassUID, header.SOPInstanceUID)
        segment = hd.ReferencedSegmentationFrame(
            dataset.SOPClassUID, dataset.SOPInstanceUID, frames[0], number, source
        )
        return {"referenced_segment": segment}

    def _solid(self, named: Named) -> dict[str, Any]:
        import highdicom.sr as hd

        if self.made is None:
            return {"referenced_regions": [self._region(region) for region in named.deposit.regions]}
        dataset = self.made.dataset
        self.evidence.setdefault(dataset.SOPInstanceUID, dataset)
        self._refer_to(_first_plane(named.deposit.regions[0]))
        series = hd.SourceSeriesForSegmentation(self.source.headers[0].SeriesInstanceUID)
        segment = hd.ReferencedSegment(
            dataset.SOPClassUID,
            dataset.SOPInstanceUID,
            self.made.segments[named.deposit.id],
            source_series=series,
        )
        return {"referenced_segment": segment}

    def _region(self, outline: Region) -> "ImageRegion":
        import highdicom.sr as hd

        assert isinstance(outline, Outline)
        header, frame = self._refer_to(outline.plane)
        ring = np.vstack([outline.exterior, outline.exterior[:1]])
        source = hd.SourceImageForRegion(header.SOPClassUID, header.SOPInstanceUID, frame)
        return hd.ImageRegion("POLYLINE", ring[:, ::-1] + _HALF_PIXEL, source)

    def _measurements(self, named: Named) -> "Iterator[Measurement]":
        is_mask = any(isinstance(region, Mask) for region in named.deposit.regions)
        of_lines = {"area": codes.POLYGON_AREA, "volume": codes.SLICE_AREAS}
        methods = {"volume": codes.VOXEL_SUM} if is_mask else of_lines
        for measure, code in codes.MEASURES.items():
            quantity = self.sizes.get((named.deposit.id, measure))
            if quantity is not None:
                method = methods.get(measure)
                yield number_of(code, quantity, method=codes.concept(method) if method else None)

    def _scale(self) -> "QualitativeEvaluation":
        return _evaluation(codes.SCALE_SOURCE, codes.private(self.source.grid.scale_source))

    def _sites(self) -> "list[FindingSite] | None":
        import highdicom.sr as hd

        part, side = codes.site_codes(self.source.ref.site)
        if part is None:
            return None
        return [hd.FindingSite(codes.concept(part), laterality=codes.concept(side) if side else None)]


def _first_plane(region: Region) -> int | None:
    return region.origin[0] if isinstance(region, Mask) else region.plane


def _burden(verdict: Response) -> "Iterator[Measurement]":
    name = _BURDENS.get(verdict.measure)
    if name is not None and verdict.current is not None:
        yield number_of(codes.MEASURES[name], verdict.current, derivation=codes.concept(codes.TOTAL))
    if verdict.change_pct is not None:
        yield change_of(verdict.change_pct, verdict.change_pct_limits)


def _evaluations(verdict: Response | None) -> "Iterator[QualitativeEvaluation]":
    """Yield the category, the criterion it was reached by, and each reason."""
    if verdict is None:
        return
    yield _evaluation(codes.RESPONSE, codes.private(verdict.category))
    yield _evaluation(codes.CRITERION, codes.criterion_code(verdict.criterion))
    for reason in verdict.reasons:
        yield _evaluation(codes.REASON, codes.private(reason))


def _evaluation(name: Code, value: Code) -> "QualitativeEvaluation":
    import highdicom.sr as hd

    return hd.QualitativeEvaluation(name=codes.concept(name), value=codes.concept(value))
