"""An outcome and the tables beside the images -> the tables of a cohort."""

from collections.abc import Mapping, Sequence

from lesionkit.core.cohort import Answer
from lesionkit.core.outcome import Outcome, worst_first
from lesionkit.core.summary import Association, CohortSummary, StreamAgreement
from lesionkit.errors import MissingExtraError
from lesionkit.summarise.association import Known, associate, factors_of
from lesionkit.summarise.characteristics import (
    comedications,
    count_comedications,
    describe_patients,
    describe_treatments,
)
from lesionkit.summarise.concordance import compare_streams
from lesionkit.summarise.courses import lanes_of, stream_courses, thresholds_of
from lesionkit.summarise.describe import folded
from lesionkit.summarise.events import summarise_events
from lesionkit.summarise.questionnaire import (
    OVERALL,
    said_yes,
    summarise_questionnaire,
    summarise_scores,
)
from lesionkit.summarise.streams import (
    PHOTOGRAPHS,
    RADIOLOGY,
    SCORE,
    Sentences,
    StreamVerdicts,
    follow_up_times,
    verdicts,
)

SMALL = 30
"""Fewer patients than this are said to be few."""


def summarise_cohort(
    outcome: Outcome,
    *,
    answers: Mapping[str, Sequence[Answer]],
    events: Mapping[str, Sequence[str]] | None,
    sentences: Sentences,
    overall: str = OVERALL,
) -> CohortSummary:
    """Return a cohort in tables: who, treated how, for how long, and how they fared by each source.

    Parameters
    ----------
    outcome : Outcome
        Of the whole run.
    answers : Mapping of str to sequence of Answer
        The questionnaire, by patient, in order of time.
    events : Mapping of str to sequence of str, optional
        Adverse events by patient; None where there is no such table.
    sentences : callable
        Gives the words of reason codes.
    overall : str
        The questionnaire's item that says how a patient fared.
    """
    people = outcome.cohort.patients
    characteristics, unsaid = describe_patients(people)
    items, doubts = summarise_questionnaire(answers, people)
    drugs = comedications(people)
    streams = verdicts(outcome, sentences=sentences)
    apart = _apart(streams)
    benefit = said_yes(answers, people, item=overall)
    named = {f"questionnaire: {overall}": benefit} if benefit else {}
    good: dict[str, Known] = {f"improved: {stream.stream}": stream.improved for stream in apart}
    good |= named
    associations, untested = associate(good, {**drugs, **factors_of(characteristics, people)})
    agreements, agreement_notes = _agreements(apart, named)
    courses = stream_courses(outcome)
    return CohortSummary(
        name=outcome.cohort.name,
        patients=len(people),
        characteristics=characteristics,
        treatments=describe_treatments(people),
        comedication=count_comedications(drugs),
        times=follow_up_times(people),
        responses=tuple(stream.response for stream in streams),
        questionnaire=items,
        scores=summarise_scores(outcome.scores, patients=len(people)),
        adverse_events=None if events is None else summarise_events(events, people),
        associations=associations,
        agreements=agreements,
        courses=courses,
        thresholds=thresholds_of(outcome),
        lanes=lanes_of(people, courses),
        notes={
            "response": _response_notes(outcome),
            "questionnaire": _item_notes(answers, items, overall=overall, is_used=bool(benefit)),
            "association": _association_notes(associations, untested),
            "agreement": agreement_notes,
            "methods": _methods(outcome),
        },
        problems=worst_first((*outcome.problems, *unsaid, *doubts)),
        versions=outcome.versions,
    )


def _apart(streams: Sequence[StreamVerdicts]) -> list[StreamVerdicts]:
    """Return the streams of which none holds another: photographs, radiology as one, and scores."""
    whole = (PHOTOGRAPHS, RADIOLOGY)
    return [stream for stream in streams if stream.stream in whole or stream.stream.startswith(SCORE)]


def _agreements(
    streams: Sequence[StreamVerdicts], answers: Mapping[str, Known]
) -> tuple[tuple[StreamAgreement, ...], tuple[str, ...]]:
    try:
        found = compare_streams(streams, answers)
    except MissingExtraError as error:
        return (), (f"Agreement between streams is left out: {error.message}. {error.hint}",)
    if not found:
        return (), ()
    return found, (
        "Kappa is the agreement beyond chance (Cohen); its interval draws patients again, and is not given "
        "for fewer than five patients or where too many draws leave it undefined.",
    )


def _response_notes(outcome: Outcome) -> tuple[str, ...]:
    names = ", ".join(criterion.name for criterion in outcome.criteria)
    return (
        f"The last response over all sites of each patient, by {names}; streams stand side by side and are "
        "not averaged. Denominators are the patients judged; the others are named with the reason.",
    )


def _methods(outcome: Outcome) -> tuple[str, ...]:
    rules = "; ".join(
        f"{rule.name} ({rule.citation})" if rule.citation else rule.name for rule in outcome.criteria
    )
    programs = ("numpy", "scipy", "statsmodels")
    versions = ", ".join(f"{name} {outcome.versions[name]}" for name in programs if name in outcome.versions)
    return (
        f"lesionkit {outcome.versions.get('lesionkit', '')} ({versions}). Response by {rules}. 95 % limits "
        "of proportions by Wilson's method.",
    )


def _item_notes(
    answers: Mapping[str, Sequence[Answer]], items: Sequence[object], *, overall: str, is_used: bool
) -> tuple[str, ...]:
    if not items:
        return ()
    notes = ["Denominators are the patients who answered; a missing answer is not a no."]
    is_there = any(folded(a.item) == folded(overall) for some in answers.values() for a in some)
    if not is_used:
        why = "has no answer of yes or no" if is_there else "is not among them"
        notes.append(
            f"The item {overall!r} {why}: the questionnaire is in no association or agreement "
            "(see --overall)."
        )
    return tuple(notes)


def _association_notes(found: Sequence[Association], untested: Sequence[str]) -> tuple[str, ...]:
    notes: list[str] = []
    tested = [one for one in found if one.p is not None]
    if tested:
        most = max(one.having.of + one.without.of for one in tested)
        passed = sum(one.p is not None and one.p < 0.05 for one in tested)
        kept = sum(one.p_holm is not None and one.p_holm < 0.05 for one in tested)
        notes.append(
            f"{len(tested)} tests; p < 0.05 in {passed}, in {kept} after correction for their number (Holm). "
            f"About {0.05 * len(tested):.2g} would be expected by chance at most."
        )
        blind = sum(one.p_least is not None and one.p_least >= 0.05 for one in tested)
        if blind:
            notes.append(
                f"In {blind} of them no split of these patients could have given p < 0.05: "
                "see the least possible p."
            )
        if most < SMALL:
            notes.append(
                f"With {most} patients at most, an association that is not seen is not shown to be absent; "
                "groups are not randomised."
            )
    if untested:
        listed = ", ".join(untested[:12]) + (f" and {len(untested) - 12} more" if len(untested) > 12 else "")
        notes.append(f"Not tested, since too few patients differ in it: {listed}.")
    return tuple(notes)
