"""What was drawn on an image's voxels, put back on them: axes in another order, turned round, or cropped."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.errors import OutlineError

TOLERANCE = 0.1
"""How far a voxel's centre may lie from the image's, in voxels: files round positions, but by less."""

_HINT = "Draw or export it again on this image, without resampling."


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """How an array lies on a grid of the same voxels.

    Parameters
    ----------
    order : tuple of int
        Axis of the array that runs along each axis of the grid.
    flipped : tuple of bool
        For each axis of the grid, whether the array runs against it.
    offset : tuple of int
        Index on the grid of the turned array's first voxel; may be negative.
    """

    order: tuple[int, ...]
    flipped: tuple[bool, ...]
    offset: tuple[int, ...]

    def turn(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return a view of the array with the grid's axes."""
        turns = tuple(slice(None, None, -1 if flipped else 1) for flipped in self.flipped)
        return array.transpose(self.order)[turns]


def place(shape: tuple[int, ...], affine: Floats, grid: Grid, *, tolerance: float = TOLERANCE) -> Placement:
    """Return how an array lies on a volume's grid.

    Both must describe the same voxels up to the order and sense of their axes and an offset by
    whole voxels. Sheared grids (gantry tilt) are compared as they are, by their affines.

    Parameters
    ----------
    shape : tuple of int
        The array's, three axes.
    affine : ndarray of float, shape (4, 4)
        Carries the array's indices to LPS mm.
    grid : Grid
        A volume's.
    tolerance : float
        Greatest distance between a voxel's centre and the grid's, in voxels along each axis,
        anywhere in the array.

    Raises
    ------
    OutlineError
        If it is another grid; the message says in which respect, and by how much.
    """
    if grid.affine is None:
        raise OutlineError("the image does not say where its voxels lie", hint="Use the DICOM series.")
    onto = np.linalg.inv(grid.affine) @ affine
    steps = np.rint(onto[:3, :3])
    shift = np.rint(onto[:3, 3])
    corners = np.array(list(product(*((0, n - 1) for n in shape))), dtype=np.float64)
    # One step along each axis is checked as well: a single plane has no other corner to be wrong at.
    corners = np.vstack([corners, np.eye(3)])
    off = np.abs(corners @ (onto[:3, :3] - steps).T + (onto[:3, 3] - shift)).max()
    if not _is_signed_permutation(steps) or not off <= tolerance:
        raise OutlineError(_difference(shape, affine, grid), hint=_HINT)
    order = tuple(int(axis) for axis in np.abs(steps).argmax(axis=1))
    flipped = tuple(bool(steps[k, axis] < 0) for k, axis in enumerate(order))
    offset = tuple(int(shift[k]) - (shape[axis] - 1 if flipped[k] else 0) for k, axis in enumerate(order))
    return Placement(order=order, flipped=flipped, offset=offset)


def place_planar(shape: tuple[int, ...], grid: Grid, *, offset: tuple[int, int] | None = None) -> Placement:
    """Return how an array lies on a planar image: pixel on pixel, as files of radiographs have it.

    Raises
    ------
    OutlineError
        If it has another shape (or, with an offset, where it is told to lie, does not fit in).
    """
    if offset is None and shape != grid.shape:
        raise OutlineError(f"it has {_times(shape)} pixels, the image {_times(grid.shape)}", hint=_HINT)
    return Placement(order=(0, 1), flipped=(False, False), offset=offset or (0, 0))


def onto_grid(
    array: npt.NDArray[Any], affine: Floats | None, grid: Grid, *, tolerance: float = TOLERANCE
) -> npt.NDArray[Any]:
    """Return an array on an image's grid: the same voxels, in the image's order, zero elsewhere.

    Nothing is resampled.

    Parameters
    ----------
    array : ndarray, shape (p, r, c), or (r, c) for a planar image
        Labels or fractions; 0 is background.
    affine : ndarray of float, shape (4, 4), optional
        Carries the array's indices to LPS mm; not used for a planar image, which it must fill.
    grid : Grid
        The image's.
    tolerance : float
        As of `place`.

    Returns
    -------
    ndarray, shape of the grid
        A view of `array` where it fills the grid.

    Raises
    ------
    OutlineError
        If it is another grid, or something but background lies outside it.
    """
    if grid.is_planar:
        placement = place_planar(array.shape, grid)
    elif affine is None or array.ndim != 3:
        raise OutlineError("a planar array does not lie on a volume", hint=_HINT)
    else:
        placement = place(array.shape, affine, grid, tolerance=tolerance)
    turned = placement.turn(array)
    if turned.shape == grid.shape and not any(placement.offset):
        return turned
    out = np.zeros(grid.shape, dtype=array.dtype)
    spans = [
        (max(o, 0), min(o + n, size))
        for o, n, size in zip(placement.offset, turned.shape, grid.shape, strict=True)
    ]
    there = tuple(slice(low, max(low, high)) for low, high in spans)
    here = tuple(slice(s.start - o, s.stop - o) for s, o in zip(there, placement.offset, strict=True))
    kept = turned[here] if all(s.stop > s.start for s in there) else turned[:0]
    lost = int(np.count_nonzero(turned)) - int(np.count_nonzero(kept))
    if lost:
        raise outside(lost)
    if kept.size:
        out[there] = kept
    return out


def outside(voxels: int, *, of: str = "it") -> OutlineError:
    """Return the error that so many drawn voxels of something lie outside the image."""
    return OutlineError(f"{voxels} voxels of {of} lie outside the image", hint=_HINT)


def _is_signed_permutation(steps: Floats) -> bool:
    ones = np.abs(steps)
    return bool((ones.sum(axis=0) == 1).all() and (ones.sum(axis=1) == 1).all())


def _difference(shape: tuple[int, ...], affine: Floats, grid: Grid) -> str:
    assert grid.affine is not None
    theirs, ours = affine[:3, :3], grid.affine[:3, :3]
    their_mm, our_mm = np.linalg.norm(theirs, axis=0), np.linalg.norm(ours, axis=0)
    cosines = np.abs((ours / our_mm).T @ (theirs / their_mm))
    order = cosines.argmax(axis=1)
    angle = np.degrees(np.arccos(np.clip(cosines.max(axis=1), 0, 1))).max()
    if sorted(order) != [0, 1, 2] or angle > 0.1:
        return f"its axes are turned against the image's by {angle:.2g} degrees"
    if np.abs(their_mm[order] / our_mm - 1).max() > 1e-3:
        return f"its voxels measure {_mm(their_mm[order])}, the image's {_mm(our_mm)}"
    onto = np.linalg.inv(grid.affine) @ affine
    off = np.linalg.norm(ours @ (onto[:3, 3] - np.rint(onto[:3, 3])))
    return (
        f"its voxels lie between the image's, {off:.2g} mm off at the first, "
        f"or drift away from them over its {_times(tuple(shape[axis] for axis in order))} voxels"
    )


def _mm(steps: Floats) -> str:
    return " × ".join(f"{step:.4g}" for step in steps) + " mm"


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(str(n) for n in shape)
