"""What two drawings of the same deposits say of how well lines are repeated: figures for the error model."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from lesionkit.core.agreement import person
from lesionkit.core.arrays import Floats
from lesionkit.core.image import Modality
from lesionkit.core.settings import ReaderError
from lesionkit.core.units import Unit
from lesionkit.geometry.likeness import Likeness
from lesionkit.summarise.readings import Twice

FEWEST_LINES = 5
"""Fewer deposits drawn twice tell nothing of a reader."""
FEWEST_IMAGES = 5
"""Fewer images read twice do not tell how much larger whole readings are drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    """The lines of one image that two readings have drawn."""

    offset: float
    spread: float
    length: int


def reader_errors(found: Sequence[Twice]) -> dict[Modality, ReaderError]:
    """Return how well lines are repeated, by stream, where enough deposits in mm were drawn twice.

    Of two drawings of one deposit, d(s) is how far the second lies outside the first along its line. With
    d̄ the mean of d over all lines of one image:

    * ``outline_mm``: ``sqrt(mean (d − d̄)² / 2)`` over all lines, of readings by one person where there
      are such (``anna`` and ``anna~2``), else of all.
    * ``correlation_mm``: the distance at which the autocorrelation of d − d̄ along the lines has fallen to
      1/e; only of outlines.
    * ``reading_mm``: ``sqrt(mean d̄² / 2)`` over images, of readings by one person.
    * ``reader_mm``: the same between persons, less what is ``reading_mm``'s; where no one has read
      twice, all of it.

    Distances to the nearest point of the other line are a little shorter than along its normal, so that
    the figures are slightly low where deviations are as long as they are wide.
    """
    metric = [
        one
        for one in found
        if one.likeness and one.found.hausdorff_95 and one.found.hausdorff_95.unit is Unit.MM
    ]
    errors = {}
    for modality in sorted({one.found.modality for one in metric}):
        here = [one for one in metric if one.found.modality is modality]
        within = [one for one in here if person(one.found.readers[0]) == person(one.found.readers[1])]
        between = [one for one in here if one not in within]
        lines = within if len(within) >= FEWEST_LINES else here
        if len(lines) < FEWEST_LINES:
            continue
        reading = _offset(within)
        reader = _offset(between)
        if reader is not None and reading is not None:
            reader = math.sqrt(max(0.0, reader**2 - reading**2))
        errors[modality] = ReaderError(
            outline_mm=_rounded(_spread(lines)),
            correlation_mm=_rounded(_correlation(lines)),
            reading_mm=_rounded(reading),
            reader_mm=_rounded(reader),
            source=_source(lines, is_one_person=lines is within),
        )
    return errors


def _source(lines: Sequence[Twice], *, is_one_person: bool) -> str:
    readers = sorted({name for one in lines for name in one.found.readers})
    who = "by one person each" if is_one_person else "by different persons"
    return f"{len(lines)} deposits read twice {who} ({', '.join(readers)})"


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else float(f"{figure:.3g}")


def _images(lines: Sequence[Twice]) -> Iterator[_Image]:
    def place(one: Twice) -> tuple[str, tuple[str, str]]:
        return one.found.image, one.found.readers

    for _, together in groupby(sorted(lines, key=place), key=place):
        offsets = np.concatenate([_likeness(one).offsets for one in together])
        mean = float(offsets.mean())
        yield _Image(offset=mean, spread=float(((offsets - mean) ** 2).mean()), length=len(offsets))


def _likeness(one: Twice) -> Likeness:
    assert one.likeness is not None
    return one.likeness


def _spread(lines: Sequence[Twice]) -> float:
    images = tuple(_images(lines))
    total = sum(image.length for image in images)
    return math.sqrt(sum(image.spread * image.length for image in images) / total / 2)


def _offset(lines: Sequence[Twice]) -> float | None:
    images = tuple(_images(lines))
    if len(images) < FEWEST_IMAGES:
        return None
    return math.sqrt(sum(image.offset**2 for image in images) / len(images) / 2)


def _correlation(lines: Sequence[Twice]) -> float | None:
    """Return how far a deviation lasts: where the mean autocorrelation over all lines falls to 1/e."""
    rings = [(ring, _likeness(one).pitch) for one in lines for ring in _rings(_likeness(one))]
    known = [(ring, pitch) for ring, pitch in rings if pitch is not None and len(ring) >= 8]
    if not known:
        return None
    step = min(pitch for _, pitch in known)
    lags = np.arange(0.0, max(len(ring) * pitch for ring, pitch in known) / 2, step)
    total, weight = np.zeros(len(lags)), np.zeros(len(lags))
    for ring, pitch in known:
        covariance = _autocovariance(ring)
        own = np.arange(len(covariance)) * pitch
        within = lags <= own[-1]
        total[within] += len(ring) * np.interp(lags[within], own, covariance)
        weight[within] += len(ring)
    curve = total[weight > 0] / weight[weight > 0]
    if curve[0] <= 0:
        return None
    below = np.flatnonzero(curve < curve[0] / math.e)
    return float(lags[below[0]]) if len(below) else None


def _rings(like: Likeness) -> list[Floats]:
    if not like.lines:
        return []
    centred = like.offsets - like.offsets.mean()
    return np.split(centred, np.cumsum(like.lines)[:-1])


def _autocovariance(ring: Floats) -> Floats:
    """Return the covariance of a closed line with itself, by lag, up to half way round."""
    power = np.abs(np.fft.rfft(ring)) ** 2
    return np.asarray(np.fft.irfft(power, len(ring))[: len(ring) // 2] / len(ring))
