"""Where a deposit lies once it is carried onto the first image of its series of readings.

Outlines and points are carried, never pixels: resampling a mask may itself split or merge deposits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid
from lesionkit.core.region import Deposit, Mask, Outline, Region
from lesionkit.core.track import Reading
from lesionkit.core.transform import Transform
from lesionkit.core.units import Unit
from lesionkit.geometry.polygon import area
from lesionkit.geometry.raster import contains, sample
from lesionkit.geometry.voxels import voxel_sum

POINTS = 1000
"""Points that stand for the box of a region: a share of it is then known to about 1 %."""


CLOUD = 64
"""Points that stand for a deposit when distances are taken."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """One reading and how its image lies against the first one.

    Parameters
    ----------
    index : int
        Place of the reading in time.
    reading : Reading
        What was found.
    transform : Transform
        Carries its pixel coordinates onto the first image's.
    residual : float, optional
        What the alignment leaves, in the first grid's length unit; None where it is not known.
    """

    index: int
    reading: Reading
    transform: Transform
    residual: float | None

    @property
    def onto_first(self) -> Floats:
        """The matrix of what did not move by itself, shape (d + 1, d + 1)."""
        return self.transform.matrix

    @property
    def is_reliable(self) -> bool:
        """Whether the alignment passed its checks."""
        return self.transform.is_reliable

    def at(self, points: Floats, first: Grid) -> "View":
        """Return how the image lies where most of some of its points do: on a finger, as the finger."""
        transform = self.transform.at(points)
        return replace(self, transform=transform, residual=_residual(transform, first))

    def knows(self, points: Floats) -> bool:
        """Whether the alignment is believed at all points, given on the first image."""
        unsure = [part for part in self.transform.inverse().parts if not part.is_reliable]
        return self.is_reliable and not any(part.holds(points).any() for part in unsure)

    def shows(self, points: Floats) -> npt.NDArray[np.bool_]:
        """Return which points, given on the first image, lie on this one."""
        back = self.transform.inverse()
        # Behind the horizon of a perspective a point would come back from the other side.
        centre = self.onto_first @ np.append((np.asarray(self.reading.grid.shape) - 1) / 2, 1.0)
        weights = points @ back.matrix[-1, :-1] + back.matrix[-1, -1]
        ahead = weights * float(np.sign(back.matrix[-1] @ (centre / centre[-1]))) > 0
        return np.asarray(ahead & self.reading.grid.contains(back.carry(points)))


def view_readings(readings: tuple[Reading, ...], transforms: Mapping[str, Transform]) -> tuple[View, ...]:
    """Return the readings with their places on the first image.

    A reading without a transform lies where its pixel coordinates say, which nobody has checked.
    """
    views = []
    for index, reading in enumerate(readings):
        axes = len(reading.grid.shape)
        transform = transforms.get(reading.image) or Transform.identity(
            reading.image, readings[0].image, axes=axes, is_reliable=index == 0
        )
        if transform.matrix.shape != (axes + 1, axes + 1):
            raise ValueError(f"the transform of {reading.image} has not the {axes} axes of its image")
        views.append(
            View(
                index=index,
                reading=reading,
                transform=transform,
                residual=_residual(transform, readings[0].grid),
            )
        )
    return tuple(views)


def _residual(transform: Transform, first: Grid) -> float | None:
    if transform.residual is None:
        return None
    if transform.residual.unit == first.length_unit:
        return transform.residual.value
    if transform.residual.unit is Unit.PX and first.spacing_mm is not None:
        return transform.residual.value * max(first.spacing_mm)
    return None


@dataclass(frozen=True, kw_only=True, eq=False)
class Footprint:
    """A deposit carried onto the first image.

    Parameters
    ----------
    view : View
        The reading it belongs to; kept is how that lies where most of the deposit does.
    deposit : Deposit
        What was drawn.
    first : Grid
        Grid of the first image.
    """

    view: View
    deposit: Deposit
    first: Grid

    def __post_init__(self) -> None:
        if self.view.transform.parts:
            object.__setattr__(self, "view", self.view.at(self.own_points, self.first))

    @cached_property
    def own_points(self) -> Floats:
        """Points of its inside in its own image's pixels."""
        most = max(1, POINTS // len(self.deposit.regions))
        return np.vstack([_points(region, most=most) for region in self.deposit.regions])

    @cached_property
    def points(self) -> Floats:
        """The same points in pixels of the first image."""
        return homogeneous(self.view.onto_first, self.own_points)

    @cached_property
    def places(self) -> Floats:
        """The same points and the corners of its outlines, in the first grid's length unit."""
        drawn = [_vertices(region) for region in self.deposit.regions if isinstance(region, Outline)]
        corners = homogeneous(self.view.onto_first, np.vstack(drawn)) if drawn else self.points[:0]
        return self.first.locate(np.vstack([self.points, corners]))

    @cached_property
    def middle(self) -> Floats:
        """Mean of its points in the first grid's length unit, shape (d,)."""
        return np.asarray(self.first.locate(self.points).mean(axis=0))

    @cached_property
    def _few(self) -> npt.NDArray[np.intp]:
        return np.linspace(0, len(self.own_points) - 1, CLOUD).round().astype(np.intp)

    @cached_property
    def cloud(self) -> Floats:
        """`CLOUD` of its points in the first grid's length unit, shape (`CLOUD`, d); few are repeated."""
        return self.first.locate(self.points[self._few])

    @cached_property
    def cloud_middle(self) -> Floats:
        """Mean of its cloud, shape (d,)."""
        return np.asarray(self.cloud.mean(axis=0))

    @cached_property
    def grain(self) -> float:
        """How far a place within it lies from the nearest point of its cloud, about."""
        axes = len(self._pixel)
        size = float(size_of_radius(self.radius, axes=axes))
        # Six tenths of the spacing: points on a square lattice lie 0.71 of it from its holes.
        return float(0.6 * (size / min(CLOUD, len(self.points))) ** (1 / axes))

    @cached_property
    def centre(self) -> Floats:
        """Mean of its points in pixels of the first image, shape (d,)."""
        return np.asarray(self.points.mean(axis=0))

    @property
    def spot(self) -> tuple[int, ...]:
        """The pixel of its own image in which its mean lies."""
        return tuple(round(float(value)) for value in self.own_points.mean(axis=0))

    @cached_property
    def _own_corners(self) -> tuple[Floats, ...]:
        return tuple(_corners(region) for region in self.deposit.regions)

    @cached_property
    def box(self) -> tuple[Floats, Floats]:
        """Lowest and highest corner of a box on the first image that holds it."""
        carried = homogeneous(self.view.onto_first, np.vstack(self._own_corners))
        return carried.min(axis=0), carried.max(axis=0)

    @cached_property
    def _pixel(self) -> Floats:
        """Sides of one of its own pixels, carried onto the first image, one per row."""
        middle = np.asarray(self.own_points.mean(axis=0), dtype=np.float64)
        steps = np.vstack([middle, middle + np.eye(len(middle))])
        located = self.first.locate(homogeneous(self.view.onto_first, steps))
        return np.asarray(located[1:] - located[0])

    @cached_property
    def pitch(self) -> float:
        """Longest side of one of its pixels, in the first grid's length unit."""
        return float(np.linalg.norm(self._pixel, axis=1).max())

    @cached_property
    def radius(self) -> float:
        """Radius of the disc (the ball) of its size, in the first grid's length unit."""
        count = sum(_pixel_count(region) for region in self.deposit.regions)
        size = count * abs(float(np.linalg.det(self._pixel)))
        if len(self._pixel) == 2:
            return float(np.sqrt(size / np.pi))
        return float(np.cbrt(3 * size / (4 * np.pi)))

    @property
    def key(self) -> tuple[object, ...]:
        """What it is sorted by: its place, so that the order in the file does not matter."""
        # Rounded, so that the last digit of a sum does not decide between equal rows.
        return (self.view.index, *(round(float(value), 3) for value in self.centre), self.deposit.id)

    def share_within(self, other: "Footprint") -> float:
        """Return the share of this deposit that lies inside another."""
        return float(self._inside(self.own_points, other).mean())

    def is_on(self, other: "Footprint") -> bool:
        """Whether any of this deposit lies inside another."""
        # A few points mostly tell.
        asked = (self.own_points[self._few], self.own_points)
        return any(self._inside(points, other).any() for points in asked)

    def _inside(self, points: Floats, other: "Footprint") -> npt.NDArray[np.bool_]:
        onto_other = np.linalg.inv(other.view.onto_first) @ self.view.onto_first
        there = homogeneous(onto_other, points)
        inside = np.zeros(len(there), dtype=np.bool_)
        for region, corners in zip(other.deposit.regions, other._own_corners, strict=True):
            near = ((there >= corners.min(axis=0)) & (there <= corners.max(axis=0))).all(axis=1)
            near &= ~inside
            if near.any():
                inside[near] = contains(region, there[near])
        return inside


def size_of_radius(radius: npt.ArrayLike, *, axes: int) -> Floats:
    """Return the area of discs or the volume of balls."""
    radii = np.asarray(radius, dtype=np.float64)
    return np.asarray(np.pi * radii**2 if axes == 2 else 4 / 3 * np.pi * radii**3)


def _points(region: Region, *, most: int) -> Floats:
    """Evenly spread points of a region: of a mask every so many voxels, of an outline a lattice.

    The lattice is as fine as the outline is small, so that one of a few pixels is not cut to steps.
    """
    if isinstance(region, Mask):
        points = sample(region)
        # An odd step does not fall in with the even lengths of most rows.
        return points[:: len(points) // (4 * most) | 1]
    low, high = region.exterior.min(axis=0), region.exterior.max(axis=0)
    step = float(np.sqrt(np.prod(high - low) / most))
    counts = np.maximum(1, np.round((high - low) / step)).astype(int)
    axes = [a + (np.arange(n) + 0.5) * (b - a) / n for a, b, n in zip(low, high, counts, strict=True)]
    lattice = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    points = _on_plane(lattice, region.plane)
    inside = points[contains(region, points)]
    return inside if len(inside) else _vertices(region)


def _vertices(outline: Outline) -> Floats:
    return _on_plane(outline.exterior, outline.plane)


def _on_plane(points: Floats, plane: int | None) -> Floats:
    return points if plane is None else np.column_stack([np.full(len(points), float(plane)), points])


def _corners(region: Region) -> Floats:
    """All corners of the box of a region in its own image's pixels, half a pixel beyond its voxels."""
    if isinstance(region, Mask):
        low = np.asarray(region.origin) - 0.5
        high = low + np.asarray(region.voxels.shape)
    else:
        low, high = region.exterior.min(axis=0), region.exterior.max(axis=0)
        if region.plane is not None:
            low, high = np.append(region.plane - 0.5, low), np.append(region.plane + 0.5, high)
    upper = np.indices((2,) * len(low)).reshape(len(low), -1).T
    return np.where(upper == 1, high, low)


def _pixel_count(region: Region) -> float:
    return area(region.rings) if isinstance(region, Outline) else voxel_sum(region)
