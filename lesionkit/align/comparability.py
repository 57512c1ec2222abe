"""In what two photographs of one site differ, and whether that matters for comparing them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lesionkit.align.grids import corners
from lesionkit.align.lines import outlines_of
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image
from lesionkit.core.likeness import Comparability, Comparable, Difference
from lesionkit.core.region import Region
from lesionkit.core.transform import Carried, Transform
from lesionkit.core.units import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """From where on a difference asks for care, and from where on for another picture."""

    care: float
    retake: float


TILT_DEG = Limit(care=10.0, retake=20.0)
"""A view slanted by 10° shows 1.5 % less area, by 20° 6 % less (the cosine)."""
SCALE = Limit(care=1.25, retake=2.0)
"""Assumed. Detail seen on one picture only changes where an outline is drawn."""
OVERLAP = Limit(care=0.9, retake=0.5)
"""Assumed: share of the surroundings of the deposits that both show."""
SHARPNESS = Limit(care=0.6, retake=0.3)
"""Assumed: detail over that of the first picture."""
STOPS = Limit(care=1.0, retake=2.5)
"""Assumed: one stop is twice or half the light."""
CLIPPED = Limit(care=0.02, retake=0.2)
"""Assumed: share of the skin without detail because it is white."""
COLOUR = Limit(care=4.0, retake=math.inf)
"""Differences below about 4 CIELAB units are hardly seen. Colour alone makes no size wrong."""

_SIDE = 320
"""Pixels of the long side at which light and colour are compared."""


def compare_pictures(
    image: Image,
    baseline: Image,
    transform: Transform,
    *,
    focus: Sequence[Region] = (),
    carried: Sequence[Carried] = (),
) -> Comparability:
    """Return in what a photograph differs from the first one of its site, with a plain verdict.

    Scale, angle and turn are those of the transform at the middle of the deposits: its Jacobian's singular
    values s ≥ t give the scale √(s t) and, as for a frontal view and one slanted by θ, cos θ = t / s. That is
    the least angle: two views slanted to opposite sides by as much differ by more. Light and colour are those
    of the skin that both show.

    Where both have millimetres, or every outline of the later one could be carried onto the first, neither
    scale nor angle asks for another picture: they are taken care of.

    Parameters
    ----------
    image, baseline : Image
        The two.
    transform : Transform
        From `image` onto `baseline`.
    focus : sequence of Region
        Outlines on `baseline`; without any, the whole picture counts.
    carried : sequence of Carried
        Outlines of `image` on `baseline`, where both have no scale.
    """
    found = Comparability(image=transform.source, baseline=transform.target, verdict=Comparable.YES)
    if transform.is_reliable:
        found = _viewed(found, image.grid, baseline.grid, transform, focus)
    found = _lit(found, image, baseline, transform)
    in_mm = image.grid.is_calibrated and baseline.grid.is_calibrated
    is_carried = bool(carried) and all(one.regions for one in carried)
    return _judged(found, is_aligned=transform.is_reliable, are_sizes_known=in_mm or is_carried)


def _viewed(
    found: Comparability, grid: Grid, baseline: Grid, transform: Transform, focus: Sequence[Region]
) -> Comparability:
    outlines = [outline.exterior for outline in outlines_of(focus)]
    points = np.vstack(outlines) if outlines else corners(baseline)
    low, high = points.min(axis=0), points.max(axis=0)
    jacobian = _jacobian(transform.inverse().matrix, (low + high) / 2)
    turn, stretch, back = np.linalg.svd(jacobian)
    rotation = turn @ back
    ratio = float(np.sqrt(stretch.prod()))
    return replace(
        found,
        scale_ratio=ratio,
        distance_ratio=max(grid.shape) / max(baseline.shape) / ratio,
        tilt_deg=math.degrees(math.acos(min(1.0, float(stretch[1] / stretch[0])))),
        roll_deg=math.degrees(math.atan2(rotation[1, 0], rotation[0, 0])),
        overlap=_overlap(grid, baseline, transform, low, high, is_whole=not outlines),
        residual_px=_residual_px(transform, baseline),
        residual_mm=_residual_mm(transform),
    )


def _jacobian(matrix: Floats, place: Floats) -> Floats:
    carried = homogeneous(matrix, place[None])[0]
    weight = float(matrix[2, :2] @ place + matrix[2, 2])
    return np.asarray((matrix[:2, :2] - np.outer(carried, matrix[2, :2])) / weight)


def _overlap(
    grid: Grid, baseline: Grid, transform: Transform, low: Floats, high: Floats, *, is_whole: bool
) -> float:
    """Return the share of the deposits' surroundings, as wide as themselves, that the image shows."""
    from shapely import Polygon, box

    room = 0.0 if is_whole else float(max((high - low).max(), 0.1 * max(baseline.shape)))
    rows, cols = np.asarray(baseline.shape) - 1
    wanted = box(*np.maximum(low - room, 0), *np.minimum(high + room, (rows, cols)))
    shown = Polygon(transform.carry(corners(grid)))
    return float(wanted.intersection(shown).area / wanted.area) if shown.is_valid else 0.0


def _residual_mm(transform: Transform) -> float | None:
    left = transform.residual
    return left.value if left is not None and left.unit is Unit.MM else None


def _residual_px(transform: Transform, baseline: Grid) -> float | None:
    left = transform.residual
    if left is None or left.unit is Unit.PX or baseline.spacing_mm is None:
        return None if left is None else left.value
    return left.value / float(np.mean(baseline.spacing_mm))


def _lit(found: Comparability, image: Image, baseline: Image, transform: Transform) -> Comparability:
    """Return it with light, colour and sharpness of the skin both show, or of all of it where not aligned."""
    from lesionkit.align.looks import look_at, sharpness_ratio

    pair = look_at(image, baseline, transform.matrix if transform.is_reliable else None, side=_SIDE)
    if pair is None:
        return found
    here, there = pair
    return replace(
        found,
        sharpness_ratio=sharpness_ratio(image, baseline, transform) if transform.is_reliable else None,
        exposure_stops=math.log2(max(here.light, 1e-4) / max(there.light, 1e-4)),
        clipped_share=here.clipped,
        colour_delta=None
        if here.colour is None or there.colour is None
        else float(np.linalg.norm(np.subtract(here.colour, there.colour))),
    )


def _judged(found: Comparability, *, is_aligned: bool, are_sizes_known: bool) -> Comparability:
    care: list[Difference] = []
    retake: list[Difference] = []

    def weigh(
        value: float | None, limit: Limit, difference: Difference, *, is_forgiven: bool = False
    ) -> None:
        if value is None or value <= limit.care:
            return
        (retake if value > limit.retake and not is_forgiven else care).append(difference)

    if not is_aligned:
        (care if are_sizes_known else retake).append(Difference.NOT_ALIGNED)
    if found.overlap is not None:
        weigh(
            1 - found.overlap,
            Limit(care=1 - OVERLAP.care, retake=1 - OVERLAP.retake),
            Difference.LITTLE_OVERLAP,
        )
    if found.scale_ratio is not None:
        weigh(found.scale_ratio, SCALE, Difference.NEARER, is_forgiven=are_sizes_known)
        weigh(1 / found.scale_ratio, SCALE, Difference.FARTHER, is_forgiven=are_sizes_known)
    weigh(found.tilt_deg, TILT_DEG, Difference.OTHER_ANGLE, is_forgiven=are_sizes_known)
    if found.sharpness_ratio is not None:
        blurred = Limit(care=1 / SHARPNESS.care, retake=1 / SHARPNESS.retake)
        weigh(1 / max(found.sharpness_ratio, 1e-3), blurred, Difference.BLURRED)
    if found.exposure_stops is not None:
        weigh(-found.exposure_stops, STOPS, Difference.DARKER)
        weigh(found.exposure_stops, STOPS, Difference.BRIGHTER)
    weigh(found.clipped_share, CLIPPED, Difference.OVEREXPOSED)
    weigh(found.colour_delta, COLOUR, Difference.OTHER_COLOUR)
    verdict = Comparable.RETAKE if retake else Comparable.WITH_CARE if care else Comparable.YES
    return replace(found, verdict=verdict, differences=(*retake, *care))
