"""Many frames in one file: parted as slices are, placed and valued each by its own functional groups."""

import shutil

import dicoms
import highdicom as hd
import numpy as np
import pytest
from dicoms import dataset, planes, save, scan, uid, write
from drawn import graphic, write_gsps

from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.settings import Settings
from lesionkit.core.units import Unit
from lesionkit.io.dicom.seg import read_seg
from lesionkit.io.drawings import find_drawings, load_drawing
from lesionkit.io.folder import read_folder

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

EMR = "1.2.840.10008.5.1.4.1.1.4.1"
LEGACY_CT = "1.2.840.10008.5.1.4.1.1.2.2"
LEGACY_MR = "1.2.840.10008.5.1.4.1.1.4.4"


def group(**values):
    """A sequence item; a value that is a dict becomes a sequence of one item."""
    from pydicom import Dataset, Sequence

    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, Sequence([group(**value)]) if isinstance(value, dict) else value)
    return made


def frame_of(item, **groups):
    """What a frame says of a slice."""
    rescale = {
        "RescaleSlope": item.RescaleSlope,
        "RescaleIntercept": item.RescaleIntercept,
        "RescaleType": "HU",
    }
    own = {
        "PlanePositionSequence": {"ImagePositionPatient": item.ImagePositionPatient},
        "PlaneOrientationSequence": {"ImageOrientationPatient": item.ImageOrientationPatient},
        "PixelMeasuresSequence": {"PixelSpacing": item.PixelSpacing, "SliceThickness": 3},
        "PixelValueTransformationSequence": rescale,
    }
    return group(**(own | groups))


def multiframe(frames, **elements):
    """One file of slices, each with the functional groups beside it."""
    slices = [item for item, _ in frames]
    pixels = np.stack([np.frombuffer(item.PixelData, np.int16).reshape(32, 44) for item in slices])
    made = dataset("ECT", pixels, NumberOfFrames=len(frames), FrameOfReferenceUID=uid(7), **elements)
    made.PerFrameFunctionalGroupsSequence = [frame_of(item, **groups) for item, groups in frames]
    return made


def shuffled(frames):
    return [frames[index] for index in np.random.default_rng(8).permutation(len(frames))]


def two(first, second, *, count=5):
    """Frames of two volumes at the same places; of the second, every value is higher by 100."""
    again = planes(count=count, RescaleIntercept=100)
    return shuffled([(item, first) for item in planes(count=count)] + [(item, second) for item in again])


def echo(time):
    return {"MREchoSequence": {"EffectiveEchoTime": time}}


def content(**values):
    return {"FrameContentSequence": values}


def gradient(*direction):
    inner = {"DiffusionGradientOrientation": list(direction)}
    return {"MRDiffusionSequence": {"DiffusionBValue": 800.0, "DiffusionGradientDirectionSequence": inner}}


@pytest.mark.parametrize(
    ("first", "second", "trait"),
    [
        (echo(10.0), echo(20.0), "EffectiveEchoTime"),
        (
            {"MRDiffusionSequence": {"DiffusionBValue": 0.0}},
            {"MRDiffusionSequence": {"DiffusionBValue": 800.0}},
            "DiffusionBValue",
        ),
        (gradient(1.0, 0.0, 0.0), gradient(0.0, 0.6, 0.8), "DiffusionGradientOrientation"),
        (content(TemporalPositionIndex=1), content(TemporalPositionIndex=2), "TemporalPositionIndex"),
        (content(StackID="1"), content(StackID="2"), "StackID"),
        (content(FrameAcquisitionNumber=1), content(FrameAcquisitionNumber=2), "FrameAcquisitionNumber"),
        (
            {"MRImageFrameTypeSequence": {"FrameType": ["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE"]}},
            {"MRImageFrameTypeSequence": {"FrameType": ["DERIVED", "PRIMARY", "DIFFUSION", "ADC"]}},
            "FrameType",
        ),
        (
            {"MRImageFrameTypeSequence": {"ComplexImageComponent": "MAGNITUDE"}},
            {"MRImageFrameTypeSequence": {"ComplexImageComponent": "PHASE"}},
            "ComplexImageComponent",
        ),
        (
            {"MRModifierSequence": {"InversionTimes": 100.0}},
            {"MRModifierSequence": {"InversionTimes": 900.0}},
            "InversionTimes",
        ),
        (
            {"CardiacSynchronizationSequence": {"NominalCardiacTriggerDelayTime": 0.0}},
            {"CardiacSynchronizationSequence": {"NominalCardiacTriggerDelayTime": 40.0}},
            "NominalCardiacTriggerDelayTime",
        ),
        ({"CTReconstructionSequence": {"ConvolutionKernel": "B30f"}},
         {"CTReconstructionSequence": {"ConvolutionKernel": "B70f"}}, "ConvolutionKernel"),
        ({"UnassignedPerFrameConvertedAttributesSequence": {"EchoTime": 10}},
         {"UnassignedPerFrameConvertedAttributesSequence": {"EchoTime": 20}}, "EchoTime"),
    ],
)  # fmt: skip
def test_volumes_in_one_file_are_parted_by_what_tells_their_frames_apart(tmp_path, first, second, trait):
    save(multiframe(two(first, second)), tmp_path / "P01" / "one.dcm")
    classic = dicoms.only(write(tmp_path / "classic", planes(count=5)))
    found = scan(tmp_path / "P01")
    (told,) = found.problems
    assert (told.severity, told.code, told.about) == (Severity.INFO, "series_of_several_volumes", "one.dcm")
    assert f"told apart by {trait}: one.dcm#1 (" in told.text
    assert [image.id for image in found.images] == [uid(100), f"{uid(100)}#2"]
    assert [image.location for image in found.images] == ["one.dcm#1", "one.dcm#2"]
    images = sorted((dicoms.load(image) for image in found.images), key=lambda image: image.pixels.min())
    for image, higher in zip(images, (0, 100), strict=True):
        assert image.grid.affine == pytest.approx(classic.grid.affine)
        assert np.array_equal(image.pixels, classic.pixels + higher)
        assert image.intensity_unit is Unit.HU


def test_volumes_that_only_the_dimension_index_tells_apart_are_parted_by_it(tmp_path):
    numbered = []
    for item, _ in two({}, {}):
        place, volume = round(float(item.ImagePositionPatient[2])), 1 + bool(item.RescaleIntercept)
        numbered.append((item, content(DimensionIndexValues=[place, volume])))
    save(multiframe(numbered), tmp_path / "one.dcm")
    found = scan(tmp_path)
    assert [problem.code for problem in found.problems] == ["series_of_several_volumes"]
    ends = [dicoms.load(image).pixels.min() for image in found.images]
    assert sorted(ends) == [ends[0], ends[0] + 100] or sorted(ends) == [ends[1], ends[1] + 100]
    assert [len(image.frames) for image in found.images] == [5, 5]


def test_two_orientations_in_one_file_are_two_volumes(tmp_path):
    frames = [(item, {}) for item in planes(count=4) + planes(dicoms.SAGITTAL, count=6)]
    save(multiframe(shuffled(frames)), tmp_path / "one.dcm")
    found = scan(tmp_path)
    assert sorted(image.grid.shape[0] for image in found.images) == [4, 6]
    for image in found.images:
        loaded = dicoms.load(image)
        assert np.linalg.det(loaded.grid.affine[:3, :3]) > 0
    assert "told apart" not in found.problems[0].text


def apart(**groups):
    slices = planes(count=12)
    first, second = slices[:4], slices[7:]
    return [(item, groups.get("first", {})) for item in first] + [
        (item, groups.get("second", {})) for item in second
    ]


def test_stacks_that_lie_apart_are_parted_by_their_names(tmp_path):
    frames = apart(first=content(StackID="L4"), second=content(StackID="L5"))
    save(multiframe(frames), tmp_path / "one.dcm")
    found = scan(tmp_path)
    assert [image.grid.shape[0] for image in found.images] == [4, 5]
    assert "StackID: one.dcm#1 (L4), one.dcm#2 (L5)" in found.problems[0].text


def test_a_gap_between_frames_of_one_stack_leaves_them_out_and_says_where(tmp_path):
    save(multiframe(apart(first=content(StackID="1"), second=content(StackID="1"))), tmp_path / "one.dcm")
    found = scan(tmp_path)
    assert not found.images
    (problem,) = found.problems
    assert (problem.code, problem.about) == ("missing_slices", "one.dcm")
    assert problem.text.startswith("3 slices are missing, the first between 2")


def test_the_gap_of_one_volume_keeps_no_other_of_the_file_out(tmp_path):
    frames = two(echo(10.0), echo(20.0))
    dropped = next(index for index, (item, groups) in enumerate(frames)
                   if groups == echo(20.0) and item.SOPInstanceUID == uid(1002))  # fmt: skip
    del frames[dropped]
    save(multiframe(frames), tmp_path / "one.dcm")
    found = scan(tmp_path)
    assert [image.grid.shape[0] for image in found.images] == [5]
    (problem,) = found.problems
    assert problem.code == "missing_slices"
    assert {problem.about, found.images[0].location} == {"one.dcm#1", "one.dcm#2"}


def test_volumes_of_a_compressed_file_are_those_of_a_plain_one(tmp_path):
    made = multiframe(two(echo(10.0), echo(20.0)))
    save(made, tmp_path / "plain" / "one.dcm")
    made.compress("1.2.840.10008.1.2.5", generate_instance_uid=False)
    save(made, tmp_path / "rle" / "one.dcm")
    for plain, packed in zip(scan(tmp_path / "plain").images, scan(tmp_path / "rle").images, strict=True):
        assert np.array_equal(dicoms.load(plain).pixels, dicoms.load(packed).pixels)


def test_volumes_of_several_files_are_numbered_by_the_files_identifiers_not_by_their_names(tmp_path):
    for names in ("ab", "ba"):
        for name, number in zip(names, (1, 2), strict=True):
            made = multiframe(two(echo(10.0), echo(20.0)), SOPInstanceUID=uid(number))
            save(made, tmp_path / names / f"{name}.dcm")
    first, second = (scan(tmp_path / names).images for names in ("ab", "ba"))
    assert [(i.id, i.instance_uids) for i in first] == [(i.id, i.instance_uids) for i in second]
    assert [image.location for image in second] == ["b.dcm#1", "b.dcm#2", "a.dcm#3", "a.dcm#4"]


def test_frames_that_are_localizers_or_projections_are_left_out(tmp_path):
    words = {"CTImageFrameTypeSequence": {"FrameType": ["ORIGINAL", "PRIMARY", "LOCALIZER", "NONE"]}}
    mip = {"CTImageFrameTypeSequence": {"FrameType": ["DERIVED", "PRIMARY", "VOLUME", "MAX_IP"]}}
    frames = [(item, {}) for item in planes(count=5)]
    frames += [(planes(dicoms.CORONAL, count=1)[0], words), (planes(count=1)[0], mip)]
    save(multiframe(shuffled(frames)), tmp_path / "one.dcm")
    found = scan(tmp_path)
    assert [image.grid.shape[0] for image in found.images] == [5]
    (problem,) = found.problems
    assert (problem.severity, problem.code) == (Severity.INFO, "dicom_not_an_image")
    assert problem.text.startswith("2 of its 7 frames are a localizer and a projection")


def test_values_of_another_kind_than_hu_are_not_called_so(tmp_path):
    made = multiframe([(item, {}) for item in planes(count=4)])
    for frame in made.PerFrameFunctionalGroupsSequence:
        frame.PixelValueTransformationSequence[0].RescaleType = "Z_EFF"
    save(made, tmp_path / "one.dcm")
    assert dicoms.only(tmp_path).intensity_unit is Unit.STORED


def test_the_same_file_twice_is_read_once_and_one_that_differs_not_at_all(tmp_path):
    path = save(multiframe([(item, {}) for item in planes(count=4)]), tmp_path / "a.dcm")
    shutil.copy(path, tmp_path / "b.dcm")
    found = scan(tmp_path)
    assert [image.location for image in found.images] == ["a.dcm"]
    assert [(p.code, p.about) for p in found.problems] == [("duplicate_images", "a.dcm")]
    save(multiframe([(item, {}) for item in planes(count=4, RescaleIntercept=5)]), tmp_path / "b.dcm")
    found = scan(tmp_path)
    assert not found.images
    assert [problem.code for problem in found.problems] == ["duplicate_images_differ"]


# Legacy-converted enhanced objects, made by highdicom from classic ones.


def classic(kind, count=6, **elements):
    made = planes(dicoms.OBLIQUE, count=count, **elements)
    for number, item in enumerate(made):
        item.SOPClassUID = item.file_meta.MediaStorageSOPClassUID = dicoms.CLASSES[kind]
        item.Modality = kind
        item.StudyInstanceUID, item.InstanceNumber = uid(50), number + 1
        item.StudyTime = item.AccessionNumber = item.StudyID = item.ReferringPhysicianName = ""
        item.PatientBirthDate = item.PatientSex = item.Manufacturer = ""
        item.SeriesNumber, item.ContentDate, item.ContentTime = 1, "20120301", "101010"
        item.AcquisitionDate, item.AcquisitionTime = "20120301", "101010"
        item.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        item.PatientPosition, item.BodyPartExamined = "HFS", "HAND"
        item.AcquisitionNumber = 1
        if kind == "MR":
            item.ScanningSequence, item.SequenceVariant, item.ScanOptions, item.MRAcquisitionType = (
                "SE",
                "SK",
                "",
                "2D",
            )
    return made


def converted(kind, slices):
    maker = {"CT": hd.legacy.LegacyConvertedEnhancedCTImage, "MR": hd.legacy.LegacyConvertedEnhancedMRImage}[
        kind
    ]
    return maker(
        slices, series_instance_uid=uid(101), series_number=2, sop_instance_uid=uid(500), instance_number=1
    )


@pytest.mark.parametrize(("kind", "sop_class"), [("CT", LEGACY_CT), ("MR", LEGACY_MR)])
def test_a_legacy_converted_file_gives_the_volume_of_its_single_slices(tmp_path, kind, sop_class):
    slices = classic(kind, EchoTime=12)
    write(tmp_path / "classic", slices)
    made = converted(kind, slices)
    assert made.SOPClassUID == sop_class
    made.save_as(tmp_path / "one.dcm")
    (plain,) = scan(tmp_path / "classic").images
    (found,) = scan(tmp_path).images[-1:]
    assert (found.id, found.modality, found.site) == (uid(101), Modality(kind), plain.site)
    assert found.dates[0][1] == plain.dates[0][1]
    ours, theirs = dicoms.load(found), dicoms.load(plain)
    assert ours.grid.affine == pytest.approx(theirs.grid.affine)
    assert np.array_equal(ours.pixels, theirs.pixels)
    assert ours.intensity_unit is theirs.intensity_unit is (Unit.HU if kind == "CT" else Unit.STORED)


def test_echoes_in_a_legacy_converted_file_are_parted(tmp_path):
    slices = classic("MR", EchoTime=10) + classic("MR", EchoTime=20, RescaleIntercept=100)
    for number, item in enumerate(slices):
        item.SOPInstanceUID, item.InstanceNumber = uid(2000 + number), number + 1
    converted("MR", slices).save_as(tmp_path / "one.dcm")
    found = scan(tmp_path)
    assert [image.grid.shape[0] for image in found.images] == [6, 6]
    assert "told apart by EchoTime" in found.problems[0].text


# What was drawn on one volume of a file is that volume's.


def refs(root):
    return {image.location: image for image in read_folder(root, settings=Settings()).cohort.images}


def segmentation_on(numbers, made):
    """A segmentation of one voxel per named frame (from 1) of a multi-frame file."""
    seg = dataset("SEG", np.zeros((len(numbers), 32, 44), np.uint8), NumberOfFrames=len(numbers))
    seg.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    seg.BitsAllocated = seg.BitsStored = 8
    seg.HighBit = 7
    seg.SegmentationType, seg.SegmentationFractionalType, seg.MaximumFractionalValue = (
        "FRACTIONAL",
        "OCCUPANCY",
        1,
    )
    seg.SOPInstanceUID, seg.SeriesInstanceUID, seg.FrameOfReferenceUID = uid(600), uid(601), uid(7)
    voxels = np.zeros((len(numbers), 32, 44), np.uint8)
    voxels[:, 5, 7] = 1
    seg.PixelData = voxels.tobytes()
    seg.SegmentSequence = [group(SegmentNumber=1, SegmentLabel="thumb", SegmentAlgorithmType="MANUAL")]
    seg.ReferencedSeriesSequence = [
        group(SeriesInstanceUID=uid(100), ReferencedInstanceSequence={"ReferencedSOPInstanceUID": uid(1)})
    ]
    seg.SharedFunctionalGroupsSequence = [group(
        PixelMeasuresSequence={"PixelSpacing": list(dicoms.PIXEL), "SliceThickness": 3},
        PlaneOrientationSequence={"ImageOrientationPatient": list(dicoms.AXIAL)},
    )]  # fmt: skip
    own = made.PerFrameFunctionalGroupsSequence
    seg.PerFrameFunctionalGroupsSequence = [
        group(
            PlanePositionSequence={
                "ImagePositionPatient": own[number - 1].PlanePositionSequence[0].ImagePositionPatient
            },
            SegmentIdentificationSequence={"ReferencedSegmentNumber": 1},
            DerivationImageSequence={
                "SourceImageSequence": {"ReferencedSOPInstanceUID": uid(1), "ReferencedFrameNumber": number}
            },
        )
        for number in numbers
    ]
    return seg


@pytest.mark.parametrize("volume", ["1", "2"])
def test_a_segmentation_belongs_to_the_volume_whose_frames_it_names(tmp_path, volume):
    made = multiframe(two(echo(10.0), echo(20.0)))
    save(made, tmp_path / "P01" / "one.dcm")
    images = refs(tmp_path)
    meant = images[f"P01/one.dcm#{volume}"]
    frames = [meant.frames[plane] + 1 for plane in (1, 2)]
    path = save(segmentation_on(frames, made), tmp_path / "P01" / "seg.dcm")
    for image in images.values():
        drawing, problems = read_seg(path, image=image)
        assert not problems
        assert (drawing is not None) == (image is meant)
    drawing, _ = read_seg(path, image=meant)
    (mask,) = drawing.deposits[0].regions
    assert (mask.origin, mask.voxels.shape) == ((1, 5, 7), (2, 1, 1))


def test_graphics_belong_to_the_volume_whose_frame_they_name_and_are_told_where_they_name_none(tmp_path):
    save(multiframe(two(echo(10.0), echo(20.0))), tmp_path / "P01" / "one.dcm")
    images = refs(tmp_path)
    meant = images["P01/one.dcm#2"]
    ring = np.array([[3, 4], [9, 4], [9, 12], [3, 4]], float)
    path = write_gsps(tmp_path / "P01" / "gsps.dcm", [graphic(ring)], images=[uid(1)])
    contents = read_folder(tmp_path, settings=Settings())
    drawings, problems = find_drawings(contents.cohort, contents.outline_files)
    assert not drawings
    assert [problem.code for problem in problems] == ["outlines_ambiguous"]

    import pydicom

    state = pydicom.dcmread(path)
    for item in (*state.GraphicAnnotationSequence, *state.ReferencedSeriesSequence):
        for image in item.get("ReferencedImageSequence", ()):
            image.ReferencedFrameNumber = meant.frames[3] + 1
    state.save_as(path)
    drawings, problems = find_drawings(contents.cohort, contents.outline_files)
    assert not problems
    assert list(drawings) == [meant.id]
    drawing, problems = load_drawing(drawings[meant.id][0], image=meant)
    assert not problems
    assert [region.plane for region in drawing.deposits[0].regions] == [3]


def test_a_label_map_is_named_by_the_volumes_number(tmp_path):
    save(multiframe(two(echo(10.0), echo(20.0))), tmp_path / "P01" / "one.dcm")
    (tmp_path / "P01" / "one#2.outlines.nii.gz").write_bytes(b"")
    contents = read_folder(tmp_path, settings=Settings())
    drawings, problems = find_drawings(contents.cohort, contents.outline_files)
    assert not problems
    assert list(drawings) == [f"{uid(100)}#2"]


def test_two_volumes_of_a_file_are_told_apart_by_the_table(tmp_path):
    save(multiframe(two(echo(10.0), echo(20.0))), tmp_path / "P01" / "one.dcm")
    codes = [problem.code for problem in read_folder(tmp_path, settings=Settings()).problems]
    assert "two_images_of_one_site" in codes
    (tmp_path / "images.csv").write_text("path,site\nP01/one.dcm#2,second-echo\n", encoding="utf-8")
    contents = read_folder(tmp_path, settings=Settings())
    assert sorted(image.site for image in contents.cohort.images) == ["one", "second-echo"]
    assert {patient.id for patient in contents.cohort.patients} == {"P01"}
    assert "two_images_of_one_site" not in [problem.code for problem in contents.problems]


# Bad input: one line each, nothing allocated for what is only announced.


def only_error(folder, code):
    found = scan(folder)
    assert not found.images
    (problem,) = found.problems
    assert (problem.severity, problem.code) == (Severity.ERROR, code)
    return problem


def whole():
    return multiframe([(item, {}) for item in planes(count=4)])


@pytest.mark.parametrize("frames", [5, 400, 2**31 - 1])
def test_more_frames_than_are_there_are_one_line(tmp_path, frames):
    made = whole()
    made.NumberOfFrames = frames
    save(made, tmp_path / "one.dcm")
    code = "dicom_absurd_size" if frames == 2**31 - 1 else "dicom_truncated"
    assert "one.dcm" in only_error(tmp_path, code).text


def test_a_multi_frame_file_that_is_cut_short_is_one_line(tmp_path):
    path = save(whole(), tmp_path / "one.dcm")
    path.write_bytes(path.read_bytes()[:-2000])
    only_error(tmp_path, "dicom_truncated")


def test_frames_of_four_billion_pixels_are_refused_without_making_room_for_them(tmp_path):
    from pydicom.encaps import encapsulate

    made = whole()
    made.Rows = made.Columns = 65535
    made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
    made.PixelData = encapsulate([b"abcd"] * 4)
    made["PixelData"].is_undefined_length = True
    save(made, tmp_path / "one.dcm")
    only_error(tmp_path, "dicom_absurd_size")


@pytest.mark.parametrize("kept", [0, 3])
def test_frames_that_do_not_say_where_they_lie_are_one_line(tmp_path, kept):
    made = whole()
    made.PerFrameFunctionalGroupsSequence = made.PerFrameFunctionalGroupsSequence[:kept]
    save(made, tmp_path / "one.dcm")
    only_error(tmp_path, "multiframe_not_read" if not kept else "dicom_tag_missing")


def test_functional_groups_nested_without_end_are_one_line(tmp_path):
    made = whole()
    del made.PerFrameFunctionalGroupsSequence, made.PixelData
    path = save(made, tmp_path / "one.dcm")
    item = b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    groups = b"\x00\x52\x30\x92SQ\x00\x00\xff\xff\xff\xff"
    nested = b"\x08\x00\x24\x91SQ\x00\x00\xff\xff\xff\xff"
    path.write_bytes(path.read_bytes() + groups + item + (nested + item) * 5000)
    only_error(tmp_path, "dicom_unreadable")


def test_a_multi_frame_file_that_changed_since_it_was_found_is_an_error_not_another_volume(tmp_path):
    from lesionkit.errors import ReadError

    path = save(whole(), tmp_path / "one.dcm")
    (found,) = scan(tmp_path).images
    save(multiframe([(item, {}) for item in planes(count=3)]), path)
    with pytest.raises(ReadError, match="not those found before"):
        dicoms.load(found)


@pytest.mark.parametrize("which", [0, 2, 4])
def test_a_frame_of_another_pixel_spacing_is_never_measured_by_that_of_the_others(tmp_path, which):
    frames = [(item, {}) for item in planes(count=5)]
    odd, usual = frames[which][0], [float(value) for value in frames[which][0].PixelSpacing]
    own = [2 * value for value in usual]
    frames[which] = odd, {"PixelMeasuresSequence": {"PixelSpacing": own, "SliceThickness": 3}}
    save(multiframe(frames), tmp_path / "one.dcm")
    images = scan(tmp_path).images
    spacings = {image.grid.shape[0]: list(image.grid.spacing_mm[1:]) for image in images}
    assert spacings[1] == pytest.approx(own)
    # Of the others, a gap in the middle leaves them out.
    assert set(spacings) == ({1} if which == 2 else {1, 4})
    assert spacings.get(4, usual) == pytest.approx(usual)
