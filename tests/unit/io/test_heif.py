"""Pictures of telephones: the main one, upright once."""

from datetime import date

import numpy as np
import pytest
from icc import profile
from PIL import Image

from lesionkit.core.outcome import Severity
from lesionkit.errors import ReadError
from lesionkit.io import load_image
from lesionkit.io.photo import EXIF_DATE, READER

pillow_heif = pytest.importorskip("pillow_heif")

CORNERS = [(250, 20, 20), (20, 20, 250), (20, 250, 20), (10, 10, 10)]
"""Top left, top right, bottom left, bottom right."""


def scene():
    picture = np.zeros((48, 80, 3), np.uint8)
    for place, colour in zip(((0, 0), (0, 1), (1, 0), (1, 1)), CORNERS, strict=True):
        picture[24 * place[0] :, 40 * place[1] :] = colour
    return picture


def corners(pixels):
    return [pixels[r, c].astype(int) for r in (4, -5) for c in (4, -5)]


def save(path, picture=None, *, exif=None, **options):
    file = pillow_heif.from_pillow(Image.fromarray(scene() if picture is None else picture))
    file.save(path, quality=95, **({"exif": exif.tobytes()} if exif else {}), **options)
    return path


def scan(path):
    return READER.scan([path], root=path.parent)


# How the file's own turn shows the scene: the numbers of CORNERS, in reading order.
TURNED = {
    1: (0, 1, 2, 3),
    2: (1, 0, 3, 2),
    3: (3, 2, 1, 0),
    4: (2, 3, 0, 1),
    5: (0, 2, 1, 3),
    6: (2, 0, 3, 1),
    7: (3, 1, 2, 0),
    8: (1, 3, 0, 2),
}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_files_own_turn_is_applied_once_though_exif_tells_it_again(tmp_path, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    path = save(tmp_path / "hand.heic", exif=exif)
    file = pillow_heif.open_heif(path)
    assert file.info["exif"]
    shape = (80, 48) if orientation > 4 else (48, 80)
    assert scan(path).images[0].grid.shape == shape
    pixels = load_image(path).pixels
    assert pixels.shape == (*shape, 3)
    expected = [CORNERS[number] for number in TURNED[orientation]]
    assert np.abs(np.subtract(corners(pixels), expected)).max() < 12


def test_the_day_is_that_of_the_exif_original(tmp_path):
    exif = Image.Exif()
    exif[271] = "Maker"
    exif.get_ifd(0x8769)[0x9003] = "2012:03:01 23:30:00"
    exif.get_ifd(0x8769)[0x9011] = "+13:00"
    path = save(tmp_path / "hand.heic", exif=exif)
    assert scan(path).images[0].dates == ((EXIF_DATE, date(2012, 3, 1)),)


def test_of_several_pictures_the_main_one_is_read_and_said(tmp_path):
    path = tmp_path / "hand.heic"
    file = pillow_heif.from_pillow(Image.fromarray(np.full((16, 16, 3), 90, np.uint8)))
    file.add_from_pillow(Image.fromarray(scene()))
    file.save(path, quality=95, primary_index=1)
    found = scan(path)
    assert [problem.code for problem in found.problems] == ["picture_has_pages"]
    assert found.images[0].grid.shape == (48, 80)
    assert np.abs(np.subtract(corners(load_image(path).pixels), CORNERS)).max() < 12


def test_a_thumbnail_is_neither_a_page_nor_read(tmp_path):
    path = save(tmp_path / "hand.heic", np.repeat(np.repeat(scene(), 4, 0), 4, 1))
    file = pillow_heif.open_heif(path)
    pillow_heif.HeifFile.save(file, path, quality=95, thumbnails=[64])
    found = scan(path)
    assert found.problems == ()
    assert load_image(path).pixels.shape == (192, 320, 3)


def test_a_profile_is_converted_to_srgb(tmp_path):
    path = tmp_path / "hand.heic"
    file = pillow_heif.from_pillow(Image.new("RGB", (32, 32), (250, 5, 5)))
    file.info["icc_profile"] = profile("swapped")
    file.info["icc_profile_type"] = "prof"
    file.save(path, quality=95)
    assert load_image(path).pixels[16, 16, 2] > 240
    assert scan(path).problems == ()


def test_what_is_transparent_lies_over_white(tmp_path):
    picture = np.zeros((32, 32, 4), np.uint8)
    picture[:, 16:, 3] = 255
    pixels = load_image(save(tmp_path / "hand.heic", picture)).pixels
    assert pixels[16, 4].min() > 245
    assert pixels[16, 28].max() < 10


def test_ten_bits_come_out_in_eight(tmp_path):
    path = tmp_path / "hand.hif"
    deep = np.full((32, 32, 3), (60000, 30000, 9000), np.uint16)
    pillow_heif.from_bytes(mode="RGB;16", size=(32, 32), data=deep.tobytes()).save(path, quality=-1)
    pixels = load_image(path).pixels
    assert pixels.dtype == np.uint8
    assert np.abs(pixels[16, 16].astype(int) - deep[0, 0] // 257).max() <= 3


def test_hdr_colours_that_cannot_be_converted_are_told(tmp_path):
    path = save(tmp_path / "hand.heic", color_primaries=9, transfer_characteristics=16)
    (problem,) = scan(path).problems
    assert (problem.code, problem.severity) == ("picture_colours_not_srgb", Severity.WARNING)


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    path = save(tmp_path / "hand.heic", np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    found = scan(path)
    if found.images:
        with pytest.raises(ReadError, match=r"hand\.heic"):
            load_image(path)
    else:
        assert [problem.code for problem in found.problems] == ["picture_unreadable"]


def test_one_that_claims_too_many_pixels_is_refused(tmp_path, monkeypatch):
    path = save(tmp_path / "hand.heic")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert [problem.code for problem in scan(path).problems] == ["picture_unreadable"]


def test_without_its_package_the_extra_is_named(tmp_path, monkeypatch):
    path = save(tmp_path / "hand.heic")
    monkeypatch.setattr("lesionkit.io.photo.find_spec", lambda name: None)
    (problem,) = scan(path).problems
    assert (problem.code, problem.severity) == ("picture_needs_extra", Severity.ERROR)
    assert "lesionkit[heif]" in problem.hint


def test_the_brand_tells_heif_from_films_and_avif():
    from lesionkit.io.heif import is_heif

    assert is_heif(b"\0\0\0\x18ftypheic\0\0\0\0")
    assert not is_heif(b"\0\0\0\x18ftypqt  \0\0\0\0")
    assert not is_heif(b"\0\0\0\x18ftypavif\0\0\0\0")
