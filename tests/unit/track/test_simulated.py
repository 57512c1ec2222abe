"""Following on simulated histories: a small part of ``benchmarks/tracking.py``, which the naive ways fail."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

USUAL = (1, 10, 13, 19, 22, 28, 31, 37)
"""Seeds of planar histories of usual severity, none of them reported by the benchmark."""


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    folder = Path(__file__).parents[3] / "benchmarks"
    for name in ("tracking_world", "tracking"):
        spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules["tracking"]


@pytest.fixture(scope="module")
def histories(benchmark):
    return [benchmark.simulate(20_000 + seed, benchmark.SEVERITIES[1], is_volume=False) for seed in USUAL]


def _figures(benchmark, histories, links):
    scores = [benchmark.judge(history, found) for history, found in zip(histories, links, strict=True)]
    return sum(scores[1:], scores[0]).figures


@pytest.fixture(scope="module")
def ours(benchmark, histories):
    """Precision, recall, F1 of links, and recall of splits and of merges."""
    return _figures(benchmark, histories, [benchmark.by_lesionkit(history)[0] for history in histories])


def test_nearly_all_links_are_found_and_few_that_are_none(ours):
    assert all(figure >= 0.97 for figure in ours[:3]), ours
    # Seven splits and twelve merges, of which one that nobody could see may be missed.
    assert min(ours[3:]) > 0.7


@pytest.mark.parametrize("naive", ["by_centres", "by_overlap", "by_nearest"])
def test_naive_ways_find_fewer_links_and_more_that_are_none(benchmark, histories, ours, naive):
    method = getattr(benchmark, naive)
    more = {"cutoff": 10.0} if naive == "by_nearest" else {}
    found = _figures(benchmark, histories, [method(history, **more) for history in histories])
    assert all(theirs < own - 0.02 for theirs, own in zip(found[:3], ours[:3], strict=True))
    assert min(found[3:]) < 0.5


def test_what_is_marked_unconfirmed_is_wrong_more_often(benchmark):
    hard = [benchmark.simulate(30_000 + seed, benchmark.SEVERITIES[2], is_volume=False) for seed in range(6)]
    told = [(history, *benchmark.by_lesionkit(history)) for history in hard]
    doubtful = sum(len(unsure) for _, _, unsure in told)
    wrong = sum(len(unsure - history.links) for history, _, unsure in told)
    sure = sum(len(links - unsure) for _, links, unsure in told)
    wrong_sure = sum(len(links - unsure - history.links) for history, links, unsure in told)
    assert doubtful > 0
    assert wrong / doubtful > 3 * wrong_sure / sure
