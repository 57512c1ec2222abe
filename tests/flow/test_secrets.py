"""Who somebody is, as DICOM and cameras write it, reaches no table, page, picture, message or export."""

import contextlib
import gzip
import io
import json
import shutil
import zipfile
import zlib
from datetime import date

import numpy as np
import pydicom
import pytest
from dicoms import dataset, save
from drawn import contour, graphic, on_plane, square, write_gsps, write_rtstruct
from making import write_outlines, write_photo, write_series
from secrets_in import DAY, ROOT, WORD, taint, told_in

import lesionkit as lk
from lesionkit.errors import MissingExtraError
from lesionkit.pipeline import export, summarise_outcome, write_summary
from lesionkit.pipeline.cohort import write_figures

DAYS = (date(2012, 3, 1), date(2013, 3, 1))
UID = "1.2.826.0.1.3680043.8.498.7{}"
AFFINE = np.array([[0, 0, 0.7, -10.0], [0, 0.6, 0, 5.0], [-2.5, 0, 0, 12.5], [0, 0, 0, 1]])


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Two visits with CT, radiograph and photograph, outlined in every way, all of it full of the word."""
    root = tmp_path_factory.mktemp("in") / "cohort"
    for number, day in enumerate(DAYS):
        place = root / "P01" / day.isoformat()
        uid = UID.format(number)
        write_series(place / "ct", day=day, uid=uid, planes=range(5))
        ring = square((3.6, 5.6), (12.4 - 4 * number, 20.4))
        lines = {"thumb": [contour(on_plane(AFFINE, plane, ring)) for plane in (1, 2, 3)]}
        write_rtstruct(place / "RS.dcm", lines, series=uid)
        parts = (("IM0001", "HAND", 3), ("IM0002", "FOOT", 4)) if number == 0 else (("IM0001", "HAND", 3),)
        for name, part, series in parts:
            xray = dataset(
                "DX",
                np.random.default_rng(number).integers(90, 110, (60, 80)).astype(np.uint16),
                StudyInstanceUID=f"{uid}.100",
                SeriesInstanceUID=f"{uid}.{series}00",
                SOPInstanceUID=f"{uid}.{series}01",
                StudyDate=day.strftime("%Y%m%d"),
                BodyPartExamined=part,
                PixelSpacing=[0.2, 0.3],
                PixelSpacingCalibrationType="FIDUCIAL",
            )
            save(xray, place / "xray" / f"{name}.dcm")
        write_outlines(place / "xray" / "IM0001.dcm", {"wrist": (10, 12, 20 - 5 * number, 30)})
        other = place / "xray" / "IM0001.outlines.geojson"
        shutil.copy(other, other.with_name("IM0001.outlines.two.geojson"))
        shutil.copy(other, other.with_name("IM0001.outlines.one.geojson"))
        other.unlink()
        loop = np.array([[20, 30], [40, 30], [40, 45], [20, 45], [20, 30]])
        if number == 0:
            write_gsps(place / "xray" / "PR.dcm", [graphic(loop)], images=[f"{uid}.401"])
        photo = write_photo(place / "left-hand.jpg")
        write_outlines(photo, {"a": (100, 120, 20, 40)})
    for path in root.rglob("*.dcm"):
        # Of a series, one file in all there is: the others only make it slow.
        taint(path, in_all=path.parent.name != "ct" or path.name == "0001.dcm")
    # Objects that other programs made of these images, and a picture that belongs to nobody.
    outcome = lk.run(root, jobs=1)
    assert {deposit.id for deposit in outcome.deposits} >= {"thumb", "wrist", "a"}
    made = tmp_path_factory.mktemp("made")
    export(outcome, "dicom-seg", made)
    export(outcome, "dicom-sr", made / "sr")
    seg = root / "P01" / DAYS[0].isoformat() / "SEG.dcm"
    shutil.copy(next(made.glob(f"P01/{DAYS[0]}/ct*.dcm")), seg)
    (root / "P01" / DAYS[0].isoformat() / "RS.dcm").unlink()
    taint(seg)
    report = next(made.glob(f"sr/P01/{DAYS[1]}/xray/*report*.dcm"))
    taint(shutil.copy(report, root / "P01" / DAYS[1].isoformat() / "SR.dcm"))
    (root / "P01" / "broken.dcm").write_bytes(
        (root / "P01" / DAYS[0].isoformat() / "ct" / "0001.dcm").read_bytes()[:9000]
    )
    scout = dataset("SC", np.zeros((8, 8, 3), np.uint8), SOPInstanceUID=UID.format("9.1"))
    taint(save(scout, root / "P01" / "screenshot.dcm"))
    return root


COMMANDS = (
    ("check", "{in}", "--json", "--debug"),
    ("measure", "{in}", "--out", "{out}/measure", "--jobs", 1, "--xlsx", "--debug"),
    ("compare", "{in}", "--patient", "P01", "--explain", "--out", "{out}/compare"),
    ("agree", "{in}", "--out", "{out}/agree", "--jobs", 1),
    ("suggest", "{in}", "--out", "{out}/suggest", "--jobs", 1, "--debug"),
    ("export", "{in}", "--format", "geojson", "--out", "{out}/geojson", "--debug"),
)
FORMATS = ("coco", "nifti", "redcap", "sdtm", "sdtm-xpt", "xlsx")


@pytest.fixture(scope="module")
def said(cohort, tmp_path_factory):
    """Run every command: what each printed, and where all of them wrote."""
    from lesionkit.cli import main

    out = tmp_path_factory.mktemp("out")
    printed = {}
    for command in COMMANDS:
        words = [str(word).format(**{"in": cohort, "out": out}) for word in command]
        streams = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
            code = main(words)
        printed[command] = code, "".join(stream.getvalue() for stream in streams)
    outcome = lk.run(cohort, jobs=1)
    for name in FORMATS:
        _, left_out = export(outcome, name, out / name)
        printed[("export", "", "", name)] = 0, "".join(map(str, left_out))
    summary = summarise_outcome(outcome)
    write_summary(summary, out)
    with contextlib.suppress(MissingExtraError):
        write_figures(outcome, summary, out)
    printed["cohort",] = 0, repr(summary)
    return printed, out, outcome


def test_the_search_sees_into_what_is_packed():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", f"<v>{WORD}</v>")
    inside = [
        WORD.encode("utf-16-le"),
        packed.getvalue(),
        gzip.compress(WORD.encode()),
        gzip.compress(packed.getvalue()),
        b"%PDF-1.7\nstream\n" + zlib.compress(f"born {DAY}".encode()) + b"\nendstream",
    ]
    assert [told_in(data) for data in inside] == [True] * len(inside)
    assert not told_in(gzip.compress(b"P01"))


def test_the_files_are_full_of_what_must_not_come_out(cohort):
    for path in cohort.rglob("*.dcm"):
        is_whole = (path.parent.name != "ct" and path.name != "broken.dcm") or path.name == "0001.dcm"
        assert path.read_bytes().count(WORD.encode()) > (1000 if is_whole else 50), path
    made = pydicom.dcmread(cohort / "P01" / DAYS[0].isoformat() / "ct" / "0001.dcm")
    for keyword in ("PatientName", "PatientID", "PatientAddress", "DeviceSerialNumber", "InstitutionName",
                    "OperatorsName", "AccessionNumber", "StudyDescription", "ImageComments"):  # fmt: skip
        assert WORD in str(made[keyword].value), keyword
    assert made.PatientBirthDate == DAY


def test_every_command_was_carried_out(said):
    printed, out, _ = said
    assert {command: text for command, (code, text) in printed.items() if code not in (0, 1)} == {}
    assert {path.suffix for path in out.rglob("*") if path.is_file()} >= {
        ".csv", ".html", ".json", ".geojson", ".gz", ".xlsx", ".xpt", ".md", ".tex",
    }  # fmt: skip


def test_no_message_tells_who_somebody_is(said):
    printed, _, _ = said
    lines = [(command, line) for command, (_, text) in printed.items() for line in text.splitlines()]
    assert [(command, line) for command, line in lines if told_in(line.encode())] == []


def test_no_file_tells_who_somebody_is(said):
    _, out, _ = said
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) > 40
    assert [path.relative_to(out).as_posix() for path in files if told_in(path.read_bytes())] == []
    assert [path for path in files if told_in(path.name.encode())] == []


IN_THE_ARCHIVE = frozenset(
    {
        # By these an archive files an object with its patient and study.
        *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "IssuerOfPatientID"),
        *(
            "StudyInstanceUID",
            "StudyID",
            "StudyDate",
            "StudyTime",
            "AccessionNumber",
            "ReferringPhysicianName",
        ),
    }
)


def test_an_object_for_the_archive_holds_what_files_it_and_no_more(said, tmp_path):
    *_, outcome = said
    for name in ("dicom-seg", "dicom-seg-fractional", "dicom-sr"):
        _, left_out = export(outcome, name, tmp_path / name)
        assert not told_in(repr(left_out).encode())
    files = list(tmp_path.rglob("*.dcm"))
    assert len(files) > 9
    for path in files:
        assert not told_in(path.relative_to(tmp_path).as_posix().encode())
        made = pydicom.dcmread(path)
        texts = (element for element in made.iterall() if element.VR != "SQ")
        found = {element.keyword for element in texts if told_in(str(element.value).encode())}
        assert found <= IN_THE_ARCHIVE, found
        assert not told_in(bytes(made.preamble))
        assert not any(told_in(str(element.value).encode()) for element in made.file_meta)


def test_an_object_that_cannot_be_made_is_told_of_without_what_its_header_says(tmp_path):
    image = tmp_path / "P01" / "2012-03-01" / "ct"
    for path in write_series(image, planes=range(2)):
        taint(path, sex=WORD, in_all=False)
    ring = square((3.6, 5.6), (12.4, 20.4))
    lines = {"thumb": [contour(on_plane(AFFINE, 4, ring))]}
    write_rtstruct(tmp_path / "P01" / "2012-03-01" / "RS.dcm", lines, series="1.2.826.0.1.3680043.8.498.1")
    outcome = lk.run(tmp_path, jobs=1)
    for name in ("dicom-seg", "dicom-sr"):
        paths, left_out = export(outcome, name, tmp_path / "derivatives" / name)
        assert paths == ()
        assert [(one.code, told_in(one.text.encode())) for one in left_out] == [
            ("image_not_referable", False)
        ]
        assert "PatientSex" in left_out[0].text


def test_hospital_numbers_reach_no_output_where_a_folder_names_the_patient(said, cohort):
    _, out, _ = said
    record = json.loads((out / "measure" / "run.json").read_text())
    assert {image["patient"] for image in record["images"]} == {"P01"}
    assert not told_in(json.dumps(record).encode())
    assert ROOT not in json.dumps(record)
