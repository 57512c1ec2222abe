"""Raw files: upright, in sRGB, with nothing done to them."""

from datetime import date

import numpy as np
import pytest
from dng import write_dng

from lesionkit.errors import ReadError
from lesionkit.io import load_image
from lesionkit.io.photo import EXIF_DATE, READER

pytest.importorskip("rawpy")


def light():
    """Return three patches and a ground, 40 × 60 pixels, without any symmetry."""
    field = np.full((40, 60), 0.5)
    field[:20, :30], field[:20, 30:], field[20:, :30] = 0.1, 0.3, 0.7
    return field


def scan(path):
    return READER.scan([path], root=path.parent)


def test_linear_light_comes_out_as_srgb_in_sixteen_bits(tmp_path):
    pixels = load_image(write_dng(tmp_path / "hand.dng", light())).pixels
    assert (pixels.dtype, pixels.shape) == (np.uint16, (40, 60, 3))
    seen = [pixels[r, c] / 65535 for r in (8, -9) for c in (8, -9)]
    # IEC 61966-2-1, at the light of each patch
    for patch, linear in zip(seen, (0.1, 0.3, 0.7, 0.5), strict=True):
        assert patch == pytest.approx(np.full(3, 1.055 * linear ** (1 / 2.4) - 0.055), abs=0.002)


def test_a_dark_picture_is_not_brightened(tmp_path):
    pixels = load_image(write_dng(tmp_path / "hand.dng", 0.1 * light())).pixels
    assert pixels.max() / 65535 < 0.31


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_it_is_upright(tmp_path, orientation, turns):
    path = write_dng(tmp_path / "hand.dng", light(), orientation=orientation)
    expected = np.rot90(light(), turns)
    assert scan(path).images[0].grid.shape == expected.shape
    pixels = load_image(path).pixels
    seen = [pixels[r, c, 1] for r in (8, -9) for c in (8, -9)]
    assert (
        np.argsort(seen).tolist() == np.argsort([expected[r, c] for r in (8, -9) for c in (8, -9)]).tolist()
    )


def test_the_day_is_that_of_the_exif_original(tmp_path):
    path = write_dng(tmp_path / "hand.dng", light(), taken="2012:03:01 23:59:59")
    assert scan(path).images[0].dates == ((EXIF_DATE, date(2012, 3, 1)),)
    assert scan(write_dng(tmp_path / "other.dng", light())).images[0].dates == ()


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    path = write_dng(tmp_path / "hand.dng", light())
    path.write_bytes(path.read_bytes()[:-1200])
    with pytest.raises(ReadError, match=r"hand\.dng"):
        load_image(path)


def test_what_is_no_raw_file_is_told(tmp_path):
    path = tmp_path / "hand.nef"
    path.write_text("no picture")
    (problem,) = scan(path).problems
    assert problem.code == "picture_unreadable"
    assert str(tmp_path) not in problem.text


def test_without_its_package_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("lesionkit.io.photo.find_spec", lambda name: None)
    (problem,) = scan(write_dng(tmp_path / "hand.dng", light())).problems
    assert problem.code == "picture_needs_extra"
    assert "lesionkit[raw]" in problem.hint
