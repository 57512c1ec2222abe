"""One parametric upper limb, from which every kind of picture is made.

Patient coordinates are DICOM's LPS in mm: x to the patient's left, y to the back, z towards the
head. The limb lies in front of the observer with the back of the hand towards −y and the fingers
towards +z; x = z = 0 is the middle of the wrist. The fingers of a left hand then fan out with the thumb
at +x; a right limb is its mirror image.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats


class Side(StrEnum):
    """Which arm."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ray:
    """A tapered sausage of soft tissue, lying in the plane y = 0.

    Parameters
    ----------
    start, end : tuple of float
        ``(x, z)`` of its axis' ends, mm.
    radii : tuple of float
        Half widths at both ends, mm.
    flatness : tuple of float
        Half thickness over half width at both ends.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    radii: tuple[float, float]
    flatness: tuple[float, float] = (1.0, 1.0)

    def square(self, x: Floats, z: Floats) -> Floats:
        """Return its squared half thickness in mm²; negative outside of it."""
        along, gap2 = _to_segment(x, z, self.start, self.end)
        radius = self.radii[0] + along * (self.radii[1] - self.radii[0])
        flatness = self.flatness[0] + along * (self.flatness[1] - self.flatness[0])
        return np.asarray(flatness**2 * (radius**2 - gap2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bone:
    """A waisted bone: a solid of revolution about an axis in the plane y = `depth`, with a cortex.

    Parameters
    ----------
    start, end : tuple of float
        ``(x, z)`` of the centres of its rounded ends, mm.
    waist : float
        Radius at the middle, mm.
    ends : tuple of float
        Radii at both ends, mm.
    cortex : float
        Thickness of the cortex at the middle, mm; a third of it at the ends of long bones.
    depth : float
        Place of its axis along y, mm.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    waist: float
    ends: tuple[float, float]
    cortex: float = 1.5
    depth: float = 0.0

    def squares(self, x: Floats, z: Floats) -> tuple[Floats, Floats]:
        """Return the squared half thickness of the whole bone and of its marrow, mm²; negative outside."""
        along, gap2 = _to_segment(x, z, self.start, self.end)
        flare = np.abs(2 * along - 1) ** 3
        radius = self.waist + flare * (np.where(along < 0.5, *self.ends) - self.waist)
        length = np.hypot(self.end[0] - self.start[0], self.end[1] - self.start[1])
        thinner = 0.67 * flare * min(1.0, float(length) / (4 * self.waist))
        inner = np.maximum(radius - self.cortex * (1 - thinner), 0.1)
        return np.asarray(radius**2 - gap2), np.asarray(inner**2 - gap2)


def _to_segment(
    x: Floats, z: Floats, start: tuple[float, float], end: tuple[float, float]
) -> tuple[Floats, Floats]:
    dx, dz = end[0] - start[0], end[1] - start[1]
    px, pz = x - start[0], z - start[1]
    along = np.clip((px * dx + pz * dz) / (dx * dx + dz * dz), 0.0, 1.0)
    return along, (px - along * dx) ** 2 + (pz - along * dz) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finger:
    """A finger by its joints: knuckle, middle joint(s), tip; ``(x, z)`` in mm, with half widths."""

    joints: tuple[tuple[float, float], ...]
    radii: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Limb:
    """A forearm with its hand.

    The soft tissue is where ``|y|`` is at most the half thickness of its rays, blended so that webs
    and knuckles are round; skin, fat and muscle are shells of it.

    Parameters
    ----------
    side : Side
        Which arm.
    size : float
        Length over that of an average adult's.
    girth : float
        Width of fingers and forearm over an average adult's.
    """

    side: Side = Side.LEFT
    size: float = 1.0
    girth: float = 1.0

    def __post_init__(self) -> None:
        if not (0.3 <= self.size <= 2 and 0.5 <= self.girth <= 2):
            raise ValueError("a limb's size lies within 0.3 to 2 and its girth within 0.5 to 2 of an adult's")

    @cached_property
    def fingers(self) -> tuple[Finger, ...]:
        """Thumb, index, middle, ring and little finger."""
        return tuple(
            Finger(
                joints=tuple(self._place(point) for point in joints),
                radii=tuple(r * self.size * self.girth for r in radii),
            )
            for joints, radii in _FINGERS
        )

    @cached_property
    def rays(self) -> tuple[Ray, ...]:
        """The soft tissue."""
        fingers = [
            Ray(start=a, end=b, radii=(ra, rb), flatness=(0.92, 0.92))
            for finger in self.fingers
            for a, b, ra, rb in zip(
                finger.joints, finger.joints[1:], finger.radii, finger.radii[1:], strict=False
            )
        ]
        return tuple(fingers) + tuple(
            Ray(
                start=self._place(start),
                end=self._place(end),
                radii=(r0 * self.size * self.girth, r1 * self.size * self.girth),
                flatness=flatness,
            )
            for start, end, (r0, r1), flatness in (*_PALM_AND_ELBOW, *_arm_rays())
        )

    @cached_property
    def bones(self) -> tuple[Bone, ...]:
        """Phalanges, metacarpals, carpals, radius and ulna."""
        return tuple(
            Bone(
                start=self._place(start),
                end=self._place(end),
                waist=waist * self.size,
                ends=(r0 * self.size, r1 * self.size),
                cortex=cortex * self.size,
            )
            for start, end, waist, r0, r1, cortex in (*_finger_bones(), *_HAND_AND_ARM_BONES)
        )

    def _place(self, point: tuple[float, float]) -> tuple[float, float]:
        mirror = 1 if self.side is Side.LEFT else -1
        return mirror * point[0] * self.size, point[1] * self.size

    def at(self, point: tuple[float, float]) -> tuple[float, float]:
        """Return where a point of an average left limb lies on this one, ``(x, z)`` in mm."""
        return self._place(point)

    def thickness_square(self, x: npt.ArrayLike, z: npt.ArrayLike) -> Floats:
        """Return the squared half thickness in mm², negative outside the limb.

        The rays are united by a smooth maximum, ``k ln Σ exp(sᵢ / k)``, which rounds the webs.

        Parameters
        ----------
        x, z : array_like
            Patient coordinates, mm; they broadcast.
        """
        xs, zs = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(z, dtype=np.float64))
        soft = _BLEND_MM2 * self.size**2
        top = np.full(xs.shape, -np.inf)
        rest = np.zeros(xs.shape)
        for ray in self.rays:
            square = ray.square(xs, zs) / soft
            higher = np.maximum(top, square)
            rest = rest * np.exp(top - higher) + np.exp(square - higher)
            top = higher
        return np.asarray(soft * (top + np.log(rest)))

    def half_thickness(self, x: npt.ArrayLike, z: npt.ArrayLike) -> Floats:
        """Return the half thickness in mm, 0 outside the limb."""
        return np.asarray(np.sqrt(np.maximum(self.thickness_square(x, z), 0.0)))


_BLEND_MM2 = 14.0

_FINGERS = (
    # joints (x, z): thumb from its base; the others from the knuckle
    (((27.0, 14.0), (51.0, 51.0), (66.0, 78.0), (75.0, 100.0)), (14.5, 11.5, 10.3, 7.6)),
    (((26.5, 84.0), (33.5, 126.0), (37.0, 151.0), (39.0, 169.0)), (10.2, 9.2, 8.2, 6.6)),
    (((5.5, 89.0), (7.0, 135.0), (7.5, 163.0), (7.5, 182.0)), (10.4, 9.4, 8.4, 6.8)),
    (((-14.5, 85.0), (-19.0, 127.0), (-21.5, 153.0), (-23.0, 171.0)), (9.8, 8.8, 7.9, 6.4)),
    (((-32.0, 75.0), (-42.5, 107.0), (-48.0, 125.5), (-52.0, 140.5)), (8.8, 7.7, 7.0, 5.8)),
)

_PALM_AND_ELBOW = (
    # start, end (x, z); radii; flatness at both
    ((0.0, 14.0), (-2.0, 62.0), (27.0, 36.5), (0.50, 0.34)),
    ((14.0, 18.0), (26.0, 84.0), (12.0, 11.5), (0.95, 1.0)),
    ((3.0, 18.0), (5.5, 89.0), (12.0, 11.5), (1.0, 1.04)),
    ((-8.0, 18.0), (-14.5, 85.0), (12.0, 11.0), (0.95, 1.02)),
    ((-14.0, 14.0), (-31.0, 75.0), (13.0, 10.5), (0.9, 1.0)),
    ((13.0, 12.0), (34.0, 44.0), (16.0, 14.0), (0.85, 0.75)),  # ball of the thumb
    ((32.0, 44.0), (30.0, 66.0), (15.0, 9.0), (0.5, 0.5)),  # web of the thumb
    ((16.0, 88.0), (18.5, 103.0), (9.0, 4.0), (0.85, 0.8)),  # webs of the fingers
    ((-4.5, 88.0), (-5.2, 104.0), (9.0, 4.0), (0.85, 0.8)),
    ((-22.5, 82.0), (-27.0, 95.0), (9.0, 3.5), (0.85, 0.8)),
    ((9.0, -22.0), (26.0, 14.0), (18.0, 15.0), (0.75, 0.85)),  # root of the thumb
    ((-8.0, -234.0), (-8.0, -250.0), (22.0, 18.0), (1.5, 1.75)),  # olecranon
)

_ARM_Z = (14.0, -30.0, -80.0, -140.0, -190.0, -235.0, -270.0, -340.0)
_ARM_X = (0.0, 0.0, 1.0, 3.0, 4.0, 2.0, 0.0, 0.0)
_ARM_RADIUS = (27.0, 26.5, 31.0, 40.0, 43.5, 41.5, 41.0, 46.0)
_ARM_FLATNESS = (0.55, 0.62, 0.68, 0.74, 0.78, 0.82, 0.84, 0.86)

_HAND_AND_ARM_BONES = (
    # start, end (x, z) of the centres of the rounded ends; waist; end radii; cortex
    ((19.5, 39.0), (25.5, 79.0), 4.2, 6.4, 7.2, 1.9),
    ((4.5, 40.0), (5.3, 83.5), 4.2, 6.4, 7.2, 1.9),
    ((-9.5, 38.0), (-14.0, 79.5), 3.7, 5.6, 6.5, 1.7),
    ((-20.0, 36.0), (-30.0, 70.5), 3.5, 5.3, 6.0, 1.6),
    ((30.8, 25.5), (47.2, 45.3), 4.8, 5.8, 6.6, 1.9),  # first metacarpal
    ((19.4, 25.0), (19.6, 26.5), 5.6, 5.6, 5.6, 0.9),  # trapezium
    ((10.5, 27.5), (10.5, 28.5), 5.6, 5.6, 5.6, 0.9),  # trapezoid
    ((0.0, 19.0), (1.5, 27.5), 5.6, 6.4, 6.2, 0.9),  # capitate
    ((-11.5, 21.5), (-13.0, 26.0), 5.5, 5.8, 6.0, 0.9),  # hamate
    ((11.0, 10.5), (16.5, 16.5), 5.0, 6.2, 5.6, 0.9),  # scaphoid
    ((-1.5, 7.5), (-1.0, 8.5), 6.4, 6.4, 6.4, 0.9),  # lunate
    ((-13.5, 10.5), (-13.0, 11.5), 5.4, 5.4, 5.4, 0.9),  # triquetrum
    ((9.0, -11.5), (11.0, -228.0), 6.8, 13.0, 9.5, 2.6),  # radius
    ((-15.5, -9.0), (-9.0, -243.0), 5.8, 7.4, 13.0, 2.4),  # ulna
)


_RayRow = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


def _arm_rays() -> tuple[_RayRow, ...]:
    """Return wrist, forearm and the start of the upper arm as short rays along smooth curves."""
    from scipy.interpolate import PchipInterpolator

    z = np.linspace(_ARM_Z[0], _ARM_Z[-1], 61)
    knots = -np.asarray(_ARM_Z)
    x, radius, flat = (PchipInterpolator(knots, c)(-z) for c in (_ARM_X, _ARM_RADIUS, _ARM_FLATNESS))
    rows = [
        ((float(a), float(b)), (float(r), float(f))) for a, b, r, f in zip(x, z, radius, flat, strict=True)
    ]
    return tuple((p, q, (r[0], s[0]), (r[1], s[1])) for (p, r), (q, s) in pairwise(rows))


def _finger_bones() -> tuple[
    tuple[tuple[float, float], tuple[float, float], float, float, float, float], ...
]:
    bones = []
    for index, (joints, _) in enumerate(_FINGERS):
        first = 1 if index == 0 else 0  # the thumb's first length is its metacarpal
        slim = 0.82 if index == 4 else 1.0
        for order, (a, b) in enumerate(zip(joints[first:], joints[first + 1 :], strict=False)):
            is_last = order == len(joints) - first - 2
            base, head = ((6.1, 4.9), (5.4, 4.3), (4.8, 2.9))[2 if is_last else min(order, 1)]
            base, head = base * slim, head * slim
            start = _towards(a, b, base + 0.9 + (4.5 if order == 0 and index else 0))
            end = _towards(b, a, head + (3.0 if is_last else 0.9))
            bones.append((start, end, (2.6 if is_last else 3.7) * slim, base, head, 1.5))
    return tuple(bones)


def _towards(a: tuple[float, float], b: tuple[float, float], step: float) -> tuple[float, float]:
    length = float(np.hypot(b[0] - a[0], b[1] - a[1]))
    return a[0] + (b[0] - a[0]) * step / length, a[1] + (b[1] - a[1]) * step / length
