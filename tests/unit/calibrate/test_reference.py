import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionkit.calibrate import scale_of
from lesionkit.calibrate.reference import TILT_REL_SE, length_of, line_of
from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.settings import ScaleSettings
from lesionkit.core.units import Unit

angles = st.tuples(st.floats(0, 1.9), st.floats(2.1, 4.0), st.floats(4.2, 6.1))


def photograph(shape=(1500, 2000), modality=Modality.XC, spacing=None):
    source = ScaleSource.DETECTOR_PLANE if spacing else ScaleSource.NONE
    grid = Grid(shape=shape, spacing_mm=spacing, scale_source=source)
    pixels = np.full(shape, 200, np.uint8)
    return Image(modality=modality, pixels=pixels, grid=grid, intensity_unit=Unit.GREY)


def claim(*points, mm=20.0, rel_se=None, source=ScaleSource.TWO_POINTS):
    return ScaleClaim(source=source, points=points, length_mm=mm, rel_se=rel_se)


def scale(*claims, image=None):
    return scale_of(image or photograph(), claims=claims, settings=ScaleSettings(), about="hand")


def parts(grid):
    return {part.name: part.rel_se for part in grid.scale_parts_at((750, 1000))}


@given(angles=angles, radius=st.floats(1, 500), middle=st.tuples(st.floats(-100, 900), st.floats(-100, 900)))
def test_three_points_on_a_circle_tell_its_diameter(angles, radius, middle):
    points = [(middle[0] + radius * math.sin(a), middle[1] + radius * math.cos(a)) for a in angles]
    assert length_of(points, (1.0, 1.0)) == pytest.approx(2 * radius, rel=1e-6)
    line = line_of(points, (1.0, 1.0))
    np.testing.assert_allclose(line.mean(axis=0), middle, atol=1e-6 * radius + 1e-6)
    assert length_of(line.tolist(), (1.0, 1.0)) == pytest.approx(2 * radius, rel=1e-6)


def test_a_circle_on_oblong_pixels_is_round_on_the_object():
    points = [(5 * math.sin(a) / 0.2, 5 * math.cos(a) / 0.1) for a in (0.1, 2.2, 4.4)]
    assert length_of(points, (0.2, 0.1)) == pytest.approx(10)


def test_a_coin_marked_by_three_points_gives_the_scale():
    points = [(700 + 50 * math.sin(a), 900 + 50 * math.cos(a)) for a in (0.3, 2.5, 4.6)]
    grid, problems = scale(claim(*points, mm=23.25, source=ScaleSource.REFERENCE_LENGTH))
    assert grid.spacing_mm == pytest.approx((0.2325, 0.2325))
    assert (grid.scale_source, problems) == (ScaleSource.REFERENCE_LENGTH, ())


@pytest.mark.parametrize(
    "points",
    [((1, 1), (2, 2), (3, 3)), ((1, 1), (1, 1), (3, 3)), ((1, 1), (2, 1), (3, 3), (4, 1)), ((1, 1),)],
)
def test_points_that_are_no_length_are_refused(points):
    with pytest.raises(ValueError, match="points"):
        ScaleClaim(source=ScaleSource.TWO_POINTS, points=points, length_mm=5)


def test_clicks_a_pixel_off_make_a_length_wrong_by_root_two_over_it():
    # 2000 px wide: a pixel of the screen is one of the picture.
    grid, _ = scale(claim((100, 100), (100, 600)))
    assert parts(grid) == pytest.approx({"clicks": math.sqrt(2) / 500, "tilt": TILT_REL_SE}, rel=1e-4)


def test_what_clicks_do_is_what_chance_says():
    rng = np.random.default_rng(2)
    points = np.array([[700.0, 900.0], [760.0, 990.0], [790.0, 850.0]])
    grid, _ = scale(claim(*map(tuple, points.tolist())))
    lengths = [length_of((points + rng.normal(size=(3, 2))).tolist(), (1, 1)) for _ in range(4000)]
    assert parts(grid)["clicks"] == pytest.approx(np.std(np.log(lengths)), rel=0.05)


def test_crossed_lines_tell_of_the_tilt():
    across, down = claim((100, 100), (100, 600)), claim((100, 100), (600, 100))
    crossed, _ = scale(across, down)
    parallel, _ = scale(across, claim((300, 100), (300, 600)))
    assert parts(crossed)["tilt"] == pytest.approx(0, abs=1e-9)
    assert parts(parallel)["tilt"] == pytest.approx(TILT_REL_SE)


def test_the_assumed_tilt_is_what_chance_says():
    # Area by one line on a plane tilted by normal angles of 10° about both axes, seen from far away.
    tilts = np.radians(np.random.default_rng(3).normal(0, 10, (20_000, 2)))
    normal = np.column_stack([np.tan(tilts), np.ones(len(tilts))])
    cosine = 1 / np.linalg.norm(normal, axis=1)
    along = 1 / np.sqrt(1 + normal[:, 0] ** 2)  # how much a line along the first axis is shortened
    off = np.log(cosine / along**2)
    assert np.sqrt(np.mean(off**2)) == pytest.approx(2 * TILT_REL_SE, rel=0.08)


def test_lengths_that_differ_more_than_clicks_explain_tell_their_error():
    grid, _ = scale(claim((100, 100), (100, 600)), claim((300, 100), (300, 600), mm=20.6))
    expected = np.std(np.log([20, 20.6]), ddof=1) / math.sqrt(2)
    assert parts(grid)["lengths"] == pytest.approx(expected, rel=1e-6)
    assert "clicks" not in parts(grid)


def test_a_declared_error_stands_for_all():
    grid, _ = scale(claim((100, 100), (100, 600), rel_se=0.004))
    assert parts(grid) == {"scale": 0.004}


def test_a_radiograph_is_not_tilted():
    image = photograph(modality=Modality.DX, spacing=(0.2, 0.1))
    grid, _ = scale(claim((100, 100), (100, 600), mm=49.0), image=image)
    assert set(parts(grid)) == {"clicks"}
    assert grid.spacing_mm == pytest.approx((0.196, 0.098))
