from datetime import date
from pathlib import Path

import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.image import FoundImage, Image, ImageRef, Modality
from lesionkit.core.units import Unit


def photo(pixels):
    return Image(
        modality=Modality.XC,
        pixels=pixels,
        grid=Grid(shape=pixels.shape[:2]),
        intensity_unit=Unit.GREY,
    )


@pytest.mark.parametrize(
    ("modality", "stream"),
    [
        (Modality.CR, Modality.DX),
        (Modality.DX, Modality.DX),
        (Modality.CT, Modality.CT),
        (Modality.MR, Modality.MR),
        (Modality.XC, Modality.XC),
    ],
)
def test_only_cr_and_dx_are_compared_with_one_another(modality, stream):
    assert modality.stream is stream


def test_ct_and_mr_are_measured_by_volume():
    assert {m for m in Modality if m.is_volume} == {Modality.CT, Modality.MR}


@pytest.mark.parametrize("gap", [{"id": ""}, {"paths": ()}])
def test_an_image_has_an_id_and_a_file(gap):
    given = {"id": "a.jpg", "paths": (Path("a.jpg"),)} | gap
    with pytest.raises(ValueError, match="id and at least one file"):
        ImageRef(
            modality=Modality.XC,
            site="hand",
            reader="photo",
            location="a.jpg",
            grid=Grid(shape=(6, 9)),
            **given,
        )


def test_a_found_image_keeps_what_the_reader_knew_when_it_is_placed():
    claim = ScaleClaim(source=ScaleSource.MANIFEST, mm_per_px=0.1)
    found = FoundImage(
        id="1.2.3",
        paths=(Path("1.dcm"), Path("2.dcm")),
        reader="dicom",
        location="ct",
        grid=Grid(shape=(2, 6, 9)),
        site="by the header",
        patient="1234",
        dates=(("AcquisitionDate", date(2012, 3, 1)),),
        series_uid="1.2.3",
        instance_uids=("1.2.3.1", "1.2.3.2"),
    )
    placed = found.placed(modality=Modality.CT, site="hand", scale_claims=(claim,))
    assert (placed.modality, placed.site, placed.scale_claims) == (Modality.CT, "hand", (claim,))
    for name in ("id", "paths", "reader", "location", "grid", "series_uid", "instance_uids"):
        assert getattr(placed, name) is getattr(found, name)


def test_pixels_must_fill_their_grid():
    with pytest.raises(ValueError, match="do not fill"):
        Image(
            modality=Modality.DX,
            pixels=np.zeros((9, 6)),
            grid=Grid(shape=(6, 9)),
            intensity_unit=Unit.STORED,
        )


def test_pixels_cannot_be_changed_through_the_image():
    image = photo(np.zeros((6, 9), np.uint8))
    with pytest.raises(ValueError, match="read-only"):
        image.pixels[0, 0] = 1


@pytest.mark.parametrize(("dtype", "full"), [(np.uint8, 255), (np.uint16, 65535)])
def test_luma_is_a_fraction_of_full_scale(dtype, full):
    pixels = np.zeros((1, 5, 3), dtype)
    pixels[0, 1:] = np.array([[full, full, full], [full, 0, 0], [0, full, 0], [0, 0, full]])
    image = photo(pixels)
    assert image.is_colour
    np.testing.assert_allclose(image.intensity(), [[0, 1, 0.2126, 0.7152, 0.0722]], atol=1e-12)


def test_a_grey_photograph_is_its_own_luma():
    image = photo(np.array([[0, 51, 255]], np.uint8))
    assert not image.is_colour
    np.testing.assert_allclose(image.intensity(), [[0, 0.2, 1]])


def test_hounsfield_units_are_left_alone():
    pixels = np.array([[[-1000, 130]]], np.int16)
    image = Image(modality=Modality.CT, pixels=pixels, grid=Grid(shape=(1, 1, 2)), intensity_unit=Unit.HU)
    assert image.intensity().tolist() == [[[-1000, 130]]]


@pytest.mark.parametrize("shape", [(6, 9), (6, 9, 3)])
def test_a_box_of_the_intensities_is_that_part_of_the_whole(shape):
    image = photo(np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8))
    box = (slice(1, 3), slice(4, 9))
    np.testing.assert_array_equal(image.intensity(box), image.intensity()[box])
