"""The round field of view of a dermatoscope, whose diameter its maker tells."""

import math

import numpy as np
import numpy.typing as npt

from lesionkit.calibrate.detecting import grey_of
from lesionkit.calibrate.finding import Finding, Scene
from lesionkit.core.arrays import Floats
from lesionkit.core.grid import ScaleSource
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.uncertainty import ErrorPart, ScaleError

_CIRCLE_MISFIT = 0.01
"""Most that the rim of a round field may stray from a circle, of its radius (median)."""
_LEAST_RIM = 0.5
"""Least share of the rim that must be seen."""
_FIELD = ErrorPart(
    name="field diameter",
    rel_se=0.005,
    source="default: where the soft edge of a dermatoscope's field is taken to be",
)


def by_field(scene: Scene) -> Finding:
    """Return the scale of a dermatoscope's photograph, whose round field of view has a declared diameter.

    The field is bright on a dark surround. Its rim is found along rays from its middle, and a circle is
    fitted to it; a picture that is bright in its corners, or whose field is not round, has none.
    """
    diameter_mm = scene.settings.field_diameter_mm
    if not scene.is_photograph or diameter_mm is None:
        return Finding()
    found = find_field(scene)
    if found is None:
        return Finding(problems=(_not_found(scene),))
    diameter_px, rel_se = found
    mm = diameter_mm / diameter_px
    rim = ErrorPart(name="rim", rel_se=rel_se, source="how round the field's rim is seen")
    grid = scene.grid((mm, mm), ScaleSource.REFERENCE_LENGTH, error=ScaleError(parts=(_FIELD, rim)))
    return Finding(grid=grid)


def find_field(scene: Scene) -> tuple[float, float] | None:
    """Return diameter in px and relative standard error of the round field of view; None without one."""
    import cv2

    grey = grey_of(scene.image)
    shrink = max(1.0, max(grey.shape) / 500)
    size = (round(grey.shape[1] / shrink), round(grey.shape[0] / shrink))
    small = cv2.GaussianBlur(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), (0, 0), 2)
    level = float(np.percentile(small, 90)) / 2
    bright = (small > level).astype(np.uint8)
    corners = bright[[0, 0, -1, -1], [0, -1, 0, -1]]
    count, _, stats, _ = cv2.connectedComponentsWithStats(bright)
    if corners.any() or count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    left, top, wide, high, area = stats[largest]
    if area < 0.1 * bright.size:
        return None
    # Halfway between field and surround an edge stays where it is, however soft.
    level = float(np.median(small[bright == 1]) + np.median(small[bright == 0])) / 2
    middle = (np.array([top + high / 2, left + wide / 2])) * shrink - 0.5
    radius = max(high, wide) * shrink / 2
    rays, misfit = 0, 1.0
    for _ in range(3):
        rim = _rim(grey, middle, radius, level)
        if rim is None:
            return None
        rays = len(rim)
        middle, radius, misfit = _circle(rim)
    if misfit > _CIRCLE_MISFIT:
        return None
    # Neighbouring rays err together: twelve of them count as one.
    return 2 * radius, 1.4826 * misfit / math.sqrt(rays / 12)


def _rim(grey: npt.NDArray[np.uint8], middle: Floats, radius: float, level: float) -> Floats | None:
    """Return where rays from the middle fall below a level for good, ``(row, col)``; None if too few do."""
    import cv2

    angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    way = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    reach = np.linspace(0.85, 1.15, 301) * radius
    at = (middle + reach[:, None, None] * way).astype(np.float32)
    seen = cv2.remap(grey, at[..., 1], at[..., 0], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    rows, cols = grey.shape
    outside = (at < 0).any(axis=-1) | (at[..., 0] > rows - 1) | (at[..., 1] > cols - 1)
    bright = seen > level
    last = len(reach) - 1 - np.argmax(bright[::-1], axis=0)
    good = bright.any(axis=0) & (last < len(reach) - 1) & (last > 0)
    rays = np.flatnonzero(good)
    rays = rays[~outside[np.minimum(last[rays] + 1, len(reach) - 1), rays]]
    if len(rays) < _LEAST_RIM * len(angle):
        return None
    here, there = seen[last[rays], rays].astype(float), seen[last[rays] + 1, rays].astype(float)
    share = (here - level) / np.maximum(here - there, 1e-6)
    distance = reach[last[rays]] + share * (reach[1] - reach[0])
    return np.asarray(middle + distance[:, None] * way[rays])


def _circle(rim: Floats) -> tuple[Floats, float, float]:
    """Return middle and radius of the circle through points, and how far these stray (median, relative)."""
    keep = np.ones(len(rim), dtype=bool)
    for _ in range(3):
        points = rim[keep]
        left = np.column_stack([2 * points, np.ones(len(points))])
        solved = np.linalg.lstsq(left, np.sum(points**2, axis=1), rcond=None)[0]
        middle = solved[:2]
        radius = math.sqrt(float(solved[2] + middle @ middle))
        apart = np.abs(np.linalg.norm(rim - middle, axis=1) - radius)
        keep = apart <= 3 * max(float(np.median(apart)), 0.1)
    return middle, radius, float(np.median(apart)) / radius


def _not_found(scene: Scene) -> Problem:
    return Problem(
        severity=Severity.INFO,
        code="field_not_found",
        about=scene.about,
        text="cohort.toml gives the diameter of a dermatoscope's field, and no round field on a dark "
        "surround is seen in this photograph.",
        hint="Keep the whole field in the picture, and do not crop it.",
    )
