"""Positions of the file and points of the image: the half pixel between them, in both directions."""

from typing import Any

import numpy as np

from lesionkit.core.arrays import Floats
from lesionkit.errors import OutlineError

_CENTRE = 0.5
"""Where a pixel's centre lies, seen from its corner, in px."""

_DIGITS = 9
"""Decimals written: a billionth of a pixel, and what is read and written again stays the same."""


def to_points(positions: Any) -> Floats:
    """Return the ``(row, col)`` points of ``[x, y]`` positions, shape (n, 2); a third number is dropped.

    Examples
    --------
    The centre of the top-left pixel:

    >>> to_points([[0.5, 0.5], [3.5, 1.5]])
    array([[0., 0.],
           [1., 3.]])

    Raises
    ------
    OutlineError
        If they are not pairs of finite numbers.
    """
    hint = 'Write each position as two numbers, "[x, y]", in pixels.'
    if not isinstance(positions, list) or not all(_is_position(p) for p in positions):
        raise OutlineError("a line is not a list of [x, y] positions", hint=hint)
    xy = np.array([p[:2] for p in positions], dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(xy).all():
        raise OutlineError("a position is not finite", hint=hint)
    return np.asarray(xy[:, ::-1] - _CENTRE)


def _is_position(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= 2
        and all(isinstance(n, int | float) and not isinstance(n, bool) for n in value[:2])
    )


def to_positions(points: Floats) -> list[list[float]]:
    """Return the ``[x, y]`` positions of ``(row, col)`` points.

    Examples
    --------
    >>> to_positions(np.array([[0.0, 0.0], [1.0, 3.0]]))
    [[0.5, 0.5], [3.5, 1.5]]
    """
    xy = np.round(np.asarray(points, dtype=np.float64)[:, ::-1] + _CENTRE, _DIGITS)
    # Adding zero turns -0.0 into 0.0.
    return [[float(x), float(y)] for x, y in xy + 0.0]
