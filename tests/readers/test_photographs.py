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
