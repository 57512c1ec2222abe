"""Segmentations of a large picture in tiles, made by highdicom, come back in one piece."""

from pathlib import Path

import highdicom as hd
import numpy as np
import pytest
from highdicom.sr.coding import CodedConcept
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, VLWholeSlideMicroscopyImageStorage

from lesionkit.core.grid import Grid
from lesionkit.core.image import ImageRef, Modality
from lesionkit.io.dicom.seg import read_seg
from lesionkit.io.dicom.seg_tiles import full_tiles

# Neither side of the picture is a whole number of tiles; a tile's bits do not fill bytes.
MATRIX, TILE = (11, 14), (4, 5)
UID = "1.2.826.0.1.3680043.8.498.9"
TISSUE = CodedConcept("49755003", "SCT", "Morphologically Abnormal Structure")


@pytest.fixture(scope="module")
def slide():
    """A tiled picture as highdicom wants it: tiles are known to slides only."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = VLWholeSlideMicroscopyImageStorage, f"{UID}.1"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = f"{UID}.2", f"{UID}.3", f"{UID}.4"
    for keyword in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
                    "StudyID", "AccessionNumber", "ReferringPhysicianName", "Manufacturer",
                    "PositionReferenceIndicator"):  # fmt: skip
        setattr(ds, keyword, "")
    ds.Modality, ds.SeriesNumber, ds.InstanceNumber = "SM", 1, 1
    ds.ContainerIdentifier, ds.IssuerOfTheContainerIdentifierSequence = "a", []
    ds.ContainerTypeCodeSequence = []
    specimen = Dataset()
    specimen.SpecimenIdentifier, specimen.SpecimenUID = "a", f"{UID}.5"
    specimen.IssuerOfTheSpecimenIdentifierSequence, specimen.SpecimenPreparationSequence = [], []
    ds.SpecimenDescriptionSequence = [specimen]
    ds.DimensionOrganizationType = "TILED_FULL"
    ds.TotalPixelMatrixRows, ds.TotalPixelMatrixColumns = MATRIX
    ds.TotalPixelMatrixFocalPlanes = ds.NumberOfOpticalPaths = 1
    ds.Rows, ds.Columns = TILE
    ds.NumberOfFrames = 9
    ds.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    origin = Dataset()
    origin.XOffsetInSlideCoordinateSystem = origin.YOffsetInSlideCoordinateSystem = 10.0
    ds.TotalPixelMatrixOriginSequence = [origin]
    shared, measures = Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [0.2, 0.3], 0.01
    shared.PixelMeasuresSequence = [measures]
    ds.SharedFunctionalGroupsSequence = [shared]
    ds.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.PixelData = bytes(4 * 5 * 9)
    return ds


def describe(number):
    return hd.seg.SegmentDescription(
        segment_number=number, segment_label=f"deposit {number}", segmented_property_category=TISSUE,
        segmented_property_type=TISSUE, algorithm_type="MANUAL",
    )  # fmt: skip


def drawn():
    """Two deposits, of which the first runs through four tiles; both reach an edge of the picture."""
    pixels = np.zeros((1, *MATRIX, 2), np.uint8)
    pixels[0, 2:9, 3:7, 0] = 1
    pixels[0, 10, 11:14, 1] = pixels[0, 0, 0, 1] = 1
    return pixels


def write(path, slide, pixels, *, kind="BINARY", organisation, **options):
    seg = hd.seg.Segmentation(
        source_images=[slide], pixel_array=pixels, segmentation_type=kind,
        segment_descriptions=[describe(number) for number in (1, 2)], series_instance_uid=f"{UID}.6",
        series_number=2, sop_instance_uid=f"{UID}.7", instance_number=1, manufacturer="a",
        manufacturer_model_name="b", software_versions="1", device_serial_number="2", tile_pixel_array=True,
        tile_size=TILE, dimension_organization_type=organisation, **options,
    )  # fmt: skip
    seg.save_as(path)
    return seg


def image(shape=MATRIX):
    return ImageRef(
        id="a", modality=Modality.XC, site="", paths=(Path("a"),), reader="dicom", location="a",
        grid=Grid(shape=shape), series_uid=f"{UID}.3", instance_uids=(f"{UID}.1",),
    )  # fmt: skip


def found(path):
    drawing, problems = read_seg(path, image=image())
    assert problems == ()
    pictures = np.zeros((len(drawing.deposits), *MATRIX), np.float32)
    for picture, deposit in zip(pictures, drawing.deposits, strict=True):
        (mask,) = deposit.regions
        picture[mask.box] = mask.voxels
    return pictures


@pytest.mark.parametrize("organisation", ["TILED_FULL", "TILED_SPARSE"])
def test_tiles_of_overlapping_segments_come_together(tmp_path, slide, organisation):
    pixels = drawn()
    pixels[0, 5, 5, 1] = 1
    seg = write(tmp_path / "a.dcm", slide, pixels, organisation=organisation, omit_empty_frames=False)
    assert seg.NumberOfFrames == 18
    assert np.array_equal(found(tmp_path / "a.dcm"), np.moveaxis(pixels[0], -1, 0))


def test_tiles_in_which_nothing_is_drawn_may_be_left_out(tmp_path, slide):
    seg = write(tmp_path / "a.dcm", slide, drawn(), organisation="TILED_SPARSE")
    assert seg.NumberOfFrames < 18
    assert np.array_equal(found(tmp_path / "a.dcm"), np.moveaxis(drawn()[0], -1, 0))


@pytest.mark.parametrize("organisation", ["TILED_FULL", "TILED_SPARSE"])
def test_tiles_of_a_label_map_come_together(tmp_path, slide, organisation):
    labels = drawn()[..., 0] + 2 * drawn()[..., 1]
    options = {"organisation": organisation, "omit_empty_frames": False}
    write(tmp_path / "a.dcm", slide, labels, kind="LABELMAP", **options)
    assert np.array_equal(found(tmp_path / "a.dcm"), np.moveaxis(drawn()[0], -1, 0))


def test_tiles_of_fractions_come_together(tmp_path, slide):
    parts = drawn() * np.float32(0.4)
    options = {"organisation": "TILED_FULL", "omit_empty_frames": False, "fractional_type": "OCCUPANCY"}
    write(tmp_path / "a.dcm", slide, parts, kind="FRACTIONAL", max_fractional_value=200, **options)
    assert found(tmp_path / "a.dcm") == pytest.approx(np.moveaxis(parts[0], -1, 0), abs=1e-6)


def test_tiles_lie_where_highdicom_says(tmp_path, slide):
    from highdicom.spatial import iter_tiled_full_frame_data

    seg = write(tmp_path / "a.dcm", slide, drawn(), organisation="TILED_FULL", omit_empty_frames=False)
    theirs = [(segment, row - 1, col - 1) for segment, _, col, row, *_ in iter_tiled_full_frame_data(seg)]
    assert [(segment, tile.row, tile.col) for segment, tile in full_tiles(seg)] == theirs


def test_tiles_of_another_picture_are_refused(tmp_path, slide):
    write(tmp_path / "a.dcm", slide, drawn(), organisation="TILED_FULL", omit_empty_frames=False)
    drawing, (problem,) = read_seg(tmp_path / "a.dcm", image=image((14, 11)))
    assert drawing is None
    assert problem.code == "outlines_not_on_the_grid"


@pytest.mark.parametrize(
    "broken",
    [
        {"TotalPixelMatrixRows": 13},
        {
            "TotalPixelMatrixRows": 2**31 - 1,
            "TotalPixelMatrixColumns": 2**31 - 1,
            "NumberOfFrames": 2**31 - 1,
        },
        {"TotalPixelMatrixFocalPlanes": 3},
        {"TotalPixelMatrixRows": None},
    ],
)
def test_tiles_that_do_not_make_up_their_picture_are_one_clear_problem(tmp_path, slide, broken):
    seg = write(tmp_path / "a.dcm", slide, drawn(), organisation="TILED_FULL", omit_empty_frames=False)
    for keyword, value in broken.items():
        setattr(seg, keyword, value)
    seg.save_as(tmp_path / "a.dcm")
    drawing, (problem,) = read_seg(tmp_path / "a.dcm", image=image())
    assert drawing is None
    assert problem.code == "outlines_unreadable"
