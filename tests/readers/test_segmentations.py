"""DICOM segmentations made by highdicom, of the small series that ships with pydicom."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file, get_testdata_files

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.region import Status
from lesionkit.io.dicom.seg import read_seg, referred_series

SERIES = "1.3.6.1.4.1.5962.1.1.0.0.0.1196530851.28319.0.2"


@pytest.fixture(scope="module")
def image():
    """The series' three slices that follow one another; a fourth lies 200 mm away."""
    paths = [Path(path) for path in get_testdata_files("dicomdirtests/77654033/CT2/*")]
    slices = {path: pydicom.dcmread(path) for path in paths}
    height = {path: float(ds.ImagePositionPatient[2]) for path, ds in slices.items()}
    top_down = sorted((path for path in paths if height[path] > 0), key=lambda path: -height[path])
    first = slices[top_down[0]]
    rows_mm, cols_mm = (float(mm) for mm in first.PixelSpacing)
    affine = np.diag([1.0, 1.0, 1.0, 1.0])
    affine[:3, :3] = [[0, 0, cols_mm], [0, rows_mm, 0], [-1.25, 0, 0]]
    affine[:3, 3] = first.ImagePositionPatient
    grid = Grid(
        shape=(3, 16, 16), spacing_mm=(1.25, rows_mm, cols_mm), affine=affine,
        scale_source=ScaleSource.PATIENT_PLANE,
    )  # fmt: skip
    return ImageRef(
        id=SERIES, modality=Modality.CT, site="", paths=tuple(top_down), reader="dicom", location="CT2",
        grid=grid, series_uid=SERIES, instance_uids=tuple(slices[p].SOPInstanceUID for p in top_down),
    )  # fmt: skip


def frames_top_down(path):
    """Frames as pydicom reads them, in the order of their height."""
    ds = pydicom.dcmread(path)
    items = ds.PerFrameFunctionalGroupsSequence
    heights = [item.PlanePositionSequence[0].ImagePositionPatient[2] for item in items]
    return ds.pixel_array[np.argsort(heights)[::-1]]


def read(path, image):
    drawing, problems = read_seg(path, image=image)
    assert problems == ()
    assert referred_series(path) == (SERIES,)
    (deposit,) = drawing.deposits
    (segment,) = pydicom.dcmread(path, stop_before_pixels=True).SegmentSequence
    assert (deposit.name, deposit.tracking_uid) == (segment.TrackingID, segment.TrackingUID)
    assert (deposit.status, deposit.author) == (Status.SUGGESTED, "test v1.0")
    (mask,) = deposit.regions
    found = np.zeros((3, 16, 16), mask.voxels.dtype)
    found[mask.box] = mask.voxels
    return deposit, found


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("seg_image_ct_binary", "test segmentation of computed tomography image"),
        ("seg_image_ct_binary_fractional", "Bone"),
    ],
)
def test_yes_or_no_segments_hold_the_pixels_of_their_frames(shared, image, name, called):
    path = shared / "seg-sr" / f"{name}.dcm"
    deposit, found = read(path, image)
    assert deposit.name == called
    assert np.array_equal(found, frames_top_down(path) > 0)


def test_true_fractions_are_parts_of_255(shared, image):
    path = shared / "seg-sr" / "seg_image_ct_true_fractional.dcm"
    _, found = read(path, image)
    assert found == pytest.approx(frames_top_down(path) / 255, abs=1e-6)
    assert found.sum() == pytest.approx(frames_top_down(path).sum() / 255, rel=1e-6)


def test_segments_that_reach_onto_the_far_slice_are_not_measured_short(shared, image):
    drawing, problems = read_seg(shared / "seg-sr" / "seg_image_ct_binary_overlap.dcm", image=image)
    assert drawing.deposits == ()
    assert [problem.code for problem in problems] == ["segment_in_part_elsewhere"] * 2


def test_overlapping_segments_are_both_read(shared, image):
    path = shared / "seg-sr" / "seg_image_ct_binary_overlap.dcm"
    far = pydicom.dcmread(get_testdata_file("dicomdirtests/77654033/CT2/17106"), stop_before_pixels=True)
    whole = ImageRef(
        id=SERIES, modality=Modality.CT, site="", paths=(*image.paths, Path("17106")), reader="dicom",
        location="CT2", series_uid=SERIES, instance_uids=(*image.instance_uids, far.SOPInstanceUID),
        grid=Grid(shape=(4, 16, 16)),
    )  # fmt: skip
    drawing, problems = read_seg(path, image=whole)
    assert problems == ()
    assert [deposit.name for deposit in drawing.deposits] == ["Bone", "Spine"]
    told = pydicom.dcmread(path, stop_before_pixels=True).SegmentSequence
    assert [d.tracking_uid for d in drawing.deposits] == [segment.TrackingUID for segment in told]
    bone, spine = (int(deposit.regions[0].voxels.sum()) for deposit in drawing.deposits)
    assert (bone, spine) == (64, 16)


def test_a_radiograph_s_segment_is_planar(shared):
    path = shared / "seg-sr" / "seg_image_cr_binary.dcm"
    ds = pydicom.dcmread(path)
    (series,) = referred_series(path)
    source = ds.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0].ReferencedSOPInstanceUID
    ref = ImageRef(
        id="x", modality=Modality.CR, site="", paths=(Path("x"),), reader="dicom", location="x",
        grid=Grid(shape=(16, 16)), series_uid=series, instance_uids=(source,),
    )  # fmt: skip
    drawing, problems = read_seg(path, image=ref)
    assert problems == ()
    (deposit,) = drawing.deposits
    assert deposit.name == "test segmentation of x-ray image"
    assert deposit.tracking_uid == ds.SegmentSequence[0].TrackingUID
    (mask,) = deposit.regions
    found = np.zeros((16, 16), bool)
    found[mask.box] = mask.voxels
    assert np.array_equal(found, ds.pixel_array.reshape(16, 16) > 0)
