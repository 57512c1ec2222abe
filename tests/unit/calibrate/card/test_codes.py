"""The card's markers are like no other markers, in any turn and mirrored."""

import cv2
import numpy as np
import pytest

from lesionkit.calibrate.card.codes import CORRECTED_BITS, MODULES, NUMBERS, dictionary, pattern

PREDEFINED = sorted(name for name in dir(cv2.aruco) if name.startswith("DICT_"))


def turns(bits: np.ndarray) -> list[np.ndarray]:
    return [np.rot90(side, turn).ravel() for side in (bits, bits[:, ::-1]) for turn in range(4)]


def picture(bits: np.ndarray, side: int = 80) -> np.ndarray:
    modules = np.pad(bits, 1)
    square = cv2.resize(modules * np.uint8(255), (side, side), interpolation=cv2.INTER_NEAREST)
    return np.pad(square, side // 4, constant_values=255)


def numbers_seen(picture: np.ndarray, known) -> list[int]:
    numbers = cv2.aruco.ArucoDetector(known, cv2.aruco.DetectorParameters()).detectMarkers(picture)[1]
    return [] if numbers is None else np.ravel(numbers).tolist()


def test_two_patterns_differ_by_twelve_modules_in_any_turn_and_mirrored():
    for number in NUMBERS:
        others = [pattern(other) for other in NUMBERS if other != number]
        own = turns(pattern(number))[1:]
        rest = np.array([*own, *(turn for other in others for turn in turns(other))])
        assert (rest != pattern(number).ravel()).sum(axis=1).min() >= 12


def test_no_pattern_is_near_one_of_a_set_of_the_same_size():
    known = []
    for name in PREDEFINED:
        one = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, name))
        if one.markerSize == MODULES:
            rows = (one.bytesList[i : i + 1] for i in range(len(one.bytesList)))
            known += [cv2.aruco.Dictionary.getBitsFromByteList(row, MODULES).ravel() for row in rows]
    assert len(known) > 2000
    for number in NUMBERS:
        for turn in turns(pattern(number)):
            assert (np.array(known) != turn).sum(axis=1).min() > 2 * CORRECTED_BITS


@pytest.mark.parametrize("number", NUMBERS)
def test_each_marker_is_read_in_any_turn_and_never_mirrored(number):
    straight = picture(pattern(number))
    for turn in range(4):
        assert numbers_seen(np.ascontiguousarray(np.rot90(straight, turn)), dictionary()) == [number]
    assert numbers_seen(np.ascontiguousarray(straight[:, ::-1]), dictionary()) == []


@pytest.mark.parametrize("name", PREDEFINED)
def test_no_other_set_reads_a_card_marker_and_the_card_reads_none_of_theirs(name):
    known = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, name))
    for number in NUMBERS:
        for side in (48, 80):
            assert numbers_seen(picture(pattern(number), side), known) == []
    for number in range(min(len(known.bytesList), 100)):
        square = cv2.aruco.generateImageMarker(known, number, 80)
        assert numbers_seen(np.pad(square, 20, constant_values=255), dictionary()) == []
