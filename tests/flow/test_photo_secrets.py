"""What a camera writes beside its pixels (where, by whom, with which device) reaches no output."""

import base64

import pytest
from making import write_outlines
from PIL import Image, PngImagePlugin
from secrets_in import unpacked

import lesionkit as lk
from lesionkit.pipeline import export

WORD = "SENTINEL"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description photoshop:City="{WORD}"/></x:xmpmeta>'.encode()


def secrets(kind):
    """Return an EXIF block with the word in every place where a person or a place may stand."""
    exif = Image.Exif()
    for tag in (0x010E, 0x010F, 0x0110, 0x013B, 0x8298):  # description, make, model, artist, copyright
        exif[tag] = f"{WORD} {kind}"
    exif[0x9C9D] = WORD.encode("utf-16-le")  # XPAuthor
    block = exif.get_ifd(0x8769)
    block[0x9003] = "2014:03:01 10:00:00"
    block[0x927C] = f"{WORD} maker's note".encode()
    block[0x9286] = b"ASCII\0\0\0" + WORD.encode()
    for tag in (0xA420, 0xA430, 0xA431, 0xA435):  # image id, owner, serial numbers of body and lens
        block[tag] = WORD
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (59.0, 54.0, 41.23), "E", (10.0, 45.0, 7.89)
    place[0x12], place[0x1C] = WORD, b"ASCII\0\0\0" + WORD.encode()
    return exif


def write(picture, path):
    path.parent.mkdir(parents=True)
    exif = secrets(path.suffix)
    if path.suffix == ".jpg":
        picture.save(path, quality=95, exif=exif, xmp=XMP, comment=WORD)
        data = path.read_bytes()
        iptc = (
            b"Photoshop 3.0\x008BIM\x04\x04\x00\x00"
            + (13).to_bytes(4, "big")
            + b"\x1c\x02\x5a\x00\x08SENTINEL"
        )
        data = data[:2] + b"\xff\xed" + (len(iptc) + 2).to_bytes(2, "big") + iptc + data[2:]
        path.write_bytes(data + f"motion picture {WORD}".encode())
    elif path.suffix == ".png":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", WORD)
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        picture.save(path, exif=exif, pnginfo=text)
    elif path.suffix == ".tif":
        picture.save(path, exif=exif)
    elif path.suffix == ".webp":
        picture.save(path, lossless=True, exif=exif, xmp=XMP)
    else:
        heif = pytest.importorskip("pillow_heif").from_pillow(picture)
        heif.save(path, quality=95, exif=exif.tobytes(), xmp=XMP)
    return path


@pytest.fixture
def cohort(tmp_path):
    from making import write_photo

    root = tmp_path / "cohort"
    scene = Image.open(write_photo(tmp_path / "scene.jpg"))
    for year, suffix in ((2012, "jpg"), (2013, "png"), (2014, "tif"), (2015, "webp"), (2016, "heic")):
        image = write(scene, root / "P01" / f"{year}-03-01" / f"left-hand.{suffix}")
        assert WORD.encode() in image.read_bytes()
        write_outlines(image, {"a": (100, 120, 20, 40), "b": (30, 40, 8, 10)})
    return root


def told(data):
    """Return whether the word or the place stands in some bytes, plainly or in a picture within a page."""
    inner = unpacked(data)
    marks = (WORD.encode(), WORD.encode("utf-16-le"), WORD.encode("utf-16-be"), b"41.23", b"59.911")
    return any(mark in part for part in (data, *inner) for mark in marks)


def test_the_search_finds_what_it_looks_for(tmp_path):
    page = b'<img src="data:image/png;base64,' + base64.b64encode(b"x SENTINEL y") + b'">'
    assert told(page)
    assert told(WORD.encode("utf-16-le"))
    assert not told(b"nothing")


def test_no_command_lets_out_what_a_camera_wrote(cohort, tmp_path, lesionkit):
    before = {path for path in cohort.rglob("*") if path.is_file()}
    words = [
        ("check", cohort),
        ("measure", cohort, "--jobs", 1),
        ("report", cohort, "--jobs", 1),
        ("compare", cohort, "--patient", "P01"),
        ("export", cohort, "--format", "geojson", "--out", tmp_path / "geojson"),
        ("cohort", cohort, "--out", tmp_path / "tables"),
        ("suggest", cohort, "--out", tmp_path / "suggested"),
    ]
    for command in words:
        code, out, err = lesionkit(*command)
        assert code in (0, 1), (command, err)
        assert not told((out + err).encode()), command
    outcome = lk.run(cohort, jobs=1)
    for name in ("coco", "csv", "html", "redcap", "sdtm", "sdtm-xpt", "xlsx"):
        export(outcome, name, tmp_path / name)
    made = [p for p in tmp_path.rglob("*") if p.is_file() and p not in before and p.name != "scene.jpg"]
    assert {path.suffix for path in made} >= {".csv", ".html", ".json", ".geojson"}
    assert [path.name for path in made if told(path.read_bytes())] == []
    assert len({path for path in made if path.suffix == ".html"}) >= 2
