"""What every alignment promises, whatever the modality."""

import subprocess
import sys

import numpy as np
import pytest
from scenes import axial_grid, grey_picture, limb, planar

from lesionkit.align import align
from lesionkit.align.grids import guess
from lesionkit.core.image import Image, Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.units import Unit


@pytest.mark.parametrize("modality", [Modality.XC, Modality.CR, Modality.DX])
def test_an_image_aligns_with_itself_by_identity(modality):
    image = planar(grey_picture(1), modality)
    transform, problems = align(image, image, image_id="a", baseline_id="b")
    np.testing.assert_array_equal(transform.matrix, np.eye(3))
    assert transform.residual is not None
    assert (transform.residual.value, transform.residual.unit) == (0.0, Unit.MM)
    assert (transform.source, transform.target, problems) == ("a", "b", ())


def test_volumes_in_one_frame_of_reference_are_aligned_without_their_pixels():
    grid = axial_grid((4, 5, 6), (3.0, 1.0, 0.5), frame="1.2.3")
    blank = Image(modality=Modality.CT, pixels=np.zeros(grid.shape), grid=grid, intensity_unit=Unit.HU)
    transform, problems = align(blank, blank, image_id="a", baseline_id="b")
    assert (transform.method, transform.is_reliable, problems) == ("frame-of-reference", True, ())


@pytest.mark.parametrize("modality", [Modality.XC, Modality.DX])
def test_a_failed_alignment_is_a_guess_and_one_warning_about_the_image(modality):
    image = planar(grey_picture(2)[:250], modality)
    baseline = planar(grey_picture(3), modality)
    transform, problems = align(image, baseline, image_id="late.jpg", baseline_id="first.jpg")
    assert not transform.is_reliable
    assert transform.residual is None
    np.testing.assert_allclose(transform.matrix, guess(image.grid, baseline.grid))
    (problem,) = problems
    assert (problem.severity, problem.code, problem.about) == (
        Severity.WARNING,
        "alignment_failed",
        "late.jpg",
    )
    assert "same name" in problem.hint
    assert problem.text.endswith(".")


@pytest.mark.parametrize("modality", [Modality.XC, Modality.DX])
def test_blank_images_are_refused_though_they_are_equal(modality):
    blank = planar(np.full((120, 160), 7, dtype=np.uint8), modality)
    transform, problems = align(blank, blank, image_id="a", baseline_id="b")
    assert not transform.is_reliable
    assert [problem.code for problem in problems] == ["alignment_failed"]


def test_images_of_a_few_pixels_are_refused_not_an_error():
    for shape in ((1, 1), (1, 40), (3, 3)):
        one = planar(np.arange(np.prod(shape), dtype=np.uint8).reshape(shape), Modality.DX)
        other = planar(np.arange(12, dtype=np.uint8).reshape(3, 4) * 3, Modality.DX)
        transform, _ = align(one, other, image_id="a", baseline_id="b")
        assert not transform.is_reliable


def test_a_planar_image_and_a_volume_cannot_be_aligned():
    volume = limb(1, axial_grid((6, 7, 8), (9.0, 8.0, 7.0)), pose=np.eye(4))
    with pytest.raises(ValueError, match="cannot be aligned"):
        align(planar(grey_picture(1), Modality.DX), volume, image_id="a", baseline_id="b")


def test_importing_alignment_and_tracking_loads_none_of_their_heavy_libraries():
    code = (
        "import sys, lesionkit.align, lesionkit.track\n"
        "print([name for name in ('cv2', 'SimpleITK', 'scipy', 'skimage', 'shapely') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
