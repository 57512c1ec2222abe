import numpy as np
import pytest

from lesionkit.core.grid import Grid
from lesionkit.core.image import Image, Modality
from lesionkit.core.units import Unit
from lesionkit.measure.error.edge import edge_sd_px


def blurred_disc(radius, blur, *, noise=0.0, shape=(160, 190)):
    """Return an image of a disc with its centre at (80.3, 90.6), blurred by a Gaussian."""
    from scipy.ndimage import gaussian_filter

    rows, cols = np.mgrid[: shape[0], : shape[1]]
    disc = gaussian_filter(((rows - 80.3) ** 2 + (cols - 90.6) ** 2 < radius**2).astype(float), blur)
    pixels = 1000 * disc + noise * np.random.default_rng(1).normal(size=shape)
    return Image(modality=Modality.DX, pixels=pixels, grid=Grid(shape=shape), intensity_unit=Unit.STORED)


def around(radius):
    angle = np.linspace(0, 2 * np.pi, 70, endpoint=False)
    out = radius + 0.5 * np.sin(3 * angle)
    return np.stack([80.3 + out * np.sin(angle), 90.6 + out * np.cos(angle)], axis=1)


@pytest.mark.parametrize("blur", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("noise", [0.0, 30.0])
def test_the_blur_of_an_edge_is_found(blur, noise):
    found = edge_sd_px(around(40.0), blurred_disc(40.0, blur, noise=noise))
    assert found == pytest.approx(blur, rel=0.2)


def test_the_direction_of_drawing_and_the_sign_of_the_step_do_not_matter():
    image, line = blurred_disc(30.0, 2.0), around(30.0)
    dark = Image(modality=Modality.DX, pixels=-image.pixels, grid=image.grid, intensity_unit=Unit.STORED)
    one = edge_sd_px(line, image)
    assert edge_sd_px(line[::-1], image) == pytest.approx(one)
    assert edge_sd_px(np.roll(line, 17, axis=0), image) == pytest.approx(one)
    assert edge_sd_px(line, dark) == pytest.approx(one)


def test_no_edge_is_seen_in_noise_or_in_a_flat_picture():
    noise = Image(
        modality=Modality.DX,
        pixels=np.random.default_rng(2).normal(size=(160, 190)),
        grid=Grid(shape=(160, 190)),
        intensity_unit=Unit.STORED,
    )
    assert edge_sd_px(around(40.0), noise) is None
    flat = Image(
        modality=Modality.DX, pixels=np.zeros((160, 190)), grid=noise.grid, intensity_unit=Unit.STORED
    )
    assert edge_sd_px(around(40.0), flat) is None


def test_a_line_outside_the_image_lies_on_no_edge():
    assert edge_sd_px(around(40.0) - 500.0, blurred_disc(40.0, 2.0)) is None
