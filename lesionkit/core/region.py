"""What was drawn: closed outlines, voxel masks, and the deposits they make up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats, frozen
from lesionkit.core.grid import ScaleClaim
from lesionkit.errors import OutlineError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outline:
    """A closed line with holes on one plane of an image.

    Parameters
    ----------
    exterior : array_like, shape (n, 2)
        ``(row, col)`` in pixels, centres on integers; not repeated at the end.
    holes : tuple of array_like, shape (m, 2)
        What is taken out.
    plane : int, optional
        Plane of a volume; None on a planar image.

    Raises
    ------
    OutlineError
        If a ring has fewer than three distinct points, encloses no area, crosses itself, or a hole
        does not lie inside the exterior.
    """

    exterior: Floats
    holes: tuple[Floats, ...] = ()
    plane: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "exterior", _ring(self.exterior))
        object.__setattr__(self, "holes", tuple(_ring(hole) for hole in self.holes))
        _must_be_simple(self.exterior, self.holes)

    @property
    def rings(self) -> tuple[Floats, ...]:
        """The exterior, then the holes."""
        return (self.exterior, *self.holes)


def _ring(points: npt.ArrayLike) -> Floats:
    ring = np.asarray(points, dtype=np.float64)
    if ring.ndim != 2 or ring.shape[1] != 2 or not np.isfinite(ring).all():
        raise OutlineError("an outline is a list of (row, column) points")
    if len(ring) > 1 and np.array_equal(ring[0], ring[-1]):
        ring = ring[:-1]
    if len(np.unique(ring, axis=0)) < 3:
        raise OutlineError(
            "an outline needs at least three different points",
            hint="Draw it again: a point or a line encloses no area.",
        )
    return frozen(ring)


def _must_be_simple(exterior: Floats, holes: tuple[Floats, ...]) -> None:
    # Shapely (GEOS) decides validity: it knows touching rings, nested holes and near-parallel
    # crossings, which a home-made test gets wrong. Loaded here so that `import lesionkit` stays light.
    from shapely import Polygon
    from shapely.validation import explain_validity

    if any(Polygon(ring).convex_hull.area == 0 for ring in (exterior, *holes)):
        raise OutlineError("the outline encloses no area", hint="Draw it again around the deposit.")
    polygon = Polygon(exterior[:, ::-1], [hole[:, ::-1] for hole in holes])
    if not polygon.is_valid:
        reason = explain_validity(polygon)
        problem = "crosses itself" if "Self-intersection" in reason else "is not a simple closed line"
        raise OutlineError(
            f"the outline {problem} ({reason}, as x y in pixels)",
            hint="Draw it again so that the line meets itself only at its end.",
        )
    if polygon.area == 0:
        raise OutlineError("the outline encloses no area", hint="Draw it again around the deposit.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mask:
    """Voxels of a volume (or pixels of a planar image), cropped to their box.

    Parameters
    ----------
    voxels : array_like, shape (planes, rows, cols) or (rows, cols)
        bool, or float32 fractions 0 to 1 of each voxel that belongs to the region.
    origin : tuple of int
        Index in the image of ``voxels[0, ...]``.

    Raises
    ------
    OutlineError
        If no voxel belongs to it, or a fraction lies outside 0 to 1.
    """

    voxels: npt.NDArray[Any]
    origin: tuple[int, ...]

    def __post_init__(self) -> None:
        voxels = np.asarray(self.voxels)
        if voxels.dtype != np.bool_:
            voxels = voxels.astype(np.float32, copy=False)
            if not (np.isfinite(voxels).all() and voxels.min() >= 0 and voxels.max() <= 1):
                raise OutlineError("the fractions of a mask lie between 0 and 1")
        if len(self.origin) != voxels.ndim or voxels.ndim not in (2, 3):
            raise ValueError("a mask's origin has one index per axis")
        if not voxels.any():
            raise OutlineError("a mask without a voxel is no region", hint="Remove the empty segment.")
        object.__setattr__(self, "voxels", frozen(voxels, voxels.dtype))

    @classmethod
    def cropped(cls, voxels: npt.NDArray[Any]) -> "Mask":
        """Return the mask of an array as large as the image, cropped to its non-zero box.

        Raises
        ------
        OutlineError
            If no voxel is set.
        """
        box = []
        for axis in range(voxels.ndim):
            others = tuple(a for a in range(voxels.ndim) if a != axis)
            hits = np.flatnonzero(voxels.any(axis=others))
            if len(hits) == 0:
                raise OutlineError("a mask without a voxel is no region", hint="Remove the empty segment.")
            box.append(slice(int(hits[0]), int(hits[-1]) + 1))
        return cls(voxels=voxels[tuple(box)], origin=tuple(s.start for s in box))

    @property
    def box(self) -> tuple[slice, ...]:
        """Where it lies in the image's array."""
        return tuple(slice(o, o + n) for o, n in zip(self.origin, self.voxels.shape, strict=True))

    @property
    def is_fractional(self) -> bool:
        """Whether voxels may belong in part."""
        return self.voxels.dtype != np.bool_


Region = Outline | Mask


class Status(StrEnum):
    """How far a person stands behind an outline."""

    SUGGESTED = "suggested"
    """Proposed by a program; measured, but no response is built on it."""
    DRAWN = "drawn"
    CONFIRMED = "confirmed"
    EXCISED = "excised"
    """Where a deposit was that a surgeon took out: absent, and not by any response."""
    EXTRUDED = "extruded"
    """The same of one that came out through the skin."""
    NOT_ASSESSABLE = "not-assessable"
    """Where a deposit is known to be, or was, but cannot be judged on this image: unseen, not absent."""

    @property
    def is_removed(self) -> bool:
        """Whether it tells where a deposit was, not that there is one."""
        return self in (Status.EXCISED, Status.EXTRUDED)

    @property
    def is_place_only(self) -> bool:
        """Whether its line marks a place, and is no outline to be measured."""
        return self.is_removed or self is Status.NOT_ASSESSABLE


class Role(StrEnum):
    """What a deposit is followed for."""

    TARGET = "target"
    NON_TARGET = "non-target"
    CONTROL = "control"


def program_and_version(author: str) -> tuple[str, str]:
    """Return the name and the version of a program that drew, as its author's line has them.

    The version is the first word after the first that begins with a digit (and, perhaps, a ``v``); the other
    words are the name. Without one it is empty.

    Examples
    --------
    >>> program_and_version("lesionkit 0.1.0 propagate"), program_and_version("3D Slicer 5.6")
    (('lesionkit propagate', '0.1.0'), ('3D Slicer', '5.6'))
    """
    words = author.split()
    for place, word in enumerate(words[1:], start=1):
        if word.removeprefix("v")[:1].isdigit():
            return " ".join((*words[:place], *words[place + 1 :])), word
    return " ".join(words), ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Deposit:
    """One calcinosis deposit as seen once.

    Parameters
    ----------
    id : str
        Unique in its image: the given name, or a number in the order of the file.
    image : str
        Id of the image it was seen on.
    regions : tuple of Region
        At least one; several where the deposit lies in parts.
    name : str, optional
        Given by a person: equal names are the same deposit at every timepoint.
    status : Status
        How far a person stands behind it.
    role : Role, optional
        What it is followed for.
    author : str
        Who drew it; a program names its version.
    drawn_at : str
        ISO 8601 time, empty where not known.
    tracking_uid : str, optional
        DICOM TrackingUID given to the deposit before.
    properties : Mapping of str to object
        Whatever else the file said of it; kept when it is written again.

    Raises
    ------
    ValueError
        If there is no region.
    """

    id: str
    image: str
    regions: tuple[Region, ...]
    name: str | None = None
    status: Status = Status.DRAWN
    role: Role | None = None
    author: str = ""
    drawn_at: str = ""
    tracking_uid: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.regions:
            raise ValueError(f"deposit {self.id} has no region")
        object.__setattr__(self, "properties", MappingProxyType(dict(self.properties)))

    @property
    def counts(self) -> bool:
        """Whether responses may be built on it: a suggestion does not count until confirmed."""
        return self.status in (Status.DRAWN, Status.CONFIRMED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawing:
    """What one reader left of one image: its deposits, none where they looked and saw nothing.

    An image without a drawing has not been read: its deposits are unseen, not absent.

    Parameters
    ----------
    image : str
        Id of the image.
    deposits : tuple of Deposit
        In the order of the file.
    reader : str
        Who drew it, from the file's name; empty for the common reading.
    scale_claims : tuple of ScaleClaim
        What the file says of the image's scale.
    files : tuple of Path
        Where it was read from.
    removed : tuple of Deposit
        Where deposits were that a person says are excised or extruded.
    unjudged : tuple of Deposit
        Where deposits are that a person says cannot be judged on this image; they are left out too.
    left_out : tuple of str
        Names (or numbers) of deposits that were drawn but cannot be used. While there is one, a
        deposit that is not among `deposits` is unseen rather than absent.
    landmarks : Mapping of str to (float, float)
        Places a person marked, ``(row, col)`` by name: equal names are the same place on every picture.
    areas : Mapping of str to tuple of Outline
        Regions of interest a person marked, by name; they are no deposits.
    """

    image: str
    deposits: tuple[Deposit, ...] = ()
    reader: str = ""
    scale_claims: tuple[ScaleClaim, ...] = ()
    removed: tuple[Deposit, ...] = ()
    unjudged: tuple[Deposit, ...] = ()
    files: tuple[Path, ...] = ()
    left_out: tuple[str, ...] = ()
    landmarks: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    areas: Mapping[str, tuple[Outline, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "landmarks", MappingProxyType(dict(self.landmarks)))
        object.__setattr__(self, "areas", MappingProxyType(dict(self.areas)))

    @property
    def tells_nothing(self) -> bool:
        """Whether nothing drawn can be used: that is neither a deposit nor its absence."""
        return bool(self.left_out) and not (self.deposits or self.removed)

    @property
    def is_pending(self) -> bool:
        """Whether it holds suggestions only, on which no one has decided yet."""
        return bool(self.deposits) and not any(deposit.counts for deposit in self.deposits)
