"""Real DICOM is read as others read it, or refused in one clear line."""

from pathlib import Path

import dicoms
import numpy as np
import numpy.typing as npt
import pytest

from lesionkit.core.grid import ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.units import Unit
from lesionkit.io.dicom import READER


@pytest.mark.parametrize(("name", "unit"), [("CT", Unit.HU), ("MR_T1", Unit.STORED)])
def test_the_sarcoma_series_lie_and_read_as_their_nifti_twins(shared: Path, name: str, unit: Unit) -> None:
    import SimpleITK as sitk

    found = dicoms.scan(shared / "sarcoma" / name)
    (image_found,) = found.images
    assert not found.problems
    assert len(found.outlines) == 1
    image = dicoms.load(image_found)
    twin = sitk.ReadImage(str(shared / "sarcoma" / "nifti" / f"{name}_image.nii.gz"))
    assert image.intensity_unit is unit
    assert image.pixels.dtype == np.int16
    # ITK counts the planes upwards, we count them downwards, both in LPS.
    planes, rows, cols = image.pixels.shape
    corners = [(p, r, c) for p in (0, planes - 1) for r in (0, rows - 1) for c in (0, cols - 1)]
    places = [twin.TransformContinuousIndexToPhysicalPoint((c, r, planes - 1 - p)) for p, r, c in corners]
    assert image.grid.locate(corners) == pytest.approx(np.array(places), abs=0.01)
    assert np.array_equal(image.pixels, sitk.GetArrayFromImage(twin)[::-1])


def test_a_tilted_gantry_shears_the_grid_and_leaves_localizer_and_screens_out(shared: Path) -> None:
    found = dicoms.scan(shared / "ct-tilt")
    (image,) = found.images
    assert image.location == "tilted"
    assert image.grid.shape == (28, 512, 512)
    assert image.grid.affine is not None
    assert image.grid.affine[:3, 0] == pytest.approx((0, 0, -2.5), abs=1e-4)
    normal = np.cross(image.grid.affine[:3, 2], image.grid.affine[:3, 1])
    normal /= np.linalg.norm(normal)
    assert normal == pytest.approx((0, 0.3173, 0.9483), abs=1e-4)
    assert image.grid.voxel_volume_mm3 == pytest.approx(
        2.5 * np.cos(np.radians(18.5)) * 0.482421875**2, rel=1e-4
    )
    assert {(problem.severity, problem.code, problem.about) for problem in found.problems} == {
        (Severity.INFO, "dicom_not_an_image", "localizer/I10"),
        (Severity.INFO, "dicom_not_an_image", "summary"),
    }
    assert len(found.problems) == 2
    assert dicoms.load(image).intensity_unit is Unit.HU


def test_the_hand_radiograph_with_a_broken_stream_loads_at_the_detectors_scale(shared: Path) -> None:
    (found,) = (i for i in dicoms.scan(shared / "radiographs").images if i.modality is Modality.CR)
    assert found.grid.spacing_mm == (0.115, 0.115)
    assert found.grid.scale_source is ScaleSource.DETECTOR_PLANE
    assert found.site == "hand-pa"
    image = dicoms.load(found)
    assert image.pixels.shape == (2500, 2048)
    assert (image.pixels.min(), image.pixels.max()) == (1, 4095)


def test_a_monochrome1_radiograph_is_turned_bright_where_dense(shared: Path) -> None:
    import pydicom

    (found,) = (i for i in dicoms.scan(shared / "radiographs").images if i.modality is Modality.DX)
    stored = pydicom.dcmread(found.paths[0]).pixel_array
    assert np.array_equal(dicoms.load(found).pixels, 255 - stored)
    assert found.grid.spacing_mm == pytest.approx((1.2, 1.2012))


LOSSLESS = (
    "BigEndian",
    "Deflated",
    "JPEG2000LosslessOnly",
    "JPEGLSLossless",
    "Process14",
    "LittleEndian",
    "RLE",
)


def pixels_of(path: Path) -> npt.NDArray[np.generic]:
    (found,) = READER.scan([path], root=path.parent).images
    return dicoms.load(found).pixels


def test_every_transfer_syntax_is_read_and_the_lossless_ones_give_the_same_pixels(shared: Path) -> None:
    import pydicom

    pytest.importorskip("imagecodecs")
    folder = shared / "transfer-syntaxes"
    truth = pixels_of(folder / "CTImage.dcm").astype(float)
    paths = sorted(folder.glob("CTImage.dcm_*"))
    assert len(paths) == 15
    for path in paths:
        off = np.abs(pixels_of(path) - truth)
        # What was lost is told in steps of the stored values: some were rescaled before they were compressed.
        step = float(pydicom.dcmread(path, stop_before_pixels=True).RescaleSlope)
        lossless = any(word in path.name for word in LOSSLESS)
        assert off.max() <= (0 if lossless else 18 * step), path.name
        assert np.percentile(off, 99) <= (0 if lossless else 8 * step), path.name


def test_an_enhanced_ct_of_12_bit_jpegs_in_fragments_is_a_volume(shared: Path) -> None:
    pytest.importorskip("imagecodecs")
    pixels = pixels_of(shared / "transfer-syntaxes" / "CT0012.fragmented_no_bot_jpeg_baseline.51.dcm")
    assert pixels.shape == (2, 512, 512)
    assert (pixels.min(), pixels.max()) == (-14, 1199)


def test_pydicoms_series_of_five_slices_is_one_volume() -> None:
    folder = (
        Path(str(pytest.importorskip("pydicom").__file__)).parent / "data" / "test_files" / "dicomdirtests"
    )
    found = dicoms.scan(folder / "98892001" / "CT5N")
    assert [(image.grid.shape, image.patient) for image in found.images] == [((5, 16, 16), "98890234")]
    assert not found.problems
