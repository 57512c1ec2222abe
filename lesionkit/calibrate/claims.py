"""Scales that a person gives: mm per pixel, or the length between two points."""

import math

import numpy as np

from lesionkit.calibrate.finding import Finding, Scene, differ
from lesionkit.calibrate.reference import length_of, parts_of
from lesionkit.core.grid import ScaleClaim
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.uncertainty import ErrorPart, ScaleError


def by_manifest(scene: Scene) -> Finding:
    """Return the scale of the first claim of mm per pixel (``images.csv``, then the outline file)."""
    claims = [claim for claim in scene.claims if claim.mm_per_px is not None]
    if not claims:
        return Finding()
    first = claims[0]
    assert first.mm_per_px is not None
    scales = [claim.mm_per_px for claim in claims if claim.mm_per_px is not None]
    grid = scene.grid((first.mm_per_px, first.mm_per_px), first.source, error=_declared(first.rel_se))
    return Finding(grid=grid, problems=_spread(scene, scales, rule="the first is used"))


def by_length(scene: Scene) -> Finding:
    """Return the mean scale of the claims of a length between two points.

    Each gives mm per pixel; on a radiograph whose file gives a spacing, a factor to that spacing (so that
    rows and columns of unequal spacing are both right). Three points are a circle, and the length
    its diameter. The error is that of `lesionkit.calibrate.reference.parts_of`.
    """
    usable, problems = _usable(scene)
    if not usable:
        return Finding(problems=tuple(problems))
    row, col = scene.image.grid.spacing_mm or (1.0, 1.0)
    factors = [length_mm / length_of(claim.points or (), (row, col)) for claim, length_mm in usable]
    mean = float(np.mean(factors))
    mm_per_px = [factor * math.sqrt(row * col) for factor in factors]
    parts = parts_of([claim for claim, _ in usable], scene, factors)
    return Finding(
        grid=scene.grid((row * mean, col * mean), usable[0][0].source, error=ScaleError(parts=parts)),
        problems=(*problems, *_spread(scene, mm_per_px, rule="their mean is used")),
    )


def _declared(rel_se: float | None) -> ScaleError | None:
    if rel_se is None:
        return None
    return ScaleError(parts=(ErrorPart(name="scale", rel_se=rel_se, source="declared with the scale"),))


def _usable(scene: Scene) -> tuple[list[tuple[ScaleClaim, float]], list[Problem]]:
    usable, problems = [], []
    for claim in scene.claims:
        if claim.points is None:
            continue
        length_mm = claim.length_mm or scene.settings.reference_length_mm
        if not scene.image.grid.contains(claim.points).all():
            problems.append(_outside(scene))
        elif length_mm is None:
            problems.append(_without_length(scene))
        else:
            usable.append((claim, length_mm))
    return usable, problems


def _outside(scene: Scene) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="scale_outside_image",
        about=scene.about,
        text="A scale was marked at points that lie outside this image, so it is not used.",
        hint="Check that it was drawn on this image, and mark it again.",
    )


def _without_length(scene: Scene) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="scale_without_length",
        about=scene.about,
        text="A scale was marked by two points, but nothing says how far apart they are.",
        hint="Give length_mm in the outline file, or reference_length_mm in cohort.toml.",
    )


def _spread(scene: Scene, scales: list[float], *, rule: str) -> tuple[Problem, ...]:
    low, high = min(scales), max(scales)
    if not differ(low, high):
        return ()
    return (
        Problem(
            severity=Severity.WARNING,
            code="scales_disagree",
            about=scene.about,
            text=f"{len(scales)} scales given for this image differ by {100 * (high / low - 1):.0f} %: from "
            f"{low:.4g} to {high:.4g} mm per pixel; {rule}.",
            hint="Check their lengths and whether they lie at the deposit's depth; remove the wrong one.",
        ),
    )
