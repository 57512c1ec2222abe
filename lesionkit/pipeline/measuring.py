"""One image and its outlines -> what was measured, with everything that was wrong."""

from dataclasses import dataclass, replace
from pathlib import Path

from lesionkit.core.grid import Grid, ScaleClaim
from lesionkit.core.image import ImageRef
from lesionkit.core.measurement import Measurement
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.region import Deposit, Drawing
from lesionkit.core.settings import ScaleSettings
from lesionkit.core.units import Unit
from lesionkit.errors import LesionkitError
from lesionkit.io import DrawingFile
from lesionkit.pipeline.memo import Memo, kept


@kept
@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What is computed from an image's pixels and outlines, and kept for the next run.

    Parameters
    ----------
    grid : Grid
        Geometry with scale.
    intensity_unit : Unit
        Of the pixel values.
    measurements : tuple of Measurement
        One per deposit and measure.
    problems : tuple of Problem
        What the scale and the measuring found.
    """

    grid: Grid
    intensity_unit: Unit
    measurements: tuple[Measurement, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureJob:
    """One image to measure.

    Parameters
    ----------
    ref : ImageRef
        The image.
    files : tuple
        Its outline files , all of one reader.
    scale : ScaleSettings
        How photographs get their millimetres.
    inputs : tuple of (str, str)
        Path and SHA-256 of every file that goes in.
    memo : Memo
        Where results are kept.
    """

    ref: ImageRef
    files: tuple[DrawingFile, ...]
    scale: ScaleSettings
    inputs: tuple[tuple[str, str], ...]
    memo: Memo


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One image, measured; without a drawing or sizes where it could not be.

    Parameters
    ----------
    ref : ImageRef
        The image.
    drawing : Drawing, optional
        What was drawn on it; None where no outline file was usable: then nobody has read it.
    sizes : Sizes, optional
        What was measured; None where the pixels could not be loaded.
    problems : tuple of Problem
        All that was wrong.
    """

    ref: ImageRef
    drawing: Drawing | None = None
    sizes: Sizes | None = None
    problems: tuple[Problem, ...] = ()


def measure_image(job: MeasureJob) -> Measured:
    """Return what was measured on one image; whatever goes wrong with it is in its problems."""
    try:
        drawing, problems = _load_drawings(job)
        if drawing is None:
            return Measured(ref=job.ref, problems=problems)
        sizes = job.memo.recall_or(
            (
                "sizes",
                job.ref.id,
                job.ref.modality,
                repr(job.ref.scale_claims),
                repr(job.scale),
                *map(repr, job.inputs),
            ),
            lambda: _measure(job.ref, drawing, job.scale),
        )
        return Measured(ref=job.ref, drawing=drawing, sizes=sizes, problems=(*problems, *sizes.problems))
    except LesionkitError as error:
        return Measured(ref=job.ref, problems=(_problem(job.ref, error.message, error.hint),))
    except Exception as error:  # 300 pictures do not die of the 17th
        return Measured(
            ref=job.ref,
            problems=(_problem(job.ref, f"It could not be measured: {type(error).__name__}: {error}", ""),),
        )


def _problem(ref: ImageRef, text: str, hint: str) -> Problem:
    return Problem(
        severity=Severity.ERROR, code="image_not_measured", about=ref.location, text=text, hint=hint
    )


def _load_drawings(job: MeasureJob) -> tuple[Drawing | None, tuple[Problem, ...]]:
    from lesionkit.io import load_drawing

    drawings: list[Drawing] = []
    unusable: list[str] = []
    problems: list[Problem] = []
    for file in job.files:
        drawing, found = load_drawing(file, image=job.ref)
        problems.extend(found)
        if drawing is not None:
            drawings.append(drawing)
        elif any(problem.severity is Severity.ERROR for problem in found):
            unusable.append(file.about)
    joined = _join(drawings, tuple(unusable)) if drawings else None
    return joined, tuple(problems)


def _join(drawings: list[Drawing], unusable: tuple[str, ...]) -> Drawing:
    """Return one reader's files as one drawing (a segmentation may come as one file per deposit).

    What a file that cannot be used held is not known: it counts as left out.
    """
    if len(drawings) == 1:
        return replace(drawings[0], left_out=(*drawings[0].left_out, *unusable))
    deposits: list[Deposit] = []
    claims: list[ScaleClaim] = []
    files: list[Path] = []
    left_out: list[str] = [*unusable]
    for drawing in drawings:
        taken = {deposit.id for deposit in deposits}
        for deposit in drawing.deposits:
            key, count = deposit.id, 1
            while key in taken:
                count += 1
                key = f"{deposit.id}-{count}"
            taken.add(key)
            deposits.append(replace(deposit, id=key, properties=dict(deposit.properties)))
        claims.extend(drawing.scale_claims)
        files.extend(drawing.files)
        left_out.extend(drawing.left_out)
    return replace(
        drawings[0],
        deposits=tuple(deposits),
        scale_claims=tuple(claims),
        files=tuple(files),
        left_out=tuple(left_out),
    )


def _measure(ref: ImageRef, drawing: Drawing, scale: ScaleSettings) -> Sizes:
    from lesionkit.calibrate import scale_of
    from lesionkit.io import load_image
    from lesionkit.measure import measure_deposits

    image = load_image(ref)
    grid, problems = scale_of(
        image, claims=(*ref.scale_claims, *drawing.scale_claims), settings=scale, about=ref.location
    )
    image = replace(image, grid=grid)
    return Sizes(
        grid=grid,
        intensity_unit=image.intensity_unit,
        measurements=measure_deposits(drawing.deposits, image, image_id=ref.id),
        problems=problems,
    )
