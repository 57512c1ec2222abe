"""What is printed of an outcome: responses, the course of one patient, pages."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from lesionkit.classification import REASONS
from lesionkit.cli.counts import STREAMS, count_outcomes, final_responses
from lesionkit.cli.terminal import ROOMY, escape, print_json, print_lines, print_problems, printing, table_of
from lesionkit.core.image import Modality
from lesionkit.core.outcome import Outcome
from lesionkit.core.response import ALL_SITES, Category, Evaluation, Response
from lesionkit.core.track import Presence
from lesionkit.report import words
from lesionkit.report.cells import Row
from lesionkit.report.course import Course, Point, courses
from lesionkit.report.rows import problem_rows, response_rows, track_rows

NOTHING_TO_COMPARE = "Nothing to compare yet: a response needs the same site outlined at two timepoints."

_COLOURS = {
    Category.RESOLVED: "green",
    Category.REGRESSION: "green",
    Category.STABLE: "blue",
    Category.PROGRESSION: "red",
    Category.INDETERMINATE: "yellow",
    Category.NOT_EVALUABLE: "yellow",
}


def show_outcome(
    outcome: Outcome, target: Path, pages: Sequence[Path], *, as_json: bool, quiet: bool
) -> None:
    """Print the final responses, their counts, and where tables and pages lie."""
    counts = count_outcomes(outcome.responses)
    if as_json:
        print_json(
            {
                "responses": _plain(response_rows(outcome)),
                "final": {stream: {c.value: n for c, n in found.items()} for stream, found in counts.items()},
                "problems": _plain(problem_rows(outcome)),
                "out": str(target),
            }
        )
        return
    finals = final_responses(outcome.responses)
    with printing() as out:
        _print_finals(out, finals)
        out.print()
        for stream, found in counts.items():
            listed = ", ".join(f"{found[c]} {words.CATEGORIES[c].lower()}" for c in Category if found[c])
            out.print(f"{stream.capitalize()}: {listed} (of {sum(found.values())})")
        out.print(f"Criterion: {escape(', '.join(criterion.name for criterion in outcome.criteria))}")
        out.print(f"Tables: {escape(str(target))}", soft_wrap=True)
        if pages:
            out.print(f"Report: {escape(str(pages[0]))}", soft_wrap=True)
    print_problems(outcome.problems, quiet=quiet)


def _print_finals(out: Any, finals: Sequence[Response]) -> None:
    if not finals:
        out.print(NOTHING_TO_COMPARE)
        return
    out.print(_finals_table(finals, roomy=out.width >= ROOMY))
    out.print()
    for why, whose in _grounds(finals).items():
        out.print(f"[bold]{escape(', '.join(whose))}:[/] {why}")


def _finals_table(finals: Sequence[Response], *, roomy: bool) -> Any:
    """Return the final responses as a table; the sizes only where the terminal has room for them."""
    table = table_of("patient", "stream", "baseline", "final", "response", "change", *["size"] * roomy)
    for response in finals:
        table.add_row(
            escape(response.patient),
            words.STREAMS[response.modality],
            str(response.baseline_date or words.DASH),
            str(response.date),
            _category(response.category),
            words.percent(response.change_pct),
            *[_sizes(response)] * roomy,
        )
    return table


def _sizes(response: Response) -> str:
    before, after = response.baseline, response.current
    if before is None or after is None or before.unit is not after.unit:
        return words.change(response)
    return f"{words.number(before.value)} → {words.quantity(after)}"


def _grounds(finals: Sequence[Response]) -> dict[str, list[str]]:
    """Return whose response rests on each ground, so that a sentence is printed once."""
    grounds: dict[str, list[str]] = {}
    for response in finals:
        whose = f"{response.patient} {words.STREAMS[response.modality]}"
        for why in words.reasons(response.reasons, REASONS):
            grounds.setdefault(why, []).append(whose)
    return grounds


def _category(category: Category) -> str:
    return f"[{_COLOURS[category]}]{words.SIGNS[category]} {words.CATEGORIES[category].lower()}[/]"


def _why(response: Response) -> str:
    return " ".join(words.reasons(response.reasons, REASONS))


def show_comparison(outcome: Outcome, *, as_json: bool, quiet: bool) -> None:
    """Print a patient's deposits by timepoint, and the responses of each site and over all sites."""
    if as_json:
        print_json(
            {
                "tracks": _plain(track_rows(outcome)),
                "responses": _plain(response_rows(outcome)),
                "problems": _plain(problem_rows(outcome)),
            }
        )
        return
    followed = courses(outcome)
    places = {(c.track.modality, c.track.site) for c in followed}
    places |= {(r.modality, r.site) for r in outcome.responses}
    with printing() as out:
        for stream, site in sorted(places, key=_by_stream):
            if site == ALL_SITES and sum(modality is stream for modality, _ in places) == 2:
                continue  # a single site says it all
            here = [c for c in followed if (c.track.modality, c.track.site) == (stream, site)]
            _print_site(out, stream, site, here, outcome.responses)
        if not outcome.responses:
            out.print(NOTHING_TO_COMPARE)
    print_problems(outcome.problems, quiet=quiet)


def _print_site(
    out: Any, stream: Modality, site: str, followed: Sequence[Course], responses: Sequence[Response]
) -> None:
    out.print(f"[bold]{words.STREAMS[stream]}, {escape(words.site(site))}[/]", soft_wrap=True)
    if followed:
        table = table_of("deposit", "date", "size", "change", "seen")
        for course in followed:
            for number, point in enumerate(course.points):
                table.add_row("" if number else escape(course.track.id), *_cells(point))
        out.print(table)
        out.print()
    final = {r.date for r in responses if _is_here(r, stream, site, Evaluation.FINAL)}
    for response in responses:
        if _is_here(response, stream, site, Evaluation.FOLLOW_UP):
            out.print(_line(response, is_final=response.date in final))
    out.print()


def _is_here(response: Response, stream: Modality, site: str, evaluation: Evaluation) -> bool:
    return (response.modality, response.site, response.evaluation) == (stream, site, evaluation)


def _by_stream(key: tuple[Modality, str]) -> tuple[int, bool, str]:
    stream, site = key
    return STREAMS.index(stream), site == ALL_SITES, site


def _cells(point: Point) -> tuple[str, str, str, str]:
    sighting = point.sighting
    seen = words.EVENTS[sighting.event] if sighting.event else words.PRESENCES[sighting.presence]
    doubt = "" if sighting.is_confirmed else " (match unconfirmed)"
    is_there = sighting.presence is Presence.PRESENT
    return (
        str(point.date),
        words.quantity(point.quantity) if is_there else words.DASH,
        words.percent(point.response.change_pct) if point.response else "",
        f"{seen}{doubt}",
    )


def _line(response: Response, *, is_final: bool) -> str:
    when = f"{response.date}{' (final)' * is_final}"
    return f"  {when}: {_category(response.category)}; {words.change(response)}. {_why(response)}"


def show_pages(outcome: Outcome, pages: Sequence[Path], *, as_json: bool, quiet: bool) -> None:
    """Print where the pages lie."""
    if as_json:
        print_json({"pages": [str(page) for page in pages], "problems": _plain(problem_rows(outcome))})
        return
    print_lines(pages)
    print_problems(outcome.problems, quiet=quiet)


def _plain(rows: Iterable[Row]) -> list[dict[str, str | int | float | None]]:
    """Return rows as JSON holds them: numbers as numbers, dates as ISO text, null where not known."""
    return [
        {name: cell.isoformat() if isinstance(cell, date) else cell for name, cell in row.items()}
        for row in rows
    ]
