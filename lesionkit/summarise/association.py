"""Whether a good outcome goes with a drug or a trait: exact tests, with how much they could have shown."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lesionkit.core.agreement import Estimate
from lesionkit.core.cohort import Patient
from lesionkit.core.summary import Association, Characteristic
from lesionkit.summarise.describe import folded, share

FEWEST = 2
"""So many patients must have a factor, and as many not, for it to be tested at all."""

Known = Mapping[str, bool]
"""Whether something holds of each patient of whom it is known."""


def factors_of(characteristics: Sequence[Characteristic], people: Sequence[Patient]) -> Mapping[str, Known]:
    """Return who has each value of each column of words; of two values only the rarer one.

    Parameters
    ----------
    characteristics : sequence of Characteristic
        As told of the patients: numbers are not cut into halves.
    people : sequence of Patient
        All participants.
    """
    found: dict[str, Known] = {}
    for told in characteristics:
        values = list(told.counts)
        for value in values[-1:] if len(values) == 2 else values:
            found[f"{told.name}: {value}"] = {
                patient.id: folded(text) == folded(value)
                for patient in people
                if (text := patient.facts.get(told.name, ""))
            }
    return found


def associate(
    outcomes: Mapping[str, Known], factors: Mapping[str, Known]
) -> tuple[tuple[Association, ...], tuple[str, ...]]:
    """Return every outcome against every factor, and the names of those that cannot be tested.

    Only patients of whom both are known count. Not tested are an outcome that all or no patients had, and a
    factor that fewer than two patients have, or that fewer than two have not.

    Parameters
    ----------
    outcomes, factors : Mapping of str to Mapping of str to bool
        By name and patient.
    """
    varied = {name: known for name, known in outcomes.items() if len(set(known.values())) == 2}
    tested = {name: known for name, known in factors.items() if _is_tested(known)}
    untested = (*(n for n in outcomes if n not in varied), *(n for n in factors if n not in tested))
    found = [
        _compare(outcome, good, factor, has)
        for outcome, good in varied.items()
        for factor, has in tested.items()
    ]
    return _corrected(found), untested


def _is_tested(known: Known) -> bool:
    having = sum(known.values())
    return having >= FEWEST and len(known) - having >= FEWEST


def _compare(outcome: str, good: Known, factor: str, has: Known) -> Association:
    both = [(good[patient], has[patient]) for patient in good if patient in has]
    having, without = (
        share(
            sum(is_good for is_good, it_has in both if it_has is side),
            sum(it_has is side for _, it_has in both),
        )
        for side in (True, False)
    )
    table = [[having.count, having.of - having.count], [without.count, without.of - without.count]]
    p, p_least = fisher(table)
    return Association(
        outcome=outcome,
        factor=factor,
        having=having,
        without=without,
        p=p,
        p_least=p_least,
        odds_ratio=odds_ratio(table),
        risk_difference=risk_difference(table),
    )


Table = Sequence[Sequence[int]]
"""Good and other outcomes of those who have a factor, then of those who have not."""


def _is_empty(table: Table) -> bool:
    margins = [*(sum(row) for row in table), *(sum(column) for column in zip(*table, strict=True))]
    return 0 in margins


def fisher(table: Table) -> tuple[float | None, float | None]:
    """Return the two-sided p of Fisher's exact test, and the least that tables of the same margins can give.

    None where a row or a column of the table is empty.

    References
    ----------
    Fisher RA. J R Stat Soc 1935;98:39-82.

    Examples
    --------
    >>> p, least = fisher([[1, 2], [2, 0]])
    >>> round(p, 3), round(least, 3)
    (0.4, 0.1)
    """
    from scipy.stats import fisher_exact, hypergeom

    if _is_empty(table):
        return None, None
    (a, b), (c, d) = table
    possible = np.arange(max(0, a - d), min(a + b, a + c) + 1)
    chances = hypergeom.pmf(possible, a + b + c + d, a + b, a + c)
    least = float(chances[chances <= chances.min() * (1 + 1e-7)].sum())
    p = float(fisher_exact(table).pvalue)
    return p, min(least, p)


def odds_ratio(table: Table) -> Estimate:
    """Return the odds ratio by conditional maximum likelihood with its exact 95 % interval.

    None where a row or a column of the table is empty; infinite where no one without the factor fared well,
    or all with it did.

    References
    ----------
    Cornfield J. Proc 3rd Berkeley Symp 1956;4:135-48.
    """
    from scipy.stats.contingency import odds_ratio as conditional

    if _is_empty(table):
        return Estimate(value=None)
    found = conditional(np.asarray(table), kind="conditional")
    limits = found.confidence_interval(0.95)
    return Estimate(
        value=float(found.statistic), low=float(limits.low), high=float(limits.high), method="exact"
    )


def risk_difference(table: Table) -> Estimate:
    """Return how much larger the share of good outcomes is with the factor, with Newcombe's 95 % interval.

    None where nobody has the factor, or everybody.

    References
    ----------
    Newcombe RG. Interval estimation for the difference between independent proportions. Stat Med
    1998;17:873-90 (method 10).

    Examples
    --------
    >>> found = risk_difference([[56, 14], [48, 32]])
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    one, other = (share(row[0], sum(row)) for row in table)
    if not one.of or not other.of:
        return Estimate(value=None)
    assert one.low is not None
    assert one.high is not None
    assert other.low is not None
    assert other.high is not None
    first, second = one.count / one.of, other.count / other.of
    return Estimate(
        value=first - second,
        low=first - second - math.hypot(first - one.low, other.high - second),
        high=first - second + math.hypot(one.high - first, second - other.low),
        method="Newcombe",
    )


def _corrected(found: Sequence[Association]) -> tuple[Association, ...]:
    """Return the associations with p by Holm's method over all of them.

    References
    ----------
    Holm S. Scand J Stat 1979;6:65-70.
    """
    tested = sorted((one.p, place) for place, one in enumerate(found) if one.p is not None)
    corrected: dict[int, float] = {}
    largest = 0.0
    for rank, (p, place) in enumerate(tested):
        largest = max(largest, min(1.0, p * (len(tested) - rank)))
        corrected[place] = largest
    return tuple(replace(one, p_holm=corrected.get(place)) for place, one in enumerate(found))
