"""Which way the patient lies on the screen, in DICOM's letters, and the usual windows of grey."""

from collections.abc import Mapping

import numpy as np

from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality
from lesionkit.core.units import Unit
from lesionkit.core.window import Look, Window

SIDES = ("left", "right", "top", "bottom")

_NAMES = (("R", "L"), ("A", "P"), ("F", "H"))
"""Of each axis of DICOM's patient coordinates (LPS), towards its low and its high end."""

_OBLIQUE = 0.35
"""A second letter is set where its share of the direction is above this (20 degrees)."""

WINDOWS: Mapping[str, tuple[float, float]] = {"bone": (500, 2000), "soft tissue": (40, 400)}
"""Level and width in HU, as they are commonly preset on consoles and workstations."""


def letters_of(grid: Grid, *, down: int = 1, across: int = 2) -> dict[str, str]:
    """Return a letter for each side of the view of a volume; none where it has no place in a patient.

    Parameters
    ----------
    grid : Grid
        Of the volume.
    down, across : int
        Axes of the volume that run down and to the right on the screen.

    Examples
    --------
    >>> import numpy as np
    >>> from lesionkit.core.grid import ScaleSource
    >>> affine = np.array([[0, 0, 1, 0], [0, 1, 0, 0], [-2, 0, 0, 0], [0, 0, 0, 1]], dtype=float)
    >>> source = ScaleSource.PATIENT_PLANE
    >>> letters_of(Grid(shape=(4, 5, 6), spacing_mm=(2, 1, 1), affine=affine, scale_source=source))
    {'left': 'R', 'right': 'L', 'top': 'A', 'bottom': 'P'}
    """
    if grid.affine is None:
        return {}
    columns = np.asarray(grid.affine)[:3, :3]
    right, bottom = _letter(columns[:, across]), _letter(columns[:, down])
    left, top = _letter(-columns[:, across]), _letter(-columns[:, down])
    return {"left": left, "right": right, "top": top, "bottom": bottom}


def letters_beside(sides: tuple[str, str] | None) -> dict[str, str]:
    """Return a letter for each side of a planar image, from what its file says lies right and below.

    Examples
    --------
    >>> letters_beside(("L", "F"))
    {'left': 'R', 'right': 'L', 'top': 'H', 'bottom': 'F'}
    """
    if sides is None:
        return {}
    right, bottom = sides
    left, top = (side.translate(str.maketrans("RLAPHF", "LRPAFH")) for side in sides)
    return {"left": left, "right": right, "top": top, "bottom": bottom}


def _letter(direction: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    """Return the letters of a direction in the patient, the strongest first."""
    unit = direction / np.linalg.norm(direction)
    order = np.argsort(-np.abs(unit))
    return "".join(
        _NAMES[axis][int(unit[axis] > 0)]
        for place, axis in enumerate(order)
        if place == 0 or abs(unit[axis]) > _OBLIQUE
    )


def _nth(number: int) -> str:
    return f" ({number + 1})" if number else ""


def windows_of(image: Image) -> dict[str, tuple[float, float]]:
    """Return the ways to show an image by name, as values that are black and white; the first is the default.

    CT: deposits, bone, soft tissue. All but photographs: what the file asks for, then all values. MR and
    radiographs have no Hounsfield units, so nothing is preset there.
    """
    from lesionkit.core.display import offer_looks
    from napari_lesionkit._layers import limits_of

    if image.modality is Modality.XC and image.is_colour:
        return {}
    middle = None if image.grid.is_planar else image.grid.shape[0] // 2
    looks = offer_looks(image, plane=middle)
    found: dict[str, tuple[float, float]] = {}
    for number, look in enumerate(looks):
        name = look.explanation or ("all values" if look is looks[-1] else f"as the file asks{_nth(number)}")
        found.setdefault(name.lower(), limits_of(image, look))
    if image.intensity_unit is Unit.HU:
        for name, (level, width) in WINDOWS.items():
            preset: Look = Window.between(level - width / 2, level + width / 2)
            found.setdefault(name, limits_of(image, preset))
    return found
