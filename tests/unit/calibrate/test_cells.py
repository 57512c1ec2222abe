"""Cells as a blurred picture shows them."""

import numpy as np
import pytest

from lesionkit.calibrate.cells import Cover, at_edge


def cover(place, blur, to_cells):
    pixels = np.array([[place, 7.0, 1.0]])
    own = pixels @ to_cells.T
    return Cover.along(0, own[:, :2] / own[:, 2:], own[:, 2:], to_cells, lines=4, blur=blur)


TEN_PX_A_CELL = np.diag([0.1, 0.1, 1.0])


def test_a_pixel_shows_the_cells_that_its_blur_reaches():
    # On the line between the first and second of three cells of ten pixels, blurred by one.
    np.testing.assert_allclose(cover(10.0, 1.0, TEN_PX_A_CELL).share, [[0.5, 0.5, 0]], atol=1e-6)
    # One standard deviation into the second.
    np.testing.assert_allclose(cover(11.0, 1.0, TEN_PX_A_CELL).share, [[0.158655, 0.841345, 0]], atol=1e-5)


@pytest.mark.parametrize("to_cells", [TEN_PX_A_CELL, np.array([[0.1, 0, 0], [0, 0.1, 0], [0.002, 0.001, 1]])])
def test_changes_with_blur_are_derivatives(to_cells):
    low, high = (cover(12.0, blur, to_cells).share for blur in (1.99, 2.01))
    np.testing.assert_allclose(cover(12.0, 2.0, to_cells).by_blur, (high - low) / 0.02, atol=1e-4)


def test_changes_with_place_are_derivatives():
    low, high = (cover(place, 2.0, TEN_PX_A_CELL).share for place in (11.99, 12.01))
    np.testing.assert_allclose(cover(12.0, 2.0, TEN_PX_A_CELL).by_place, (high - low) / 0.002, atol=1e-2)


def test_edges_are_between_black_and_white_only():
    cells = np.array([[0, 0], [0, 255]], np.uint8)
    places = np.array(
        [[1.0, 0.5], [1.0, 1.5], [0.5, 1.02], [1.5, 0.97], [0.02, 0.5], [2.02, 1.5], [0.5, 0.5]]
    )
    found = at_edge(places, cells, reach=0.1)
    # Black to black; black to white; black to black; black to white; rim to black; white to rim; a middle.
    np.testing.assert_array_equal(found, [False, True, False, True, True, False, False])
