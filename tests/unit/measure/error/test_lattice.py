import math

import numpy as np
import pytest

from lesionkit.measure.error.lattice import area_variance, volume_variance


def counted(radius, pitch, rng):
    """Return the area or volume of the pixels whose centres lie in a ball placed at random."""
    centre = rng.uniform(0, 1, len(pitch)) * pitch
    axes = [np.arange(-math.ceil(radius / p) - 1, math.ceil(radius / p) + 2) * p for p in pitch]
    grid = np.meshgrid(*axes, indexing="ij")
    inside = sum((axis - c) ** 2 for axis, c in zip(grid, centre, strict=True)) <= radius**2
    return inside.sum() * np.prod(pitch)


def spread(radii, pitch, rng):
    """Return the root mean square error of counting, over places and a range of sizes."""
    volume = {2: math.pi, 3: 4 / 3 * math.pi}[len(pitch)]
    errors = [counted(r, pitch, rng) - volume * r ** len(pitch) for r in radii]
    return math.sqrt(np.mean(np.square(errors)))


@pytest.mark.parametrize("pitch", [(1.0, 1.0), (0.5, 0.7)])
@pytest.mark.parametrize(("low", "high"), [(0.2, 0.4), (1.0, 2.0), (4.0, 6.0)])
def test_a_disc_counted_in_pixels_scatters_as_told(pitch, low, high):
    rng = np.random.default_rng(5)
    radii = rng.uniform(low, high, 1500)
    told = [area_variance(math.pi * r * r, perimeter=2 * math.pi * r, pitch=pitch) for r in radii[:100]]
    assert math.sqrt(np.mean(told)) == pytest.approx(spread(radii, np.array(pitch), rng), rel=0.15)


@pytest.mark.parametrize("pitch", [(1.0, 1.0, 1.0), (3.0, 0.6, 0.7)])
@pytest.mark.parametrize(("low", "high"), [(0.7, 1.1), (2.0, 4.0)])
def test_a_ball_counted_in_voxels_scatters_as_told_also_where_it_is_thinner_than_a_slice(pitch, low, high):
    rng = np.random.default_rng(6)
    radii = rng.uniform(low, high, 1500)
    told = [
        volume_variance(
            4 / 3 * math.pi * r**3, surface=4 * math.pi * r * r, widest=math.pi * r * r, pitch=pitch
        )
        for r in radii[:60]
    ]
    assert math.sqrt(np.mean(told)) == pytest.approx(spread(radii, np.array(pitch), rng), rel=0.2)


def test_the_constant_of_large_shapes_is_that_of_stereology():
    assert area_variance(1e6, perimeter=3545.0, pitch=(1.0, 1.0)) / 3545.0 == pytest.approx(0.0728, rel=0.02)
    surface = 4.836e4
    variance = volume_variance(1e6, surface=surface, widest=12090.0, pitch=(1.0, 1.0, 1.0))
    assert variance / surface == pytest.approx(0.0667, rel=0.02)


def test_outlines_on_planes_meet_the_lattice_only_between_planes():
    ball = {"surface": 4 * math.pi * 9, "widest": math.pi * 9}
    drawn = volume_variance(36 * math.pi, **ball, pitch=(2.0, 0.5, 0.5), in_plane=False)
    painted = volume_variance(36 * math.pi, **ball, pitch=(2.0, 0.5, 0.5))
    assert 0 < drawn < painted
