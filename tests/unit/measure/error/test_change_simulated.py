"""Test and retest without change: a small part of ``benchmarks/change.py``, with its reader."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lesionkit.core.settings import ReaderError


@pytest.fixture(scope="module")
def simulation():
    path = Path(__file__).parents[4] / "benchmarks" / "change.py"
    spec = importlib.util.spec_from_file_location("change", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["change"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["change"]


READER = ReaderError(outline_mm=0.25, correlation_mm=1.5, reading_mm=0.10, reader_mm=0.0)


@pytest.fixture(scope="module")
def retests(simulation):
    room = next(room for room in simulation.ROOMS if room.modality == "XC")
    rng = np.random.default_rng(11)
    return list(simulation.pairs(rng, room, READER, changes=[0.0] * 400))


def test_a_change_is_called_in_about_5_percent_where_there_is_none(simulation, retests):
    assert 2 <= simulation.share(retests, simulation.called) <= 8
    assert 92 <= simulation.share(retests, simulation.covers) <= 98


def test_25_percent_alone_calls_a_change_in_half_of_the_smallest(simulation, retests):
    small = [pair for pair in retests if pair.across < 5]
    bare = simulation.share(small, lambda p: abs(p.after.value / p.before.value - 1) > 0.25)
    assert bare > 30
    assert simulation.share(small, simulation.called) < 12


@pytest.mark.parametrize("kept", [("outline",), ("scale",), ("outline", "scale")])
def test_an_error_without_any_of_its_terms_calls_changes_that_are_none(simulation, retests, kept):
    naive = [
        replace(
            pair,
            before=_with_only(pair.before, kept),
            after=_with_only(pair.after, kept),
        )
        for pair in retests
    ]
    assert simulation.share(naive, simulation.called) > 10


def _with_only(quantity, kept):
    return replace(quantity, errors=tuple(term for term in quantity.errors if term.name in kept))
