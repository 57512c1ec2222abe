"""Scores of readers and patients: changed by their own rule, where one has been validated."""

from collections.abc import Iterable, Mapping
from datetime import date

from lesionkit.classification.change import change_pct, is_fall, is_rise
from lesionkit.classification.criteria import CALCINOSIS_25
from lesionkit.classification.reasons import Reason
from lesionkit.classification.schedule import choose_baseline, follow_ups
from lesionkit.core.response import Category, Criterion
from lesionkit.core.score import Score, ScoreResponse
from lesionkit.core.units import Quantity, Unit

SCORE_RULES: Mapping[str, Criterion] = {"sctc": CALCINOSIS_25}
"""The rule of a score by its name in small letters. ±25 % was validated on the SCTC score of hand radiographs
at one year (Valenzuela 2022), of which `calcinosis-25` borrows it."""


def classify_scores(
    scores: Iterable[Score], *, patient: str, start: date | None = None
) -> tuple[ScoreResponse, ...]:
    """Return how each of a patient's scores changed from baseline, at every later day.

    Only readers who scored both days are compared, and their means; baseline is the last day on or before
    the start of treatment, else the first. From a baseline of zero any score is progression, as of deposits.
    A score without a validated rule has its change, and no category.

    Parameters
    ----------
    scores : iterable of Score
        Of one patient, of any number of scores.
    patient : str
        Pseudonym.
    start : date, optional
        First day of treatment; None where it is not known or does not decide.
    """
    by_name: dict[str, list[Score]] = {}
    for score in scores:
        by_name.setdefault(score.name, []).append(score)
    return tuple(
        response
        for name, given in sorted(by_name.items())
        for response in _of_one(name, given, patient=patient, start=start)
    )


def _of_one(name: str, given: list[Score], *, patient: str, start: date | None) -> list[ScoreResponse]:
    days: dict[date, dict[str, list[float]]] = {}
    for score in given:
        days.setdefault(score.date, {}).setdefault(score.reader, []).append(score.value)
    baseline = choose_baseline(days, start=start)
    found = []
    for day in follow_ups(days, baseline=baseline, start=start):
        readers = tuple(sorted(set(days[baseline]) & set(days[day])))
        if readers:
            then, now = (_mean(days[when], readers) for when in (baseline, day))
            category, reason = _judged(name, then, now)
            found.append(
                ScoreResponse(
                    patient=patient,
                    score=name,
                    date=day,
                    baseline_date=baseline,
                    baseline=then.value,
                    current=now.value,
                    change_pct=change_pct(now, then),
                    category=category,
                    readers=readers,
                    reasons=(reason,),
                )
            )
    return found


def _mean(by_reader: Mapping[str, list[float]], readers: tuple[str, ...]) -> Quantity:
    means = [sum(by_reader[reader]) / len(by_reader[reader]) for reader in readers]
    return Quantity(value=sum(means) / len(means), unit=Unit.ONE)


def _judged(name: str, then: Quantity, now: Quantity) -> tuple[Category, Reason]:
    rule = SCORE_RULES.get(name.strip().lower())
    if rule is None:
        return Category.NOT_EVALUABLE, Reason.NO_RULE_FOR_SCORE
    if then.value == 0:
        return (Category.PROGRESSION if now.value > 0 else Category.STABLE), Reason.BASELINE_ZERO
    if is_rise(now, then, rule):
        return Category.PROGRESSION, Reason.ABOVE_PROGRESSION_THRESHOLD
    if is_fall(now, then, rule):
        return Category.REGRESSION, Reason.BELOW_REGRESSION_THRESHOLD
    return Category.STABLE, Reason.WITHIN_THRESHOLDS
