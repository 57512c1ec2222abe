"""Agreement on categories, against published tables."""

import math

import numpy as np
import pytest

from lesionkit.core.response import Category
from lesionkit.summarise.kappa import codes_of, cohen, fleiss

R, S, P = Category.REGRESSION, Category.STABLE, Category.PROGRESSION


def cases_of(table):
    return codes_of([(R, R)] * table[0] + [(R, S)] * table[1] + [(S, R)] * table[2] + [(S, S)] * table[3])


def test_cohen_s_kappa_by_hand():
    """20, 5, 10, 15 of 50: observed 0.70, by chance 0.50, kappa 0.40."""
    assert cohen(cases_of((20, 5, 10, 15))) == pytest.approx(0.4)


def test_linear_weights_forgive_neighbours():
    near = codes_of([(R, R), (S, S), (P, P), (R, S), (S, P)])
    far = codes_of([(R, R), (S, S), (P, P), (R, P), (P, R)])
    assert cohen(near, weights="linear") > cohen(near)
    assert cohen(far, weights="linear") < cohen(near, weights="linear")


def test_fleiss_kappa_of_three_readings_by_hand():
    codes = codes_of([(R, R, R), (S, S, S), (R, S, S), (P, P, R)])
    counts = np.array([[3, 0, 0], [0, 3, 0], [1, 2, 0], [1, 0, 2]])
    share = counts.sum(0) / 12
    observed = ((counts * (counts - 1)).sum(1) / 6).mean()
    assert fleiss(codes) == pytest.approx((observed - (share**2).sum()) / (1 - (share**2).sum()))


def test_readings_of_one_category_define_no_kappa():
    codes = codes_of([(S, S), (S, S)])
    assert math.isnan(cohen(codes))
    assert math.isnan(fleiss(codes))
    assert math.isnan(cohen(codes[:0]))
