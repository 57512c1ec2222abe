import numpy as np
import pytest

from lesionkit.geometry.polygon import area
from lesionkit.geometry.raster import pixels
from lesionkit.phantom import Concretion, Limb, Rendering, View, render_radiograph
from lesionkit.phantom.radiograph import ray_paths

LIMB = Limb()
PALM = Concretion(lineage="a", centre=(14.5, 66.0), semi_axes=(3.0, 5.0, 3.0), density_hu=900)
VIEW = View(shape=(160, 120), spacing_mm=(0.25, 0.3), centre=(14.0, 66.0))


def expose(*concretions: Concretion, seed: int = 1, noise: float = 1.0) -> Rendering:
    return render_radiograph(LIMB, concretions, view=VIEW, seed=seed, noise=noise)


def test_a_deposit_is_denser_than_the_same_place_without_it() -> None:
    with_it, without = expose(PALM, noise=0), expose(noise=0)
    inside = pixels(with_it.deposits[0].regions[0])
    assert inside is not None
    gain = with_it.image.pixels.astype(int) - without.image.pixels
    assert gain[inside.box][inside.voxels].min() > 0
    assert gain[inside.box][inside.voxels].mean() > 150
    assert abs(gain[:20]).max() < 60  # far away only scatter differs


def test_rays_run_through_the_lengths_geometry_says() -> None:
    x, z = np.array([[14.5, 14.5, 0.0]]), np.array([[66.0, 68.5, -100.0]])
    paths = ray_paths(LIMB, [PALM], x, z)
    assert paths["body"] == pytest.approx(2 * LIMB.half_thickness(x, z), rel=1e-3)
    middle, halfway, arm = paths["calcium"][0]
    assert (middle, halfway, arm) == pytest.approx((900 * 6.0, 900 * 6.0 * np.sqrt(0.75), 0.0))


def test_outlines_have_the_true_area_within_a_hundredth_of_a_percent() -> None:
    picture = expose(PALM)
    found = area(picture.deposits[0].regions[0].rings) * 0.25 * 0.3
    assert found == pytest.approx(PALM.area_mm2, rel=1e-4)


def test_the_same_seed_gives_the_same_picture_and_another_another() -> None:
    first, again, other = expose(PALM), expose(PALM), expose(PALM, seed=2)
    assert np.array_equal(first.image.pixels, again.image.pixels)
    assert not np.array_equal(first.image.pixels, other.image.pixels)


def test_bone_is_denser_than_flesh_and_flesh_than_air() -> None:
    picture = render_radiograph(
        LIMB, (), view=View(shape=(100, 260), spacing_mm=(0.5, 0.5), centre=(0.0, -100.0)), seed=1
    )
    row, values = 50, picture.image.pixels
    radius, flesh, air = (values[row, int(129.5 + x / 0.5)] for x in (10.0, -24.0, -60.0))
    assert radius > flesh + 200 > air + 600
