"""Pieces side by side come back in their order, and what fails is told."""

import threading

import pytest

from lesionkit.geometry.threads import side_by_side


def test_results_stand_in_the_order_of_the_pieces():
    assert side_by_side(lambda piece: piece * piece, range(50)) == [piece * piece for piece in range(50)]


def test_nothing_and_one_piece_need_no_thread():
    here = threading.get_ident()
    assert side_by_side(lambda piece: piece, []) == []
    assert side_by_side(lambda _: threading.get_ident(), [1]) == [here]


def test_what_fails_in_a_piece_is_told():
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda piece: 1 / piece, [1, 0, 2])
