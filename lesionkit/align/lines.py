"""What was drawn as closed lines, whichever way: photographs are compared along them."""

from collections.abc import Iterable

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.region import Mask, Outline, Region
from lesionkit.geometry.raster import edges


def outlines_of(regions: Iterable[Region]) -> tuple[Outline, ...]:
    """Return the outlines of regions of a planar image: those drawn, and those midway around masks.

    A yes-or-no mask is enclosed by the line midway between the centres of its pixels and of those beside
    it, by which its axes are measured too; that line encloses half a pixel less than the mask counts, and
    half a pixel more for each hole. A mask of fractions has no such line, and of a volume's there is more
    than one: neither is returned.

    Parameters
    ----------
    regions : iterable of Region
        Of one image.

    Examples
    --------
    >>> (outline,) = outlines_of([Mask(voxels=np.ones((1, 2), dtype=bool), origin=(3, 4))])
    >>> sorted(map(tuple, outline.exterior.tolist()))
    [(2.5, 4.0), (2.5, 5.0), (3.0, 3.5), (3.0, 5.5), (3.5, 4.0), (3.5, 5.0)]
    """
    found: list[Outline] = []
    for region in regions:
        if isinstance(region, Outline):
            found.append(region)
        elif _is_plain(region):
            found.extend(
                Outline(exterior=_midway(one.exterior), holes=tuple(map(_midway, one.holes)))
                for one in edges(region)
            )
    return tuple(found)


def has_line(region: Region) -> bool:
    """Return whether a region is an outline, or a mask that has one."""
    return isinstance(region, Outline) or _is_plain(region)


def _is_plain(mask: Mask) -> bool:
    return mask.voxels.ndim == 2 and not mask.is_fractional


def _midway(ring: Floats) -> Floats:
    """Return a ring along pixels' edges with each corner cut half a pixel before and after it."""
    before, after = np.roll(ring, 1, axis=0) - ring, np.roll(ring, -1, axis=0) - ring
    ends = [ring + step / np.linalg.norm(step, axis=1, keepdims=True) / 2 for step in (before, after)]
    points = np.stack(ends, axis=1).reshape(-1, 2)
    # A step of one pixel is cut from both sides in one place.
    return np.asarray(points[(points != np.roll(points, 1, axis=0)).any(axis=1)])
