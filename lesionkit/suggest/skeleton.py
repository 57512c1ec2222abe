"""Bones of a CT, told from deposits: long, or hollow, or running out of the volume."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lesionkit.core.image import Image
from lesionkit.core.region import Mask
from lesionkit.suggest.parting import Numbers, enclosed, parts

BONE_HU = 160
"""From here on a voxel is bone or deposit."""

LONG_MM = 60.0
HOLLOW = 0.10
"""Share of a bone that is marrow: enclosed, plane by plane, by what has half of its cortex' density."""

ENDS_CM3 = 0.5
"""From this size on, what runs out of the volume is a bone."""

LEAST_DEPOSIT_MM3 = 2.0
_LEAST_VOXELS = 4
_ALL = (slice(None),) * 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Thing:
    """A dense thing in a CT.

    Parameters
    ----------
    number : int
        In the array of `dense_things`.
    box : tuple of slice
        Where it lies.
    is_bone : bool
        Whether it belongs to the skeleton.
    """

    number: int
    box: tuple[slice, ...]
    is_bone: bool


def find_skeleton(image: Image) -> Mask | None:
    """Return the bones of a CT, marrow included; None where there are none.

    Parameters
    ----------
    image : Image
        CT in HU.
    """
    numbers, things = dense_things(image)
    bones = [thing.number for thing in things if thing.is_bone]
    inside = np.isin(numbers, bones)
    return Mask.cropped(inside) if inside.any() else None


def dense_things(image: Image) -> tuple[Numbers, tuple[Thing, ...]]:
    """Return a CT's dense voxels numbered by the thing they belong to, and those things.

    Voxels of at least `BONE_HU`, with what they enclose on any plane along the three axes (marrow), are
    parted at thin necks (`lesionkit.suggest.parting`), so that a deposit which touches a bone is a thing of
    its own. A thing is bone where it is longer than `LONG_MM` across its box, where more than `HOLLOW` of it
    is marrow, or where it runs out of the volume and is larger than `ENDS_CM3`.

    Parameters
    ----------
    image : Image
        CT in HU.
    """
    from scipy.ndimage import find_objects, label

    spacing = image.grid.spacing_mm or (1.0, 1.0, 1.0)
    dense = np.asarray(image.pixels >= BONE_HU)
    connected, _ = label(dense, structure=np.ones((3, 3, 3)))
    numbers = np.zeros(dense.shape, dtype=np.int32)
    things: list[Thing] = []
    for piece, box in enumerate(find_objects(connected), start=1):
        if box is None:
            continue
        own = connected[box] == piece
        if own.sum() < _LEAST_VOXELS:
            continue
        filled = own | enclosed(own)
        split = parts(filled, spacing_mm=spacing)
        for number in np.unique(split[split > 0]):
            here = split == number
            thing = _thing(image, here, box, spacing, number=len(things) + 1)
            numbers[box][here & (numbers[box] == 0)] = thing.number
            things.append(thing)
    return numbers, tuple(things)


def _thing(
    image: Image,
    here: npt.NDArray[np.bool_],
    box: tuple[slice, ...],
    spacing: tuple[float, ...],
    *,
    number: int,
) -> Thing:
    ends = [np.flatnonzero(here.any(axis=tuple(a for a in range(3) if a != axis))) for axis in range(3)]
    own = tuple(slice(b.start + int(e[0]), b.start + int(e[-1]) + 1) for b, e in zip(box, ends, strict=True))
    length = float(np.hypot.reduce([(s.stop - s.start) * mm for s, mm in zip(own, spacing, strict=True)]))
    volume_cm3 = float(here.sum() * np.prod(spacing)) / 1000
    leaves = any(s.start == 0 or s.stop == n for s, n in zip(own, image.grid.shape, strict=True))
    hu = np.asarray(image.pixels[box], dtype=np.float32)[here]
    is_bone = (
        length > LONG_MM or (leaves and volume_cm3 > ENDS_CM3) or _marrow_share(image, here, box, hu) > HOLLOW
    )
    return Thing(number=number, box=own, is_bone=is_bone)


def _marrow_share(
    image: Image, here: npt.NDArray[np.bool_], box: tuple[slice, ...], hu: npt.NDArray[np.float32]
) -> float:
    cortex = float(np.percentile(hu, 90))
    hard = here & (np.asarray(image.pixels[box]) >= cortex / 2)
    return float((enclosed(hard) & here).sum() / here.sum())
