import numpy as np
import pytest

from lesionkit.phantom import View

VIEW = View(shape=(40, 60), spacing_mm=(0.2, 0.3), centre=(5.0, 90.0), turn_deg=20.0)


def test_pixels_come_back_from_the_body() -> None:
    points = np.array([[0.0, 0.0], [39.0, 59.0], [12.5, 40.25]])
    assert VIEW.to_pixels(VIEW.to_body(points)) == pytest.approx(points)


def test_spacing_is_exact_along_each_axis() -> None:
    origin, down, right = VIEW.to_body([[0, 0], [10, 0], [0, 10]])
    assert np.linalg.norm(down - origin) == pytest.approx(2.0)
    assert np.linalg.norm(right - origin) == pytest.approx(3.0)


def test_the_middle_of_the_picture_is_its_centre() -> None:
    assert VIEW.to_body([[19.5, 29.5]])[0] == pytest.approx((5.0, 90.0))


def test_fingers_are_up_without_a_turn_and_to_the_right_with_a_quarter() -> None:
    up = View(shape=(40, 60), spacing_mm=(0.2, 0.2), centre=(0, 0)).to_pixels([[0.0, 1.0]])[0]
    assert up == pytest.approx((19.5 - 5, 29.5))
    right = View(shape=(40, 60), spacing_mm=(0.2, 0.2), centre=(0, 0), turn_deg=90.0).to_pixels([[0.0, 1.0]])[
        0
    ]
    assert right == pytest.approx((19.5, 29.5 + 5))


def test_every_pixels_place_is_that_of_its_centre() -> None:
    x, z = VIEW.body_of_pixels()
    assert (x[7, 11], z[7, 11]) == pytest.approx(tuple(VIEW.to_body([[7, 11]])[0]))
