"""Outlines carried by the skin around them: flat and bent skin from another side, growth, and refusals."""

import math

import cv2
import numpy as np
import pytest
from scenes import noisy, seen_from, texture

from lesionkit.align import carry_near
from lesionkit.align.flow import fit_flow
from lesionkit.align.found import Refused
from lesionkit.core.arrays import Floats, homogeneous
from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Deposit, Mask, Outline
from lesionkit.core.transform import Transform
from lesionkit.core.units import Unit
from lesionkit.geometry.polygon import area
from lesionkit.geometry.raster import pixels

SHAPE = (480, 520)
TILTED = np.array([[0.90, -0.16, 40.0], [0.20, 0.99, -30.0], [1.5e-4, -2.2e-4, 1.0]])


def circle(radius: float, *, centre: tuple[float, float] = (250.0, 250.0)) -> Floats:
    angle = np.linspace(0, 2 * math.pi, 120, endpoint=False)
    return np.asarray(centre) + radius * np.stack([np.sin(angle), np.cos(angle)], axis=1)


def skin_with(radius: float) -> np.ndarray:
    """Return skin with a pale disc whose rim goes with it, as a deposit's does."""
    picture = np.clip(120 + 16 * texture(7, SHAPE), 0, 255)
    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]]
    inside = np.hypot(rows - 250, cols - 250) / radius
    picture += 60 / (1 + np.exp(np.clip((inside - 1) * 40, -60, 60))) - 40 * np.exp(
        -(((inside - 1.12) / 0.05) ** 2)
    )
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def photograph(pixels: np.ndarray) -> Image:
    grid = Grid(shape=pixels.shape[:2])
    return Image(modality=Modality.XC, pixels=pixels, grid=grid, intensity_unit=Unit.GREY)


def deposit(ring: Floats, *, image: str) -> Deposit:
    return Deposit(id="1", image=image, regions=(Outline(exterior=ring),))


def carried(later: np.ndarray, first: np.ndarray, rings: tuple[Floats, Floats], guess: Floats, **known):
    transform = Transform(source="b", target="a", matrix=guess, method="features")
    now, then = deposit(rings[0], image="b"), deposit(rings[1], image="a")
    return carry_near(photograph(later), photograph(first), transform, [now], others=[then], **known)[0]


@pytest.mark.parametrize("growth", [0.4, 1.0, 1.25, 2.0])
def test_growth_is_told_within_one_percent_from_another_side_and_distance(growth):
    radius = 22 * math.sqrt(growth)
    first, later = skin_with(22), noisy(seen_from(skin_with(radius), TILTED, shape=SHAPE), sd=3)
    now = homogeneous(np.linalg.inv(TILTED), circle(radius))
    a_bit_off = np.array([[1.0, 0.004, 1.5], [-0.006, 0.99, -2.0], [0, 0, 1]]) @ TILTED
    found = carried(later, first, (now, circle(22)), a_bit_off)
    assert found.refused == ""
    told = area(found.regions[0].rings) / area([circle(22)])
    assert told == pytest.approx(growth, rel=0.01)
    # Neither the pixels of the pictures nor the place found by features alone would have told it.
    assert abs(area([now]) / area([circle(22)]) / growth - 1) > 0.05
    assert abs(area([homogeneous(a_bit_off, now)]) / area([circle(22)]) / growth - 1) > 0.008


def bent(pixels: np.ndarray, *, view_deg: float, radius: float = 330.0) -> tuple[np.ndarray, callable]:
    """Return skin round a cylinder seen from aside, and what carries its flat places there."""

    def onto(points: Floats) -> Floats:
        arc = (points[:, 1] - 250) / radius + math.radians(view_deg)
        across = radius * (np.sin(arc) - math.sin(math.radians(view_deg)))
        return np.stack([points[:, 0], 250 + across], axis=1)

    across = (np.arange(SHAPE[1]) - 250) / radius + math.sin(math.radians(view_deg))
    arc = np.arcsin(np.clip(across, -0.999, 0.999)) - math.radians(view_deg)
    cols = np.broadcast_to((250 + radius * arc).astype(np.float32), SHAPE)
    rows = np.broadcast_to(np.arange(SHAPE[0], dtype=np.float32)[:, None], SHAPE)
    return cv2.remap(pixels, np.ascontiguousarray(cols), np.ascontiguousarray(rows), cv2.INTER_CUBIC), onto


def test_bent_skin_from_another_side_is_followed_where_no_plane_can():
    first, there = bent(skin_with(26), view_deg=0)
    later, here = bent(skin_with(26), view_deg=20)
    now, then = here(circle(26)), there(circle(26))
    ring = circle(70, centre=(250.0, 340.0))  # what features would follow: they lie where they lie
    plane = cv2.findHomography(here(ring), there(ring), 0)[0]
    found = carried(noisy(later, sd=2), first, (now, then), plane)
    assert found.refused == ""
    off = area(found.regions[0].rings) / area([then]) - 1
    assert abs(off) < 0.005
    assert abs(off) < 2.5 * found.area_rel_se + 0.002
    assert abs(area([homogeneous(plane, now)]) / area([then]) - 1) > 0.015


def test_the_stated_error_grows_with_noise():
    first = skin_with(22)
    rings = circle(22), circle(22)
    errors = [carried(noisy(first, sd=sd), first, rings, np.eye(3)).area_rel_se for sd in (2, 12)]
    assert 0 <= errors[0] < errors[1] < 0.015


@pytest.mark.parametrize(
    "later",
    [
        np.full(SHAPE, 120, np.uint8),
        np.clip(120 + 16 * texture(8, SHAPE), 0, 255).astype(np.uint8),
        cv2.GaussianBlur(skin_with(22), (0, 0), 12),
    ],
    ids=["nothing", "other skin", "blurred"],
)
def test_skin_that_cannot_be_followed_carries_nothing(later):
    found = carried(later, skin_with(22), (circle(22), circle(22)), np.eye(3))
    assert found.regions == ()
    assert found.refused


def test_a_deposit_whose_place_is_not_on_the_first_picture_is_not_carried():
    ring = circle(22, centre=(10.0, 250.0))
    found = carried(skin_with(22), skin_with(22), (circle(12, centre=(14.0, 250.0)), ring), np.eye(3))
    assert "not lie wholly on the first picture" in found.refused


def test_a_mask_is_carried_by_the_line_around_it():
    first, later = skin_with(22), noisy(seen_from(skin_with(26), TILTED, shape=SHAPE), sd=3)
    now = Outline(exterior=homogeneous(np.linalg.inv(TILTED), circle(26)))
    transform = Transform(source="b", target="a", matrix=TILTED, method="features")
    then = Deposit(id="1", image="a", regions=(pixels(Outline(exterior=circle(22)), shape=SHAPE),))
    mask = Deposit(id="m", image="b", regions=(pixels(now, shape=SHAPE),))
    found = carry_near(photograph(later), photograph(first), transform, [mask], others=[then])[0]
    assert found.refused == ""
    counted = then.regions[0].voxels.sum()
    assert area(found.regions[0].rings) / counted == pytest.approx((26 / 22) ** 2, rel=0.01)


def test_a_mask_of_fractions_is_not_carried():
    mask = Deposit(id="m", image="b", regions=(Mask(voxels=np.full((4, 4), 0.5, np.float32), origin=(9, 9)),))
    picture = photograph(skin_with(22))
    transform = Transform.identity("b", "a", axes=2)
    assert "fractions" in carry_near(picture, picture, transform, [mask])[0].refused


def test_steps_on_one_side_only_tell_nothing_of_the_middle():
    places = np.random.default_rng(1).uniform(20, 90, (200, 2))
    refused = fit_flow(places, np.zeros_like(places), middle=np.zeros(2))
    assert isinstance(refused, Refused)


def test_steps_that_do_not_agree_are_refused():
    rng = np.random.default_rng(1)
    places = rng.uniform(-90, 90, (200, 2))
    steps = rng.choice([-1, 1], (200, 1)) * rng.uniform(5, 40, (200, 2))
    found = fit_flow(places, np.where(rng.random((200, 1)) < 0.2, 0.01 * places, steps), middle=np.zeros(2))
    assert isinstance(found, Refused) or found.area_rel_se([[circle(20, centre=(0.0, 0.0))]]) > 0.015
