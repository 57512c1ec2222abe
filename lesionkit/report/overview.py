"""All that is known of a patient over one axis of time, each source in a panel of its own, none blended."""

from collections.abc import Iterator, Sequence
from datetime import date

from markupsafe import Markup

from lesionkit.core.cohort import Answer, Patient, yes_or_no
from lesionkit.core.image import Modality
from lesionkit.core.response import ALL_SITES, Evaluation, Response
from lesionkit.core.score import Score
from lesionkit.core.track import Presence
from lesionkit.report import words
from lesionkit.report.chart import timeline
from lesionkit.report.marks import TOTAL, marks_of
from lesionkit.report.panels import Dot, Event, Line, Panel
from lesionkit.report.source import Source
from lesionkit.report.timelines import dot_of, spans_of

_HEIGHT = 92.0


def overview(source: Source, patient: Patient, streams: Sequence[Modality]) -> Markup:
    """Return the chart of a patient's streams, scores and questionnaire; empty where it would hold one panel.

    Parameters
    ----------
    source : Source
        What pages are made from.
    patient : Patient
        Whose.
    streams : sequence of Modality
        In the order of the page.
    """
    panels = [panel for stream in streams if (panel := _stream(source, patient, stream)) is not None]
    panels += _scores(source.outcome.given_scores.get(patient.id, ()))
    events = tuple(_events(source.outcome.answers.get(patient.id, ())))
    if len(panels) + bool(events) < 2:
        return Markup("")
    return timeline(
        panels,
        title="Size of all deposits by source, scores and questionnaire over time",
        spans=spans_of(patient.treatments),
        events=events,
        lane="Questionnaire",
    )


def _stream(source: Source, patient: Patient, stream: Modality) -> Panel | None:
    found = source.responses.get((patient.id, stream, ALL_SITES), ())
    responses = [r for r in found if r.evaluation is Evaluation.FOLLOW_UP]
    sizes = {r.baseline_date: (r.baseline, "baseline") for r in responses if r.baseline_date is not None}
    sizes |= {r.date: (r.current, _judged(r)) for r in responses}
    known = [quantity for quantity, _ in sizes.values() if quantity is not None]
    if not known:
        return None
    dots = tuple(
        dot_of(
            day,
            quantity,
            known[0],
            Presence.PRESENT,
            told="" if quantity is None else f"{words.with_error(quantity)}, {judged}",
        )
        for day, (quantity, judged) in sorted(sizes.items())
    )
    measure = words.MEASURES[responses[0].measure].lower()
    return Panel(
        lines=(Line(label=words.STREAMS[stream], mark=TOTAL, dots=dots),),
        unit=words.unit(known[0].unit),
        name=f"{words.STREAMS[stream]}: {measure}, all sites",
        height=_HEIGHT,
    )


def _judged(response: Response) -> str:
    change = f"{words.percent(response.change_pct)}, " if response.change_pct is not None else ""
    return f"{change}{words.CATEGORIES[response.category].lower()}"


def _scores(given: Sequence[Score]) -> Iterator[Panel]:
    for name in dict.fromkeys(score.name for score in given):
        own = [score for score in given if score.name == name]
        readers = list(dict.fromkeys(score.reader for score in own))
        marks = marks_of(readers)
        lines = tuple(
            Line(
                label=reader or name,
                mark=marks[reader],
                dots=tuple(
                    Dot(date=s.date, value=s.value, told=f"{s.date}, {s.value:g}")
                    for s in own
                    if s.reader == reader
                ),
            )
            for reader in readers
        )
        yield Panel(lines=lines, unit="points", name=f"Score {words.short(name, 40)}", height=_HEIGHT)


def _events(answers: Sequence[Answer]) -> Iterator[Event]:
    by_day: dict[date, list[Answer]] = {}
    for answer in answers:
        if answer.date is not None:
            by_day.setdefault(answer.date, []).append(answer)
    for day, told in sorted(by_day.items()):
        said = [yes_or_no(answer.text) for answer in told]
        text = f"{sum(map(bool, said))} of {len(said)} yes" if None not in said else f"{len(said)} answers"
        listed = "; ".join(f"{words.short(a.item, 60)}: {words.short(a.text, 60)}" for a in told)
        yield Event(date=day, text=text, told=f"Questionnaire: {day}, {listed}")
