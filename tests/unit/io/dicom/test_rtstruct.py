import numpy as np
import pytest
from dicoms import CORONAL, OBLIQUE, PIXEL, SAGITTAL, STEP, planes, scan, uid, write
from drawn import contour, on_plane, square, write_rtstruct

from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.region import Status
from lesionkit.io.dicom.rtstruct import read_rtstruct
from lesionkit.measure.size import size_of

RING = square((6.25, 10.0), (18.5, 30.75))
AREA = (18.5 - 6.25) * (30.75 - 10.0) * PIXEL[0] * PIXEL[1]


@pytest.fixture
def image(tmp_path):
    return series(tmp_path)


def series(root, *orientation, tilt=0.0):
    write(root / "ct", planes(*orientation, tilt=tilt, count=9))
    (found,) = scan(root).images
    return found.placed(modality=Modality.CT, site="hand")


def struct(root, image, regions, **more):
    return write_rtstruct(
        root / "RS.dcm", regions, series=image.series_uid, frame_of_reference=uid(7), **more
    )


def stack(image, at=(2, 3, 4), ring=RING, **more):
    return [contour(on_plane(image.grid.affine, plane, ring), **more) for plane in at]


@pytest.mark.parametrize(
    ("orientation", "tilt"), [((), 0.0), ((), 0.4), ((CORONAL,), 0.0), ((SAGITTAL,), 0.3), ((OBLIQUE,), 0.2)]
)
def test_the_volume_is_area_times_the_distance_of_planes_in_every_orientation(tmp_path, orientation, tilt):
    image = series(tmp_path, *orientation, tilt=tilt)
    drawing, problems = read_rtstruct(struct(tmp_path, image, {"thumb": stack(image)}), image=image)
    assert problems == ()
    (deposit,) = drawing.deposits
    assert (deposit.name, deposit.status) == ("thumb", Status.DRAWN)
    assert sorted(region.plane for region in deposit.regions) == [2, 3, 4]
    size = size_of(deposit.regions, image.grid)
    assert size.volume == pytest.approx(AREA * 3 * STEP, rel=1e-4)
    assert size.area == pytest.approx(AREA, rel=1e-4)
    assert size.centroid == pytest.approx([3, 12.375, 20.375], abs=1e-3)


def test_a_line_inside_another_is_a_hole(tmp_path, image):
    lines = stack(image) + stack(image, at=(3,), ring=square((8, 12), (12, 20)))
    drawing, problems = read_rtstruct(struct(tmp_path, image, {"thumb": lines}), image=image)
    assert problems == ()
    hole = 4 * 8 * PIXEL[0] * PIXEL[1]
    assert size_of(drawing.deposits[0].regions, image.grid).volume == pytest.approx(
        (AREA * 3 - hole) * STEP, rel=1e-4
    )


@pytest.mark.parametrize("at", [(2, 3.5, 4), (2, 3, 40)])
def test_a_region_with_one_line_that_cannot_be_used_is_left_out_whole(tmp_path, image, at):
    path = struct(tmp_path, image, {"thumb": stack(image, at=at), "wrist": stack(image)})
    drawing, (problem,) = read_rtstruct(path, image=image)
    assert [deposit.name for deposit in drawing.deposits] == ["wrist"]
    assert drawing.left_out == ("thumb",)
    assert problem.severity is Severity.ERROR
    assert problem.code in ("contour_between_planes", "outline_outside_image")


def test_points_are_noted_and_not_measured(tmp_path, image):
    lines = [contour(on_plane(image.grid.affine, 3, RING[:1]), kind="POINT")]
    drawing, (problem,) = read_rtstruct(struct(tmp_path, image, {"seed": lines}), image=image)
    assert drawing is None
    assert (problem.code, problem.severity) == ("outline_not_an_area", Severity.INFO)


@pytest.mark.parametrize(("kind", "severity"), [("EXTERNAL", Severity.INFO), ("ORGAN", Severity.WARNING)])
def test_the_body_and_organs_are_no_deposits(tmp_path, image, kind, severity):
    path = struct(tmp_path, image, {"thumb": stack(image), "other": stack(image)}, types={"other": kind})
    drawing, (problem,) = read_rtstruct(path, image=image)
    assert [deposit.name for deposit in drawing.deposits] == ["thumb"]
    assert (problem.code, problem.severity) == ("roi_is_no_deposit", severity)


def test_what_a_program_drew_is_a_suggestion(tmp_path, image):
    path = struct(tmp_path, image, {"thumb": stack(image)}, algorithm="AUTOMATIC")
    drawing, _ = read_rtstruct(path, image=image)
    assert (drawing.deposits[0].status, drawing.deposits[0].author) == (Status.SUGGESTED, "threshold 2.1")


def test_planes_that_were_skipped_are_told(tmp_path, image):
    path = struct(tmp_path, image, {"thumb": stack(image, at=(2, 4, 6))})
    drawing, (problem,) = read_rtstruct(path, image=image)
    assert len(drawing.deposits) == 1
    assert (problem.code, problem.severity) == ("contours_skip_planes", Severity.WARNING)


def test_a_region_on_slices_that_are_missing_is_left_out(tmp_path, image):
    here = [
        contour(on_plane(image.grid.affine, plane, RING), image=image.instance_uids[plane])
        for plane in (2, 3)
    ]
    away = contour(on_plane(image.grid.affine, 4, RING), image=uid(777))
    drawing, (problem,) = read_rtstruct(struct(tmp_path, image, {"thumb": [*here, away]}), image=image)
    assert (drawing.deposits, drawing.left_out) == ((), ("thumb",))
    assert problem.code == "segment_in_part_elsewhere"


def test_where_all_images_were_given_new_identifiers_their_place_decides(tmp_path, image):
    lines = [contour(on_plane(image.grid.affine, plane, RING), image=uid(777)) for plane in (2, 3)]
    drawing, problems = read_rtstruct(struct(tmp_path, image, {"thumb": lines}), image=image)
    assert problems == ()
    assert len(drawing.deposits) == 1


def test_a_structure_set_of_another_series_is_refused(tmp_path, image):
    path = write_rtstruct(tmp_path / "RS.dcm", {"thumb": stack(image)}, series="1.2.3")
    drawing, (problem,) = read_rtstruct(path, image=image)
    assert drawing is None
    assert problem.code == "outline_for_another_image"


def test_a_structure_set_is_found_among_the_files_and_its_points_are_exact(tmp_path, image):
    path = struct(tmp_path, image, {"thumb": stack(image)})
    found = scan(tmp_path)
    assert (found.outlines, found.problems) == ((path,), ())
    drawing, _ = read_rtstruct(path, image=image)
    assert np.abs(drawing.deposits[0].regions[0].exterior - RING).max() < 1e-5


def test_a_region_whose_name_ends_with_a_mark_is_a_place_and_no_deposit(tmp_path, image):
    other = square((2.25, 32.0), (6.5, 40.75))
    path = struct(tmp_path, image, {"thumb (Excised)": stack(image), "elbow": stack(image, ring=other)})
    drawing, problems = read_rtstruct(path, image=image)
    assert [d.name for d in drawing.deposits] == ["elbow"]
    assert [(d.id, d.name, d.status) for d in drawing.removed] == [("thumb", "thumb", Status.EXCISED)]
    assert problems == ()


def test_a_marked_region_without_a_line_leaves_its_deposit_unseen_rather_than_gone(tmp_path, image):
    path = struct(tmp_path, image, {"thumb (excised)": [], "elbow": stack(image)})
    drawing, (problem,) = read_rtstruct(path, image=image)
    assert (drawing.removed, len(drawing.left_out)) == ((), 1)
    assert (problem.code, problem.severity) == ("segment_is_empty", "warning")


def test_a_marked_region_that_cannot_be_used_leaves_its_deposit_unseen(tmp_path, image):
    path = struct(tmp_path, image, {"thumb (excised)": stack(image, (2, 2.5)), "elbow": stack(image)})
    drawing, _ = read_rtstruct(path, image=image)
    assert (drawing.removed, len(drawing.left_out)) == ((), 1)
