import copy
import math
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from highdicom.sr.coding import CodedConcept
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.region import Status
from lesionkit.io.dicom import READER
from lesionkit.io.dicom.seg import read_seg, referred_series

# An odd number of pixels per frame, so that frames of single bits do not begin at bytes.
PLANES, ROWS, COLS = SHAPE = (6, 5, 7)
ROW_MM, COL_MM, PLANE_MM = 0.6, 0.7, 2.5
TISSUE = CodedConcept("49755003", "SCT", "Morphologically Abnormal Structure")
CALCIFICATION = CodedConcept("18115005", "SCT", "Pathologic calcification")
UID = "1.2.826.0.1.3680043.8.498.7"


def slice_(plane, *, tilt=False, uid=UID):
    """One CT image; plane 0 lies nearest to the head."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, f"{uid}.1.{plane + 1}"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = f"{uid}.2", f"{uid}.3", f"{uid}.4"
    ds.PatientID, ds.PatientName, ds.PatientBirthDate, ds.PatientSex = "P01", "Sentinel^Name", "", ""
    ds.StudyDate, ds.StudyTime, ds.StudyID, ds.AccessionNumber = "20120301", "", "", ""
    ds.ReferringPhysicianName, ds.Manufacturer, ds.Modality = "", "", "CT"
    ds.SeriesNumber, ds.InstanceNumber = 1, plane + 1
    ds.ImageOrientationPatient = [1, 0, 0, 0, *tilted(tilt)]
    ds.ImagePositionPatient = [-10.0, 5.0, 100.0 - PLANE_MM * plane]
    ds.PixelSpacing, ds.SliceThickness = [ROW_MM, COL_MM], PLANE_MM
    ds.Rows, ds.Columns = ROWS, COLS
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.PixelData = bytes(ROWS * COLS * 2)
    return ds


def tilted(tilt):
    angle = math.radians(18.5 if tilt else 0.0)
    return [math.cos(angle), -math.sin(angle)]


def make_series(**options):
    return [slice_(plane, **options) for plane in range(PLANES)]


def make_ref(series, *, tilt=False, knows_instances=True, **changes):
    down = np.array([0.0, *tilted(tilt)])
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = (0, 0, -PLANE_MM), down * ROW_MM, (COL_MM, 0, 0)
    affine[:3, 3] = series[0].ImagePositionPatient
    grid = Grid(
        shape=SHAPE,
        spacing_mm=(PLANE_MM * abs(tilted(tilt)[0]), ROW_MM, COL_MM),
        affine=affine,
        frame_of_reference=f"{UID}.4",
        scale_source=ScaleSource.PATIENT_PLANE,
    )
    options = {
        "id": series[0].SeriesInstanceUID,
        "modality": Modality.CT,
        "site": "forearm",
        "paths": tuple(Path(f"{n}.dcm") for n in range(PLANES)),
        "reader": "dicom",
        "location": "P01/ct",
        "grid": grid,
        "series_uid": series[0].SeriesInstanceUID,
        "instance_uids": tuple(ds.SOPInstanceUID for ds in series) if knows_instances else (),
    }
    return ImageRef(**(options | changes))


def describe(number, *, label="Segment_1", tracking=None, algorithm="MANUAL"):
    identification = None
    if algorithm != "MANUAL":
        family = CodedConcept("123109", "DCM", "Manual Processing")
        identification = hd.AlgorithmIdentificationSequence(name="seeker", version="2.1", family=family)
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=label,
        segmented_property_category=TISSUE,
        segmented_property_type=CALCIFICATION,
        algorithm_type=algorithm,
        algorithm_identification=identification,
        tracking_id=tracking,
        tracking_uid=f"{UID}.9.{number}" if tracking else None,
    )


def make_seg(series, pixels, descriptions, *, kind="BINARY", **options):
    return hd.seg.Segmentation(
        source_images=series,
        pixel_array=pixels,
        segmentation_type=kind,
        segment_descriptions=descriptions,
        series_instance_uid=f"{UID}.5",
        series_number=2,
        sop_instance_uid=f"{UID}.6",
        instance_number=1,
        manufacturer="a",
        manufacturer_model_name="b",
        software_versions="1",
        device_serial_number="2",
        **options,
    )


def save(folder, seg):
    path = folder / "seg.dcm"
    seg.save_as(path)
    return path


def two_deposits():
    """Planes, rows, columns, segments: they overlap, and some planes hold neither."""
    pixels = np.zeros((*SHAPE, 2), np.uint8)
    pixels[1:4, 1:3, 2:6, 0] = 1
    pixels[3:5, 2:5, 4:7, 1] = 1
    pixels[4, 4, 6, 1] = 0
    return pixels


def read(path, image, **options):
    drawing, problems = read_seg(path, image=image, **options)
    assert problems == ()
    return drawing


def refusal(path, image):
    drawing, (problem,) = read_seg(path, image=image)
    assert drawing is None
    assert (problem.severity, problem.about) == ("error", "seg.dcm")
    assert str(path.parent) not in problem.text
    assert "Sentinel" not in problem.text
    return problem


def whole(deposit, dtype=np.uint8):
    pixels = np.zeros(SHAPE, dtype)
    (mask,) = deposit.regions
    pixels[mask.box] = mask.voxels
    return pixels


def assert_holds(drawing, pixels):
    assert len(drawing.deposits) == pixels.shape[-1]
    for segment, deposit in enumerate(drawing.deposits):
        assert np.array_equal(whole(deposit), pixels[..., segment])


NAMED = (describe(1, tracking="thumb"), describe(2, tracking="elbow"))


@pytest.mark.parametrize("knows_instances", [True, False])
@pytest.mark.parametrize("tilt", [False, True])
def test_overlapping_segments_lie_where_they_were_drawn(tmp_path, tilt, knows_instances):
    series = make_series(tilt=tilt)
    path = save(tmp_path, make_seg(series, two_deposits(), NAMED))
    drawing = read(path, make_ref(series, tilt=tilt, knows_instances=knows_instances), reader="AB")
    assert_holds(drawing, two_deposits())
    assert [(d.id, d.name, d.tracking_uid) for d in drawing.deposits] == [
        ("thumb", "thumb", f"{UID}.9.1"),
        ("elbow", "elbow", f"{UID}.9.2"),
    ]
    assert (drawing.image, drawing.reader) == (f"{UID}.3", "AB")


@pytest.mark.parametrize("knows_instances", [True, False])
def test_frames_may_come_in_any_order(tmp_path, knows_instances):
    series = make_series()
    seg = make_seg(series, two_deposits(), NAMED)
    order = [3, 0, 4, 2, 1]
    frames = seg.pixel_array[order]
    seg.PerFrameFunctionalGroupsSequence = [seg.PerFrameFunctionalGroupsSequence[n] for n in order]
    seg.PixelData = np.packbits(frames.ravel(), bitorder="little").tobytes() + b"\0"
    assert_holds(read(save(tmp_path, seg), make_ref(series, knows_instances=knows_instances)), two_deposits())


def test_empty_frames_may_be_kept(tmp_path):
    series = make_series()
    seg = make_seg(series, two_deposits(), NAMED, omit_empty_frames=False)
    assert seg.NumberOfFrames == 2 * PLANES
    assert_holds(read(save(tmp_path, seg), make_ref(series)), two_deposits())


def test_frames_that_name_no_image_are_placed_by_position(tmp_path):
    series = make_series()
    seg = make_seg(series, two_deposits(), NAMED)
    for frame in seg.PerFrameFunctionalGroupsSequence:
        del frame.DerivationImageSequence
    assert_holds(read(save(tmp_path, seg), make_ref(series)), two_deposits())


def moved(seg, by_mm):
    # highdicom lets frames share their position objects, hence each is given its own.
    for frame in seg.PerFrameFunctionalGroupsSequence:
        frame.PlanePositionSequence = copy.deepcopy(frame.PlanePositionSequence)
    for frame in seg.PerFrameFunctionalGroupsSequence:
        position = frame.PlanePositionSequence[0]
        position.ImagePositionPatient = list(np.add(position.ImagePositionPatient, by_mm))
    return seg


def test_frames_turned_round_against_the_image_are_turned_back(tmp_path):
    series = make_series()
    seg = make_seg(series, two_deposits()[:, ::-1, ::-1], NAMED)
    orientation = seg.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0]
    orientation.ImageOrientationPatient = [-1, 0, 0, 0, -1, 0]
    seg = moved(seg, ((COLS - 1) * COL_MM, (ROWS - 1) * ROW_MM, 0.0))
    assert_holds(read(save(tmp_path, seg), make_ref(series)), two_deposits())


@pytest.mark.parametrize(("off_rows", "is_read"), [(0.0, True), (0.4, False)])
@pytest.mark.parametrize("tilt", [False, True])
def test_frames_smaller_than_the_image_are_placed_by_position(tmp_path, tilt, off_rows, is_read):
    series = make_series(tilt=tilt)
    place = make_ref(series, tilt=tilt).grid.locate
    corners = place([[plane, 1 + off_rows, 2] for plane in range(PLANES)])
    seg = make_seg(
        series,
        two_deposits()[:, 1:, 2:],
        NAMED,
        plane_positions=[hd.PlanePositionSequence("PATIENT", corner) for corner in corners],
        plane_orientation=hd.PlaneOrientationSequence("PATIENT", series[0].ImageOrientationPatient),
        pixel_measures=hd.PixelMeasuresSequence([ROW_MM, COL_MM], PLANE_MM),
    )
    path = save(tmp_path, seg)
    assert pydicom.dcmread(path).Rows == ROWS - 1
    if is_read:
        assert_holds(read(path, make_ref(series, tilt=tilt)), two_deposits())
    else:
        assert refusal(path, make_ref(series, tilt=tilt)).code == "outlines_not_on_the_grid"


def test_frames_between_the_image_s_planes_are_refused(tmp_path):
    series = make_series()
    seg = moved(make_seg(series, two_deposits(), NAMED), (0.0, 0.0, PLANE_MM / 2))
    problem = refusal(save(tmp_path, seg), make_ref(series, knows_instances=False))
    assert problem.code == "outlines_not_on_the_grid"
    assert "1.2 mm off" in problem.text


def test_frames_outside_the_image_are_refused(tmp_path):
    series = make_series()
    seg = moved(make_seg(series, two_deposits(), NAMED), (0.0, 0.0, PLANE_MM * 2))
    problem = refusal(save(tmp_path, seg), make_ref(series, knows_instances=False))
    assert problem.code == "outlines_not_on_the_grid"
    assert "8 voxels of frame 1 lie outside the image" in problem.text


@pytest.mark.parametrize(("planes", "is_read"), [(0.2, True), (0.3, False)])
def test_a_frame_may_lie_a_little_off_the_plane_it_names(tmp_path, planes, is_read):
    series = make_series()
    path = save(tmp_path, moved(make_seg(series, two_deposits(), NAMED), (0.0, 0.0, planes * PLANE_MM)))
    if is_read:
        assert_holds(read(path, make_ref(series)), two_deposits())
    else:
        assert refusal(path, make_ref(series)).code == "outlines_not_on_the_grid"


def test_two_frames_of_a_segment_at_one_place_are_refused(tmp_path):
    series = make_series()
    seg = make_seg(series, two_deposits(), NAMED)
    items = seg.PerFrameFunctionalGroupsSequence
    items[1] = copy.deepcopy(items[0])
    assert "two frames of one segment lie at one place" in refusal(save(tmp_path, seg), make_ref(series)).text


def test_another_frame_of_reference_is_refused(tmp_path):
    series = make_series()
    seg = make_seg(series, two_deposits(), NAMED)
    seg.FrameOfReferenceUID = f"{UID}.77"
    problem = refusal(save(tmp_path, seg), make_ref(series, knows_instances=False))
    assert "another frame of reference" in problem.text


@pytest.mark.parametrize("meaning", ["PROBABILITY", "OCCUPANCY"])
def test_fractions_are_parts_of_the_greatest_value(tmp_path, meaning):
    series = make_series()
    fractions = np.zeros(SHAPE, np.float32)
    fractions[2, 1, 2:5] = (51 / 255, 1.0, 204 / 255)
    seg = make_seg(
        series, fractions, NAMED[:1], kind="FRACTIONAL", fractional_type=meaning, max_fractional_value=255
    )
    (deposit,) = read(save(tmp_path, seg), make_ref(series)).deposits
    assert deposit.regions[0].origin == (2, 1, 2)
    assert deposit.regions[0].voxels.ravel() == pytest.approx([0.2, 1.0, 0.8])
    assert deposit.regions[0].is_fractional


def test_fractions_of_nothing_but_yes_and_no_are_a_plain_mask(tmp_path):
    series = make_series()
    pixels = two_deposits()[..., :1].astype(np.float32)
    seg = make_seg(series, pixels, NAMED[:1], kind="FRACTIONAL", fractional_type="PROBABILITY")
    drawing = read(save(tmp_path, seg), make_ref(series))
    assert not drawing.deposits[0].regions[0].is_fractional
    assert_holds(drawing, two_deposits()[..., :1])


def test_segments_of_a_label_map_need_not_be_numbered_one_after_the_other(tmp_path):
    series = make_series()
    pixels = two_deposits()
    pixels[..., 0] *= 1 - pixels[..., 1]
    labels = pixels[..., 0] * 3 + pixels[..., 1] * 9
    described = (describe(3, tracking="thumb"), describe(9, tracking="elbow"))
    path = save(tmp_path, make_seg(series, labels, described, kind="LABELMAP"))
    drawing = read(path, make_ref(series))
    assert [d.name for d in drawing.deposits] == ["thumb", "elbow"]
    assert_holds(drawing, pixels)


def test_a_label_is_a_name_where_a_person_gave_it(tmp_path):
    series = make_series()
    described = (describe(1, label="left thumb"), describe(2, label="Segment_2"))
    drawing = read(save(tmp_path, make_seg(series, two_deposits(), described)), make_ref(series))
    assert [(d.id, d.name) for d in drawing.deposits] == [("left thumb", "left thumb"), ("2", None)]


def test_what_a_program_drew_alone_is_a_suggestion_of_that_program(tmp_path):
    series = make_series()
    described = (
        describe(1, tracking="thumb", algorithm="AUTOMATIC"),
        describe(2, tracking="elbow", algorithm="SEMIAUTOMATIC"),
    )
    seg = make_seg(series, two_deposits(), described, content_creator_name="Sentinel^Name")
    drawing = read(save(tmp_path, seg), make_ref(series))
    assert [(d.status, d.author) for d in drawing.deposits] == [
        (Status.SUGGESTED, "seeker 2.1"),
        (Status.DRAWN, ""),
    ]
    assert drawing.deposits[0].counts is False


def test_an_empty_segment_is_told_and_left_out(tmp_path):
    series = make_series()
    pixels = two_deposits()
    pixels[..., 1] = 0
    drawing, (problem,) = read_seg(save(tmp_path, make_seg(series, pixels, NAMED)), image=make_ref(series))
    assert [d.name for d in drawing.deposits] == ["thumb"]
    assert (problem.code, problem.severity) == ("segment_is_empty", "info")
    assert "elbow" in problem.text


def test_empty_segments_alone_mean_looked_and_nothing_there(tmp_path):
    series = make_series()
    seg = make_seg(series, two_deposits() * 0, NAMED, omit_empty_frames=False)
    drawing, problems = read_seg(save(tmp_path, seg), image=make_ref(series))
    assert drawing.deposits == ()
    assert [problem.code for problem in problems] == ["segment_is_empty"] * 2


def test_the_series_it_was_drawn_on_is_read_from_the_header(tmp_path):
    series = make_series()
    path = save(tmp_path, make_seg(series, two_deposits(), NAMED))
    assert referred_series(path) == (f"{UID}.3",)
    (tmp_path / "a.dcm").write_text("hello")
    assert referred_series(tmp_path / "a.dcm") == ()


def test_another_series_is_refused(tmp_path):
    series = make_series()
    path = save(tmp_path, make_seg(series, two_deposits(), NAMED))
    assert refusal(path, make_ref(series, series_uid=f"{UID}.33")).code == "seg_refers_to_another_series"


def test_an_image_that_is_no_segmentation_is_refused(tmp_path):
    series = make_series()
    series[0].save_as(tmp_path / "seg.dcm", enforce_file_format=True)
    problem = refusal(tmp_path / "seg.dcm", make_ref(series))
    assert (problem.code, problem.text) == ("outlines_unreadable", "seg.dcm is no DICOM segmentation.")


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_truncated_file_is_one_clear_problem(tmp_path, kept):
    series = make_series()
    fractions = np.random.default_rng(1).random(SHAPE).astype(np.float32)
    seg = make_seg(series, fractions, NAMED[:1], kind="FRACTIONAL", fractional_type="OCCUPANCY")
    path = save(tmp_path, seg)
    data = path.read_bytes()
    cut = len(data) - 40 if kept == 0.9 else len(data) // 2
    path.write_bytes(data[:cut])
    assert refusal(path, make_ref(series)).code == "outlines_unreadable"


@pytest.mark.parametrize("missing", ["MaximumFractionalValue", "Rows", "SegmentationType", "PixelData"])
def test_a_file_without_what_it_needs_is_one_clear_problem(tmp_path, missing):
    series = make_series()
    fractions = np.full(SHAPE, 0.5, np.float32)
    seg = make_seg(series, fractions, NAMED[:1], kind="FRACTIONAL", fractional_type="OCCUPANCY")
    delattr(seg, missing)
    drawing, (problem,) = read_seg(save(tmp_path, seg), image=make_ref(series))
    assert drawing is None
    assert problem.severity == "error"


def radiograph(number):
    ds = copy.deepcopy(slice_(number))
    ds.SOPClassUID, ds.Modality = DigitalXRayImageStorageForPresentation, "DX"
    for keyword in (
        "ImageOrientationPatient",
        "ImagePositionPatient",
        "FrameOfReferenceUID",
        "SliceThickness",
    ):
        delattr(ds, keyword)
    return ds


def planar_ref(ds):
    grid = Grid(shape=(ROWS, COLS), spacing_mm=(0.6, 0.7), scale_source=ScaleSource.PATIENT_PLANE)
    return make_ref(
        [slice_(0)], modality=Modality.DX, grid=grid, paths=(Path("x.dcm"),),
        instance_uids=(ds.SOPInstanceUID,),
    )  # fmt: skip


def test_a_segmentation_of_a_radiograph_is_planar(tmp_path):
    pixels = two_deposits()[3:4]
    path = save(tmp_path, make_seg([radiograph(0)], pixels, NAMED))
    drawing = read(path, planar_ref(radiograph(0)))
    for segment, deposit in enumerate(drawing.deposits):
        (mask,) = deposit.regions
        assert mask.voxels.ndim == 2
        found = np.zeros((ROWS, COLS), np.uint8)
        found[mask.box] = mask.voxels
        assert np.array_equal(found, pixels[0, ..., segment])


def test_another_radiograph_of_the_series_is_not_read_by_it(tmp_path):
    path = save(tmp_path, make_seg([radiograph(0)], two_deposits()[3:4], NAMED))
    assert read(path, planar_ref(radiograph(1))) is None


def test_a_radiograph_that_is_listed_but_not_drawn_on_was_looked_at(tmp_path):
    seg = make_seg([radiograph(0)], two_deposits()[3:4], NAMED)
    listed = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    listed.append(copy.deepcopy(listed[0]))
    listed[1].ReferencedSOPInstanceUID = radiograph(1).SOPInstanceUID
    drawing, problems = read_seg(save(tmp_path, seg), image=planar_ref(radiograph(1)))
    assert drawing.deposits == ()
    assert problems == ()


def test_another_volume_of_the_series_is_not_read_by_it(tmp_path):
    series = make_series()
    path = save(tmp_path, make_seg(series, two_deposits(), NAMED))
    other = tuple(f"{UID}.88.{n}" for n in range(PLANES))
    assert read(path, make_ref(series, instance_uids=other)) is None


def test_a_deposit_on_slices_that_are_missing_is_left_out_rather_than_measured_short(tmp_path):
    series = make_series()
    path = save(tmp_path, make_seg(series, two_deposits(), NAMED))
    image = make_ref(series)
    without = (*image.instance_uids[:4], f"{UID}.88.4", f"{UID}.88.5")
    drawing, (problem,) = read_seg(path, image=make_ref(series, instance_uids=without))
    assert [d.name for d in drawing.deposits] == ["thumb"]
    assert (problem.code, problem.severity) == ("segment_in_part_elsewhere", "error")
    assert "1 of the frames of segment elbow" in problem.text


def test_a_radiograph_of_another_shape_is_refused(tmp_path):
    path = save(tmp_path, make_seg([radiograph(0)], two_deposits()[3:4], NAMED))
    ref = planar_ref(radiograph(0))
    other = ImageRef(
        id="a", modality=Modality.DX, site="", paths=ref.paths, reader="dicom", location="a.dcm",
        grid=Grid(shape=(COLS, ROWS)),
    )  # fmt: skip
    assert refusal(path, other).code == "outlines_not_on_the_grid"


def test_pixels_are_those_that_pydicom_reads(tmp_path):
    series = make_series()
    path = save(tmp_path, make_seg(series, two_deposits(), NAMED))
    total = sum(int(d.regions[0].voxels.sum()) for d in read(path, make_ref(series)).deposits)
    assert total == int(pydicom.dcmread(path).pixel_array.sum())


@pytest.mark.parametrize("by_position", [False, True])
@pytest.mark.parametrize("tilt", [False, True])
def test_the_series_as_it_is_read_from_files_is_the_one_drawn_on(tmp_path, tilt, by_position):
    series = make_series(tilt=tilt)
    files = [tmp_path / f"{n}.dcm" for n in (3, 1, 5, 0, 2, 4)]
    for ds, file in zip(series, files, strict=True):
        ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = (
            ds.SOPClassUID, ds.SOPInstanceUID,
        )  # fmt: skip
        ds.save_as(file, enforce_file_format=True)
    seg = make_seg(series, two_deposits(), NAMED)
    if by_position:
        for frame in seg.PerFrameFunctionalGroupsSequence:
            del frame.DerivationImageSequence
    (found,) = READER.scan(files, root=tmp_path).images
    assert_holds(
        read(save(tmp_path, seg), found.placed(modality=Modality.CT, site="forearm")), two_deposits()
    )


def removed(path, image):
    """What a segmentation says of places: name, status and number of voxels."""
    drawing, problems = read_seg(path, image=image)
    found = [
        (d.name, d.status, int(d.regions[0].voxels.sum())) for d in (*drawing.removed, *drawing.unjudged)
    ]
    return drawing, found, [problem.code for problem in problems]


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL"])
@pytest.mark.parametrize("algorithm", ["MANUAL", "AUTOMATIC"])
@pytest.mark.parametrize("status", [Status.EXCISED, Status.EXTRUDED])
def test_a_label_that_ends_with_a_mark_tells_where_a_deposit_was(tmp_path, status, algorithm, kind):
    series = make_series()
    described = (describe(1, label=f"thumb ({status.value.title()}) ", algorithm=algorithm), NAMED[1])
    pixels = two_deposits() if kind == "BINARY" else two_deposits() * np.float32(0.5)
    path = save(tmp_path, make_seg(series, pixels, described, kind=kind))
    drawing, found, problems = removed(path, make_ref(series))
    assert found == [("thumb", status, 24)] if kind == "BINARY" else found[0][:2] == ("thumb", status)
    assert [d.name for d in drawing.deposits] == ["elbow"]
    assert (drawing.left_out, problems) == ((), [])
    assert drawing.removed[0].author == ""


@pytest.mark.parametrize("described", ["excised", "  EXCISED  "])
def test_a_description_that_is_the_mark_alone_says_the_same(tmp_path, described):
    series = make_series()
    seg = make_seg(series, two_deposits(), NAMED)
    seg.SegmentSequence[1].SegmentDescription = described
    drawing, found, problems = removed(save(tmp_path, seg), make_ref(series))
    assert [d.name for d in drawing.deposits] == ["thumb"]
    assert [(name, status) for name, status, _ in found] == [("elbow", Status.EXCISED)]
    assert problems == []


@pytest.mark.parametrize("described", ["", "Calcification", "to be excised", "drawn", "Morphology"])
def test_any_other_description_says_nothing(tmp_path, described):
    series = make_series()
    seg = make_seg(series, two_deposits(), NAMED)
    seg.SegmentSequence[1].SegmentDescription = described
    assert_holds(read(save(tmp_path, seg), make_ref(series)), two_deposits())


def test_a_place_that_cannot_be_judged_is_left_out_and_told(tmp_path):
    series = make_series()
    described = (describe(1, tracking="thumb", label="thumb (not assessable)"), NAMED[1])
    path = save(tmp_path, make_seg(series, two_deposits(), described))
    drawing, found, problems = removed(path, make_ref(series))
    assert found == [("thumb", Status.NOT_ASSESSABLE, 24)]
    assert (drawing.left_out, drawing.removed) == (("thumb",), ())
    assert problems == ["deposit_not_assessable"]


def test_a_marked_segment_without_a_voxel_leaves_its_deposit_unseen_rather_than_gone(tmp_path):
    series = make_series()
    pixels = two_deposits()
    pixels[..., 0] = 0
    described = (describe(1, label="thumb (excised)"), NAMED[1])
    path = save(tmp_path, make_seg(series, pixels, described))
    drawing, (problem,) = read_seg(path, image=make_ref(series))
    assert (drawing.removed, drawing.left_out) == ((), ("thumb",))
    assert (problem.code, problem.severity) == ("segment_is_empty", "warning")


def test_a_name_that_only_speaks_of_excision_is_measured_with_a_warning(tmp_path):
    series = make_series()
    described = (describe(1, label="thumb, partly excised"), NAMED[1])
    drawing, (problem,) = read_seg(
        save(tmp_path, make_seg(series, two_deposits(), described)), image=make_ref(series)
    )
    assert [d.name for d in drawing.deposits] == ["thumb, partly excised", "elbow"]
    assert (problem.code, problem.severity) == ("name_nearly_a_mark", "warning")
