import numpy as np
import pytest
from dicoms import OBLIQUE, PIXEL, STEP, dataset, planes, save, scan, uid, write
from drawn import content, group, on_plane, reference, region, square, write_sr
from highdicom.spatial import ImageToReferenceTransformer

from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.region import Status
from lesionkit.io.dicom.sr import read_sr
from lesionkit.measure.size import size_of

RING = square((6.0, 10.0), (18.0, 30.0))
CLOSED = np.vstack([RING, RING[:1]])
PAIRS = CLOSED[:, ::-1] + 0.5
AREA = 12 * 20 * PIXEL[0] * PIXEL[1]
SPACE = uid(7)


@pytest.fixture
def image(tmp_path):
    write(tmp_path / "ct", planes(OBLIQUE, count=9))
    (found,) = scan(tmp_path).images
    return found.placed(modality=Modality.CT, site="hand")


def read(root, image, *groups, **more):
    return read_sr(write_sr(root / "sr.dcm", *groups, evidence=[image.series_uid]), image=image, **more)


def test_a_region_in_pixels_lies_on_its_slice_and_keeps_its_name_and_uid(tmp_path, image):
    drawn = region("POLYLINE", PAIRS, image=image.instance_uids[3])
    drawing, problems = read(tmp_path, image, group("thumb", drawn, tracking=uid(50)))
    assert problems == ()
    (deposit,) = drawing.deposits
    assert (deposit.name, deposit.tracking_uid) == ("thumb", uid(50))
    (outline,) = deposit.regions
    assert outline.plane == 3
    assert outline.exterior == pytest.approx(RING, abs=1e-5)


def test_pixels_are_counted_as_highdicom_counts_them(image):
    header = planes(OBLIQUE, count=9)[image.grid.shape[0] - 1 - 3]
    place = ImageToReferenceTransformer(
        image_position=header.ImagePositionPatient,
        image_orientation=header.ImageOrientationPatient,
        pixel_spacing=header.PixelSpacing,
    )
    ours = on_plane(image.grid.affine, 3, CLOSED)
    assert place(PAIRS) == pytest.approx(ours, abs=1e-4)


@pytest.mark.parametrize("graphic", ["POLYGON", "POLYLINE"])
def test_a_region_in_space_is_the_same_as_in_pixels(tmp_path, image, graphic):
    points = on_plane(image.grid.affine, 3, CLOSED)
    drawing, problems = read(tmp_path, image, group("thumb", region(graphic, points, space=SPACE)))
    assert problems == ()
    (outline,) = drawing.deposits[0].regions
    assert outline.plane == 3
    assert outline.exterior == pytest.approx(RING, abs=1e-3)


def test_a_volumetric_group_has_a_region_on_every_slice(tmp_path, image):
    drawn = [region("POLYLINE", PAIRS, image=image.instance_uids[plane]) for plane in (2, 3, 4)]
    drawing, problems = read(tmp_path, image, group("thumb", *drawn))
    assert problems == ()
    size = size_of(drawing.deposits[0].regions, image.grid)
    assert size.volume == pytest.approx(AREA * 3 * STEP, rel=1e-5)


def test_a_circle_has_its_area(tmp_path, image):
    drawn = region("CIRCLE", [[20.5, 15.5], [20.5, 9.5]], image=image.instance_uids[3])
    drawing, _ = read(tmp_path, image, group("thumb", drawn))
    (outline,) = drawing.deposits[0].regions
    size = size_of([outline], image.grid)
    assert size.area == pytest.approx(np.pi * 36 * PIXEL[0] * PIXEL[1], rel=1e-4)
    assert size.centroid == pytest.approx([3, 15, 20], abs=1e-4)


def test_a_polygon_in_pixels_needs_no_last_point(tmp_path, image):
    # The standard knows POLYGON in space only; who writes it in pixels means the same.
    drawn = region("POLYGON", PAIRS[:-1], image=image.instance_uids[3])
    drawing, problems = read(tmp_path, image, group("thumb", drawn))
    assert problems == ()
    assert size_of(drawing.deposits[0].regions, image.grid).area == pytest.approx(AREA, rel=1e-5)


@pytest.mark.parametrize("space", ["", SPACE])
def test_an_ellipse_is_within_its_tolerance_of_the_curve(tmp_path, image, space):
    middle, half = np.array([14.0, 21.0]), np.array([[3.0, 4.0], [-2.0, 1.5]])
    ends = np.array([middle - half[0], middle + half[0], middle - half[1], middle + half[1]])
    if space:
        ends = on_plane(image.grid.affine, 3, ends)
        drawn = region("ELLIPSE", ends, space=space)
    else:
        drawn = region("ELLIPSE", ends[:, ::-1] + 0.5, image=image.instance_uids[3])
    drawing, problems = read(tmp_path, image, group("thumb", drawn))
    assert problems == ()
    (outline,) = drawing.deposits[0].regions
    assert outline.plane == 3
    # Carried back to the unit circle, its corners and the middles of its sides lie on either side of it.
    circle = (outline.exterior - middle) @ np.linalg.inv(half)
    sides = (circle + np.roll(circle, 1, axis=0)) / 2
    radii = np.linalg.norm(np.vstack([circle, sides]), axis=1)
    assert radii == pytest.approx(1, abs=4e-5)
    size = size_of([outline], image.grid)
    pixel = PIXEL[0] * PIXEL[1]
    # Points are told in single precision.
    assert size.area == pytest.approx(np.pi * abs(np.linalg.det(half)) * pixel, rel=1e-5)


AXES_MM = np.array([[4.0, 2.0, -1.0], [-1.0, 3.0, 2.0], [0.0, 0.0, 0.0]])
AXES_MM[2] = np.cross(AXES_MM[0], AXES_MM[1]) / 7
AXES_MM[1] -= AXES_MM[0] * (AXES_MM[0] @ AXES_MM[1]) / (AXES_MM[0] @ AXES_MM[0])


def ellipsoid(centre, axes=AXES_MM):
    return region("ELLIPSOID", [centre + side * axis for axis in axes for side in (-1, 1)], space=SPACE)


@pytest.mark.parametrize("tilt", [0.0, 0.6])
@pytest.mark.parametrize("between", [0.0, 0.3])
def test_an_ellipsoid_becomes_the_ellipses_in_which_planes_cut_it(tmp_path, tilt, between):
    write(tmp_path / "ct", planes(OBLIQUE, count=13, tilt=tilt))
    (found,) = scan(tmp_path).images
    ct = found.placed(modality=Modality.CT, site="hand")
    (centre,) = ct.grid.locate([[6 + between, 15.0, 21.0]])
    drawing, problems = read(tmp_path, ct, group("thumb", ellipsoid(centre)))
    assert problems == ()
    (deposit,) = drawing.deposits
    for outline in deposit.regions:
        corners = np.column_stack([np.full(len(outline.exterior), outline.plane), outline.exterior])
        on_unit_sphere = (ct.grid.locate(corners) - centre) @ np.linalg.inv(AXES_MM)
        assert np.linalg.norm(on_unit_sphere, axis=1) == pytest.approx(1, abs=4e-5)
    size = size_of(deposit.regions, ct.grid)
    truth = 4 / 3 * np.pi * abs(np.linalg.det(AXES_MM))
    assert size.volume == pytest.approx(truth, rel=1.2 / len(deposit.regions) ** 2)
    assert ct.grid.locate([size.centroid])[0] == pytest.approx(centre, abs=0.1)


@pytest.mark.parametrize(
    ("at", "scale", "code"),
    [
        ([8, 15.0, 21.0], 1.0, "outline_outside_image"),
        ([4, 2.0, 21.0], 1.0, "outline_outside_image"),
        ([4.5, 15.0, 21.0], 0.05, "contour_between_planes"),
    ],
)
def test_an_ellipsoid_that_cannot_be_cut_is_left_out_whole(tmp_path, image, at, scale, code):
    (centre,) = image.grid.locate([at])
    drawing, (problem,) = read(tmp_path, image, group("thumb", ellipsoid(centre, AXES_MM * scale)))
    assert (drawing.deposits, drawing.left_out, problem.code) == ((), ("thumb",), code)


@pytest.mark.parametrize("graphic", ["ELLIPSE", "ELLIPSOID"])
@pytest.mark.parametrize("fault", ["skewed", "too few", "flat"])
def test_points_that_are_no_ellipse_or_ellipsoid_are_left_out(tmp_path, image, graphic, fault):
    (centre,) = image.grid.locate([[4, 15.0, 21.0]])
    drawn = ellipsoid(centre)
    points = np.reshape(drawn.GraphicData, (-1, 3))
    if graphic == "ELLIPSE":
        points = on_plane(image.grid.affine, 4, np.array([[9.0, 20], [21, 20], [15, 16], [15, 24]]))
    if fault == "skewed":
        points[0] += 5 * np.array(points[1] - points[0]) / 10
    elif fault == "too few":
        points = points[:-1]
    else:
        points[2:4] = points[2:4].mean(axis=0)
    drawing, problems = read(tmp_path, image, group("thumb", region(graphic, points, space=SPACE)))
    assert drawing.deposits == ()
    assert drawing.left_out == ("thumb",)
    assert problems[0].code in ("outline_unreadable", "outline_crosses_itself", "outline_too_few_points")


def test_points_are_named_as_what_is_left(tmp_path, image):
    here = image.instance_uids[3]
    drawn = region("MULTIPOINT", [[10.0, 12.0], [14.0, 12.0]], image=here)
    _, (problem,) = read(tmp_path, image, group("seeds", drawn))
    assert (problem.code, problem.severity) == ("outline_not_an_area", Severity.INFO)
    assert "seeds" in problem.text
    assert "MULTIPOINT" in problem.text


def test_regions_of_other_images_are_passed_over(tmp_path, image):
    drawn = region("POLYLINE", PAIRS, image=uid(777))
    assert read(tmp_path, image, group("thumb", drawn)) == (None, ())
    elsewhere = region("POLYGON", on_plane(image.grid.affine, 3, CLOSED), space="1.2.3")
    assert read(tmp_path, image, group("thumb", elsewhere)) == (None, ())


def test_a_point_is_noted_and_an_open_line_is_closed_with_a_warning(tmp_path, image):
    here = image.instance_uids[3]
    drawing, problems = read(
        tmp_path,
        image,
        group("seed", region("POINT", [10.0, 12.0], image=here)),
        group("thumb", region("POLYLINE", PAIRS[:-1], image=here)),
    )
    assert [deposit.name for deposit in drawing.deposits] == ["thumb"]
    assert [(p.code, p.severity) for p in problems] == [
        ("outline_not_an_area", Severity.INFO),
        ("outline_not_closed", Severity.WARNING),
    ]


def test_a_measured_line_is_no_region(tmp_path, image):
    path = region("POLYLINE", PAIRS, image=image.instance_uids[3])
    path.ConceptNameCodeSequence[0].CodeValue = "121055"
    assert read(tmp_path, image, group("long axis", path)) == (None, ())


@pytest.mark.parametrize("off", [0.5, 30])
def test_a_region_off_the_planes_is_left_out(tmp_path, image, off):
    points = on_plane(image.grid.affine, 3 + off, CLOSED)
    drawing, (problem,) = read(tmp_path, image, group("thumb", region("POLYGON", points, space=SPACE)))
    assert (drawing.deposits, drawing.left_out) == ((), ("thumb",))
    assert problem.code in ("contour_between_planes", "outline_outside_image")


def segment(seg, image):
    referred = reference(seg, ReferencedSegmentNumber=2)
    return (
        content("IMAGE", "121191", ReferencedSOPSequence=referred),
        content("UIDREF", "121232", UID=image.series_uid),
    )


def test_a_segment_is_read_from_its_segmentation_and_missed_without_it(tmp_path, image):
    groups = [group("thumb", *segment(uid(60), image))]
    assert read(tmp_path, image, *groups, segmentations={uid(60)}) == (None, ())
    drawing, (problem,) = read(tmp_path, image, *groups)
    assert drawing.left_out == ("thumb",)
    assert (problem.code, problem.severity) == ("segmentation_not_found", Severity.ERROR)


def test_what_lesionkit_counted_is_no_name(tmp_path, image):
    drawn = region("POLYLINE", PAIRS, image=image.instance_uids[3])
    drawing, _ = read(tmp_path, image, group("lesionkit:T2", drawn, tracking=uid(50)))
    (deposit,) = drawing.deposits
    assert (deposit.name, deposit.tracking_uid) == (None, uid(50))


def nested(depth):
    inner = content("TEXT", "121106", TextValue="deep")
    for _ in range(depth):
        inner = content("CONTAINER", "121111", ContentSequence=[inner])
    return inner


@pytest.mark.parametrize("depth", [60, 200])
def test_absurd_nesting_is_one_line(tmp_path, image, depth):
    path = write_sr(tmp_path / "sr.dcm", nested(depth))
    drawing, (problem,) = read_sr(path, image=image)
    assert drawing is None
    assert problem.code == "outlines_unreadable"
    found = [problem for problem in scan(tmp_path).problems if problem.about == "sr.dcm"]
    assert [problem.code for problem in found] == ["dicom_unreadable"]


def test_a_sequence_without_an_end_is_one_line(tmp_path, image):
    path = write_sr(tmp_path / "sr.dcm", group("thumb"))
    opened = b"\x40\x00\x30\xa7SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    path.write_bytes(path.read_bytes() + opened * 5000)
    drawing, problems = read_sr(path, image=image)
    assert drawing is None
    assert [problem.code for problem in problems] in (["outlines_unreadable"], [])
    found = [problem for problem in scan(tmp_path).problems if problem.about == "sr.dcm"]
    assert len(found) == 1


def test_a_report_without_regions_is_left_out_as_before(tmp_path, image):
    write_sr(tmp_path / "sr.dcm", group("mean", content("TEXT", "121106", TextValue="all well")))
    found = scan(tmp_path)
    assert found.outlines == ()
    (problem,) = found.problems
    assert (problem.code, problem.severity) == ("dicom_not_an_image", Severity.INFO)


def test_an_object_of_another_kind_is_refused(tmp_path, image):
    path = save(dataset("SEG"), tmp_path / "other.dcm")
    _, (problem,) = read_sr(path, image=image)
    assert problem.code == "outlines_unreadable"


def test_an_identifier_that_ends_with_a_mark_tells_where_a_deposit_was(tmp_path, image):
    drawn = region("POLYLINE", PAIRS, image=image.instance_uids[3])
    drawing, problems = read(tmp_path, image, group("thumb (Extruded)", drawn, tracking=uid(50)))
    assert (drawing.deposits, problems) == ((), ())
    (place,) = drawing.removed
    assert (place.id, place.name, place.status) == ("thumb", "thumb", Status.EXTRUDED)
    assert place.tracking_uid == uid(50)
