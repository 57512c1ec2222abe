"""A volume is filled with the same values whichever way its slices are read."""

import warnings
from pathlib import Path

import dicoms
import numpy as np
import pytest
from compressed import COMPRESSED, NATIVE, put
from dicoms import planes, scan, write

from lesionkit.core.image import FoundImage
from lesionkit.core.units import Unit
from lesionkit.errors import ReadError

COUNT = 11
"""Slices enough to be walked side by side."""


def stored_planes(bits: int, *, signed: bool) -> np.ndarray:
    """Return random stored values over the whole range of so many bits, smooth enough to be compressed."""
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    rng = np.random.default_rng(bits + signed)
    made = rng.integers(low, high + 1, (COUNT, 32, 44)).astype(np.int16 if signed else np.uint16)
    made[:, :, :20] = made[:, :1, :1]
    return made


def series(
    folder: Path, stored: np.ndarray, *, kind: str = "explicit", bits: int = 16, **elements: object
) -> Path:
    slices = planes(count=COUNT, **elements)
    folder.mkdir(parents=True)
    for number, (item, plane) in enumerate(zip(slices, stored, strict=True)):
        how = put(item, [plane], kind=kind, bits=bits)
        item.save_as(folder / f"{number * 7 % COUNT:03d}", enforce_file_format=True, **how)
    return folder


def expected(stored: np.ndarray, slope: float = 1, intercept: float = 0) -> np.ndarray:
    """Return the values of a volume, whose planes follow each other against the normal."""
    return stored[::-1].astype(np.float64) * slope + intercept


@pytest.mark.parametrize("kind", [*NATIVE, *COMPRESSED])
@pytest.mark.parametrize(("bits", "signed"), [(16, True), (16, False), (12, False), (13, True)])
def test_every_syntax_gives_the_stored_values(tmp_path, kind, bits, signed):
    if kind == "htj2k" and bits != 16:
        pytest.skip("the encoder writes the precision of its container")
    stored = stored_planes(bits, signed=signed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = series(tmp_path / "a", stored, kind=kind, bits=bits)
    image = dicoms.only(folder)
    assert np.array_equal(image.pixels, expected(stored))
    assert image.pixels.dtype == (np.float32 if bits == 16 and not signed else np.int16)


@pytest.mark.parametrize("kind", ["explicit", "implicit", "rle", "jpeg-ls"])
@pytest.mark.parametrize(
    ("slope", "intercept"), [(1, -1024), (2, -8192), (-1, 0), (0.25, 10), (1, 0.5), (1, -40000)]
)
def test_rescaling_in_place_is_exact(tmp_path, kind, slope, intercept):
    stored = stored_planes(12, signed=False)
    folder = series(
        tmp_path / "a", stored, kind=kind, bits=12, RescaleSlope=str(slope), RescaleIntercept=str(intercept)
    )
    image = dicoms.only(folder)
    truth = expected(stored, slope, intercept)
    assert np.array_equal(image.pixels, truth.astype(np.float32))
    fits = slope in (1, 2, -1) and intercept in (0, -1024, -8192)
    assert image.pixels.dtype == (np.int16 if fits else np.float32)
    assert image.intensity_unit is Unit.HU


def test_what_stands_in_unused_bits_is_dropped(tmp_path):
    stored = stored_planes(12, signed=False)
    image = dicoms.only(series(tmp_path / "a", stored | np.uint16(0xA000), bits=12))
    assert np.array_equal(image.pixels, expected(stored))


def test_the_last_slice_that_does_not_fit_16_bits_widens_all(tmp_path):
    stored = np.minimum(stored_planes(16, signed=False), 30000)
    stored[3, 5, 6] = 65535
    image = dicoms.only(series(tmp_path / "a", stored, RescaleIntercept=-1024))
    assert image.pixels.dtype == np.float32
    assert np.array_equal(image.pixels, expected(stored, 1, -1024))


def test_a_slice_of_another_kind_among_usual_ones_is_read_by_pydicom(tmp_path):
    stored = stored_planes(12, signed=True)
    folder = series(tmp_path / "a", stored, bits=12)
    series(tmp_path / "b", stored, kind="big endian", bits=12)
    (folder / "003").write_bytes((tmp_path / "b" / "003").read_bytes())
    assert np.array_equal(dicoms.only(folder).pixels, expected(stored))


@pytest.mark.parametrize("kind", ["explicit", "rle", "jpeg-ls", "jpeg 2000", "jpeg lossless"])
@pytest.mark.parametrize("share", [0.9, 0.3])
def test_a_slice_cut_short_after_the_scan_is_one_clear_error(tmp_path, kind, share):
    folder = series(tmp_path / "a", stored_planes(12, signed=False), kind=kind, bits=12)
    (found,) = scan(folder).images
    path = sorted(folder.iterdir())[4]
    data = path.read_bytes()
    start = data.index(b"\xe0\x7f\x10\x00")
    path.write_bytes(data[: start + int((len(data) - start) * share)])
    with pytest.raises(ReadError, match=r"^(the pixels of 004 .*cut short|004 is .*breaks off)") as caught:
        dicoms.load(found)
    assert "\n" not in caught.value.message


def test_a_slice_gone_after_the_scan_is_a_read_error(tmp_path):
    folder = write(tmp_path / "a", planes(count=COUNT))
    (found,) = scan(folder).images
    sorted(folder.iterdir())[4].unlink()
    with pytest.raises(ReadError):
        dicoms.load(found)


def test_a_slice_of_another_size_after_the_scan_is_a_read_error(tmp_path):
    folder = write(tmp_path / "a", planes(count=COUNT))
    (found,) = scan(folder).images
    for path in folder.iterdir():
        data = path.read_bytes()
        at = data.index(b"\x28\x00\x10\x00US\x02\x00") + 8
        path.write_bytes(data[:at] + b"\x10\x00" + data[at + 2 :])
    with pytest.raises(ReadError, match="found before"):
        dicoms.load(found)


def test_volumes_are_loaded_side_by_side_and_pydicom_speaks_again_afterwards(tmp_path):
    import logging
    from concurrent.futures import ThreadPoolExecutor

    stored = stored_planes(12, signed=True)
    folder = series(tmp_path / "a", stored, kind="rle", bits=12)
    (found,) = scan(folder).images
    before = warnings.filters.copy()
    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(dicoms.load, [found] * 8))
    assert all(np.array_equal(image.pixels, expected(stored)) for image in images)
    assert warnings.filters == before
    assert not logging.getLogger("pydicom").disabled


def test_a_volume_larger_than_any_memory_is_one_clear_error(tmp_path, monkeypatch):
    from pydicom.encaps import encapsulate

    slices = planes(count=COUNT, Rows=40_000, Columns=40_000)
    for item in slices:
        item.file_meta.TransferSyntaxUID = COMPRESSED["jpeg-ls"]
        item.PixelData = encapsulate([b"\xff\xd8\xff\xf7 not a picture of that size \xff\xd9"])
        item["PixelData"].is_undefined_length = True
        item["PixelData"].VR = "OB"
    (found,) = scan(write(tmp_path / "a", slices)).images
    real = np.empty

    def empty(shape, *args, **kwargs):
        if np.prod(shape, dtype=float) > 1e10:
            raise MemoryError
        return real(shape, *args, **kwargs)

    monkeypatch.setattr(np, "empty", empty)
    with pytest.raises(ReadError, match="does not fit into memory"):
        dicoms.load(found)


def outcome(found: FoundImage) -> str:
    """Return what became of loading."""
    try:
        return str(dicoms.load(found).pixels.shape)
    except ReadError as error:
        return error.message


@pytest.mark.parametrize("kind", ["explicit", "jpeg-ls", "rle"])
def test_damaged_pixels_end_in_values_or_in_one_line(tmp_path, kind, capfd):
    rng = np.random.default_rng(6)
    folder = series(tmp_path / "a", stored_planes(12, signed=False), kind=kind, bits=12)
    (found,) = scan(folder).images
    whole = {path: path.read_bytes() for path in folder.iterdir()}
    capfd.readouterr()
    for _ in range(12):
        for path, data in whole.items():
            damaged = bytearray(data)
            start = data.index(b"\xe0\x7f\x10\x00")
            for at in rng.integers(start, len(data), 3):
                damaged[at] = rng.integers(256)
            path.write_bytes(damaged)
        assert "\n" not in outcome(found)
    assert capfd.readouterr() == ("", "")
