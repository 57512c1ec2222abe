"""What counting pixels does to an area or a volume: the same deposit, placed anew, holds another number."""

import math
from collections.abc import Sequence

import numpy as np

from lesionkit.core.arrays import Floats

_REACH = 6
"""Reciprocal lattice points are summed one by one up to this index along each axis, the rest integrated."""


def area_variance(area: float, *, perimeter: float, pitch: Sequence[float]) -> float:
    """Return the variance of an area counted in pixels, over random places of the deposit on the lattice.

    By Poisson's summation it is ``sum |F(k)|²`` over the reciprocal lattice without its origin, F being the
    Fourier transform of the shape. Far out that is ``perimeter / (4 π³ |k|³)``, averaged over directions
    and phase (for squares of pitch 1: 0.0728 · perimeter); near the origin that of the disc of equal area.

    Parameters
    ----------
    area, perimeter : float
        Of the deposit, in the square of the unit of `pitch`, and in that unit.
    pitch : sequence of float, length 2
        Distance of pixel centres along each axis.

    References
    ----------
    Kendall DG. On the number of lattice points inside a random oval. Q J Math 1948;19:1-26.
    Gundersen HJG, Jensen EB. The efficiency of systematic sampling in stereology and its prediction.
    J Microsc 1987;147:229-263 (the constant 0.0724).
    """
    from scipy.special import j1

    k, beyond = _reciprocal(pitch)
    radius = math.sqrt(area / math.pi)
    x = 2 * math.pi * radius * k
    # Averaged over the phase where the disc spans a wavelength or more: its true size is not known that well.
    exact = (radius / k * j1(x)) ** 2
    averaged = perimeter / (4 * math.pi**3 * k**3)
    tail = perimeter / (4 * math.pi**3) * 2 * math.pi * math.prod(pitch) / beyond
    return float(np.where(x < 2.4, exact, averaged).sum() + tail)


def volume_variance(
    volume: float, *, surface: float, widest: float, pitch: Sequence[float], in_plane: bool = True
) -> float:
    """Return the variance of a volume counted in voxels, over random places of the deposit on the lattice.

    As `area_variance`: far out ``surface / (8 π³ |k|⁴)`` (for cubes of pitch 1: 0.0667 · surface), near
    the origin that of the ellipsoid with the same volume and widest section, so that a deposit thinner than
    a slice has the error it really has.

    Parameters
    ----------
    volume, surface, widest : float
        Of the deposit: its volume, its surface, and the area of its largest section in one plane.
    pitch : sequence of float, length 3
        Distance of planes, rows and columns.
    in_plane : bool
        Whether sections are counted in pixels too; False where they are drawn as lines.

    References
    ----------
    Kendall DG, Rankin RA. On the number of points of a given lattice in a random hypersphere. Q J Math
    1953;4:178-189.
    """
    across = math.sqrt(widest / math.pi)
    along = 3 * volume / (4 * widest)
    k, scaled, beyond = _reciprocal_of_volume(pitch, (along, across, across), in_plane=in_plane)
    x = 2 * math.pi * scaled
    small = x < 2.0
    form = np.where(small, 4 * math.pi * (np.sin(x) - x * np.cos(x)) / np.maximum(x, 1e-9) ** 3, 0.0)
    exact = (along * across * across * form) ** 2
    averaged = surface / (8 * math.pi**3 * k**4)
    # Along the planes' normal a flat deposit is felt by its own thickness, not by its surface.
    averaged = np.minimum(averaged, (along * across * across * 4 * math.pi / 3) ** 2)
    tail = surface / (8 * math.pi**3) * 4 * math.pi * math.prod(pitch) / beyond if in_plane else 0.0
    return float(np.where(small, exact, averaged).sum() + tail)


def _reciprocal(pitch: Sequence[float]) -> tuple[Floats, float]:
    """Return the lengths of the reciprocal lattice's vectors near the origin, and where they end."""
    axes = [np.arange(-_REACH, _REACH + 1) / step for step in pitch]
    lengths = np.sqrt(sum(axis**2 for axis in np.meshgrid(*axes, indexing="ij"))).ravel()
    return np.asarray(lengths[lengths > 0]), (_REACH + 0.5) / max(pitch)


def _reciprocal_of_volume(
    pitch: Sequence[float], semi_axes: Sequence[float], *, in_plane: bool
) -> tuple[Floats, Floats, float]:
    reaches = (_REACH, _REACH, _REACH) if in_plane else (4 * _REACH, 0, 0)
    axes = [np.arange(-reach, reach + 1) / step for reach, step in zip(reaches, pitch, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij")).reshape(3, -1)
    grid = grid[:, (grid != 0).any(axis=0)]
    lengths = np.sqrt((grid**2).sum(axis=0))
    scaled = np.sqrt(((grid.T * np.asarray(semi_axes)) ** 2).sum(axis=1))
    return lengths, scaled, (_REACH + 0.5) / max(pitch)
