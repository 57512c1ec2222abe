"""What two grids say of their alignment before a pixel is looked at."""

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid
from lesionkit.core.transform import Transform

CASSETTE_MM = 300.0
"""What the long side of a radiograph without a scale is taken for, where lengths only decide what is looked
at: the cassette for a hand is 24 by 30 cm."""


def align_grids(grid: Grid, baseline: Grid, *, image_id: str, baseline_id: str) -> Transform | None:
    """Return the transform of two volumes in one frame of reference; None where pixels are needed.

    Two volumes that share DICOM's FrameOfReferenceUID lie in the same patient coordinates, so the
    transform is the image's affine and then the inverse of the baseline's (DICOM PS3.3 section
    C.7.4.1). How far the patient moved between the two is not known: there is no residual.

    Parameters
    ----------
    grid, baseline : Grid
        Of the image and of the one to carry it onto.
    image_id, baseline_id : str
        Their ids.

    Examples
    --------
    >>> from lesionkit.core.grid import ScaleSource
    >>> volume = Grid(
    ...     shape=(9, 9, 9), spacing_mm=(1, 1, 1), affine=np.eye(4)[[2, 1, 0, 3]] * [[1], [-1], [1], [1]],
    ...     frame_of_reference="1.2", scale_source=ScaleSource.PATIENT_PLANE)
    >>> align_grids(volume, volume, image_id="a", baseline_id="b").method
    'frame-of-reference'
    """
    shared = grid.frame_of_reference
    if shared is None or shared != baseline.frame_of_reference:
        return None
    if grid.affine is None or baseline.affine is None:
        return None
    return Transform(
        source=image_id,
        target=baseline_id,
        matrix=np.linalg.inv(baseline.affine) @ grid.affine,
        method="frame-of-reference",
    )


def guess(grid: Grid, baseline: Grid) -> Floats:
    """Return the matrix that lays one grid's centre on the other's, scaled by their spacings.

    Without a scale on both, the image's height and width are taken for the baseline's. Volumes with
    affines keep their orientation in the patient.
    """
    axes = len(grid.shape)
    linear = np.diag(np.asarray(baseline.shape) / np.asarray(grid.shape))
    if grid.affine is not None and baseline.affine is not None:
        linear = np.linalg.inv(baseline.affine[:3, :3]) @ grid.affine[:3, :3]
    elif grid.spacing_mm is not None and baseline.spacing_mm is not None:
        linear = np.diag(np.asarray(grid.spacing_mm) / np.asarray(baseline.spacing_mm))
    matrix = np.eye(axes + 1)
    matrix[:axes, :axes] = linear
    matrix[:axes, axes] = middle(baseline) - linear @ middle(grid)
    return matrix


def middle(grid: Grid) -> Floats:
    """Return the pixel coordinates of a grid's centre."""
    return (np.asarray(grid.shape, dtype=np.float64) - 1) / 2


def corners(grid: Grid) -> Floats:
    """Return the pixel coordinates of a grid's corner pixels, in ring order if it is planar."""
    if grid.is_planar:
        rows, cols = grid.shape[0] - 1.0, grid.shape[1] - 1.0
        return np.array([[0.0, 0.0], [0.0, cols], [rows, cols], [rows, 0.0]])
    upper = np.indices((2,) * len(grid.shape)).reshape(len(grid.shape), -1).T
    return upper * (np.asarray(grid.shape, dtype=np.float64) - 1)


def sides_mm(grid: Grid) -> Floats:
    """Return the sides of a planar image's pixels in mm; without a scale, as if by `CASSETTE_MM`."""
    return np.asarray(grid.spacing_mm or (CASSETTE_MM / max(grid.shape),) * 2, dtype=np.float64)
