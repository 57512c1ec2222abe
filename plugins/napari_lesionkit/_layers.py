"""Nouns -> what napari's layers are made of, and back, without a screen.

napari's data coordinates are ours: ``(row, col)`` or ``(plane, row, col)``, pixel centres on integers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from lesionkit.core.grid import Grid
from lesionkit.core.image import Image
from lesionkit.core.region import Deposit, Mask, Outline, Status
from lesionkit.core.window import Look
from napari_lesionkit._loops import counts_of, loop_of

LayerData = tuple[Any, dict[str, Any], Literal["image", "shapes", "labels"]]
"""What napari's readers return: data, settings of the layer, and its kind."""

COLOURS: Mapping[Status, str] = {
    Status.SUGGESTED: "#ffb000",
    Status.DRAWN: "#35d6ff",
    Status.CONFIRMED: "#35d6ff",
}
"""Of outlines by how far a person stands behind them; told apart also without seeing red and green."""

LEFT = "#b8b8b8"
"""Where a deposit was or may be: excised, extruded, or not to be judged."""

GHOST_COLOUR = "#ff6ad5"
"""Of outlines of the other timepoint."""

AXES = ("plane", "row", "col")


def space_of(grid: Grid) -> dict[str, Any]:
    """Return where a layer on a grid lies: ``scale``, ``units`` and ``axis_labels``.

    Units are mm where the grid has a scale, else pixel. Under perspective the scale is that of the image's
    centre. Pixels of another height than width are shown so also where nothing tells their size.
    """
    axes = len(grid.shape)
    if grid.spacing_mm is not None:
        scale = tuple(float(mm) for mm in grid.spacing_mm)
    else:
        scale = (*(1.0,) * (axes - 2), float(grid.aspect), 1.0)
    unit = "mm" if grid.is_calibrated else "pixel"
    return {"scale": scale, "units": (unit,) * axes, "axis_labels": AXES[-axes:]}


def plane_space_of(grid: Grid) -> dict[str, Any]:
    """Return as `space_of`, of one plane: what is drawn is drawn on a plane, also in a volume."""
    return {key: value[-2:] for key, value in space_of(grid).items()}


def picture_layer(image: Image, *, name: str, look: Look | None = None) -> LayerData:
    """Return an image as a layer, shown with the first of `lesionkit.core.display.offer_looks`.

    Parameters
    ----------
    image : Image
        With its pixels; nothing is copied.
    name : str
        Of the layer.
    look : Window or Curve, optional
        How it is shown; napari knows straight windows only, so of another its limits are taken.
    """
    settings: dict[str, Any] = {"name": name, "rgb": image.is_colour, **space_of(image.grid)}
    if not image.is_colour:
        settings |= {"contrast_limits": limits_of(image, look or first_look(image)), "colormap": "gray"}
    return image.pixels, settings, "image"


def first_look(image: Image) -> Look:
    """Return how an image is first shown; of a volume its middle plane decides, so that it is quick."""
    from lesionkit.core.display import offer_looks

    middle = None if image.grid.is_planar else image.grid.shape[0] // 2
    return offer_looks(image, plane=middle)[0]


def limits_of(image: Image, look: Look) -> tuple[float, float]:
    """Return the values that are black and white, apart from one another."""
    low, high = look.limits
    if image.pixels.dtype.kind in "ui" and high - low < 1:
        high = low + 1
    return float(low), float(high if high > low else low + 1e-6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which region of which deposit a shape is, and how many points its rings have.

    Parameters
    ----------
    deposit : str
        Id of the deposit.
    region : int
        Place among its regions.
    counts : tuple of int
        Points of the exterior, then of each hole.
    """

    deposit: str
    region: int
    counts: tuple[int, ...]


def parts_of(deposits: Sequence[Deposit]) -> tuple[tuple[Part, Outline], ...]:
    """Return every outline of deposits on a planar image, each with what it is, in order."""
    return tuple(
        (Part(deposit=deposit.id, region=index, counts=counts_of(region)), region)
        for deposit in deposits
        for index, region in enumerate(deposit.regions)
        if isinstance(region, Outline) and region.plane is None
    )


def outlines_layer(deposits: Sequence[Deposit], *, grid: Grid, name: str) -> LayerData:
    """Return outlines as a Shapes layer; `features` tell each line's deposit and status."""
    parts = parts_of(deposits)
    by_id = {deposit.id: deposit for deposit in deposits}
    owning = [by_id[part.deposit] for part, _ in parts]
    settings: dict[str, Any] = {
        "name": name,
        "shape_type": "polygon",
        "features": {
            "deposit": [deposit.name or deposit.id for deposit in owning],
            "status": [deposit.status.value for deposit in owning],
        },
        "edge_color": [COLOURS.get(deposit.status, LEFT) for deposit in owning] or COLOURS[Status.DRAWN],
        "face_color": "transparent",
        "edge_width": line_width(grid),
        "ndim": 2,
        **plane_space_of(grid),
    }
    return [loop_of(outline) for _, outline in parts], settings, "shapes"


def line_width(grid: Grid) -> float:
    """Return the width of lines in pixels of the image: a 500th of its shorter side."""
    return max(0.5, min(grid.shape[-2:]) / 500)


def label_map(deposits: Sequence[Deposit], *, grid: Grid) -> npt.NDArray[np.uint16]:
    """Return a label map: the deposit in place i (from 0) is the value i + 1; later ones lie on top.

    Voxels of fractional masks belong as `lesionkit.geometry.voxels.inside` says; outlines on planes are
    filled by pixel centres.
    """
    from lesionkit.geometry.raster import pixels
    from lesionkit.geometry.voxels import inside

    labels = np.zeros(grid.shape, dtype=np.uint16)
    for number, deposit in enumerate(deposits, 1):
        for region in deposit.regions:
            mask = pixels(region, shape=grid.shape)
            if mask is not None:
                labels[mask.box][inside(mask)] = number
    return labels


def labels_layer(deposits: Sequence[Deposit], *, grid: Grid, name: str) -> LayerData:
    """Return masks of a volume as a Labels layer."""
    names = ["", *(deposit.name or deposit.id for deposit in deposits)]
    settings = {"name": name, "features": {"deposit": names}, "opacity": 0.5, **space_of(grid)}
    return label_map(deposits, grid=grid), settings, "labels"


def repainted(
    mask: Mask | None, *, shape: tuple[int, ...], added: npt.NDArray[np.intp], taken: npt.NDArray[np.intp]
) -> Mask | None:
    """Return a mask after voxels were painted and rubbed out; None where nothing is left of it.

    Voxels that were not touched keep their fraction, also those that another deposit's paint hides.

    Parameters
    ----------
    mask : Mask, optional
        What it was.
    shape : tuple of int
        Of the image.
    added, taken : ndarray of int, shape (n, axes)
        Indices in the image; what is added counts whole.
    """
    touched = np.concatenate([added, taken])
    if not len(touched):
        return mask
    low, high = touched.min(axis=0), touched.max(axis=0) + 1
    if mask is not None:
        low = np.minimum(low, mask.origin)
        high = np.maximum(high, np.add(mask.origin, mask.voxels.shape))
    low, high = np.maximum(low, 0), np.minimum(high, shape)
    voxels = np.zeros(high - low, dtype=np.bool_ if mask is None else mask.voxels.dtype)
    if mask is not None:
        voxels[tuple(slice(s.start - o, s.stop - o) for s, o in zip(mask.box, low, strict=True))] = (
            mask.voxels
        )
    voxels[tuple((taken - low).T)] = 0
    voxels[tuple((added - low).T)] = 1
    if not voxels.any():
        return None
    cropped = Mask.cropped(voxels)
    return Mask(
        voxels=cropped.voxels, origin=tuple(int(o + s) for o, s in zip(cropped.origin, low, strict=True))
    )
