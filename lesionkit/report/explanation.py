"""Why a response is what it is, and what an error is made of, in words a clinician follows."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lesionkit.core.measurement import Measurement
from lesionkit.core.response import Category, Criterion, Discordance, Reference, Response
from lesionkit.core.score import ScoreResponse
from lesionkit.core.uncertainty import ErrorTerm
from lesionkit.core.units import Quantity
from lesionkit.report import words

CAUSES: Mapping[str, str] = {
    "outline": "where the line was drawn",
    "reading": "how generously the whole reading was drawn",
    "reader": "the reader's own habit",
    "lattice": "counting pixels",
    "detection": "what may be too small to see",
    "stated": "stated with the size",
    "spacing": "the scanner's spacing",
    "position": "how far the deposit lay from the film",
    "scale": "the scale",
}
"""How the causes of errors are named; the parts of a scale that are not here go by their own names."""

_SOURCES = {modality.value: name for modality, name in words.STREAMS.items()}
_Z_95 = 1.96
_EXPLAINED = ("area", "volume")


def explain_response(response: Response, criterion: Criterion, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return why a response is what it is, one line each.

    What was compared with what; the sizes and their change; which error was assumed, from which source; the
    rule; what decided; how sure that is; and what would change the answer.

    Parameters
    ----------
    response : Response
        The verdict.
    criterion : Criterion
        The rule it was reached by.
    texts : Mapping of str to str
        The sentence of each reason code.
    """
    source = [f"Its source: {criterion.citation}."] if criterion.citation else []
    return (
        _compared(response),
        *_sizes(response),
        *_errors(response),
        f"Rule: {criterion.name}. {words.rule(criterion)}",
        *source,
        f"Decided by: {' '.join(words.reasons(response.reasons, texts))}",
        *_sureness(response, criterion),
        *filter(None, [words.beside_controls(response)]),
        *_what_would_change(response, criterion),
    )


def _compared(response: Response) -> str:
    what = words.MEASURES[response.measure].lower()
    of = f"deposit {response.track} of {response.site}" if response.track else words.site(response.site)
    then = f"baseline {response.baseline_date}" if response.baseline_date else "no baseline"
    return f"Compared: {what}, {words.STREAMS[response.modality]}, {of}: {response.date} with {then}."


def _sizes(response: Response) -> Iterator[str]:
    named = (("baseline", response.baseline), ("smallest since", response.nadir), ("now", response.current))
    sizes = [
        f"{name} {_with_error(quantity)}"
        for name, quantity in named
        if quantity is not None and not (name == "smallest since" and quantity == response.baseline)
    ]
    if sizes:
        yield f"Sizes: {'; '.join(sizes)} (± one standard error)."
    if response.change_pct is not None:
        limits = words.limits(response)
        yield f"Change: {words.percent(response.change_pct)}{f', {limits}' if limits else ''}."


def _with_error(quantity: Quantity) -> str:
    if quantity.standard_error is None:
        return f"{words.quantity(quantity)}, error not known"
    size, error = words.number(quantity.value), words.number(quantity.standard_error)
    return f"{size} ± {error} {words.unit(quantity.unit)}"


def _errors(response: Response) -> Iterator[str]:
    before, after = response.baseline, response.current
    if before is None or after is None or not (before.errors or after.errors):
        return
    yield "Errors assumed (share of the size at baseline; now):"
    common = {t.shared_by for t in before.errors} & {t.shared_by for t in after.errors} - {""}
    for name, is_common, source in _kinds((*before.errors, *after.errors), common):
        shares = [_share(quantity, name, is_common, common) for quantity in (before, after)]
        note = "; the same at both timepoints: it cancels" if is_common else ""
        yield f"  {CAUSES.get(name, name)}: {'; '.join(shares)} ({source}{note})"


def _kinds(terms: Iterable[ErrorTerm], common: set[str]) -> list[tuple[str, bool, str]]:
    """Return the different causes, whether they are common to both timepoints, and their sources."""
    found: dict[tuple[str, bool], list[str]] = {}
    for term in terms:
        sources = found.setdefault((term.name, term.shared_by in common), [])
        if term.source not in sources:
            sources.append(term.source)
    return [(name, is_common, "; ".join(sources)) for (name, is_common), sources in found.items()]


def _share(quantity: Quantity, name: str, is_common: bool, common: set[str]) -> str:  # noqa: FBT001
    effects = [t.effect for t in quantity.errors if t.name == name and (t.shared_by in common) is is_common]
    if quantity.value == 0 or not effects:
        return words.DASH
    return f"{100 * math.hypot(*effects) / quantity.value:.1f} %"


def _sureness(response: Response, criterion: Criterion) -> Iterator[str]:
    odds = response.probabilities
    if odds is None:
        return
    listed = ", ".join(f"{words.CATEGORIES[c].lower()} {100 * p:.0f} %" for c, p in odds.items())
    asked = f" The rule asks for {100 * criterion.min_certainty:.0f} %." if criterion.min_certainty else ""
    yield f"How likely, given these errors: {listed}.{asked}"


def _what_would_change(response: Response, criterion: Criterion) -> Iterator[str]:
    before, after = response.baseline, response.current
    if Category.PROGRESSION is response.category and "new_deposit" in response.reasons:
        yield "What would change it: only that the new deposit is none, or was there before."
        return
    if before is None or after is None or response.change_pct is None or before.value <= 0:
        return
    is_nadir = criterion.reference is Reference.NADIR and response.nadir is not None
    start = response.nadir if is_nadir and response.nadir is not None else before
    low, high = _bounds(response, criterion, before, start)
    if low is None or high is None:
        return
    unit = words.unit(before.unit)
    below, above = words.number(low), words.number(high)
    answers = {
        Category.REGRESSION: f"from {below} {unit} on it would be no regression",
        Category.PROGRESSION: f"below {above} {unit} it would be no progression",
    }
    between = f"under {below} {unit} it would be regression, over {above} {unit} progression"
    yield f"What would change it: {answers.get(response.category, between)}."
    spread = _spread(response)
    if spread is not None and criterion.detectable_ses is None:
        yield from _what_would_be_sure(response, low, high, spread, unit, before.value)


def _bounds(
    response: Response, criterion: Criterion, before: Quantity, start: Quantity
) -> tuple[float | None, float | None]:
    """Return the sizes at which a verdict on size turns."""
    if criterion.regression_pct is not None and criterion.progression_pct is not None:
        low = before.value * (1 + criterion.regression_pct / 100)
        return low, max(start.value * (1 + criterion.progression_pct / 100), start.value + criterion.floor)
    spread = _spread(response)
    if spread is None or criterion.detectable_ses is None:
        return None, None
    reach = criterion.detectable_ses * spread / math.sqrt(2)
    return before.value * math.exp(-reach), start.value * math.exp(reach)


def _spread(response: Response) -> float | None:
    """Return the standard error of the logarithm of the change, from its limits."""
    if response.change_pct_limits is None or response.change_pct_limits[0] <= -100:
        return None
    low, high = response.change_pct_limits
    return (math.log1p(high / 100) - math.log1p(low / 100)) / (2 * _Z_95)


def _what_would_be_sure(
    response: Response, low: float, high: float, spread: float, unit: str, baseline: float
) -> Iterator[str]:
    """Yield which size would put both 95 % limits on one side of a threshold that they straddle."""
    reach = math.exp(_Z_95 * spread)
    assert response.change_pct_limits is not None
    lower, upper = response.change_pct_limits
    for bound, name, is_asked in (
        (low, "regression", Category.REGRESSION),
        (high, "progression", Category.PROGRESSION),
    ):
        threshold = 100 * (bound / baseline - 1)
        if not lower < threshold < upper:
            continue
        is_past = response.category is is_asked
        limit, verb = (
            ("upper", "fall below") if (name == "regression") is is_past else ("lower", "rise above")
        )
        size = (
            f"under {words.number(bound / reach)}"
            if limit == "upper"
            else f"over {words.number(bound * reach)}"
        )
        yield (
            f"To {'be sure of' if is_past else 'rule out'} {name}, the {limit} limit would have to {verb} "
            f"{words.percent(threshold)}: the size {size} {unit}."
        )


def explain_discordances(found: Iterable[Discordance]) -> tuple[str, ...]:
    """Return what sources that disagree say, one line per patient."""
    lines = []
    for discordance in found:
        said = ", ".join(
            (
                *(
                    f"{_SOURCES.get(source, source)}: {words.CATEGORIES[category].lower()}"
                    for source, category in discordance.verdicts
                ),
                *(
                    f"the patient on {item}: {'yes' if is_yes else 'no'}"
                    for item, is_yes in discordance.answers
                ),
            )
        )
        how = "say the opposite" if discordance.is_opposite else "do not say the same"
        lines.append(f"Sources {how} ({said}). They stand side by side; none is averaged with another.")
    return tuple(lines)


def explain_scores(found: Iterable[ScoreResponse], texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return how scores changed, one line each."""
    return tuple(
        f"Score {score.score}, {score.date} with baseline {score.baseline_date}: {score.baseline:g} to "
        f"{score.current:g} ({words.percent(score.change_pct)}): {words.CATEGORIES[score.category].lower()}. "
        f"{' '.join(words.reasons(score.reasons, texts))}"
        for score in found
    )


def explain_errors(measurements: Sequence[Measurement]) -> tuple[str, ...]:
    """Return what the error of each deposit's area and volume is made of, one line each.

    Parameters
    ----------
    measurements : sequence of Measurement
        Of one image.
    """
    lines = []
    for measurement in measurements:
        quantity = measurement.quantity
        if measurement.measure not in _EXPLAINED or quantity.value <= 0:
            continue
        relative = f" ({_percent_of(quantity.standard_error, quantity)})" if quantity.standard_error else ""
        lines.append(
            f"deposit {measurement.deposit}, {measurement.measure}: {_with_error(quantity)}{relative}"
        )
        variance = (quantity.standard_error or 0.0) ** 2
        for term in sorted(quantity.errors, key=lambda term: -abs(term.effect)):
            part = 100 * term.effect**2 / variance if variance else 0.0
            shared = f"; shared by all of the {term.shared_by}" if term.shared_by else ""
            lines.append(
                f"  {CAUSES.get(term.name, term.name)}: {_percent_of(term.effect, quantity)} of the size, "
                f"{part:.0f} % of the variance ({term.source}{shared})"
            )
    return tuple(lines)


def _percent_of(effect: float, quantity: Quantity) -> str:
    return f"{100 * abs(effect) / quantity.value:.1f} %"
