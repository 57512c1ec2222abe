import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.units import Unit
from lesionkit.errors import CalibrationError

# Planes 2.5 mm apart, rows 0.7 mm, columns 0.4 mm: carries (plane, row, col, 1) to LPS (x, y, z, 1).
AFFINE = np.array([[0, 0, -0.4, 10], [0, 0.7, 0, 20], [2.5, 0, 0, 30], [0, 0, 0, 1.0]])


def planar(spacing=(0.7, 0.4), **more):
    source = ScaleSource.MARKER if spacing else ScaleSource.NONE
    return Grid(shape=(6, 9), spacing_mm=spacing, scale_source=source, **more)


def volume(affine=AFFINE):
    return Grid(
        shape=(4, 6, 9),
        spacing_mm=(2.5, 0.7, 0.4),
        affine=affine,
        scale_source=ScaleSource.PATIENT_PLANE,
    )


def test_without_a_scale_lengths_are_in_pixels():
    grid = planar(None)
    assert not grid.is_calibrated
    assert grid.length_unit is Unit.PX
    assert grid.locate([[2, 3]]).tolist() == [[2, 3]]


def test_rows_and_columns_have_spacings_of_their_own():
    grid = planar()
    assert grid.length_unit is Unit.MM
    np.testing.assert_allclose(grid.locate([[2, 3], [0, 0]]), [[1.4, 1.2], [0, 0]])


@pytest.mark.parametrize("source", [s for s in ScaleSource if s is not ScaleSource.NONE])
def test_a_scale_source_without_a_spacing_is_refused(source):
    with pytest.raises(ValueError, match="scale source"):
        Grid(shape=(6, 9), scale_source=source)


def test_a_spacing_without_a_scale_source_is_refused():
    with pytest.raises(ValueError, match="scale source"):
        Grid(shape=(6, 9), spacing_mm=(0.7, 0.4))


@pytest.mark.parametrize("spacing", [(0.7,), (0.7, 0.4, 1.0), (0.7, 0.0), (0.7, -0.4), (np.inf, 0.4)])
def test_there_is_one_positive_spacing_per_axis(spacing):
    with pytest.raises(ValueError, match="spacing"):
        planar(spacing)


@pytest.mark.parametrize("shape", [(9,), (1, 2, 3, 4), (0, 5)])
def test_a_grid_has_two_or_three_axes_of_at_least_one_pixel(shape):
    with pytest.raises(ValueError, match="axes"):
        Grid(shape=shape)


def test_an_affine_carries_voxels_to_patient_coordinates():
    np.testing.assert_allclose(volume().locate([[1, 2, 3]]), [[8.8, 21.4, 32.5]])


def test_a_left_handed_affine_is_refused():
    with pytest.raises(ValueError, match="left-handed"):
        volume(AFFINE @ np.diag([1, 1, -1, 1]))


def test_an_affine_of_another_spacing_is_refused():
    with pytest.raises(ValueError, match="another spacing"):
        volume(AFFINE @ np.diag([1.01, 1, 1, 1]))


def test_gantry_tilt_shears_the_affine_and_keeps_the_voxel_volume():
    tilted = AFFINE.copy()
    tilted[1, 0] = 0.9
    assert volume(tilted).voxel_volume_mm3 == pytest.approx(2.5 * 0.7 * 0.4)


def test_a_planar_image_has_no_affine_and_no_voxel_volume():
    with pytest.raises(ValueError, match="volume"):
        planar(affine=AFFINE)
    with pytest.raises(CalibrationError):
        _ = planar().voxel_volume_mm3
    with pytest.raises(CalibrationError):
        _ = Grid(shape=(4, 6, 9)).voxel_volume_mm3


def test_a_homography_needs_a_planar_image_with_a_scale():
    with pytest.raises(ValueError, match="homography"):
        planar(None, homography=np.eye(3))


def test_a_homography_locates_by_perspective():
    grid = planar(homography=[[0.7, 0, 0], [0, 0.4, 0], [0, 0.1, 1]])
    np.testing.assert_allclose(grid.locate([[2, 5]]), [[1.4 / 1.5, 2.0 / 1.5]])


@given(st.floats(-2, 8), st.floats(-2, 11))
def test_an_image_reaches_half_a_pixel_beyond_its_outermost_centres(row, col):
    assert planar().contains([[row, col]])[0] == (-0.5 <= row <= 5.5 and -0.5 <= col <= 8.5)


def test_what_a_grid_holds_cannot_be_changed():
    given_affine = AFFINE.copy()
    grid = volume(given_affine)
    given_affine[0, 3] = 99
    assert grid.affine[0, 3] == 10
    with pytest.raises(ValueError, match="read-only"):
        grid.affine[0, 3] = 99


@pytest.mark.parametrize("source", ScaleSource)
def test_a_scale_source_is_comparable_with_itself(source):
    assert source.comparable_with(source)


@given(st.sampled_from(ScaleSource), st.sampled_from(ScaleSource))
def test_two_scale_sources_are_comparable_where_both_claim_the_patients_mm(one, other):
    biased = {
        ScaleSource.DETECTOR_PLANE,
        ScaleSource.UNSPECIFIED_PLANE,
        ScaleSource.BASELINE_PICTURE,
        ScaleSource.NONE,
    }
    assert one.comparable_with(other) == other.comparable_with(one)
    assert one.comparable_with(other) == (one is other or not {one, other} & biased)


TWO = ((0.0, 0.0), (30.0, 40.0))


@pytest.mark.parametrize(
    "claim",
    [
        {},
        {"points": TWO, "mm_per_px": 0.1},
        {"points": (TWO[0], TWO[0]), "length_mm": 5},
        {"points": TWO, "length_mm": 0},
        {"points": TWO, "length_mm": -5},
        {"mm_per_px": 0},
        {"mm_per_px": np.inf},
        {"mm_per_px": 0.1, "rel_se": -0.1},
        {"mm_per_px": 0.1, "rel_se": np.inf},
    ],
)
def test_a_scale_claim_that_contradicts_itself_is_refused(claim):
    with pytest.raises(ValueError, match=r"scale|positive|rel_se"):
        ScaleClaim(source=ScaleSource.TWO_POINTS, **claim)


def test_two_points_need_no_length_where_the_settings_give_one():
    assert ScaleClaim(source=ScaleSource.REFERENCE_LENGTH, points=TWO).length_mm is None
