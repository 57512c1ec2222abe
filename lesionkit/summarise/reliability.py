"""How well readings agree on a size: the formulas, each on an array of cases × readings."""

import math
from dataclasses import dataclass

import numpy as np

from lesionkit.core.agreement import Estimate
from lesionkit.core.arrays import Floats

Z95 = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""
REPEATABILITY = Z95 * math.sqrt(2)
"""Two readings of the same differ by more than so many within-standard deviations in 5 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanSquares:
    """The two-way analysis of variance of cases × readings.

    Parameters
    ----------
    cases, readers, error, within : float
        Mean squares between cases, between readers, of what is left, and within cases.
    n, k : int
        Number of cases and of readings of each.
    """

    cases: float
    readers: float
    error: float
    within: float
    n: int
    k: int


def mean_squares(table: Floats) -> MeanSquares:
    """Return the mean squares of a full table.

    Parameters
    ----------
    table : ndarray of float, shape (n, k)
        One row per case, one column per reading; at least two of each.

    Raises
    ------
    ValueError
        If there are fewer than two cases or readings.
    """
    n, k = table.shape
    if n < 2 or k < 2:
        raise ValueError(f"agreement needs two cases and two readings, not {n} and {k}")
    grand = table.mean()
    rows, cols = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    rest = table - rows - cols + grand
    return MeanSquares(
        cases=float(k * ((rows - grand) ** 2).sum() / (n - 1)),
        readers=float(n * ((cols - grand) ** 2).sum() / (k - 1)),
        error=float((rest**2).sum() / ((n - 1) * (k - 1))),
        within=float(((table - rows) ** 2).sum() / (n * (k - 1))),
        n=n,
        k=k,
    )


def icc_2_1(table: Floats) -> float:
    """Return ICC(2,1): absolute agreement of single readings, readers drawn from many; nan where undefined.

    ``(MSR − MSE) / (MSR + (k−1) MSE + k (MSC − MSE) / n)``.

    References
    ----------
    Shrout PE, Fleiss JL. Psychol Bull 1979;86:420-8.
    """
    if len(table) < 2:
        return math.nan
    ms = mean_squares(table)
    below = ms.cases + (ms.k - 1) * ms.error + ms.k * (ms.readers - ms.error) / ms.n
    return (ms.cases - ms.error) / below if below > 0 else math.nan


def icc_3_1(table: Floats) -> float:
    """Return ICC(3,1): consistency of single readings by just these readers; nan where undefined.

    ``(MSR − MSE) / (MSR + (k−1) MSE)``.

    References
    ----------
    Shrout PE, Fleiss JL. Psychol Bull 1979;86:420-8.
    """
    if len(table) < 2:
        return math.nan
    ms = mean_squares(table)
    below = ms.cases + (ms.k - 1) * ms.error
    return (ms.cases - ms.error) / below if below > 0 else math.nan


def icc_2_1_by_f(table: Floats) -> Estimate:
    """Return ICC(2,1) with its interval from the F distribution, for cases that are independent.

    References
    ----------
    McGraw KO, Wong SP. Psychol Methods 1996;1:30-46, table 7 (case 2, ICC(A,1)).
    """
    from scipy.stats import f

    value = icc_2_1(table)
    if not math.isfinite(value):
        return Estimate(value=None)
    ms = mean_squares(table)
    if ms.error == 0 and ms.readers == 0:
        return Estimate(value=value, low=1.0, high=1.0, method="F")
    n, k = ms.n, ms.k
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    freedom = (a * ms.readers + b * ms.error) ** 2 / (
        (a * ms.readers) ** 2 / (k - 1) + (b * ms.error) ** 2 / ((n - 1) * (k - 1))
    )
    lower, upper = f.ppf(0.975, n - 1, freedom), f.ppf(0.975, freedom, n - 1)
    spread = k * ms.readers + (k * n - k - n) * ms.error
    low = n * (ms.cases - lower * ms.error) / (lower * spread + n * ms.cases)
    high = n * (upper * ms.cases - ms.error) / (spread + n * upper * ms.cases)
    return Estimate(value=value, low=float(low), high=float(high), method="F")


def icc_3_1_by_f(table: Floats) -> Estimate:
    """Return ICC(3,1) with its interval from the F distribution, for cases that are independent.

    References
    ----------
    McGraw KO, Wong SP. Psychol Methods 1996;1:30-46, table 7 (case 3, ICC(C,1)).
    """
    from scipy.stats import f

    value = icc_3_1(table)
    if not math.isfinite(value):
        return Estimate(value=None)
    ms = mean_squares(table)
    if ms.error == 0:
        return Estimate(value=value, low=1.0, high=1.0, method="F")
    ratio, freedom = ms.cases / ms.error, (ms.n - 1) * (ms.k - 1)
    low = ratio / f.ppf(0.975, ms.n - 1, freedom)
    high = ratio * f.ppf(0.975, freedom, ms.n - 1)
    return Estimate(
        value=value,
        low=float((low - 1) / (low + ms.k - 1)),
        high=float((high - 1) / (high + ms.k - 1)),
        method="F",
    )


def wsd(table: Floats) -> float:
    """Return the within-case standard deviation of one reading: the root of the mean variance of the rows.

    References
    ----------
    Bland JM, Altman DG. Measurement error. BMJ 1996;313:744.
    """
    return math.sqrt(float(table.var(axis=1, ddof=1).mean())) if len(table) else math.nan


def repeatability(table: Floats) -> float:
    """Return the repeatability coefficient, 1.96 · √2 · wSD = 2.77 wSD."""
    return REPEATABILITY * wsd(table)


def smallest_detectable_change(table: Floats) -> float:
    """Return 1.96 · √2 · SEM, the SEM holding both what differs between readers and what is left.

    ``SEM² = MSE + max(0, (MSC − MSE) / n)`` (agreement, not consistency).

    References
    ----------
    de Vet HCW et al. When to use agreement versus reliability measures. J Clin Epidemiol 2006;59:1033-9.
    """
    if len(table) < 2:
        return math.nan
    ms = mean_squares(table)
    return REPEATABILITY * math.sqrt(ms.error + max(0.0, (ms.readers - ms.error) / ms.n))


def bias(table: Floats) -> float:
    """Return the mean of second minus first reading."""
    return float((table[:, 1] - table[:, 0]).mean()) if len(table) else math.nan


def limit_of_agreement(table: Floats, *, side: int) -> float:
    """Return the mean difference plus (`side` 1) or minus (−1) 1.96 of its standard deviations.

    References
    ----------
    Bland JM, Altman DG. Lancet 1986;327:307-10.
    """
    if len(table) < 2:
        return math.nan
    apart = table[:, 1] - table[:, 0]
    return float(apart.mean() + side * Z95 * apart.std(ddof=1))


def concordance(table: Floats) -> float:
    """Return Lin's concordance correlation coefficient of two readings; nan where both are constant.

    ``2 s₁₂ / (s₁² + s₂² + (m₁ − m₂)²)``, variances and covariance divided by n.

    References
    ----------
    Lin LI. Biometrics 1989;45:255-68.
    """
    if len(table) < 2:
        return math.nan
    first, second = table[:, 0], table[:, 1]
    below = first.var() + second.var() + (first.mean() - second.mean()) ** 2
    return (
        float(2 * np.mean((first - first.mean()) * (second - second.mean())) / below) if below else math.nan
    )
