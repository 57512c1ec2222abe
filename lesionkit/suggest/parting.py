"""Dense things that touch, parted where the bridge between them is thin."""

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int32]

NECK = 0.7
"""Two bellies are one where the bridge between is at least this share as thick as the thinner of them."""


def part_around(inside: Bools, start: tuple[int, ...], *, spacing_mm: tuple[float, ...] | None) -> Bools:
    """Return the part of connected voxels that holds one of them (`parts`); what they enclose is filled."""
    numbers = parts(inside | enclosed(inside), spacing_mm=spacing_mm)
    return np.asarray((numbers == numbers[start]) & inside)


def enclosed(inside: Bools) -> Bools:
    """Return the voxels outside that lie within on a plane along any axis, such as a bone's marrow."""
    from scipy.ndimage import binary_fill_holes

    inner = np.zeros_like(inside)
    for axis in range(inside.ndim):
        found = np.moveaxis(inner, axis, 0)
        for plane, drawn in enumerate(np.moveaxis(inside, axis, 0)):
            if drawn.any():
                found[plane] |= binary_fill_holes(drawn)
    return inner & ~inside


def parts(inside: Bools, *, spacing_mm: tuple[float, ...] | None) -> Numbers:
    """Return voxels numbered by the thing they belong to, 0 outside; what touches is parted at thin necks.

    The depth of a voxel is its distance to the nearest voxel outside. Every hill of depth is a belly
    (watershed of the depth); two bellies are joined where the greatest depth on the pass between them is at
    least `NECK` of the lower of their two greatest depths.

    Parameters
    ----------
    inside : ndarray of bool
        Two or three axes.
    spacing_mm : tuple of float, optional
        Of its axes.

    References
    ----------
    Vincent L, Soille P. Watersheds in digital spaces. IEEE Trans Pattern Anal Mach Intell 1991;13:583-598.
    """
    from scipy.ndimage import distance_transform_edt, label, maximum_filter
    from skimage.segmentation import watershed

    if not inside.any():
        return np.zeros(inside.shape, dtype=np.int32)
    # One voxel of air around: what reaches the window's side does not get deeper for it.
    padded = np.pad(inside, 1)
    depth = np.asarray(distance_transform_edt(padded, sampling=spacing_mm), dtype=np.float32)
    hills = (depth == maximum_filter(depth, size=3)) & padded
    markers, _ = label(hills, structure=np.ones((3,) * inside.ndim))
    named = np.asarray(watershed(-depth, markers, mask=padded), dtype=np.int32)
    joined = _joined(named, depth)[named]
    return np.asarray(joined[(slice(1, -1),) * inside.ndim], dtype=np.int32)


def _joined(named: Numbers, depth: npt.NDArray[np.float32]) -> Numbers:
    """Return the number of the thing that each belly belongs to."""
    count = int(named.max()) + 1
    top = np.zeros(count, dtype=np.float32)
    np.maximum.at(top, named.ravel(), depth.ravel())
    owner = np.arange(count, dtype=np.int32)
    for one, other, high in _passes(named, depth):
        first, second = _root(owner, one), _root(owner, other)
        if first != second and high >= NECK * min(top[first], top[second]):
            keep, lose = (first, second) if top[first] >= top[second] else (second, first)
            owner[lose] = keep
    return np.array([_root(owner, number) for number in range(count)], dtype=np.int32)


def _root(owner: Numbers, number: int) -> int:
    while owner[number] != number:
        number = int(owner[number])
    return number


def _passes(named: Numbers, depth: npt.NDArray[np.float32]) -> list[tuple[int, int, float]]:
    """Return pairs of neighbouring bellies with the greatest depth between them, the deepest pass first."""
    ends, heights = [], []
    for axis in range(named.ndim):
        low = tuple(slice(None, -1) if a == axis else slice(None) for a in range(named.ndim))
        high = tuple(slice(1, None) if a == axis else slice(None) for a in range(named.ndim))
        one, other = named[low], named[high]
        on = (one != other) & (one > 0) & (other > 0)
        ends.append(np.stack([np.minimum(one, other)[on], np.maximum(one, other)[on]], axis=1))
        heights.append(np.minimum(depth[low], depth[high])[on])
    pairs, height = np.concatenate(ends), np.concatenate(heights)
    order = np.argsort(-height, kind="stable")
    _, first = np.unique(pairs[order], axis=0, return_index=True)
    chosen = order[np.sort(first)]
    return [(int(a), int(b), float(h)) for (a, b), h in zip(pairs[chosen], height[chosen], strict=True)]
