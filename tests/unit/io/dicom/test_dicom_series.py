"""A series becomes the volumes it holds: parted where it must be, copies used once, nothing invented."""

import shutil

import dicoms
import numpy as np
import pytest
from dicoms import CORONAL, dataset, planes, save, scan, uid, write

from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.settings import Settings
from lesionkit.io.folder import read_folder


def codes(found):
    return [problem.code for problem in found.problems]


def test_two_orientations_in_one_series_are_two_images_with_ids_that_do_not_depend_on_file_names(tmp_path):
    slices = planes(count=5) + planes(CORONAL, count=4, RescaleSlope=1)
    for number, item in enumerate(slices):
        item.SOPInstanceUID = uid(2000 + number)
    found = scan(write(tmp_path / "a", slices))
    assert [(image.id, image.grid.shape[0]) for image in found.images] == [
        (uid(100), 5),
        (uid(100) + "#2", 4),
    ]
    again = scan(write(tmp_path / "b", slices[::-1]))
    assert [image.instance_uids for image in again.images] == [image.instance_uids for image in found.images]


@pytest.mark.parametrize(
    "trait",
    [
        {"EchoTime": 20},
        {"ImageType": ["DERIVED", "PRIMARY", "AXIAL"]},
        {"TemporalPositionIdentifier": 2},
        {"DiffusionBValue": 800.0},
        {"DiffusionGradientOrientation": [0.0, 0.0, 1.0]},
        {"AcquisitionNumber": 2},
        {"EchoNumbers": 2},
        {"StackID": "2"},
        {"InversionTime": 900},
        {"TriggerTime": 400},
    ],
)
def test_images_at_one_place_are_parted_by_what_tells_them_apart(tmp_path, trait):
    first = planes(count=4, EchoTime=10, TemporalPositionIdentifier=1, AcquisitionNumber=1)
    second = planes(
        count=4, **({"EchoTime": 10, "TemporalPositionIdentifier": 1, "AcquisitionNumber": 1} | trait)
    )
    for number, item in enumerate(second):
        item.SOPInstanceUID = uid(3000 + number)
        item.AcquisitionTime = f"1200{number:02d}"
        item.RescaleIntercept = 100
    found = scan(write(tmp_path, first + second))
    (told,) = found.problems
    assert (told.severity, told.code) == (Severity.INFO, "series_of_several_volumes")
    assert f"told apart by {next(iter(trait))}: " in told.text
    assert [image.grid.shape[0] for image in found.images] == [4, 4]
    means = [dicoms.load(image).pixels.mean() for image in found.images]
    assert means[1] - means[0] == pytest.approx(100)


def test_slices_taken_one_after_another_stay_one_volume(tmp_path):
    slices = planes(count=6)
    for number, item in enumerate(slices):
        item.AcquisitionNumber = number
        item.AcquisitionTime = f"1200{number:02d}"
    assert [image.grid.shape[0] for image in scan(write(tmp_path, slices)).images] == [6]


def test_a_file_that_lies_there_twice_is_used_once_and_told(tmp_path):
    write(tmp_path / "ct", planes(count=5))
    shutil.copy(tmp_path / "ct" / "IM0002", tmp_path / "ct" / "IM0002 copy")
    found = scan(tmp_path)
    assert [image.grid.shape[0] for image in found.images] == [5]
    (problem,) = found.problems
    assert (problem.severity, problem.code, problem.about) == (Severity.WARNING, "duplicate_slices", "ct")


def test_two_slices_at_one_place_with_different_pixels_leave_the_series_out(tmp_path):
    slices = planes(count=5)
    other = planes(count=5)[2]
    other.SOPInstanceUID = uid(9)
    other.PixelData = bytes(len(other.PixelData))
    found = scan(write(tmp_path, [*slices, other]))
    assert not found.images
    assert codes(found) == ["duplicate_slices_differ"]


def test_a_missing_slice_leaves_out_that_series_and_no_other(tmp_path):
    gone = planes(count=7, SeriesInstanceUID=uid(101))
    del gone[3]
    write(tmp_path / "P01" / "gone", gone)
    write(tmp_path / "P01" / "whole", planes(count=7))
    found = scan(tmp_path)
    assert [image.id for image in found.images] == [uid(100)]
    assert [(problem.code, problem.about) for problem in found.problems] == [("missing_slices", "P01/gone")]


def test_two_patients_in_one_series_leave_it_out_without_telling_who(tmp_path):
    slices = planes(count=4)
    slices[1].PatientID = "H-0815"
    found = scan(write(tmp_path, slices))
    assert not found.images
    (problem,) = found.problems
    assert (problem.severity, problem.code) == (Severity.ERROR, "two_patients_in_series")
    assert "0815" not in str(problem)


def test_a_series_of_which_one_file_is_cut_short_is_left_out_whole(tmp_path):
    write(tmp_path, planes(count=5))
    path = tmp_path / "IM0004"
    path.write_bytes(path.read_bytes()[:-100])
    found = scan(tmp_path)
    assert not found.images
    assert codes(found) == ["dicom_truncated"]


@pytest.mark.parametrize("length", [140, 700, 1000])
def test_a_header_that_breaks_off_is_an_error_and_never_another_kind_of_object(tmp_path, length):
    save(planes(count=1)[0], tmp_path / "a.dcm")
    whole = (tmp_path / "a.dcm").read_bytes()
    (tmp_path / "a.dcm").write_bytes(whole[:length])
    found = scan(tmp_path)
    assert not found.images
    assert {problem.severity for problem in found.problems} == {Severity.ERROR}


@pytest.mark.parametrize("keyword", ["ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"])
@pytest.mark.parametrize("value", [None, [0, 0, 0, 0, 0, 0]])
def test_a_ct_slice_that_cannot_be_placed_leaves_its_series_out_and_names_the_element(
    tmp_path, keyword, value
):
    slices = planes(count=3)
    setattr(slices[1], keyword, value)
    found = scan(write(tmp_path, slices))
    assert not found.images
    (problem,) = found.problems
    assert problem.code == "dicom_tag_missing"
    assert keyword in problem.text


def enhanced(count=6, *, order=None, **elements):
    """A multi-frame CT made of the classic slices of the ball, its frames in any order."""
    from pydicom import Dataset

    slices = planes(dicoms.OBLIQUE, count=count)
    order = order if order is not None else range(count)
    frames = [np.frombuffer(slices[index].PixelData, np.int16).reshape(32, 44) for index in order]
    made = dataset("ECT", np.stack(frames), NumberOfFrames=count, FrameOfReferenceUID=uid(7), **elements)

    def item(**values):
        inner = Dataset()
        for keyword, value in values.items():
            setattr(inner, keyword, value)
        return inner

    made.SharedFunctionalGroupsSequence = [
        item(
            PixelMeasuresSequence=[item(PixelSpacing=list(dicoms.PIXEL), SliceThickness=4)],
            PlaneOrientationSequence=[item(ImageOrientationPatient=list(dicoms.OBLIQUE))],
        )
    ]
    made.PerFrameFunctionalGroupsSequence = [
        item(
            PlanePositionSequence=[item(ImagePositionPatient=slices[index].ImagePositionPatient)],
            PixelValueTransformationSequence=[item(RescaleSlope=1, RescaleIntercept=-5 * index)],
        )
        for index in order
    ]
    return made


def test_a_multi_frame_ct_gives_the_volume_of_its_single_slices_with_each_frames_own_rescale(tmp_path):
    classic = dicoms.only(write(tmp_path / "classic", planes(dicoms.OBLIQUE, count=6)))
    save(enhanced(order=[3, 0, 5, 1, 4, 2]), tmp_path / "enhanced" / "one.dcm")
    image = dicoms.only(tmp_path / "enhanced")
    assert image.modality is Modality.CT
    assert image.grid.affine == pytest.approx(classic.grid.affine)
    lower = -5 * np.arange(6)[::-1, None, None]
    assert np.array_equal(image.pixels, classic.pixels + lower)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.5"])
def test_a_multi_frame_ct_is_the_same_however_it_is_stored(tmp_path, syntax):
    save(enhanced(order=[3, 0, 5, 1, 4, 2]), tmp_path / "explicit" / "one.dcm")
    made = enhanced(order=[3, 0, 5, 1, 4, 2])
    if syntax.endswith(".5"):
        made.compress(syntax, generate_instance_uid=False)
    elif syntax.endswith(".2.2"):
        made.PixelData = np.frombuffer(made.PixelData, np.int16).byteswap().tobytes()
    made.file_meta.TransferSyntaxUID = syntax
    (tmp_path / "other").mkdir()
    made.save_as(
        tmp_path / "other" / "one.dcm", implicit_vr=syntax.endswith(".10008.1.2"),
        little_endian=not syntax.endswith(".2.2"), enforce_file_format=True,
    )  # fmt: skip
    assert np.array_equal(dicoms.only(tmp_path / "other").pixels, dicoms.only(tmp_path / "explicit").pixels)


def test_a_multi_frame_ct_with_two_frames_at_one_place_is_refused_in_one_line(tmp_path):
    made = enhanced()
    made.PerFrameFunctionalGroupsSequence[1] = made.PerFrameFunctionalGroupsSequence[0]
    save(made, tmp_path / "one.dcm")
    found = scan(tmp_path)
    assert not found.images
    assert codes(found) == ["duplicate_slices_differ"]


def test_a_piece_of_a_concatenation_is_not_taken_for_the_whole(tmp_path):
    save(enhanced(ConcatenationUID=uid(77)), tmp_path / "one.dcm")
    assert codes(scan(tmp_path)) == ["multiframe_not_read"]


def test_two_series_in_one_folder_are_called_by_their_first_files(tmp_path):
    for number, folder in ((100, "a"), (101, "b")):
        for item, name in zip(planes(count=4, SeriesInstanceUID=uid(number)), range(4), strict=True):
            item.SOPInstanceUID = uid(10 * number + name)
            save(item, tmp_path / f"{folder}{name}")
    found = scan(tmp_path)
    assert sorted(image.location for image in found.images) == ["a0", "b0"]
    contents = read_folder(tmp_path, settings=Settings())
    assert "a0, b0" in next(p.text for p in contents.problems if p.code == "two_images_of_one_site")
    # Its files name neither patient nor site.
    assert {patient.id for patient in contents.cohort.patients} == {"H-4711"}
    assert {image.site for image in contents.cohort.images} == {"ct"}


def test_a_series_that_shares_its_folder_with_what_is_no_volume_is_called_by_it(tmp_path):
    write(tmp_path / "ct", planes(count=4))
    save(dataset("SR", SeriesInstanceUID=uid(300)), tmp_path / "ct" / "report")
    save(dataset("CR", np.ones((3, 4), np.uint16), SeriesInstanceUID=uid(301)), tmp_path / "ct" / "x")
    assert sorted(image.location for image in scan(tmp_path).images) == ["ct", "ct/x"]


def test_series_that_spread_over_folders_of_one_folder_are_not_called_alike(tmp_path):
    for number, folders in ((100, "ab"), (101, "cd")):
        for index, item in enumerate(planes(count=4, SeriesInstanceUID=uid(number))):
            item.SOPInstanceUID = uid(10 * number + index)
            save(item, tmp_path / "ct" / folders[index % 2] / f"{index}")
    assert sorted(image.location for image in scan(tmp_path).images) == ["ct/a/0", "ct/c/0"]


def test_volumes_of_one_series_in_one_folder_are_not_called_alike(tmp_path):
    slices = planes(count=4, EchoTime=10) + planes(count=4, EchoTime=20)
    for number, item in enumerate(slices):
        item.SOPInstanceUID = uid(2000 + number)
        save(item, tmp_path / "P01" / "mr" / f"IM{number}")
    contents = read_folder(tmp_path, settings=Settings())
    assert [image.location for image in contents.cohort.images] == ["P01/mr/IM0", "P01/mr/IM4"]
    assert {(p.id, image.site) for p in contents.cohort.patients for image in p.images} == {("P01", "mr")}
    (told,) = [p for p in contents.problems if p.code == "series_of_several_volumes"]
    assert told.about == "P01/mr"
    assert "EchoTime: P01/mr/IM0 (10.0), P01/mr/IM4 (20.0)" in told.text


@pytest.mark.parametrize(("length", "code"), [(150, "dicom_unreadable"), (300, "dicom_truncated")])
def test_a_gap_left_by_a_truncated_slice_is_about_the_series_and_names_place_and_file(tmp_path, length, code):
    for number, item in enumerate(planes(count=12)):
        path = save(item, tmp_path / "P01" / "ct" / f"IM{number:02d}")
        if number == 5:
            path.write_bytes(path.read_bytes()[:length])
    found = scan(tmp_path)
    assert not found.images
    by_code = {problem.code: problem for problem in found.problems}
    assert set(by_code) == {code, "missing_slices"}
    assert by_code[code].about == "P01/ct/IM05"
    missing = by_code["missing_slices"]
    assert missing.about == "P01/ct"
    assert missing.text.startswith("1 slice is missing, the first between 29")
    assert "P01/ct/IM05 beside them cannot be read" in missing.text


def test_a_slice_whose_header_breaks_off_after_its_series_leaves_that_series_out_and_says_so(tmp_path):
    for number, item in enumerate(planes(count=12)):
        path = save(item, tmp_path / "P01" / "ct" / f"IM{number:02d}")
        if number == 5:
            data = path.read_bytes()
            path.write_bytes(data[: data.index(b"\x28\x00\x10\x00US") - 2])
    found = scan(tmp_path)
    assert not found.images
    (problem,) = found.problems
    assert (problem.severity, problem.code, problem.about) == (
        Severity.ERROR,
        "dicom_truncated",
        "P01/ct/IM05",
    )
    assert "its series" in problem.text
