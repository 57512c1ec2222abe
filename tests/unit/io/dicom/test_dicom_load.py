"""Pixels become HU, bright where dense, or sRGB, each slice by its own rescale."""

import dicoms
import numpy as np
import pytest
from dicoms import dataset, load, planes, save, scan, write

from lesionkit.core.units import Unit
from lesionkit.errors import ReadError

RAMP = np.arange(12, dtype=np.uint16).reshape(3, 4) * 300
GREY8 = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
RGB = np.arange(36, dtype=np.uint8).reshape(3, 4, 3) * 7


def one(tmp_path, made):
    (found,) = scan(save(made, tmp_path / "one.dcm").parent).images
    return load(found)


def test_each_slice_of_a_ct_is_rescaled_by_its_own_slope_and_intercept(tmp_path):
    slices = planes(count=4)
    stored = []
    for number, item in enumerate(slices):
        pixels = np.full((32, 44), 100 * number, np.int16)
        item.PixelData = pixels.tobytes()
        item.RescaleSlope, item.RescaleIntercept = number + 1, -1024 + number
        stored.append(100 * number * (number + 1) - 1024 + number)
    image = dicoms.only(write(tmp_path, slices))
    assert image.pixels.dtype == np.int16
    assert image.pixels[:, 5, 6].tolist() == stored[::-1]
    assert image.intensity_unit is Unit.HU
    assert not image.pixels.flags.writeable


def test_a_fractional_slope_on_any_slice_makes_the_volume_float32_and_keeps_the_others_exact(tmp_path):
    slices = planes(count=3)
    slices[0].RescaleSlope = 0.5
    plain = dicoms.only(write(tmp_path / "plain", planes(count=3)))
    image = dicoms.only(write(tmp_path / "half", slices))
    assert image.pixels.dtype == np.float32
    assert np.array_equal(image.pixels[:2], plain.pixels[:2])
    assert np.array_equal(image.pixels[2], plain.pixels[2] * np.float32(0.5))


def test_values_beyond_int16_become_float32_rather_than_wrap(tmp_path):
    slices = planes(count=2)
    slices[0].RescaleIntercept = 30000
    assert dicoms.only(write(tmp_path, slices)).pixels.max() > 32767


def test_a_ct_without_rescale_is_in_stored_values_not_hu(tmp_path):
    slices = planes(count=2)
    for item in slices:
        del item.RescaleSlope, item.RescaleIntercept
    assert dicoms.only(write(tmp_path, slices)).intensity_unit is Unit.STORED


def test_the_tube_voltage_of_a_ct_is_kept(tmp_path):
    assert dicoms.only(write(tmp_path, planes(count=2, KVP=110))).kvp == 110


def test_an_mr_is_in_stored_values(tmp_path):
    elements = {"Modality": "MR", "SOPClassUID": dicoms.CLASSES["MR"]}
    image = dicoms.only(write(tmp_path, planes(count=2, **elements)))
    assert image.intensity_unit is Unit.STORED


@pytest.mark.parametrize(
    ("elements", "turned"),
    [
        ({}, False),
        ({"PhotometricInterpretation": "MONOCHROME1"}, True),
        ({"PresentationIntentType": "FOR PRESENTATION", "PixelIntensityRelationshipSign": 1}, False),
        ({"PresentationIntentType": "FOR PROCESSING", "PixelIntensityRelationshipSign": 1}, True),
        (
            {
                "PhotometricInterpretation": "MONOCHROME1",
                "PresentationIntentType": "FOR PROCESSING",
                "PixelIntensityRelationshipSign": -1,
            },
            False,
        ),
    ],
)
def test_a_radiograph_is_bright_where_dense(tmp_path, elements, turned):
    image = one(tmp_path, dataset("DX", RAMP, BitsStored=12, HighBit=11, **elements))
    assert np.array_equal(image.pixels, 4095 - RAMP if turned else RAMP)
    assert image.intensity_unit is Unit.STORED


def test_a_signed_radiograph_turns_round_within_its_signed_range(tmp_path):
    made = dataset("CR", RAMP.astype(np.int16) - 1000, PhotometricInterpretation="MONOCHROME1")
    assert np.array_equal(one(tmp_path, made).pixels, 999 - RAMP.astype(np.int16))


def test_a_radiograph_keeps_row_and_column_spacing_apart(tmp_path):
    image = one(tmp_path, dataset("CR", RAMP, ImagerPixelSpacing=[0.2, 0.1]))
    assert image.grid.spacing_mm == (0.2, 0.1)
    assert image.grid.shape == (3, 4)


def test_a_radiograph_of_zero_spacing_is_in_pixels(tmp_path):
    assert one(tmp_path, dataset("CR", RAMP, PixelSpacing=[0, 0])).grid.spacing_mm is None


def test_a_modality_lookup_table_is_applied(tmp_path):
    from pydicom import Dataset

    table = Dataset()
    table.LUTDescriptor = [16, 0, 16]
    table.ModalityLUTType = "US"
    table.LUTData = (np.arange(16, dtype=np.uint16) ** 2).tobytes()
    table["LUTData"].VR = "OW"
    made = dataset("CR", RAMP // 300, ModalityLUTSequence=[table])
    assert np.array_equal(one(tmp_path, made).pixels, (RAMP // 300) ** 2)


def test_a_colour_photograph_keeps_its_colours(tmp_path):
    image = one(tmp_path, dataset("XC", RGB))
    assert np.array_equal(image.pixels, RGB)
    assert image.intensity_unit is Unit.GREY
    assert image.grid.spacing_mm is None


def test_a_photograph_in_luma_and_chroma_is_turned_to_rgb(tmp_path):
    from pydicom.pixels import convert_color_space

    flat = np.full((3, 4, 3), (200, 40, 90), np.uint8)
    made = dataset("XC", convert_color_space(flat, "RGB", "YBR_FULL"), PhotometricInterpretation="YBR_FULL")
    assert np.abs(one(tmp_path, made).pixels.astype(int) - flat).max() <= 1


def test_a_palette_photograph_shows_its_palette(tmp_path):
    tables = {}
    for name, weight in (("Red", 257), ("Green", 128), ("Blue", 3)):
        tables[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tables[f"{name}PaletteColorLookupTableData"] = (np.arange(256, dtype=np.uint16) * weight).tobytes()
    made = dataset("XC", GREY8, PhotometricInterpretation="PALETTE COLOR", **tables)
    expected = GREY8[..., None].astype(np.uint16) * np.array([257, 128, 3], np.uint16)
    assert np.array_equal(one(tmp_path, made).pixels, expected)


def test_a_12_bit_photograph_fills_the_full_scale(tmp_path):
    image = one(tmp_path, dataset("XC", RAMP + 795, BitsStored=12, HighBit=11))
    assert image.pixels.dtype == np.uint16
    assert image.pixels.max() == 65535


def test_a_photograph_with_spacing_is_calibrated(tmp_path):
    made = dataset(
        "XC", RGB, PixelSpacing=[0.2, 0.1], PixelSpacingCalibrationType="FIDUCIAL", ImagerPixelSpacing=[1, 1]
    )
    assert one(tmp_path, made).grid.spacing_mm == (0.2, 0.1)


def test_pixels_cut_short_after_the_folder_was_read_are_one_clear_error(tmp_path):
    path = save(dataset("CR", RAMP), tmp_path / "one.dcm")
    (found,) = scan(tmp_path).images
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ReadError, match=r"^the pixels of one\.dcm .* cannot be decoded"):
        load(found)


def test_a_file_gone_after_the_folder_was_read_is_a_read_error(tmp_path):
    path = save(dataset("CR", RAMP), tmp_path / "one.dcm")
    (found,) = scan(tmp_path).images
    path.unlink()
    with pytest.raises(ReadError):
        load(found)


def test_a_compression_nobody_knows_is_named_with_what_to_install(tmp_path):
    path = save(dataset("CR", RAMP), tmp_path / "one.dcm")
    (found,) = scan(tmp_path).images
    known = b"1.2.840.10008.1.2.1\0"
    path.write_bytes(path.read_bytes().replace(known, b"1.2.840.10008.1.2.9\0"))
    with pytest.raises(ReadError, match=r"1\.2\.840\.10008\.1\.2\.9") as caught:
        load(found)
    assert 'pip install "lesionkit[dicom-codecs]"' in caught.value.hint
