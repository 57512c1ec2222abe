"""From an array of labels to a table, for those who have arrays and no cohort."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.measurement import Dimension
from lesionkit.core.units import AREA, LENGTH, VOLUME, Unit
from lesionkit.geometry.runs import Ints, Runs, runs_of_labels, total, voxels_of
from lesionkit.geometry.threads import side_by_side
from lesionkit.measure.catalogue import MEASURES, column
from lesionkit.measure.many import QUICK, SLOW, measure_runs

_MOMENTS = ("mean_intensity", "max_intensity", "min_intensity", "sd_intensity")
_RANKS = {"p10_intensity": 0.1, "median_intensity": 0.5, "p90_intensity": 0.9}
_CENTROIDS = ("centroid_row", "centroid_col", "centroid_plane")
_VOLUMES_ONLY = ("volume", "centroid_plane", "max_diameter", "surface_area", "sphericity")


def measure_labels(
    labels: npt.NDArray[np.integer],
    *,
    spacing_mm: Sequence[float] | None,
    pixels: npt.NDArray[np.generic] | None = None,
    measures: Collection[str] | None = None,
) -> dict[str, npt.NDArray[np.generic]]:
    """Return a table of what can be measured of labelled regions, one array per column.

    Columns are ``label`` and those of ``measurements.csv`` that have a meaning for a mask, as
    `measure_deposits` measures it, with its unit in the name: ``area_mm2``, ``long_axis_mm``,
    ``short_axis_mm``, ``volume_mm3`` (of volumes), with `pixels` ``mean_intensity``,
    ``max_intensity``, ``min_intensity``, ``sd_intensity``, then ``centroid_row``, ``centroid_col``,
    ``centroid_plane`` in pixels, and further sizes. ``surface_area``, ``sphericity``, ``parts`` and
    the percentiles ``p10_intensity``, ``median_intensity`` and ``p90_intensity`` come only where they are
    asked for by name.

    Parameters
    ----------
    labels : ndarray of int or bool, shape (rows, cols) or (planes, rows, cols)
        0 is background, every other value one region (of one or several parts).
    spacing_mm : sequence of float, or None
        Distance of pixel centres along each axis of `labels`, in its order; None where it is not
        known: the columns are then ``area_px2``, ``long_axis_px`` and so on.
    pixels : ndarray, optional
        Pixel values, shape of `labels`.
    measures : collection of str, optional
        Names of `MEASURES`; only these are measured. What has no meaning (a volume on a plane, pixel
        values without `pixels`) is left out.

    Returns
    -------
    dict of str to ndarray
        One entry per label and column, by rising label, such as ``pandas.DataFrame`` takes; NaN where
        a value is not known. Without a label every column is empty.

    Raises
    ------
    ValueError
        If `labels` is not an array of integers of two or three axes, the shapes do not fit, or a
        measure is not one of labels.

    Examples
    --------
    >>> labels = np.zeros((6, 6), dtype=int)
    >>> labels[1:3, 1:5] = 7
    >>> table = measure_labels(labels, spacing_mm=(0.5, 0.25))
    >>> table["label"].tolist(), table["area_mm2"].tolist()
    ([7], [1.0])
    """
    grid = _grid(labels, spacing_mm)
    if pixels is not None and pixels.shape != grid.shape:
        raise ValueError(f"pixels {pixels.shape} and labels {grid.shape} have not one shape")
    wanted = _wanted(measures, grid, has_pixels=pixels is not None)
    names, runs = runs_of_labels(labels)
    spacing = np.array(grid.spacing_mm or (1.0,) * len(grid.shape))
    flat = None if pixels is None else np.ascontiguousarray(pixels).reshape(-1)

    def of_batch(part: Runs) -> dict[str, Floats]:
        sizes = measure_runs(part, spacing=spacing, wanted=wanted)
        if flat is None:
            return sizes
        return sizes | _intensities(part, flat.take(voxels_of(part, labels.shape)), wanted)

    parts = side_by_side(of_batch, runs.batches())
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    empty = np.zeros(runs.count)
    table: dict[str, npt.NDArray[np.generic]] = {"label": names}
    for name, unit in _columns(wanted, is_calibrated=grid.is_calibrated):
        table[column(name, unit)] = found.get(name, empty)
    return table


def _grid(labels: npt.NDArray[np.integer], spacing_mm: Sequence[float] | None) -> Grid:
    if labels.ndim not in (2, 3) or labels.dtype.kind not in "iub":
        raise ValueError("labels are an array of integers with two or three axes")
    return Grid(
        shape=labels.shape,
        spacing_mm=None if spacing_mm is None else tuple(float(s) for s in spacing_mm),
        scale_source=ScaleSource.NONE if spacing_mm is None else ScaleSource.MANIFEST,
    )


def _wanted(measures: Collection[str] | None, grid: Grid, *, has_pixels: bool) -> tuple[str, ...]:
    """Return the names of the measures that are wanted and have a meaning, in the order of the tables."""
    usual = (*QUICK, *_MOMENTS, *_CENTROIDS)
    unknown = set(measures or ()) - {*usual, *SLOW, *_RANKS}
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} cannot be measured of labels")
    chosen = set(usual if measures is None else measures)
    chosen -= set(_VOLUMES_ONLY) if grid.is_planar else set()
    chosen -= set() if has_pixels else {*_MOMENTS, *_RANKS}
    return tuple(name for name in MEASURES if name in chosen)


def _columns(wanted: Collection[str], *, is_calibrated: bool) -> Iterator[tuple[str, Unit]]:
    units = {
        Dimension.LENGTH: LENGTH[is_calibrated],
        Dimension.AREA: AREA[is_calibrated],
        Dimension.VOLUME: VOLUME[is_calibrated],
    }
    for name in wanted:
        yield name, units.get(MEASURES[name].dimension, Unit.ONE)


def _intensities(runs: Runs, pixels: npt.NDArray[np.generic], wanted: Collection[str]) -> dict[str, Floats]:
    """Return what is wanted of the pixel values of each region, given those of its voxels."""
    values = pixels.astype(np.float64)
    counts = total(runs.lengths, runs.firsts)
    owner_counts = counts
    is_number = np.isfinite(values)
    if not is_number.all():
        owner = np.repeat(np.arange(runs.count), counts)[is_number]
        values, owner_counts = values[is_number], np.bincount(owner, minlength=runs.count)
    # Regions of which no value is a number are left out here, and NaN in the table.
    has_any = owner_counts > 0
    sizes = owner_counts[has_any]
    firsts = np.cumsum(sizes) - sizes
    found = _moments(values, firsts, sizes)
    if not set(_RANKS).isdisjoint(wanted):
        found |= _percentiles(values, firsts, sizes)
    return {name: _filled(column, has_any) for name, column in found.items() if name in wanted}


def _filled(column: Floats, has_any: npt.NDArray[np.bool_]) -> Floats:
    filled = np.full(len(has_any), np.nan)
    filled[has_any] = column
    return filled


def _moments(values: Floats, firsts: Ints, sizes: Ints) -> dict[str, Floats]:
    if len(firsts) == 0:
        return dict.fromkeys(_MOMENTS, np.zeros(0))
    mean = np.add.reduceat(values, firsts) / sizes
    off = values - np.repeat(mean, sizes)
    np.square(off, out=off)
    return {
        "mean_intensity": mean,
        "max_intensity": np.maximum.reduceat(values, firsts),
        "min_intensity": np.minimum.reduceat(values, firsts),
        "sd_intensity": np.sqrt(np.add.reduceat(off, firsts) / sizes),
    }


def _percentiles(values: Floats, firsts: Ints, sizes: Ints) -> dict[str, Floats]:
    """Return percentiles by linear interpolation between the values in order, as numpy has them."""
    ordered = values[np.lexsort((values, np.repeat(np.arange(len(sizes)), sizes)))]
    found = {}
    for name, share in _RANKS.items():
        rank = share * (sizes - 1)
        below = np.floor(rank).astype(np.int64)
        low, high = ordered[firsts + below], ordered[firsts + np.minimum(below + 1, sizes - 1)]
        found[name] = low + (rank - below) * (high - low)
    return found
