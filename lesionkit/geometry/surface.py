"""The surface of many regions at once: where it runs midway between inside and outside voxels.

It is laid through every cube of eight neighbouring voxel centres by a table (marching cubes), so its area and
what it encloses are sums over how often each of the 256 kinds of cube occurs. Voxels that touch at an edge
or a corner only are parted, as on a plane.
"""

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats
from lesionkit.geometry.runs import Ints, Runs

_NORMALS = "004 022 024 040 042 111 113 131 202 204 220 222 240 311 333 400 402 420 "
"""By letter, from ``a``: the eight-fold area of a triangle across each axis, in half voxels."""

_TRIANGLES = (
    "- f f kk f ii ff flp f ff ii flp kk flp flp pp f bb ff dfl ff afl fff ffll ff bbf fii bfio fkk bfko "
    "fflp flp f ff bb dfl ff fii bbf bfio ff fff afl ffll fkk fflp bfko flp kk dfl dfl dd fkk fiko dffl "
    "dfl fkk dffl fiko dfl kkkk ffgmr ffgmr kk f ff ff fkk bb afl bbf bfko ff fff fii fflp dfl ffll bfio "
    "flp ii afl fii fiko afl aa affl afl fii affl iiii ffhjq fiko afl ffhjq ii ff fff bbf dffl bbf affl "
    "bbbb ceffn fff ffff affl fffll dffl fffll ceffn ffll flp ffll bfio dfl bfko afl ceffn bb fflp fffll "
    "ffhjq ffll ffgmr ffll ff f f ff ff fkk ff fii fff fflp bb bbf afl bfko dfl bfio ffll flp ff bbf fff "
    "dffl fff affl ffff fffll bbf bbbb affl ceffn dffl ceffn fffll ffll ii fii afl fiko fii iiii affl "
    "ffhjq afl affl aa afl fiko ffhjq afl ii flp bfio ffll dfl fflp ffhjq fffll ffll bfko ceffn afl bb "
    "ffgmr ff ffll f kk fkk fkk kkkk dfl fiko dffl ffgmr dfl dffl fiko ffgmr dd dfl dfl kk flp bfko fflp "
    "ffgmr ffll afl fffll ffll bfio ceffn ffhjq ff dfl bb ffll f flp fflp bfko ffgmr bfio ffhjq ceffn ff "
    "ffll fffll afl ffll dfl ffll bb f pp flp flp kk flp ii ffll f flp ffll ii f kk f f - "
)
"""Of every kind of cube the triangles in it. Bit 4 p + 2 r + c of its number is set if that corner is in."""

_ENCLOSED = (
    "0 1 1 6 1 6 2 17 1 2 6 17 6 17 17 24 1 6 2 17 2 17 3 24 2 7 7 24 7 24 18 31 1 2 6 17 2 7 7 24 2 3 17 "
    "24 7 18 24 31 6 17 17 24 7 24 18 31 7 18 24 31 12 25 25 42 1 2 2 7 6 17 7 24 2 3 7 18 17 24 24 31 6 "
    "17 7 24 17 24 18 31 7 18 12 25 24 31 25 42 2 3 7 18 7 18 12 25 3 4 18 25 18 25 25 38 17 24 24 31 24 "
    "31 25 42 18 25 25 38 25 38 46 47 1 2 2 7 2 7 3 18 6 7 17 24 17 24 24 31 2 7 3 18 3 18 4 25 7 12 18 "
    "25 18 25 25 38 6 7 17 24 7 12 18 25 17 18 24 31 24 25 31 42 17 24 24 31 18 25 25 38 24 25 31 42 25 "
    "46 38 47 6 7 7 12 17 24 18 25 17 18 24 25 24 31 31 42 17 24 18 25 24 31 25 38 24 25 25 46 31 42 38 "
    "47 17 18 24 25 24 25 25 46 24 25 31 38 31 38 42 47 24 31 31 42 31 42 38 47 31 38 42 47 42 47 47 48 "
)
"""Of every kind of cube what lies inside the surface, in 48ths of it."""


def surfaces(runs: Runs, *, spacing: Floats) -> tuple[Floats, Floats]:
    """Return the area of each region's surface and the volume it encloses, shape (count,) each.

    As ``skimage.measure.marching_cubes(method="lorensen")`` at one half, and PyRadiomics but for cubes whose
    corners touch across a face, which PyRadiomics fills differently.

    Parameters
    ----------
    runs : Runs
        Regions of a volume.
    spacing : ndarray of float, shape (3,)
        Of planes, rows and columns.

    References
    ----------
    Lorensen WE, Cline HE. Marching cubes: a high resolution 3D surface construction algorithm. Comput
    Graph 1987;21:163-9.
    """
    owner, kind, number = _cubes(runs)
    areas = np.bincount(owner, weights=_area_of_kinds(spacing)[kind] * number, minlength=runs.count)
    parts = np.array(_ENCLOSED.split(), dtype=np.float64) / 48
    volumes = np.bincount(owner, weights=parts[kind] * number, minlength=runs.count)
    return np.asarray(areas, dtype=np.float64), np.asarray(volumes * np.prod(spacing), dtype=np.float64)


def _area_of_kinds(spacing: Floats) -> Floats:
    """Return the area of the surface in every kind of cube."""
    normals = np.array([list(word) for word in _NORMALS.split()], dtype=np.float64)
    triangles = np.linalg.norm(normals * (np.prod(spacing) / spacing), axis=1) / 8
    words = _TRIANGLES.split()
    return np.array([sum(triangles[ord(c) - ord("a")] for c in word if c != "-") for word in words])


def _cubes(runs: Runs) -> tuple[Ints, npt.NDArray[np.uint8], Ints]:
    """Return whose cubes, of which kind, how many; those all inside or all outside may be left out.

    Seen along the columns, each cube is a step of a bundle of four rows: two of each of two planes. The
    kind of cube changes only where one of the four has an end of a run.
    """
    at, rows_in = _bundles(runs)
    before = np.concatenate([[0], rows_in[:-1]])
    cols = int(runs.stop.max(initial=0)) + 2
    bundle = at // cols
    owner = bundle // _bundle_count(runs)
    stretch = np.diff(at, append=at[-1:] + 1) - 1
    is_open = rows_in > 0
    kind = np.concatenate([_SPREAD[before] | _SPREAD[rows_in] << 1, 3 * _SPREAD[rows_in[is_open]]])
    number = np.concatenate([np.ones(len(at), dtype=np.int64), stretch[is_open]])
    return np.concatenate([owner, owner[is_open]]), kind.astype(np.uint8), number


_SPREAD = np.array([sum((rows >> k & 1) << 2 * k for k in range(4)) for rows in range(16)])
"""Bit k of four rows to bit 2 k of a cube."""


def _bundle_count(runs: Runs) -> int:
    return (int(runs.plane.max(initial=0)) + 2) * (int(runs.row.max(initial=0)) + 2)


def _bundles(runs: Runs) -> tuple[Ints, Ints]:
    """Return where along all bundles, end to end, rows change, and which four are inside from there on."""
    rows, cols = int(runs.row.max(initial=0)) + 2, int(runs.stop.max(initial=0)) + 2
    first = runs.owner * _bundle_count(runs)
    keys = []
    for row_of_bundle in range(4):
        plane = runs.plane + 1 - (row_of_bundle >> 1)
        row = runs.row + 1 - (row_of_bundle & 1)
        bundle = (first + plane * rows + row) * cols
        keys += [(bundle + runs.start) << 3 | row_of_bundle, (bundle + runs.stop) << 3 | 4 | row_of_bundle]
    events = np.sort(np.concatenate(keys))
    # Every row that is entered is left again, so that one running sum serves all bundles.
    steps = np.array([1, 2, 4, 8, -1, -2, -4, -8], dtype=np.int8)
    rows_in = np.cumsum(steps[events & 7], dtype=np.int8)
    at = events >> 3
    is_last = np.append(at[1:] != at[:-1], True)[: len(at)]
    return at[is_last], rows_in[is_last].astype(np.int64)
