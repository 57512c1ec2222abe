"""Markers found in a small copy of a picture: the same as in the whole."""

import numpy as np
import pytest

from lesionkit.calibrate.detecting import cells_of, find_markers, is_mirrored

NAME = "DICT_4X4_50"


def picture(sides, shape=(1800, 2400)):
    """Return a picture with markers of these sides, numbered from 0, side by side."""
    import cv2

    scene = np.full(shape, 190, np.uint8)
    at = 60
    for number, side in enumerate(sides):
        cells = np.kron(cells_of(NAME, number), np.ones((12, 12), np.uint8))
        printed = cv2.resize(np.pad(cells, 12, constant_values=255), (side * 8 // 6,) * 2, interpolation=3)
        scene[200 : 200 + len(printed), at : at + len(printed)] = printed
        at += len(printed) + 40
    noise = np.random.default_rng(1).normal(0, 2, shape)
    return np.clip(cv2.GaussianBlur(scene, (0, 0), 0.8) + noise, 0, 255).astype(np.uint8)


def test_large_and_small_markers_are_found_together():
    found = find_markers(picture([300, 120, 60, 36]), dictionary=NAME)
    assert [one.number for one in found] == [0, 1, 2, 3]
    np.testing.assert_allclose([one.side_px for one in found], [300, 120, 60, 36], rtol=0.06)


def test_a_small_marker_alone_is_found():
    assert [one.number for one in find_markers(picture([40]), dictionary=NAME)] == [0]


def test_corners_lie_in_the_whole_picture():
    ((marker),) = find_markers(picture([240]), dictionary=NAME)
    low = np.array([200, 60]) + 240 / 6 - 0.5
    np.testing.assert_allclose(marker.corners, low + np.array([[0, 0], [0, 1], [1, 1], [1, 0]]) * 240, atol=2)


def test_a_mirrored_marker_is_none_and_is_told():
    mirrored = np.ascontiguousarray(picture([200])[:, ::-1])
    assert find_markers(mirrored, dictionary=NAME) == ()
    assert is_mirrored(mirrored, dictionary=NAME)


@pytest.mark.parametrize(("name", "cells"), [(NAME, 6), ("DICT_6X6_250", 8), ("DICT_APRILTAG_36h11", 8)])
def test_a_marker_has_a_black_border_of_one_cell(name, cells):
    found = cells_of(name, 5)
    assert found.shape == (cells, cells)
    assert not found[[0, -1]].any()
    assert not found[:, [0, -1]].any()
    assert found.any()
