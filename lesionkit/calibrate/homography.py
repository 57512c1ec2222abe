"""The matrix that carries the points of one plane onto those of another."""

import math

import numpy as np

from lesionkit.core.arrays import Floats, homogeneous


def homography_of(points: Floats, onto: Floats) -> Floats:
    """Return the matrix that carries points onto others, shape (3, 3), with entry (2, 2) equal to 1.

    Parameters
    ----------
    points, onto : ndarray of float, shape (n, 2)
        At least four; of more, the algebraic least squares of coordinates shifted and scaled.

    References
    ----------
    Hartley R. In defense of the eight-point algorithm. IEEE PAMI 1997;19:580-93.
    """
    if len(points) == 4:
        return _exact(points, onto)
    from_unit, to_unit = _to_unit(points), _to_unit(onto)
    here, there = homogeneous(from_unit, points), homogeneous(to_unit, onto)
    ones, zeros = np.ones((len(here), 1)), np.zeros((len(here), 3))
    left = np.block(
        [
            [here, ones, zeros, -here * there[:, :1]],
            [zeros, here, ones, -here * there[:, 1:]],
        ]
    )
    entries = np.linalg.lstsq(left, there.T.ravel(), rcond=None)[0]
    matrix = np.linalg.inv(to_unit) @ np.append(entries, 1.0).reshape(3, 3) @ from_unit
    return np.asarray(matrix / matrix[2, 2])


def _exact(points: Floats, onto: Floats) -> Floats:
    """Return the matrix of four points: of each, that of the corners of a square onto it (Heckbert 1989)."""
    matrix = of_square(onto) @ np.linalg.inv(of_square(points))
    return np.asarray(matrix / matrix[2, 2])


def of_square(corners: Floats) -> Floats:
    """Return the matrix that carries (0, 0), (0, 1), (1, 1), (1, 0) onto four points."""
    # Plain numbers: this is the innermost step of every fit, and arrays of two cost ten times as much.
    (r0, c0), (r1, c1), (r2, c2), (r3, c3) = corners.tolist()
    a, b, c, d = r1 - r2, r3 - r2, c1 - c2, c3 - c2
    e, f = r0 - r1 + r2 - r3, c0 - c1 + c2 - c3
    area = a * d - b * c
    across, down = (e * d - f * b) / area, (a * f - c * e) / area
    return np.array(
        [
            [r3 - r0 + down * r3, r1 - r0 + across * r1, r0],
            [c3 - c0 + down * c3, c1 - c0 + across * c1, c0],
            [down, across, 1.0],
        ]
    )


def _to_unit(points: Floats) -> Floats:
    middle = points.mean(axis=0)
    scale = math.sqrt(2) / float(np.sqrt(np.sum((points - middle) ** 2, axis=1)).mean())
    return np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])
