"""Slices lie where DICOM says, in every orientation, whatever their numbers say."""

from pathlib import Path

import dicoms
import numpy as np
import pytest
from dicoms import AXIAL, CENTRE, PIXEL, STEP
from hypothesis import given
from hypothesis import strategies as st

from lesionkit.core.grid import ScaleSource
from lesionkit.io.dicom.geometry import Flaw, Stack, stack
from lesionkit.io.dicom.header import Slice

ORIENTATIONS = {
    "axial": dicoms.AXIAL,
    "coronal": dicoms.CORONAL,
    "sagittal": dicoms.SAGITTAL,
    "prone": dicoms.PRONE,
    "feet first": dicoms.FEET_FIRST,
    "decubitus": dicoms.DECUBITUS,
    "oblique": dicoms.OBLIQUE,
}


@pytest.mark.parametrize("tilt", [0.0, 0.6, -1.3])
@pytest.mark.parametrize("orientation", ORIENTATIONS.values(), ids=ORIENTATIONS)
def test_a_ball_keeps_its_place_and_volume_in_every_orientation(tmp_path, orientation, tilt):
    image = dicoms.only(dicoms.write(tmp_path, dicoms.planes(orientation, tilt=tilt)))
    assert image.grid.spacing_mm == pytest.approx((STEP, *PIXEL), abs=1e-5)
    assert np.linalg.det(image.grid.affine) == pytest.approx(STEP * PIXEL[0] * PIXEL[1], rel=1e-5)
    assert dicoms.centroid(image) == pytest.approx(CENTRE, abs=0.01)
    held = (image.pixels.astype(float) + 1000).sum() / 20000 * image.grid.voxel_volume_mm3
    assert held == pytest.approx((2 * np.pi) ** 1.5 * dicoms.SIGMA**3, rel=2e-3)
    assert image.grid.frame_of_reference == dicoms.uid(7)
    assert image.grid.scale_source is ScaleSource.PATIENT_PLANE


def test_planes_follow_each_other_against_the_normal_so_that_the_grid_is_right_handed(tmp_path):
    image = dicoms.only(dicoms.write(tmp_path, dicoms.planes(AXIAL)))
    top, bottom = image.grid.locate([(0, 0, 0), (18, 0, 0)])
    assert top[2] > bottom[2]
    assert image.grid.affine[:3, 1] == pytest.approx((0, PIXEL[0], 0))
    assert image.grid.affine[:3, 2] == pytest.approx((PIXEL[1], 0, 0))


def placed(*positions, orientation=AXIAL, thickness=None):
    return [
        Slice(
            path=Path(f"{number}.dcm"),
            shape=(4, 6),
            position=tuple(position),
            orientation=orientation,
            spacing=PIXEL,
            thickness=thickness,
        )
        for number, position in enumerate(positions)
    ]


def heads(*levels, **more):
    return placed(*((1.0, 2.0, level) for level in levels), **more)


@st.composite
def volumes(draw):
    axis = np.array(draw(st.tuples(*[st.floats(-1, 1)] * 4)))
    if np.linalg.norm(axis) < 0.1:
        axis = np.array([1.0, 0, 0, 0])
    w, x, y, z = axis / np.linalg.norm(axis)
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    step = turn[:, 2] * draw(st.floats(0.3, 8)) + turn[:, 1] * draw(st.floats(-2, 2))
    count = draw(st.integers(2, 12))
    slices = placed(*(step * k + 5 for k in range(count)), orientation=tuple(turn[:, :2].T.ravel()))
    return draw(st.permutations(slices))


@given(slices=volumes())
def test_every_slice_lies_where_its_own_position_says_in_whatever_order_it_comes(slices):
    found = stack(slices)
    assert isinstance(found, Stack)
    corners = [(plane, 0, 0) for plane in range(len(slices))]
    assert found.grid.locate(corners) == pytest.approx(
        np.array([item.position for item in found.slices]), abs=1e-9
    )
    assert np.linalg.det(found.grid.affine) > 0


@pytest.mark.parametrize(
    ("levels", "code", "named"),
    [
        ((0, 2, 4, 8, 10), "missing_slices", "between 4 mm and 8 mm"),
        ((0, 2, 4, 10, 14, 16, 18), "missing_slices", "3 slices are missing"),
        ((-110, -107, -101), "missing_slices", "between −107 mm and −101 mm"),
        ((0, 2, 4, 7, 9), "uneven_slices", "between 4 mm and 7 mm"),
        ((0, 2, 4, 6.03, 8.03, 10.03), "uneven_slices", "2.03 mm instead of 2 mm"),
        ((0, 4, 8, 11, 15, 19), "uneven_slices", "between 8 mm and 11 mm"),
    ],
)
def test_slices_that_are_missing_or_uneven_are_refused_by_their_place(levels, code, named):
    found = stack(heads(*levels))
    assert isinstance(found, Flaw)
    assert found.code == code
    assert named in found.text


@pytest.mark.parametrize(
    ("gap", "fits"), [(2.0, True), (2.019, True), (1.981, True), (2.021, False), (1.979, False)]
)
def test_a_distance_may_differ_by_one_per_cent_and_no_more(gap, fits):
    assert isinstance(stack(heads(0, 2, 4, 6, 6 + gap, 8 + gap)), Stack) is fits


def test_positions_rounded_to_a_hundredth_are_even():
    levels = [round(0.625 * number, 2) for number in range(40)]
    found = stack(heads(*levels))
    assert isinstance(found, Stack)
    assert found.grid.spacing_mm[0] == pytest.approx(0.625, rel=1e-3)


def test_slices_that_wander_off_sideways_are_refused():
    found = stack(placed((0, 0, 0), (0, 0, 2), (0.5, 0, 4), (0, 0, 6)))
    assert isinstance(found, Flaw)
    assert found.code == "uneven_slices"


def test_a_single_slice_is_as_thick_as_it_says_and_the_user_is_told():
    found = stack(heads(7, thickness=2.5))
    assert isinstance(found, Stack)
    assert found.grid.spacing_mm == (2.5, *PIXEL)
    assert found.grid.locate([(0, 0, 0)]) == pytest.approx(np.array([[1, 2, 7]]))
    assert [flaw.code for flaw in found.flaws] == ["single_slice"]


def test_a_single_slice_of_unknown_thickness_has_no_scale():
    found = stack(heads(7))
    assert isinstance(found, Stack)
    assert found.grid.spacing_mm is None
    assert [flaw.code for flaw in found.flaws] == ["no_slice_thickness"]
