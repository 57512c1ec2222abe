"""The scale and perspective of a photograph from a ruler that lies in it, found without anybody's help."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lesionkit.calibrate.detecting import grey_of
from lesionkit.calibrate.finding import Finding, Scene, differ
from lesionkit.calibrate.laying import grid_on, mm_per_px
from lesionkit.calibrate.plane import Print, fit_plane
from lesionkit.calibrate.ruler_comb import Comb, find_comb
from lesionkit.calibrate.ruler_search import Band, Grey, find_bands, pyramid
from lesionkit.calibrate.ruler_strip import read_ticks
from lesionkit.calibrate.ruler_ticks import Ticks
from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.uncertainty import ErrorPart, combined

GRADUATION = ErrorPart(
    name="graduation",
    rel_se=0.003,
    source="default: a ruler of class III (Directive 2014/32/EU, Annex X) may be off by 0.64 mm in 100 mm",
)
"""How well the ruler itself is made."""

_MOST_RULERS = 4
_GROUPS = 12
_FLOOR_PX = 0.05
"""What of a tick's place does not average out: how evenly it is printed, and what a lens does besides."""
_FLAT = 3.0
"""Misfit of the plane above which a ruler is bent, or something hides its ticks."""
_ALONG_TICK_PX = 1e3
"""Nothing is known of where along a tick a point lies."""
_LARGEST_ERROR = 0.05
"""Relative standard error of a length at the image's middle above which a ruler tells too little."""
_NEAR = 9
"""Ticks nearer to a ruler's than this, across it and in mm, are the same ruler's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruler:
    """A row of millimetre ticks seen in a photograph.

    Parameters
    ----------
    ticks : Ticks
        Those seen.
    comb : Comb
        Where they stand.
    """

    ticks: Ticks
    comb: Comb

    def covers(self, point: Floats) -> bool:
        """Return whether a point ``(row, col)`` lies among the ruler's ticks or beside them."""
        places = self.ticks.seen.mean(axis=1)
        offset = point - places.mean(axis=0)
        period = self.comb.period_px(float(np.median(self.ticks.number)))
        along = np.abs((places - places.mean(axis=0)) @ self.comb.along).max()
        across, down = abs(offset @ self.comb.across), abs(offset @ self.comb.along)
        return bool(across < _NEAR * period and down < along)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """What was found of rulers.

    Parameters
    ----------
    rulers : tuple of Ruler
        Those in millimetres, the one with most ticks first.
    others : int
        How many more rows of regular ticks there are whose unit is not certain.
    """

    rulers: tuple[Ruler, ...]
    others: int


def by_ruler(scene: Scene) -> Finding:
    """Return the plane of the rulers seen in a photograph.

    Ticks are numbered along the ruler, and each is a line on the plane: their spacing, how it changes along
    the ruler, and how they converge give scale and tilt together; only what the camera's focal
    length would tell is taken from what is usual (`lesionkit.calibrate.lens`). Several rulers lie on one
    plane if each by itself tells the same scale, within 5 %, of the place between them.
    """
    if not scene.is_photograph or not scene.settings.find_rulers:
        return Finding()
    search = find_rulers(grey_of(scene.image))
    if not search.rulers:
        return Finding(problems=(_unit_unclear(scene),) if search.others else ())
    prints = [print_of(ruler) for ruler in search.rulers]
    shape = scene.image.grid.shape
    middle = np.mean([one.seen.mean(axis=0) for one in prints], axis=0)
    alone = [fit_plane([one], shape=shape) for one in prints]
    scales = [math.sqrt(abs(float(np.linalg.det(mm_per_px(plane.homography, middle))))) for plane in alone]
    low, high = min(scales), max(scales)
    plane, parts, problems = alone[0], [GRADUATION], []
    if differ(low, high):
        problems.append(_disagree(scene, len(prints), high / low))
    elif len(prints) > 1:
        plane = fit_plane(prints, shape=shape)
        parts.append(_spread(scales))
    if plane.misfit > _FLAT:
        return Finding(problems=(*problems, _bent(scene)))
    grid = grid_on(plane, scene, source=ScaleSource.RULER, parts=parts)
    if grid is None or _of_the_ruler(grid, scene) > _LARGEST_ERROR:
        return Finding(problems=(*problems, _too_oblique(scene)))
    return Finding(grid=grid, problems=tuple(problems))


def _of_the_ruler(grid: Grid, scene: Scene) -> float:
    """Return how uncertain the ruler's own scale is: that skin curves away from it is no fault of its own."""
    parts = grid.scale_parts_at(scene.centre)
    return combined(part for part in parts if part.name not in ("height", "curvature"))


def find_rulers(grey: Grey) -> Search:
    """Return the rulers seen in a picture.

    A ruler is a row of at least 31 parallel strokes, dark or bright, evenly spaced under perspective, of
    which every tenth is longest and every one midway between them longer than the others: no other
    common graduation has this pattern. What lacks it gives no scale.

    Parameters
    ----------
    grey : ndarray of uint8, shape (rows, cols)
        The picture.
    """
    pictures = pyramid(grey)
    found: list[Ruler] = []
    others = 0
    for band in find_bands(pictures):
        if len(found) == _MOST_RULERS or any(ruler.covers(band.middle) for ruler in found):
            continue
        ruler, is_other = _read(pictures, band)
        others += is_other
        if ruler is not None and not any(_same(ruler, one) for one in found):
            found.append(ruler)
    return Search(rulers=tuple(sorted(found, key=lambda one: -len(one.ticks.number))), others=others)


def _read(pictures: tuple[Grey, ...], band: Band) -> tuple[Ruler | None, bool]:
    """Return the ruler in a band, if there is one, and whether there is a graduation of another kind."""
    whole = max(pictures[0].shape)
    picture = min(pictures, key=lambda one: abs(whole / max(one.shape) - band.shrink))
    comb = find_comb(picture, band)
    if comb is None:
        return None, False
    kinds = list(read_ticks(pictures, comb))
    in_mm = [ticks for ticks in kinds if ticks.are_millimetres]
    in_mm += [half for half in (ticks.every_other() for ticks in kinds) if half is not None]
    if in_mm:
        return Ruler(ticks=max(in_mm, key=lambda ticks: len(ticks.number)), comb=comb), False
    return None, any(ticks.are_another_rule for ticks in kinds)


def _same(first: Ruler, second: Ruler) -> bool:
    return first.covers(second.ticks.seen.mean(axis=(0, 1))) or second.covers(
        first.ticks.seen.mean(axis=(0, 1))
    )


def print_of(ruler: Ruler) -> Print:
    """Return a ruler as points whose places along it are known, and across it not.

    Neighbouring ticks are averaged: `_GROUPS` points a row tell the plane as well as all ticks.
    """
    ticks = ruler.ticks
    parts = np.array_split(np.arange(len(ticks.number)), min(_GROUPS, len(ticks.number)))
    seen = np.stack([ticks.seen[part].mean(axis=0) for part in parts])
    number = np.array([ticks.number[part].mean() for part in parts])
    direction = seen[:, 1] - seen[:, 0]
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    one = (ticks.sigma_px**2 / min(map(len, parts)) + _FLOOR_PX**2) * np.eye(2)
    covariance = np.zeros((4 * len(parts), 4 * len(parts)))
    for place, along in enumerate(np.repeat(direction, 2, axis=0)):
        here = slice(2 * place, 2 * place + 2)
        covariance[here, here] = one + _ALONG_TICK_PX**2 * np.outer(along, along)
    mm = np.stack(np.broadcast_arrays(ticks.across[None, :], number[:, None]), axis=-1)
    return Print(
        seen=seen.reshape(-1, 2), printed_mm=mm.reshape(-1, 2).astype(np.float64), covariance=covariance
    )


def _spread(scales: Sequence[float]) -> ErrorPart:
    logs = np.log(scales)
    return ErrorPart(
        name="rulers",
        rel_se=float(np.std(logs, ddof=1) / np.sqrt(len(logs))),
        source=f"{len(logs)} rulers differ by {100 * np.expm1(np.ptp(logs)):.2g} %",
    )


def _unit_unclear(scene: Scene) -> Problem:
    return Problem(
        severity=Severity.INFO,
        code="ruler_unit_unclear",
        about=scene.about,
        text="A row of ticks is seen in this photograph, but their lengths do not say that they are "
        "millimetres; it is not used.",
        hint="Mark two points on it in the outline file, with their distance in mm.",
    )


def _too_oblique(scene: Scene) -> Problem:
    return Problem(
        severity=Severity.INFO,
        code="ruler_too_oblique",
        about=scene.about,
        text="A ruler is seen so obliquely, or so small, that it gives no reliable scale; it is not used.",
        hint="Mark two points on it in the outline file, and next time hold the camera squarely above it.",
    )


def _bent(scene: Scene) -> Problem:
    return Problem(
        severity=Severity.INFO,
        code="ruler_bent",
        about=scene.about,
        text="The ticks of the ruler in this photograph do not lie as on a flat one; it is not used.",
        hint="Lay it flat, or mark two points on a straight part of it in the outline file.",
    )


def _disagree(scene: Scene, number: int, ratio: float) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="rulers_disagree",
        about=scene.about,
        text=f"{number} rulers are seen in this photograph, and their millimetres differ by "
        f"{100 * (ratio - 1):.0f} %: they do not lie on one plane; the longest is used.",
        hint="Lay rulers flat at the height of the deposit, or mark two points on the right one in the "
        "outline file.",
    )
