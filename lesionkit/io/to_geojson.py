"""The outlines of planar images as GeoJSON, for QuPath and other programs that edit them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.image import Image, ImageRef
from lesionkit.core.outcome import Outcome, Problem
from lesionkit.core.region import Deposit, Outline
from lesionkit.errors import LesionkitError, OutlineError
from lesionkit.geometry.raster import edges
from lesionkit.io.geojson.write import write_outlines
from lesionkit.io.problems import raised

_DECLARED = (ScaleSource.MANIFEST, ScaleSource.TWO_POINTS, ScaleSource.RULER, ScaleSource.REFERENCE_LENGTH)
"""Scales that somebody declared, and that would be lost without the file they were declared in."""


def write(
    outcome: Outcome,
    out: Path,
    /,
    *,
    load: Callable[[ImageRef], Image] | None = None,
    reason_texts: Mapping[str, str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    tell: Callable[[Problem], None] | None = None,
) -> tuple[Path, ...]:
    """Return ``<image>.outlines.geojson`` for every planar image that somebody has read.

    Each lies below `out` as its image lies in the cohort. Where somebody looked and saw nothing, the file
    says so. Masks become the outlines along the edges of their pixels. A scale that somebody declared goes
    with the outlines, as mm per pixel.

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
    refs = [ref for ref in outcome.cohort.images if ref.id in outcome.grids and ref.grid.is_planar]
    deposits = deposits_by_image(outcome)
    paths = []
    for done, ref in enumerate(refs, start=1):
        location = Path(ref.location)
        path = out / location.with_name(f"{location.stem}.outlines.geojson")
        while path in paths:
            path = path.with_name(f"{location.name}.outlines.geojson")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            drawn = [_as_outlines(deposit) for deposit in deposits.get(ref.id, ())]
            write_outlines(path, drawn, image=ref, scale_claims=tuple(_claims(outcome.grids[ref.id])))
            paths.append(path)
        except LesionkitError as error:
            if tell is not None:
                tell(raised("outlines_not_written", ref.location, error))
        if progress is not None:
            progress(done, len(refs))
    return tuple(paths)


def deposits_by_image(outcome: Outcome) -> dict[str, list[Deposit]]:
    """Return an outcome's deposits by image, each with the tracking UID of its track."""
    tracks = outcome.tracks_of_deposits
    found: dict[str, list[Deposit]] = {}
    for deposit in outcome.deposits:
        track = tracks.get((deposit.image, deposit.id))
        uid = track.uid if track else deposit.tracking_uid
        own = replace(deposit, tracking_uid=uid, properties=dict(deposit.properties))
        found.setdefault(deposit.image, []).append(own)
    return found


def _as_outlines(deposit: Deposit) -> Deposit:
    regions: list[Outline] = []
    for region in deposit.regions:
        if isinstance(region, Outline):
            regions.append(region)
        elif region.is_fractional:
            raise OutlineError(
                f"deposit {deposit.id} holds pixels in part, which a line cannot say",
                hint="Write --format dicom-seg-fractional.",
            )
        else:
            regions.extend(edges(region))
    return replace(deposit, regions=tuple(regions), properties=dict(deposit.properties))


def _claims(grid: Grid) -> Iterator[ScaleClaim]:
    if grid.scale_source in _DECLARED and grid.spacing_mm is not None and grid.homography is None:
        row, col = grid.spacing_mm
        if abs(row - col) <= 1e-9 * row:
            yield ScaleClaim(source=ScaleSource.MANIFEST, mm_per_px=row, rel_se=grid.scale_rel_se)
