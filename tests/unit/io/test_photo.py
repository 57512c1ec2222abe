import io
from datetime import date

import cv2
import numpy as np
import pytest
from icc import profile
from PIL import Image

from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.units import Unit
from lesionkit.errors import ReadError
from lesionkit.io import load_image
from lesionkit.io.photo import EXIF_DATE, READER
from lesionkit.io.picture import upright

ORIENTATION = 274

# As CIPA DC-008 says where the 0th row and 0th column of the stored picture lie, written with numpy's
# rotations instead of the code's own slices.
STORED = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.rot90(np.fliplr(a), 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.rot90(np.fliplr(a), -1),
    8: lambda a: np.rot90(a, -1),
}


@pytest.fixture
def scene():
    """Return a picture of 5 × 7 pixels without any symmetry."""
    return np.random.default_rng(7).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def save(picture, path, *, orientation=None, **options):
    exif = Image.Exif()
    if orientation is not None:
        exif[ORIENTATION] = orientation
        options["exif"] = exif
    Image.fromarray(np.ascontiguousarray(picture)).save(path, **options)
    return path


def scan(*paths):
    return READER.scan(paths, root=paths[0].parent)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_every_orientation_is_turned_upright_once(tmp_path, scene, orientation, suffix):
    path = save(STORED[orientation](scene), tmp_path / f"hand{suffix}", orientation=orientation)
    assert scan(path).images[0].grid.shape == (5, 7)
    np.testing.assert_array_equal(load_image(path).pixels, scene)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_jpeg_is_turned_upright_once(tmp_path, orientation):
    ramp = np.add.outer(np.arange(40) * 5, np.arange(24) * 2).astype(np.uint8)
    path = save(
        STORED[orientation](ramp), tmp_path / "hand.jpg", orientation=orientation, quality=100, subsampling=0
    )
    assert scan(path).images[0].grid.shape == (40, 24)
    assert np.abs(load_image(path).pixels.astype(int) - ramp).max() <= 4


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("order", "is_big"), [("<", False), (">", False), ("<", True)])
def test_sixteen_bit_tiff_is_turned_upright_once_and_keeps_its_bits(
    tmp_path, scene, orientation, order, is_big
):
    tifffile = pytest.importorskip("tifffile")
    deep = scene.astype(np.uint16) * 257 - (scene > 0) * np.uint16(3)
    kind = {
        "byteorder": order,
        "bigtiff": is_big,
        "extratags": [(ORIENTATION, "H", 1, orientation, True)],
    }
    path = tmp_path / "hand.tif"
    tifffile.imwrite(path, np.ascontiguousarray(STORED[orientation](deep)), photometric="rgb", **kind)
    image = load_image(path)
    assert image.pixels.dtype == np.uint16
    np.testing.assert_array_equal(image.pixels, deep)


def test_an_orientation_that_does_not_exist_turns_nothing(scene):
    np.testing.assert_array_equal(upright(scene, 9), scene)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_of_colour_are_kept(tmp_path, suffix):
    deep = np.random.default_rng(1).integers(0, 1 << 16, (6, 4, 3), dtype=np.uint16)
    path = tmp_path / f"hand{suffix}"
    cv2.imwrite(str(path), deep[..., ::-1])
    image = load_image(path)
    np.testing.assert_array_equal(image.pixels, deep)
    assert image.intensity_unit is Unit.GREY


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_stays_one_number_a_pixel(tmp_path, suffix, dtype):
    grey = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, (6, 4), dtype=dtype)
    path = tmp_path / f"hand{suffix}"
    cv2.imwrite(str(path), grey)
    np.testing.assert_array_equal(load_image(path).pixels, grey)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_transparent_lies_over_white(tmp_path, dtype):
    full = np.iinfo(dtype).max
    picture = np.zeros((1, 3, 4), dtype=dtype)
    picture[..., 2] = full  # blue, in RGBA
    picture[0, :, 3] = (full, 0, full // 2 + 1)
    path = tmp_path / "hand.png"
    cv2.imwrite(str(path), picture[..., [2, 1, 0, 3]])
    pixels = load_image(path).pixels
    assert pixels[0, 0].tolist() == [0, 0, full]
    assert pixels[0, 1].tolist() == [full, full, full]
    assert pixels[0, 2, 0] == pytest.approx(full / 2, abs=1)


def test_a_palette_becomes_its_colours(tmp_path, scene):
    flat = np.repeat(scene[:1], 5, axis=0)
    path = tmp_path / "hand.png"
    Image.fromarray(flat).convert("P", palette=Image.Palette.ADAPTIVE, colors=7).save(path)
    assert np.abs(load_image(path).pixels.astype(int) - flat).max() <= 2


def test_a_transparent_palette_entry_is_white(tmp_path):
    path = tmp_path / "hand.png"
    picture = Image.fromarray(np.zeros((2, 2), np.uint8)).convert("P")
    picture.save(path, transparency=0)
    assert (load_image(path).pixels == 255).all()


def test_cmyk_jpeg_is_not_inverted(tmp_path):
    path = tmp_path / "hand.jpg"
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(path, quality=100)
    red, green, blue = load_image(path).pixels[4, 4]
    assert red > 250
    assert green < 5
    assert blue < 5


def test_a_profile_is_converted_to_srgb(tmp_path):
    path = tmp_path / "hand.png"
    Image.new("RGB", (4, 3), (255, 0, 0)).save(path, icc_profile=profile("swapped"))
    assert np.abs(load_image(path).pixels[1, 1].astype(int) - (0, 0, 255)).max() <= 2


def test_the_profile_of_srgb_changes_nothing(tmp_path, scene):
    path = save(scene, tmp_path / "hand.png", icc_profile=profile("srgb"))
    np.testing.assert_array_equal(load_image(path).pixels, scene)


def test_a_broken_profile_is_passed_over(tmp_path, scene):
    path = save(scene, tmp_path / "hand.png", icc_profile=b"no profile at all")
    np.testing.assert_array_equal(load_image(path).pixels, scene)


def test_sixteen_bits_with_another_profile_come_out_in_eight_but_in_the_right_colour(tmp_path):
    path = tmp_path / "hand.png"
    plain = tmp_path / "plain.png"
    cv2.imwrite(str(plain), np.full((3, 4, 3), (0, 0, 65535), np.uint16))
    data = plain.read_bytes()
    import zlib

    body = b"swap\0\0" + zlib.compress(profile("swapped"))
    chunk = b"iCCP" + body
    inserted = len(body).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    path.write_bytes(data[:33] + inserted + data[33:])
    pixels = load_image(path).pixels
    assert pixels.dtype == np.uint8
    assert np.abs(pixels[1, 1].astype(int) - (0, 0, 255)).max() <= 2


def test_the_day_is_that_of_the_exif_original(tmp_path, scene):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2012:03:01 23:59:59"
    exif[306] = "2020:01:01 00:00:00"
    path = tmp_path / "hand.jpg"
    Image.fromarray(scene).save(path, exif=exif)
    assert scan(path).images[0].dates == ((EXIF_DATE, date(2012, 3, 1)),)


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday"])
def test_a_blank_exif_date_is_no_date(tmp_path, scene, text):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = text
    path = tmp_path / "hand.jpg"
    Image.fromarray(scene).save(path, exif=exif)
    assert scan(path).images[0].dates == ()


def test_a_photograph_has_no_scale_and_a_path_as_id(tmp_path, scene):
    (tmp_path / "P01").mkdir()
    path = save(scene, tmp_path / "P01" / "hand.png")
    found = READER.scan([path], root=tmp_path).images[0]
    assert (found.id, found.location, found.modality) == ("P01/hand.png", "P01/hand.png", Modality.XC)
    assert not found.grid.is_calibrated


def test_a_text_file_named_jpg_is_a_problem_and_the_next_is_read(tmp_path, scene):
    bad = tmp_path / "bad.jpg"
    bad.write_text("not a picture")
    good = save(scene, tmp_path / "good.jpg")
    found = scan(bad, good)
    assert [image.id for image in found.images] == ["good.jpg"]
    (problem,) = found.problems
    assert (problem.code, problem.about, problem.severity) == (
        "picture_unreadable",
        "bad.jpg",
        Severity.ERROR,
    )
    assert str(tmp_path) not in problem.text


def test_exif_behind_the_pixels_of_a_png_is_found(tmp_path, scene):
    path = save(STORED[6](scene), tmp_path / "hand.png", orientation=6)
    data = path.read_bytes()
    start = data.index(b"eXIf") - 4
    stop = start + 12 + int.from_bytes(data[start : start + 4], "big")
    end = data.index(b"IEND") - 4
    path.write_bytes(data[:start] + data[stop:end] + data[start:stop] + data[end:])
    assert scan(path).images[0].grid.shape == (5, 7)
    np.testing.assert_array_equal(load_image(path).pixels, scene)


def test_a_header_is_read_without_the_pixels(tmp_path, scene):
    path = save(np.zeros((400, 300, 3), np.uint8), tmp_path / "hand.png")
    path.write_bytes(path.read_bytes()[:60])
    assert scan(path).images[0].grid.shape == (400, 300)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_a_truncated_picture_cannot_be_loaded(tmp_path, suffix):
    noise = np.random.default_rng(3).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = save(noise, tmp_path / f"hand{suffix}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ReadError, match="hand"):
        load_image(path)


def test_a_truncated_sixteen_bit_picture_cannot_be_loaded(tmp_path):
    path = tmp_path / "hand.png"
    cv2.imwrite(str(path), np.random.default_rng(3).integers(0, 1 << 16, (64, 64, 3), dtype=np.uint16))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ReadError, match="damaged or cut off"):
        load_image(path)


def test_a_picture_that_claims_too_many_pixels_is_refused(tmp_path, scene, monkeypatch):
    path = save(scene, tmp_path / "hand.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert scan(path).problems[0].code == "picture_unreadable"


def test_a_picture_above_the_warning_size_is_read_without_a_warning(tmp_path, scene, monkeypatch, recwarn):
    path = save(scene, tmp_path / "hand.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 20)
    assert load_image(path).pixels.shape == (5, 7, 3)
    assert not recwarn.list


def test_floats_are_no_photograph(tmp_path):
    path = tmp_path / "hand.tif"
    Image.fromarray(np.zeros((3, 4), np.float32)).save(path)
    with pytest.raises(ReadError, match="pixels of a kind"):
        load_image(path)


def test_further_pages_are_told(tmp_path, scene):
    path = tmp_path / "hand.tif"
    page = Image.fromarray(scene)
    page.save(path, save_all=True, append_images=[page])
    found = scan(path)
    assert [problem.code for problem in found.problems] == ["picture_has_pages"]
    assert len(found.images) == 1


def test_the_pictures_behind_a_phones_main_one_are_no_pages(tmp_path, scene):
    path = tmp_path / "hand.jpg"
    Image.fromarray(scene).save(path, "MPO", save_all=True, append_images=[Image.fromarray(scene[:2])])
    assert scan(path).problems == ()
    assert load_image(path).pixels.shape == (5, 7, 3)


def test_webp_is_read(tmp_path, scene):
    path = save(scene, tmp_path / "hand.webp", lossless=True)
    np.testing.assert_array_equal(load_image(path).pixels, scene)


def test_an_image_that_changed_meanwhile_is_refused(tmp_path, scene):
    path = save(scene, tmp_path / "hand.png")
    ref = scan(path).images[0].placed(modality=Modality.XC, site="")
    save(scene[:4], path)
    with pytest.raises(ReadError, match="4 × 7"):
        READER.load(ref)


def test_bids_go_by_name_and_content(tmp_path, scene):
    sure = save(scene, tmp_path / "a.jpg")
    nameless = tmp_path / "a"
    nameless.write_bytes(sure.read_bytes())
    fake = tmp_path / "b.jpg"
    fake.write_text("text")
    text = tmp_path / "b.xyz"
    text.write_text("text")
    assert READER.bid(sure) > READER.bid(nameless) > READER.bid(fake) > 0
    assert READER.bid(text) == 0


def test_a_photographed_film_keeps_the_modality_it_was_placed_as(tmp_path, scene):
    path = save(scene, tmp_path / "film.png")
    ref = scan(path).images[0].placed(modality=Modality.CR, site="hand")
    assert READER.load(ref).modality is Modality.CR


def test_grey_with_transparency_stays_grey(tmp_path):
    path = tmp_path / "hand.png"
    Image.fromarray(np.dstack([np.full((2, 2), 40, np.uint8), np.full((2, 2), 255, np.uint8)]), "LA").save(
        path
    )
    np.testing.assert_array_equal(load_image(path).pixels, np.full((2, 2), 40))


def test_a_picture_in_memory_is_known_by_its_first_bytes():
    from lesionkit.io.picture import is_picture

    for kind in ("JPEG", "PNG", "TIFF", "WEBP"):
        buffer = io.BytesIO()
        Image.new("RGB", (4, 4)).save(buffer, kind)
        assert is_picture(buffer.getvalue()[:16])
    assert not is_picture(b"RIFF\0\0\0\0WAVE")


def test_the_clock_of_the_place_tells_the_day_whatever_its_offset(tmp_path, scene):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2012:03:01 23:30:00"
    exif.get_ifd(0x8769)[0x9011] = "-11:00"
    path = tmp_path / "hand.jpg"
    Image.fromarray(scene).save(path, exif=exif)
    assert scan(path).images[0].dates == ((EXIF_DATE, date(2012, 3, 1)),)


@pytest.mark.parametrize(
    ("suffix", "options"), [(".jpg", {"progressive": True}), (".png", {"interlace": True}), (".tif", {})]
)
def test_progressive_pictures_are_read_whole(tmp_path, suffix, options):
    ramp = np.add.outer(np.arange(40) * 5, np.arange(24) * 2).astype(np.uint8)
    path = save(ramp, tmp_path / f"hand{suffix}", quality=100, **options)
    assert np.abs(load_image(path).pixels.astype(int) - ramp).max() <= 4


@pytest.mark.parametrize("suffix", [".webp", ".png"])
def test_of_an_animation_the_first_frame_is_read_and_said(tmp_path, scene, suffix):
    path = tmp_path / f"hand{suffix}"
    frames = [Image.fromarray(scene), Image.fromarray(scene[::-1].copy())]
    frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
    assert [problem.code for problem in scan(path).problems] == ["picture_has_pages"]
    np.testing.assert_array_equal(load_image(path).pixels, scene)


def noisy_jpeg(path, **options):
    noise = np.random.default_rng(3).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    return save(noise, path, **options)


def test_a_jpeg_whose_data_end_early_is_refused_though_its_end_is_marked(tmp_path):
    # libjpeg fills what is missing with grey, and says nothing.
    path = noisy_jpeg(tmp_path / "hand.jpg")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] + b"\xff\xd9")
    with Image.open(path) as im:
        assert (np.asarray(im)[-8:] == 128).all()
    with pytest.raises(ReadError, match="damaged or cut off"):
        load_image(path)


def test_a_jpeg_filled_up_with_zeros_is_refused_though_its_thumbnail_ends(tmp_path):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x927C] = b"thumbnail \xff\xd8\xff\xd9"
    path = noisy_jpeg(tmp_path / "hand.jpg", exif=exif)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) // 2))
    with Image.open(path) as im:
        im.load()  # Pillow shows it
    with pytest.raises(ReadError, match="damaged or cut off"):
        load_image(path)


def test_a_photograph_on_middle_grey_is_no_damaged_one(tmp_path):
    picture = np.full((64, 80, 3), 128, np.uint8)
    picture[24:40, 24:40] = 200
    path = save(picture, tmp_path / "hand.jpg", quality=95)
    assert load_image(path).pixels.shape == (64, 80, 3)


def test_what_follows_a_jpeg_is_no_damage(tmp_path):
    path = noisy_jpeg(tmp_path / "hand.jpg")
    path.write_bytes(path.read_bytes() + b"a film of the moment" * 100)
    assert load_image(path).pixels.shape == (64, 80, 3)


def test_a_panorama_is_told_by_its_xmp(tmp_path, scene):
    xmp = b'<x:xmpmeta><rdf:Description GPano:ProjectionType="cylindrical"/></x:xmpmeta>'
    path = save(scene, tmp_path / "hand.jpg", xmp=xmp)
    (problem,) = scan(path).problems
    assert (problem.code, problem.severity) == ("picture_is_panorama", Severity.WARNING)


def test_a_panorama_is_told_by_apples_exif(tmp_path, scene):
    exif = Image.Exif()
    exif[0x0112] = 1
    exif.get_ifd(0x8769)[0xA401] = 6
    path = save(scene, tmp_path / "hand.png", exif=exif)
    assert [problem.code for problem in scan(path).problems] == ["picture_is_panorama"]


@pytest.mark.parametrize("comment", [b"ASCII\0\0\0Screenshot", b"UNICODE\0S\0c\0r\0e\0e\0n\0s\0h\0o\0t\0"])
def test_a_screenshot_is_told_by_its_comment(tmp_path, scene, comment):
    exif = Image.Exif()
    exif[0x0112] = 1
    exif.get_ifd(0x8769)[0x9286] = comment
    path = save(scene, tmp_path / "hand.png", exif=exif)
    (problem,) = scan(path).problems
    assert (problem.code, problem.severity) == ("picture_is_screenshot", Severity.WARNING)


def test_a_screenshot_is_told_by_its_name_unless_a_camera_signed_it(tmp_path, scene):
    path = save(scene, tmp_path / "Screenshot_2012-03-01.png")
    assert [problem.code for problem in scan(path).problems] == ["picture_is_screenshot"]
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    assert scan(save(scene, tmp_path / "screenshot.jpg", exif=exif)).problems == ()
