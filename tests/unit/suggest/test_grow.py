import numpy as np
import pytest
from drawn_scenes import (
    HALF,
    MIDDLE,
    ball,
    bone,
    dice,
    ellipse,
    phantom_ct,
    phantom_photograph,
    photograph,
    radiograph,
    scan,
)

from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Mask, Outline
from lesionkit.core.units import Unit
from lesionkit.errors import OutlineError
from lesionkit.geometry.polygon import ring_area
from lesionkit.suggest import grow

SEEDS = [(0, 0), (-8, 9), (6, -14), (9, 4)]


@pytest.mark.parametrize("away", SEEDS)
def test_one_click_finds_an_ellipse_within_a_pixel_of_its_edge(away):
    found = grow(photograph(), np.add(MIDDLE, away))
    assert dice(found, ellipse()) > 0.96
    assert ring_area(found.exterior) == pytest.approx(np.pi * HALF[0] * HALF[1], rel=0.06)


def test_the_sharper_edge_of_the_limb_itself_is_not_taken_for_the_deposit():
    found = grow(photograph(), MIDDLE)
    assert found.exterior[:, 1].max() < MIDDLE[1] + HALF[1] + 3


def test_a_deposit_larger_than_the_first_windows_is_found_whole():
    middle, half = (330.0, 410.0), (190.0, 240.0)
    found = grow(photograph(shape=(680, 860), middle=middle, half=half), (350.0, 380.0))
    assert dice(found, ellipse(middle, half)) > 0.96


def test_the_line_found_is_smooth_and_no_staircase():
    ring = grow(photograph(), MIDDLE).exterior
    length = np.hypot(*(np.roll(ring, -1, axis=0) - ring).T).sum()
    truth = ellipse()
    assert length < 1.1 * np.hypot(*(np.roll(truth, -1, axis=0) - truth).T).sum()


def test_the_same_click_gives_the_same_line():
    one, other = (grow(photograph(), MIDDLE) for _ in range(2))
    assert np.array_equal(one.exterior, other.exterior)


def test_a_click_on_a_phantom_photograph_finds_each_deposit():
    made = phantom_photograph()
    rng = np.random.default_rng(0)
    scores = []
    for deposit in made.deposits:
        truth = deposit.regions[0].exterior
        for _ in range(4):
            seed = truth.mean(axis=0) + rng.uniform(-0.4, 0.4, 2) * np.ptp(truth, axis=0) / 2
            scores.append(dice(grow(made.image, seed), truth))
    assert np.median(scores) >= 0.93
    assert min(scores) > 0.88


def test_a_click_on_a_phantom_ct_finds_each_deposit_even_from_near_its_border():
    made = phantom_ct()
    rng = np.random.default_rng(0)
    scores = []
    for deposit in made.deposits:
        truth = np.zeros(made.image.grid.shape, dtype=bool)
        truth[deposit.regions[0].box] = deposit.regions[0].voxels
        seeds = rng.permutation(np.argwhere(truth))[:5]
        scores.extend(dice(grow(made.image, seed), truth) for seed in seeds)
    assert np.median(scores) >= 0.95
    assert min(scores) > 0.88


def test_a_deposit_that_touches_a_bone_is_parted_from_it():
    middle = (12, 18, 32)  # 12 mm beside the bone's axis: bone of 7 mm, deposit of 6
    deposit = ball(middle, 6.0)
    image = scan(bone(), np.where(deposit & (bone() == 0), 800.0, 0.0))
    found = grow(image, middle)
    assert isinstance(found, Mask)
    assert dice(found, deposit & (bone() == 0)) > 0.85


def test_half_the_way_to_the_tissue_around_is_the_edge_whatever_the_density():
    for hu in (300.0, 700.0, 1500.0):
        truth = ball((12, 32, 48), 8.0)
        assert dice(grow(scan(hu * truth), (12, 31, 47)), truth) > 0.93


def test_a_click_on_soft_tissue_of_a_ct_is_refused():
    with pytest.raises(OutlineError, match="stands out"):
        grow(scan(800.0 * ball((12, 32, 48), 6.0)), (12, 32, 20))


def test_a_click_on_mr_is_refused_for_the_dark_around_is_no_different():
    ct = scan()
    mr = Image(modality=Modality.MR, pixels=ct.pixels, grid=ct.grid, intensity_unit=Unit.STORED)
    with pytest.raises(OutlineError, match="MR"):
        grow(mr, (12, 30, 30))


def test_a_click_on_an_even_picture_is_refused():
    for modality, unit in ((Modality.XC, Unit.GREY), (Modality.DX, Unit.STORED)):
        shape = (80, 90, 3) if modality is Modality.XC else (80, 90)
        grid = Grid(shape=(80, 90))
        even = Image(modality=modality, pixels=np.full(shape, 120, np.uint8), grid=grid, intensity_unit=unit)
        with pytest.raises(OutlineError):
            grow(even, (40, 40))


def test_a_click_beside_the_image_is_refused():
    for image, seed in ((photograph(), (-3, 5)), (scan(), (12, 70, 5))):
        with pytest.raises(OutlineError, match="beside"):
            grow(image, seed)
    with pytest.raises(ValueError, match="coordinate"):
        grow(photograph(), (1, 2, 3))


def test_a_click_on_a_radiograph_finds_a_deposit_that_a_bone_crosses():
    found = grow(radiograph(), MIDDLE)
    assert isinstance(found, Outline)
    assert dice(found, ellipse()) > 0.9


def test_an_outline_at_the_image_border_stays_on_the_image():
    found = grow(photograph(middle=(8.0, 60.0)), (6, 60))
    assert found.exterior[:, 0].min() >= -0.5
    assert dice(found, np.clip(ellipse((8.0, 60.0)), -0.5, None)) > 0.94
