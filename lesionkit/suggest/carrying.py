"""Outlines of an earlier timepoint carried onto a later image, and moved to the edges they find there."""

import numpy as np
import numpy.typing as npt

from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Deposit, Mask, Outline, Region
from lesionkit.core.transform import Transform
from lesionkit.errors import OutlineError
from lesionkit.geometry.polygon import ring_area
from lesionkit.geometry.voxels import inside as voxels_inside
from lesionkit.suggest.contour import outline_along
from lesionkit.suggest.edges import settle
from lesionkit.suggest.solid import CALCIUM_HU, densest_near, half_maximum

REACH = 0.5
"""How far an edge is sought from the carried line, in radii of a disc of its area."""

LEAST_LIKENESS = 0.35
"""Overlap over union of the carried and the moved line below which the edge found is another thing's."""

_ROOM_MM = 4.0


def carry_deposit(
    deposit: Deposit, transform: Transform, image: Image, *, refine: bool = True
) -> tuple[Region, ...]:
    """Return a deposit's regions as they lie on another image; none where they lie beside it.

    Each region goes as a whole with the part of the picture on which most of it lies, such as a finger;
    where that is not known to lie anywhere on the other image, it has none.

    Parameters
    ----------
    deposit : Deposit
        Of the earlier image.
    transform : Transform
        From the earlier image onto `image`.
    image : Image
        The later one.
    refine : bool
        Move lines to the edge near them (`lesionkit.suggest.edges.settle`), voxels on CT to half the way
        between tissue and deposit (`lesionkit.suggest.solid.half_maximum`). What is found so differs in place
        no more than `LEAST_LIKENESS` allows; else what was carried stays.
    """
    found: list[Region] = []
    for region in deposit.regions:
        if isinstance(region, Outline) and region.plane is None:
            rigid = transform.at(region.exterior)
            outline = _carry_outline(region, rigid, image) if _is_known(rigid, transform) else None
            if outline is not None:
                found.append(_settled(image, outline) if refine else outline)
        elif isinstance(region, Mask):
            rigid = transform.at(np.argwhere(region.voxels) + region.origin) if transform.parts else transform
            mask = _carry_mask(region, rigid, image) if _is_known(rigid, transform) else None
            if mask is not None:
                found.append(_regrown(image, mask) if refine else mask)
    return tuple(found)


def _is_known(part: Transform, whole: Transform) -> bool:
    """Whether a part lies as surely as the whole picture, which the caller believes."""
    return part.is_reliable or not whole.is_reliable


def _carry_outline(outline: Outline, transform: Transform, image: Image) -> Outline | None:
    ring = transform.carry(outline.exterior)
    if not np.isfinite(ring).all() or not image.grid.contains(ring.mean(axis=0))[0]:
        return None
    try:
        return outline_along(ring, image)
    except OutlineError:
        return None


def _settled(image: Image, outline: Outline) -> Outline:
    radius = float(np.sqrt(ring_area(outline.exterior) / np.pi))
    try:
        moved = settle(image, outline, reach=float(np.clip(REACH * radius, 3, 60)))
    except OutlineError:
        return outline
    return moved if _likeness(outline, moved) >= LEAST_LIKENESS else outline


def _likeness(one: Outline, other: Outline) -> float:
    from shapely import Polygon

    a, b = Polygon(one.exterior), Polygon(other.exterior)
    return float(a.intersection(b).area / a.union(b).area)


def _carry_mask(mask: Mask, transform: Transform, image: Image) -> Mask | None:
    """Return the voxels of the later volume whose centres lie in the earlier mask."""
    from scipy.ndimage import map_coordinates

    if mask.voxels.ndim != len(image.grid.shape):
        return None
    low = np.asarray(mask.origin) - 1
    high = np.asarray(mask.origin) + mask.voxels.shape
    corners = np.stack(np.meshgrid(*zip(low, high, strict=True), indexing="ij"), axis=-1).reshape(
        -1, len(low)
    )
    seen = transform.carry(corners)
    first = np.clip(np.floor(seen.min(axis=0)), 0, image.grid.shape).astype(int)
    last = np.clip(np.ceil(seen.max(axis=0)) + 1, 0, image.grid.shape).astype(int)
    if (last <= first).any():
        return None
    lattice = np.stack(np.meshgrid(*map(np.arange, first, last), indexing="ij"), axis=-1)
    back = transform.inverse().carry(lattice.reshape(-1, len(low))) - low
    padded = np.pad(voxels_inside(mask).astype(np.float32), 1)
    held = map_coordinates(padded, back.T, order=1, mode="constant").reshape(lattice.shape[:-1]) >= 0.5
    return _placed(held, first)


def _regrown(image: Image, mask: Mask) -> Mask:
    """Return a carried mask cut anew where the density falls, or as it was where that does not fit."""
    from scipy.ndimage import distance_transform_edt

    if image.modality is not Modality.CT:
        return mask
    spacing = image.grid.spacing_mm or (1.0,) * 3
    room = [int(np.ceil(_ROOM_MM / mm)) + 1 for mm in spacing]
    box = tuple(
        slice(max(s.start - r, 0), min(s.stop + r, n))
        for s, r, n in zip(mask.box, room, image.grid.shape, strict=True)
    )
    carried = np.zeros([s.stop - s.start for s in box], dtype=np.bool_)
    carried[tuple(slice(m.start - b.start, m.stop - b.start) for m, b in zip(mask.box, box, strict=True))] = (
        mask.voxels
    )
    hu = np.where(
        distance_transform_edt(~carried, sampling=spacing) <= _ROOM_MM, image.pixels[box], -1000
    ).astype(np.float32)
    start = _densest(hu, carried)
    if hu[start] < CALCIUM_HU:
        return mask
    found = half_maximum(hu, start)
    both, either = (found & carried).sum(), (found | carried).sum()
    fits = found.any() and both >= LEAST_LIKENESS * either
    return _placed(found, [s.start for s in box]) or mask if fits else mask


def _densest(hu: npt.NDArray[np.float32], carried: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    within = np.where(carried, hu, -2000)
    at = np.unravel_index(int(np.argmax(within)), within.shape)
    return densest_near(hu, tuple(int(i) for i in at), steps=1)


def _placed(held: npt.NDArray[np.bool_], first: npt.ArrayLike) -> Mask | None:
    if not held.any():
        return None
    cropped = Mask.cropped(held)
    origin = tuple(int(o + f) for o, f in zip(cropped.origin, np.asarray(first), strict=True))
    return Mask(voxels=cropped.voxels, origin=origin)
