"""What `lesionkit export` writes: judged by dicom3tools and dcmtk, and read back."""

import csv
import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicoms import dataset, save
from drawn import contour, on_plane, square, write_rtstruct
from making import write_outlines, write_photo, write_series

import lesionkit as lk

DAYS = (date(2012, 3, 1), date(2013, 3, 1))
UID = "1.2.826.0.1.3680043.8.498.7{}"
AFFINE = np.array([[0, 0, 0.7, -10.0], [0, 0.6, 0, 5.0], [-2.5, 0, 0, 12.5], [0, 0, 0, 1]])
"""Of the series: planes follow one another downwards."""
RINGS = (square((3.6, 5.6), (12.4, 20.4)), square((3.6, 5.6), (8.4, 20.4)))


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Two visits: a CT with a deposit that halves and one with a hole, a radiograph, a photograph."""
    root = tmp_path_factory.mktemp("cohort")
    for number, (day, ring) in enumerate(zip(DAYS, RINGS, strict=True)):
        place = root / "P01" / day.isoformat()
        uid = UID.format(number)
        write_series(place / "ct", day=day, uid=uid)
        hole = square((13.6, 21.6), (18.4, 28.4)), square((15.6, 23.6), (16.4, 26.4))
        lines = {
            "thumb": [contour(on_plane(AFFINE, plane, ring)) for plane in (1, 2, 3)],
            "ring": [contour(on_plane(AFFINE, 4, one)) for one in hole],
        }
        write_rtstruct(place / "RS.dcm", lines, series=uid)
        xray = dataset(
            "DX",
            np.full((60, 80), 100 + number, np.uint16),
            StudyInstanceUID=f"{uid}.100",
            SeriesInstanceUID=f"{uid}.300",
            SOPInstanceUID=f"{uid}.301",
            StudyDate=day.strftime("%Y%m%d"),
            BodyPartExamined="HAND",
            PixelSpacing=[0.2, 0.3],
            PixelSpacingCalibrationType="FIDUCIAL",
            PatientID="P01",
        )
        save(xray, place / "xray" / "IM0001.dcm")
        write_outlines(place / "xray" / "IM0001.dcm", {"wrist": (10, 12, 20 - 5 * number, 30)})
    photo = write_photo(root / "P01" / DAYS[0].isoformat() / "left-hand.jpg")
    write_outlines(photo, {"a": (100, 120, 20, 40)})
    return root


@pytest.fixture(scope="module")
def written(cohort, tmp_path_factory):
    """Every DICOM format, by its name."""
    from lesionkit.pipeline import export

    outcome = lk.run(cohort, jobs=1)
    folders = {}
    for name in ("dicom-seg", "dicom-seg-fractional", "dicom-sr"):
        folders[name] = tmp_path_factory.mktemp(name)
        export(outcome, name, folders[name])
    return outcome, folders


def sizes(outcome):
    return {
        (m.image, m.deposit, m.measure): m.quantity.value
        for m in outcome.measurements
        if m.measure in ("area", "volume", "long_axis", "short_axis")
    }


def read_back(cohort, exported, root):
    """Return what is measured where the exported files stand instead of the outlines."""
    shutil.copytree(cohort, root, ignore=shutil.ignore_patterns("*.geojson", "RS.dcm", "*.jpg"))
    shutil.copytree(exported, root, dirs_exist_ok=True)
    return lk.run(root, jobs=1)


@pytest.mark.parametrize("name", ["dicom-seg", "dicom-seg-fractional", "dicom-sr"])
def test_written_objects_keep_the_standard(written, name):
    judge = shutil.which("dciodvfy")
    if judge is None:
        pytest.skip("dciodvfy (package dicom3tools) is not installed")
    files = sorted(written[1][name].rglob("*.dcm"))
    assert len(files) == (4 if name != "dicom-sr" else 6)
    for path in files:
        done = subprocess.run([judge, path], capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert [line for line in said.splitlines() if line.startswith("Error")] == [], path.name


def test_dcmtk_reads_the_reports(written):
    dump = shutil.which("dsrdump")
    if dump is None:
        pytest.skip("dsrdump (package dcmtk) is not installed")
    reports = sorted(written[1]["dicom-sr"].rglob("*.report.dcm"))
    assert len(reports) == 4
    for path in reports:
        done = subprocess.run([dump, path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "Measurement Group" in done.stdout
        assert "Tracking Unique Identifier" in done.stdout


def test_pixels_come_back_from_a_binary_segmentation(cohort, written, tmp_path):
    outcome, folders = written
    again = read_back(cohort, folders["dicom-seg"], tmp_path / "c")
    found = sizes(again)
    # Inside the line lie the centres of 9 x 15 pixels.
    ct = UID.format(0)
    assert found[ct, "thumb", "volume"] == pytest.approx(9 * 15 * 3 * 0.6 * 0.7 * 2.5, rel=1e-6)
    xray = f"P01/{DAYS[0]}/xray/IM0001.dcm"
    assert found[xray, "wrist", "area"] == pytest.approx(sizes(outcome)[xray, "wrist", "area"], rel=1e-6)
    once_more = lk.run(tmp_path / "c", jobs=1)
    assert sizes(once_more) == found
    assert {t.uid for t in again.tracks} == {t.uid for t in outcome.tracks if t.modality != "XC"}


def test_volumes_come_back_from_a_fractional_segmentation(cohort, written, tmp_path):
    outcome, folders = written
    found = sizes(read_back(cohort, folders["dicom-seg-fractional"], tmp_path / "c"))
    told = sizes(outcome)
    for key in told:
        if key[2] in ("volume", "area") and not key[0].endswith(".jpg"):
            assert found[key] == pytest.approx(told[key], rel=5e-3), key


def test_what_a_report_holds_comes_back_with_its_numbers(cohort, written, tmp_path):
    outcome, folders = written
    again = read_back(cohort, folders["dicom-sr"], tmp_path / "c")
    assert not again.has_errors
    found, told = sizes(again), sizes(outcome)
    wrist = {key: value for key, value in told.items() if key[1] == "wrist"}
    assert len(wrist) == 6
    assert {key: found[key] for key in wrist} == pytest.approx(wrist, rel=1e-6)
    volumes = {key: value for key, value in told.items() if key[2] == "volume"}
    assert len(volumes) == 4
    assert {key: found[key] for key in volumes} == pytest.approx(volumes, rel=5e-3)
    assert {t.uid for t in again.tracks} == {t.uid for t in outcome.tracks if t.modality != "XC"}


def test_a_segmentation_and_its_report_count_once(cohort, written, tmp_path):
    _, folders = written
    shutil.copytree(folders["dicom-seg"], tmp_path / "both")
    for path in folders["dicom-sr"].rglob("*.report.dcm"):
        place = tmp_path / "both" / path.relative_to(folders["dicom-sr"])
        shutil.copy(path, place)
    again = read_back(cohort, tmp_path / "both", tmp_path / "c")
    ids = [(deposit.image, deposit.name) for deposit in again.deposits]
    assert sorted(ids) == sorted(set(ids))
    assert len(ids) == 6


def test_numbers_codes_and_responses_stand_in_the_report(written):
    outcome, folders = written
    path = folders["dicom-sr"] / "P01" / DAYS[1].isoformat() / "ct.report.dcm"
    groups = pydicom.dcmread(path).ContentSequence[-1].ContentSequence
    thumb = next(g for g in groups if any(i.get("TextValue") == "thumb" for i in g.ContentSequence))
    told = sizes(outcome)
    found = {}
    for item in thumb.ContentSequence:
        name = item.ConceptNameCodeSequence[0]
        if item.ValueType == "NUM":
            value = item.MeasuredValueSequence[0]
            found[name.CodeValue] = (
                float(value.NumericValue),
                value.MeasurementUnitsCodeSequence[0].CodeValue,
            )
        elif item.ValueType == "CODE":
            code = item.ConceptCodeSequence[0]
            found[name.CodeValue] = code.get("CodeValue") or code.get("LongCodeValue")
    ct = UID.format(1)
    assert found["118565006"] == (pytest.approx(told[ct, "thumb", "volume"], rel=1e-12), "mm3")
    assert found["42798000"] == (pytest.approx(told[ct, "thumb", "area"], rel=1e-12), "mm2")
    assert found["103339001"] == (pytest.approx(told[ct, "thumb", "long_axis"], rel=1e-12), "mm")
    assert found["121071"] == "18115005"
    assert found["RESPONSE"] == "regression"
    assert found["112021"] == "calcinosis-25"
    assert found["SCALE_SOURCE"] == "patient-plane"


def test_nobody_s_name_or_birth_date_is_invented(written):
    for path in written[1]["dicom-seg"].rglob("ct.outlines.dcm"):
        made = pydicom.dcmread(path)
        assert made.PatientName == "Sentinel^Name"  # as the images have it
        assert made.PatientBirthDate == ""
        assert "ContentCreatorName" not in made or not made.ContentCreatorName


def test_the_same_outcome_gets_the_same_identifiers(written, tmp_path):
    from lesionkit.pipeline import export

    outcome, folders = written
    export(outcome, "dicom-sr", tmp_path)
    for path in folders["dicom-sr"].rglob("*.dcm"):
        first = pydicom.dcmread(path)
        again = pydicom.dcmread(tmp_path / path.relative_to(folders["dicom-sr"]))
        assert first.SOPInstanceUID == again.SOPInstanceUID
        assert first.SeriesInstanceUID == again.SeriesInstanceUID


def test_geojson_holds_the_planar_outlines(cohort, tmp_path, lesionkit):
    code, out, _ = lesionkit("export", cohort, "--format", "geojson", "--out", tmp_path / "out", "-q")
    assert code == 0
    printed = [Path(line) for line in out.splitlines()]
    assert sorted(printed) == sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    photo = tmp_path / "out" / "P01" / DAYS[0].isoformat() / "left-hand.outlines.geojson"
    (feature,) = json.loads(photo.read_text())["features"]
    assert feature["properties"]["deposit"] == "a"
    assert feature["properties"]["tracking_uid"].startswith("2.25.")
    assert sorted(feature["geometry"]["coordinates"][0][:-1]) == [
        [120, 100], [120, 120], [160, 100], [160, 120],
    ]  # fmt: skip
    assert len(printed) == 3


def test_nifti_holds_the_volumes_and_says_which_label_is_which(cohort, tmp_path, lesionkit):
    code, out, _ = lesionkit("export", cohort, "--format", "nifti", "--out", tmp_path / "out", "--json", "-q")
    assert code == 0
    told = json.loads(out)
    assert {Path(file).name for file in told["files"]} == {"ct.outlines.nii.gz", "ct.labels.csv"}
    assert {problem["code"] for problem in told["problems"]} >= {"planar_not_written"}
    with (tmp_path / "out" / "P01" / DAYS[0].isoformat() / "ct.labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["label"], row["deposit"]) for row in rows] == [("1", "thumb"), ("2", "ring")]


def test_volumes_come_back_from_nifti(cohort, tmp_path):
    from lesionkit.pipeline import export

    outcome = lk.run(cohort, jobs=1)
    export(outcome, "nifti", tmp_path / "nifti")
    again = read_back(cohort, tmp_path / "nifti", tmp_path / "c")
    volumes = {key: value for key, value in sizes(again).items() if key[2] == "volume"}
    # A label map has no names: its labels stand for them, in the table beside it.
    named = {}
    for path in (tmp_path / "nifti").rglob("ct.labels.csv"):
        with path.open() as file:
            number = DAYS.index(date.fromisoformat(path.parent.name))
            named |= {(UID.format(number), row["label"]): row["deposit"] for row in csv.DictReader(file)}
    found = {(image, named[image, label]): value for (image, label, _), value in volumes.items()}
    assert set(found) == {(UID.format(n), name) for n in (0, 1) for name in ("thumb", "ring")}
    assert found[UID.format(0), "thumb"] == pytest.approx(9 * 15 * 3 * 0.6 * 0.7 * 2.5, rel=1e-6)


def test_photographs_that_no_dicom_object_can_refer_to_are_counted(cohort, tmp_path, lesionkit):
    code, _, err = lesionkit("export", cohort, "--format", "dicom-seg", "--out", tmp_path / "out")
    assert code == 0
    assert "1 image is no DICOM" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "wax-tablet", "--out", "{out}"), "there is no lesionkit.exporters 'wax-tablet'"),
        (("--format", "geojson", "--out", "{folder}/P01"), "lies among the images"),
        (("--format", "geojson", "--out", "{folder}/images.csv"), "is a file"),
    ],
)
def test_a_wrong_format_or_place_is_refused_before_anything_is_written(
    folder, tmp_path, lesionkit, arguments, said
):
    before = sorted(folder.rglob("*"))
    filled = [text.format(out=tmp_path / "out", folder=folder) for text in arguments]
    code, out, err = lesionkit("export", folder, *filled)
    assert (code, out) == (2, "")
    assert said in err
    assert sorted(folder.rglob("*")) == before
    assert not (tmp_path / "out").exists()


def test_an_export_that_fails_leaves_nothing_behind(folder, tmp_path, monkeypatch):
    from lesionkit.io import to_geojson
    from lesionkit.pipeline import export

    outcome = lk.run(folder, jobs=1)
    whole = to_geojson.write_outlines
    done = []

    def fail_at_the_second(*arguments, **more):
        if done:
            raise OSError("disk full")
        done.append(arguments)
        whole(*arguments, **more)

    monkeypatch.setattr(to_geojson, "write_outlines", fail_at_the_second)
    with pytest.raises(OSError, match="disk full"):
        export(outcome, "geojson", tmp_path / "new" / "out")
    assert done
    assert not (tmp_path / "new").exists()


def test_a_segmentation_that_names_no_series_is_found_by_where_it_lies(cohort, written, tmp_path):
    _, folders = written
    root = tmp_path / "c"
    shutil.copytree(cohort, root, ignore=shutil.ignore_patterns("*.geojson", "RS.dcm", "*.jpg"))
    made = pydicom.dcmread(folders["dicom-seg"] / "P01" / DAYS[0].isoformat() / "ct.outlines.dcm")
    del made.ReferencedSeriesSequence
    for item in (*made.SharedFunctionalGroupsSequence, *made.PerFrameFunctionalGroupsSequence):
        if "DerivationImageSequence" in item:
            del item.DerivationImageSequence
    made.save_as(root / "anywhere.dcm")
    again = lk.run(root, jobs=1)
    assert {deposit.image for deposit in again.deposits} == {UID.format(0)}
    ct = UID.format(0)
    assert sizes(again)[ct, "thumb", "volume"] == pytest.approx(9 * 15 * 3 * 0.6 * 0.7 * 2.5, rel=1e-6)
