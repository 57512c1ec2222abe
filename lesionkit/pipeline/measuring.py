"""One image and its outlines -> what was measured, with everything that was wrong."""

from dataclasses import dataclass, field

from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef
from lesionkit.core.measurement import Measure, Measurement
from lesionkit.core.outcome import Problem, Severity, any_error
from lesionkit.core.region import Drawing
from lesionkit.core.settings import (
    CalciumSettings,
    ColourSettings,
    ErrorSettings,
    GradeSettings,
    ScaleSettings,
)
from lesionkit.core.units import Unit
from lesionkit.errors import LesionkitError
from lesionkit.io import DrawingFile
from lesionkit.pipeline.joining import Sheet, join
from lesionkit.pipeline.memo import Memo, kept
from lesionkit.pipeline.seeing import look_into, measure_drawn


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
        Its outline files, all of one reader.
    scale : ScaleSettings
        How photographs get their millimetres.
    inputs : tuple of (str, str)
        Path and SHA-256 of every file that goes in.
    memo : Memo
        Where results are kept.
    errors : ErrorSettings
        What is known of the errors of measuring.
    calcium : CalciumSettings
        How the CT shows calcium.
    grade : GradeSettings, optional
        How densities become grades.
    colour : ColourSettings
        What in photographs is of known colour.
    patient : str
        Whose image it is.
    names : tuple of (str, str)
        Other names that a card may bear, and the pseudonyms they stand for.
    """

    ref: ImageRef
    files: tuple[DrawingFile, ...]
    scale: ScaleSettings
    inputs: tuple[tuple[str, str], ...]
    memo: Memo
    errors: ErrorSettings = field(default_factory=ErrorSettings)
    calcium: CalciumSettings = field(default_factory=CalciumSettings)
    grade: GradeSettings | None = None
    colour: ColourSettings = field(default_factory=ColourSettings)
    patient: str = ""
    names: tuple[tuple[str, str], ...] = ()


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


def what_is_measured() -> tuple[tuple[Measure, ...], tuple[Problem, ...]]:
    """Return all measures that are installed, and a problem for each that cannot be used.

    Raises
    ------
    ExtensionError
        If two packages measure something of one name.
    """
    from lesionkit.measure.measurer import MEASURERS, all_measures

    return all_measures(), tuple(
        Problem(
            severity=Severity.WARNING,
            code="measure_not_usable",
            about=f"{extension.group} {extension.name}",
            text=f"What {extension.origin or 'another package'} measures is left out: {extension.reason}",
            hint="See `lesionkit plugins`.",
        )
        for extension in MEASURERS.extensions()
        if extension.reason
    )


def _installed() -> tuple[tuple[str, str, str], ...]:
    """Return what measures, with its version: kept results of another are not taken."""
    from lesionkit.measure.measurer import MEASURERS

    return tuple((each.name, each.origin, each.version) for each in MEASURERS.extensions() if not each.reason)


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
                repr(job.errors),
                repr((job.calcium, job.grade)),
                repr(_installed()),
                repr((job.colour, job.patient, job.names)),
                *map(repr, job.inputs),
            ),
            lambda: _measure(job, drawing),
        )
        if any_error(sizes.problems):
            return Measured(ref=job.ref, problems=(*problems, *sizes.problems))
        return Measured(ref=job.ref, drawing=drawing, sizes=sizes, problems=(*problems, *sizes.problems))
    except LesionkitError as error:
        return Measured(ref=job.ref, problems=(_problem(job.ref, error.message, error.hint),))
    except Exception as error:  # 300 pictures do not die of the 17th
        return Measured(
            ref=job.ref,
            # What a library says of a file may quote its header: whose it is.
            problems=(_problem(job.ref, f"It could not be measured ({type(error).__name__}).", ""),),
        )


def _problem(ref: ImageRef, text: str, hint: str) -> Problem:
    text = text if text.endswith((".", "!", "?")) else f"{text}."
    return Problem(
        severity=Severity.ERROR, code="image_not_measured", about=ref.location, text=text, hint=hint
    )


def _nothing_on(ref: ImageRef) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="not_outlined",
        about=ref.location,
        text="Files of outlines refer to this image's series, but nothing in them is drawn on this image: "
        "its deposits count as unseen, not as absent.",
        hint="Check that the outlines and the image belong together.",
    )


def _load_drawings(job: MeasureJob) -> tuple[Drawing | None, tuple[Problem, ...]]:
    from lesionkit.io import load_drawing

    sheets: list[Sheet] = []
    unusable: list[str] = []
    problems: list[Problem] = []
    for file in job.files:
        drawing, found = load_drawing(file, image=job.ref)
        problems.extend(found)
        if drawing is not None:
            sheets.append(Sheet(about=file.about, drawing=drawing))
        elif any_error(found):
            unusable.append(file.about)
    if not sheets:
        return None, tuple(problems) or (_nothing_on(job.ref),)
    joined, overlaps = join(sheets, unusable=unusable)
    return joined, (*problems, *overlaps)


def _measure(job: MeasureJob, drawing: Drawing) -> Sizes:
    seen = look_into(
        job.ref,
        claims=drawing.scale_claims,
        scale=job.scale,
        colour=job.colour,
        patient=job.patient,
        names=dict(job.names),
    )
    is_wrong = any_error(seen.problems)
    return Sizes(
        grid=seen.image.grid,
        intensity_unit=seen.image.intensity_unit,
        measurements=()
        if is_wrong
        else measure_drawn(
            drawing.deposits,
            seen,
            errors=job.errors,
            calcium=job.calcium,
            grade=job.grade,
            landmarks=drawing.landmarks,
            areas=drawing.areas,
        ),
        problems=seen.problems,
    )
