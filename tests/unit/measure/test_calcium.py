"""Calcium scores, volume and mass, reckoned by hand; and the rim that soft tissue is read from."""

import numpy as np
import pytest

from lesionkit.core.image import Modality
from lesionkit.core.region import Deposit, Mask
from lesionkit.core.settings import CalciumSettings
from lesionkit.core.units import Unit
from lesionkit.measure import measure_deposits
from lesionkit.measure.rim import surroundings_of

SPACING = (2.0, 0.5, 0.25)


def block(*shape, origin=(1, 2, 3)):
    return Mask(voxels=np.ones(shape, dtype=bool), origin=origin)


def measured(image, *masks, **calcium):
    deposits = [Deposit(id=str(n), image="ct", regions=(mask,)) for n, mask in enumerate(masks)]
    found = measure_deposits(deposits, image, calcium=CalciumSettings(**calcium))
    return {m.measure: (m.quantity.value, str(m.quantity.unit)) for m in found if m.deposit == "0"}


@pytest.fixture
def speck(volume):
    """Return a CT of voxels of 100, 130, 250 and 410 HU in one plane and of one of 200 HU in the next."""
    pixels = np.full((6, 20, 30), 40, dtype=np.int16)
    pixels[1, 2, 3:7] = 100, 130, 250, 410
    pixels[2, 2, 3:7] = 200, 0, 0, 0
    return volume(pixels=pixels)


def test_the_calcium_volume_counts_voxels_of_at_least_130_hu(speck):
    assert measured(speck, block(2, 1, 4))["calcium_volume"] == (4 * 0.25, "mm3")


def test_the_mass_is_factor_times_mean_hu_times_volume(speck):
    mean, volume_ml = (130 + 250 + 410 + 200) / 4, 4 * 0.25 / 1000
    found = measured(speck, block(2, 1, 4), mg_per_ml_per_hu=0.8)
    assert found["calcium_mass"] == (pytest.approx(0.8 * mean * volume_ml), "mg")
    assert found["agatston"][0] == pytest.approx((3 * 4 + 1 * 2) * 0.125 * 2 / 3)


def test_without_a_calibration_there_is_no_mass(speck):
    assert "calcium_mass" not in measured(speck, block(2, 1, 4))


def test_a_deposit_below_130_hu_weighs_nothing_and_is_not_missing(volume):
    found = measured(volume(), block(2, 2, 3), mg_per_ml_per_hu=0.8)
    assert found["calcium_volume"] == (0, "mm3")
    assert found["calcium_mass"] == (0, "mg")


@pytest.mark.parametrize("kvp", [None, 100.0, 140.0])
def test_at_another_voltage_only_what_has_no_threshold_is_measured(volume, kvp):
    found = measured(volume(kvp=kvp), block(2, 2, 3), mg_per_ml_per_hu=0.8, dense_hu=1000)
    assert not {"agatston", "calcium_volume", "calcium_mass"} & set(found)
    assert found["integrated_volume"] == (0, "mm3")


def ball(volume, *, radius, blur, dense=900.0, soft=40.0):
    """Return a CT of a blurred ball of calcium, its true volume, and how far voxels lie from its centre."""
    from scipy.ndimage import gaussian_filter

    spacing, fine = np.array([1.0, 0.5, 0.4]), 5
    shape = np.array([26, 52, 64])
    at = np.stack(
        np.meshgrid(*[(np.arange(n * fine) + 0.5) / fine - 0.5 for n in shape], indexing="ij", sparse=False)
    )
    off = (at - (shape / 2 - 0.3)[:, None, None, None]) * spacing[:, None, None, None]
    share = (np.sqrt(np.square(off).sum(axis=0)) <= radius).astype(np.float32)
    share = share.reshape(*(each for n in shape for each in (n, fine))).mean(axis=(1, 3, 5))
    pixels = soft + (dense - soft) * gaussian_filter(share, blur / spacing)
    distance = np.sqrt(np.square(off[:, fine // 2 :: fine, fine // 2 :: fine, fine // 2 :: fine]).sum(axis=0))
    return volume(pixels=pixels, spacing_mm=tuple(spacing)), 4 / 3 * np.pi * radius**3, distance


@pytest.mark.parametrize("drawn", [-0.3, 0.0, 0.3])
def test_the_integrated_volume_of_a_blurred_ball_is_its_volume_wherever_the_line_was_drawn(volume, drawn):
    image, truth, distance = ball(volume, radius=4.0, blur=0.35)
    mask = Mask.cropped(distance <= 4.0 + drawn)
    counted = measured(image, mask)["volume"][0]
    assert measured(image, mask)["integrated_volume"][0] == pytest.approx(truth, rel=0.02)
    if drawn:
        assert abs(counted / truth - 1) > 0.15
    declared = measured(image, mask, dense_hu=900)["integrated_volume"][0]
    assert declared == pytest.approx(truth, rel=0.02)


def test_a_deposit_too_thin_for_a_plateau_has_no_integrated_volume_unless_one_is_declared(volume):
    pixels = np.full((6, 20, 30), 40, dtype=np.int16)
    pixels[2, 8:10, 10:14] = 540
    image, mask = volume(pixels=pixels), block(1, 2, 4, origin=(2, 8, 10))
    assert "integrated_volume" not in measured(image, mask)
    assert measured(image, mask, dense_hu=1040)["integrated_volume"][0] == pytest.approx(8 * 0.5 * 0.25)


def test_the_rim_lies_more_than_1_and_at_most_3_mm_away(planar):
    distance = np.hypot(*np.meshgrid((np.arange(30) - 15) * 0.5, (np.arange(40) - 20) * 0.25, indexing="ij"))
    image = planar(pixels=np.where((distance > 1) & (distance <= 3), 7.0, 1000.0))
    around = surroundings_of(Mask(voxels=np.ones((1, 1), dtype=bool), origin=(15, 20)), image)
    assert set(around.rim) == {7.0}
    assert len(around.rim) == np.count_nonzero((distance > 1) & (distance <= 3))


def test_without_a_scale_the_rim_is_told_in_pixels(planar):
    distance = np.hypot(*np.meshgrid(np.arange(30) - 15, np.arange(40) - 20, indexing="ij"))
    pixels = np.where((distance > 2) & (distance <= 6), 7.0, 1000.0)
    around = surroundings_of(
        Mask(voxels=np.ones((1, 1), dtype=bool), origin=(15, 20)), planar(pixels=pixels, spacing_mm=None)
    )
    assert set(around.rim) == {7.0}


def test_of_large_pixels_the_gap_is_one_and_the_rim_two_wide(planar):
    rows = np.tile(np.arange(30)[:, None], (1, 40)) * 1.0
    around = surroundings_of(
        Mask(voxels=np.ones((1, 40), dtype=bool), origin=(15, 0)), planar(pixels=rows, spacing_mm=(4.0, 4.0))
    )
    assert set(around.rim) == {12, 13, 17, 18}


def test_the_rim_leaves_out_other_deposits_and_air(volume):
    pixels = np.full((6, 20, 30), 50, dtype=np.int16)
    pixels[:, :6] = -1000
    pixels[2, 10, 18:22] = 900
    image = volume(pixels=pixels)
    own, other = block(1, 1, 2, origin=(2, 10, 10)), block(1, 1, 4, origin=(2, 10, 18))
    assert set(surroundings_of(own, image, others=[other]).rim) == {50}
    assert set(surroundings_of(own, image).rim) == {50, 900}
    found = measured(image, own, other)
    assert found["rim_intensity"] == (50, "HU")
    assert found["contrast"] == (0, "HU")


def test_the_rim_leaves_out_padding_that_corners_share(planar):
    pixels = np.add.outer(np.arange(30), np.arange(40)) + 100.0
    pixels[:, 22:] = 0
    around = surroundings_of(Mask(voxels=np.ones((2, 2), dtype=bool), origin=(15, 18)), planar(pixels=pixels))
    assert len(around.rim) > 0
    assert around.rim.min() > 0


def test_a_deposit_at_the_border_has_the_rim_that_is_on_the_image(volume):
    found = measured(volume(), block(1, 2, 2, origin=(0, 0, 0)))
    assert found["rim_intensity"] == (0, "HU")


def test_a_rim_of_few_pixels_is_none(planar):
    tiny = planar(pixels=np.arange(12.0).reshape(3, 4), spacing_mm=None)
    around = surroundings_of(Mask(voxels=np.ones((1, 1), dtype=bool), origin=(0, 0)), tiny)
    assert around.level is None
    assert "contrast" not in measured(tiny, Mask(voxels=np.ones((1, 1), dtype=bool), origin=(0, 0)))


def test_mr_has_contrast_but_no_calcium(volume):
    image = volume(unit=Unit.STORED, modality=Modality.MR, pixels=np.arange(3600.0).reshape(6, 20, 30))
    found = measured(image, block(2, 2, 3), mg_per_ml_per_hu=0.8, dense_hu=1000)
    assert "contrast" in found
    assert not {"agatston", "calcium_volume", "calcium_mass", "integrated_volume"} & set(found)
