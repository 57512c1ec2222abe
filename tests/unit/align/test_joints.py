"""A finger that was turned since the first radiograph is laid by itself, and nothing else is."""

from functools import cache

import hands
import numpy as np
import pytest
from scenes import uncalibrated

from lesionkit.align import align
from lesionkit.core.region import Outline

LIES = hands.placed(angle_deg=8, shift_mm=(6.0, -4.0), scale=1.02)
TURNS = {"index": 9.0, "little": 12.0}


@cache
def laid(*turns, lies=True, scaled=True):
    later = hands.radiograph(1, dict(turns), lies=LIES if lies else hands.STILL)
    first = hands.radiograph(1)
    if not scaled:
        later, first = uncalibrated(later), uncalibrated(first)
    return align(later, first, image_id="later", baseline_id="first")


def strays_mm(transform, name, share, turn):
    carried = transform.carry(hands.on_film(name, share, turn, lies=LIES))
    return np.linalg.norm((carried - hands.on_film(name, share)) * hands.SPACING)


def around(point, radius=6.0):
    steps = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return Outline(exterior=point + radius * np.column_stack([np.cos(steps), np.sin(steps)]))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("name", hands.FINGERS)
def test_places_on_every_finger_are_carried_to_within_half_a_millimetre_though_two_are_turned(name, share):
    transform, problems = laid(*TURNS.items())
    assert problems == ()
    assert strays_mm(transform, name, share, TURNS.get(name, 0.0)) < 0.5


def test_the_palm_is_carried_by_the_main_motion():
    transform, _ = laid(*TURNS.items())
    there, here = hands.on_palm(), hands.on_palm(lies=LIES)
    assert np.abs((transform.carry(here) - there) * hands.SPACING).max() < 0.2
    np.testing.assert_array_equal(transform.at(here).matrix, transform.matrix)


def test_one_similarity_would_have_missed_the_tip_of_a_turned_finger_by_a_centimetre():
    transform, _ = laid(*TURNS.items())
    carried = transform.at(hands.on_palm(lies=LIES)).carry(hands.on_film("index", 0.95, 9.0, lies=LIES))
    assert np.linalg.norm((carried - hands.on_film("index", 0.95)) * hands.SPACING) > 10


def test_each_turned_finger_has_its_own_residual_which_covers_its_error():
    transform, _ = laid(*TURNS.items())
    for name, turn in TURNS.items():
        own = transform.at(hands.on_film(name, 0.6, turn, lies=LIES))
        assert own.is_reliable
        assert strays_mm(transform, name, 0.6, turn) < 1.5 * own.residual.value
        assert own.residual.value < 0.6


def test_places_are_carried_back_by_the_same_parts():
    transform, _ = laid(*TURNS.items())
    for name in hands.FINGERS:
        back = transform.inverse().carry(hands.on_film(name, 0.6))
        np.testing.assert_allclose(back, hands.on_film(name, 0.6, TURNS.get(name, 0.0), lies=LIES), atol=1.5)


def test_a_hand_whose_fingers_lie_as_before_has_no_parts():
    transform, problems = laid()
    assert problems == ()
    assert transform.parts == ()


def test_a_finger_turned_by_less_than_the_tolerance_of_a_match_is_no_part():
    assert laid(("middle", 0.4))[0].parts == ()


def test_a_finger_is_found_without_a_scale_too_and_its_residual_is_in_pixels():
    transform, problems = laid(("middle", 8.0), scaled=False)
    assert problems == ()
    own = transform.at(hands.on_film("middle", 0.6, 8.0, lies=LIES))
    assert own.residual.unit.value == "px"
    assert strays_mm(transform, "middle", 0.9, 8.0) < 1.0


def test_the_same_pictures_are_always_laid_the_same():
    one = laid(*TURNS.items())[0]
    laid.cache_clear()
    other = laid(*TURNS.items())[0]
    assert len(one.parts) == len(other.parts)
    for a, b in zip(one.parts, other.parts, strict=True):
        np.testing.assert_array_equal(a.matrix, b.matrix)
        assert all(np.array_equal(x.exterior, y.exterior) for x, y in zip(a.here, b.here, strict=True))


def test_a_finger_turned_on_the_radiograph_of_another_hand_is_refused():
    later = hands.radiograph(2, {"index": 9.0})
    transform, problems = align(later, hands.radiograph(1), image_id="later", baseline_id="first")
    assert not transform.is_reliable
    assert transform.parts == ()
    assert [problem.code for problem in problems] == ["alignment_failed"]


def test_a_finger_foreshortened_beyond_what_bones_allow_is_said_to_be_unknown_there_only():
    later = hands.radiograph(1, {"middle": 4.0}, lies=LIES, short={"middle": 0.8})
    place = hands.on_film("middle", 0.6, 4.0, lies=LIES)
    transform, problems = align(
        later, hands.radiograph(1), image_id="later", baseline_id="first", drawn=[around(place)]
    )
    assert transform.is_reliable
    assert not transform.at(around(place).exterior).is_reliable
    assert transform.at(hands.on_film("little", 0.6, lies=LIES)).is_reliable
    assert [problem.code for problem in problems] == ["part_not_aligned"]


def test_what_is_unknown_and_holds_no_outline_is_not_told():
    later = hands.radiograph(1, {"middle": 4.0}, lies=LIES, short={"middle": 0.8})
    palm = hands.on_palm(lies=LIES)[0]
    problems = align(later, hands.radiograph(1), image_id="later", baseline_id="first", drawn=[around(palm)])[
        1
    ]
    assert problems == ()
