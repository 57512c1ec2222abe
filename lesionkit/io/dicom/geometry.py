"""Where the slices of a volume lie: their order, their distances, their affine.

Only ImagePositionPatient projected on the normal of ImageOrientationPatient is believed; numbers of
slices, SliceLocation, SliceThickness and SpacingBetweenSlices are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.outcome import Severity
from lesionkit.io.dicom.flaw import Flaw
from lesionkit.io.dicom.header import Slice

SAME_PLACE_MM = 0.01
"""Planes closer than this lie at one place: positions are often rounded to a hundredth."""

UNEVEN_REL = 0.01
"""Greatest deviation of a distance between slices from their usual one (as highdicom has it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Slices in the order of their planes, and where they lie.

    Parameters
    ----------
    slices : tuple of Slice
        In plane order.
    grid : Grid
        Of the volume.
    flaws : tuple of Flaw
        Warnings: the volume can be used.
    """

    slices: tuple[Slice, ...]
    grid: Grid
    flaws: tuple[Flaw, ...] = ()


def first_missing(item: Slice) -> str | None:
    """Return the first element without which a slice cannot be placed; None where it has them all."""
    for name, value in (
        ("ImagePositionPatient", item.position),
        ("ImageOrientationPatient", item.orientation),
        ("PixelSpacing", item.spacing),
    ):
        if value is None:
            return name
    assert item.orientation is not None
    return None if _is_orthonormal(item.orientation) else "ImageOrientationPatient"


@lru_cache(maxsize=1024)
def _is_orthonormal(orientation: tuple[float, ...]) -> bool:
    along_row, along_col = np.reshape(np.asarray(orientation, dtype=np.float64), (2, 3))
    lengths = np.linalg.norm([along_row, along_col], axis=1)
    return bool(np.allclose(lengths, 1, atol=1e-2) and abs(along_row @ along_col) < 1e-2)


def cosines(item: Slice) -> tuple[Floats, Floats, Floats]:
    """Return unit vectors in LPS: along a row (towards the next column), along a column, and their normal."""
    along_row, along_col = np.reshape(np.asarray(item.orientation, dtype=np.float64), (2, 3))
    normal = np.cross(along_row, along_col)
    normal /= np.linalg.norm(normal)
    along_row = along_row / np.linalg.norm(along_row)
    # The rounding of the cosines goes into the columns, so that the voxel's volume is exact.
    return along_row, np.cross(normal, along_row), normal


def heights(slices: Sequence[Slice]) -> Floats:
    """Return the places of slices along the normal of the first, mm, shape (n,)."""
    positions = np.array([item.position for item in slices], dtype=np.float64)
    return np.asarray(positions @ cosines(slices[0])[2])


def stack(slices: Sequence[Slice]) -> Stack | Flaw:
    """Return slices as one volume, or what keeps them from being one.

    Planes follow each other against the normal, which makes ``(plane, row, col)`` right-handed in
    LPS. Under gantry tilt the step from plane to plane is not along the normal: the affine is sheared
    and the plane spacing is the step's part along the normal, so that the voxel's volume is right.

    Parameters
    ----------
    slices : sequence of Slice
        At least one; of one shape, orientation and pixel spacing, each placed, no two at one place.

    Returns
    -------
    Stack or Flaw
    """
    # 0.0 - heights rather than a reversed sort: equal heights keep their order.
    order = np.argsort(0.0 - heights(slices), kind="stable")
    ordered = tuple(slices[index] for index in order)
    if len(ordered) == 1:
        return _single(ordered[0])
    positions = np.array([item.position for item in ordered], dtype=np.float64)
    flaw = _uneven(ordered) or _crooked(ordered, positions)
    if flaw is not None:
        return flaw
    step = (positions[-1] - positions[0]) / (len(ordered) - 1)
    depth = -float(step @ cosines(ordered[0])[2])
    return Stack(slices=ordered, grid=_grid(ordered, step, depth))


def _grid(slices: tuple[Slice, ...], step: Floats, depth: float) -> Grid:
    first = slices[0]
    assert first.spacing is not None
    assert first.position is not None
    along_row, along_col, _ = cosines(first)
    affine = np.eye(4)
    affine[:3, 0] = step
    affine[:3, 1] = along_col * first.spacing[0]
    affine[:3, 2] = along_row * first.spacing[1]
    affine[:3, 3] = first.position
    return Grid(
        shape=(len(slices), *first.shape),
        spacing_mm=(depth, *first.spacing),
        affine=affine,
        frame_of_reference=first.frame_of_reference or None,
        scale_source=ScaleSource.PATIENT_PLANE,
    )


def _single(item: Slice) -> Stack:
    if item.thickness is None:
        return Stack(
            slices=(item,),
            grid=Grid(shape=(1, *item.shape)),
            flaws=(
                Flaw(
                    severity=Severity.WARNING,
                    code="no_slice_thickness",
                    text="The series is one slice whose thickness is not given: it is measured in pixels.",
                    hint="Export the whole series.",
                ),
            ),
        )
    step = cosines(item)[2] * -item.thickness
    flaw = Flaw(
        severity=Severity.WARNING,
        code="single_slice",
        text=f"The series is one slice: volume is taken over its thickness of {item.thickness:g} mm.",
        hint="Export the whole series.",
    )
    return Stack(slices=(item,), grid=_grid((item,), step, item.thickness), flaws=(flaw,))


def _uneven(slices: tuple[Slice, ...]) -> Flaw | None:
    """Return what is wrong with the distances between slices; `slices` in plane order."""
    places = heights(slices)
    gaps = -np.diff(places)
    usual = float(np.sort(gaps)[(len(gaps) - 1) // 2])
    allowed = max(UNEVEN_REL * usual, SAME_PLACE_MM) + 1e-6
    wrong = np.flatnonzero(np.abs(gaps - usual) > allowed)
    if not len(wrong):
        return None
    counts = np.rint(gaps[wrong] / usual)
    if (np.abs(gaps[wrong] - counts * usual) <= counts * allowed).all() and (counts >= 2).all():
        first, missing = wrong[0], int(counts.sum() - len(counts))
        return Flaw(
            severity=Severity.ERROR,
            code="missing_slices",
            text=(
                f"{missing} slice{'s are' if missing > 1 else ' is'} missing, the first between "
                f"{_between(slices, int(first))}, where slices lie {usual:.4g} mm apart: "
                "it is left out."
            ),
            hint="Export the whole series.",
        )
    first = wrong[0]
    return Flaw(
        severity=Severity.ERROR,
        code="uneven_slices",
        text=(
            f"The slices are not evenly spaced: {gaps[first]:.4g} mm instead of {usual:.4g} mm "
            f"between {_between(slices, int(first))}: it is left out."
        ),
        hint="Export one reconstruction with even spacing.",
    )


def _between(slices: tuple[Slice, ...], index: int) -> str:
    """Return the places of a slice and the next, counted as DICOM counts them on the nearest axis."""
    normal = cosines(slices[0])[2]
    sign = np.sign(normal[np.argmax(np.abs(normal))])
    low, high = sorted(float(value) for value in (heights(slices) * sign)[index : index + 2])
    return f"{low:.4g} mm and {high:.4g} mm".replace("-", "−")


def _crooked(slices: tuple[Slice, ...], positions: Floats) -> Flaw | None:
    """Return what is wrong where slices do not follow each other on a straight line."""
    assert slices[0].spacing is not None
    share = np.linspace(0, 1, len(slices))[:, None]
    aside = np.linalg.norm(positions - (positions[0] + share * (positions[-1] - positions[0])), axis=1)
    step = float(np.linalg.norm(positions[-1] - positions[0])) / (len(slices) - 1)
    worst = int(np.argmax(aside))
    if aside[worst] <= max(0.1 * min(slices[0].spacing), 0.05 * step, 2 * SAME_PLACE_MM):
        return None
    return Flaw(
        severity=Severity.ERROR,
        code="uneven_slices",
        text=(
            f"The slices do not lie on a straight line: one lies {aside[worst]:.4g} mm aside, "
            f"next to {_between(slices, min(worst, len(slices) - 2))}: it is left out."
        ),
        hint="Export one reconstruction with even spacing.",
    )
