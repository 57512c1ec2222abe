"""The similarity that most points agree on: right among many astray, and what lies aside counts little."""

import numpy as np
import pytest

from lesionkit.align.features import Matches
from lesionkit.align.motions import find_similarity
from lesionkit.core.arrays import homogeneous
from lesionkit.core.grid import Grid

TRUTH = np.array([[1.1, -0.5, 40.0], [0.5, 1.1, -15.0], [0.0, 0.0, 1.0]])
GRID = Grid(shape=(900, 1200))


def matches(*, astray: int, sd: float, tolerance: float = 6.0, seed: int = 0) -> Matches:
    rng = np.random.default_rng(seed)
    here = rng.uniform((0, 0), GRID.shape, (120, 2))
    there = homogeneous(TRUTH, here) + rng.normal(0, sd, here.shape)
    there[:astray] = rng.uniform((0, 0), GRID.shape, (astray, 2))
    return Matches(image=here, baseline=there, tolerance=tolerance)


def off(found: np.ndarray) -> float:
    ring = np.array([[0.0, 0], [0, 1200], [900, 1200], [900, 0]])
    return float(np.abs(homogeneous(found, ring) - homogeneous(TRUTH, ring)).max())


@pytest.mark.parametrize("seed", range(5))
def test_a_similarity_is_found_where_most_points_go_astray(seed):
    found = find_similarity(matches(astray=70, sd=0.5, seed=seed), GRID, GRID)
    assert found is not None
    assert off(found.matrix) < 0.6
    assert 48 <= found.inliers.sum() <= 53


def test_points_without_noise_give_the_motion_itself():
    found = find_similarity(matches(astray=30, sd=0.0), GRID, GRID)
    assert off(found.matrix) < 1e-6


def test_points_at_the_edge_of_what_is_tolerated_count_little():
    """Forty points lie 5 px aside, all to one side: a plain mean of what is within 6 px would follow them."""
    rng = np.random.default_rng(3)
    here = rng.uniform((0, 0), GRID.shape, (120, 2))
    there = homogeneous(TRUTH, here) + rng.normal(0, 0.3, here.shape)
    there[:40] += (0.0, 5.0)
    found = find_similarity(Matches(image=here, baseline=there, tolerance=6.0), GRID, GRID)
    assert off(found.matrix) < 0.6
