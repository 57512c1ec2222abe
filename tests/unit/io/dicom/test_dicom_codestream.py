"""A compressed picture that is not the one the header announces is not decoded."""

import io

import dicoms
import numpy as np
import pytest
from dicoms import dataset, load, save, scan
from PIL import Image as Pil

from lesionkit.errors import ReadError
from lesionkit.io.dicom.codestream import StreamSize, ends, stream_size

GREY = np.arange(20 * 30, dtype=np.uint8).reshape(20, 30) % 199
SYNTAX = {"JPEG": "1.2.840.10008.1.2.4.50", "JPEG2000": "1.2.840.10008.1.2.4.90"}


def stream(kind: str, pixels=GREY) -> bytes:
    out = io.BytesIO()
    options = {"no_jp2": True} if kind == "JPEG2000" else {"quality": 98}
    Pil.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def compressed(kind: str, data: bytes):
    from pydicom.encaps import encapsulate

    made = dataset("CR", GREY)
    made.file_meta.TransferSyntaxUID = SYNTAX[kind]
    made.PixelData = encapsulate([data])
    made["PixelData"].is_undefined_length = True
    return made


@pytest.mark.parametrize("kind", SYNTAX)
@pytest.mark.parametrize(
    ("pixels", "size"), [(GREY, (20, 30, 1)), (np.stack([GREY] * 3, axis=2), (20, 30, 3))]
)
def test_a_stream_tells_its_size_and_its_end(kind, pixels, size):
    data = stream(kind, pixels)
    assert stream_size(data) == StreamSize(*size, bits=8)
    assert ends(data + b"\0")
    assert not ends(data[:-20])


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xc0\x00\x0b", b"\xff\x4f\xff\x51" + bytes(9), b"GIF"]
)
def test_what_is_no_stream_has_no_size(data):
    assert stream_size(data) is None


@pytest.mark.parametrize("kind", SYNTAX)
def test_a_whole_stream_is_decoded(tmp_path, kind):
    save(compressed(kind, stream(kind)), tmp_path / "a.dcm")
    pixels = dicoms.only(tmp_path).pixels
    assert np.abs(pixels.astype(int) - GREY).max() <= (8 if kind == "JPEG" else 0)


@pytest.mark.parametrize("kind", SYNTAX)
@pytest.mark.parametrize("spoil", [lambda kind: stream(kind)[:-40], lambda kind: stream(kind, GREY[:, :-2])])
def test_a_stream_that_ends_early_or_is_of_another_size_is_refused(tmp_path, kind, spoil):
    save(compressed(kind, spoil(kind)), tmp_path / "a.dcm")
    (found,) = scan(tmp_path).images
    with pytest.raises(ReadError, match="cannot be decoded"):
        load(found)
