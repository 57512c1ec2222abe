"""How much each trait of a part tells: fits `lesionkit.track.kinship.CURVES` anew, and prints them.

    python benchmarks/tracking_weights.py           # 1500 histories, none of those of tracking.py
    python benchmarks/tracking_weights.py 150 4     # a tenth of them, by four processes instead of two

Histories of `tracking_world` are followed as the curves in the code say. Wherever a deposit is then asked
about as a further part (or partner) beside its company, its traits and the truth are noted. A logistic
regression on straight lines between knots (quantiles of each trait) gives the curves, each of which rises or
falls all along; a penalty keeps them from bending much. Told is also how well they part parts from the rest
on the last third of the histories, fitted on the others.
"""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
from scipy.linalg import block_diag
from scipy.optimize import minimize
from tracking import by_lesionkit, simulated

from lesionkit.track import follow, kinship
from lesionkit.track.kinship import Placed

FIRST, HISTORIES = 7000, 1500
KNOTS = 5
BEND = 0.2
WAYS = {
    "gap": -1,
    "away": -1,
    "off": -1,
    "inside": 1,
    "explains": 1,
    "along": 1,
    "share": -1,
    "surplus": -1,
    "missed": -1,
}
"""Which way each trait speaks as it grows: chance must not turn a curve round where little was seen."""

Asked = tuple[Placed, Sequence[Placed], Placed]


@contextmanager
def overheard() -> Iterator[list[Asked]]:
    """Yield what is asked in the last round of each reading."""
    asked: list[Asked] = []
    of_round: list[Asked] = []
    in_company, log_odds, match = follow.in_company, kinship.log_odds, follow.Follower.match

    def new_round(*args):
        of_round.clear()
        return in_company(*args)

    def noted(*question):
        of_round.append(question)
        return log_odds(*question)

    def whole(self, earlier, later, *, rule):
        of_round.clear()
        step = match(self, earlier, later, rule=rule)
        asked.extend(of_round)
        return step

    follow.in_company, kinship.log_odds, follow.Follower.match = new_round, noted, whole
    try:
        yield asked
    finally:
        follow.in_company, kinship.log_odds, follow.Follower.match = in_company, log_odds, match


def learn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the traits of all that was asked in a history, and whether it is a part."""
    history = simulated(seed)
    place = {(f"{d.visit}.img", d.id): index for index, d in enumerate(history.drawn)}
    with overheard() as asked:
        by_lesionkit(history)
    rows, truth = [], []
    for whole, company, part in asked:
        ends = [each.footprint for each in (whole, part)]
        pair = tuple(
            place[f.view.reading.image, f.deposit.id] for f in sorted(ends, key=lambda f: f.view.index)
        )
        rows.append(list(kinship.traits(whole, company, part).values()))
        truth.append(pair in history.links)
    return np.array(rows), np.array(truth, dtype=float)


def steps(values: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Return how far each value is along each stretch between knots, 0 to 1, shape (n, knots - 1)."""
    return np.clip((values[:, None] - knots[:-1]) / np.diff(knots), 0, 1)


def fit(traits: np.ndarray, truth: np.ndarray) -> tuple[float, list[np.ndarray], list[np.ndarray]]:
    """Return a constant, and knots and weights of each trait: penalised logistic regression, each one way."""
    knots = [_knots(each) for each in traits.T]
    design = np.hstack([steps(each, own) for each, own in zip(traits.T, knots, strict=True)])
    design = np.hstack([np.ones((len(design), 1)), design])
    ends = np.cumsum([1, *(len(own) - 1 for own in knots)])
    bends = block_diag(np.zeros((1, 1)), *(_bends(own) for own in knots))
    bounds = [(None, None)]
    for own, sign in zip(knots, WAYS.values(), strict=True):
        bounds += [(0, None) if sign > 0 else (None, 0)] * (len(own) - 1)

    def loss(rises: np.ndarray) -> tuple[float, np.ndarray]:
        odds = design @ rises
        missed = np.logaddexp(0, odds) - truth * odds
        bent = bends @ rises
        slope = design.T @ (1 / (1 + np.exp(-odds)) - truth) + 2 * BEND * bends.T @ bent
        return float(missed.sum() + BEND * bent @ bent), slope

    found = minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds).x
    rises = [found[one:other] for one, other in pairwise(ends)]
    return float(found[0]), knots, [np.cumsum([0, *own]) for own in rises]


def _knots(values: np.ndarray) -> np.ndarray:
    knots = np.unique(np.round(np.quantile(values, np.linspace(0.01, 0.99, KNOTS)), 2))
    return knots if len(knots) > 1 else np.array([values.min(), values.max()])


def _bends(knots: np.ndarray) -> np.ndarray:
    """Return what makes of rises between knots how much steeper each stretch is than the one before."""
    return np.diff(np.diag(1 / np.diff(knots)), axis=0)


def told(traits: np.ndarray, fitted: tuple[float, list[np.ndarray], list[np.ndarray]]) -> np.ndarray:
    """Return log odds."""
    constant, *curves = fitted
    parts = [np.interp(each, *curve) for each, *curve in zip(traits.T, *curves, strict=True)]
    return np.asarray(constant + np.sum(parts, axis=0))


def main(count: int, jobs: int) -> None:
    """Print the curves, as they stand in the code."""
    with ProcessPoolExecutor(jobs) as pool:
        found = list(pool.map(learn, range(FIRST, FIRST + count), chunksize=4))
    found = [(rows, truth) for rows, truth in found if len(truth)]
    first = found[: 2 * len(found) // 3]
    traits, truth = (np.concatenate(each) for each in zip(*found, strict=True))
    seen = sum(len(own) for _, own in first)
    odds = told(traits[seen:], fit(traits[:seen], truth[:seen]))
    loss = np.logaddexp(0, np.where(truth[seen:] > 0, -odds, odds)).mean()
    print(f"{len(truth)} asked, {truth.mean():.1%} parts; log loss of the last third {loss:.4f}\n")
    constant, *curves = fit(traits, truth)
    print(f"constant {constant:.2f}")
    for name, knots, weights in zip(WAYS, *curves, strict=True):
        print(f'    "{name}": ({_numbers(knots)}, {_numbers(weights)}),')


def _numbers(values: np.ndarray) -> str:
    return "(" + ", ".join(f"{value:.2f}" for value in values) + ")"


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    main(*(arguments + [HISTORIES, 2][len(arguments) :]))
