"""What is measured of which image, in which unit."""

from dataclasses import replace

import numpy as np
import pytest

from lesionkit.core.grid import ScaleSource
from lesionkit.core.image import Modality
from lesionkit.core.region import Deposit, Mask, Outline
from lesionkit.core.settings import ErrorSettings, ReaderError
from lesionkit.core.units import Unit
from lesionkit.measure import measure_deposits
from lesionkit.measure.error import with_errors

SQUARE = Outline(exterior=[(2, 2), (2, 6), (6, 6), (6, 2)])
BLOCK = Mask(voxels=np.ones((2, 4, 4), dtype=bool), origin=(1, 2, 2))

RANKS = ["p10_intensity", "median_intensity", "p90_intensity"]
RIM = ["rim_intensity", "contrast"]
INTENSITIES = ["mean_intensity", "max_intensity", "min_intensity", "sd_intensity"]


def test_an_outline_on_a_plane_has_no_volume(planar, measured):
    axes = ["area", "perimeter", "long_axis", "short_axis"]
    shape = ["equivalent_diameter", "ellipse_area", "circularity", "solidity", "parts"]
    centroid = ["centroid_row", "centroid_col"]
    assert list(measured(planar(), SQUARE)) == [*axes, *INTENSITIES, *centroid, *shape, *RANKS, *RIM]


def test_a_mask_of_a_volume_has_no_perimeter(volume, measured):
    names = ["area", "long_axis", "short_axis", "volume", *INTENSITIES, "agatston"]
    names += ["centroid_row", "centroid_col", "centroid_plane", "equivalent_diameter", "ellipse_area"]
    names += ["max_diameter", "surface_area", "sphericity", "parts", *RANKS, *RIM, "calcium_volume"]
    assert list(measured(volume(), BLOCK)) == names


def test_a_photograph_has_no_rim(planar, measured):
    pixels = np.full((30, 40, 3), 90, dtype=np.uint8)
    found = measured(planar(pixels=pixels, unit=Unit.GREY, modality=Modality.XC), SQUARE)
    assert "rim_intensity" not in found
    assert found["median_intensity"] == (pytest.approx(90 / 255), "grey")


def test_millimetres_come_with_a_scale(planar, volume, measured):
    found = measured(planar(), SQUARE)
    assert found["area"] == (16 * 0.125, "mm2")
    assert found["perimeter"] == (6.0, "mm")
    assert found["long_axis"][1] == found["short_axis"][1] == "mm"
    assert measured(volume(), BLOCK)["volume"] == (32 * 0.25, "mm3")


def test_without_a_scale_nothing_is_in_millimetres(planar, volume, measured):
    flat = measured(planar(spacing_mm=None), SQUARE)
    assert (flat["area"], flat["perimeter"]) == ((16, "px2"), (16, "px"))
    solid = measured(volume(spacing_mm=None), BLOCK)
    assert (solid["volume"], solid["area"]) == ((32, "px3"), (16, "px2"))
    units = [unit for found in (flat, solid) for _, unit in found.values()]
    assert not any(unit.startswith("mm") for unit in units)


def test_the_centroid_is_in_pixels_with_or_without_a_scale(planar, volume, measured):
    for spacing in (None, (0.5, 0.25)):
        found = measured(planar(spacing_mm=spacing), SQUARE)
        assert (found["centroid_row"], found["centroid_col"]) == ((4, "px"), (4, "px"))
    assert measured(volume(), BLOCK)["centroid_plane"] == (1.5, "px")


def test_measurements_say_whose_they_are_and_why_their_scale_is_believed(planar):
    deposits = [Deposit(id=name, image="hand", regions=(SQUARE,)) for name in ("A", "B")]
    found = measure_deposits(deposits, planar())
    assert {(m.image, m.deposit, m.scale_source) for m in found} == {
        ("hand", "A", ScaleSource.RULER),
        ("hand", "B", ScaleSource.RULER),
    }
    renamed = measure_deposits(deposits, planar(), image_id="1.2.3")
    assert {m.image for m in renamed} == {"1.2.3"}


def test_sizes_have_the_errors_that_the_tables_have_and_pixel_values_none(planar):
    deposit = Deposit(id="A", image="hand", regions=(SQUARE,), author="anna")
    known = ErrorSettings(readers={Modality.DX: ReaderError(outline_mm=0.3, source="our own readers")})
    found = measure_deposits([deposit], planar(), errors=known)
    bare = [replace(m, quantity=replace(m.quantity, errors=(), standard_error=None)) for m in found]
    assert with_errors(bare, [deposit], planar(), reader=known.reader(Modality.DX)) == found
    errors = {m.measure: m.quantity.standard_error for m in found}
    assert {name for name, error in errors.items() if error} == {
        *("area", "perimeter", "long_axis", "short_axis")
    }
    assumed = {m.measure: m.quantity.standard_error for m in measure_deposits([deposit], planar())}
    assert assumed["area"] != errors["area"] > 0


def test_no_deposit_means_no_measurement(planar):
    assert measure_deposits([], planar()) == ()


@pytest.mark.parametrize("side", [0.01, 0.2])
def test_a_deposit_smaller_than_a_pixel_keeps_its_area(planar, measured, side):
    corners = np.array([(0, 0), (0, side), (side, side), (side, 0)]) + 3.3
    found = measured(planar(), Outline(exterior=corners))
    assert found["area"] == (pytest.approx(side**2 * 0.125), "mm2")
    assert found["mean_intensity"] == (303, "stored")
