import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionkit.core.region import Outline
from lesionkit.core.transform import Part, Transform
from lesionkit.core.units import Quantity, Unit

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


def square(low, high):
    return Outline(exterior=[(low, low), (low, high), (high, high), (high, low)])


SHIFT = np.array([[1.0, 0, 10], [0, 1, -2], [0, 0, 1]])
FINGER = Part(
    here=(square(0, 4),),
    there=(Outline(exterior=[(10, -2), (10, 2), (14, 2), (14, -2)]),),
    matrix=SHIFT,
    residual=Quantity(value=0.3, unit=Unit.MM),
)


def spread(*parts, is_reliable=True):
    return Transform(
        source="b", target="a", matrix=np.eye(3), method="features", parts=parts, is_reliable=is_reliable
    )


def test_a_point_is_carried_by_the_part_in_which_or_on_whose_line_it_lies():
    carried = spread(FINGER).carry([[1, 1], [4, 2], [4.01, 2], [9, 9]])
    np.testing.assert_allclose(carried, [[11, -1], [14, 0], [4.01, 2], [9, 9]])


def test_what_lies_in_the_hole_of_a_part_is_carried_by_the_rest():
    ring = Outline(exterior=square(0, 9).exterior, holes=(square(3, 6).exterior,))
    part = Part(here=(ring,), there=(ring,), matrix=SHIFT)
    np.testing.assert_allclose(spread(part).carry([[1, 1], [4.5, 4.5]]), [[11, -1], [4.5, 4.5]])


def test_the_inverse_carries_points_of_parts_back():
    back = spread(FINGER).inverse()
    np.testing.assert_allclose(back.carry(spread(FINGER).carry([[1, 1], [9, 9]])), [[1, 1], [9, 9]])
    np.testing.assert_allclose(back.inverse().carry([[1, 1]]), [[11, -1]])


@pytest.mark.parametrize(("inside", "row"), [(2, 11), (1, 1), (0, 1)])
def test_a_deposit_goes_as_a_whole_with_the_part_that_holds_most_of_it(inside, row):
    points = [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]][:inside] + [[8.0, 8.0], [9.0, 9.0]][: 3 - inside]
    points = points if inside != 1 else [[1.0, 1.0], [8.0, 8.0]]
    whole = spread(FINGER).at(points)
    assert whole.parts == ()
    np.testing.assert_allclose(whole.carry([[1, 1]])[0, 0], row)
    assert (whole.residual == FINGER.residual) is (row == 11)


def test_what_lies_on_a_part_that_nobody_knows_how_it_moved_is_not_reliable():
    lost = Part(here=(square(0, 4),), there=(square(0, 4),), matrix=np.eye(3), is_reliable=False)
    assert not spread(lost).at([[1, 1]]).is_reliable
    assert spread(lost).at([[9, 9]]).is_reliable
    assert not spread(FINGER, is_reliable=False).at([[1, 1]]).is_reliable


def test_only_a_planar_transform_has_parts():
    with pytest.raises(ValueError, match="only planar"):
        Transform(source="b", target="a", matrix=np.eye(4), method="identity", parts=(FINGER,))
    plane = Outline(exterior=square(0, 4).exterior, plane=3)
    with pytest.raises(ValueError, match="only planar"):
        Part(here=(plane,), there=(plane,), matrix=np.eye(3))


@pytest.mark.parametrize("matrix", [np.eye(4), np.eye(2), np.full((3, 3), np.nan)])
def test_a_part_is_carried_by_a_finite_matrix_of_the_plane(matrix):
    with pytest.raises(ValueError, match="3 x 3"):
        Part(here=(square(0, 4),), there=(square(0, 4),), matrix=matrix)
