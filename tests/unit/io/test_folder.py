import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionkit.core.outcome import Severity
from lesionkit.core.settings import Settings
from lesionkit.errors import InputError
from lesionkit.io import find_drawings, read_cohort, read_folder


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "Hands"
    root.mkdir()
    return root


def photo(root, location):
    path = root / location
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((4, 5), np.uint8)).save(path)
    return path


def write(root, location, text=""):
    path = root / location
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def outlines(root, location):
    return write(root, location, json.dumps({"type": "FeatureCollection", "features": []}))


def codes(contents):
    return [problem.code for problem in contents.problems]


def read(root, **options):
    return read_folder(root, settings=options.pop("settings", Settings()), **options)


def test_a_folder_becomes_patients_timepoints_and_images(folder):
    for location in (
        "P02/2013-04-02/left-hand.png",
        "P01/2013-04-02/left-hand.png",
        "P01/2012-03-01/right-hand.png",
        "P01/2012-03-01/left-hand.png",
    ):
        photo(folder, location)
    contents = read(folder)
    assert contents.problems == ()
    assert contents.cohort.name == "Hands"
    assert [patient.id for patient in contents.cohort.patients] == ["P01", "P02"]
    first = contents.cohort.patients[0]
    assert [timepoint.date for timepoint in first.timepoints] == [date(2012, 3, 1), date(2013, 4, 2)]
    assert [image.site for image in first.timepoints[0].images] == ["left-hand", "right-hand"]
    assert first.images[0].id == "P01/2012-03-01/left-hand.png"


def test_what_is_read_does_not_depend_on_where_one_stands(folder, monkeypatch):
    photo(folder, "2012-03-01/left-hand.png")
    monkeypatch.chdir(folder)
    cohort = read_cohort(".")
    assert (cohort.name, cohort.patients[0].id) == ("Hands", "Hands")
    assert cohort.images[0].paths[0].is_absolute()


def test_settings_of_the_folder_are_used(folder):
    photo(folder, "P01/2012-03-01/lh.png")
    write(folder, "cohort.toml", '[cohort]\nname = "Study"\n[sites]\nlh = "left-hand"')
    cohort = read_cohort(folder)
    assert (cohort.name, cohort.images[0].site) == ("Study", "left-hand")


def test_clutter_is_passed_over_in_silence(folder):
    photo(folder, "P01/2012-03-01/left-hand.png")
    for name in (
        "notes.txt",
        "README",
        "Thumbs.db",
        ".DS_Store",
        "._left-hand.png",
        "questionnaire.csv",
        "truth.csv",
        ".git/x.png",
        "__MACOSX/x.png",
        "derivatives/lesionkit/report/x.png",
        "P01/derivatives/x.png",
    ):
        write(folder, name, "x")
    contents = read(folder)
    assert contents.problems == ()
    assert len(contents.cohort.images) == 1


@pytest.mark.parametrize(
    ("name", "code", "severity"),
    [
        ("study.7z", "archive_not_read", Severity.WARNING),
        ("study.zip", "archive_refused", Severity.ERROR),
        ("thing.xyz", "not_an_image", Severity.WARNING),
        ("thing", "not_an_image", Severity.WARNING),
        ("hand.jpg", "picture_unreadable", Severity.ERROR),
        ("hand.heic", "picture_unreadable", Severity.ERROR),
        ("hand.bmp", "picture_kind_not_read", Severity.ERROR),
        ("hand.mha", "image_unreadable", Severity.ERROR),
        ("hand.geojson", "outlines_misnamed", Severity.WARNING),
        ("hand.seg.nrrd", "outlines_misnamed", Severity.WARNING),
    ],
)
def test_every_other_file_is_told(folder, name, code, severity):
    photo(folder, "P01/2012-03-01/left-hand.png")
    write(folder, f"P01/2012-03-01/{name}", "no image")
    (problem,) = read(folder).problems
    assert (problem.code, problem.severity, problem.about) == (code, severity, f"P01/2012-03-01/{name}")
    assert str(folder) not in problem.text + problem.hint


def test_a_folder_that_is_not_there_or_a_file_is_one_clear_line(folder):
    with pytest.raises(InputError, match="does not exist"):
        read(folder / "nowhere")
    with pytest.raises(InputError, match="a file, not a folder"):
        read(write(folder, "a.txt"))


def test_a_folder_without_an_image_says_so_and_why(folder):
    with pytest.raises(InputError, match="holds no image") as caught:
        read(folder)
    assert caught.value.hint
    write(folder, "hand.jpg", "text")
    with pytest.raises(InputError, match=r"hand\.jpg"):
        read(folder)


def test_problems_come_worst_first(folder):
    photo(folder, "P01/2012-03-01/left-hand.png")
    photo(folder, "P01/undated.png")
    write(folder, "P01/2012-03-01/a.xyz", "x")
    write(folder, "patients.csv", "patient\nP09\n")
    severities = [problem.severity for problem in read(folder).problems]
    assert severities == [Severity.ERROR, Severity.WARNING, Severity.INFO]


def test_a_window_joins_days_into_one_timepoint(folder):
    for day in ("2012-03-01", "2012-03-08", "2012-03-15", "2012-03-16"):
        photo(folder, f"P01/{day}/hand-{day[-2:]}.png")
    same = read(folder, settings=Settings(timepoint_window_days=14)).cohort.patients[0]
    assert [timepoint.date for timepoint in same.timepoints] == [date(2012, 3, 1), date(2012, 3, 16)]
    assert [len(timepoint.images) for timepoint in same.timepoints] == [3, 1]
    assert len(read(folder).cohort.patients[0].timepoints) == 4


def test_two_images_of_one_site_on_one_day_are_told(folder):
    photo(folder, "P01/2012-03-01/a/left-hand.png")
    photo(folder, "P01/2012-03-01/b/left-hand.png")
    photo(folder, "P01/2012-03-01/right-hand.png")
    (problem,) = read(folder).problems
    assert (problem.code, problem.severity) == ("two_images_of_one_site", Severity.WARNING)
    assert "P01/2012-03-01/b/left-hand.png" in problem.text


def test_facts_and_treatments_meet_their_patients(folder):
    photo(folder, "sub-P01/2012-03-01/left-hand.png")
    photo(folder, "Jane/2012-03-01/left-hand.png")
    write(folder, "patients.csv", "patient,sex\nsub-P01,f\nJane,m\nP03,f\n")
    write(folder, "treatments.csv", "patient,drug,start\nP01,A,2012-01-02\nP04,B,2012-01-02\n")
    contents = read(folder, settings=Settings(patients={"Jane": "P02"}))
    patients = {patient.id: patient for patient in contents.cohort.patients}
    assert list(patients) == ["P01", "P02", "P03", "P04"]
    assert patients["P01"].facts == {"sex": "f"}
    assert patients["P01"].treatment_start == date(2012, 1, 2)
    assert patients["P02"].facts == {"sex": "m"}
    assert patients["P03"].timepoints == patients["P04"].timepoints == ()
    assert [(p.code, p.severity, p.about) for p in contents.problems] == [
        ("patient_without_images", Severity.WARNING, "P04"),
        ("patient_without_images", Severity.INFO, "P03"),
    ]
    assert "Jane" not in [problem.about for problem in contents.problems]


def test_wanted_patients_come_alone_with_their_outlines_and_problems(folder):
    for patient in ("P01", "P02"):
        photo(folder, f"{patient}/2012-03-01/left-hand.png")
        photo(folder, f"{patient}/undated.png")
        outlines(folder, f"{patient}/2012-03-01/left-hand.outlines.geojson")
    contents = read(folder, patients=["P02"])
    assert [patient.id for patient in contents.cohort.patients] == ["P02"]
    assert [path.parent.parent.name for path in contents.outline_files] == ["P02"]
    assert [problem.about for problem in contents.problems] == ["P02/undated.png"]
    assert find_drawings(contents.cohort, contents.outline_files)[1] == ()


def test_a_patient_who_is_not_there_is_told_with_the_nearest(folder):
    photo(folder, "P01/2012-03-01/left-hand.png")
    with pytest.raises(InputError, match="no patient 'P1'") as caught:
        read(folder, patients=["P1"])
    assert "'P01'" in caught.value.hint


def test_images_that_cannot_be_placed_leave_the_others(folder):
    photo(folder, "P01/undated.png")
    contents = read(folder)
    assert contents.cohort.images == ()
    assert codes(contents) == ["no_date"]


def test_linked_folders_are_read_once_and_circles_end(folder, tmp_path):
    photo(tmp_path, "elsewhere/2012-03-01/left-hand.png")
    (folder / "P01").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "again").symlink_to(folder)
    assert [image.location for image in read(folder).cohort.images] == ["P01/2012-03-01/left-hand.png"]


def test_a_file_whose_name_no_table_could_hold_is_told(folder):
    path = photo(folder, "P01/2012-03-01/left-hand.png")
    try:
        path.with_name("h\udce4nd.png").write_bytes(path.read_bytes())
    except OSError:
        pytest.skip("this file system refuses such names")
    contents = read(folder)
    (problem,) = contents.problems
    assert (problem.code, problem.about) == ("file_name_not_utf8", "P01/2012-03-01/h?nd.png")
    assert len(contents.cohort.images) == 1


def test_outline_files_are_no_images(folder):
    photo(folder, "P01/2012-03-01/left-hand.png")
    path = outlines(folder, "P01/2012-03-01/left-hand.outlines.anna.geojson")
    contents = read(folder)
    assert contents.outline_files == (path,)
    assert contents.problems == ()


def test_reading_the_same_folder_twice_gives_the_same(folder):
    for name in ("b", "a", "c"):
        photo(folder, f"P01/2012-03-01/{name}-hand.png")
    first, second = read(folder).cohort, read(folder).cohort
    assert [i.id for i in first.images] == [i.id for i in second.images] == sorted(i.id for i in first.images)


def test_the_folder_is_never_written_to(folder):
    photo(folder, "P01/2012-03-01/left-hand.png")
    before = sorted(Path(folder).rglob("*"))
    read(folder)
    assert sorted(Path(folder).rglob("*")) == before


def test_the_voxels_of_a_detached_header_are_part_of_its_image_and_no_picture(folder):
    header = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 2 3 4\nspacings: 0.6 0.7 2\nencoding: raw\n"
    write(folder, "P01/2012-03-01/ct.nhdr", f"{header}data file: ct.raw\n")
    (folder / "P01/2012-03-01/ct.raw").write_bytes(bytes(24))
    (folder / "P01/2012-03-01/other.raw").write_bytes(bytes(24))
    found = read(folder)
    assert [image.location for image in found.cohort.images] == ["P01/2012-03-01/ct.nhdr"]
    assert [problem.about for problem in found.problems] == ["P01/2012-03-01/other.raw"]


def test_the_journal_and_the_lock_beside_outlines_are_passed_over_in_silence(folder):
    photo(folder, "P01/2012-03-01/a.png")
    outlines(folder, "P01/2012-03-01/a.outlines.anna.geojson")
    for name in ("a.outlines.journal.jsonl", "a.outlines.anna.journal.jsonl", "a.outlines.anna.lock"):
        write(folder, f"P01/2012-03-01/{name}", "{}")
    contents = read(folder)
    assert [path.name for path in contents.outline_files] == ["a.outlines.anna.geojson"]
    assert contents.problems == ()
