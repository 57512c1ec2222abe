import numpy as np
import pytest
from PIL import Image

from lesionkit.core.image import Modality
from lesionkit.core.units import Unit
from lesionkit.errors import ReadError
from lesionkit.io import load_image
from lesionkit.io.load import read_image, said_modality


def photo(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.arange(20, dtype=np.uint8).reshape(4, 5)).save(path)
    return path


def volume(path):
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(np.arange(60, dtype=np.int16).reshape(3, 4, 5))
    image.SetSpacing((0.75, 0.5, 2.0))
    sitk.WriteImage(image, str(path))
    return path


def test_a_photograph_is_loaded_by_its_path(tmp_path):
    image = load_image(str(photo(tmp_path / "hand.png")))
    assert image.pixels.tolist() == np.arange(20).reshape(4, 5).tolist()
    assert not image.pixels.flags.writeable


def test_an_image_of_a_cohort_is_loaded_by_its_reader(tmp_path):
    ref = read_image(photo(tmp_path / "hand.png"))
    assert load_image(ref).grid.shape == (4, 5)


@pytest.mark.parametrize(
    ("name", "modality", "unit"),
    [
        ("my-ct.nii.gz", Modality.CT, Unit.HU),
        ("mri.nrrd", Modality.MR, Unit.STORED),
        ("hand.nii", Modality.MR, Unit.STORED),
    ],
)
def test_a_volume_is_what_its_name_says_and_else_without_a_unit(tmp_path, name, modality, unit):
    image = load_image(volume(tmp_path / name))
    assert (image.modality, image.intensity_unit) == (modality, unit)
    assert image.grid.shape == (3, 4, 5)


def test_the_caller_may_say_what_a_volume_is(tmp_path):
    image = load_image(volume(tmp_path / "hand.nii"), modality=Modality.CT)
    assert image.intensity_unit is Unit.HU


def test_a_folder_with_one_image_is_that_image(tmp_path):
    photo(tmp_path / "visit" / "hand.png")
    (tmp_path / "visit" / "hand.outlines.geojson").write_text("{}")
    (tmp_path / "visit" / "notes.txt").write_text("seen")
    assert load_image(tmp_path / "visit").grid.shape == (4, 5)


def test_a_folder_with_several_images_is_refused(tmp_path):
    photo(tmp_path / "visit" / "left.png")
    photo(tmp_path / "visit" / "right.png")
    with pytest.raises(ReadError, match="holds 2 images"):
        load_image(tmp_path / "visit")


def test_a_file_that_nobody_reads_says_what_each_reader_found(tmp_path):
    path = tmp_path / "hand.jpg"
    path.write_text("text")
    with pytest.raises(ReadError, match=r"hand\.jpg") as caught:
        load_image(path)
    assert {"photo", "dicom", "volume"} <= caught.value.tried.keys()
    assert "none that can be read" in caught.value.tried["photo"]


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ReadError, match="there is no"):
        load_image(tmp_path / "hand.jpg")


def test_the_nearest_word_of_a_path_says_the_modality():
    assert said_modality("mr/P01/ct/hand.nii") is Modality.CT
    assert said_modality("P01/left_hand-MRI.nii.gz") is Modality.MR
    assert said_modality("doctor/hand.nii") is None
