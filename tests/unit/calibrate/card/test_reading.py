"""The card in a photograph: found, laid on its plane, and told whose it is."""

import cv2
import numpy as np
import pytest
from cards import card, image_of, photograph, plain, shot_of

from lesionkit.calibrate.card.layout import FACES, STRIPS
from lesionkit.calibrate.card.reading import CardReading, NoCard, read_card
from lesionkit.core.arrays import homogeneous
from lesionkit.geometry.polygon import ring_area
from lesionkit.phantom.snapshot import Finish

SQUARE = np.array([[0.0, 0.0], [0.0, 6.0], [6.0, 6.0], [6.0, 0.0]])


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)
@pytest.mark.parametrize(("tilt_deg", "roll_deg"), [(0, 0), (45, 160)])
def test_every_kind_of_card_is_found_and_tells_whose_it_is(face, tilt_deg, roll_deg):
    shot = shot_of(face, tilt_deg=tilt_deg, towards_deg=70, roll_deg=roll_deg)
    reading = read_card(photograph(shot, card(face, patient="sub-07")))
    assert isinstance(reading, CardReading)
    assert (reading.face, reading.patient, reading.others) == (face, "sub-07", ())
    assert len(reading.card.markers) == len(face.markers)
    places = np.array([[0, 0], [face.height, face.width], [5.0, 60.0]])
    found = homogeneous(reading.plane.homography, shot.to_pixels(places))
    np.testing.assert_allclose(found, places, atol=0.25)


def test_an_area_ten_centimetres_beside_the_card_is_right_within_half_a_percent():
    shot = shot_of(px_per_mm=4.5, aside_mm=60, tilt_deg=25, towards_deg=110)
    reading = read_card(photograph(shot, card()))
    square = SQUARE + np.array([30.0, 152.5])
    area = ring_area(homogeneous(reading.plane.homography, shot.to_pixels(square)))
    assert area == pytest.approx(36, rel=0.005)


@pytest.mark.parametrize("finish", [Finish(motion_px=7, motion_deg=40), Finish(falloff=0.75, exposure=0.5)])
def test_it_is_found_in_spite_of_shake_and_shade(finish):
    reading = read_card(photograph(shot_of(tilt_deg=20), card(), finish=finish))
    assert isinstance(reading, CardReading)
    assert len(reading.card.markers) == 4


@pytest.mark.parametrize("corner", [(0.0, 0.0), (0.0, 55.0), (40.0, 0.0), (40.0, 55.0)])
def test_a_card_of_which_a_hand_covers_a_corner_still_tells_its_plane(corner):
    shot = shot_of(tilt_deg=15, towards_deg=30)
    reading = read_card(photograph(shot, card(), plain((0.5, 0.3, 0.2), (34.0, 50.0), corner)))
    assert isinstance(reading, CardReading)
    assert len(reading.card.markers) == 3
    area = ring_area(homogeneous(reading.plane.homography, shot.to_pixels(SQUARE + 40.0)))
    assert area == pytest.approx(36, rel=0.01)


def test_one_marker_alone_is_enough_for_a_plane():
    shot = shot_of()
    cover = (
        plain((0.5, 0.3, 0.2), (74.0, 82.0), (0.0, 23.0)),
        plain((0.5, 0.3, 0.2), (40.0, 30.0), (40.0, 0.0)),
    )
    reading = read_card(photograph(shot, card(), *cover))
    assert [seen.marker.number for seen in reading.card.markers] == [0]
    assert reading.patient is None
    area = ring_area(homogeneous(reading.plane.homography, shot.to_pixels(SQUARE + 5.0)))
    assert area == pytest.approx(36, rel=0.02)


def test_a_card_without_a_code_tells_no_patient():
    assert read_card(photograph(shot_of(), card(patient=None))).patient is None


def test_another_qr_code_on_its_place_is_no_patient():
    code = cv2.QRCodeEncoder.create().encode("https://example.org")
    paint = plain((0.9, 0.9, 0.9), (18.0, 18.0), (3.0, 62.5))
    paint.paint[...] = 0.9
    side = cv2.resize(code, (64, 64), interpolation=cv2.INTER_NEAREST) / 255 * 0.85 + 0.03
    paint.paint[4:68, 4:68] = side[..., None]
    assert read_card(photograph(shot_of(), card(patient=None), paint)).patient is None


def test_the_measured_length_of_the_bars_mends_a_print_that_is_too_small():
    shot = shot_of()
    image = photograph(shot, card(printed_at=0.97))
    square = shot.to_pixels(SQUARE + 20.0)
    areas = [
        ring_area(homogeneous(read_card(image, bars_mm=bars).plane.homography, square))
        for bars in (None, (97.0, 97.0))
    ]
    assert areas == pytest.approx([36 / 0.97**2, 36], rel=0.005)
    assert read_card(image, bars_mm=(97.0, 97.0)).patient == "P07"


def test_bars_of_different_lengths_stretch_one_direction_only():
    image = photograph(shot_of(), card())
    stretched = read_card(image, bars_mm=(102.0, 100.0)).plane.homography
    corners = shot_of().to_pixels([[0, 0], [0, 100], [70, 0]])
    origin, across, down = homogeneous(stretched, corners)
    assert np.linalg.norm(across - origin) == pytest.approx(102, abs=0.2)
    assert np.linalg.norm(down - origin) == pytest.approx(70, abs=0.2)


def test_two_strips_in_one_picture_are_told_apart():
    image = photograph(
        shot_of(), card(STRIPS[0]), card(STRIPS[2], at_mm=(40.0, 10.0), turn_deg=12, patient="P07")
    )
    reading = read_card(image)
    assert {reading.face.name, *(other.face.name for other in reading.others)} == {"strip A", "strip C"}


def test_two_copies_of_one_strip_are_two():
    image = photograph(shot_of(), card(STRIPS[1]), card(STRIPS[1], at_mm=(45.0, 0.0)))
    reading = read_card(image)
    assert [other.face.name for other in reading.others] == ["strip B"]
    assert len(reading.card.markers) == len(reading.others[0].markers) == 3


def test_a_mirrored_card_is_not_used():
    reading = read_card(image_of(np.asarray(photograph(shot_of(), card()).pixels)[:, ::-1]))
    assert reading == NoCard(is_mirrored=True)


def test_pictures_of_16_bits_and_of_grey_are_read_alike():
    pixels = np.asarray(photograph(shot_of(tilt_deg=10), card()).pixels)
    expected = read_card(image_of(pixels)).plane.homography
    for other in (pixels.astype(np.uint16) * 257, cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)):
        np.testing.assert_allclose(
            read_card(image_of(other)).plane.homography, expected, rtol=1e-4, atol=1e-6
        )


@pytest.mark.parametrize(
    "name", ["singlemarkersoriginal.jpg", "choriginal.jpg", "handSrc.jpg", "mcc_ccm_test.jpg"]
)
def test_real_pictures_without_a_card_have_none(shared, name):
    pixels = cv2.cvtColor(cv2.imread(str(shared / "photos/markers" / name)), cv2.COLOR_BGR2RGB)
    assert read_card(image_of(pixels)) == NoCard()


@pytest.mark.parametrize("seed", range(4))
def test_noise_stripes_tiles_and_text_are_no_card(seed):
    rng = np.random.default_rng(seed)
    tiles = np.kron(rng.integers(0, 2, (40, 50)), np.ones((20, 20))) * 255
    stripes = np.kron(rng.integers(0, 2, (1, 100)), np.ones((800, 10))) * 255
    grain = cv2.GaussianBlur(rng.normal(size=(800, 1000)), (0, 0), 4)
    text = np.full((800, 1000), 255, np.uint8)
    for line in range(20):
        words = "".join(chr(code) for code in rng.integers(33, 127, 40))
        cv2.putText(text, words, (10, 40 * line + 30), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2)
    for picture in (tiles, stripes, 128 + 400 * grain, text):
        assert read_card(image_of(np.clip(picture, 0, 255).astype(np.uint8))) == NoCard()
