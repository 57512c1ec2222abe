"""A response as a page tells it: the answer first, then what it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass

from lesionkit.core.response import Response
from lesionkit.report import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A response in words.

    Parameters
    ----------
    kind : str
        The category, for the style sheet.
    sign, name, label : str
        The category's sign and name, and the criterion's own word where it is another.
    site, date, baseline_date : str
        What was judged, when, and against when.
    change, change_pct, limits : str
        How the size changed, in a sentence, in percent, and its 95 % limits where they are known.
    baseline, current : str
        The sizes.
    measure, span, since_treatment, new_deposits : str
        What was compared, over how many months, how many months after treatment began, how many deposits
        are new; empty where not known.
    beside_controls : str
        How the change differs from that of the controls; empty where there are none.
    reasons : tuple of str
        Why, one sentence each.
    """

    kind: str
    sign: str
    name: str
    label: str
    site: str
    date: str
    baseline_date: str
    change: str
    change_pct: str
    limits: str
    baseline: str
    current: str
    measure: str
    span: str
    since_treatment: str
    new_deposits: str
    beside_controls: str
    reasons: tuple[str, ...]


def verdict_of(response: Response, texts: Mapping[str, str]) -> Verdict:
    """Return a response in words.

    Parameters
    ----------
    response : Response
        The response.
    texts : Mapping of str to str
        The sentence of each reason code.
    """
    name = words.CATEGORIES[response.category]
    return Verdict(
        kind=response.category.value,
        sign=words.SIGNS[response.category],
        name=name,
        label="" if response.label.replace("_", " ").lower() == name.lower() else response.label,
        site=words.site(response.site),
        date=response.date.isoformat(),
        baseline_date=response.baseline_date.isoformat() if response.baseline_date else "",
        change=words.change(response),
        change_pct=words.percent(response.change_pct),
        limits=words.limits(response),
        baseline=words.quantity(response.baseline),
        current=words.quantity(response.current),
        measure=words.MEASURES[response.measure],
        span=words.months(response.months_from_baseline),
        since_treatment=words.months(response.months_from_treatment),
        new_deposits="" if response.new_deposits is None else str(response.new_deposits),
        beside_controls=words.beside_controls(response),
        reasons=words.reasons(response.reasons, texts),
    )
