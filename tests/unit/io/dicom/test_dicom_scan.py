"""What DICOM files are to us, told once per series, and never by name."""

import warnings
from datetime import date

import dicoms
import numpy as np
import pytest
from dicoms import CLASSES, NAME, dataset, planes, save, scan, uid, write

from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.io.dicom import READER

RAMP = np.arange(12, dtype=np.uint16).reshape(3, 4)
RGB = np.zeros((3, 4, 3), np.uint8)
ONE_ELEMENT = b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100"


def test_the_reader_bids_by_what_stands_in_the_file_then_by_its_suffix(tmp_path):
    bare = save(dataset("CR", RAMP), tmp_path / "IM0001")
    named = tmp_path / "notes.DCM"
    named.write_text("not DICOM", encoding="utf-8")
    other = tmp_path / "notes.txt"
    other.write_text("x" * 300, encoding="utf-8")
    assert READER.bid(bare) == 1
    assert 0 < READER.bid(named) < 1
    assert READER.bid(other) == 0


def test_a_text_file_named_like_dicom_is_one_error(tmp_path):
    (tmp_path / "notes.dcm").write_text("These are notes, not an image. " * 20, encoding="utf-8")
    (problem,) = scan(tmp_path).problems
    assert (problem.severity, problem.code, problem.about) == (
        Severity.ERROR,
        "dicom_unreadable",
        "notes.dcm",
    )


def test_a_radiograph_is_known_by_its_path_and_says_of_whom_when_and_where(tmp_path):
    made = dataset(
        "DX",
        RAMP,
        BodyPartExamined="HAND",
        ImageLaterality="L",
        ViewPosition="PA",
        AcquisitionDate="20120305",
        SeriesDate="20120304",
        AcquisitionDateTime="20120306101500.000000+0100",
    )
    save(made, tmp_path / "P01" / "x ray" / "IM1")
    (image,) = scan(tmp_path).images
    assert (image.id, image.location) == ("P01/x ray/IM1", "P01/x ray/IM1")
    assert (image.patient, image.site, image.modality) == ("H-4711", "hand-left-pa", Modality.DX)
    assert image.dates == (
        ("AcquisitionDate", date(2012, 3, 5)),
        ("AcquisitionDateTime", date(2012, 3, 6)),
        ("SeriesDate", date(2012, 3, 4)),
        ("StudyDate", date(2012, 3, 1)),
    )
    assert (image.series_uid, image.instance_uids) == (uid(100), (uid(1),))


def test_a_series_is_known_by_its_uid_and_lies_in_its_folder(tmp_path):
    elements = {"BodyPartExamined": "Fore Arm", "Laterality": "R", "ViewPosition": "AP"}
    write(tmp_path / "P01" / "ct", planes(count=3, **elements))
    (image,) = scan(tmp_path).images
    assert (image.id, image.location, image.site) == (uid(100), "P01/ct", "fore-arm-right")
    assert len(image.paths) == len(image.instance_uids) == 3


@pytest.mark.parametrize("day", ["20121301", "2012-03-01", "March", "", "00000000"])
def test_a_date_that_is_none_is_passed_over(tmp_path, day):
    save(dataset("CR", RAMP, AcquisitionDate=day), tmp_path / "a")
    (image,) = scan(tmp_path).images
    assert image.dates == (("StudyDate", date(2012, 3, 1)),)


@pytest.mark.parametrize(
    ("kind", "elements"),
    [
        ("CT", {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}),
        ("MR", {"ImageType": ["DERIVED", "SECONDARY", "PROJECTION IMAGE"]}),
        ("CT", {"ImageType": ["DERIVED", "SECONDARY", "AXIAL", "MIP"]}),
        ("CT", {"ImageType": ["DERIVED", "SECONDARY", "MIN_IP"]}),
        ("CT", {"ImageType": ["DERIVED", "SECONDARY", "DOSE_INFO"]}),
        ("SC", {"Modality": "CT"}),
        ("SC", {"Modality": "OT"}),
        ("SC", {"Modality": "CR", "ConversionType": "WSD"}),
    ],
)
def test_what_is_no_image_of_the_patient_is_left_out_with_one_info_per_series(tmp_path, kind, elements):
    for number in range(3):
        made = dataset(kind, RAMP, SOPInstanceUID=uid(number + 1), **elements)
        save(made, tmp_path / "series" / f"{number}.dcm")
    found = scan(tmp_path)
    assert not found.images
    (problem,) = found.problems
    assert (problem.severity, problem.code, problem.about) == (Severity.INFO, "dicom_not_an_image", "series")


def test_a_structured_report_in_the_series_of_an_image_does_not_keep_the_image_out(tmp_path):
    write(tmp_path, planes(count=3))
    save(dataset("SR", SOPInstanceUID=uid(9)), tmp_path / "sr.dcm")
    found = scan(tmp_path)
    assert len(found.images) == 1
    assert [(problem.severity, problem.about) for problem in found.problems] == [(Severity.INFO, "sr.dcm")]


def test_a_reformatted_series_is_an_image_like_any_other(tmp_path):
    write(tmp_path, planes(count=3, ImageType=["DERIVED", "SECONDARY", "REFORMATTED"]))
    assert len(scan(tmp_path).images) == 1


@pytest.mark.parametrize(
    ("kind", "elements", "modality"),
    [
        ("XC", {}, Modality.XC),
        ("XC", {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.77.1.7", "Modality": "DMS"}, Modality.XC),
        ("SC", {"Modality": "XC"}, Modality.XC),
        ("SC", {"Modality": "RG", "ConversionType": "DF"}, Modality.CR),
    ],
)
def test_photographs_and_films_are_images_in_whatever_they_are_wrapped(tmp_path, kind, elements, modality):
    save(dataset(kind, RAMP if modality is Modality.CR else RGB, **elements), tmp_path / "a.dcm")
    assert [image.modality for image in scan(tmp_path).images] == [modality]


def test_another_modality_is_a_warning_since_the_user_may_have_meant_it(tmp_path):
    save(dataset("US", RAMP), tmp_path / "a.dcm")
    (problem,) = scan(tmp_path).problems
    assert (problem.severity, problem.code) == (Severity.WARNING, "dicom_modality_not_read")


def test_a_segmentation_is_outlines_and_no_problem(tmp_path):
    path = save(dataset("SEG", RAMP), tmp_path / "a.dcm")
    found = scan(tmp_path)
    assert found.outlines == (path,)
    assert not found.images
    assert not found.problems


def test_one_radiograph_twice_is_one_image_and_a_warning(tmp_path):
    for name in ("a.dcm", "b.dcm"):
        save(dataset("CR", RAMP), tmp_path / name)
    found = scan(tmp_path)
    assert [image.id for image in found.images] == ["a.dcm"]
    assert [(problem.code, problem.severity) for problem in found.problems] == [
        ("duplicate_images", Severity.WARNING)
    ]


def test_two_radiographs_of_one_series_are_two_images(tmp_path):
    for number, name in enumerate(("a.dcm", "b.dcm")):
        save(dataset("CR", RAMP, SOPInstanceUID=uid(number)), tmp_path / name)
    assert [image.id for image in scan(tmp_path).images] == ["a.dcm", "b.dcm"]


def test_a_header_of_four_billion_pixels_is_refused_without_making_room_for_them(tmp_path):
    from pydicom.encaps import encapsulate

    made = dataset("CR", RAMP, Rows=65535, Columns=65535)
    made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
    made.PixelData = encapsulate([b"abcd"])
    made["PixelData"].is_undefined_length = True
    save(made, tmp_path / "a.dcm")
    found = scan(tmp_path)
    assert not found.images
    assert [problem.code for problem in found.problems] == ["dicom_absurd_size"]


def test_sequences_nested_without_end_are_one_error(tmp_path):
    start = b"\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    meta = save(dataset("CR"), tmp_path / "a.dcm").read_bytes()[:300]
    (tmp_path / "a.dcm").write_bytes(meta[: meta.index(b"1.2.840.10008.1.2.1") + 20] + start * 5000)
    found = scan(tmp_path)
    assert not found.images
    assert {problem.severity for problem in found.problems} == {Severity.ERROR}


def test_a_file_without_its_preamble_is_read_by_its_suffix(tmp_path):
    made = dataset("CR", RAMP)
    whole = save(made, tmp_path / "a.dcm").read_bytes()
    (tmp_path / "a.dcm").write_bytes(whole[whole.index(b"\x08\x00\x16\x00UI") :])
    image = dicoms.only(tmp_path)
    assert np.array_equal(image.pixels, RAMP)


def test_no_problem_names_the_patient_and_nothing_is_said_on_the_terminal(tmp_path, capfd):
    broken = planes(count=5, StudyDate="yesterday")
    del broken[2]
    write(tmp_path / "a", broken)
    save(dataset("CR", RAMP, SeriesInstanceUID="not a uid", PatientID=""), tmp_path / "b.dcm")
    save(dataset("US", RAMP, SeriesInstanceUID=uid(5)), tmp_path / "c.dcm")
    capfd.readouterr()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = scan(tmp_path)
        for image in found.images:
            dicoms.load(image)
    assert len(found.problems) == 2
    said = "".join(map(str, found.problems)) + "".join(capfd.readouterr())
    assert not any(word in said for word in (NAME, "Doe", "Jane", "H-4711", str(tmp_path)))


def test_pixels_that_are_not_square_are_told_where_there_is_no_scale(tmp_path):
    save(dataset("CR", RAMP, PixelAspectRatio=[2, 1]), tmp_path / "a.dcm")
    assert [problem.code for problem in scan(tmp_path).problems] == ["pixels_not_square"]


@pytest.mark.parametrize("count", [1, 12])
def test_what_is_drawn_over_or_into_a_series_is_noted_once(tmp_path, count):
    slices = planes(count=count, BurnedInAnnotation="YES", SliceThickness=1)
    slices[0].add_new(0x60000010, "US", 32)
    write(tmp_path / "ct", slices)
    found = scan(tmp_path)
    assert len(found.images) == 1
    noted = {(problem.code, problem.about) for problem in found.problems if problem.severity is Severity.INFO}
    about = "ct" if count > 1 else found.images[0].location
    assert noted == {("overlays_not_shown", about), ("burned_in_annotation", about)}


def test_an_image_that_says_nothing_is_burned_in_is_not_noted(tmp_path):
    save(dataset("CR", RAMP, BurnedInAnnotation="NO"), tmp_path / "a.dcm")
    assert not scan(tmp_path).problems


def test_every_kind_of_object_used_here_has_its_class():
    assert len(set(CLASSES.values())) == len(CLASSES)


@pytest.mark.parametrize(
    ("sop_class", "modality"),
    [
        ("1.2.840.10008.5.1.4.1.1.88.67", "SR"),  # X-ray radiation dose report
        ("1.2.840.10008.5.1.4.1.1.88.59", "KO"),  # key objects
        ("1.2.840.10008.5.1.4.1.1.11.1", "PR"),
        ("1.2.840.10008.5.1.4.1.1.481.5", "RTPLAN"),
        ("1.2.840.10008.5.1.4.1.1.104.1", "DOC"),  # an encapsulated PDF
        ("1.2.840.10008.5.1.4.1.1.66", "OT"),  # raw data
        ("1.3.12.2.1107.5.9.1", "MR"),  # a vendor's private kind
    ],
)
def test_what_holds_no_pixels_is_left_out_with_an_info(tmp_path, sop_class, modality):
    write(tmp_path / "ct", planes(count=3))
    save(
        dataset("SR", SOPClassUID=sop_class, Modality=modality, SeriesInstanceUID=uid(5)), tmp_path / "other"
    )
    found = scan(tmp_path)
    assert len(found.images) == 1
    (problem,) = found.problems
    assert (problem.severity, problem.code, problem.about) == (Severity.INFO, "dicom_not_an_image", "other")


@pytest.mark.parametrize(
    ("description", "is_left_out"),
    [
        ("localizer", True),
        ("3-plane loc", True),
        ("Leg_Scout", True),
        ("t1_cor", False),
        ("delocaliser", False),
    ],
)
def test_an_mr_that_only_its_description_calls_a_localizer_is_left_out(tmp_path, description, is_left_out):
    slices = planes(count=12, Modality="MR", SOPClassUID=CLASSES["MR"], SeriesDescription=description)
    write(tmp_path, slices)
    found = scan(tmp_path)
    assert len(found.images) == (not is_left_out)
    assert [problem.code for problem in found.problems] == ["dicom_not_an_image"] * is_left_out


def test_a_ct_described_as_a_survey_is_an_image(tmp_path):
    write(tmp_path, planes(count=3, SeriesDescription="Skeletal survey"))
    assert len(scan(tmp_path).images) == 1


@pytest.mark.parametrize("implicit", [True, False])
def test_a_file_with_neither_preamble_nor_suffix_is_read(tmp_path, implicit):
    made = dataset("CR", RAMP, SpecificCharacterSet="ISO_IR 100")
    made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1"
    made.save_as(tmp_path / "IM0001", implicit_vr=implicit, little_endian=True, enforce_file_format=False)
    data = (tmp_path / "IM0001").read_bytes()
    (tmp_path / "IM0001").write_bytes(data[data.index(b"\x08\x00\x05\x00") :])
    assert READER.bid(tmp_path / "IM0001") == 0.6
    assert np.array_equal(dicoms.only(tmp_path).pixels, RAMP)


@pytest.mark.parametrize(
    "start",
    [b"", b"\x08\x00", ONE_ELEMENT, ONE_ELEMENT * 9, bytes(200), b"\x08" * 200],
)
def test_what_only_begins_like_an_element_is_not_bid_for(tmp_path, start):
    (tmp_path / "data").write_bytes(start)
    assert READER.bid(tmp_path / "data") == 0
