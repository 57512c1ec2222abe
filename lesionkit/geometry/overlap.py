"""Whether two regions lie on the same ground."""

import numpy as np

from lesionkit.core.region import Outline, Region
from lesionkit.geometry import voxels
from lesionkit.geometry.raster import pixels

_TOUCH_PX2 = 1e-6
"""Area above which two outlines overlap; below it they only touch."""


def share_ground(one: Region, other: Region) -> bool:
    """Return whether two regions of one image have more than their edges in common.

    Outlines on one plane by their polygons; masks, and a mask with an outline, by their pixels.
    """
    if isinstance(one, Outline) and isinstance(other, Outline):
        from shapely import Polygon

        shapes = [Polygon(region.exterior, region.holes) for region in (one, other)]
        return one.plane == other.plane and bool(shapes[0].intersection(shapes[1]).area > _TOUCH_PX2)
    masks = [mask for mask in (pixels(one), pixels(other)) if mask is not None]
    if len(masks) < 2 or masks[0].voxels.ndim != masks[1].voxels.ndim:
        return False
    start = np.maximum(masks[0].origin, masks[1].origin)
    stop = np.minimum(*[np.add(mask.origin, mask.voxels.shape) for mask in masks])
    if (stop <= start).any():
        return False
    cuts = [
        voxels.inside(mask)[
            tuple(slice(a - o, b - o) for a, b, o in zip(start, stop, mask.origin, strict=True))
        ]
        for mask in masks
    ]
    return bool((cuts[0] & cuts[1]).any())
