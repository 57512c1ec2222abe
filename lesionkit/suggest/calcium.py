"""Every deposit of a CT proposed, bones left out."""

import numpy as np

from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Mask
from lesionkit.suggest.skeleton import LEAST_DEPOSIT_MM3, Thing, dense_things
from lesionkit.suggest.solid import CALCIUM_HU

_ROOM = 3
_SOFT_HU = (-300, CALCIUM_HU)
_IN_TISSUE = 0.5
_LEAST_VOXELS = 4


def propose_calcium(image: Image) -> tuple[Mask, ...]:
    """Return what in a CT is as dense as calcium, lies in soft tissue and is no bone.

    What is bone, and how deposits that touch it are parted, see `lesionkit.suggest.skeleton.dense_things`.
    Each is cut at half the way from the soft tissue around to its own density, as by
    `lesionkit.suggest.solid.grow_solid`. Calcified vessels, sesamoid bones and contrast medium are proposed
    as well: a person decides.

    Parameters
    ----------
    image : Image
        CT in HU.

    Returns
    -------
    tuple of Mask
        Largest first; none where nothing is found.

    Raises
    ------
    ValueError
        If it is no CT.
    """
    if image.modality is not Modality.CT:
        raise ValueError("calcium is known by its HU, which only CT has")
    numbers, things = dense_things(image)
    found = [
        mask
        for thing in things
        if not thing.is_bone and (mask := _deposit(image, numbers, thing)) is not None
    ]
    return tuple(sorted(found, key=lambda mask: -int(mask.voxels.sum())))


def _deposit(
    image: Image, numbers: np.ndarray[tuple[int, ...], np.dtype[np.int32]], thing: Thing
) -> Mask | None:
    from scipy.ndimage import binary_dilation, label

    box = tuple(
        slice(max(s.start - _ROOM, 0), min(s.stop + _ROOM, n))
        for s, n in zip(thing.box, image.grid.shape, strict=True)
    )
    hu = np.asarray(image.pixels[box])
    named = numbers[box]
    own = named == thing.number
    shell = binary_dilation(own, iterations=2) & (named == 0)
    soft = shell & (hu > _SOFT_HU[0]) & (hu < _SOFT_HU[1])
    if not shell.any() or soft.sum() < _IN_TISSUE * shell.sum():
        return None
    level = max((float(np.percentile(hu[own], 90)) + float(np.median(hu[soft]))) / 2, float(CALCIUM_HU))
    near = own | (binary_dilation(own) & (named == 0))
    pieces, count = label(near & (hu >= level))
    if count == 0:
        return None
    largest = int(np.argmax(np.bincount(pieces.ravel())[1:])) + 1
    inside = pieces == largest
    size_mm3 = float(inside.sum() * np.prod(image.grid.spacing_mm or (1.0, 1.0, 1.0)))
    if inside.sum() < _LEAST_VOXELS or size_mm3 < LEAST_DEPOSIT_MM3:
        return None
    mask = Mask.cropped(inside)
    return Mask(voxels=mask.voxels, origin=tuple(o + s.start for o, s in zip(mask.origin, box, strict=True)))
