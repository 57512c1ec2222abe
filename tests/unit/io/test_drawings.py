import json
from pathlib import Path

import numpy as np
import pytest
from dicoms import dataset, save
from pydicom.dataset import Dataset

from lesionkit.core.cohort import Cohort, Patient, Timepoint
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.outcome import Severity
from lesionkit.io.drawings import OutlineFormat, find_drawings, load_drawing, parse_name


def volume(root, location, *, shape=(3, 4, 5), count=3, uid=None):
    place = root / location
    return ImageRef(
        id=uid or location,
        modality=Modality.CT,
        site="ct",
        paths=tuple(place / f"{n}.dcm" for n in range(count)) if count > 1 else (place,),
        reader="dicom",
        location=location,
        grid=Grid(
            shape=shape,
            spacing_mm=(2.0, 0.5, 0.75),
            affine=np.diag([2.0, 0.5, 0.75, 1.0]),
            scale_source=ScaleSource.PATIENT_PLANE,
        ),
        series_uid=uid,
    )


def planar(root, location, *, uid=None):
    return ImageRef(
        id=location,
        modality=Modality.XC,
        site="hand",
        paths=(root / location,),
        reader="photo",
        location=location,
        grid=Grid(shape=(60, 80)),
        series_uid=uid,
    )


def cohort(root, *images):
    from datetime import date

    patient = Patient(id="P01", timepoints=(Timepoint(date=date(2012, 3, 1), images=images),))
    return Cohort(root=root, name="c", patients=(patient,))


def write(root, location, top=None):
    path = root / location
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(top or {"type": "FeatureCollection", "features": []}))
    return path


def found(root, images, *paths):
    drawings, problems = find_drawings(cohort(root, *images), paths)
    return {id_: [file.path.name for file in files] for id_, files in drawings.items()}, problems


@pytest.mark.parametrize(
    ("name", "image", "reader", "kind"),
    [
        ("left-hand.outlines.geojson", "left-hand", "", OutlineFormat.GEOJSON),
        ("left-hand.outlines.anna.geojson", "left-hand", "anna", OutlineFormat.GEOJSON),
        ("ct.outlines.nii.gz", "ct", "", OutlineFormat.LABEL_MAP),
        ("ct.outlines.anna.nii.gz", "ct", "anna", OutlineFormat.LABEL_MAP),
        ("ct.outlines.seg.nrrd", "ct", "", OutlineFormat.LABEL_MAP),
        ("ct.outlines.anna.seg.nrrd", "ct", "anna", OutlineFormat.LABEL_MAP),
        ("ct.outlines.NRRD", "ct", "", OutlineFormat.LABEL_MAP),
        ("1.2.840.outlines.nii", "1.2.840", "", OutlineFormat.LABEL_MAP),
        ("ct.outlines.anna.dcm", "ct", "anna", OutlineFormat.DICOM_SEG),
    ],
)
def test_a_name_says_image_reader_and_format(name, image, reader, kind):
    said = parse_name(Path(name))
    assert (said.image, said.reader, said.format) == (image, reader, kind)


@pytest.mark.parametrize(
    "name", ["left-hand.geojson", "left-hand.outlines.csv", ".outlines.geojson", "outlines.nii"]
)
def test_other_names_say_nothing(name):
    assert parse_name(Path(name)) is None


def test_outlines_lie_beside_their_image(tmp_path):
    images = [planar(tmp_path, "P01/left-hand.jpg"), planar(tmp_path, "P02/left-hand.jpg")]
    one = write(tmp_path, "P01/left-hand.outlines.geojson")
    two = write(tmp_path, "P01/left-hand.outlines.anna.geojson")
    drawings, problems = find_drawings(cohort(tmp_path, *images), [one, two])
    assert not problems
    assert list(drawings) == ["P01/left-hand.jpg"]
    assert [(file.reader, file.about) for file in drawings["P01/left-hand.jpg"]] == [
        ("", "P01/left-hand.outlines.geojson"),
        ("anna", "P01/left-hand.outlines.anna.geojson"),
    ]


def test_a_label_map_lies_beside_its_series_folder_or_its_single_file(tmp_path):
    images = [volume(tmp_path, "P01/ct"), volume(tmp_path, "P02/mr.nii.gz", count=1)]
    files = [write(tmp_path, "P01/ct.outlines.nii.gz"), write(tmp_path, "P02/mr.outlines.seg.nrrd")]
    drawings, problems = found(tmp_path, images, *files)
    assert not problems
    assert drawings == {"P01/ct": ["ct.outlines.nii.gz"], "P02/mr.nii.gz": ["mr.outlines.seg.nrrd"]}


@pytest.mark.parametrize(
    "name",
    [
        "P01/right-hand.outlines.geojson",
        "left-hand.outlines.geojson",
        "P01/ct/ct.outlines.nii.gz",
        "P01/ct.outlines.geojson",
    ],
)
def test_outlines_that_belong_to_no_image_are_told(tmp_path, name):
    images = [planar(tmp_path, "P01/left-hand.jpg"), volume(tmp_path, "P01/ct")]
    drawings, (problem,) = found(tmp_path, images, write(tmp_path, name))
    assert drawings == {}
    assert (problem.code, problem.severity, problem.about) == (
        "outlines_without_image",
        Severity.WARNING,
        name,
    )
    assert problem.hint


def test_a_file_named_as_dicom_outlines_that_holds_none_is_told(tmp_path):
    path = write(tmp_path, "P01/ct.outlines.dcm")
    drawings, (problem,) = found(tmp_path, [volume(tmp_path, "P01/ct")], path)
    assert drawings == {}
    assert (problem.code, problem.severity) == ("outlines_unreadable", Severity.ERROR)


def test_outlines_of_an_unknown_kind_are_told(tmp_path):
    path = write(tmp_path, "P01/left-hand.outlines.svg")
    _, (problem,) = found(tmp_path, [planar(tmp_path, "P01/left-hand.jpg")], path)
    assert problem.code == "outlines_misnamed"


def test_of_two_images_with_one_stem_the_header_decides(tmp_path):
    images = [planar(tmp_path, "P01/hand.jpg"), planar(tmp_path, "P01/hand.png")]
    path = write(
        tmp_path,
        "P01/hand.outlines.geojson",
        {"type": "FeatureCollection", "lesionkit": {"image": "hand.png"}, "features": []},
    )
    assert found(tmp_path, images, path) == ({"P01/hand.png": ["hand.outlines.geojson"]}, ())


def test_without_a_header_two_images_with_one_stem_get_no_outlines(tmp_path):
    images = [planar(tmp_path, "P01/hand.jpg"), planar(tmp_path, "P01/hand.png")]
    drawings, (problem,) = found(tmp_path, images, write(tmp_path, "P01/hand.outlines.geojson"))
    assert drawings == {}
    assert (problem.code, problem.severity) == ("outlines_ambiguous", Severity.ERROR)


def test_the_whole_file_name_tells_two_images_apart(tmp_path):
    images = [planar(tmp_path, "P01/hand.jpg"), planar(tmp_path, "P01/hand.png")]
    path = write(tmp_path, "P01/hand.jpg.outlines.geojson")
    assert found(tmp_path, images, path)[0] == {"P01/hand.jpg": ["hand.jpg.outlines.geojson"]}


def save_labels(path, shape):
    import SimpleITK as sitk

    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(sitk.GetImageFromArray(np.ones(shape, np.uint8)), str(path))
    return path


def test_of_two_series_in_one_folder_the_shape_decides(tmp_path):
    images = [
        volume(tmp_path, "P01/ct", shape=(3, 4, 5), uid="1.2.3"),
        volume(tmp_path, "P01/ct", shape=(6, 4, 5), uid="1.2.6"),
    ]
    path = save_labels(tmp_path / "P01/ct.outlines.nii.gz", (6, 4, 5))
    assert found(tmp_path, images, path) == ({"1.2.6": ["ct.outlines.nii.gz"]}, ())


def test_two_series_of_one_shape_in_one_folder_get_no_outlines(tmp_path):
    images = [volume(tmp_path, "P01/ct", uid="1.2.3"), volume(tmp_path, "P01/ct", uid="1.2.6")]
    path = save_labels(tmp_path / "P01/ct.outlines.nii.gz", (3, 4, 5))
    drawings, (problem,) = found(tmp_path, images, path)
    assert drawings == {}
    assert problem.code == "outlines_ambiguous"


def test_a_segmentation_finds_its_series_wherever_it_lies(tmp_path):
    images = [volume(tmp_path, "P01/ct", uid="1.2.3"), volume(tmp_path, "P02/ct", uid="1.2.6")]
    series = Dataset()
    series.SeriesInstanceUID = "1.2.3"
    path = save(dataset("SEG", ReferencedSeriesSequence=[series]), tmp_path / "segmentations/7.dcm")
    drawings, problems = find_drawings(cohort(tmp_path, *images), [path])
    assert not problems
    assert list(drawings) == ["1.2.3"]
    assert [file.format for file in drawings["1.2.3"]] == [OutlineFormat.DICOM_SEG]


def bowtie():
    ring = [[10, 10], [20, 20], [20, 10], [10, 20], [10, 10]]
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {}}


def load(root, top):
    image = planar(root, "P01/hand.jpg")
    path = write(root, "P01/hand.outlines.anna.geojson", top)
    drawings, _ = find_drawings(cohort(root, image), [path])
    (file,) = drawings[image.id]
    return load_drawing(file, image=image)


def test_an_empty_file_is_a_drawing_of_nothing(tmp_path):
    drawing, problems = load(tmp_path, {"type": "FeatureCollection", "features": []})
    assert (drawing.deposits, drawing.reader, problems) == ((), "anna", ())


def test_a_file_of_which_nothing_can_be_used_is_not_a_drawing_of_nothing(tmp_path):
    drawing, (problem,) = load(tmp_path, {"type": "FeatureCollection", "features": [bowtie()]})
    assert drawing is None
    assert (problem.code, problem.about) == ("outline_crosses_itself", "P01/hand.outlines.anna.geojson")


def test_a_bad_scale_does_not_undo_that_nothing_was_there(tmp_path):
    top = {"type": "FeatureCollection", "lesionkit": {"scale": {"source": "guess"}}, "features": []}
    drawing, (problem,) = load(tmp_path, top)
    assert drawing.deposits == ()
    assert problem.code == "scale_not_understood"


def test_a_file_that_is_no_outline_file_is_not_read(tmp_path):
    drawing, (problem,) = load(tmp_path, {"type": "Topology"})
    assert drawing is None
    assert problem.code == "outlines_unreadable"


def marked(*statuses):
    corners = [[[10, 10], [20, 10], [20, 20], [10, 10]]]
    geometry = {"type": "Polygon", "coordinates": corners}
    features = [
        {"type": "Feature", "geometry": geometry, "properties": {"status": status}} for status in statuses
    ]
    return {"type": "FeatureCollection", "features": features}


def test_what_was_taken_out_is_told_also_beside_what_cannot_be_judged(tmp_path):
    drawing, _ = load(tmp_path, marked("excised", "not-assessable"))
    assert ([d.id for d in drawing.removed], drawing.left_out) == (["1"], ("2",))


def test_a_file_of_nothing_but_what_cannot_be_judged_says_nothing(tmp_path):
    assert load(tmp_path, marked("not-assessable"))[0] is None
