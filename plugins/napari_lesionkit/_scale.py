"""Where an image's millimetres come from and how far they may be off, in words."""

from dataclasses import replace

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.image import Image
from lesionkit.errors import LesionkitError


def claim_of(points: Floats, length_mm: float) -> ScaleClaim:
    """Return what two points on something of known length say of a picture's scale."""
    ends = np.asarray(points, dtype=np.float64)[[0, -1]]
    return ScaleClaim(
        source=ScaleSource.TWO_POINTS,
        points=tuple((float(r), float(c)) for r, c in ends),
        length_mm=length_mm,
    )


def grid_under(image: Image, *claims: ScaleClaim) -> Grid:
    """Return an image's grid as it would be, were nothing known of its scale but some claims.

    Raises
    ------
    LesionkitError
        If the claims cannot be used.
    """
    from lesionkit.calibrate import scale_of
    from lesionkit.calibrate.card.reading import NoCard
    from lesionkit.core.settings import ScaleSettings

    bare = replace(image, grid=image.grid if not image.grid.is_planar else _bare(image))
    return scale_of(bare, claims=claims, settings=ScaleSettings(), about="", card=NoCard())[0]


def _bare(image: Image) -> Grid:
    """Return the grid without a scale that was found in the picture; a file's own spacing stays."""
    found = image.grid.scale_source in _NOT_OF_FILE
    return Grid(shape=image.grid.shape, aspect=image.grid.aspect) if found else image.grid


_NOT_OF_FILE = (
    ScaleSource.MARKER,
    ScaleSource.RULER,
    ScaleSource.TWO_POINTS,
    ScaleSource.REFERENCE_LENGTH,
    ScaleSource.MANIFEST,
)


def implied(image: Image, points: Floats, length_mm: float) -> str:
    """Return what a length would say of a picture's scale, and what error of an area that implies."""
    try:
        grid = grid_under(image, claim_of(points, length_mm))
    except (LesionkitError, ValueError) as error:
        return str(error)
    if grid.spacing_mm is None or grid.scale_source is not ScaleSource.TWO_POINTS:
        return "The line says nothing of the scale."
    text = f"{_size(grid)} mm per pixel."
    if grid.scale_rel_se is None:
        return text
    se = 100 * grid.scale_rel_se
    return f"{text} One standard error: ±{se:.1f} % of a length, ±{2 * se:.1f} % of an area."


def told(grid: Grid | None) -> str:
    """Return where an image's millimetres come from, in one line that is always on the screen."""
    if grid is None:
        return "Scale: …"
    if grid.spacing_mm is None:
        return "No scale: sizes are in pixels. Mark a known length with the tool Scale."
    error = "" if grid.scale_rel_se is None else f" ± {100 * grid.scale_rel_se:.1f} %"
    return f"Scale: {SOURCES[grid.scale_source]}, {_size(grid)} mm per pixel{error}"


def _size(grid: Grid) -> str:
    assert grid.spacing_mm is not None
    return " × ".join(f"{mm:.4g}" for mm in dict.fromkeys(grid.spacing_mm))


SOURCES = {
    ScaleSource.PATIENT_PLANE: "its DICOM file (in the patient)",
    ScaleSource.MAGNIFICATION_CORRECTED: "its DICOM file (magnification taken off)",
    ScaleSource.DETECTOR_PLANE: "its DICOM file (at the detector: too large by the magnification)",
    ScaleSource.UNSPECIFIED_PLANE: "its DICOM file (plane not said)",
    ScaleSource.MARKER: "a marker or card in the picture",
    ScaleSource.RULER: "a ruler found in the picture",
    ScaleSource.TWO_POINTS: "two points marked by hand",
    ScaleSource.REFERENCE_LENGTH: "a reference length marked by hand",
    ScaleSource.MANIFEST: "declared by the user",
    ScaleSource.BASELINE_PICTURE: "the first picture of the site",
    ScaleSource.NONE: "none",
}
"""Why the millimetres are believed, in words."""
