import numpy as np
import pytest

from lesionkit.calibrate.ruler_ticks import Ticks


def ticks(length, *, number=None):
    length = np.asarray(length, dtype=float)
    number = np.arange(len(length)) if number is None else number
    return Ticks(
        number=number,
        length=np.stack([length, np.zeros_like(length), length], axis=1),
        seen=np.zeros((len(length), 2, 2)),
        across=np.array([-1.0, 1.0]),
        sigma_px=0.1,
    )


def millimetres(count, *, low=3.0, middle=4.0, high=5.0, start=0):
    number = np.arange(start, start + count)
    return np.where(number % 10 == 0, high, np.where(number % 5 == 0, middle, low))


@pytest.mark.parametrize("start", [0, 3, 7])
def test_every_tenth_longest_and_every_fifth_between_are_millimetres(start):
    assert ticks(millimetres(50, start=start)).are_millimetres


@pytest.mark.parametrize(("step", "expected"), [(0.36, True), (0.34, False)])
def test_the_lengths_must_differ_clearly(step, expected):
    assert ticks(millimetres(60, low=3.0, middle=3.0 + step, high=3.0 + 2 * step)).are_millimetres is expected


@pytest.mark.parametrize(("wrong", "expected"), [(5, True), (8, False)])
def test_nine_of_ten_must_be_as_long_as_they_should(wrong, expected):
    length = millimetres(60)
    plain = np.flatnonzero(length == 3.0)[:: 48 // 8][:wrong]
    length[plain] = 5.0
    assert ticks(length).are_millimetres is expected


def test_ticks_that_grow_along_the_ruler_are_read_all_the_same():
    assert ticks(millimetres(80) + np.linspace(0, 3, 80)).are_millimetres


@pytest.mark.parametrize(
    "length",
    [
        np.full(80, 3.0),
        np.where(np.arange(80) % 10 == 0, 5.0, 3.0),
        np.where(np.arange(80) % 5 == 0, 5.0, 3.0),
        [5.0 if k % 16 == 0 else 4.5 if k % 8 == 0 else 4.0 if k % 4 == 0 else 3.0 for k in range(80)],
        [5.0 if k % 20 == 0 else 4.0 if k % 10 == 0 else 3.0 if k % 2 == 0 else 2.0 for k in range(80)],
        [5.0 if k % 12 == 0 else 4.0 if k % 6 == 0 else 3.0 for k in range(80)],
    ],
)
def test_other_patterns_are_no_millimetres(length):
    assert not ticks(length).are_millimetres


def test_lengths_at_random_are_no_millimetres_and_no_other_rule():
    rng = np.random.default_rng(5)
    for _ in range(20):
        one = ticks(rng.choice([3.0, 4.0, 5.0], 60))
        assert not one.are_millimetres
        assert not one.are_another_rule


def test_of_half_millimetres_every_other_tick_is_a_millimetre():
    number = np.arange(90)
    rank = np.where(
        number % 20 == 1, 5.0, np.where(number % 10 == 1, 4.0, np.where(number % 2 == 1, 3.0, 2.0))
    )
    half = ticks(2 * rank).every_other()
    assert half is not None
    assert half.are_millimetres
    assert len(half.number) == 45
    assert ticks(millimetres(90)).every_other() is None


def test_a_regular_long_tick_is_another_rule():
    assert ticks(np.where(np.arange(80) % 16 == 3, 5.0, 3.0)).are_another_rule
