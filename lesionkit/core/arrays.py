"""Arrays inside frozen values: read-only, so that a value stays what it was born as."""

import copyreg
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


# Frozen values hold read-only mappings, and go to other processes on a cluster. The type itself
# cannot be named in a pickle (it calls itself builtins.mappingproxy), a function can.
copyreg.pickle(MappingProxyType, lambda mapping: (_read_only, (dict(mapping),)))

Floats = npt.NDArray[np.float64]
"""Coordinates and matrices."""


def frozen(array: npt.ArrayLike, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[Any]:
    """Return a read-only copy of an array (or the array itself where it is already read-only)."""
    out = np.asarray(array, dtype=dtype)
    if out.flags.writeable:
        out = out.copy()
        out.flags.writeable = False
    return out


def homogeneous(matrix: Floats, points: npt.ArrayLike) -> Floats:
    """Return points carried by a homogeneous matrix.

    Parameters
    ----------
    matrix : ndarray of float, shape (d + 1, d + 1)
        Affine or projective.
    points : array_like, shape (n, d)
        Points to carry.

    Returns
    -------
    ndarray of float, shape (n, d)
    """
    pts = np.atleast_2d(np.asarray(points, dtype=np.float64))
    carried = pts @ matrix[:-1, :-1].T + matrix[:-1, -1]
    weight = pts @ matrix[-1, :-1] + matrix[-1, -1]
    return np.asarray(carried / weight[:, None], dtype=np.float64)
