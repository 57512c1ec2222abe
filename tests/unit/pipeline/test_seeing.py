"""One image in memory gives the numbers that a run over the folder gives."""

from dataclasses import replace

import numpy as np
from PIL import Image as Picture

import lesionkit
from lesionkit.core.grid import ScaleClaim, ScaleSource
from lesionkit.core.region import Deposit, Outline
from lesionkit.core.settings import CalciumSettings, ColourSettings, ErrorSettings, ScaleSettings
from lesionkit.io import write_outlines
from lesionkit.pipeline.seeing import look_into, measure_drawn


def photograph(root, seed=0):
    place = root / "P01" / "2012-03-01" / "left-hand.png"
    place.parent.mkdir(parents=True)
    pixels = np.random.default_rng(seed).integers(90, 160, (120, 150, 3), dtype=np.uint8)
    Picture.fromarray(pixels).save(place)
    (ref,) = lesionkit.read_cohort(root).images
    return ref


def see(ref, **more):
    return look_into(ref, scale=ScaleSettings(), colour=ColourSettings(), patient="P01", names={}, **more)


CLAIM = ScaleClaim(source=ScaleSource.TWO_POINTS, points=((10.0, 10.0), (10.0, 110.0)), length_mm=25.0)


def test_an_image_in_memory_is_measured_as_a_run_measures_it(tmp_path):
    ref = photograph(tmp_path)
    square = Outline(exterior=[(20, 30), (20, 60), (50, 60), (50, 30)])
    triangle = Outline(exterior=[(70.25, 80), (100, 80.5), (85, 120.125)])
    deposits = [
        Deposit(id=str(n), image=ref.id, regions=(line,)) for n, line in enumerate((square, triangle), 1)
    ]
    write_outlines(
        ref.paths[0].with_name("left-hand.outlines.geojson"), deposits, image=ref, scale_claims=[CLAIM]
    )
    found = measure_drawn(
        deposits, see(ref, claims=[CLAIM]), errors=ErrorSettings(), calcium=CalciumSettings()
    )
    assert found == lesionkit.run(tmp_path).measurements
    area = next(one for one in found if one.measure == "area")
    np.testing.assert_allclose(area.quantity.value, 900 / 16)


def test_another_scale_does_not_need_the_file_again(tmp_path):
    ref = photograph(tmp_path)
    first = see(ref)
    assert not first.image.grid.is_calibrated
    ref.paths[0].unlink()
    second = see(ref, claims=[replace(CLAIM, length_mm=50.0)], before=first)
    np.testing.assert_allclose(second.image.grid.spacing_mm, 0.5)
    assert second.loaded is first.loaded
