import numpy as np
import pytest
from drawn_scenes import (
    HALF,
    MIDDLE,
    ball,
    dice,
    ellipse,
    phantom_radiograph,
    photograph,
    radiograph,
    scan,
)

from lesionkit.core.region import Mask, Outline
from lesionkit.errors import OutlineError
from lesionkit.geometry.raster import contains
from lesionkit.suggest import outline_box, outline_scribble, settle, snap, threshold_within

BOX = np.stack([np.subtract(MIDDLE, HALF), np.add(MIDDLE, HALF)])
PICTURES = [photograph, radiograph]


@pytest.mark.parametrize("picture", PICTURES)
def test_a_box_drawn_by_hand_gives_the_ellipse_in_it(picture):
    rng = np.random.default_rng(1)
    for _ in range(3):
        assert dice(outline_box(picture(), BOX + rng.normal(0, 1.5, (2, 2))), ellipse()) > 0.93


def test_a_box_may_be_drawn_from_any_corner():
    other = np.array([[BOX[1, 0], BOX[0, 1]], [BOX[0, 0], BOX[1, 1]]])
    one, two = (outline_box(radiograph(), corners) for corners in (BOX, other))
    assert np.array_equal(one.exterior, two.exterior)


def test_a_box_gives_more_than_the_ellipse_that_fits_it():
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    made = phantom_radiograph()
    for deposit in made.deposits:
        truth = deposit.regions[0].exterior
        low, high = truth.min(axis=0), truth.max(axis=0)
        fitting = (low + high) / 2 + np.stack([np.sin(angle), np.cos(angle)], axis=1) * (high - low) / 2
        found = dice(outline_box(made.image, [low, high]), truth)
        assert found > 0.92
        assert found > dice(Outline(exterior=fitting), truth)


def test_a_box_on_a_plane_of_a_volume_gives_an_outline_of_that_plane():
    truth = ball((12, 32, 48), 8.0)
    found = outline_box(scan(800.0 * truth), [(22, 40), (42, 56)], plane=12)
    assert found.plane == 12
    rows, cols = 8.0 / 0.8, 8.0
    assert dice(found, ellipse((32, 48), (rows, cols))) > 0.92


def test_a_box_too_small_or_beside_the_image_is_refused():
    with pytest.raises(OutlineError, match="too small"):
        outline_box(photograph(), [(10, 10), (11, 40)])
    with pytest.raises(OutlineError, match="beside"):
        outline_box(photograph(), [(10, 10), (300, 40)])
    with pytest.raises(ValueError, match="plane"):
        outline_box(photograph(), BOX, plane=0)
    with pytest.raises(ValueError, match="plane"):
        outline_box(scan(), [(10, 10), (20, 20)])


@pytest.mark.parametrize("picture", PICTURES)
def test_the_line_between_anchors_keeps_to_the_edge_and_not_to_the_chord(picture):
    anchors = ellipse(count=5)
    found = snap(picture(), anchors)
    assert dice(found, ellipse()) > 0.95
    assert dice(Outline(exterior=anchors), ellipse()) < 0.88


def test_fewer_than_three_anchors_follow_no_edge():
    with pytest.raises(OutlineError, match="three"):
        snap(photograph(), [(30, 30), (60, 60), (30, 30)])


def test_a_stroke_through_the_deposit_finds_it():
    stroke = np.add(MIDDLE, [(0, -14), (1, 0), (-2, 14)])
    assert dice(outline_scribble(photograph(), stroke), ellipse()) > 0.93


def test_what_a_stroke_outside_runs_through_is_left_out():
    stroke = np.add(MIDDLE, [(0, -14), (0, 4)])
    across = np.add(MIDDLE, [(-16, 12), (16, 12)])
    whole = outline_scribble(photograph(), stroke)
    less = outline_scribble(photograph(), stroke, outside=[across])
    assert contains(whole, across.mean(axis=0)).all()
    assert not contains(less, np.linspace(*across, 9)).any()


def test_a_stroke_gives_the_same_line_every_time():
    stroke = np.add(MIDDLE, [(0, -14), (1, 14)])
    one, other = (outline_scribble(photograph(), stroke) for _ in range(2))
    assert np.array_equal(one.exterior, other.exterior)


def test_a_stroke_of_one_point_is_refused():
    with pytest.raises(OutlineError, match="two points"):
        outline_scribble(photograph(), [MIDDLE])


def test_a_loose_lasso_finds_what_differs_in_it_whether_brighter_or_darker():
    lasso = Outline(exterior=ellipse(half=(26, 36)))
    image = photograph()
    dark = type(image)(
        modality=image.modality,
        pixels=255 - image.pixels,
        grid=image.grid,
        intensity_unit=image.intensity_unit,
    )
    for each in (image, dark):
        (found,) = threshold_within(each, lasso)
        assert dice(found, ellipse()) > 0.95


def test_a_lasso_on_ct_takes_calcium_and_a_named_window_its_own():
    truth = ball((12, 32, 48), 8.0)
    image = scan(200.0 * truth)
    lasso = Outline(exterior=ellipse((32, 48), (16, 14)), plane=12)
    (found,) = threshold_within(image, lasso)
    assert isinstance(found, Mask)
    assert found.origin[0] == 12
    assert dice(found, truth & (np.arange(24) == 12)[:, None, None]) > 0.95
    with pytest.raises(OutlineError):
        threshold_within(image, lasso, window=(600.0, 3000.0))


def test_several_deposits_in_one_lasso_are_several_outlines_largest_first():
    one, other = photograph(middle=(60, 40), half=(22, 16)), photograph(middle=(58, 92), half=(14, 18))
    pixels = np.where((np.arange(one.grid.shape[1]) < 66)[None, :, None], one.pixels, other.pixels)
    both = type(one)(modality=one.modality, pixels=pixels, grid=one.grid, intensity_unit=one.intensity_unit)
    lasso = Outline(exterior=[(30, 15), (30, 118), (92, 118), (92, 15)])
    large, small = threshold_within(both, lasso)
    assert dice(large, ellipse((60, 40), (22, 16))) > 0.95
    assert dice(small, ellipse((58, 92), (14, 18))) > 0.95


def test_a_line_beside_the_edge_settles_on_it():
    for picture in (photograph(), radiograph()):
        off = Outline(exterior=ellipse((MIDDLE[0] + 2, MIDDLE[1] - 2), (15, 28)))
        assert dice(settle(picture, off), ellipse()) > max(0.96, dice(off, ellipse()))


def test_a_line_on_the_edge_stays():
    on = Outline(exterior=ellipse())
    assert dice(settle(photograph(), on), ellipse()) > 0.97
