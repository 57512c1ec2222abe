"""A ruler is found by itself and gives the right scale, or none is given."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from rulers import SHAPE, Laid, View, photograph

from lesionkit.calibrate import scale_of
from lesionkit.calibrate.ruler import find_rulers
from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.settings import ScaleSettings
from lesionkit.core.surface import Surface
from lesionkit.core.units import Unit
from lesionkit.phantom.decoy import KINDS, decoy
from lesionkit.phantom.ruler import Graduation, RulerMake

CORNERS = [(60.0, 60.0), (60.0, 1060.0), (780.0, 60.0), (780.0, 1060.0), (420.0, 560.0)]


def scale(image, *claims, **settings):
    grid, problems = scale_of(image, claims=claims, settings=ScaleSettings(**settings), about="P01/hand.jpg")
    assert all(problem.about == "P01/hand.jpg" for problem in problems)
    return grid, [problem.code for problem in problems]


def test_a_ruler_seen_squarely_gives_its_millimetres():
    grid, codes = scale(photograph(Laid()))
    assert (grid.scale_source, codes) == (ScaleSource.RULER, [])
    assert grid.spacing_mm == pytest.approx((0.17, 0.17), rel=2e-3)


@pytest.mark.parametrize("towards", [0, 45, 90, 200])
@pytest.mark.parametrize("turn", [0, 70, 180])
def test_a_ruler_seen_aslant_gives_the_right_area_all_over_the_picture(towards, turn):
    view = View(tilt=15, towards=towards)
    grid, _ = scale(photograph(Laid(turn=turn), view=view))
    assert grid.scale_source is ScaleSource.RULER
    off = [view.area_factor(grid, at) - 1 for at in CORNERS]
    stated = [2 * np.hypot.reduce([part.rel_se for part in grid.scale_parts_at(at)]) for at in CORNERS]
    assert np.abs(off).max() < 0.03
    assert (np.abs(off) < 3 * np.array(stated)).all()


def test_one_scale_for_the_whole_picture_would_be_wrong_where_it_is_seen_aslant():
    # What the test above would miss if perspective were not corrected.
    view = View(tilt=15, towards=0)
    grid, _ = scale(photograph(Laid(), view=view))
    flat = replace(grid, homography=None, scale_error=None)
    assert np.abs([view.area_factor(flat, at) - 1 for at in CORNERS]).max() > 0.08


@pytest.mark.parametrize(
    "make",
    [
        RulerMake(length_mm=100, ticks_mm=(2.0, 3.2, 4.4), tick_width_mm=0.15),
        RulerMake(length_mm=100, inset_mm=1.0),
        RulerMake(length_mm=100, ink=0.8, ground=0.03),
        RulerMake(length_mm=100, lower=Graduation.MILLIMETRES, width_mm=30),
        RulerMake(length_mm=100, lower=Graduation.INCHES, width_mm=30),
        RulerMake(length_mm=60, has_numbers=False),
        RulerMake(length_mm=100, graduation=Graduation.HALF_MILLIMETRES, ticks_mm=(4.0, 5.5, 7.0)),
    ],
)
def test_rulers_of_many_makes_give_their_millimetres(make):
    grid, _ = scale(photograph(Laid(make=make), view=View(distance_mm=120)))
    assert grid.scale_source is ScaleSource.RULER
    assert grid.spacing_mm == pytest.approx((0.12, 0.12), rel=5e-3)


@pytest.mark.parametrize(
    "graduation", [Graduation.INCHES, Graduation.EVEN, Graduation.TENTHS, Graduation.TWO_MILLIMETRES]
)
def test_a_graduation_that_may_be_no_millimetres_gives_no_scale(graduation):
    grid, codes = scale(photograph(Laid(make=RulerMake(length_mm=100, graduation=graduation))))
    assert not grid.is_calibrated
    assert codes[-1] == "no_scale"


def test_a_ruler_in_inches_is_said_to_be_unclear():
    _, codes = scale(photograph(Laid(make=RulerMake(length_mm=100, graduation=Graduation.INCHES))))
    assert codes == ["ruler_unit_unclear", "no_scale"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_else_that_is_regular_is_taken_for_a_ruler(kind, seed):
    grey = decoy(kind, np.random.default_rng([seed, 7]), shape=(600, 800))
    assert find_rulers(grey).rulers == ()


def test_three_centimetres_are_needed():
    short = RulerMake(length_mm=25, ticks_mm=(2.0, 3.0, 4.0))
    assert find_rulers(photograph(Laid(make=short)).pixels[..., 0].copy()).rulers == ()


def test_two_rulers_on_one_plane_are_one_scale_with_less_error():
    view = View(tilt=10, towards=30)
    across, down = Laid(at=(40, 0)), Laid(at=(-10, -55), turn=90, make=RulerMake(length_mm=80))
    one, _ = scale(photograph(across, view=view))
    both, codes = scale(photograph(across, down, view=view))
    assert codes == []
    assert abs(view.area_factor(both, (420, 560)) - 1) < 0.01
    assert "rulers" in {part.name for part in both.scale_parts_at((420, 560))}
    assert one.scale_source is both.scale_source is ScaleSource.RULER


def test_rulers_that_disagree_are_told():
    short = RulerMake(length_mm=60)
    image = photograph(Laid(at=(40, 0)), Laid(at=(-30, 0), make=short, stretch=1.1))
    grid, codes = scale(image)
    assert codes == ["rulers_disagree"]
    assert grid.spacing_mm == pytest.approx((0.17, 0.17), rel=5e-3)


def test_rulers_can_be_left_alone():
    grid, codes = scale(photograph(Laid()), find_rulers=False)
    assert not grid.is_calibrated
    assert codes == ["no_scale"]


def test_a_person_who_gives_the_scale_is_believed_and_nothing_is_searched(monkeypatch):
    monkeypatch.setattr("lesionkit.calibrate.ruler.find_rulers", lambda grey: pytest.fail("searched"))
    claim = ScaleClaim(source=ScaleSource.MANIFEST, mm_per_px=0.2)
    grid, _ = scale(photograph(Laid()), claim)
    assert grid.scale_source is ScaleSource.MANIFEST


def test_a_ruler_in_the_picture_goes_before_one_scale_for_all_photographs():
    grid, _ = scale(photograph(Laid()), mm_per_px=0.5)
    assert grid.scale_source is ScaleSource.RULER
    grid, _ = scale(photograph(), mm_per_px=0.5)
    assert grid.spacing_mm == (0.5, 0.5)


def test_rulers_on_radiographs_are_not_looked_for():
    grid, _ = scale(replace(photograph(Laid()), modality=Modality.DX))
    assert not grid.is_calibrated


@pytest.mark.parametrize("kind", ["grey", "deep"])
def test_grey_and_sixteen_bit_pictures_are_searched_too(kind):
    eight = photograph(Laid()).pixels
    pixels = eight[..., 0].copy() if kind == "grey" else eight.astype(np.uint16) * 257
    image = Image(modality=Modality.XC, pixels=pixels, grid=Grid(shape=SHAPE), intensity_unit=Unit.GREY)
    assert scale(image)[0].spacing_mm == pytest.approx((0.17, 0.17), rel=2e-3)


def test_a_scale_too_uncertain_is_not_given(monkeypatch):
    monkeypatch.setattr("lesionkit.calibrate.ruler._LARGEST_ERROR", 1e-4)
    image = photograph(Laid())
    grid, problems = scale_of(image, claims=(), settings=ScaleSettings(), about="P01/hand.jpg")
    assert not grid.is_calibrated
    assert (problems[0].code, problems[0].severity) == ("ruler_too_oblique", Severity.INFO)


def test_a_clear_ruler_is_used_beside_a_limb_that_curves_away_from_it_and_the_error_says_so():
    image = photograph(Laid())
    flat, _ = scale(image)
    curved, codes = scale(image, surface=Surface(height_mm=20.0, radius_mm=8.0, source="assumed"))
    assert (curved.scale_source, codes) == (ScaleSource.RULER, [])
    assert curved.spacing_mm == flat.spacing_mm
    assert curved.scale_rel_se > 0.05 > flat.scale_rel_se


def test_a_bent_ruler_is_not_used():
    image = photograph(Laid(make=RulerMake(length_mm=150)))
    rows, cols = np.indices(SHAPE, dtype=np.float32)
    wave = (cols + 6 * np.sin(cols / 60)).astype(np.float32)
    pixels = cv2.remap(image.pixels, wave, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    grid, codes = scale(replace(image, pixels=pixels))
    assert not grid.is_calibrated
    assert codes in (["ruler_bent", "no_scale"], ["no_scale"])


def test_ticks_that_do_not_lie_as_on_a_plane_are_told(monkeypatch):
    monkeypatch.setattr("lesionkit.calibrate.ruler._FLAT", 1e-6)
    _, codes = scale(photograph(Laid()))
    assert codes == ["ruler_bent", "no_scale"]


def test_the_error_names_its_causes():
    grid, _ = scale(photograph(Laid()))
    names = {part.name for part in grid.scale_parts_at((420, 560))}
    assert {"graduation", "perspective", "height"} <= names


@pytest.mark.parametrize("share", [-0.015, 0.015])
def test_a_lens_that_bends_lines_is_followed(share):
    view = View(tilt=10, towards=130)
    image = photograph(Laid(make=RulerMake(length_mm=150), at=(30, 10), turn=12), view=view)
    rows, cols = np.indices(SHAPE, dtype=np.float64)
    middle = (np.asarray(SHAPE) - 1) / 2
    square = ((rows - middle[0]) ** 2 + (cols - middle[1]) ** 2) / (middle @ middle)
    at = [
        (m + (p - m) * (1 + share * square)).astype(np.float32)
        for m, p in zip(middle, (rows, cols), strict=True)
    ]
    bent = replace(image, pixels=cv2.remap(image.pixels, at[1], at[0], cv2.INTER_CUBIC))
    search = find_rulers(bent.pixels[..., 0].copy())
    assert [len(ruler.ticks.number) >= 147 for ruler in search.rulers] == [True]
    grid, _ = scale(bent)
    # The middle of the picture is not bent.
    assert view.area_factor(grid, tuple(middle)) == pytest.approx(1, abs=0.015)
