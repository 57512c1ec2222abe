import numpy as np
import pytest

from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.region import Deposit, Mask, Outline
from lesionkit.core.transform import Transform
from lesionkit.report.framing import frame_projections, frame_views
from lesionkit.report.placing import View


def _view(name, grid, *boxes, onto_first=None):
    deposits = tuple(
        Deposit(
            id=str(i),
            image=name,
            regions=(Outline(exterior=[[top, left], [top, right], [bottom, right], [bottom, left]]),),
        )
        for i, (top, left, bottom, right) in enumerate(boxes)
    )
    ref = ImageRef(
        id=name, modality=Modality.XC, site="hand", paths=(name,), reader="photo", location=name, grid=grid
    )
    return View(ref=ref, grid=grid, deposits=deposits, onto_first=onto_first)


def _scaled(rows, cols, row_mm, col_mm):
    return Grid(shape=(rows, cols), spacing_mm=(row_mm, col_mm), scale_source=ScaleSource.MARKER)


def _mm(frame):
    return frame.height * frame.spacing[0], frame.width * frame.spacing[1]


def test_windows_are_of_one_size_in_millimetres_whatever_the_pixels():
    coarse = _view("a", _scaled(400, 500, 0.5, 0.4), (100, 100, 140, 180))
    fine = _view("b", _scaled(1600, 2000, 0.125, 0.1), (400, 400, 420, 480))
    frames = frame_views([coarse, fine])
    assert _mm(frames["a"]) == pytest.approx(_mm(frames["b"]))
    assert frames["a"].width != pytest.approx(frames["b"].width)


def test_a_window_holds_every_deposit_and_stays_within_the_image():
    grid = _scaled(1000, 1200, 0.2, 0.25)
    frame = frame_views([_view("a", grid, (5, 5, 60, 90))])["a"]
    assert frame.top >= -0.5
    assert frame.left >= -0.5
    assert frame.top + frame.height >= 60
    assert frame.left + frame.width >= 90
    assert frame.height < 1000, "a small deposit is looked at from near"


def test_deposits_that_fill_the_image_show_all_of_it():
    frame = frame_views([_view("a", _scaled(100, 120, 0.2, 0.25), (5, 5, 95, 115))])["a"]
    assert (frame.top, frame.left, frame.height, frame.width) == pytest.approx((-0.5, -0.5, 100, 120))


def test_an_aligned_picture_shows_the_place_where_a_deposit_was():
    grid = _scaled(1000, 1000, 0.2, 0.25)
    shift = np.array([[1.0, 0, -200], [0, 1, 300], [0, 0, 1]])
    onto = Transform(source="b", target="a", matrix=shift, method="landmarks")
    first = _view("a", grid, (300, 500, 330, 540), onto_first=Transform.identity("a", "a", axes=2))
    empty = _view("b", grid, onto_first=onto)
    frames = frame_views([first, empty])
    centre = frames["b"].top + frames["b"].height / 2, frames["b"].left + frames["b"].width / 2
    assert centre == pytest.approx((315 + 200, 520 - 300))


def test_an_alignment_that_failed_is_not_used_to_find_the_place():
    grid = _scaled(1000, 1000, 0.2, 0.25)
    shift = np.array([[1.0, 0, -200], [0, 1, 300], [0, 0, 1]])
    onto = Transform(source="b", target="a", matrix=shift, method="features", is_reliable=False)
    first = _view("a", grid, (300, 500, 330, 540), onto_first=Transform.identity("a", "a", axes=2))
    frame = frame_views([first, _view("b", grid, onto_first=onto)])["b"]
    assert frame.top + frame.height / 2 == pytest.approx(499.5)


def test_a_scaled_and_an_unscaled_picture_have_one_shape_on_the_page():
    scaled = _view("a", _scaled(900, 1200, 0.2, 0.25), (100, 100, 130, 180))
    plain = _view("b", Grid(shape=(600, 500)), (10, 10, 300, 40))
    frames = frame_views([scaled, plain])
    assert frames["a"].ratio == pytest.approx(frames["b"].ratio)


def test_a_window_larger_than_the_image_has_the_image_in_its_middle():
    small = _view("a", _scaled(100, 100, 0.1, 0.125))
    large = _view("b", _scaled(1000, 1000, 0.1, 0.125), (100, 100, 900, 900))
    frame = frame_views([small, large])["a"]
    assert (frame.top, frame.left) == pytest.approx((-450.5, -450.5))


def test_a_volume_is_shown_on_the_plane_of_largest_total_area():
    grid = Grid(shape=(9, 50, 60), spacing_mm=(3.0, 0.5, 0.75), scale_source=ScaleSource.PATIENT_PLANE)
    voxels = np.zeros(grid.shape, dtype=bool)
    voxels[2, 10:20, 10:20] = True
    voxels[6, 10:20, 10:22] = True
    ref = ImageRef(
        id="ct", modality=Modality.CT, site="arm", paths=("x",), reader="dicom", location="ct", grid=grid
    )
    deposit = Deposit(id="1", image="ct", regions=(Mask.cropped(voxels),))
    flat = Deposit(id="2", image="ct", regions=(Outline(exterior=[[0, 0], [0, 5], [5, 5], [5, 0]], plane=2),))
    assert frame_views([View(ref=ref, grid=grid, deposits=(deposit,))])["ct"].plane == 6
    # 100 + 25 pixels on plane 2, 120 on plane 6
    assert frame_views([View(ref=ref, grid=grid, deposits=(deposit, flat))])["ct"].plane == 2


def test_perspective_gives_the_scale_where_the_deposit_lies():
    homography = [[0.2, 0, 0], [0, 0.25, 0], [0, 0.0005, 1]]
    grid = Grid(
        shape=(1000, 1000),
        spacing_mm=(0.2, 0.25),
        homography=homography,
        scale_source=ScaleSource.MARKER,
    )
    near, far = (
        frame_views([_view("a", grid, box)])["a"] for box in ((90, 90, 110, 110), (90, 890, 110, 910))
    )
    assert far.spacing[0] < near.spacing[0] < 0.2


def _turned(degrees, zoom=1.0, shift=(0.0, 0.0)):
    """Return what carries another picture's pixels onto the first one's, about its origin."""
    angle = np.deg2rad(degrees)
    matrix = np.eye(3)
    matrix[:2, :2] = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / zoom
    matrix[:2, 2] = shift
    return Transform(source="b", target="a", matrix=matrix, method="features")


def _first(grid, box=(300, 500, 330, 540)):
    return _view("a", grid, box, onto_first=Transform.identity("a", "a", axes=2))


@pytest.mark.parametrize("degrees", [0, 20, -75, 180])
def test_the_same_skin_lies_at_the_same_place_in_aligned_pictures(degrees):
    grid = Grid(shape=(1000, 1200))
    onto = _turned(degrees, zoom=1.6, shift=(40.0, 300.0))
    frames = frame_views([_first(grid), _view("b", grid, onto_first=onto)])
    skin = np.array([[300.0, 500.0], [330.0, 540.0], [260.0, 560.0]])
    there = onto.inverse().carry(skin)
    assert frames["b"].place(there, width=720) == pytest.approx(frames["a"].place(skin, width=720), abs=1e-6)


def test_a_picture_with_a_scale_keeps_it_where_it_is_aligned():
    grid = _scaled(1000, 1200, 0.2, 0.25)
    frames = frame_views([_first(grid), _view("b", grid, onto_first=_turned(30, zoom=1.6))])
    assert _mm(frames["a"]) == pytest.approx(_mm(frames["b"]))


def test_an_alignment_that_mirrors_is_not_followed():
    mirrored = Transform(source="b", target="a", matrix=np.diag([1.0, -1.0, 1.0]), method="landmarks")
    frame = frame_views(
        [_first(Grid(shape=(1000, 1200))), _view("b", Grid(shape=(1000, 1200)), onto_first=mirrored)]
    )["b"]
    assert frame.turn == 0


def test_a_window_moved_inside_the_first_picture_moves_alike_in_the_others():
    grid = Grid(shape=(1000, 1200))
    onto = _turned(90, shift=(10.0, 700.0))
    frames = frame_views([_first(grid, (2, 2, 30, 40)), _view("b", grid, onto_first=onto)])
    assert frames["a"].top == frames["a"].left == -0.5
    skin = np.array([[2.0, 2.0], [30.0, 40.0]])
    assert frames["b"].place(onto.inverse().carry(skin), width=720) == pytest.approx(
        frames["a"].place(skin, width=720), abs=1e-6
    )


def test_volumes_are_looked_through_along_their_thinnest_axis_with_the_head_above():
    grid = Grid(
        shape=(60, 80, 100),
        spacing_mm=(3.0, 0.5, 0.75),
        affine=[[0, 0, 0.75, 0], [0, -0.5, 0, 0], [3.0, 0, 0, 0], [0, 0, 0, 1]],
        scale_source=ScaleSource.PATIENT_PLANE,
    )
    ref = ImageRef(
        id="ct", modality=Modality.CT, site="arm", paths=("x",), reader="dicom", location="ct", grid=grid
    )
    frame = frame_projections([View(ref=ref, grid=grid, deposits=())])["ct"]
    assert (frame.along, frame.is_upturned) == (1, True)
    assert _mm(frame)[0] == pytest.approx(180)
    lowest, highest = frame.place(np.array([[0.0, 50.0], [59.0, 50.0]]), width=720)
    assert lowest[1] > highest[1]
    assert lowest[0] == pytest.approx(highest[0])
