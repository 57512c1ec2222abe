"""A deposit as voxels, for formats that hold nothing else."""

from lesionkit.core.region import Deposit, Mask, Outline
from lesionkit.geometry import voxels
from lesionkit.geometry.raster import coverage, pixels


def mask_of(deposit: Deposit, *, shape: tuple[int, ...], fractional: bool) -> Mask | None:
    """Return all of a deposit as one mask; None where no pixel's centre lies inside.

    Parameters
    ----------
    deposit : Deposit
        Outlines or masks.
    shape : tuple of int
        Of the image.
    fractional : bool
        Of outlines: the exact part of each pixel that lies inside, instead of the pixels whose centres do.
        Masks are taken as they are.
    """
    outlines = [region for region in deposit.regions if isinstance(region, Outline)]
    masks = [region for region in deposit.regions if isinstance(region, Mask)]
    if fractional:
        planes = sorted({outline.plane for outline in outlines}, key=lambda plane: plane or 0)
        masks += [coverage([outline for outline in outlines if outline.plane == plane]) for plane in planes]
    else:
        drawn = (pixels(outline, shape=shape) for outline in outlines)
        masks += [mask for mask in drawn if mask is not None]
    return voxels.union(masks) if masks else None
