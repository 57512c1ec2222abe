import itertools
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.region import Deposit, Mask, Outline, Status
from lesionkit.errors import OutlineError
from lesionkit.geometry.voxels import voxel_centroid
from lesionkit.io.labelmap import read_labelmap, write_labelmap
from lesionkit.io.volume import READER

SHAPE = (6, 8, 10)
SPACING_XYZ = (0.7, 0.6, 2.5)
ORIENTATIONS = [
    "".join(letters)
    for pairs in itertools.permutations(("RL", "AP", "IS"))
    for letters in itertools.product(*pairs)
]


def drawn():
    """Three deposits, in the planes' order of a file that runs from feet to head."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[1:3, 2:5, 3:4] = 1
    labels[4, 1:3, 6:9] = 2
    labels[2:5, 6, 8] = 7
    return labels


def itk_image(array, *, spacing=SPACING_XYZ, origin=(-12.0, 34.5, 60.25)):
    image = SimpleITK.GetImageFromArray(array)
    image.SetSpacing(spacing[: image.GetDimension()])
    image.SetOrigin(origin[: image.GetDimension()])
    return image


def write(path, image, meta=()):
    for key, text in dict(meta).items():
        image.SetMetaData(key, text)
    SimpleITK.WriteImage(image, str(path))
    return path


@pytest.fixture
def image(tmp_path):
    """An axial CT of the same voxels."""
    path = write(tmp_path / "ct.nrrd", itk_image(np.zeros(SHAPE, np.int16)))
    return READER.scan([path], root=tmp_path).images[0].placed(modality=Modality.CT, site="forearm")


@pytest.fixture
def radiograph(tmp_path):
    grid = Grid(shape=(8, 10), spacing_mm=(0.6, 0.7), scale_source=ScaleSource.PATIENT_PLANE)
    return ImageRef(
        id="P01/x.dcm", modality=Modality.DX, site="hand", paths=(tmp_path / "x.dcm",), reader="dicom",
        location="P01/x.dcm", grid=grid,
    )  # fmt: skip


def read(path, image, **options):
    drawing, problems = read_labelmap(path, image=image, **options)
    assert problems == ()
    return drawing


def refusal(path, image):
    drawing, (problem,) = read_labelmap(path, image=image)
    assert drawing is None
    assert problem.severity == "error"
    assert problem.about == path.name
    assert str(path.parent) not in problem.text
    return problem


def test_one_deposit_per_label_value_and_no_value_is_a_name(tmp_path, image):
    drawing = read(write(tmp_path / "ct.outlines.nii.gz", itk_image(drawn())), image, reader="AB")
    assert [(d.id, d.name, d.status, d.author) for d in drawing.deposits] == [
        ("1", None, Status.DRAWN, ""),
        ("2", None, Status.DRAWN, ""),
        ("7", None, Status.DRAWN, ""),
    ]
    assert (drawing.image, drawing.reader, len(drawing.files)) == (image.id, "AB", 1)


def test_masks_are_cropped_and_in_the_image_s_order_of_planes(tmp_path, image):
    drawing = read(write(tmp_path / "a.nrrd", itk_image(drawn())), image)
    whole = np.zeros(SHAPE, np.uint8)
    for deposit in drawing.deposits:
        (mask,) = deposit.regions
        assert mask.voxels.any(axis=(1, 2)).all()
        whole[mask.box][mask.voxels] = int(deposit.id)
    assert np.array_equal(whole, drawn()[::-1])


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_however_its_axes_run_every_deposit_lies_where_itk_says(tmp_path, image, orientation, suffix):
    labels = SimpleITK.DICOMOrient(itk_image(drawn()), orientation)
    statistics = SimpleITK.LabelShapeStatisticsImageFilter()
    statistics.Execute(labels)
    drawing = read(write(tmp_path / f"a.outlines{suffix}", labels), image)
    assert len(drawing.deposits) == 3
    for deposit in drawing.deposits:
        (mask,) = deposit.regions
        (centre,) = image.grid.locate([voxel_centroid(mask)])
        assert centre == pytest.approx(statistics.GetCentroid(int(deposit.id)), abs=1e-6)
        size_mm3 = mask.voxels.sum() * image.grid.voxel_volume_mm3
        assert size_mm3 == pytest.approx(statistics.GetPhysicalSize(int(deposit.id)))


def test_an_empty_map_means_looked_and_nothing_there(tmp_path, image):
    drawing = read(write(tmp_path / "a.nrrd", itk_image(drawn() * 0)), image)
    assert drawing.deposits == ()


def test_a_cropped_map_is_put_where_it_lies(tmp_path, image):
    cropped = itk_image(drawn())[2:10, 1:8, 1:6]
    drawing = read(write(tmp_path / "a.seg.nrrd", cropped), image)
    assert [d.regions[0].origin for d in drawing.deposits] == [(3, 2, 3), (1, 1, 6), (1, 6, 8)]


def test_a_map_of_another_grid_is_refused_with_its_difference(tmp_path, image):
    moved = itk_image(drawn(), origin=(-12.0, 34.8, 60.25))
    problem = refusal(write(tmp_path / "a.nrrd", moved), image)
    assert problem.code == "outlines_not_on_the_grid"
    assert problem.text.startswith("a.nrrd is not drawn on the voxels of ct.nrrd: its voxels lie between")
    assert "0.3 mm" in problem.text


def test_a_map_that_reaches_outside_is_refused(tmp_path, image):
    moved = itk_image(drawn(), origin=(-12.0, 34.5, 60.25 + 2 * 2.5))
    problem = refusal(write(tmp_path / "a.nrrd", moved), image)
    assert problem.code == "outlines_not_on_the_grid"
    assert "6 voxels of label 2 lie outside the image" in problem.text


def test_whole_numbers_stored_as_floats_are_labels(tmp_path, image):
    drawing = read(write(tmp_path / "a.nii.gz", itk_image(drawn().astype(np.float64))), image)
    assert [d.id for d in drawing.deposits] == ["1", "2", "7"]


@pytest.mark.parametrize("value", [0.5, np.nan, np.inf])
def test_other_numbers_are_not_labels(tmp_path, image, value):
    labels = drawn().astype(np.float32)
    labels[0, 0, 0] = value
    problem = refusal(write(tmp_path / "a.nrrd", itk_image(labels)), image)
    assert (problem.code, problem.text) == (
        "labels_not_whole_numbers", "a.nrrd is not a label map: the label values are not whole numbers."
    )  # fmt: skip


def test_numbers_below_zero_are_not_labels(tmp_path, image):
    problem = refusal(write(tmp_path / "a.nrrd", itk_image(-drawn().astype(np.int16))), image)
    assert (problem.code, problem.text) == (
        "labels_not_whole_numbers",
        "a.nrrd is not a label map: the label value -7 is below 0.",
    )


def test_high_label_values_are_read_without_a_place_for_each_below(tmp_path, image):
    labels = drawn().astype(np.int32) * 200_000_000
    drawing = read(write(tmp_path / "a.nrrd", itk_image(labels)), image)
    assert [d.id for d in drawing.deposits] == ["200000000", "400000000", "1400000000"]
    assert [int(d.regions[0].voxels.sum()) for d in drawing.deposits] == [6, 6, 3]


def test_a_text_file_is_one_clear_problem(tmp_path, image):
    (tmp_path / "a.nii.gz").write_text("hello")
    assert refusal(tmp_path / "a.nii.gz", image).code == "outlines_unreadable"


def test_several_values_per_voxel_are_no_labels(tmp_path, image):
    path = write(tmp_path / "a.nrrd", SimpleITK.Compose([itk_image(drawn())] * 2))
    assert refusal(path, image).text == "a.nrrd holds 2 values per voxel, not labels."


def test_the_file_is_named_as_the_caller_names_it(tmp_path, image):
    (tmp_path / "a.nrrd").write_text("hello")
    _, (problem,) = read_labelmap(tmp_path / "a.nrrd", image=image, about="P01/a.nrrd")
    assert problem.about == "P01/a.nrrd"


def segment(index, **fields):
    return {
        f"Segment{index}_{key}": str(value) for key, value in {"ID": f"Segment_{index}", **fields}.items()
    }


def test_segment_names_are_names_unless_slicer_made_them_up(tmp_path, image):
    meta = (
        segment(0, Name="thumb", LabelValue=2, Layer=0)
        | segment(1, Name="Segment_1", LabelValue=1, Layer=0)
        | segment(2, Name="Tissue", NameAutoGenerated=1, LabelValue=7, Layer=0)
    )
    drawing = read(write(tmp_path / "a.seg.nrrd", itk_image(drawn()), meta), image)
    found = [(d.id, d.name, int(d.regions[0].voxels.sum())) for d in drawing.deposits]
    assert found == [("thumb", "thumb", 6), ("2", None, 6), ("3", None, 3)]


def test_equal_names_stay_two_deposits_with_an_id_each(tmp_path, image):
    meta = segment(0, Name="thumb", LabelValue=1) | segment(1, Name="thumb", LabelValue=2)
    drawing = read(write(tmp_path / "a.seg.nrrd", itk_image(drawn()), meta), image)
    assert [(d.id, d.name) for d in drawing.deposits] == [
        ("thumb", "thumb"), ("thumb (2)", "thumb"), ("7", None)
    ]  # fmt: skip


def test_an_empty_segment_is_told_and_left_out(tmp_path, image):
    meta = segment(0, Name="thumb", LabelValue=1) | segment(1, Name="elbow", LabelValue=5)
    drawing, (problem,) = read_labelmap(
        write(tmp_path / "a.seg.nrrd", itk_image((drawn() == 1).astype(np.uint8)), meta), image=image
    )
    assert [d.name for d in drawing.deposits] == ["thumb"]
    assert (problem.code, problem.severity) == ("segment_is_empty", "info")
    assert "elbow" in problem.text


@pytest.mark.parametrize("says_layers", [True, False])
def test_overlapping_segments_lie_in_layers(tmp_path, image, says_layers):
    first, second = np.zeros((2, *SHAPE), np.uint8)
    first[1:4, 2:6, 3:6] = 1
    second[3:5, 4:7, 4:9] = 1
    told = [{"LabelValue": 1, "Layer": n} if says_layers else {} for n in range(2)]
    meta = segment(0, Name="thumb", **told[0]) | segment(1, Name="elbow", **told[1])
    path = write(tmp_path / "a.seg.nrrd", SimpleITK.Compose([itk_image(first), itk_image(second)]), meta)
    drawing = read(path, image)
    assert [(d.name, int(d.regions[0].voxels.sum())) for d in drawing.deposits] == [
        ("thumb", first.sum()), ("elbow", second.sum())
    ]  # fmt: skip


def test_segments_without_numbers_are_one_clear_problem(tmp_path, image):
    path = write(tmp_path / "a.seg.nrrd", itk_image(drawn()), segment(0, Name="thumb", LabelValue="one"))
    assert refusal(path, image).text == "a.seg.nrrd does not number its segments."


@pytest.mark.parametrize("planes", [None, 1])
def test_a_radiograph_s_map_lies_pixel_on_pixel(tmp_path, radiograph, planes):
    labels = drawn()[4] if planes is None else drawn()[4:5]
    path = write(tmp_path / "x.outlines.nrrd", itk_image(labels, spacing=(1.0, 1.0, 1.0)))
    found = [(d.id, d.regions[0].origin, d.regions[0].voxels.shape) for d in read(path, radiograph).deposits]
    assert found == [("2", (1, 6), (2, 3)), ("7", (6, 8), (1, 1))]


def test_a_radiograph_s_map_cropped_by_slicer_tells_its_offset(tmp_path, radiograph):
    meta = segment(0, Name="thumb", LabelValue=2) | {"Segmentation_ReferenceImageExtentOffset": "5 1 0"}
    path = write(tmp_path / "x.outlines.seg.nrrd", itk_image(drawn()[4:5, 1:4, 5:10]), meta)
    (deposit,) = read(path, radiograph).deposits
    assert deposit.regions[0].origin == (1, 6)


@pytest.mark.parametrize(
    ("offset", "why"), [("8 1 0", "lie outside"), ("-1 0 0", "lie outside"), ("?", "5 pixels")]
)
def test_an_offset_that_does_not_fit_is_one_clear_problem(tmp_path, radiograph, offset, why):
    meta = segment(0, Name="thumb", LabelValue=2) | {"Segmentation_ReferenceImageExtentOffset": offset}
    cropped = itk_image(np.full((1, 3, 5), 2, np.uint8))
    problem = refusal(write(tmp_path / "x.outlines.seg.nrrd", cropped, meta), radiograph)
    assert problem.code == "outlines_not_on_the_grid"
    assert why in problem.text


def test_a_radiograph_s_map_of_another_shape_is_refused(tmp_path, radiograph):
    problem = refusal(write(tmp_path / "x.outlines.nrrd", itk_image(drawn()[4].T)), radiograph)
    assert "it has 10 × 8 pixels, the image 8 × 10" in problem.text


def test_a_volume_s_map_is_not_a_radiograph_s_nor_the_other_way_round(tmp_path, image, radiograph):
    volume = write(tmp_path / "a.nrrd", itk_image(drawn()))
    planar = write(tmp_path / "b.nrrd", itk_image(drawn()[4]))
    assert "it has 6 planes, the image one" in refusal(volume, radiograph).text
    assert "it is planar, the image a volume" in refusal(planar, image).text


# Writing


def deposit(id_, origin, shape=(2, 2, 3), name=None, status=Status.DRAWN):
    mask = Mask(voxels=np.ones(shape, bool), origin=origin)
    return Deposit(id=id_, image="ct.nrrd", name=name, regions=(mask,), status=status)


def make_sheared(image):
    affine = np.array(image.grid.affine)
    affine[1, 0] += 0.8
    return Grid(shape=SHAPE, spacing_mm=image.grid.spacing_mm, affine=affine, scale_source="patient-plane")


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".seg.nrrd"])
def test_what_is_written_is_read_again(tmp_path, image, suffix):
    deposits = (deposit("a", (0, 1, 2), name="thumb"), deposit("b", (3, 4, 5)))
    write_labelmap(tmp_path / f"o{suffix}", deposits, image=image)
    found = read(tmp_path / f"o{suffix}", image).deposits
    assert [d.regions[0].origin for d in found] == [(0, 1, 2), (3, 4, 5)]
    assert [d.regions[0].voxels.shape for d in found] == [(2, 2, 3)] * 2
    assert [d.name for d in found] == (["thumb", None] if suffix == ".seg.nrrd" else [None, None])


def test_itk_finds_what_is_written_where_the_grid_says(tmp_path, image):
    write_labelmap(tmp_path / "o.nrrd", (deposit("a", (0, 1, 2)),), image=image.grid)
    written = SimpleITK.ReadImage(str(tmp_path / "o.nrrd"))
    statistics = SimpleITK.LabelShapeStatisticsImageFilter()
    statistics.Execute(written)
    (expected,) = image.grid.locate([[0.5, 1.5, 3.0]])
    assert statistics.GetCentroid(1) == pytest.approx(expected, abs=1e-9)
    assert np.linalg.det(np.reshape(written.GetDirection(), (3, 3))) == pytest.approx(1)


def test_a_sheared_grid_is_written_as_nrrd_only(tmp_path, image):
    grid = make_sheared(image)
    ref = ImageRef(
        id="a", modality=Modality.CT, site="", paths=(Path("a"),), reader="dicom", location="a", grid=grid
    )
    write_labelmap(tmp_path / "o.nrrd", (deposit("a", (1, 2, 3)),), image=grid)
    (found,) = read(tmp_path / "o.nrrd", ref).deposits
    assert found.regions[0].origin == (1, 2, 3)
    with pytest.raises(ValueError, match="sheared"):
        write_labelmap(tmp_path / "o.nii.gz", (), image=grid)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ct.nrrd", "o.nrrd"]


def test_no_deposits_make_an_empty_map(tmp_path, image):
    write_labelmap(tmp_path / "o.nii.gz", (), image=image)
    assert read(tmp_path / "o.nii.gz", image).deposits == ()


def test_outlines_become_the_pixels_they_enclose(tmp_path, image, radiograph):
    square = np.array([[0.5, 1.5], [0.5, 4.5], [2.5, 4.5], [2.5, 1.5]])
    on_plane = Deposit(id="a", image="ct.nrrd", regions=(Outline(exterior=square, plane=3),))
    flat = Deposit(id="a", image="x", regions=(Outline(exterior=square),))
    write_labelmap(tmp_path / "o.nrrd", (on_plane,), image=image)
    write_labelmap(tmp_path / "p.nrrd", (flat,), image=radiograph)
    assert read(tmp_path / "o.nrrd", image).deposits[0].regions[0].origin == (3, 1, 2)
    mask = read(tmp_path / "p.nrrd", radiograph).deposits[0].regions[0]
    assert (mask.origin, mask.voxels.shape, bool(mask.voxels.all())) == ((1, 2), (2, 3), True)


def test_overlapping_deposits_are_refused_and_nothing_is_written(tmp_path, image):
    overlapping = (deposit("a", (0, 1, 2)), deposit("b", (1, 2, 4)))
    with pytest.raises(OutlineError, match="deposits a and b overlap"):
        write_labelmap(tmp_path / "o.nrrd", overlapping, image=image)
    assert not (tmp_path / "o.nrrd").exists()


def test_parts_of_one_deposit_may_overlap(tmp_path, image):
    parts = (deposit("a", (0, 1, 2)).regions[0], deposit("a", (1, 2, 4)).regions[0])
    write_labelmap(tmp_path / "o.nrrd", (Deposit(id="a", image="ct", regions=parts),), image=image)
    (found,) = read(tmp_path / "o.nrrd", image).deposits
    assert int(found.regions[0].voxels.sum()) == 12 + 12 - 1


@pytest.mark.parametrize("origin", [(-1, 0, 0), (5, 0, 0), (0, 0, 8)])
def test_deposits_outside_the_image_are_refused(tmp_path, image, origin):
    with pytest.raises(OutlineError, match="deposit a lies outside"):
        write_labelmap(tmp_path / "o.nrrd", (deposit("a", origin),), image=image)


def test_fractions_are_refused(tmp_path, image):
    part = Mask(voxels=np.full((1, 1, 2), 0.5, np.float32), origin=(0, 0, 0))
    with pytest.raises(OutlineError, match="in part"):
        write_labelmap(tmp_path / "o.nrrd", (Deposit(id="a", image="ct", regions=(part,)),), image=image)


def test_many_deposits_keep_a_value_each(tmp_path):
    grid = Grid(shape=(20, 20), spacing_mm=(0.6, 0.7), scale_source=ScaleSource.MANIFEST)
    spots = tuple(deposit(str(n), divmod(n, 20), shape=(1, 1)) for n in range(300))
    write_labelmap(tmp_path / "o.nrrd", spots, image=grid)
    assert len(np.unique(SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(tmp_path / "o.nrrd"))))) == 301


def test_other_suffixes_are_refused(tmp_path, image):
    with pytest.raises(ValueError, match=r"\.nii"):
        write_labelmap(tmp_path / "o.png", (), image=image)


def test_a_segment_whose_name_ends_with_a_mark_is_a_place_and_no_deposit(tmp_path, image):
    tags = "Segmentation.Status:inprogress|"
    meta = (
        segment(0, Name="thumb ( Excised )", NameAutoGenerated=0, LabelValue=1, Layer=0, Tags=tags)
        | segment(1, Name="Segment_2 (extruded)", LabelValue=2, Layer=0)
        | segment(2, Name="wrist (not assessable)", LabelValue=7, Layer=0)
    )
    path = write(tmp_path / "a.seg.nrrd", itk_image(drawn()), meta)
    drawing, (problem,) = read_labelmap(path, image=image)
    assert drawing.deposits == ()
    assert [(d.name, d.status, int(d.regions[0].voxels.sum())) for d in drawing.removed] == [
        ("thumb", Status.EXCISED, 6),
        (None, Status.EXTRUDED, 6),
    ]
    assert [(d.name, d.status) for d in drawing.unjudged] == [("wrist", Status.NOT_ASSESSABLE)]
    assert drawing.left_out == ("wrist",)
    assert problem.code == "deposit_not_assessable"


def test_a_marked_segment_without_a_voxel_leaves_its_deposit_unseen_rather_than_gone(tmp_path, image):
    meta = segment(0, Name="thumb", LabelValue=1) | segment(1, Name="elbow (excised)", LabelValue=5)
    path = write(tmp_path / "a.seg.nrrd", itk_image((drawn() == 1).astype(np.uint8)), meta)
    drawing, (problem,) = read_labelmap(path, image=image)
    assert (drawing.removed, drawing.left_out) == ((), ("elbow",))
    assert (problem.code, problem.severity) == ("segment_is_empty", "warning")


def test_places_are_written_after_the_name_and_read_again(tmp_path, image):
    written = (
        deposit("a", (0, 1, 2), name="thumb"),
        deposit("b", (3, 4, 5), name="elbow", status=Status.EXCISED),
        deposit("c", (0, 4, 6), status=Status.EXTRUDED),
        deposit("d", (3, 1, 2), name="wrist", status=Status.NOT_ASSESSABLE),
    )
    path = tmp_path / "o.seg.nrrd"
    write_labelmap(path, written, image=image)
    itk = SimpleITK.ReadImage(str(path))
    names = [itk.GetMetaData(f"Segment{n}_Name") for n in range(4)]
    assert names == ["thumb", "elbow (excised)", "Segment_3 (extruded)", "wrist (not-assessable)"]
    drawing, _ = read_labelmap(path, image=image)
    found = (*drawing.deposits, *drawing.removed, *drawing.unjudged)
    assert [(d.name, d.status, d.regions[0].origin) for d in found] == [
        (d.name, d.status, d.regions[0].origin) for d in written
    ]


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd"])
@pytest.mark.parametrize("status", [Status.EXCISED, Status.EXTRUDED, Status.NOT_ASSESSABLE])
def test_a_map_without_names_refuses_what_it_cannot_say(tmp_path, image, suffix, status):
    with pytest.raises(OutlineError, match=status.value):
        write_labelmap(tmp_path / f"o{suffix}", (deposit("a", (0, 1, 2), status=status),), image=image)
    assert not (tmp_path / f"o{suffix}").exists()


def test_a_name_that_would_be_read_as_a_mark_is_refused(tmp_path, image):
    with pytest.raises(OutlineError, match="read as what became"):
        write_labelmap(
            tmp_path / "o.seg.nrrd", (deposit("a", (0, 1, 2), name="thumb (excised)"),), image=image
        )
