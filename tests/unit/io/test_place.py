from datetime import date
from pathlib import Path

import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.image import FoundImage, Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.settings import Settings
from lesionkit.io.manifest import read_manifest
from lesionkit.io.photo import EXIF_DATE
from lesionkit.io.place import place_images

ROOT = Path("/cohort/FOLDER")
VOLUME = Grid(
    shape=(3, 4, 5),
    spacing_mm=(2.0, 0.5, 0.75),
    affine=np.diag([2.0, 0.5, 0.75, 1.0]),
    scale_source=ScaleSource.PATIENT_PLANE,
)


def photo(location, *, exif=None):
    return FoundImage(
        id=location,
        paths=(ROOT / location,),
        reader="photo",
        location=location,
        grid=Grid(shape=(4, 5)),
        modality=Modality.XC,
        dates=((EXIF_DATE, exif),) if exif else (),
    )


def radiograph(location, *, patient=None, site="", dates=()):
    return FoundImage(
        id=location,
        paths=(ROOT / location,),
        reader="dicom",
        location=location,
        grid=Grid(shape=(4, 5)),
        modality=Modality.DX,
        patient=patient,
        site=site,
        dates=dates,
    )


def series(location, *, patient=None, site="", dates=(), modality=Modality.CT, count=3):
    return FoundImage(
        id=f"1.2.{location}",
        paths=tuple(ROOT / location / f"{n:04}.dcm" for n in range(count)),
        reader="dicom",
        location=location,
        grid=VOLUME,
        modality=modality,
        patient=patient,
        site=site,
        dates=dates,
    )


def place(*found, settings=None, root=ROOT):
    manifest, told = read_manifest(root)
    placed, problems = place_images(found, root=root, settings=settings or Settings(), manifest=manifest)
    return placed, [*told, *problems, *(p for image in placed for p in image.problems), *manifest.unused()]


def codes(problems):
    return [problem.code for problem in problems]


def whose(*found, **options):
    return [image.patient for image in place(*found, **options)[0]]


def day_of(found, **options):
    return place(found, **options)[0][0].date


def site_of(found, **options):
    return place(found, **options)[0][0].image.site


# Patient


@pytest.mark.parametrize(
    ("location", "patient"),
    [
        ("P01/2012-03-01/left-hand.jpg", "P01"),
        ("sub-P01/2012-03-01/left-hand.jpg", "P01"),
        ("2012-03-01/P01/left-hand.jpg", "P01"),
        ("P01_2012-03-01/left-hand.jpg", "P01"),
        ("2012-03-01/left-hand.jpg", "FOLDER"),
        ("20120301_left-hand.jpg", "FOLDER"),
        ("p01/2012-03-01/left-hand.jpg", "p01"),
    ],
)
def test_a_photographs_patient_is_the_first_folder_that_is_not_a_date(location, patient):
    assert whose(photo(location)) == [patient]


def test_a_folder_that_stands_for_a_date_is_no_patient():
    settings = Settings(dates={"baseline": date(2012, 3, 1)})
    assert whose(photo("baseline/left-hand.jpg"), settings=settings) == ["FOLDER"]


def test_photographs_and_dicom_meet_under_the_folders_pseudonym():
    found = (
        photo("P01/2012-03-01/left-hand.jpg"),
        series("P01/2012-03-01/ct", patient="0815"),
        series("P01/2013-03-01/ct", patient="0815"),
        series("P02/2012-03-01/ct", patient="4711"),
    )
    placed, problems = place(*found)
    assert [image.patient for image in placed] == ["P01", "P01", "P01", "P02"]
    assert not problems


def test_a_flat_dump_is_taken_apart_by_patient_id():
    found = (
        radiograph("IM1.dcm", patient="0815"),
        radiograph("IM2.dcm", patient="4711"),
        radiograph("IM3.dcm"),
    )
    assert whose(*found) == ["0815", "4711", "FOLDER"]


def test_a_folder_with_two_patient_ids_names_neither_of_them():
    found = (
        radiograph("export/20120301/IM1.dcm", patient="0815"),
        radiograph("export/20120301/IM2.dcm", patient="4711"),
        photo("export/20120301/left-hand.jpg"),
        photo("P01/20120301/left-hand.jpg"),
    )
    placed, problems = place(*found)
    assert [image.patient for image in placed] == ["0815", "4711", "FOLDER", "P01"]
    told = {problem.code: problem for problem in problems}
    assert told["folder_of_several_patients"].about == "export"
    assert told["patient_not_told"].about == "export/20120301/left-hand.jpg"
    assert not any("0815" in problem.text for problem in problems)


def test_two_ids_of_one_pseudonym_are_one_patient():
    settings = Settings(patients={"0815": "P01", "0815-old": "P01"})
    found = (
        radiograph("export/20120301/IM1.dcm", patient="0815"),
        radiograph("export/20130301/IM2.dcm", patient="0815-old"),
        radiograph("20130301/IM3.dcm", patient="0815"),
    )
    placed, problems = place(*found, settings=settings)
    assert [image.patient for image in placed] == ["export", "export", "P01"]
    assert "folder_of_several_patients" not in codes(problems)


@pytest.mark.parametrize("key", ["Jane", "site1/Jane", "sub-Jane"])
def test_settings_map_a_name_anywhere_in_the_path_to_a_pseudonym(key):
    location = f"site1/{key.split('/')[-1]}/2012-03-01/left-hand.jpg"
    assert whose(photo(location), settings=Settings(patients={key: "P07"})) == ["P07"]


# Date


def test_dicom_dates_come_before_the_path_and_disagreement_is_told():
    found = radiograph(
        "P01/2012-03-02/IM1.dcm",
        dates=(("AcquisitionDate", date(2012, 3, 1)), ("StudyDate", date(2012, 3, 1))),
    )
    placed, problems = place(found)
    assert placed[0].date == date(2012, 3, 1)
    (problem,) = [problem for problem in problems if problem.code == "dates_disagree"]
    assert problem.severity is Severity.WARNING
    assert "AcquisitionDate" in problem.text
    assert "2012-03-02" in problem.text


def test_the_path_comes_before_the_cameras_clock():
    found = photo("P01/2012-03-02/left-hand.jpg", exif=date(2002, 1, 1))
    placed, problems = place(found)
    assert placed[0].date == date(2012, 3, 2)
    assert codes(problems) == ["dates_disagree"]


def test_sources_that_agree_are_no_problem():
    _, problems = place(photo("P01/2012-03-02/left-hand.jpg", exif=date(2012, 3, 2)))
    assert not problems


def test_the_cameras_clock_is_better_than_nothing():
    assert day_of(photo("P01/left-hand.jpg", exif=date(2002, 1, 1))) == date(2002, 1, 1)


def test_the_nearest_date_of_the_path_counts():
    assert day_of(photo("2010-01-01/P01/2012-03-02/left-hand.jpg")) == date(2012, 3, 2)
    assert day_of(photo("P01/2012-03-02/20120303_left-hand.jpg")) == date(2012, 3, 3)


@pytest.mark.parametrize("key", ["baseline", "P01/baseline", "left-hand", "left-hand.jpg"])
def test_settings_may_say_the_day_of_a_folder_or_file(key):
    settings = Settings(dates={key: date(2012, 3, 1)})
    assert day_of(photo("P01/baseline/left-hand.jpg"), settings=settings) == date(2012, 3, 1)


def test_an_image_without_a_date_is_left_out_with_what_to_do():
    placed, problems = place(photo("P01/left-hand.jpg"), photo("P01/2012-03-01/left-hand.jpg"))
    assert [image.image is None for image in placed] == [True, False]
    (problem,) = problems
    assert (problem.code, problem.severity, problem.about) == ("no_date", Severity.ERROR, "P01/left-hand.jpg")
    assert "images.csv" in problem.hint


# Site


@pytest.mark.parametrize(
    ("location", "site"),
    [
        ("P01/2012-03-01/left-hand.jpg", "left-hand"),
        ("P01/2012-03-01/P01_2012-03-01_left-hand.jpg", "left-hand"),
        ("sub-P01/2012-03-01/sub-P01_Left_Hand.JPG", "left-hand"),
        ("P01/2012-03-01/left-hand/IMG_1234.jpg", "left-hand"),
        ("P01/left-hand/2012-03-01/DSC0001.jpg", "left-hand"),
        ("P01/left-hand/2012-03-01.jpg", "left-hand"),
        ("sub-P01/left-hand/ses-20120301/IMG_1234.jpg", "left-hand"),
        ("P01/left-hand/20120301_101500.jpg", "left-hand"),
    ],
)
def test_a_site_is_the_stem_or_the_nearest_folder_that_speaks(location, site):
    placed, problems = place(photo(location))
    assert placed[0].image.site == site
    assert not problems


def test_a_cameras_name_alone_is_kept_and_told():
    placed, problems = place(photo("P01/2012-03-01/IMG_1234.jpg"))
    assert placed[0].image.site == "img-1234"
    assert codes(problems) == ["site_not_told"]


def test_a_dicom_site_comes_before_the_path():
    assert site_of(radiograph("P01/2012-03-01/right.dcm", site="hand-left-pa")) == "hand-left-pa"


def test_a_radiograph_without_a_body_part_takes_its_name_or_folder():
    assert site_of(radiograph("P01/2012-03-01/left-hand.dcm")) == "left-hand"
    assert site_of(radiograph("P01/2012-03-01/xray/IM0001.dcm")) == "xray"


@pytest.mark.parametrize(
    ("location", "site"),
    [
        ("P01/2012-03-01/ct", "ct"),
        ("P01/2012-03-01/forearm", "forearm"),
        ("P01/2012-03-01", "ct"),
        ("P01/2012-03-01/1.2.840.113619.2.1", "ct"),
        (".", "ct"),
    ],
)
def test_a_volume_without_a_body_part_takes_its_folder_or_is_one_site(location, site):
    found = series(location, dates=(("StudyDate", date(2012, 3, 1)),))
    placed, problems = place(found)
    assert placed[0].image.site == site
    assert "site_not_told" not in codes(problems)


def test_aliases_hold_whatever_the_spelling():
    settings = Settings(sites={"LH": "Left hand", "hand-left-pa": "left-hand"})
    assert site_of(photo("P01/2012-03-01/lh.jpg"), settings=settings) == "left-hand"
    assert site_of(radiograph("P01/2012-03-01/1.dcm", site="hand-left-pa"), settings=settings) == "left-hand"


# Modality


def volume_file(location):
    return FoundImage(id=location, paths=(ROOT / location,), reader="volume", location=location, grid=VOLUME)


def test_a_volume_that_does_not_say_is_what_its_path_says():
    placed, _ = place(volume_file("P01/2012-03-01/ct.nii.gz"), volume_file("P01/2012-03-01/mri/hand.nrrd"))
    assert [image.image.modality for image in placed] == [Modality.CT, Modality.MR]
    assert [image.image.site for image in placed] == ["ct", "hand"]


def test_a_volume_of_which_nobody_says_what_it_is_is_left_out():
    placed, problems = place(volume_file("P01/2012-03-01/hand.nii.gz"))
    assert placed[0].image is None
    assert codes(problems) == ["no_modality"]


# images.csv


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Return what writes images.csv into the folder from which the images are placed."""
    monkeypatch.setitem(globals(), "ROOT", tmp_path)

    def write(*lines):
        header = "path,patient,date,modality,site,mm_per_px"
        (tmp_path / "images.csv").write_text("\n".join([header, *lines]))
        return {"root": tmp_path}

    return write


def test_the_table_overrides_what_path_and_headers_say(table):
    root = table("P01/2012-03-01/left-hand.jpg,P09,2013-04-05,cr,Right Knee,0.1")
    (placed,), problems = place(photo("P01/2012-03-01/left-hand.jpg"), **root)
    assert (placed.patient, placed.date) == ("P09", date(2013, 4, 5))
    assert (placed.image.modality, placed.image.site) == (Modality.CR, "right-knee")
    assert placed.image.scale_claims == (ScaleClaim(source=ScaleSource.MANIFEST, mm_per_px=0.1),)
    assert codes(problems) == ["dates_disagree"]


def test_empty_cells_override_nothing(table):
    root = table("P01/2012-03-01/left-hand.jpg,,,,,")
    (placed,), problems = place(photo("P01/2012-03-01/left-hand.jpg"), **root)
    assert (placed.patient, placed.date, placed.image.site) == ("P01", date(2012, 3, 1), "left-hand")
    assert placed.image.scale_claims == ()
    assert not problems


@pytest.mark.parametrize("path", ["P01/scan", "P01/scan/", "P01\\scan", "./P01/scan", "P01/scan/0001.dcm"])
def test_a_row_may_name_a_series_by_its_folder_or_one_of_its_files(table, path):
    root = table(f"{path},,2012-03-01,,forearm,")
    (placed,), problems = place(series("P01/scan"), **root)
    assert (placed.date, placed.image.site) == (date(2012, 3, 1), "forearm")
    assert not problems


def test_the_nearest_row_wins_for_the_cells_it_fills(table):
    root = table("P01,P09,2012-03-01,,,", "P01/visit2,,2013-04-05,,,", "P01/visit2/a.jpg,,,,knee,")
    (placed,), problems = place(photo("P01/visit2/a.jpg"), **root)
    assert (placed.patient, placed.date, placed.image.site) == ("P09", date(2013, 4, 5), "knee")
    assert not problems


def test_a_date_or_modality_that_cannot_be_read_leaves_the_image_out(table):
    root = table("P01/2012-03-01/a.jpg,,01.03.2012,,,", "P01/2012-03-01/b.jpg,,,PET,,")
    placed, problems = place(
        photo("P01/2012-03-01/a.jpg"), photo("P01/2012-03-01/b.jpg"), photo("P01/2012-03-01/c.jpg"), **root
    )
    assert [image.image is None for image in placed] == [True, True, False]
    assert codes(problems) == ["table_cell_invalid"] * 2 + ["image_left_out_by_table"] * 2


def test_a_scale_that_cannot_be_read_leaves_the_image_without_it(table):
    root = table("P01/2012-03-01/a.jpg,,,,,big")
    (placed,), problems = place(photo("P01/2012-03-01/a.jpg"), **root)
    assert placed.image.scale_claims == ()
    assert codes(problems) == ["table_cell_invalid"]


def test_a_modality_that_does_not_fit_the_pixels_is_refused(table):
    root = table("P01/2012-03-01/a.jpg,,,CT,,")
    (placed,), problems = place(photo("P01/2012-03-01/a.jpg"), **root)
    assert placed.image is None
    assert codes(problems) == ["modality_does_not_fit"]


def test_rows_of_no_use_are_told_with_their_line(table):
    root = table("P01/2012-03-01/a.jpg,P01,,,,", "P01/2012-03-01/a.jpg,P02,,,,", "nowhere.jpg,,,,,")
    (placed,), problems = place(photo("P01/2012-03-01/a.jpg"), **root)
    assert placed.patient == "P01"
    assert [(problem.code, problem.about) for problem in problems] == [
        ("table_row_twice", "images.csv:3"),
        ("table_row_without_image", "images.csv:4"),
    ]


def test_an_unknown_column_is_told(tmp_path):
    (tmp_path / "images.csv").write_text("Path;Date;colour\na.jpg;2012-03-01;red\n")
    manifest, problems = read_manifest(tmp_path)
    assert codes(problems) == ["table_column_unknown"]
    assert manifest.rows["a.jpg"][1].date == date(2012, 3, 1)
