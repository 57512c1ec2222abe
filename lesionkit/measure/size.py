"""How large a deposit is: polygons are measured on their vertices, masks by their voxels."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.region import Mask, Outline, Region
from lesionkit.geometry import polygon, voxels
from lesionkit.geometry.runs import runs_of_masks
from lesionkit.measure.many import QUICK, SLOW, measure_runs

_TIE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Size:
    """How large a deposit is, in its grid's length unit, and where.

    Parameters
    ----------
    area : float
        Planar: enclosed area; of a volume the largest in-plane area.
    long_axis, short_axis : float
        As `lesionkit.geometry.polygon.Axes`; of a volume in the plane with the longest diameter.
    centroid : ndarray of float, shape (2,) or (3,)
        Centre of mass in pixel coordinates.
    perimeter : float, optional
        Of planar outlines; None for masks, whose staircase has no length of its own, and for volumes.
    volume : float, optional
        Of volumes.
    hull_area : float, optional
        Of planar outlines: of the convex hull of all parts together.
    parts : int, optional
        How many there are that do not touch; None for outlines on planes of a volume.
    max_diameter, surface_area, sphericity : float, optional
        Of masks of volumes: of the voxels that belong by at least one half.
    """

    area: float
    long_axis: float
    short_axis: float
    centroid: Floats
    perimeter: float | None = None
    volume: float | None = None
    hull_area: float | None = None
    parts: int | None = None
    max_diameter: float | None = None
    surface_area: float | None = None
    sphericity: float | None = None


def size_of(regions: Sequence[Region], grid: Grid) -> Size:
    """Return how large the regions of one deposit are together.

    Where outlines, or masks, overlap, what they share counts once.

    Parameters
    ----------
    regions : sequence of Region
        All outlines or all masks; at least one.
    grid : Grid
        Where the image's pixels lie: with a spacing the size is in mm, else in px.

    Raises
    ------
    ValueError
        If outlines and masks are mixed, or the regions have not as many axes as the grid.
    """
    outlines = [region for region in regions if isinstance(region, Outline)]
    masks = [region for region in regions if isinstance(region, Mask)]
    if bool(outlines) == bool(masks):
        raise ValueError("a deposit is drawn either in outlines or in masks")
    _axes_must_fit(outlines, masks, grid)
    if masks:
        mask = voxels.union(masks)
        return _planar_mask(mask, grid) if grid.is_planar else _solid_mask(mask, grid)
    return _planar_outlines(outlines, grid) if grid.is_planar else _stacked_outlines(outlines, grid)


def _axes_must_fit(outlines: Sequence[Outline], masks: Sequence[Mask], grid: Grid) -> None:
    if any((outline.plane is None) != grid.is_planar for outline in outlines) or any(
        mask.voxels.ndim != len(grid.shape) for mask in masks
    ):
        raise ValueError(f"the regions do not lie on a grid of {len(grid.shape)} axes")


def _planar_outlines(outlines: Sequence[Outline], grid: Grid) -> Size:
    parts = polygon.merged([outline.rings for outline in outlines])
    located = [[grid.locate(ring) for ring in rings] for rings in parts]
    exteriors = [rings[0] for rings in located]
    axes = polygon.axes(exteriors)
    return Size(
        area=sum(polygon.area(rings) for rings in located),
        perimeter=sum(polygon.perimeter(ring) for ring in exteriors),
        long_axis=axes.long,
        short_axis=axes.short,
        centroid=_centroid(parts),
        hull_area=polygon.hull_area(exteriors),
        parts=len(parts),
    )


def _centroid(parts: Iterable[polygon.Rings]) -> Floats:
    centres, areas = zip(*(polygon.centroid(rings) for rings in parts), strict=True)
    return np.asarray(np.average(centres, axis=0, weights=areas))


def _planar_mask(mask: Mask, grid: Grid) -> Size:
    if grid.homography is None and not mask.is_fractional:
        return _counted(mask, grid)
    rings = voxels.plane_rings(mask.voxels, level=voxels.half_level(mask))
    axes = polygon.axes([grid.locate(ring + mask.origin) for ring in rings])
    counted = _counts(mask, grid, wanted=("parts",))
    return Size(
        area=float((mask.voxels * _pixel_areas(mask, grid)).sum()),
        long_axis=axes.long,
        short_axis=axes.short,
        centroid=voxels.voxel_centroid(mask),
        parts=int(counted["parts"]),
    )


def _counted(mask: Mask, grid: Grid) -> Size:
    """Return the size of a yes-or-no mask on an image without perspective."""
    found = _counts(mask, grid, wanted=(*QUICK, *SLOW))
    return Size(
        area=found["area"],
        volume=found.get("volume"),
        long_axis=found["long_axis"],
        short_axis=found["short_axis"],
        centroid=voxels.voxel_centroid(mask),
        parts=int(found["parts"]),
        max_diameter=found.get("max_diameter"),
        surface_area=found.get("surface_area"),
        sphericity=found.get("sphericity"),
    )


def _counts(mask: Mask, grid: Grid, *, wanted: Collection[str]) -> dict[str, float]:
    """Return what is wanted of the voxels that belong to a mask by at least one half."""
    runs = runs_of_masks([voxels.inside(mask)], [mask.origin])
    spacing = np.array(grid.spacing_mm or (1.0,) * len(grid.shape))
    return {
        name: float(found[0]) for name, found in measure_runs(runs, spacing=spacing, wanted=wanted).items()
    }


def _pixel_areas(mask: Mask, grid: Grid) -> Floats:
    """Return the area of each pixel of a planar mask's box, or the one area that all have."""
    if grid.homography is None:
        return np.asarray(np.prod(grid.spacing_mm or (1.0, 1.0)))
    # A pixel's square is carried to a four-sided figure: half the cross product of its diagonals.
    rows, cols = mask.voxels.shape
    corners = np.moveaxis(np.mgrid[: rows + 1, : cols + 1], 0, -1) - 0.5 + mask.origin
    at = grid.locate(corners.reshape(-1, 2)).reshape(rows + 1, cols + 1, 2)
    down, up = at[1:, 1:] - at[:-1, :-1], at[:-1, 1:] - at[1:, :-1]
    return np.asarray(np.abs(down[..., 0] * up[..., 1] - down[..., 1] * up[..., 0]) / 2)


def _solid_mask(mask: Mask, grid: Grid) -> Size:
    if not mask.is_fractional:
        return _counted(mask, grid)
    plane_spacing, *spacing = grid.spacing_mm or (1.0, 1.0, 1.0)
    sums = mask.voxels.sum(axis=(1, 2), dtype=np.float64)
    pixel_area = float(np.prod(spacing))
    axes = _widest_of_longest(_longest_planes(mask, np.asarray(spacing)))
    counted = _counts(mask, grid, wanted=("max_diameter", *SLOW))
    return Size(
        area=float(sums.max()) * pixel_area,
        volume=float(sums.sum()) * pixel_area * plane_spacing,
        long_axis=axes.long,
        short_axis=axes.short,
        centroid=voxels.voxel_centroid(mask),
        parts=int(counted["parts"]),
        max_diameter=counted["max_diameter"],
        surface_area=counted["surface_area"],
        sphericity=counted["sphericity"],
    )


def _longest_planes(mask: Mask, spacing: Floats) -> Iterator[polygon.Axes]:
    """Yield the axes of the planes with the longest diameter, leaving out those that cannot have it."""
    level, held = voxels.half_level(mask), voxels.inside(mask)
    # With interpolated fractions the line runs less than a pixel outside the outermost pixel centres.
    spans = np.stack([_span(held, across=2), _span(held, across=1)], axis=1) + 1
    bounds = np.hypot(*(spans * spacing).T)
    longest: dict[int, float] = {}
    for plane in np.argsort(-bounds, kind="stable"):
        if bounds[plane] < max(longest.values(), default=0.0):
            break
        extremes = voxels.plane_extremes(mask.voxels[plane], level=level)
        if len(extremes):
            longest[int(plane)] = polygon.longest(extremes * spacing)
    reach = max(longest.values()) * (1 - _TIE)
    for plane in sorted(longest):
        if longest[plane] >= reach:
            rings = voxels.plane_rings(mask.voxels[plane], level=level)
            yield polygon.axes([ring * spacing for ring in rings])


def _span(held: npt.NDArray[np.bool_], *, across: int) -> Floats:
    """Return on how many rows (or columns) of each plane the mask lies, from first to last; 0 for none."""
    lines = np.asarray(held.any(axis=across))
    first, last = lines.argmax(axis=1), lines.shape[1] - 1 - lines[:, ::-1].argmax(axis=1)
    return np.where(lines.any(axis=1), last - first + 1, 0).astype(np.float64)


def _widest_of_longest(planes: Iterable[polygon.Axes]) -> polygon.Axes:
    """Return the longest axes; of planes equally long, those of the widest."""
    found = list(planes)
    longest = max(axes.long for axes in found)
    return max((axes for axes in found if axes.long >= longest * (1 - _TIE)), key=lambda axes: axes.short)


def _stacked_outlines(outlines: Sequence[Outline], grid: Grid) -> Size:
    plane_spacing, *spacing = grid.spacing_mm or (1.0, 1.0, 1.0)
    stack = {
        plane: polygon.merged([outline.rings for outline in outlines if outline.plane == plane])
        for plane in sorted({outline.plane for outline in outlines if outline.plane is not None})
    }
    pixel_area = float(np.prod(spacing))
    areas = np.array([sum(polygon.area(rings) for rings in parts) for parts in stack.values()])
    axes = _widest_of_longest(
        polygon.axes([rings[0] * spacing for rings in parts]) for parts in stack.values()
    )
    centres = [[plane, *_centroid(parts)] for plane, parts in stack.items()]
    return Size(
        area=float(areas.max()) * pixel_area,
        volume=float(areas.sum()) * pixel_area * plane_spacing,
        long_axis=axes.long,
        short_axis=axes.short,
        centroid=np.average(centres, axis=0, weights=areas),
    )
