import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionkit.core.transform import Transform

POINTS = np.array([[0.0, 0.0], [3.0, 7.0], [11.5, 2.0]])


def transform(matrix):
    return Transform(source="b.jpg", target="a.jpg", matrix=matrix, method="features")


@pytest.mark.parametrize("matrix", [np.eye(2), np.eye(5), np.ones((3, 4)), np.full((3, 3), np.nan)])
def test_a_transform_is_a_finite_matrix_of_a_plane_or_a_volume(matrix):
    with pytest.raises(ValueError, match="3 x 3 or 4 x 4"):
        transform(matrix)


def test_points_are_carried_as_row_and_column():
    shift = transform([[1, 0, 10], [0, 1, -2], [0, 0, 1]])
    np.testing.assert_allclose(shift.carry([[1, 1]]), [[11, -1]])


def test_perspective_divides_by_depth():
    np.testing.assert_allclose(transform([[2, 0, 0], [0, 2, 0], [0, 0, 4]]).carry([[3, 5]]), [[1.5, 2.5]])


@pytest.mark.parametrize("axes", [2, 3])
def test_the_identity_leaves_points_where_they_are(axes):
    points = np.arange(2.0 * axes).reshape(2, axes)
    np.testing.assert_array_equal(Transform.identity("a", "b", axes=axes).carry(points), points)


@given(st.floats(-3, 3), st.floats(0.2, 5), st.floats(-50, 50), st.floats(-1e-3, 1e-3))
def test_the_inverse_carries_back(angle, scale, shift, perspective):
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    there = transform([[cos, -sin, shift], [sin, cos, -shift], [perspective, 0, 1]])
    back = there.inverse()
    assert (back.source, back.target) == ("a.jpg", "b.jpg")
    np.testing.assert_allclose(back.carry(there.carry(POINTS)), POINTS, atol=1e-6)


def test_an_alignment_that_failed_stays_marked_when_it_is_inverted():
    failed = Transform.identity("a", "b", axes=2, is_reliable=False)
    assert not failed.inverse().is_reliable


def test_the_matrix_cannot_be_changed():
    given_matrix = np.eye(3)
    carried = transform(given_matrix)
    given_matrix[0, 2] = 5
    assert carried.matrix[0, 2] == 0
