"""Regions taken together and apart: what merging and splitting deposits needs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.region import Mask, Outline, Region
from lesionkit.errors import OutlineError

if TYPE_CHECKING:
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry


def as_kept(region: Region) -> Region:
    """Return a region as it comes back from its file: outlines to a billionth of a pixel.

    Raises
    ------
    OutlineError
        If it is no simple closed line.
    """
    from lesionkit.io.geojson.position import to_points, to_positions

    if isinstance(region, Mask):
        return region
    rings = [to_points(to_positions(ring)) for ring in region.rings]
    return Outline(exterior=rings[0], holes=tuple(rings[1:]), plane=region.plane)


def together(regions: Sequence[Region]) -> tuple[Region, ...]:
    """Return regions as parts of one deposit: those that share ground are joined, so that it counts once."""
    masks = [region for region in regions if isinstance(region, Mask)]
    outlines = [region for region in regions if isinstance(region, Outline)]
    if masks and outlines:
        raise OutlineError(
            "an outline and a mask cannot be one deposit", hint="Draw both in the same way, then merge them."
        )
    if masks:
        return (_union(masks),) if len(masks) > 1 else tuple(masks)
    planes = sorted({outline.plane for outline in outlines}, key=lambda plane: -1 if plane is None else plane)
    return tuple(
        joined for plane in planes for joined in _joined([o for o in outlines if o.plane == plane], plane)
    )


def _joined(outlines: Sequence[Outline], plane: int | None) -> Iterator[Outline]:
    if len(outlines) < 2:
        yield from outlines
        return
    from shapely import union_all

    yield from _outlines(union_all([_polygon(outline) for outline in outlines]), plane)


def _polygon(outline: Outline) -> "Polygon":
    from shapely import Polygon

    return Polygon(outline.exterior, outline.holes)


def _outlines(shape: "BaseGeometry", plane: int | None) -> Iterator[Outline]:
    for part in getattr(shape, "geoms", [shape]):
        if part.geom_type == "Polygon" and part.area > 0:
            outline = Outline(
                exterior=np.asarray(part.exterior.coords),
                holes=tuple(np.asarray(hole.coords) for hole in part.interiors),
                plane=plane,
            )
            kept = as_kept(outline)
            assert isinstance(kept, Outline)
            yield kept


def _union(masks: Sequence[Mask]) -> Mask:
    low = np.min([mask.origin for mask in masks], axis=0)
    high = np.max([[s.stop for s in mask.box] for mask in masks], axis=0)
    is_fractional = any(mask.is_fractional for mask in masks)
    voxels = np.zeros(tuple(high - low), dtype=np.float32 if is_fractional else np.bool_)
    for mask in masks:
        there = tuple(slice(s.start - int(o), s.stop - int(o)) for s, o in zip(mask.box, low, strict=True))
        voxels[there] = np.maximum(voxels[there], mask.voxels)
    return Mask(voxels=voxels, origin=tuple(int(o) for o in low))


def parts_of(regions: Sequence[Region]) -> tuple[Region, ...]:
    """Return what of a deposit hangs together, part by part: lines one by one, voxels that share a face."""
    found: list[Region] = []
    for region in together(regions):
        if isinstance(region, Outline):
            found.append(region)
        else:
            found.extend(_pieces(region))
    return tuple(found)


def _pieces(mask: Mask) -> Iterator[Mask]:
    from scipy.ndimage import find_objects, label

    labels, _ = label(mask.voxels > 0)
    for number, box in enumerate(find_objects(labels), start=1):
        origin = tuple(s.start + o for s, o in zip(box, mask.origin, strict=True))
        held = np.where(labels[box] == number, mask.voxels[box], 0).astype(mask.voxels.dtype)
        yield Mask(voxels=held, origin=origin)


def cut(regions: Sequence[Region], line: Floats) -> tuple[Region, ...]:
    """Return the parts of outlines that a line drawn across them leaves.

    Parameters
    ----------
    regions : sequence of Region
        Outlines on a planar image.
    line : array_like, shape (n, 2)
        ``(row, col)``, from outside to outside.

    Raises
    ------
    OutlineError
        If the line goes through none of them, or there is a mask among them.
    """
    from shapely import LineString
    from shapely.ops import split

    if any(isinstance(region, Mask) for region in regions):
        raise OutlineError("voxels are not cut by a line", hint="Erase a gap between the parts, then split.")
    knife = LineString(np.asarray(line, dtype=np.float64))
    found: list[Region] = []
    for region in regions:
        assert isinstance(region, Outline)
        found.extend(_outlines(split(_polygon(region), knife), region.plane))
    if len(found) <= len(regions):
        raise OutlineError("the line does not cut the outline in two", hint="Draw it right across.")
    return tuple(found)
