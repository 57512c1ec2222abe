"""From an array of labels to a table, for those who have arrays and no cohort."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Mask
from lesionkit.core.units import Unit
from lesionkit.measure.catalogue import MEASURES, column
from lesionkit.measure.deposits import measure_regions


def measure_labels(
    labels: npt.NDArray[np.integer],
    *,
    spacing_mm: Sequence[float] | None,
    pixels: npt.NDArray[np.generic] | None = None,
) -> dict[str, npt.NDArray[np.generic]]:
    """Return a table of what can be measured of labelled regions, one array per column.

    Columns are ``label`` and those of ``measurements.csv`` that have a meaning for a mask, as
    `measure_deposits` measures it, with its unit in the name: ``area_mm2``, ``long_axis_mm``,
    ``short_axis_mm``, ``volume_mm3`` (of volumes), with `pixels` ``mean_intensity``,
    ``max_intensity``, ``min_intensity``, ``sd_intensity``, and ``centroid_row``, ``centroid_col``,
    ``centroid_plane`` in pixels.

    Parameters
    ----------
    labels : ndarray of int or bool, shape (rows, cols) or (planes, rows, cols)
        0 is background, every other value one region (of one or several parts).
    spacing_mm : sequence of float, or None
        Distance of pixel centres along each axis of `labels`, in its order; None where it is not
        known: the columns are then ``area_px2``, ``long_axis_px`` and so on.
    pixels : ndarray, optional
        Pixel values, shape of `labels`.

    Returns
    -------
    dict of str to ndarray
        One entry per label and column, by rising label, such as ``pandas.DataFrame`` takes; NaN where
        a value is not known. Without a label every column is empty.

    Raises
    ------
    ValueError
        If `labels` is not an array of integers of two or three axes, or the shapes do not fit.

    Examples
    --------
    >>> labels = np.zeros((6, 6), dtype=int)
    >>> labels[1:3, 1:5] = 7
    >>> table = measure_labels(labels, spacing_mm=(0.5, 0.25))
    >>> table["label"].tolist(), table["area_mm2"].tolist()
    ([7], [1.0])
    """
    grid = _grid(labels, spacing_mm)
    image = None if pixels is None else _image(pixels, grid)
    found = {label: dict(measure_regions([mask], grid, image=image)) for label, mask in _masks(labels)}
    table: dict[str, npt.NDArray[np.generic]] = {"label": np.array(list(found), dtype=labels.dtype)}
    for name, unit in _columns(grid, has_pixels=image is not None):
        values = [row[name].value if name in row else np.nan for row in found.values()]
        table[column(name, unit)] = np.array(values, dtype=np.float64)
    return table


def _grid(labels: npt.NDArray[np.integer], spacing_mm: Sequence[float] | None) -> Grid:
    if labels.ndim not in (2, 3) or labels.dtype.kind not in "iub":
        raise ValueError("labels are an array of integers with two or three axes")
    return Grid(
        shape=labels.shape,
        spacing_mm=None if spacing_mm is None else tuple(float(s) for s in spacing_mm),
        scale_source=ScaleSource.NONE if spacing_mm is None else ScaleSource.MANIFEST,
    )


def _image(pixels: npt.NDArray[np.generic], grid: Grid) -> Image:
    if pixels.shape != grid.shape:
        raise ValueError(f"pixels {pixels.shape} and labels {grid.shape} have not one shape")
    modality = Modality.DX if grid.is_planar else Modality.MR
    return Image(modality=modality, pixels=pixels, grid=grid, intensity_unit=Unit.STORED)


def _masks(labels: npt.NDArray[np.integer]) -> Iterator[tuple[int, Mask]]:
    """Yield each label and its mask, in one pass over the array and one over each label's box."""
    flat = np.flatnonzero(labels)
    if len(flat) == 0:
        return
    values = labels.ravel()[flat]
    order = np.argsort(values, kind="stable")
    values = values[order]
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    where = [axis[order] for axis in np.unravel_index(flat, labels.shape)]
    lows = np.stack([np.minimum.reduceat(axis, starts) for axis in where], axis=1)
    highs = np.stack([np.maximum.reduceat(axis, starts) for axis in where], axis=1) + 1
    for label, low, high in zip(values[starts].tolist(), lows.tolist(), highs.tolist(), strict=True):
        box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        yield label, Mask(voxels=labels[box] == label, origin=tuple(low))


def _columns(grid: Grid, *, has_pixels: bool) -> Iterator[tuple[str, Unit]]:
    suffix = "mm" if grid.is_calibrated else "px"
    units = {
        "area": Unit(f"{suffix}2"),
        "long_axis": Unit(suffix),
        "short_axis": Unit(suffix),
        "volume": Unit(f"{suffix}3"),
    }
    left_out = {"perimeter", "agatston"}
    if grid.is_planar:
        left_out |= {"volume", "centroid_plane"}
    for name in MEASURES:
        if name in left_out or (name.endswith("_intensity") and not has_pixels):
            continue
        yield name, units.get(name, Unit.PX)
