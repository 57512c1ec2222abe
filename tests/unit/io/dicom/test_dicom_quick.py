"""Headers walked side by side are those pydicom reads, whatever stands in the files."""

from collections.abc import Iterator
from pathlib import Path

import dicoms
import numpy as np
import pytest
from dicoms import planes, save, uid

from lesionkit.errors import ReadError
from lesionkit.io.dicom.header import Header, read_header
from lesionkit.io.dicom.opening import open_until_pixels, quiet
from lesionkit.io.dicom.quick import read_headers, walk_usual

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
RNG = np.random.default_rng(11)


def nested(*, undefined: bool, depth: int = 2):
    """Return a sequence in a sequence, with lengths or delimiters."""
    from pydicom import Dataset, Sequence

    item = Dataset()
    item.ReferencedSOPInstanceUID = uid(5)
    item.PixelData = b"\0\1"
    item["PixelData"].VR = "OW"
    for _ in range(depth):
        outer = Dataset()
        outer.CodeValue = "T-1"
        outer.ReferencedImageSequence = Sequence([item, Dataset()])
        outer["ReferencedImageSequence"].is_undefined_length = undefined
        for inner in outer.ReferencedImageSequence:
            inner.is_undefined_length_sequence_item = undefined
        item = outer
    return item


def usual(syntax: str, **elements: object) -> list:
    made = planes(count=12, **{"AcquisitionNumber": 3, "KVP": 120, "ContentTime": "101010"} | elements)
    for number, item in enumerate(made):
        item.file_meta.TransferSyntaxUID = syntax
        item.AcquisitionTime = f"{90000 + number:06d}.25"
        item.TriggerTime = [str(number), f"{number}.50", "007", "1e2"][number % 4]
        item.ConvolutionKernel = ["B30f", ""][number % 2]
    return made


def written(folder: Path, slices: list) -> list[Path]:
    implicit = slices[0].file_meta.TransferSyntaxUID == IMPLICIT
    for number, item in enumerate(slices):
        folder.mkdir(exist_ok=True)
        item.save_as(
            folder / f"{number:03d}", implicit_vr=implicit, little_endian=True, enforce_file_format=True
        )
    return sorted(folder.iterdir())


def by_pydicom(path: Path) -> Header | str:
    """Return the header as pydicom reads it, or what is said of a file that it cannot read."""
    try:
        return read_header(path)
    except ReadError as error:
        return str(error)


def compare(paths: list[Path]) -> int:
    """Assert that all is as pydicom has it; return how many files pydicom was not needed for."""
    with quiet():
        walked = list(walk_usual(paths))
    for path, header, way in zip(paths, read_headers(paths), walked, strict=True):
        expected = by_pydicom(path)
        assert (str(header) if isinstance(header, ReadError) else header) == expected, path
        if way is not None:
            with quiet():
                _, pixels = open_until_pixels(path)
            assert (way.value_at, way.length) == tuple(pixels)
    return sum(way is not None for way in walked)


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_usual_files_are_read_without_pydicom_and_alike(tmp_path, syntax):
    assert compare(written(tmp_path / "a", usual(syntax))) == 12


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("undefined", [True, False])
def test_sequences_are_gone_round(tmp_path, syntax, undefined):
    slices = usual(syntax)
    for number, item in enumerate(slices):
        item.SourceImageSequence = [nested(undefined=undefined, depth=1 + number % 3)]
        item["SourceImageSequence"].is_undefined_length = undefined
    assert compare(written(tmp_path / "a", slices)) == 12


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_a_long_private_element_is_gone_over(tmp_path, syntax):
    slices = usual(syntax)
    for number, item in enumerate(slices):
        block = item.private_block(0x0029, "SOMEBODY", create=True)
        # 16705 is "AA" as a length, as if it were a VR.
        block.add_new(0x10, "OB", bytes((50_000, 16_706, 10, 0)[number % 4]))
    assert compare(written(tmp_path / "a", slices)) == (12 if syntax == EXPLICIT else 9)


@pytest.mark.parametrize(
    "elements",
    [
        {"SpecificCharacterSet": "ISO_IR 192", "ContrastBolusAgent": "Jod è"},
        {"SpecificCharacterSet": "ISO 2022 IR 87"},
        {"SpecificCharacterSet": ["ISO_IR 13", "ISO 2022 IR 87"], "ContrastBolusAgent": "A~"},
        {"NumberOfFrames": 1},
        {"PixelSpacing": ["0.5"]},
        {"PixelSpacing": []},
        {"RescaleSlope": ""},
        {"AcquisitionNumber": ""},
        {"StudyDate": "20121301"},
        {"AcquisitionDateTime": "20120306101500.000000+0100"},
        {"ImageType": ["ORIGINAL", "", "AXIAL "]},
        {"SOPInstanceUID": "no uid"},
        {"Rows": 0},
    ],
)
def test_values_of_all_kinds_are_alike(tmp_path, elements):
    for syntax in (EXPLICIT, IMPLICIT):
        compare(written(tmp_path / syntax, usual(syntax, **elements)))


@pytest.mark.parametrize(
    "position", [["1", "2"], ["1", "2", "nan"], ["1e400", "2", "3"], ["1 ", " 2", "+3."], []]
)
def test_positions_are_numbers_or_absent_alike(tmp_path, position):
    paths = written(tmp_path / "a", usual(EXPLICIT))
    text = "\\".join(position).encode()
    text += b" " * (len(text) % 2)
    for path in paths:
        data = path.read_bytes()
        at = data.index(b"\x20\x00\x32\x00DS") + 6
        old = int.from_bytes(data[at : at + 2], "little")
        path.write_bytes(data[:at] + len(text).to_bytes(2, "little") + text + data[at + 2 + old :])
    assert compare(paths) == 12


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_files_that_are_built_in_several_ways_are_each_read_as_they_are(tmp_path, syntax):
    slices = usual(syntax)
    for number, item in enumerate(slices):
        if number % 2:
            item.ContrastBolusAgent = "x" * number
        if number % 3 == 0:
            del item.KVP
        if number == 5:
            # Every element of an item looks like one of the file itself.
            item.SourceImageSequence = [slices[0]]
        if number > 8:
            item.ReferencedImageSequence = [nested(undefined=True, depth=number % 2)]
            item["ReferencedImageSequence"].is_undefined_length = True
    assert compare(written(tmp_path / "a", slices)) == 12


def test_files_of_both_kinds_with_vrs_and_without_are_not_mixed_up(tmp_path):
    paths = written(tmp_path / "with", usual(EXPLICIT)) + written(tmp_path / "without", usual(IMPLICIT))
    assert compare([path for pair in zip(paths[:12], paths[12:], strict=True) for path in pair]) == 24


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_sequences_with_and_without_lengths_stand_side_by_side(tmp_path, syntax):
    slices = usual(syntax)
    for number, item in enumerate(slices):
        item.SourceImageSequence = [nested(undefined=number % 3 > 0)]
        item["SourceImageSequence"].is_undefined_length = number % 2 > 0
    assert compare(written(tmp_path / "a", slices)) == 12


def test_one_element_may_have_other_vrs_in_other_files(tmp_path):
    slices = usual(EXPLICIT)
    for number, item in enumerate(slices):
        block = item.private_block(0x0029, "SOMEBODY", create=True)
        vr, value = [("OB", b"\0\0"), ("LO", "ab"), ("UN", b"\4\0\0\0"), ("DS", "1")][number % 4]
        block.add_new(0x10, vr, value)
    paths = written(tmp_path / "a", slices)
    assert compare(paths) == 12
    data = paths[0].read_bytes()
    paths[-1].write_bytes(data.replace(b"\x29\x00\x10\x10OB", b"\x29\x00\x10\x10ob"))
    assert compare(paths) == 11


def test_a_file_that_names_another_syntax_is_not_read_like_its_neighbours(tmp_path):
    paths = written(tmp_path / "a", usual(EXPLICIT))
    for path, other in zip(paths[3:], (b"1.2.840.10008.1.2.2\0", b"1.2.840.10008.1.2\0  "), strict=False):
        path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", other))
    assert compare(paths) == 10


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("size", [9_000, 70_000, 600_000])
def test_of_a_long_header_more_is_read(tmp_path, syntax, size):
    slices = usual(syntax)
    for number, item in enumerate(slices):
        block = item.private_block(0x0009, "SOMEBODY", create=True)
        # Of a tenth of them the header is short all the same.
        block.add_new(0x10, "UN", bytes(size + 2 * number if number != 4 else 10))
        block.add_new(0x11, "LO", "a" * number)
    # Nobody has such headers: what is not read by then is left to pydicom.
    assert compare(written(tmp_path / "a", slices)) == (1 if size > 512 << 10 else 12)


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_a_file_may_end_anywhere(tmp_path, syntax):
    (tmp_path / "cut").mkdir()
    slices = usual(syntax)
    slices[0].SourceImageSequence = [nested(undefined=True)]
    slices[0]["SourceImageSequence"].is_undefined_length = True
    data = written(tmp_path / "a", slices[:1])[0].read_bytes()
    end = len(data) - 32 * 44 * 2
    for size in range(end - 1000, end + 40, 3):
        (tmp_path / "cut" / f"{size:05d}").write_bytes(data[:size])
    paths = sorted((tmp_path / "cut").iterdir())
    # Whole ones lead the others, or are led.
    for number in (0, len(paths) // 2, len(paths) - 1):
        paths[number].write_bytes(data)
    assert compare(paths) >= 3
    assert compare(paths[::-1]) >= 3


def mutated(data: bytes, rng: np.random.Generator, end: int) -> bytes:
    """Return a file with one to three bytes of its header changed, dropped, or put in."""
    out = bytearray(data)
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(128, end))
        kind = rng.integers(5)
        if kind == 0:
            out[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            out[at] = int(rng.choice([0, 1, 0x20, 0x41, 0x53, 0x5C, 0xFF]))
        elif kind == 2:
            del out[at : at + int(rng.integers(1, 9))]
        elif kind == 3:
            out[at:at] = rng.bytes(int(rng.integers(1, 9)))
        else:
            other = int(rng.integers(128, end))
            out[at : at + 8] = out[other : other + 8]
    return bytes(out)


def elements_of(data: bytes) -> list[tuple[int, int]]:
    """Return where elements with a length of 16 bits stand in an explicit file, and their lengths."""
    from lesionkit.io.dicom.trail import Walker

    trail = Walker(data + bytes(16), {}).walk(0, len(data))
    return [
        (place, length)
        for place, value, length in zip(trail.places, trail.values, trail.lengths, strict=True)
        if value == 8 and place > 400
    ]


def relengthened(data: bytes, rng: np.random.Generator, elements: list[tuple[int, int]]) -> bytes:
    """Return a file of which the length of one element tells otherwise; now and then its value as well."""
    place, length = elements[int(rng.integers(len(elements)))]
    following = [at - place - 8 for at, _ in elements if at > place]
    told = (
        int(rng.choice([0, 1, length + 2, length + 8, 2 * length, 0xFFFE, 0xFFFF, *following[:3]])) & 0xFFFF
    )
    value = data[place + 8 : place + 8 + length]
    if rng.integers(2):
        value = (value + b"1" * told)[:told]
    return data[: place + 6] + told.to_bytes(2, "little") + value + data[place + 8 + length :]


def test_lengths_that_lie_are_read_as_pydicom_reads_them_or_left_to_it(tmp_path):
    rng = np.random.default_rng(77)
    slices = usual(EXPLICIT)
    slices[0].ReferencedStudySequence = [nested(undefined=False)]
    paths = written(tmp_path / "a", slices[:1])
    data = paths[0].read_bytes()
    elements = elements_of(data)
    for number in range(200):
        (tmp_path / "a" / f"x{number:03d}").write_bytes(relengthened(data, rng, elements))
    assert compare(sorted((tmp_path / "a").iterdir())) > 20


def originals(tmp_path: Path) -> Iterator[bytes]:
    for syntax in (EXPLICIT, IMPLICIT):
        slices = usual(syntax)[:1]
        slices[0].SourceImageSequence = [nested(undefined=True)]
        slices[0]["SourceImageSequence"].is_undefined_length = True
        slices[0].ReferencedStudySequence = [nested(undefined=False)]
        yield written(tmp_path / f"of-{syntax}", slices)[0].read_bytes()


def test_damaged_files_are_read_as_pydicom_reads_them_or_left_to_it(tmp_path):
    rng = np.random.default_rng(2024)
    folder = tmp_path / "damaged"
    folder.mkdir()
    for which, data in enumerate(originals(tmp_path)):
        for number in range(150):
            (folder / f"{which}-{number:03d}").write_bytes(mutated(data, rng, len(data) - 32 * 44 * 2))
    assert compare(sorted(folder.iterdir())) > 30


def files_below(*folders: Path) -> list[Path]:
    paths = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in paths if path.suffix not in (".gz", ".json") and path.stat().st_size < 4_000_000]


def test_pydicoms_own_files_are_alike():
    folder = Path(str(pytest.importorskip("pydicom").__file__)).parent / "data" / "test_files"
    assert compare(files_below(folder)) > 20


def test_real_files_are_alike(shared):
    names = ("ct-tilt", "sarcoma", "transfer-syntaxes", "seg-sr", "radiographs")
    paths = files_below(*(shared / name for name in names))
    assert compare(paths[::3]) > 40


def test_the_same_bytes_after_a_change_are_not_taken_for_the_file(tmp_path):
    slices = usual(EXPLICIT)
    folder = tmp_path / "series"
    dicoms.write(folder, slices)
    (found,) = dicoms.scan(folder).images
    before = dicoms.load(found).pixels
    for item in slices:
        item.RescaleIntercept = 7
    dicoms.write(folder, slices)
    assert np.array_equal(dicoms.load(found).pixels, before + 7)


def test_a_file_replaced_after_its_pixels_were_found_is_not_read_where_they_were(tmp_path, monkeypatch):
    from lesionkit.io.dicom import quick, volume

    slices = usual(EXPLICIT)
    folder = tmp_path / "series"
    dicoms.write(folder, slices)
    (found,) = dicoms.scan(folder).images
    before = dicoms.load(found).pixels

    def found_then_replaced(paths):
        places = quick.find_pixels(paths)
        assert all(places)
        for item in slices:
            item.PatientComments = "sixteen letters."
            item.RescaleIntercept = 7
        dicoms.write(folder, slices)
        return places

    monkeypatch.setattr(volume, "find_pixels", found_then_replaced)
    assert np.array_equal(dicoms.load(found).pixels, before + 7)


def test_a_file_that_stays_is_remembered_and_one_that_changes_is_not(tmp_path):
    import os

    from lesionkit.io.dicom.recent import RECENT

    paths = written(tmp_path / "a", usual(EXPLICIT))
    for path in paths:
        os.utime(path, (1_600_000_000, 1_600_000_000))
    list(read_headers(paths))
    known = RECENT.recall(paths[0])
    assert known is not None
    assert known.at + known.layout.bytes == paths[0].stat().st_size
    os.utime(paths[0], (1_600_000_000, 1_600_000_001))
    assert RECENT.recall(paths[0]) is None
    paths[1].unlink()
    assert RECENT.recall(paths[1]) is None
    fresh = save(planes(count=1)[0], tmp_path / "b" / "fresh")
    list(read_headers([fresh] * 9))
    assert RECENT.recall(fresh) is None
