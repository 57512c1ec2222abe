import numpy as np
import pytest

from lesionkit.errors import OutlineError
from lesionkit.io.geojson.position import to_points, to_positions


def test_the_corner_of_the_top_left_pixel_lies_half_a_pixel_before_its_centre():
    np.testing.assert_array_equal(to_points([[0, 0]]), [[-0.5, -0.5]])


def test_x_is_the_column_and_y_the_row():
    np.testing.assert_array_equal(to_points([[7.5, 2.5]]), [[2, 7]])
    assert to_positions(np.array([[2.0, 7.0]])) == [[7.5, 2.5]]


def test_a_position_read_and_written_is_the_same_to_its_last_decimal():
    positions = [[0.1, 1234.123456789], [0.3, 0.7], [0.0, 0.0]]
    assert to_positions(to_points(positions)) == positions


def test_a_third_coordinate_is_dropped():
    np.testing.assert_array_equal(to_points([[7.5, 2.5, 99]]), [[2, 7]])


@pytest.mark.parametrize(
    "positions", [None, [[1]], [["1", "2"]], [[1, float("nan")]], [[float("inf"), 1]], [[True, 1]], [3, 4]]
)
def test_what_is_no_pair_of_finite_numbers_is_refused(positions):
    with pytest.raises(OutlineError):
        to_points(positions)
