"""The cheapest closed line through a strip that was unrolled around a deposit."""

import numpy as np
import numpy.typing as npt

from lesionkit.core.arrays import Floats

BEND = 0.02
"""What a step sideways of one sample costs, in units in which the sharpest edge of the strip earns 1."""


def closed_path(cost: Floats) -> npt.NDArray[np.intp]:
    """Return the column to take in every row of a strip such that the closed path costs least.

    From one row to the next (from the last to the first as well) it moves by one column at most.

    Parameters
    ----------
    cost : ndarray of float, shape (rows, columns)
        Of passing there.

    Notes
    -----
    Dynamic programming through the strip laid three times in a row; the middle one is the path, which by then
    has forgotten where it began.

    Examples
    --------
    >>> cost = np.ones((6, 5)); cost[:, 3] = 0
    >>> closed_path(cost)
    array([3, 3, 3, 3, 3, 3])
    """
    rows, columns = cost.shape
    long = np.vstack([cost, cost, cost])
    total = long[0].astype(np.float64)
    came = np.zeros(long.shape, dtype=np.int8)
    steps = np.array([-1, 0, 1], dtype=np.int8)
    every = np.arange(columns)
    for row in range(1, len(long)):
        padded = np.pad(total, 1, constant_values=np.inf)
        options = np.stack([padded[:-2] + BEND, padded[1:-1], padded[2:] + BEND])
        chosen = options.argmin(axis=0)
        total = options[chosen, every] + long[row]
        came[row] = steps[chosen]
    at = int(total.argmin())
    path = np.empty(len(long), dtype=np.intp)
    for row in range(len(long) - 1, -1, -1):
        path[row] = at
        at += int(came[row, at])
    return path[rows : 2 * rows]


def edge_cost(profile: Floats, lengths: Floats) -> Floats:
    """Return the cost of an edge at every place of a strip: the steeper the fall outwards, the cheaper.

    Parameters
    ----------
    profile : ndarray of float, shape (rows, columns)
        What falls outwards, along each row.
    lengths : ndarray of float, shape (rows, columns) or (columns,)
        Distance of every place from the row's start, pixels.

    Returns
    -------
    ndarray of float, shape (rows, columns)
        -1.5 to 0.5; −1 at a fall that only one place in twenty surpasses.
    """
    run = np.gradient(np.broadcast_to(lengths, profile.shape), axis=1)
    fall = -np.gradient(profile, axis=1) / run
    steep = float(np.percentile(fall, 95))
    if steep <= 0:
        return np.zeros(profile.shape)
    return -np.clip(fall / steep, -0.5, 1.5)
