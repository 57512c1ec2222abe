"""Counts with their limits, numbers with their spread."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from lesionkit.core.summary import Numbers, Share

_MOST_DECIMALS = 4


def share(count: int, of: int) -> Share:
    """Return ``count`` of ``of`` with the 95 % limits of the proportion by Wilson's score method.

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-12; Newcombe RG. Stat Med 1998;17:857-72 (method 3).

    Examples
    --------
    >>> found = share(3, 7)
    >>> found.count, found.of, round(found.low, 3), round(found.high, 3)
    (3, 7, 0.158, 0.75)
    """
    from scipy.stats import binomtest

    if of == 0:
        return Share(count=0, of=0)
    limits = binomtest(count, of).proportion_ci(method="wilson")
    return Share(count=count, of=of, low=float(limits.low), high=float(limits.high))


def shares(values: Iterable[str], of: int) -> dict[str, Share]:
    """Return how many of ``of`` have each text, the commonest first; case and blanks tell no texts apart."""
    counts: dict[str, int] = {}
    spelt: dict[str, str] = {}
    for value in values:
        key = folded(value)
        spelt.setdefault(key, " ".join(value.split()))
        counts[key] = counts.get(key, 0) + 1
    return {spelt[key]: share(n, of) for key, n in sorted(counts.items(), key=lambda c: (-c[1], c[0]))}


def describe(values: Sequence[float], *, missing: int = 0, decimals: int = 0) -> Numbers:
    """Return n, mean, standard deviation of the sample (n − 1), median and range of some numbers.

    Examples
    --------
    >>> found = describe([8, 8, 13, 4, 2])
    >>> found.n, found.mean, round(found.sd, 1), found.median, found.low, found.high
    (5, 7.0, 4.2, 8.0, 2.0, 13.0)
    """
    if not len(values):
        return Numbers(n=0, missing=missing, decimals=decimals)
    array = np.asarray(values, dtype=np.float64)
    return Numbers(
        n=len(array),
        missing=missing,
        mean=float(array.mean()),
        sd=float(array.std(ddof=1)) if len(array) > 1 else None,
        median=float(np.median(array)),
        low=float(array.min()),
        high=float(array.max()),
        decimals=decimals,
    )


def described(texts: Sequence[str], *, missing: int = 0) -> Numbers:
    """Return the spread of numbers as written, to as many decimals as the most exact of them."""
    values = [value for text in texts if (value := number(text)) is not None]
    return describe(values, missing=missing, decimals=decimals_of(texts))


def number(text: str) -> float | None:
    """Return the number a text is, with a point or a decimal comma; None where it is none.

    Examples
    --------
    >>> number("1,5"), number("-2"), number("75 mg"), number("inf"), number("1_0")
    (1.5, -2.0, None, None, None)
    """
    if "_" in text:
        return None
    try:
        value = float(text.replace(",", ".").replace("−", "-"))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def decimals_of(texts: Iterable[str]) -> int:
    """Return the most decimals that any of some numbers is written with, at most four.

    Examples
    --------
    >>> decimals_of(["7", "1.25", "1e-3"])
    2
    """
    parts = (text.replace(",", ".").partition(".")[2] for text in texts)
    return min(_MOST_DECIMALS, max((len(part) for part in parts if part.isdigit()), default=0))


def folded(text: str) -> str:
    """Return a text without what does not tell words apart: case, and blanks beyond one."""
    return " ".join(text.split()).casefold()
