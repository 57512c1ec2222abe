"""The deposits of photographs and radiographs in COCO's format, for training and judging programs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Outcome, Problem, Severity
from lesionkit.core.region import Deposit, Mask, Outline, Status
from lesionkit.geometry.polygon import area, merged
from lesionkit.geometry.raster import pixels
from lesionkit.geometry.voxels import inside
from lesionkit.report.batch import Batch
from lesionkit.report.exporters import Load, Progress, Tell

_Json = str | int | float | None | Sequence["_Json"] | Mapping[str, "_Json"]
Piece = dict[str, _Json]


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
    """Return ``coco.json``: the planar images that somebody has read, and their deposits.

    A deposit is a list of polygons, or, where it has holes or was drawn as a mask, a run-length encoding of
    the pixels whose centres lie inside. `area` is that of the polygons, or the number of pixels. What nobody
    has confirmed is marked ``iscrowd``, which programs ignore. An image in which nothing was found is there
    without annotations; one that nobody has read is not there.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    out : Path
        The folder; made where it is missing.
    load, reason_texts, progress
        Not needed.
    tell : callable, optional
        Called with what is left out.

    References
    ----------
    Lin T-Y et al. Microsoft COCO: common objects in context. ECCV 2014, doi:10.1007/978-3-319-10602-1_48;
    format: https://cocodataset.org/#format-data
    """
    del load, reason_texts, progress
    whole: Piece = {
        "info": {"description": outcome.cohort.name, "version": outcome.versions.get("lesionkit", "")},
        "licenses": [],
        "categories": [{"id": 1, "name": "calcinosis", "supercategory": "lesion"}],
        **_pieces(outcome),
    }
    volumes = sum(not ref.grid.is_planar for ref in _read(outcome))
    if volumes and tell is not None:
        text = f"{volumes} volumes are no pictures; NIfTI and DICOM segmentations hold their deposits."
        about = outcome.cohort.name
        tell(Problem(severity=Severity.INFO, code="volumes_not_written", about=about, text=text))
    with Batch(out) as batch:
        batch.add("coco.json", json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    return batch.places


def _read(outcome: Outcome) -> Iterator[ImageRef]:
    return (ref for ref in outcome.cohort.images if ref.id in outcome.grids)


def _pieces(outcome: Outcome) -> Piece:
    deposits: dict[str, list[Deposit]] = {}
    for deposit in outcome.deposits:
        deposits.setdefault(deposit.image, []).append(deposit)
    images: list[Piece] = []
    annotations: list[Piece] = []
    for patient in outcome.cohort.patients:
        for timepoint in patient.timepoints:
            for ref in timepoint.images:
                if ref.id not in outcome.grids or not ref.grid.is_planar:
                    continue
                known: Piece = {"patient": patient.id, "date_captured": timepoint.date.isoformat()}
                images.append(_image(outcome, ref, number=len(images) + 1) | known)
                for deposit in deposits.get(ref.id, ()):
                    if not deposit.status.is_removed:
                        ids: Piece = {"id": len(annotations) + 1, "image_id": len(images)}
                        annotations.append(ids | _annotation(outcome, deposit, shape=ref.grid.shape))
    return {"images": images, "annotations": annotations}


def _image(outcome: Outcome, ref: ImageRef, *, number: int) -> Piece:
    grid = outcome.grids[ref.id]
    spacing = grid.spacing_mm or (None, None)
    return {
        "id": number,
        "file_name": ref.location,
        "height": grid.shape[0],
        "width": grid.shape[1],
        "frame": ref.frames[0] if ref.frames else None,
        "modality": ref.modality.value,
        "site": ref.site,
        "row_spacing_mm": spacing[0],
        "col_spacing_mm": spacing[1],
    }


def _annotation(outcome: Outcome, deposit: Deposit, *, shape: Sequence[int]) -> Piece:
    track = outcome.tracks_of_deposits.get((deposit.image, deposit.id))
    is_crowd = deposit.status is Status.SUGGESTED
    return {
        "category_id": 1,
        "iscrowd": int(is_crowd),
        **_drawn(deposit, shape=(shape[0], shape[1]), is_crowd=is_crowd),
        "attributes": {
            "deposit": deposit.id,
            "track": track.id if track else None,
            "tracking_uid": track.uid if track else None,
            "status": deposit.status.value,
            "role": deposit.role.value if deposit.role else None,
        },
    }


def _drawn(deposit: Deposit, *, shape: tuple[int, int], is_crowd: bool) -> Piece:
    outlines = [region for region in deposit.regions if isinstance(region, Outline)]
    parts = merged([outline.rings for outline in outlines])
    is_plain = len(outlines) == len(deposit.regions) and all(len(rings) == 1 for rings in parts)
    raster = None if is_plain and not is_crowd else _raster(deposit, shape)
    if raster is None or not raster.any():
        return _polygons(parts)
    rows, cols = np.nonzero(raster.any(axis=1))[0], np.nonzero(raster.any(axis=0))[0]
    width, height = cols[-1] - cols[0] + 1, rows[-1] - rows[0] + 1
    return {
        "segmentation": {"size": list(shape), "counts": runs(raster)},
        "area": float(np.count_nonzero(raster)),
        "bbox": [float(number) for number in (cols[0], rows[0], width, height)],
    }


def _polygons(parts: Sequence[Sequence[Floats]]) -> Piece:
    # COCO counts from the top-left corner of the top-left pixel, x before y.
    rings = [rings[0][:, ::-1] + 0.5 for rings in parts]
    points = np.vstack(rings)
    low, high = points.min(axis=0), points.max(axis=0)
    return {
        "segmentation": [ring.ravel().tolist() for ring in rings],
        "area": sum(area(rings) for rings in parts),
        "bbox": [*low.tolist(), *(high - low).tolist()],
    }


def _raster(deposit: Deposit, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    raster = np.zeros(shape, dtype=np.bool_)
    for region in deposit.regions:
        mask = pixels(region, shape=shape)
        if mask is not None:
            raster[mask.box] |= inside(mask) if isinstance(region, Mask) else mask.voxels
    return raster


def runs(raster: npt.NDArray[np.bool_]) -> list[int]:
    """Return how long the runs of a raster are, column by column, that of zeros first.

    Parameters
    ----------
    raster : ndarray of bool, shape (rows, cols)
        Which pixels belong.

    Examples
    --------
    >>> runs(np.array([[False, True], [True, True]]))
    [1, 3]
    """
    flat = raster.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    lengths = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    return [0, *lengths] if flat[0] else lengths
