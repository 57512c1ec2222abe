import json

import numpy as np
import pytest
from PIL import Image

from lesionkit.errors import InputError, OutlineError
from lesionkit.io import read_outlines


def square(x, y):
    return [[x, y], [x + 10, y], [x + 10, y + 10], [x, y + 10], [x, y]]


@pytest.fixture
def outlines(tmp_path):
    """Return what writes an outline file with one square."""

    def write(name="hand.outlines.geojson", *, x=10, **top):
        feature = {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [square(x, 20)]},
            "properties": {"deposit": "a"},
        }
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", **top, "features": [feature]}))
        return path

    return write


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "hand.png"
    Image.fromarray(np.zeros((60, 80), np.uint8)).save(path)
    return path


def test_outlines_are_read_with_the_image_beside_them(outlines, photo):
    (deposit,) = read_outlines(outlines())
    assert (deposit.name, deposit.image) == ("a", "hand.png")
    with pytest.raises(OutlineError, match="outside the image"):
        read_outlines(outlines(x=200))


def test_outlines_are_read_with_an_image_named_by_its_path(outlines, photo):
    path = outlines("elsewhere.geojson", x=200)
    with pytest.raises(OutlineError, match="outside the image"):
        read_outlines(path, image=photo)


def test_outlines_without_their_image_are_read_as_they_are(outlines):
    (deposit,) = read_outlines(str(outlines(x=200)))
    assert deposit.regions[0].exterior.max() == 209.5


def test_the_shape_in_the_header_stands_for_a_missing_image(outlines):
    header = {"schema": 1, "image": "hand.png", "shape": [60, 80]}
    (deposit,) = read_outlines(outlines(lesionkit=header))
    assert deposit.image == "hand.png"
    with pytest.raises(OutlineError, match="outside the image"):
        read_outlines(outlines(x=200, lesionkit=header))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="no file"):
        read_outlines(tmp_path / "hand.outlines.geojson")


def test_outlines_of_another_image_are_refused(outlines, photo):
    with pytest.raises(OutlineError, match="another image"):
        read_outlines(outlines(lesionkit={"shape": [1, 2]}))


def test_a_label_map_needs_its_image(tmp_path):
    path = tmp_path / "ct.outlines.nii.gz"
    path.write_bytes(b"")
    with pytest.raises(InputError, match="not told"):
        read_outlines(path)


def test_a_label_map_is_read_with_the_volume_beside_it(tmp_path):
    import SimpleITK as sitk

    labels = np.zeros((3, 4, 5), np.uint8)
    labels[1, 2, 3] = 7
    for name, array in (("ct.nii.gz", labels.astype(np.int16)), ("ct.outlines.nii.gz", labels)):
        image = sitk.GetImageFromArray(array)
        image.SetSpacing((0.75, 0.5, 2.0))
        sitk.WriteImage(image, str(tmp_path / name))
    (deposit,) = read_outlines(tmp_path / "ct.outlines.nii.gz")
    assert deposit.regions[0].voxels.sum() == 1
