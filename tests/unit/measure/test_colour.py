"""Redness and whiteness against the skin around, by closed forms."""

import math

import numpy as np
import pytest

from lesionkit.core.colour import ColourCorrection, lab_of
from lesionkit.core.grid import Grid, ScaleSource
from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.units import Unit
from lesionkit.measure.colour import measure_colours

SPACING = (0.2, 0.25)
SHAPE = (240, 220)
SKIN, RED, WHITE, CLOTH = (0.50, 0.33, 0.25), (0.45, 0.15, 0.12), (0.8, 0.78, 0.7), (0.05, 0.17, 0.22)
CALIBRATED = ColourCorrection(source="card", matrix=np.eye(3), delta_e_before=6.0, delta_e_after=2.5)


def stored(linear) -> np.ndarray:
    value = 1.055 * np.asarray(linear) ** (1 / 2.4) - 0.055
    return np.rint(value * 65535).astype(np.uint16)


def away_mm(centre: tuple[float, float]) -> np.ndarray:
    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.hypot((rows - centre[0]) * SPACING[0], (cols - centre[1]) * SPACING[1])


def photograph(pixels: np.ndarray, *, spacing=SPACING) -> Image:
    source = ScaleSource.NONE if spacing is None else ScaleSource.MARKER
    grid = Grid(shape=SHAPE, spacing_mm=spacing, scale_source=source)
    return Image(modality=Modality.XC, pixels=pixels, grid=grid, intensity_unit=Unit.GREY)


def disc(name: str, centre: tuple[float, float], radius_mm: float) -> Deposit:
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    ring = np.stack([np.sin(angles) / SPACING[0], np.cos(angles) / SPACING[1]], axis=1) * radius_mm + centre
    return Deposit(id=name, image="a.jpg", regions=(Outline(exterior=[tuple(p) for p in ring.tolist()]),))


def scene() -> np.ndarray:
    """Return a white disc of 4 mm with a red rim of 3 mm on skin."""
    pixels = np.empty((*SHAPE, 3), np.uint16)
    pixels[:] = stored(SKIN)
    away = away_mm((120, 110))
    pixels[away <= 7] = stored(RED)
    pixels[away <= 4] = stored(WHITE)
    return pixels


def measured(pixels, deposits, correction=CALIBRATED, **options) -> dict[tuple[str, str], float]:
    found = measure_colours(deposits, photograph(pixels, **options), correction, image_id="a.jpg")
    assert {one.quantity.unit for one in found} <= {Unit.ONE}
    return {(one.deposit, one.measure): one.quantity.value for one in found}


def index(colour) -> float:
    return 100 * math.log10(colour[0] / colour[1])


def test_redness_and_whiteness_are_those_of_the_colours_less_the_skins():
    found = measured(scene(), [disc("d", (120, 110), 3.9)])
    light = {name: float(lab_of(colour)[0]) for name, colour in (("s", SKIN), ("r", RED), ("w", WHITE))}
    assert found["d", "erythema"] == pytest.approx(index(WHITE) - index(SKIN), abs=0.05)
    assert found["d", "rim_erythema"] == pytest.approx(index(RED) - index(SKIN), abs=2)
    assert found["d", "whiteness"] == pytest.approx(light["w"] - light["s"], abs=0.05)
    assert found["d", "rim_whiteness"] == pytest.approx(light["r"] - light["s"], abs=2)
    assert found["d", "colour_delta_e"] == 2.5


def test_cloth_and_other_deposits_are_not_taken_for_skin():
    pixels = scene()
    pixels[:, :85] = stored(CLOTH)
    pixels[away_mm((120, 150)) <= 2] = stored(WHITE)
    alone = measured(scene(), [disc("d", (120, 110), 3.9)])
    found = measured(pixels, [disc("d", (120, 110), 3.9), disc("e", (120, 150), 2.0)])
    for name in ("erythema", "whiteness"):
        assert found["d", name] == pytest.approx(alone["d", name], abs=0.05)


def test_the_light_that_a_correction_takes_off_changes_nothing():
    cast = np.diag([0.9, 0.7, 0.5])
    linear = np.array([SKIN, RED, WHITE])
    pixels = scene()
    for before, after in zip(linear, linear @ cast, strict=True):
        pixels[(pixels == stored(before)).all(axis=-1)] = stored(after)
    correction = ColourCorrection(source="card", matrix=np.linalg.inv(cast), delta_e_after=2.5)
    deposits = [disc("d", (120, 110), 3.9)]
    assert measured(pixels, deposits, correction) == pytest.approx(measured(scene(), deposits), abs=0.05)


@pytest.mark.parametrize(
    "correction",
    [
        None,
        ColourCorrection(source="paper white", matrix=np.eye(3)),
        ColourCorrection(source="card", matrix=np.eye(3), delta_e_before=9.0, delta_e_after=7.0),
    ],
)
def test_without_calibrated_colour_nothing_is_measured(correction):
    assert measured(scene(), [disc("d", (120, 110), 3.9)], correction) == {}


def test_without_a_scale_nothing_is_measured():
    assert measured(scene(), [disc("d", (120, 110), 3.9)], spacing=None) == {}


def test_without_skin_around_only_the_correction_is_told():
    pixels = scene()
    pixels[away_mm((120, 110)) > 7] = stored(CLOTH)
    assert measured(pixels, [disc("d", (120, 110), 3.9)]) == {("d", "colour_delta_e"): 2.5}


def test_a_deposit_at_the_edge_of_the_picture_is_measured_by_the_skin_that_is_there():
    pixels = np.empty((*SHAPE, 3), np.uint16)
    pixels[:] = stored(SKIN)
    pixels[away_mm((10, 110)) <= 4] = stored(RED)
    found = measured(pixels, [disc("d", (19.6, 110), 3.8)])
    assert found["d", "erythema"] > 5
