import itertools
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from lesionkit.core.grid import ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.units import Unit
from lesionkit.errors import ReadError
from lesionkit.io.readers import READERS
from lesionkit.io.volume import READER

SPACING_XYZ = (0.7, 0.6, 2.5)
ORIENTATIONS = [
    "".join(letters)
    for pairs in itertools.permutations(("RL", "AP", "IS"))
    for letters in itertools.product(*pairs)
]


def itk_image(array, *, spacing=SPACING_XYZ, origin=(-12.0, 34.5, 60.25)):
    image = SimpleITK.GetImageFromArray(array)
    image.SetSpacing(spacing[: image.GetDimension()])
    image.SetOrigin(origin[: image.GetDimension()])
    return image


def numbered(shape=(4, 5, 6), dtype=np.int16):
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def write(path, image, **options):
    SimpleITK.WriteImage(image, str(path), **options)
    return path


def scan(path):
    return READER.scan([path], root=path.parent)


def ref(path, modality=Modality.CT):
    scanned = scan(path)
    assert scanned.problems == ()
    return scanned.images[0].placed(modality=modality, site="forearm")


def problem(path):
    scanned = scan(path)
    assert scanned.images == ()
    (found,) = scanned.problems
    assert (found.code, found.severity, found.about) == ("volume_unreadable", "error", path.name)
    assert "\n" not in found.text
    assert str(path.parent) not in found.text + found.hint
    return found.text


def test_the_entry_point_leads_here():
    assert READERS.load("volume") is READER


@pytest.mark.parametrize("name", ["a.nii", "a.NII.GZ", "a.nrrd", "a.nhdr"])
def test_it_bids_for_nifti_and_nrrd(name):
    assert READER.bid(Path(name)) > 0.5


@pytest.mark.parametrize(
    "name", ["a.jpg", "a.gz", "ct.seg.nrrd", "ct.outlines.nii.gz", "ct.outlines.AB.nrrd"]
)
def test_it_does_not_bid_for_other_files_nor_for_outlines(name):
    assert READER.bid(Path(name)) == 0


@pytest.mark.parametrize("suffix", [".nrrd", ".nii"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_however_its_axes_run_every_voxel_lies_where_itk_says(tmp_path, orientation, suffix):
    image = SimpleITK.DICOMOrient(itk_image(numbered()), orientation)
    loaded_ref = ref(write(tmp_path / f"a{suffix}", image))
    loaded = READER.load(loaded_ref)
    assert np.linalg.det(loaded.grid.affine[:3, :3]) == pytest.approx(0.7 * 0.6 * 2.5, rel=1e-6)
    for value in (0, 1, 37, 119):
        z, y, x = (int(n[0]) for n in np.nonzero(SimpleITK.GetArrayFromImage(image) == value))
        expected = image.TransformIndexToPhysicalPoint((x, y, z))
        (where,) = np.argwhere(loaded.pixels == value)
        tolerance = 1e-9 if suffix == ".nrrd" else 1e-4  # NIfTI keeps float32
        assert loaded.grid.locate([where])[0] == pytest.approx(expected, abs=tolerance)


def test_the_header_tells_place_spacing_and_source(tmp_path):
    (tmp_path / "P01").mkdir()
    path = write(tmp_path / "P01" / "ct.nrrd", itk_image(numbered()))
    (found,) = READER.scan([path], root=tmp_path).images
    assert (found.id, found.location, found.modality) == ("P01/ct.nrrd", "P01/ct.nrrd", None)
    assert found.grid.shape == (4, 5, 6)
    assert found.grid.spacing_mm == pytest.approx((2.5, 0.6, 0.7))
    assert found.grid.scale_source is ScaleSource.PATIENT_PLANE
    # Right-handed: an axial volume runs from head to feet.
    assert found.grid.affine[2, 0] == pytest.approx(-2.5)
    assert found.grid.affine[2, 3] == pytest.approx(60.25 + 3 * 2.5)


@pytest.mark.parametrize(
    ("modality", "unit"), [(Modality.CT, Unit.HU), (Modality.MR, Unit.STORED), (Modality.DX, Unit.STORED)]
)
def test_only_ct_is_in_hounsfield_units(tmp_path, modality, unit):
    path = write(tmp_path / "a.nrrd", itk_image(numbered()))
    assert READER.load(ref(path, modality)).intensity_unit is unit


@pytest.mark.parametrize(
    ("stored", "loaded"), [(np.int16, np.int16), (np.uint8, np.uint8), (np.float64, np.float32)]
)
def test_integers_stay_integers_and_doubles_become_single(tmp_path, stored, loaded):
    path = write(tmp_path / "a.nrrd", itk_image(numbered(dtype=stored)))
    image = READER.load(ref(path))
    assert image.pixels.dtype == loaded
    assert np.array_equal(image.pixels, numbered()[::-1])
    assert not image.pixels.flags.writeable


@pytest.mark.parametrize(("code", "mm"), [(0, 1.0), (1, 1000.0), (2, 1.0), (3, 0.001)])
def test_nifti_lengths_are_mm_whatever_they_are_counted_in(tmp_path, code, mm):
    path = write(tmp_path / "a.nii", itk_image(numbered()))
    data = bytearray(path.read_bytes())
    data[123] = code  # xyzt_units
    path.write_bytes(data)
    grid = ref(path).grid
    assert grid.spacing_mm == pytest.approx((2.5 * mm, 0.6 * mm, 0.7 * mm))
    assert grid.locate([[3, 0, 0]])[0] == pytest.approx(np.array((-12.0, 34.5, 60.25)) * mm)


def test_a_planar_file_has_a_spacing_nobody_vouches_for(tmp_path):
    grid = ref(write(tmp_path / "a.nrrd", itk_image(numbered((5, 6)))), Modality.DX).grid
    assert grid.shape == (5, 6)
    assert grid.spacing_mm == pytest.approx((0.6, 0.7))
    assert grid.scale_source is ScaleSource.UNSPECIFIED_PLANE


@pytest.mark.parametrize("order", "<>")
def test_nifti_2_is_one_clear_problem(tmp_path, order, capfd):
    path = tmp_path / "a.nii"
    path.write_bytes(struct.pack(f"{order}i8s", 540, b"n+2\0\r\n\x1a\n") + bytes(1000))
    assert problem(path) == "a.nii is NIfTI-2, which is not read."
    assert capfd.readouterr() == ("", "")


def test_the_other_byte_order_is_read(tmp_path):
    head = bytearray(352)
    struct.pack_into(">i36x8h", head, 0, 348, 3, 6, 5, 4, 1, 1, 1, 1)
    struct.pack_into(">hh2x8ff", head, 70, 4, 16, 1, 0.7, 0.6, 2.5, 1, 1, 1, 1, 352)
    struct.pack_into(">4s", head, 344, b"n+1")
    path = tmp_path / "a.nii"
    path.write_bytes(bytes(head) + numbered().astype(">i2").tobytes())
    image = READER.load(ref(path))
    assert image.grid.spacing_mm == pytest.approx((2.5, 0.6, 0.7))
    assert np.array_equal(image.pixels, numbered()[::-1])


def test_a_planar_file_of_one_by_one_has_no_scale(tmp_path):
    path = write(tmp_path / "a.nrrd", itk_image(numbered((5, 6)), spacing=(1.0, 1.0)))
    assert not ref(path, Modality.DX).grid.is_calibrated


def test_several_volumes_in_one_file_are_one_clear_problem(tmp_path):
    image = itk_image(numbered())
    path = write(tmp_path / "a.nii.gz", SimpleITK.JoinSeries([image, image]))
    assert problem(path) == "a.nii.gz has 4 axes; an image of one timepoint has two or three."


def test_several_values_per_voxel_are_one_clear_problem(tmp_path):
    image = itk_image(numbered())
    path = write(tmp_path / "a.nrrd", SimpleITK.Compose([image, image, image]))
    assert problem(path) == "a.nrrd holds 3 values per voxel; an image has one."


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.nrrd", "a.nhdr"])
def test_a_text_file_is_one_clear_problem(tmp_path, name, capfd):
    path = tmp_path / name
    path.write_text("hello")
    assert "cannot be read as" in problem(path)
    assert capfd.readouterr() == ("", "")


def sheared_nifti(path, *, with_qform):
    data = bytearray(write(path, itk_image(numbered())).read_bytes())
    rows = list(struct.unpack("<12f", data[280:328]))
    rows[6] += 0.8  # planes step along y as well
    data[280:328] = struct.pack("<12f", *rows)
    if not with_qform:
        data[252:254] = struct.pack("<h", 0)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("with_qform", [True, False])
def test_a_sheared_nifti_is_refused_rather_than_straightened(tmp_path, with_qform, capfd):
    path = sheared_nifti(tmp_path / "a.nii", with_qform=with_qform)
    assert "not perpendicular" in problem(path)
    assert capfd.readouterr() == ("", "")


def write_sheared_nrrd(path, column="(0.7,0,0)"):
    head = (
        "NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 6 5 4\n"
        f"space directions: {column} (0,0.6,0) (0,0.8,2.5)\nkinds: domain domain domain\n"
        "endian: little\nencoding: raw\nspace origin: (1,2,3)\n\n"
    )
    path.write_bytes(head.encode() + numbered().tobytes())
    return path


def test_planes_of_a_sheared_nrrd_are_apart_by_their_distance_along_the_normal(tmp_path):
    grid = ref(write_sheared_nrrd(tmp_path / "a.nrrd")).grid
    assert grid.spacing_mm == pytest.approx((2.5, 0.6, 0.7))
    assert grid.voxel_volume_mm3 == pytest.approx(2.5 * 0.6 * 0.7)
    assert grid.locate([[3, 0, 0], [2, 0, 0]]) == pytest.approx(np.array([[1, 2, 3], [1, 2.8, 5.5]]))


def test_rows_and_columns_that_are_not_perpendicular_are_a_problem(tmp_path):
    path = write_sheared_nrrd(tmp_path / "a.nrrd", column="(0.7,0.1,0)")
    assert problem(path) == "a.nrrd has rows and columns that are not perpendicular."


@pytest.mark.parametrize("size", [0.0, float("nan")])
def test_a_voxel_size_of_zero_is_not_taken_for_1_mm(tmp_path, size):
    path = write(tmp_path / "a.nii", itk_image(numbered()))
    data = bytearray(path.read_bytes())
    data[80:84] = struct.pack("<f", size)  # pixdim[1]
    data[252:256] = struct.pack("<hh", 0, 0)
    path.write_bytes(data)
    assert problem(path) == "a.nii gives no voxel size."


def test_a_truncated_nifti_is_found_by_its_header_alone(tmp_path):
    path = write(tmp_path / "a.nii", itk_image(numbered()))
    path.write_bytes(path.read_bytes()[:-10])
    assert problem(path) == "a.nii is truncated or damaged."


@pytest.mark.parametrize("name", ["a.nii.gz", "a.nrrd"])
def test_a_truncated_file_is_not_filled_with_zeros(tmp_path, name):
    noise = np.random.default_rng(5).integers(0, 999, (20, 30, 40)).astype(np.int16)
    path = write(tmp_path / name, itk_image(noise), useCompression=True)
    whole = ref(path)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(ReadError, match=f"{name} is truncated or damaged"):
        READER.load(whole)


def test_a_damaged_nifti_is_not_filled_with_zeros(tmp_path):
    noise = np.random.default_rng(5).integers(0, 999, (40, 60, 80)).astype(np.int16)
    path = write(tmp_path / "a.nii.gz", itk_image(noise))
    whole = ref(path)
    data = bytearray(path.read_bytes())
    data[-9000:-8990] = bytes(10)
    path.write_bytes(data)
    with pytest.raises(ReadError, match="truncated or damaged"):
        READER.load(whole)


def test_a_file_that_changed_since_it_was_found_is_refused(tmp_path):
    path = write(tmp_path / "a.nrrd", itk_image(numbered()))
    found = ref(path)
    write(path, itk_image(numbered((4, 5, 7))))
    with pytest.raises(ReadError, match="were found before"):
        READER.load(found)


def test_one_bad_file_does_not_stop_the_others(tmp_path):
    bad = tmp_path / "a.nrrd"
    bad.write_text("hello")
    good = write(tmp_path / "b.nrrd", itk_image(numbered()))
    scanned = READER.scan([bad, good], root=tmp_path)
    assert [image.id for image in scanned.images] == ["b.nrrd"]
    assert [found.about for found in scanned.problems] == ["a.nrrd"]
