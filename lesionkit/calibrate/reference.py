"""Things of known size that a person marks: a length between two points, a coin's rim; and how well."""

import math
from collections.abc import Sequence

import numpy as np

from lesionkit.calibrate.finding import Scene
from lesionkit.core.arrays import Floats
from lesionkit.core.grid import ScaleClaim
from lesionkit.core.uncertainty import ErrorPart

_SCREEN_PX = 2000
"""Pixels of a screen that shows a whole picture: a click is right within about one of them."""

TILT_REL_SE = 0.015
"""Of a length, where a camera is held squarely by eye: tilts of 10° (one standard deviation) about both axes.

A plane tilted by θ makes an area off by θ²/2 · cos 2α where a line on it gives the scale (α between the line
and the way the plane falls); with two normal angles of 10° the root mean square is (10° in radians)² = 3.0 %.
"""


def length_of(points: Sequence[tuple[float, float]], spacing: Sequence[float]) -> float:
    """Return the distance of two points, or the diameter of the circle through three.

    Parameters
    ----------
    points : sequence of (float, float)
        Two or three ``(row, col)``.
    spacing : sequence of float
        Length of a step along rows and columns.

    Examples
    --------
    >>> length_of([(0, 0), (3, 4)], (1.0, 1.0))
    5.0
    >>> length_of([(0, 0), (0, 6), (8, 0)], (1.0, 1.0))
    10.0
    """
    places = np.asarray(points, dtype=np.float64) * spacing
    if len(places) == 2:
        return float(np.linalg.norm(places[1] - places[0]))
    sides = [float(np.linalg.norm(places[i] - places[i - 1])) for i in range(3)]
    first, second = places[1] - places[0], places[2] - places[0]
    doubled = abs(float(first[0] * second[1] - first[1] * second[0]))
    return math.prod(sides) / doubled


def line_of(points: Sequence[tuple[float, float]], spacing: Sequence[float]) -> Floats:
    """Return the ends of a length, ``(row, col)``: two points, or a diameter of the circle of three.

    The diameter lies along the columns.
    """
    here = np.asarray(points, dtype=np.float64)
    if len(here) == 2:
        return here
    places = here * spacing
    apart = 2 * (places[1:] - places[0])
    middle = np.linalg.solve(apart, np.sum(places[1:] ** 2, axis=1) - np.sum(places[0] ** 2))
    half = np.array([0.0, length_of(points, spacing) / 2])
    return np.asarray(np.stack([middle - half, middle + half]) / spacing)


def parts_of(claims: Sequence[ScaleClaim], scene: Scene, lengths: Sequence[float]) -> tuple[ErrorPart, ...]:
    """Return what the error of the mean scale of some marked lengths is made of.

    What people declare of a length counts for it. For the others the error of their points is taken
    (`_SCREEN_PX`), and on photographs that of the unknown tilt: lines in different directions tell of it,
    so that it falls with the length of the mean of exp(2iα) over their directions α. Where several lengths
    differ by more than this explains, the standard error of their mean counts instead.

    Parameters
    ----------
    claims : sequence of ScaleClaim
        Those with points.
    scene : Scene
        The image.
    lengths : sequence of float
        The scale that each gives, in any unit.
    """
    own = scene.image.grid.spacing_mm or (1.0, 1.0)
    number = len(claims)
    sigma = max(scene.image.grid.shape) / _SCREEN_PX
    errors = [
        claim.rel_se if claim.rel_se is not None else sigma * _sensitivity(claim, own) for claim in claims
    ]
    placed = math.hypot(*errors) / number
    declared = [claim.rel_se is not None for claim in claims]
    spread = float(np.std(np.log(lengths), ddof=1)) / math.sqrt(number) if number > 1 else 0.0
    parts = [_placing(placed, spread, number, is_declared=all(declared))]
    if scene.is_photograph and not all(declared):
        lean = abs(sum(_lean(claim, own) for claim in claims)) / number
        parts.append(
            ErrorPart(
                name="tilt",
                rel_se=TILT_REL_SE * lean,
                source="default: camera held squarely by eye, within 10°",
            )
        )
    return tuple(parts)


def _placing(placed: float, spread: float, number: int, *, is_declared: bool) -> ErrorPart:
    if spread > placed:
        return ErrorPart(name="lengths", rel_se=spread, source=f"how far {number} marked lengths differ")
    if is_declared:
        return ErrorPart(name="scale", rel_se=placed, source="declared with the scale")
    return ErrorPart(
        name="clicks",
        rel_se=placed,
        source="default: points right within a 2000th of the picture's longer side",
    )


def _sensitivity(claim: ScaleClaim, own: Sequence[float]) -> float:
    """Return the relative change of a length per pixel that each of its points is off."""
    assert claim.points is not None
    here = np.asarray(claim.points, dtype=np.float64)
    slopes = []
    for index in np.ndindex(here.shape):
        step = np.zeros_like(here)
        step[index] = 1e-3
        ahead, behind = length_of((here + step).tolist(), own), length_of((here - step).tolist(), own)
        slopes.append((math.log(ahead) - math.log(behind)) / 2e-3)
    return math.hypot(*slopes)


def _lean(claim: ScaleClaim, own: Sequence[float]) -> complex:
    """Return exp(2iα) of a line's direction, or its mean over the radii of a circle."""
    assert claim.points is not None
    line = line_of(claim.points, own) * own
    places = np.asarray(claim.points, dtype=np.float64) * own - line.mean(axis=0)
    angle = np.arctan2(places[:, 0], places[:, 1])
    return complex(np.mean(np.exp(2j * angle)))
