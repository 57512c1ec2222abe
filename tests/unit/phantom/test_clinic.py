"""Photographs by chance keep what they promise."""

import math

import numpy as np
import pytest

from lesionkit.phantom.clinic import MARKER_MM, photograph_by_chance

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_marker_and_deposits_are_in_the_picture_and_near_one_another(seed):
    chance = photograph_by_chance(np.random.default_rng(seed), tilt_deg=(10, 20), megapixels=3)
    assert 10 <= chance.shot.tilt_deg <= 20
    corners = chance.marker_corners_mm
    np.testing.assert_allclose(np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1), MARKER_MM)
    for outline in (corners, *(deposit.outline_mm for deposit in chance.deposits)):
        seen = chance.shot.to_pixels(outline)
        assert ((seen > 0) & (seen < np.array(chance.shot.camera.shape) - 1)).all()
    assert len(chance.deposits) == 4
    assert all(15 <= deposit.away_mm <= 130 for deposit in chance.deposits)


def test_a_deposit_has_the_area_of_its_polygon():
    (deposit, *_) = photograph_by_chance(np.random.default_rng(1), megapixels=3).deposits
    middle = deposit.outline_mm.mean(axis=0)
    radius = np.linalg.norm(deposit.outline_mm[0] - middle)
    sides = len(deposit.outline_mm)
    assert deposit.area_mm2 == pytest.approx(sides / 2 * radius**2 * math.sin(2 * math.pi / sides))


def test_the_same_chance_gives_the_same_photograph():
    first, second = (photograph_by_chance(np.random.default_rng(3), megapixels=3) for _ in range(2))
    assert first.shot == second.shot
    assert first.finish == second.finish
