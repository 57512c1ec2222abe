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


def ends_of(grid: Grid, sides: tuple[str, str] | None = None) -> dict[int, tuple[str, str]]:
    """Return for each axis of an image the letters of what of the patient lies at its low and its high end.

    Parameters
    ----------
    grid : Grid
        Of the image; a volume's affine tells.
    sides : tuple of str, optional
        Of a planar image: what its file says lies to the right and below.

    Examples
    --------
    >>> import numpy as np
    >>> from lesionkit.core.grid import ScaleSource
    >>> affine = np.array([[0, 0, 1, 0], [0, 1, 0, 0], [-2, 0, 0, 0], [0, 0, 0, 1]], dtype=float)
    >>> source = ScaleSource.PATIENT_PLANE
    >>> ends_of(Grid(shape=(4, 5, 6), spacing_mm=(2, 1, 1), affine=affine, scale_source=source))
    {0: ('H', 'F'), 1: ('A', 'P'), 2: ('R', 'L')}
    >>> ends_of(Grid(shape=(4, 5)), ("L", "F"))
    {0: ('H', 'F'), 1: ('R', 'L')}
    """
    if grid.affine is not None:
        columns = np.asarray(grid.affine)[:3, :3].T
        return {axis: (_letter(-column), _letter(column)) for axis, column in enumerate(columns)}
    if sides is None or not grid.is_planar:
        return {}
    across, down = sides
    return {0: (down.translate(_OPPOSITE), down), 1: (across.translate(_OPPOSITE), across)}


_OPPOSITE = str.maketrans("RLAPHF", "LRPAFH")


def letters_of(
    ends: Mapping[int, tuple[str, str]],
    *,
    shown: tuple[int, ...],
    is_upward: bool = False,
    is_leftward: bool = False,
) -> dict[str, str]:
    """Return a letter for each side of the view; none in three dimensions, and where nothing is known.

    Parameters
    ----------
    ends : Mapping of int to (str, str)
        From `ends_of`.
    shown : tuple of int
        Axes of the image that run down and across the screen.
    is_upward, is_leftward : bool
        Whether the first runs up instead, and the second to the left.

    Examples
    --------
    >>> letters_of({0: ("H", "F"), 1: ("R", "L")}, shown=(0, 1))
    {'left': 'R', 'right': 'L', 'top': 'H', 'bottom': 'F'}
    """
    if len(shown) != 2 or not set(shown) <= ends.keys():
        return {}
    top, bottom = ends[shown[0]][:: -1 if is_upward else 1]
    left, right = ends[shown[1]][:: -1 if is_leftward else 1]
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
