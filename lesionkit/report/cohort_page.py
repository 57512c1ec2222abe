"""What the cohort's page holds: who, what, when; how they fared; the list of patients; what the data lack."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lesionkit.core.cohort import Patient
from lesionkit.core.image import Modality
from lesionkit.core.outcome import Severity
from lesionkit.core.response import Category, Response
from lesionkit.core.summary import CohortSummary
from lesionkit.report import words
from lesionkit.report.cells import cell_text
from lesionkit.report.cohort_canvas import Figure
from lesionkit.report.cohort_figures import cohort_figures
from lesionkit.report.cohort_quality import ProblemKind, QualityRow, problem_kinds, quality_rows
from lesionkit.report.cohort_rows import cohort_rows
from lesionkit.report.cohort_tables import PrintedTable, printed_tables
from lesionkit.report.page_parts import (
    STREAM_ORDER,
    Rule,
    image_counts,
    is_answer,
    rules,
    span,
    streams_of,
    told,
)
from lesionkit.report.source import Source
from lesionkit.report.verdicts import Verdict

_MOST_ROWS = 60
"""A plot's numbers stand below it where there are no more of them; else only in its table."""
_MOST_LANES = 5
"""So many swimmer plots stand on the page."""
_KINDS = ("response", "questionnaire", "waterfall", "spider", "swimmer")
_FACTS = ("sex", "diagnosis")
"""What of ``patients.csv`` is shown of single patients: further columns may identify a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A patient in the cohort's list: one answer per stream.

    Parameters
    ----------
    id, page : str
        Pseudonym, and the file of the page.
    facts, treatments : tuple of str
        What is known of the patient, and what was given.
    images, span : str
        What was taken, and from when to when.
    answers : tuple of (str, Verdict or None)
        By stream.
    is_discordant : bool
        Whether streams say different things.
    errors, warnings : int
        Problems about the patient.
    rise, fall : float, optional
        The greatest and the least final change in percent of any stream.
    days : int
        From the first to the last picture.
    thumbs : tuple of (str, str)
        Small pictures, first and last: file below the page, and what it shows.
    """

    id: str
    page: str
    facts: tuple[str, ...]
    treatments: tuple[str, ...]
    images: str
    span: str
    answers: tuple[tuple[str, Verdict | None], ...]
    is_discordant: bool
    errors: int
    warnings: int
    rise: float | None
    fall: float | None
    days: int
    thumbs: tuple[tuple[str, str], ...] = ()

    @property
    def said(self) -> str:
        """Stream and category of each answer, for the filter."""
        return " ".join(f"{stream}={answer.kind if answer else 'none'};" for stream, answer in self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow:
    """How many patients of a stream got each category."""

    stream: str
    counts: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot on the page, with its numbers where they are few.

    Parameters
    ----------
    figure : Figure
        The drawing.
    columns : tuple of str
        Heads of its numbers.
    rows : tuple of tuple of str
        Its numbers: rows of the cohort's table; empty where they are many.
    """

    figure: Figure
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """What the cohort's page holds."""

    name: str
    span: str
    unpictured: int
    images: str
    read: str
    entries: tuple[Entry, ...]
    streams: tuple[str, ...]
    categories: tuple[tuple[str, str, str], ...]
    counts: tuple[CountRow, ...]
    plots: Mapping[str, tuple[Plot, ...]]
    tables: Mapping[str, PrintedTable]
    quality: tuple[QualityRow, ...]
    problems: tuple[ProblemKind, ...]
    rules: tuple[Rule, ...]
    meanings: Mapping[str, str]
    has_summary: bool


def index_page(
    source: Source,
    names: Mapping[str, str],
    *,
    summary: CohortSummary | None = None,
    thumbs: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
) -> IndexPage:
    """Return what the cohort's page holds.

    Parameters
    ----------
    source : Source
        What the pages are made from.
    names : Mapping of str to str
        File name of each patient's page, by the patient's id.
    summary : CohortSummary, optional
        The cohort in tables; without it the page has no plots and counts responses only.
    thumbs : Mapping of str to tuple, optional
        Small pictures of each patient, as of `Entry`.
    """
    outcome = source.outcome
    patients = [patient for patient in outcome.cohort.patients if patient.timepoints]
    finals = {(r.patient, r.modality.stream): r for r in outcome.responses if is_answer(r)}
    discordant = {found.patient for found in outcome.discordances}
    read = sum(source.is_read(ref.id) for ref in outcome.cohort.images)
    return IndexPage(
        name=outcome.cohort.name,
        span=span(patients),
        unpictured=len(outcome.cohort.patients) - len(patients),
        images=image_counts(patients),
        read=f"{read} of {len(outcome.cohort.images)}",
        entries=tuple(
            _entry(
                patient,
                names[patient.id],
                {stream: finals.get((patient.id, stream)) for stream in streams_of(patient)},
                source,
                is_discordant=patient.id in discordant,
                thumbs=(thumbs or {}).get(patient.id, ()),
            )
            for patient in patients
        ),
        streams=tuple(words.STREAMS[s] for s in STREAM_ORDER if any(s in streams_of(p) for p in patients)),
        categories=tuple((c.value, words.SIGNS[c], words.CATEGORIES[c]) for c in Category),
        counts=_counts(finals.values()),
        plots=dict.fromkeys(_KINDS, ()) | ({} if summary is None else _plots(summary)),
        tables={} if summary is None else {table.key: table for table in printed_tables(summary)},
        quality=quality_rows(source, patients),
        problems=problem_kinds(outcome.problems if summary is None else summary.problems, source),
        rules=rules(outcome),
        meanings={severity.value: meaning for severity, (_, meaning) in words.SEVERITIES.items()},
        has_summary=summary is not None,
    )


def _entry(
    patient: Patient,
    page: str,
    finals: Mapping[Modality, Response | None],
    source: Source,
    *,
    is_discordant: bool,
    thumbs: tuple[tuple[str, str], ...],
) -> Entry:
    changes = [r.change_pct for r in finals.values() if r and r.change_pct is not None]
    severities = Counter(problem.severity for problem in source.problems.get(patient.id, ()))
    return Entry(
        id=patient.id,
        page=page,
        facts=tuple(patient.facts[name] for name in _FACTS if patient.facts.get(name)),
        treatments=tuple(dict.fromkeys(t.drug for t in patient.treatments if t.drug)),
        images=image_counts([patient]),
        span=span([patient]),
        answers=tuple((words.STREAMS[stream], told(found, source)) for stream, found in finals.items()),
        is_discordant=is_discordant,
        errors=severities[Severity.ERROR],
        warnings=severities[Severity.WARNING],
        rise=max(changes, default=None),
        fall=min(changes, default=None),
        days=(patient.timepoints[-1].date - patient.timepoints[0].date).days,
        thumbs=thumbs,
    )


def _counts(finals: Iterable[Response]) -> tuple[CountRow, ...]:
    by_stream: dict[Modality, Counter[Category]] = {}
    for response in finals:
        by_stream.setdefault(response.modality.stream, Counter())[response.category] += 1
    return tuple(
        CountRow(
            stream=words.STREAMS[stream],
            counts=tuple(by_stream[stream][category] for category in Category),
            total=by_stream[stream].total(),
        )
        for stream in STREAM_ORDER
        if stream in by_stream
    )


def _plots(summary: CohortSummary) -> dict[str, tuple[Plot, ...]]:
    """Return the plots by their kind, with their rows of the cohort's tables."""
    tables = cohort_rows(summary)
    found: dict[str, list[Plot]] = {}
    for figure in cohort_figures(summary):
        kind, _, stream = figure.key.partition("-")
        if len(found.get(kind, ())) == _MOST_LANES and kind == "swimmer":
            continue  # a page of thousands would be slow to open; all are among the files of --figures
        rows = [
            row for row in tables[figure.source] if not stream or row.get("stream", stream) == stream
        ] or list(tables[figure.source])
        few = rows if len(rows) <= _MOST_ROWS else []
        shown = [name for name in (few[0] if few else ()) if any(row[name] is not None for row in few)]
        plot = Plot(
            figure=figure,
            columns=tuple(name.replace("_", " ") for name in shown),
            rows=tuple(tuple(cell_text(row[name]) for name in shown) for row in few),
        )
        found.setdefault(kind, []).append(plot)
    return {kind: tuple(plots) for kind, plots in found.items()}
