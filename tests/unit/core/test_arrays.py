import numpy as np
import pytest

from lesionkit.core.arrays import frozen, homogeneous


def test_a_frozen_array_is_a_read_only_copy():
    given = np.arange(3.0)
    kept = frozen(given)
    given[0] = 9
    assert kept.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 9


def test_a_frozen_array_is_not_copied_again():
    kept = frozen([1.0, 2.0])
    assert frozen(kept) is kept


def test_one_point_is_carried_like_many():
    matrix = np.array([[1, 0, 5], [0, 1, 7], [0, 0, 1.0]])
    assert homogeneous(matrix, [1, 2]).tolist() == [[6, 9]]
    assert homogeneous(matrix, [[1, 2], [0, 0]]).tolist() == [[6, 9], [5, 7]]
