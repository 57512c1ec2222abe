"""Real photographs, whose truth is what they show."""

import numpy as np
import pytest

from lesionkit.core.image import Modality
from lesionkit.io import load_image
from lesionkit.io.photo import READER


def test_the_eight_orientations_show_one_scene_upright_of_one_size_and_alike(shared):
    scan = READER.scan(sorted((shared / "photos/exif").glob("Landscape_*.jpg")), root=shared)
    assert len(scan.images) == 9
    assert not scan.problems
    pictures = [
        READER.load(found.placed(modality=Modality.XC, site="")).pixels.astype(float) for found in scan.images
    ]
    assert {found.grid.shape for found in scan.images} == {(1200, 1800)}
    assert {picture.shape for picture in pictures} == {(1200, 1800, 3)}
    for picture in pictures[1:]:
        # Separate JPEG encodings differ by some grey levels; any wrong turn would by dozens.
        assert np.abs(picture - pictures[0]).mean() < 6
        assert np.abs(picture[::-1, ::-1] - pictures[0]).mean() > 20


@pytest.mark.parametrize(
    ("name", "shape"),
    [("handSrc.jpg", None), ("mcc_ccm_test.jpg", None), ("singlemarkersoriginal.jpg", (480, 640))],
)
def test_photographs_of_markers_are_read_as_colour_without_a_scale(shared, name, shape):
    image = load_image(shared / "photos/markers" / name)
    assert image.modality is Modality.XC
    assert image.is_colour
    assert not image.grid.is_calibrated
    assert shape is None or image.grid.shape == shape


@pytest.mark.parametrize("number", range(1, 9))
def test_an_outline_lies_at_one_place_in_all_eight_orientations(shared, number):
    import cv2

    here, there = (
        cv2.cvtColor(load_image(shared / f"photos/exif/Landscape_{one}.jpg").pixels, cv2.COLOR_RGB2GRAY)
        for one in (0, number)
    )
    (right, down), _ = cv2.phaseCorrelate(here.astype(np.float32), there.astype(np.float32))
    assert abs(right) < 0.25
    assert abs(down) < 0.25


def test_a_heif_picture_is_read_in_colour(shared):
    pytest.importorskip("pillow_heif")
    image = load_image(shared / "photos/heif/RGB_8__128x128.heif")
    assert image.pixels.shape == (128, 128, 3)
    assert image.pixels.std() > 10


def test_no_ruler_is_found_in_photographs_without_one(shared):
    import cv2

    from lesionkit.calibrate.ruler import find_rulers

    paths = [*(shared / "photos/markers").glob("*.jpg"), shared / "photos/exif/Landscape_1.jpg"]
    assert len(paths) == 5
    for path in paths:
        search = find_rulers(cv2.cvtColor(load_image(path).pixels, cv2.COLOR_RGB2GRAY))
        assert (search.rulers, search.others) == ((), 0)
