"""Which scale is believed, and what is said where two disagree."""

import numpy as np
import pytest

from lesionkit.calibrate import scale_of
from lesionkit.core.grid import Grid, ScaleClaim, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.settings import ScaleSettings
from lesionkit.core.units import Unit

OWN = (0.2, 0.1)


def photograph(pixels=None):
    pixels = np.full((60, 80, 3), 200, np.uint8) if pixels is None else pixels
    return Image(
        modality=Modality.XC, pixels=pixels, grid=Grid(shape=pixels.shape[:2]), intensity_unit=Unit.GREY
    )


def radiograph(source=ScaleSource.DETECTOR_PLANE):
    grid = Grid(shape=(60, 80), spacing_mm=OWN, scale_source=source, frame_of_reference="1.2.3")
    return Image(modality=Modality.DX, pixels=np.zeros((60, 80)), grid=grid, intensity_unit=Unit.STORED)


def ct():
    grid = Grid(shape=(4, 60, 80), spacing_mm=(2.0, *OWN), scale_source=ScaleSource.PATIENT_PLANE)
    return Image(modality=Modality.CT, pixels=np.zeros((4, 60, 80)), grid=grid, intensity_unit=Unit.HU)


def with_marker(side_px=90):
    """Return a picture of a marker of 20 mm seen from the front."""
    from cv2 import aruco

    pixels = np.full((240, 320), 230, np.uint8)
    printed = aruco.generateImageMarker(aruco.getPredefinedDictionary(aruco.DICT_4X4_50), 3, side_px)
    pixels[60 : 60 + side_px, 40 : 40 + side_px] = printed
    return photograph(pixels)


def length(length_mm, *, px=50.0, source=ScaleSource.RULER, along="cols", rel_se=None):
    end = (10.0, 10.0 + px) if along == "cols" else (5.0 + px, 10.0)
    start = (10.0, 10.0) if along == "cols" else (5.0, 10.0)
    return ScaleClaim(source=source, points=(start, end), length_mm=length_mm, rel_se=rel_se)


def declared(mm_per_px, rel_se=None):
    return ScaleClaim(source=ScaleSource.MANIFEST, mm_per_px=mm_per_px, rel_se=rel_se)


def scale(image, *claims, **settings):
    grid, problems = scale_of(image, claims=claims, settings=ScaleSettings(**settings), about="P01/hand.jpg")
    assert all(problem.about == "P01/hand.jpg" for problem in problems)
    return grid, [problem.code for problem in problems], problems


MARKER = {"marker_dictionary": "DICT_4X4_50", "marker_size_mm": 20.0}


def test_without_any_scale_an_image_stays_in_pixels_and_says_how_to_get_one():
    grid, codes, problems = scale(photograph())
    assert (grid.spacing_mm, grid.scale_source) == (None, ScaleSource.NONE)
    assert codes == ["no_scale"]
    assert problems[0].severity is Severity.WARNING
    assert "images.csv" in problems[0].hint


def test_a_ruler_gives_millimetres_per_pixel():
    grid, codes, _ = scale(photograph(), length(10.0, px=50, rel_se=0.02))
    assert grid.spacing_mm == pytest.approx((0.2, 0.2))
    assert (grid.scale_source, grid.scale_rel_se, codes) == (ScaleSource.RULER, 0.02, [])


def test_a_length_drawn_aslant_is_its_distance():
    claim = ScaleClaim(source=ScaleSource.TWO_POINTS, points=((10, 10), (40, 50)), length_mm=25.0)
    grid, _, _ = scale(photograph(), claim)
    assert grid.spacing_mm == pytest.approx((0.5, 0.5))
    assert grid.scale_source is ScaleSource.TWO_POINTS


def test_several_lengths_are_averaged():
    grid, codes, _ = scale(photograph(), length(10.0, rel_se=0.03), length(10.4, along="rows", rel_se=0.04))
    assert grid.spacing_mm == pytest.approx((0.204, 0.204))
    assert grid.scale_rel_se == pytest.approx(0.025)
    assert codes == []


@pytest.mark.parametrize(
    ("other_mm", "expected"),
    [(10.49, []), (10.5, []), (10.51, ["scales_disagree"]), (9.5, ["scales_disagree"])],
)
def test_lengths_that_differ_by_more_than_five_percent_are_a_problem(other_mm, expected):
    _, codes, _ = scale(photograph(), length(10.0), length(other_mm, along="rows"))
    assert codes == expected


def test_a_problem_of_two_scales_tells_both_numbers():
    _, _, problems = scale(photograph(), length(10.0), length(12.0, along="rows"))
    assert "20 %" in problems[0].text
    assert "0.2 " in problems[0].text
    assert "0.24 " in problems[0].text


def test_a_length_without_a_number_is_the_reference_length():
    claim = length(None, source=ScaleSource.REFERENCE_LENGTH)
    grid, codes, _ = scale(photograph(), claim, reference_length_mm=25.0)
    assert grid.spacing_mm == pytest.approx((0.5, 0.5))
    assert (grid.scale_source, codes) == (ScaleSource.REFERENCE_LENGTH, [])


def test_a_length_without_any_number_is_said_and_not_guessed():
    grid, codes, _ = scale(photograph(), length(None))
    assert not grid.is_calibrated
    assert codes == ["scale_without_length", "no_scale"]


def test_a_length_marked_outside_the_image_is_not_used():
    grid, codes, _ = scale(photograph(), length(10.0, px=90))
    assert not grid.is_calibrated
    assert codes == ["scale_outside_image", "no_scale"]


def test_what_is_declared_for_the_image_overrides_everything():
    grid, codes, _ = scale(with_marker(), length(10.6), declared(0.215, rel_se=0.01), **MARKER)
    assert grid.spacing_mm == (0.215, 0.215)
    assert (grid.scale_source, grid.scale_rel_se) == (ScaleSource.MANIFEST, 0.01)
    assert grid.homography is None
    assert codes == []


def test_a_marker_of_another_size_than_is_said_disagrees_with_a_length_and_says_where_to_look():
    # 90 px of 20 mm are 0.222 mm per px; 50 px of 13 mm are 0.26.
    _, codes, problems = scale(with_marker(), length(13.0), **MARKER)
    assert codes == ["scales_disagree"]
    assert "black square" in problems[0].hint


def test_of_two_declared_scales_the_first_counts():
    grid, codes, _ = scale(photograph(), declared(0.2), declared(0.3))
    assert grid.spacing_mm == (0.2, 0.2)
    assert codes == ["scales_disagree"]


def test_the_files_own_spacing_stands_where_nothing_else_is_said():
    image = radiograph()
    grid, codes, _ = scale(image)
    assert grid is image.grid
    assert codes == []


def test_a_length_on_a_radiograph_corrects_rows_and_columns_alike():
    # 50 columns of 0.1 mm are 5 mm at the detector; the ball is known to be 4 mm wide.
    grid, codes, problems = scale(radiograph(), length(4.0, px=50))
    assert grid.spacing_mm == pytest.approx((0.16, 0.08))
    assert grid.frame_of_reference == "1.2.3"
    assert codes == ["scales_disagree"]
    assert "0.08 mm per pixel by the ruler" in problems[0].text
    assert "0.1 by its file (at the detector)" in problems[0].text


def test_lengths_along_rows_and_columns_of_unequal_spacing_agree():
    grid, codes, _ = scale(radiograph(), length(5.0, px=50), length(10.0, px=50, along="rows"))
    assert grid.spacing_mm == pytest.approx(OWN)
    assert codes == []


def test_a_marker_is_used_where_nobody_says_anything():
    grid, codes, _ = scale(with_marker(), mm_per_px=0.5, **MARKER)
    assert grid.scale_source is ScaleSource.MARKER
    assert grid.spacing_mm == pytest.approx((20 / 90, 20 / 90), rel=0.03)
    assert codes == []


def test_one_scale_for_pixels_that_are_not_square_is_told_though_it_is_right_on_average():
    grid, codes, _ = scale(radiograph(), declared(0.15))
    assert grid.spacing_mm == (0.15, 0.15)
    assert codes == ["scales_disagree"]


def test_a_ruler_goes_before_a_marker_and_both_are_told_where_they_disagree():
    grid, codes, problems = scale(with_marker(), length(20.0, px=50), **MARKER)
    assert grid.scale_source is ScaleSource.RULER
    assert grid.homography is None
    assert codes == ["scales_disagree"]
    assert "0.4 mm per pixel by the ruler" in problems[0].text
    assert "by the marker" in problems[0].text


def test_a_ruler_and_a_marker_that_agree_are_no_problem():
    _, codes, _ = scale(with_marker(), length(11.1, px=50), **MARKER)
    assert codes == []


def test_one_scale_for_all_photographs_is_the_last_resort():
    grid, codes, _ = scale(photograph(), mm_per_px=0.5)
    assert (grid.spacing_mm, grid.scale_source) == ((0.5, 0.5), ScaleSource.MANIFEST)
    assert codes == []
    assert scale(radiograph(), mm_per_px=0.5)[0].spacing_mm == OWN
    assert scale(photograph(), length(10.0), mm_per_px=0.5)[0].spacing_mm == pytest.approx((0.2, 0.2))


def test_one_scale_for_all_photographs_is_not_one_for_radiographs():
    bare = Image(
        modality=Modality.CR,
        pixels=np.zeros((60, 80)),
        grid=Grid(shape=(60, 80)),
        intensity_unit=Unit.STORED,
    )
    grid, codes, _ = scale(bare, mm_per_px=0.5)
    assert (grid.is_calibrated, codes) == (False, ["no_scale"])


def test_a_missing_marker_is_mentioned_also_where_another_scale_is_used():
    _, codes, problems = scale(photograph(), length(10.0), **MARKER)
    assert codes == ["marker_not_found"]
    assert problems[0].severity is Severity.INFO


def test_a_volume_keeps_the_spacing_of_its_file():
    image = ct()
    assert scale(image)[:2] == (image.grid, [])
    grid, codes, _ = scale(image, declared(0.5))
    assert grid is image.grid
    assert codes == ["scale_ignored"]
