import cv2
import numpy as np
import pytest

from lesionkit.calibrate import scale_of
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.settings import ScaleSettings
from lesionkit.core.units import Unit


def dermatoscope(
    radius=260.0, middle=(310.3, 402.6), *, shape=(640, 820), oval=1.0, surround=6.0, hairs=True
):
    """Return a round bright field with skin and hairs on a dark surround, drawn fine and averaged down."""
    rng = np.random.default_rng(1)
    fine = 4
    rows, cols = ((np.arange(n * fine) + 0.5) / fine - 0.5 for n in shape)
    away = np.hypot((rows[:, None] - middle[0]) / oval, cols[None, :] - middle[1])
    field = np.where(away < radius, 170.0, surround)
    field = field.reshape(shape[0], fine, shape[1], fine).mean(axis=(1, 3)).astype(np.float32)
    if hairs:
        for _ in range(12):
            ends = rng.integers(0, shape, (2, 2))
            cv2.line(field, ends[0].tolist()[::-1], ends[1].tolist()[::-1], 25.0, 3, cv2.LINE_AA)
        cv2.ellipse(field, (430, 300), (70, 40), 20, 0, 360, 90.0, -1)
    field = cv2.GaussianBlur(field, (0, 0), 1.5) + rng.normal(0, 3, shape)
    pixels = np.clip(np.rint(field), 0, 255).astype(np.uint8)
    return Image(modality=Modality.XC, pixels=pixels, grid=Grid(shape=shape), intensity_unit=Unit.GREY)


def scale(image, diameter_mm=20.0):
    settings = ScaleSettings(field_diameter_mm=diameter_mm)
    grid, problems = scale_of(image, claims=(), settings=settings, about="mole.jpg")
    return grid, [problem.code for problem in problems]


@pytest.mark.parametrize("hairs", [True, False])
@pytest.mark.parametrize("radius", [150.0, 260.0])
def test_the_round_field_gives_the_scale(radius, hairs):
    grid, codes = scale(dermatoscope(radius, hairs=hairs))
    assert (grid.scale_source, codes) == (ScaleSource.REFERENCE_LENGTH, [])
    assert grid.spacing_mm == pytest.approx((10 / radius, 10 / radius), rel=3e-3)
    assert 0 < grid.scale_rel_se < 0.01


def test_a_field_cut_off_at_two_sides_still_has_its_diameter():
    grid, _ = scale(dermatoscope(330.0, middle=(319.5, 409.5)))
    assert grid.spacing_mm == pytest.approx((10 / 330, 10 / 330), rel=3e-3)


@pytest.mark.parametrize(
    "image",
    [
        dermatoscope(oval=1.1),
        dermatoscope(surround=170.0),
        dermatoscope(radius=40.0),
        dermatoscope(radius=600.0),
    ],
    ids=["oval", "no surround", "too small", "fills the picture"],
)
def test_what_is_no_round_field_gives_no_scale(image):
    grid, codes = scale(image)
    assert not grid.is_calibrated
    assert codes == ["field_not_found", "no_scale"]


def test_nothing_is_looked_for_unless_its_diameter_is_given():
    grid, codes = scale(dermatoscope(), None)
    assert not grid.is_calibrated
    assert codes == ["no_scale"]
