"""Each patient's course in each stream, and on a line of time: what the plots of a cohort show."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from lesionkit.core.cohort import Patient
from lesionkit.core.courses import Lane, Span, Step, StreamCourse
from lesionkit.core.outcome import Outcome
from lesionkit.core.response import ALL_SITES, Category, Criterion, Evaluation, Reference, Response
from lesionkit.core.score import ScoreResponse
from lesionkit.summarise.streams import DAYS_PER_MONTH, NAMES, SCORE

_SHOWN = frozenset(set(Category) - {Category.NOT_EVALUABLE})


def stream_courses(outcome: Outcome) -> tuple[StreamCourse, ...]:
    """Return how every patient fared in every stream, over all sites, and in every score.

    Photographs, X-ray, CT and MR stand by themselves: their changes are not of one thing. What could not be
    evaluated has no step, but may be the final reading.
    """
    found: dict[tuple[str, str], list[Response]] = {}
    for response in outcome.responses:
        if response.site == ALL_SITES and response.track is None and response.baseline_date is not None:
            key = (NAMES[response.modality.stream], response.patient)
            found.setdefault(key, []).append(response)
    of_images = (_course(stream, patient, some) for (stream, patient), some in found.items())
    scores: dict[tuple[str, str], list[ScoreResponse]] = {}
    for score in outcome.scores:
        scores.setdefault((f"{SCORE}{score.score}", score.patient), []).append(score)
    of_scores = (_of_score(stream, patient, some) for (stream, patient), some in scores.items())
    order = list(NAMES.values())
    return tuple(
        sorted(
            (*(course for course in of_images if course), *of_scores),
            key=lambda c: (order.index(c.stream) if c.stream in order else len(order), c.stream, c.patient),
        )
    )


def thresholds_of(outcome: Outcome) -> Mapping[str, tuple[float, float]]:
    """Return, by stream, beyond which change from baseline its rule says regression and progression.

    Left out are streams judged by a measurement's own error, or by several rules.
    """
    rules = {rule.name: rule for rule in outcome.criteria}
    names: dict[str, set[str]] = {}
    for response in outcome.responses:
        names.setdefault(NAMES[response.modality.stream], set()).add(response.criterion)
    found = {}
    for stream, used in names.items():
        rule = rules.get(next(iter(used))) if len(used) == 1 else None
        limits = None if rule is None else _limits(rule)
        if limits is not None:
            found[stream] = limits
    return found


def _limits(rule: Criterion) -> tuple[float, float] | None:
    if rule.regression_pct is None or rule.progression_pct is None or rule.reference is Reference.NADIR:
        return None
    return rule.regression_pct, rule.progression_pct


def _course(stream: str, patient: str, responses: Sequence[Response]) -> StreamCourse | None:
    finals = [r for r in responses if r.evaluation is Evaluation.FINAL]
    if not finals or finals[0].baseline_date is None:
        return None
    follow_ups = [r for r in responses if r.evaluation is Evaluation.FOLLOW_UP and r.category in _SHOWN]
    return StreamCourse(
        patient=patient,
        stream=stream,
        measure=finals[0].measure.value,
        baseline_date=finals[0].baseline_date,
        steps=tuple(_step(response) for response in sorted(follow_ups, key=lambda r: r.date)),
        final=_step(finals[0]),
    )


def _step(response: Response) -> Step:
    is_compared = response.category in _SHOWN
    low, high = response.change_pct_limits or (None, None)
    return Step(
        date=response.date,
        months=response.months_from_baseline or 0.0,
        category=response.category,
        # What could not be evaluated may have a change of what was seen: it is no change of the whole.
        change_pct=response.change_pct if is_compared else None,
        low=low if is_compared else None,
        high=high if is_compared else None,
    )


def _of_score(stream: str, patient: str, responses: Sequence[ScoreResponse]) -> StreamCourse:
    steps = [
        Step(
            date=s.date,
            months=_months(s.baseline_date, s.date),
            category=s.category,
            change_pct=s.change_pct,
        )
        for s in sorted(responses, key=lambda s: s.date)
    ]
    return StreamCourse(
        patient=patient,
        stream=stream,
        measure="score",
        baseline_date=responses[0].baseline_date,
        steps=tuple(steps),
        final=steps[-1],
    )


def lanes_of(patients: Iterable[Patient], courses: Iterable[StreamCourse]) -> tuple[Lane, ...]:
    """Return the line of time of every patient with a picture: from the start of the first treatment.

    Where no start is known it begins with the first picture. Treatments without a start have no place on it.
    """
    by_patient: dict[str, list[StreamCourse]] = {}
    for course in courses:
        by_patient.setdefault(course.patient, []).append(course)
    return tuple(_lane(p, by_patient.get(p.id, ())) for p in patients if p.timepoints)


def _lane(patient: Patient, courses: Sequence[StreamCourse]) -> Lane:
    start = patient.treatment_start
    origin = start or patient.timepoints[0].date
    given = sorted((t for t in patient.treatments if t.start is not None), key=lambda t: t.start or origin)
    verdicts = {
        (step.date, course.stream, step.category)
        for course in courses
        for step in (*course.steps, course.final)
    }
    visits = {
        (timepoint.date, NAMES[image.modality.stream])
        for timepoint in patient.timepoints
        for image in timepoint.images
    }
    return Lane(
        patient=patient.id,
        origin=origin,
        is_from_treatment=start is not None,
        spans=tuple(
            Span(
                drug=t.drug or "treatment",
                start=_months(origin, t.start or origin),
                end=None if t.end is None else _months(origin, t.end),
            )
            for t in given
        ),
        visits=tuple((_months(origin, day), stream) for day, stream in sorted(visits)),
        verdicts=tuple((_months(origin, day), stream, said) for day, stream, said in sorted(verdicts)),
    )


def _months(start: date, day: date) -> float:
    return (day - start).days / DAYS_PER_MONTH
