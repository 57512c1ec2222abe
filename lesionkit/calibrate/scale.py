"""Which of the sources of an image's scale is believed, and whether the others agree."""

from collections.abc import Callable, Sequence

import numpy as np

from lesionkit.calibrate.card.reading import CardReading, NoCard, read_card
from lesionkit.calibrate.card.source import by_card
from lesionkit.calibrate.claims import by_length, by_manifest
from lesionkit.calibrate.field import by_field
from lesionkit.calibrate.finding import Finding, Scene, differ
from lesionkit.calibrate.marker import by_marker
from lesionkit.calibrate.reference import line_of
from lesionkit.calibrate.ruler import by_ruler
from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.settings import ScaleSettings


def by_file(scene: Scene) -> Finding:
    """Return the spacing that the image's own file gives (DICOM, NIfTI, NRRD)."""
    return Finding(grid=scene.image.grid if scene.image.grid.is_calibrated else None)


def by_default(scene: Scene) -> Finding:
    """Return the one scale that the settings give to all photographs."""
    mm_per_px = scene.settings.mm_per_px
    if not scene.is_photograph or mm_per_px is None:
        return Finding()
    return Finding(grid=scene.grid((mm_per_px, mm_per_px), ScaleSource.MANIFEST))


SOURCES: tuple[Callable[[Scene], Finding], ...] = (
    by_manifest,
    by_length,
    by_file,
    by_card,
    by_marker,
    by_field,
)
"""Where a scale can come from, the most trusted first; each says nothing where it does not apply."""


def scale_of(
    image: Image,
    *,
    claims: Sequence[ScaleClaim],
    settings: ScaleSettings,
    about: str,
    card: CardReading | NoCard | None = None,
) -> tuple[Grid, tuple[Problem, ...]]:
    """Return an image's grid with the scale that is believed, and what is wrong with it.

    The first of these that is there: mm per pixel declared by the user for the image (``images.csv``, outline
    file); lengths marked on it (two points, ruler, reference length); the spacing in its own file; the
    calibration card (photographs); a marker of known size (photographs); a ruler found in it (photographs);
    mm per pixel declared for all photographs.
    Without any it stays in pixels.
    Sources that are there and differ by more than 5 % are a problem, and the first is used.
    The spacing of a volume is always its file's.

    Parameters
    ----------
    image : Image
        With its pixels: markers are looked for in them.
    claims : sequence of ScaleClaim
        What is said of this image, the weightier first (``images.csv`` before outline files).
    settings : ScaleSettings
        What holds for all photographs.
    about : str
        What the problems call the image: its path relative to the cohort, or its id.
    card : CardReading or NoCard, optional
        What the card in it says; looked for where not given.

    Returns
    -------
    grid : Grid
        The image's grid with spacing (and, from a card or marker, homography), source and relative error.
    problems : tuple of Problem
        ``scales_disagree``, ``no_scale``, ``scale_ignored``, ``scale_without_length``,
        ``scale_outside_image`` and those of cards and markers.

    Raises
    ------
    CalibrationError
        If the settings name a marker dictionary that OpenCV does not know.
    """
    if card is None:
        card = card_in(image, settings)
    scene = Scene(image=image, claims=tuple(claims), settings=settings, about=about, card=card)
    if not image.grid.is_planar:
        return image.grid, _ignored(scene)
    findings = [source(scene) for source in SOURCES]
    grids = [finding.grid for finding in findings if finding.grid is not None]
    problems = [problem for finding in findings for problem in finding.problems]
    problems += _disagreements(scene, grids)
    if grids:
        return grids[0], tuple(problems)
    # Not among the sources above: rulers are looked for only where nothing else is found, for it takes time.
    ruler = by_ruler(scene)
    problems += ruler.problems
    if ruler.grid is not None:
        return ruler.grid, tuple(problems)
    # It speaks only where nothing nearer to the image does, so it is not held against the sources.
    default = by_default(scene).grid
    if default is not None:
        return default, tuple(problems)
    return image.grid, (*problems, _no_scale(scene))


def card_in(image: Image, settings: ScaleSettings) -> CardReading | NoCard:
    """Return what the calibration card in an image says; only photographs are looked at."""
    if image.modality is not Modality.XC:
        return NoCard()
    return read_card(image, bars_mm=settings.card_bar_mm)


def _ignored(scene: Scene) -> tuple[Problem, ...]:
    if not scene.claims:
        return ()
    return (
        Problem(
            severity=Severity.WARNING,
            code="scale_ignored",
            about=scene.about,
            text="A scale was given for this volume, but a volume's spacing is always that of its own file.",
            hint="Remove the scale; if the file's spacing is wrong, correct it there.",
        ),
    )


def _disagreements(scene: Scene, grids: Sequence[Grid]) -> list[Problem]:
    if len(grids) < 2:
        return []
    used = grids[0]
    problems = []
    for other in grids[1:]:
        pairs = zip(_mm_per_px(used, scene), _mm_per_px(other, scene), strict=True)
        here, there = max(pairs, key=lambda pair: _apart_pct(*pair))
        if differ(here, there):
            problems.append(
                Problem(
                    severity=Severity.WARNING,
                    code="scales_disagree",
                    about=scene.about,
                    text=f"Two scales of this image differ by {_apart_pct(here, there):.0f} %: "
                    f"{here:.4g} mm per pixel by {_TELLING[used.scale_source]}, "
                    f"{there:.4g} by {_TELLING[other.scale_source]}; the first is used.",
                    hint=_CHECK_MARKER
                    if ScaleSource.MARKER in (used.scale_source, other.scale_source)
                    else "Check both; remove or correct the wrong one.",
                )
            )
    return problems


def _apart_pct(first: float, second: float) -> float:
    return 100 * (max(first, second) / min(first, second) - 1)


def _mm_per_px(grid: Grid, scene: Scene) -> tuple[float, ...]:
    """Return a grid's mm per pixel where people marked lengths, else down and across the image's middle.

    Rows and columns are told apart, for one scale may be right for neither of them. Under perspective
    the scale varies over the image, so that two sources are held against each other at the same place.
    """
    marked = [claim.points for claim in scene.claims if claim.points is not None]
    own = scene.image.grid.spacing_mm or (1.0, 1.0)
    lines = [line_of(points, own) for points in marked if scene.image.grid.contains(points).all()]
    if lines:
        return (float(np.mean([_mm_per_px_along(line, grid) for line in lines])),)
    down, across = np.eye(2) / 2
    middle = scene.centre
    return tuple(_mm_per_px_along(np.stack([middle - step, middle + step]), grid) for step in (down, across))


def _mm_per_px_along(line: Floats, grid: Grid) -> float:
    located, drawn = np.diff(grid.locate(line), axis=0), np.diff(line, axis=0)
    return float(np.linalg.norm(located) / np.linalg.norm(drawn))


_CHECK_MARKER = (
    "Measure the side of the marker's black square (or the card's bars) and correct it in cohort.toml, or "
    "remove the other scale. A marker also seems larger where it lies nearer to the camera than the skin."
)
_TELLING = {
    ScaleSource.MANIFEST: "what was declared for it",
    ScaleSource.TWO_POINTS: "two marked points",
    ScaleSource.RULER: "the ruler",
    ScaleSource.REFERENCE_LENGTH: "the reference length",
    ScaleSource.MARKER: "the marker or card",
    ScaleSource.PATIENT_PLANE: "its file (calibrated to the patient)",
    ScaleSource.MAGNIFICATION_CORRECTED: "its file (magnification corrected)",
    ScaleSource.DETECTOR_PLANE: "its file (at the detector)",
    ScaleSource.UNSPECIFIED_PLANE: "its file",
}


def _no_scale(scene: Scene) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        code="no_scale",
        about=scene.about,
        text="Nothing says how large this image's pixels are: deposits are measured in pixels, not mm.",
        hint="Lay a ruler or a printed marker beside the deposit and mark its length in the outline file, or "
        "give mm_per_px in images.csv.",
    )
