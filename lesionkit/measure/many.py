"""Sizes of many yes-or-no regions at once, as arrays: what a table of labels and a single mask share."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.geometry.runs import Runs, moments, total

QUICK = ("area", "long_axis", "short_axis", "volume", "equivalent_diameter", "ellipse_area", "max_diameter")
SLOW = ("surface_area", "sphericity", "parts")
"""What needs a second look at every voxel's neighbours."""


def measure_runs(runs: Runs, *, spacing: Floats, wanted: Collection[str]) -> dict[str, Floats]:
    """Return what is wanted of the sizes of regions, by name of the measure, shape (count,) each.

    Parameters
    ----------
    runs : Runs
        The regions.
    spacing : ndarray of float, shape (2,) or (3,)
        Of the image's axes; that of a plane has no volume.
    wanted : collection of str
        Of `QUICK` and `SLOW`, and ``centroid_plane``, ``centroid_row``, ``centroid_col``.
    """
    counts, centres = moments(runs)
    found: dict[str, Floats] = dict(
        zip(("centroid_plane", "centroid_row", "centroid_col"), centres.T, strict=True)
    )
    slabs = runs.slabs()
    in_slab = total(runs.lengths, slabs)
    firsts = np.searchsorted(runs.owner[slabs], np.arange(runs.count))
    largest = np.maximum.reduceat(in_slab, firsts) if runs.count else in_slab
    pixel_area = float(np.prod(spacing[-2:]))
    found["area"] = np.asarray(largest * pixel_area, dtype=np.float64)
    if len(spacing) == 3:
        found["volume"] = np.asarray(counts * pixel_area * float(spacing[0]), dtype=np.float64)
    found |= _diameters(runs, spacing, wanted) if runs.count else {}
    if "equivalent_diameter" in wanted:
        found["equivalent_diameter"] = equivalent_diameter(found["area"], found.get("volume"))
    if len(spacing) == 3:
        found |= _solid(runs, spacing, wanted)
    if "parts" in wanted:
        from lesionkit.geometry.parts import part_counts

        found["parts"] = part_counts(runs).astype(np.float64)
    return {name: values for name, values in found.items() if name in wanted}


def _diameters(runs: Runs, spacing: Floats, wanted: Collection[str]) -> dict[str, Floats]:
    from lesionkit.geometry.farthest import ends_of, farthest
    from lesionkit.geometry.planes import in_plane_axes
    from lesionkit.geometry.runs import changes

    ends = ends_of(runs)
    found: dict[str, Floats] = {}
    if not {"long_axis", "short_axis", "ellipse_area"}.isdisjoint(wanted):
        long, short = in_plane_axes(runs, ends, spacing=spacing[-2:])
        found = {"long_axis": long, "short_axis": short, "ellipse_area": np.pi / 4 * long * short}
    if "max_diameter" in wanted and len(spacing) == 3:
        points = (ends.plane, ends.row, ends.col)
        owners = np.arange(runs.count)
        found["max_diameter"] = farthest(
            points, firsts=changes(ends.owner), owner=owners, spacing=spacing
        ).length
    return found


def _solid(runs: Runs, spacing: Floats, wanted: Collection[str]) -> dict[str, Floats]:
    if {"surface_area", "sphericity"}.isdisjoint(wanted):
        return {}
    from lesionkit.geometry.surface import surfaces

    areas, enclosed = surfaces(runs, spacing=spacing)
    return {"surface_area": areas, "sphericity": np.cbrt(36 * np.pi * np.square(enclosed)) / areas}


def equivalent_diameter(area: npt.ArrayLike, volume: npt.ArrayLike | None = None) -> Floats:
    """Return the diameter of the ball of a volume or, where there is none, of the circle of an area.

    Examples
    --------
    >>> float(equivalent_diameter(np.pi)), float(equivalent_diameter(1.0, np.pi / 6))
    (2.0, 1.0)
    """
    if volume is None:
        return np.asarray(np.sqrt(np.divide(area, np.pi / 4)))
    return np.asarray(np.cbrt(np.divide(volume, np.pi / 6)))
