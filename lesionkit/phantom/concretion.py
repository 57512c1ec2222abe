"""Calcium as it truly lies in the body: shapes whose area and volume are known in closed form.

A `lesionkit.core.region.Deposit` is one seen on an image; a concretion is the thing itself.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.phantom.anatomy import Limb, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Concretion:
    """A deposit in the body: a lobed or superelliptic cushion, round in depth.

    With polar coordinates of the ``(x, z)`` plane scaled by the semi-axes, its edge is ``g(φ)`` and it
    is where ``(ρ / g(φ))² + (depth / c)² ≤ 1``. So its projection along y, what a frontal photograph
    or radiograph shows, is its footprint of area A, and its volume is ``4/3 · c · A`` for every g.

    Parameters
    ----------
    lineage : str
        Which deposit it is through time; parts of a split and what merged share one.
    centre : tuple of float
        ``(x, z)`` in patient coordinates, mm.
    semi_axes : tuple of float
        Half extents across the skin along its own axes and in depth, mm: a, b, c.
    angle_deg : float
        From +x towards +z to its first axis.
    sunk_mm : float
        Depth of its centre under the surface of the back of the limb.
    density_hu : float
        Attenuation at 120 kV.
    exponent : float
        2 = ellipse; higher is squarer (superellipse).
    lobes : tuple of (int, float, float)
        ``(k, size, phase)``: adds ``size · cos(k φ + phase)`` to the edge; k ≥ 2.
    """

    lineage: str
    centre: tuple[float, float]
    semi_axes: tuple[float, float, float]
    angle_deg: float = 0.0
    sunk_mm: float = 2.0
    density_hu: float = 900.0
    exponent: float = 2.0
    lobes: tuple[tuple[int, float, float], ...] = ()

    def __post_init__(self) -> None:
        if min(self.semi_axes) <= 0 or self.exponent < 1:
            raise ValueError("a concretion has positive semi-axes and an exponent of at least 1")
        if self.lobes and self.exponent != 2:
            raise ValueError("a concretion is lobed or a superellipse, not both")
        orders = [k for k, _, _ in self.lobes]
        if len(set(orders)) < len(orders) or any(k < 2 for k in orders):
            raise ValueError("lobes have different orders of at least 2")
        if sum(abs(size) for _, size, _ in self.lobes) >= 0.6:
            raise ValueError("the lobes of a concretion must stay well below its size")

    @property
    def area_mm2(self) -> float:
        """Area of its footprint: ``π a b (1 + ½ Σ size²)``, or that of the superellipse."""
        a, b, _ = self.semi_axes
        if self.exponent != 2:
            n = self.exponent
            return 4 * a * b * math.gamma(1 + 1 / n) ** 2 / math.gamma(1 + 2 / n)
        return math.pi * a * b * (1 + sum(size**2 for _, size, _ in self.lobes) / 2)

    @property
    def volume_mm3(self) -> float:
        """Volume: ``4/3 · c · area`` (of an ellipsoid ``4/3 π a b c``)."""
        return 4 / 3 * self.semi_axes[2] * self.area_mm2

    def edge(self, phi: Floats) -> Floats:
        """Return g(φ), the distance of the edge from the centre in coordinates scaled by the semi-axes."""
        if self.exponent != 2:
            n = self.exponent
            return np.asarray((np.abs(np.cos(phi)) ** n + np.abs(np.sin(phi)) ** n) ** (-1 / n))
        radius = np.ones_like(phi)
        for k, size, phase in self.lobes:
            radius += size * np.cos(k * phi + phase)
        return radius

    def outline(self, *, vertices: int = 720) -> Floats:
        """Return its footprint as a closed line of ``(x, z)`` in mm, shape (n, 2), its start not repeated."""
        phi = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
        radius = self.edge(phi)
        local = np.stack([radius * np.cos(phi) * self.semi_axes[0], radius * np.sin(phi) * self.semi_axes[1]])
        return np.asarray(local.T @ self._turn + np.asarray(self.centre))

    def inwardness(self, x: Floats, z: Floats) -> Floats:
        """Return ``(ρ / g)²``: 0 at the centre, 1 on the edge of the footprint, more outside."""
        dx, dz = x - self.centre[0], z - self.centre[1]
        turn = self._turn
        u = (dx * turn[0, 0] + dz * turn[0, 1]) / self.semi_axes[0]
        v = (dx * turn[1, 0] + dz * turn[1, 1]) / self.semi_axes[1]
        square = u * u + v * v
        if self.exponent == 2 and not self.lobes:
            return np.asarray(square)
        return np.asarray(square / self.edge(np.arctan2(v, u)) ** 2)

    @property
    def _turn(self) -> Floats:
        turn = math.radians(self.angle_deg)
        return np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])

    def scaled(self, factor: float, *, is_volume: bool = False, density: float = 1.0) -> "Concretion":
        """Return it with its area (or volume) multiplied, alike in shape; optionally denser or fainter."""
        length = factor ** (1 / 3 if is_volume else 1 / 2)
        a, b, c = self.semi_axes
        return replace(
            self,
            semi_axes=(a * length, b * length, c * length),
            density_hu=self.density_hu * density,
        )

    def placed_on(self, limb: Limb) -> "Concretion":
        """Return it where it lies on a limb, if its place is given on an average left one.

        Its size stays; on a right limb it is mirrored.
        """
        mirrored = limb.side is Side.RIGHT
        return replace(
            self,
            centre=limb.at(self.centre),
            angle_deg=-self.angle_deg if mirrored else self.angle_deg,
            lobes=tuple((k, size * (-1) ** k, -phase) for k, size, phase in self.lobes)
            if mirrored
            else self.lobes,
        )

    def split(
        self, *, gap_mm: float = 2.0, shares: tuple[float, float] = (0.55, 0.3)
    ) -> "tuple[Concretion, ...]":
        """Return two smaller ones of the same lineage side by side along its longer axis.

        Parameters
        ----------
        gap_mm : float
            Between the two, along that axis.
        shares : tuple of float
            Their areas over its area.
        """
        a, b, c = self.semi_axes
        along = math.radians(self.angle_deg if a >= b else self.angle_deg + 90)
        lobes = tuple((k, 0.6 * size, phase) for k, size, phase in self.lobes)
        round_area = math.pi * (1 + sum(size**2 for _, size, _ in lobes) / 2)
        first, second = (math.sqrt(share * self.area_mm2 / round_area) for share in shares)
        reach = (first + second + gap_mm) / 2
        return tuple(
            replace(
                self,
                centre=(
                    self.centre[0] + step * math.cos(along),
                    self.centre[1] + step * math.sin(along),
                ),
                semi_axes=(radius, radius, c * math.sqrt(share)),
                lobes=tuple((k, size, phase + step) for k, size, phase in lobes),
                exponent=2.0,
            )
            for radius, share, step in zip((first, second), shares, (-reach, reach), strict=True)
        )
