"""DICOM structured reports (TID 1500): sizes and responses of the deposits on a DICOM image."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.measurement import SCHEME
from lesionkit.core.outcome import Outcome
from lesionkit.core.response import Evaluation, Response
from lesionkit.core.units import Quantity
from lesionkit.errors import ReadError
from lesionkit.report import dicom_codes as codes
from lesionkit.report.dicom_groups import GroupMaker, can_be_told_as_lines
from lesionkit.report.dicom_names import MAKER, uid_of
from lesionkit.report.dicom_numbers import Visit
from lesionkit.report.dicom_source import (
    Source,
    cannot,
    place_in,
    quiet,
    remark,
    sources,
    told_of,
)
from lesionkit.report.exporters import Load, Progress, Tell
from lesionkit.report.to_dicom_seg import Made, segmentation_of

if TYPE_CHECKING:
    from highdicom.sr import Comprehensive3DSR, MeasurementReport
    from pydicom.dataset import Dataset

SERIES_NUMBER = 9200


def write(
    outcome: Outcome,
    out: Path,
    /,
    *,
    load: Load | None = None,
    reason_texts: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> tuple[Path, ...]:
    """Return one ``<image>.report.dcm`` for each DICOM image with deposits or a verdict.

    Where all outlines of an image are lines without holes, the report holds them itself, to the last digit
    (SCOORD). Otherwise it refers to a segmentation, which is written beside it as
    ``<image>.report.outlines.dcm``; of outlines with holes it holds the exact part of each pixel. Suggestions
    are left out: nobody stands behind them.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    out : Path
        The folder.
    load, reason_texts
        Not needed.
    progress, tell
        As of `lesionkit.report.Exporter`.
    """
    del load, reason_texts
    found = tuple(sources(outcome, tell))
    verdicts = Verdicts(outcome)
    taken: set[Path] = set()
    for done, source in enumerate(found, start=1):
        _write_one(source, verdicts, out, taken, tell)
        if progress is not None:
            progress(done, len(found))
    return tuple(sorted(taken))


class Verdicts:
    """The follow-up verdicts of an outcome at hand by the image they were reached at.

    Parameters
    ----------
    outcome : Outcome
        The result.
    """

    def __init__(self, outcome: Outcome) -> None:
        self._visits = {
            ref.id: (patient.id, timepoint.date)
            for patient in outcome.cohort.patients
            for timepoint in patient.timepoints
            for ref in timepoint.images
        }
        self._found = {
            (r.patient, r.modality.stream, r.site, r.track, r.date): r
            for r in (*outcome.responses, *outcome.track_responses)
            if r.evaluation is Evaluation.FOLLOW_UP
        }
        self._days: dict[tuple[str, Modality, str], set[date]] = {}
        for patient in outcome.cohort.patients:
            for ref in patient.images:
                self._days.setdefault(self._site(ref), set()).add(self._visits[ref.id][1])
        self._baselines = {
            (r.patient, r.modality.stream, r.site): r.baseline_date
            for r in outcome.responses
            if r.track is None and r.baseline_date is not None
        }
        self._sizes: dict[str, dict[tuple[str, str], Quantity]] = {}
        for m in outcome.measurements:
            self._sizes.setdefault(m.image, {})[m.deposit, m.measure] = m.quantity

    def _site(self, ref: ImageRef) -> tuple[str, Modality, str]:
        return self._visits[ref.id][0], ref.modality.stream, ref.site

    def visit(self, ref: ImageRef) -> Visit:
        """Return which of its site's timepoints an image is of."""
        day, site = self._visits[ref.id][1], self._site(ref)
        baseline = self._baselines.get(site)
        return Visit(
            order=sum(other <= day for other in self._days[site]),
            days_from_baseline=None if baseline is None else (day - baseline).days,
        )

    def sizes(self, image: str) -> Mapping[tuple[str, str], Quantity]:
        """Return what was measured on an image, by deposit and measure."""
        return self._sizes.get(image, {})

    def of(self, ref: ImageRef, track: str | None) -> Response | None:
        """Return the verdict on a track at an image, or on its site; None at baseline and before."""
        patient, day = self._visits[ref.id]
        return self._found.get((patient, ref.modality.stream, ref.site, track, day))


def _write_one(source: Source, verdicts: Verdicts, out: Path, taken: set[Path], tell: Tell | None) -> None:
    stood_for = tuple(named for named in source.deposits if named.deposit.counts)
    if len(stood_for) < len(source.deposits):
        text = f"{len(source.deposits) - len(stood_for)} suggested outlines are not reported."
        remark(tell, source, "suggestion_not_reported", text)
    # A report tells of what is there: what became of others, and where, stands in a segmentation.
    source = replace(source, deposits=stood_for, places=())
    is_planar = source.grid.is_planar
    if all(can_be_told_as_lines(named.deposit.regions, is_planar=is_planar) for named in stood_for):
        made = None
    else:
        made = segmentation_of(source, fractional=True, tell=tell)
        if made is None:
            return
        source = replace(source, deposits=tuple(n for n in stood_for if n.deposit.id in made.segments))
    try:
        with quiet():
            report = _report(source, made, verdicts)
    except ReadError as error:
        cannot(tell, source, "image_not_referable", f"{error.message}.", error.hint)
        return
    except (AttributeError, ValueError, KeyError, TypeError) as error:
        # highdicom asks more of an image than reading it does, and says so in many ways.
        text = f"No report can refer to this image: its files lack what it needs{told_of(error)}."
        cannot(tell, source, "image_not_referable", text, "Export the image again from the archive.")
        return
    if report is None:
        text = "Somebody looked and saw nothing, and there is no verdict yet: there is nothing to report."
        remark(tell, source, "absence_not_written", text)
        return
    if made is not None:
        made.save(place_in(out, source, ".report.outlines.dcm", taken))
    report.save_as(place_in(out, source, ".report.dcm", taken), enforce_file_format=True)


def _report(source: Source, made: Made | None, verdicts: Verdicts) -> "Comprehensive3DSR | None":
    import highdicom as hd

    maker = GroupMaker(
        source=source, made=made, sizes=verdicts.sizes(source.ref.id), visit=verdicts.visit(source.ref)
    )
    groups = [
        maker.of_deposit(named, verdicts.of(source.ref, named.track.id if named.track else None))
        for named in source.deposits
    ]
    overall = verdicts.of(source.ref, None)
    if overall is not None:
        groups.append(maker.of_site(overall))
    if not groups:
        return None
    content = _content(source, groups)
    words = hashlib.sha256(str(content).encode()).hexdigest()
    made_report = hd.sr.Comprehensive3DSR(
        evidence=list(maker.evidence.values()),
        content=content[0],
        series_instance_uid=source.uid("SR series"),
        series_number=SERIES_NUMBER,
        sop_instance_uid=source.uid("SR", source.version, words),
        instance_number=1,
        manufacturer=MAKER,
        is_complete=True,
        is_final=False,
        is_verified=False,
        series_description="Calcinosis measurements",
    )
    made_report.CodingSchemeIdentificationSequence = [_scheme()]
    return made_report


def _content(source: Source, groups: list[Any]) -> "MeasurementReport":
    import highdicom as hd

    device = hd.sr.DeviceObserverIdentifyingAttributes(
        uid=uid_of(MAKER, source.version), name=MAKER, manufacturer_name=MAKER, model_name=MAKER
    )
    observer = hd.sr.ObserverContext(
        observer_type=codes.concept(codes.DEVICE), observer_identifying_attributes=device
    )
    return hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_device_context=observer),
        procedure_reported=codes.concept(codes.PROCEDURES[source.ref.modality.stream]),
        imaging_measurements=groups,
        title=codes.concept(codes.TITLE),
    )


def _scheme() -> "Dataset":
    from pydicom.dataset import Dataset

    scheme = Dataset()
    scheme.CodingSchemeDesignator = SCHEME
    scheme.CodingSchemeName = "Concepts of lesionkit for which DICOM has no code"
    scheme.CodingSchemeResponsibleOrganization = MAKER
    return scheme
