"""ZIP archives are read as the folders they stand for, or refused in one line, and leave nothing behind."""

import os
import pickle
import stat
import zipfile
from datetime import date

import dicoms
import numpy as np
import pytest
from dicoms import dataset, planes, save, write
from making import write_outlines, write_photo

import lesionkit
from lesionkit.core.outcome import Severity
from lesionkit.core.settings import Settings
from lesionkit.errors import ReadError
from lesionkit.io import archive
from lesionkit.io.archive import is_packed, seen_at, shown, unpack
from lesionkit.io.drawings import find_drawings
from lesionkit.io.folder import read_folder


def pack(folder, path):
    """Pack a folder's files as a program would, then take them away."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(folder.rglob("*")):
            packed.write(file, file.relative_to(folder))
    return path


def made_of(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files:
            packed.writestr(name, data)
    return path


def radiograph(tmp_path, **elements):
    return save(
        dataset("CR", np.arange(12, dtype=np.uint16).reshape(3, 4), **elements), tmp_path / "x"
    ).read_bytes()


def refused(path):
    found = unpack(path, root=path.parent)
    assert not found.files
    (problem,) = found.problems
    assert (problem.severity, problem.code, problem.about) == (Severity.ERROR, "archive_refused", path.name)
    return problem


def everything(folder):
    return sorted(
        (file.relative_to(folder), file.read_bytes()) for file in folder.rglob("*") if file.is_file()
    )


def test_a_packed_study_is_the_cohort_that_its_folder_would_be(tmp_path):
    for root in (tmp_path / "plain", tmp_path / "packed"):
        write(root / "P01" / "2012-03-01" / "ct", planes(count=5))
        save(
            dataset("CR", np.ones((3, 4), np.uint16), SOPInstanceUID=dicoms.uid(9)), root / "P01/2012-03-01/x"
        )
    folder = tmp_path / "packed" / "P01" / "2012-03-01"
    pack(folder, tmp_path / "study.zip")
    for file in sorted(folder.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    (tmp_path / "study.zip").rename(folder / "study.zip")
    before = everything(tmp_path / "packed")
    plain = read_folder(tmp_path / "plain", settings=Settings()).cohort
    packed = read_folder(tmp_path / "packed", settings=Settings()).cohort
    assert everything(tmp_path / "packed") == before
    (patient,) = packed.patients
    (timepoint,) = patient.timepoints
    assert (patient.id, timepoint.date) == ("P01", date(2012, 3, 1))
    assert [image.location for image in timepoint.images] == [
        "P01/2012-03-01/study.zip/ct",
        "P01/2012-03-01/study.zip/x",
    ]
    assert [image.id for image in timepoint.images] == [dicoms.uid(100), "P01/2012-03-01/study.zip/x"]
    for ours, theirs in zip(packed.images, plain.images, strict=True):
        # A worker gets the reference, and finds the files by it.
        image = lesionkit.load_image(pickle.loads(pickle.dumps(ours)))
        assert np.array_equal(image.pixels, lesionkit.load_image(theirs).pixels)


@pytest.mark.parametrize("name", ["P01.zip", "P01/2012-03-01.ZIP", "P01/left-hand-2012-03-01.zip"])
def test_an_archive_names_patient_and_day_like_a_folder(tmp_path, name):
    write_photo(tmp_path / "made" / "2012-03-01" / "left-hand.jpg")
    pack(tmp_path / "made", tmp_path / "cohort" / name)
    (patient,) = read_folder(tmp_path / "cohort", settings=Settings()).cohort.patients
    assert patient.id == "P01"
    assert patient.timepoints[0].date == date(2012, 3, 1)
    assert patient.timepoints[0].images[0].site == "left-hand"


def test_outlines_in_an_archive_and_beside_it_belong_to_its_images(tmp_path):
    write_photo(tmp_path / "made" / "2012-03-01" / "left-hand.jpg")
    write_outlines(tmp_path / "made" / "2012-03-01" / "left-hand.jpg", {})
    pack(tmp_path / "made", tmp_path / "cohort" / "P01" / "photos.zip")
    write(tmp_path / "series", planes(count=3))
    pack(tmp_path / "series", tmp_path / "cohort" / "P01" / "ct.zip")
    (tmp_path / "cohort" / "P01" / "ct.outlines.nii.gz").write_bytes(b"")
    found = read_folder(tmp_path / "cohort", settings=Settings())
    drawings, problems = find_drawings(found.cohort, found.outline_files)
    assert not problems
    assert {files[0].about for files in drawings.values()} == {
        "P01/photos.zip/2012-03-01/left-hand.outlines.geojson",
        "P01/ct.outlines.nii.gz",
    }


def test_a_series_that_lies_there_packed_and_unpacked_is_one_image(tmp_path):
    write(tmp_path / "P01" / "ct", planes(count=4))
    with zipfile.ZipFile(tmp_path / "P01" / "ct.zip", "w") as packed:
        for file in (tmp_path / "P01" / "ct").iterdir():
            packed.write(file, file.name)
    found = read_folder(tmp_path, settings=Settings())
    assert [image.id for image in found.cohort.images] == [dicoms.uid(100)]
    assert [problem.code for problem in found.problems] == ["duplicate_slices"]
    assert found.problems[0].about == "P01/ct"


def test_a_row_of_the_table_reaches_into_an_archive(tmp_path):
    write_photo(tmp_path / "made" / "a.jpg")
    pack(tmp_path / "made", tmp_path / "cohort" / "P01" / "photos.zip")
    (tmp_path / "cohort" / "images.csv").write_text(
        "path,date,site\nP01/photos.zip/a.jpg,2013-05-06,knee\n", encoding="utf-8"
    )
    found = read_folder(tmp_path / "cohort", settings=Settings())
    assert not found.problems
    assert [(t.date, t.images[0].site) for t in found.cohort.patients[0].timepoints] == [
        (date(2013, 5, 6), "knee")
    ]


def test_a_packed_series_can_be_loaded_by_its_path(tmp_path):
    write(tmp_path / "ct", planes(count=4))
    whole = lesionkit.load_image(tmp_path / "ct")
    packed = pack(tmp_path / "ct", tmp_path / "p" / "ct.zip")
    assert np.array_equal(lesionkit.load_image(packed).pixels, whole.pixels)
    packed.write_bytes(packed.read_bytes()[:-30])
    with pytest.raises(ReadError, match="damaged or incomplete"):
        lesionkit.load_image(packed)


def test_what_is_unpacked_is_nobody_elses_to_read_and_goes_when_the_process_does(tmp_path):
    path = made_of(tmp_path / "a.zip", [("IM1", radiograph(tmp_path))])
    (file,) = unpack(path, root=tmp_path).files
    place = next(parent for parent in file.parents if parent.name.startswith("lesionkit-unpacked-"))
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    archive._remove(place, os.getpid() + 1)
    assert file.exists()
    archive._remove(place, os.getpid())
    assert not place.exists()
    assert unpack(path, root=tmp_path).files[0].exists()


def test_an_archive_that_changed_is_unpacked_again_and_one_that_did_not_is_not(tmp_path):
    path = made_of(tmp_path / "a.zip", [("IM1", radiograph(tmp_path))])
    first = unpack(path, root=tmp_path)
    assert unpack(path, root=tmp_path) is first
    made_of(path, [("IM1", radiograph(tmp_path, StationName="another"))])
    again = unpack(path, root=tmp_path)
    assert again.files[0].read_bytes() != first.files[0].read_bytes()
    assert shown(again.files[0], tmp_path) == shown(first.files[0], tmp_path) == "a.zip/IM1"


def test_a_packed_file_is_known_to_be_one(tmp_path):
    (file,) = unpack(made_of(tmp_path / "a.zip", [("b/IM1", radiograph(tmp_path))]), root=tmp_path).files
    assert is_packed(file)
    assert seen_at(file) == tmp_path / "a.zip" / "b" / "IM1"
    assert not is_packed(tmp_path / "a.zip")
    assert seen_at(tmp_path / "lesionkit-unpacked-x" / "y") == tmp_path / "lesionkit-unpacked-x" / "y"


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "a/../../escaped",
        "/escaped",
        "..\\escaped",
        "C:\\escaped",
        "C:escaped",
        "\\\\host\\escaped",
    ],
)
def test_a_path_that_leads_out_of_the_archive_refuses_it(tmp_path, name):
    path = made_of(tmp_path / "cohort" / "a.zip", [("IM1", radiograph(tmp_path)), (name, b"x")])
    assert "leads out" in refused(path).text
    assert not list(tmp_path.rglob("*escaped*"))


def test_a_link_in_an_archive_refuses_it(tmp_path):
    entry = zipfile.ZipInfo("link")
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(entry, "/etc/passwd")
    assert "link" in refused(path).text


def encrypted(data):
    """Set the flags that say of every file that it is encrypted."""
    data = bytearray(data)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(mark, at + 1)
    return bytes(data)


def test_an_encrypted_archive_is_refused(tmp_path):
    path = made_of(tmp_path / "a.zip", [("IM1", radiograph(tmp_path))])
    path.write_bytes(encrypted(path.read_bytes()))
    problem = refused(path)
    assert "encrypted" in problem.text
    assert "password" in problem.hint


def test_an_archive_that_unpacks_to_absurdly_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_SMALL", 2**20)
    path = made_of(tmp_path / "a.zip", [("IM1", bytes(2**24))])
    assert path.stat().st_size < 2**15
    assert "times its size" in refused(path).text


def test_an_archive_without_room_to_unpack_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_SPARE", 2**60)
    path = made_of(tmp_path / "a.zip", [("IM1", radiograph(tmp_path))])
    problem = refused(path)
    assert "free" in problem.text
    assert "TMPDIR" in problem.hint


def test_an_archive_of_more_files_than_anyone_has_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_FILES", 3)
    path = made_of(tmp_path / "a.zip", [(f"IM{number}", b"x") for number in range(4)])
    assert "4 files" in refused(path).text


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_one_name_twice_is_refused(tmp_path):
    path = made_of(tmp_path / "a.zip", [("IM1", radiograph(tmp_path)), ("IM1", b"other")])
    assert "two files of one name" in refused(path).text


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text", "announces too little", "file as folder"])
def test_a_damaged_archive_is_one_line_and_leaves_nothing(tmp_path, damage):
    path = made_of(tmp_path / "a.zip", [("IM1", radiograph(tmp_path)), ("IM2", os.urandom(5000))])
    data = bytearray(path.read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "flip":
        data[-2500] ^= 255
    elif damage == "empty":
        data = bytearray()
    elif damage == "text":
        data = bytearray(b"no archive" * 20)
    elif damage == "announces too little":
        at = data.rfind(b"PK\x01\x02")
        data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    if damage == "file as folder":
        made_of(path, [("IM1", b"x"), ("IM1/IM2", b"y")])
    else:
        path.write_bytes(bytes(data))
    assert "damaged" in refused(path).text


def test_an_archive_within_an_archive_is_told_and_not_opened(tmp_path):
    inner = made_of(tmp_path / "inner.zip", [("IM2", b"x")]).read_bytes()
    path = made_of(tmp_path / "c" / "a.zip", [("IM1", radiograph(tmp_path)), ("b/inner.zip", inner)])
    found = unpack(path, root=path.parent)
    assert [shown(file, path.parent) for file in found.files] == ["a.zip/IM1"]
    (problem,) = found.problems
    assert (problem.severity, problem.code, problem.about) == (
        Severity.WARNING,
        "archive_not_read",
        "a.zip/b/inner.zip",
    )


def test_documents_programs_and_hidden_files_stay_in_the_archive_but_images_by_their_names_do_not(tmp_path):
    image = radiograph(tmp_path)
    files = [
        ("IM1", image), ("README", b"text"), ("viewer/run.exe", b"MZ"), ("__MACOSX/._IM1", b"x"),
        (".hidden/IM9", image), ("derivatives/IM8", image), ("IM2.log", image), ("empty/", b""),
    ]  # fmt: skip
    path = made_of(tmp_path / "a.zip", files)
    found = unpack(path, root=tmp_path)
    assert [shown(file, tmp_path) for file in found.files] == ["a.zip/IM1", "a.zip/IM2.log"]
    assert not found.problems


def test_a_refused_archive_keeps_no_other_image_out(tmp_path):
    write_photo(tmp_path / "P01" / "2012-03-01" / "left-hand.jpg")
    made_of(tmp_path / "P01" / "a.zip", [("../x", b"x")])
    found = read_folder(tmp_path, settings=Settings())
    assert len(found.cohort.images) == 1
    assert [problem.code for problem in found.problems] == ["archive_refused"]
