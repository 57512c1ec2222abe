"""Discs: read by what lies on them; their table of contents only tells what is missing."""

import shutil

import numpy as np
import pytest
from dicoms import dataset, planes, save, scan, uid, write

from lesionkit.core.outcome import Severity
from lesionkit.core.settings import Settings
from lesionkit.io.folder import read_folder

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture
def disc(tmp_path):
    """A disc as burned: a CT and a radiograph under names of eight letters, with a DICOMDIR."""
    from pydicom.fileset import FileSet

    slices = planes(count=5)
    slices.append(
        dataset("CR", np.ones((3, 4), np.uint16), SeriesInstanceUID=uid(200), SOPInstanceUID=uid(9))
    )
    for number, item in enumerate(slices):
        item.StudyInstanceUID, item.StudyTime, item.AccessionNumber, item.StudyID = uid(50), "101010", "", "1"
        item.SeriesNumber, item.InstanceNumber, item.StudyDescription = 1, number + 1, ""
    burned = FileSet()
    for path in sorted(write(tmp_path / "made", slices).iterdir()):
        burned.add(path)
    burned.write(tmp_path / "cd")
    return tmp_path / "cd"


def problems(folder):
    return [(problem.severity, problem.code, problem.about) for problem in scan(folder).problems]


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "DICOMDIR")


def test_a_whole_disc_is_read_and_its_table_of_contents_is_no_problem(disc):
    assert (disc / "DICOMDIR").exists()
    assert not any("." in path.name for path in files(disc))
    found = scan(disc)
    assert not found.problems
    assert sorted(image.modality for image in found.images) == ["CR", "CT"]
    contents = read_folder(disc.parent, settings=Settings())
    assert "DICOMDIR" not in str(contents.problems)


def test_a_half_copied_disc_says_how_many_files_are_missing(disc):
    for path in files(disc)[:2]:
        path.unlink()
    found = scan(disc)
    (problem,) = [problem for problem in found.problems if problem.code == "dicomdir_files_missing"]
    assert (problem.severity, problem.about) == (Severity.WARNING, "DICOMDIR")
    assert problem.text.startswith("2 of the 6 files")


def test_a_disc_of_which_only_the_table_of_contents_was_copied_says_so(disc):
    for path in files(disc):
        path.unlink()
    (problem,) = scan(disc).problems
    assert problem.text.startswith("6 of the 6 files")


def test_a_whole_folder_that_is_missing_counts_with_all_its_files(disc):
    shutil.rmtree(next(path for path in disc.iterdir() if path.is_dir()))
    assert scan(disc).problems[0].text.startswith("6 of the 6 files")


@pytest.mark.parametrize("rename", [str.lower, "{};1".format, "{}.dcm".format, "{}.".format])
def test_names_as_copies_of_discs_alter_them_are_found(disc, rename):
    for path in files(disc):
        path.rename(path.with_name(rename(path.name)))
    assert not problems(disc)


def test_names_that_lead_out_of_the_disc_are_missing_and_not_looked_for(disc):
    import pydicom

    table = pydicom.dcmread(disc / "DICOMDIR")
    records = [record for record in table.DirectoryRecordSequence if "ReferencedFileID" in record]
    save(dataset("CR", np.ones((3, 4), np.uint16)), disc.parent / "OUTSIDE")
    records[0].ReferencedFileID = ["..", "OUTSIDE"]
    records[1].ReferencedFileID = "../OUTSIDE"
    table.save_as(disc / "DICOMDIR")
    (problem,) = scan(disc).problems
    assert problem.text.startswith("2 of the")


def test_a_damaged_table_of_contents_keeps_no_image_out(disc):
    path = disc / "DICOMDIR"
    path.write_bytes(path.read_bytes()[:500])
    found = scan(disc)
    assert len(found.images) == 2
    (problem,) = found.problems
    assert (problem.severity, problem.code) == (Severity.WARNING, "dicomdir_unreadable")


def test_a_disc_in_a_packed_folder_is_told_by_the_archives_name(disc):
    files(disc)[0].unlink()
    folder = disc.parent / "cohort" / "P01"
    folder.mkdir(parents=True)
    shutil.make_archive(str(folder / "2012-03-01"), "zip", disc)
    contents = read_folder(folder.parent, settings=Settings())
    told = [p.about for p in contents.problems if p.code == "dicomdir_files_missing"]
    assert told == ["P01/2012-03-01.zip/DICOMDIR"]
