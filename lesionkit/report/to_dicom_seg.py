"""DICOM segmentations: every deposit on a DICOM image as a segment that keeps its tracking UID for life."""

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.mark import with_mark
from lesionkit.core.outcome import Outcome
from lesionkit.core.region import Mask, Status, program_and_version
from lesionkit.errors import ReadError
from lesionkit.report import dicom_codes as codes
from lesionkit.report.dicom_names import MAKER, Named
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
from lesionkit.report.rasterised import mask_of

if TYPE_CHECKING:
    from highdicom.seg import Segmentation, SegmentDescription
    from pydicom.dataset import Dataset

SERIES_NUMBER = 9100


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
    """Return one ``<image>.outlines.dcm`` for each DICOM image with deposits: BINARY.

    Of an outline, the pixels are written whose centres lie inside. Where a deposit came with parts of
    voxels, its image's segmentation is FRACTIONAL (OCCUPANCY), so that no number changes. Where a deposit
    was excised or extruded, or cannot be judged, is a segment too, whose SegmentLabel ends with the mark
    that says so.

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
    return _write(outcome, out, fractional=False, progress=progress, tell=tell)


def write_fractional(
    outcome: Outcome,
    out: Path,
    /,
    *,
    load: Load | None = None,
    reason_texts: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> tuple[Path, ...]:
    """Return the same as `write`, FRACTIONAL (OCCUPANCY): of an outline, the exact part of each pixel inside.

    Fractions are written in steps of 1/255. Parameters as of `write`.
    """
    del load, reason_texts
    return _write(outcome, out, fractional=True, progress=progress, tell=tell)


def _write(
    outcome: Outcome, out: Path, *, fractional: bool, progress: Progress | None, tell: Tell | None
) -> tuple[Path, ...]:
    found = tuple(sources(outcome, tell))
    taken: set[Path] = set()
    for done, source in enumerate(found, start=1):
        made = segmentation_of(source, fractional=fractional, tell=tell)
        if made is not None:
            made.save(place_in(out, source, ".outlines.dcm", taken))
        if progress is not None:
            progress(done, len(found))
    return tuple(sorted(taken))


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A segmentation of one image.

    Parameters
    ----------
    dataset : Segmentation
        As highdicom made it.
    segments : Mapping of str to int
        SegmentNumber by the deposit's id.
    """

    dataset: "Segmentation"
    segments: Mapping[str, int]

    def save(self, place: Path) -> None:
        """Write it to a file."""
        self.dataset.save_as(place, enforce_file_format=True)


def segmentation_of(source: Source, *, fractional: bool, tell: Tell | None) -> Made | None:
    """Return the segmentation of an image's deposits and places; None where it has none, or cannot be made.

    Parameters
    ----------
    source : Source
        The image and its deposits.
    fractional : bool
        As of `lesionkit.report.rasterised.mask_of`.
    tell : callable, optional
        Told why there is none.
    """
    masks: list[tuple[Named, Mask]] = []
    for named in (*source.deposits, *source.places):
        mask = mask_of(named.deposit, shape=source.grid.shape, fractional=fractional)
        if mask is None:
            text = f"{named.deposit.id} holds no pixel's centre, so it has no place in a binary segmentation."
            cannot(tell, source, "deposit_below_a_pixel", text, "Write --format dicom-seg-fractional.")
        else:
            masks.append((named, mask))
    if not masks:
        if not (source.deposits or source.places):
            text = "Somebody looked and saw nothing, which a segmentation cannot say: not written."
            remark(tell, source, "absence_not_written", text)
        return None
    try:
        with quiet():
            return Made(
                dataset=_segmentation(source, masks),
                segments={
                    named.deposit.id: number
                    for number, (named, _) in enumerate(masks, start=1)
                    if not named.deposit.status.is_place_only
                },
            )
    except ReadError as error:
        cannot(tell, source, "image_not_referable", f"{error.message}.", error.hint)
    except (AttributeError, ValueError, KeyError, TypeError) as error:
        # highdicom asks more of an image than reading it does, and says so in many ways.
        text = f"No segmentation can refer to this image: its files lack what it needs{told_of(error)}."
        cannot(tell, source, "image_not_referable", text, "Export the image again from the archive.")
    return None


def _segmentation(source: Source, masks: Sequence[tuple[Named, Mask]]) -> "Segmentation":
    import highdicom as hd

    is_fractional = any(mask.is_fractional for _, mask in masks)
    headers, planes = _frames(source, [mask for _, mask in masks])
    voxels = _voxels(source, [mask for _, mask in masks], planes, is_fractional=is_fractional)
    names = [word for named, _ in masks for word in (named.identifier, named.uid, named.deposit.status)]
    content = hashlib.sha256(voxels.tobytes()).hexdigest()
    made = hd.seg.Segmentation(
        source_images=headers,
        pixel_array=voxels,
        segmentation_type="FRACTIONAL" if is_fractional else "BINARY",
        fractional_type="OCCUPANCY",
        segment_descriptions=[_segment(number, *pair) for number, pair in enumerate(masks, start=1)],
        series_instance_uid=source.uid("SEG series"),
        series_number=SERIES_NUMBER,
        sop_instance_uid=source.uid("SEG", source.version, content, *names),
        instance_number=1,
        manufacturer=MAKER,
        manufacturer_model_name=MAKER,
        software_versions=source.version,
        device_serial_number=source.version,
        content_label="DEPOSITS",
        content_description="Calcinosis deposits",
        series_description="Calcinosis deposits",
    )
    if source.is_multiframe and source.shares_its_file:
        _name_frames(made, source)
    if source.grid.is_planar:
        # Type 2C where no position is told, which highdicom leaves out.
        made.PatientOrientation = source.headers[0].get("PatientOrientation")
    organization = source.uid("SEG dimensions")
    for item in (*made.DimensionOrganizationSequence, *made.DimensionIndexSequence):
        item.DimensionOrganizationUID = organization
    return made


def _frames(source: Source, masks: Sequence[Mask]) -> tuple[list[Any], list[int]]:
    """Return the files to refer to, and the plane that each frame shows: only planes that hold something."""
    if source.grid.is_planar:
        return [source.headers[0]], [0]
    if source.is_multiframe and source.shares_its_file:
        return [_of_our_frames(source)], list(range(source.grid.shape[0]))
    if source.is_multiframe:
        return [source.headers[0]], list(source.frame_planes)
    held = {
        mask.origin[0] + int(plane)
        for mask in masks
        for plane in np.flatnonzero(mask.voxels.any(axis=(1, 2)))
    }
    return [source.headers[plane] for plane in sorted(held)], sorted(held)


def _of_our_frames(source: Source) -> "Dataset":
    """Return the file as if it held nothing but this volume: highdicom knows one volume per file."""
    whole = source.headers[0]
    own = whole.PerFrameFunctionalGroupsSequence
    made = copy.deepcopy(whole)
    made.PerFrameFunctionalGroupsSequence = [own[frame] for frame in source.ref.frames]
    made.NumberOfFrames = len(source.ref.frames)
    return made


def _name_frames(made: "Segmentation", source: Source) -> None:
    """Put the numbers of frames in their file where those of the volume stand."""
    for item in made.PerFrameFunctionalGroupsSequence:
        for derivation in item.get("DerivationImageSequence", ()):
            for image in derivation.SourceImageSequence:
                image.ReferencedFrameNumber = source.ref.frames[image.ReferencedFrameNumber - 1] + 1


def _voxels(
    source: Source, masks: Sequence[Mask], planes: Sequence[int], *, is_fractional: bool
) -> npt.NDArray[Any]:
    """Return the segments' voxels, shape (frames, rows, cols, segments)."""
    kind = np.float32 if is_fractional else np.uint8
    voxels = np.zeros((len(planes), *source.grid.shape[-2:], len(masks)), dtype=kind)
    for segment, mask in enumerate(masks):
        rows, cols = mask.box[-2:]
        solid = mask.voxels if mask.voxels.ndim == 3 else mask.voxels[None]
        first = mask.origin[0] if mask.voxels.ndim == 3 else 0
        for frame, plane in enumerate(planes):
            if 0 <= plane - first < len(solid):
                voxels[frame, rows, cols, segment] = solid[plane - first]
    return voxels


def _segment(number: int, named: Named, mask: Mask) -> "SegmentDescription":
    import highdicom as hd

    del mask
    is_suggested = named.deposit.status is Status.SUGGESTED
    algorithm = None
    if is_suggested:
        name, version = program_and_version(named.deposit.author)
        algorithm = hd.AlgorithmIdentificationSequence(
            name=(name or MAKER)[:64],
            family=codes.concept(codes.LOCAL_ANALYSIS),
            version=(version or "unknown")[:64],
        )
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=with_mark(named.identifier, named.deposit.status, most=64),
        segmented_property_category=codes.concept(codes.CATEGORY),
        segmented_property_type=codes.concept(codes.FINDING),
        algorithm_type="AUTOMATIC" if is_suggested else "MANUAL",
        algorithm_identification=algorithm,
        tracking_id=named.identifier,
        tracking_uid=named.uid,
    )
