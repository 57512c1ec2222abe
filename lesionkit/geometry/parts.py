"""In how many parts regions lie: voxels belong together where they share a face."""

import numpy as np

from lesionkit.geometry.runs import Ints, Runs


def part_counts(runs: Runs) -> Ints:
    """Return of how many parts each region consists, shape (count,)."""
    one, other = (
        np.concatenate(ends) for ends in zip(_meeting(runs, 1, 0), _meeting(runs, 0, 1), strict=True)
    )
    part = np.arange(len(runs.owner))
    while True:
        lower = np.minimum(part[one], part[other])
        if np.array_equal(part[one], part[other]):
            break
        np.minimum.at(part, part[one], lower)
        np.minimum.at(part, part[other], lower)
        while not np.array_equal(part, part[part]):
            part = part[part]
    return np.bincount(runs.owner[np.unique(part)], minlength=runs.count)


def _meeting(runs: Runs, planes: int, rows: int) -> tuple[Ints, Ints]:
    """Return which runs share faces with which of the same region, so many planes and rows further on."""
    all_rows, cols = int(runs.row.max(initial=0)) + 2, int(runs.stop.max(initial=0)) + 2
    all_planes = int(runs.plane.max(initial=0)) + 2
    line = (runs.owner * all_planes + runs.plane) * all_rows + runs.row
    sought = (line + planes * all_rows + rows) * cols
    # Runs that end after this one begins, up to those that begin before it ends.
    first = np.searchsorted(line * cols + runs.stop, sought + runs.start, side="right")
    last = np.searchsorted(line * cols + runs.start, sought + runs.stop, side="left")
    number = np.maximum(last - first, 0)
    offset = np.repeat(first - (np.cumsum(number) - number), number)
    return np.repeat(np.arange(len(line)), number), np.arange(number.sum()) + offset
