"""What each command prints."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lesionkit.cli import words
from lesionkit.cli.terminal import console, print_json, print_problems
from lesionkit.core.cohort import Patient
from lesionkit.core.image import ImageRef, Modality
from lesionkit.core.outcome import Outcome, Problem
from lesionkit.core.response import ALL_SITES, Evaluation, Response
from lesionkit.core.track import Presence, Sighting, Track
from lesionkit.pipeline import Examination


def show_examination(examined: Examination, *, as_json: bool, quiet: bool) -> None:
    """Print every image with who, when, where and by whom it was outlined; then the problems."""
    rows = [
        _image_row(examined, patient, day, ref)
        for patient in examined.cohort.patients
        for day, ref in ((t.date, ref) for t in patient.timepoints for ref in t.images)
    ]
    if as_json:
        print_json({"images": rows, "problems": _as_dicts(examined.problems)})
        return
    table = _table("patient", "date", "modality", "site", "image", "size", "scale", "outlined by")
    for row in rows:
        table.add_row(*row.values())
    out = console()
    out.print(table)
    out.print(
        f"{len(rows)} images of {sum(bool(p.timepoints) for p in examined.cohort.patients)} patients; "
        f"{len(examined.read_images)} outlined."
    )
    print_problems(examined.problems, quiet=quiet)


def _image_row(examined: Examination, patient: Patient, day: object, ref: ImageRef) -> dict[str, str]:
    scale = ref.grid.scale_source.value
    if ref.modality is Modality.XC and scale == "none":
        scale = "found when measured"
    readers = examined.readers.get(ref.id, ())
    return {
        "patient": patient.id,
        "date": str(day),
        "modality": ref.modality.value,
        "site": ref.site,
        "image": ref.location,
        "size": " × ".join(map(str, ref.grid.shape)),
        "scale": scale,
        "outlined by": ", ".join(name or "common file" for name in readers) or "nobody",
    }


def show_outcome(
    outcome: Outcome, target: Path, pages: Sequence[Path], *, as_json: bool, quiet: bool
) -> None:
    """Print the final responses, their counts, and where tables and pages lie."""
    if as_json:
        from lesionkit.report.rows import response_rows

        print_json(
            {
                "responses": response_rows(outcome),
                "final": {
                    stream: {category.value: count for category, count in counts.items()}
                    for stream, counts in words.count_outcomes(outcome.responses).items()
                },
                "problems": _as_dicts(outcome.problems),
                "out": str(target),
            }
        )
        return
    out = console()
    table = _table("patient", "stream", "baseline", "final", "size", "change", "response", "why")
    for response in words.final(outcome.responses):
        table.add_row(response.patient, words.STREAMS[response.modality], *_verdict(response))
    out.print(table)
    for stream, counts in words.count_outcomes(outcome.responses).items():
        listed = ", ".join(f"{counts[c]} {words.category(c)}" for c in words.CATEGORY_ORDER if counts[c])
        out.print(f"{stream.capitalize()}: {listed} (of {sum(counts.values())})")
    out.print(f"Criterion: {', '.join(criterion.name for criterion in outcome.criteria)}")
    out.print(f"Tables: {target}", soft_wrap=True)
    if pages:
        out.print(f"Report: {pages[0]}", soft_wrap=True)
    print_problems(outcome.problems, quiet=quiet)


def _verdict(response: Response) -> tuple[str, ...]:
    return (
        str(response.baseline_date or "–"),
        str(response.date),
        f"{words.quantity(response.baseline)} → {words.quantity(response.current)}",
        words.percent(response.change_pct),
        words.category(response.category),
        words.explain(response.reasons),
    )


def show_comparison(outcome: Outcome, *, as_json: bool, quiet: bool) -> None:
    """Print a patient's deposits by timepoint, each site's totals, and the responses."""
    if as_json:
        from lesionkit.report.rows import response_rows, track_rows

        print_json(
            {
                "tracks": track_rows(outcome),
                "responses": response_rows(outcome),
                "problems": _as_dicts(outcome.problems),
            }
        )
        return
    out = console()
    sizes = {(r.track, r.site, r.modality, r.date): r for r in outcome.track_responses}
    for stream, site in sorted({(t.modality, t.site) for t in outcome.tracks}):
        tracks = [t for t in outcome.tracks if (t.modality, t.site) == (stream, site)]
        dates = [sighting.date for sighting in tracks[0].sightings]
        table = _table("deposit", *map(str, dates), title=f"{words.STREAMS[stream]}: {site}")
        for track in tracks:
            table.add_row(track.id, *(_cell(track, s, sizes) for s in track.sightings))
        out.print(table)
        _print_responses(out, (r for r in outcome.responses if (r.modality, r.site) == (stream, site)))
    for stream in sorted({response.modality for response in outcome.responses}):
        out.print(f"[bold]{words.STREAMS[stream]}: all sites[/]")
        _print_responses(out, (r for r in outcome.responses if (r.modality, r.site) == (stream, ALL_SITES)))
    print_problems(outcome.problems, quiet=quiet)


def _cell(track: Track, sighting: Sighting, sizes: dict[Any, Response]) -> str:
    if sighting.presence is not Presence.PRESENT:
        return sighting.event.value if sighting.event else sighting.presence.value
    judged = sizes.get((track.id, track.site, track.modality, sighting.date))
    baseline = next(
        (r.baseline for r in sizes.values() if r.track == track.id and r.site == track.site), None
    )
    size = judged.current if judged else baseline
    event = sighting.event.value if sighting.event else ""
    return f"{words.quantity(size)} {event}{'' if sighting.is_confirmed else ' (match unconfirmed)'}".strip()


def _print_responses(out: Any, responses: Iterable[Response]) -> None:
    for response in responses:
        label = "final" if response.evaluation is Evaluation.FINAL else "     "
        baseline, day, size, change, category, why = _verdict(response)
        out.print(f"  {label} {day} against {baseline}: {size} ({change}) {category}. {why}")


def show_pages(outcome: Outcome, pages: Sequence[Path], *, as_json: bool, quiet: bool) -> None:
    """Print where the pages lie."""
    if as_json:
        print_json({"pages": [str(page) for page in pages], "problems": _as_dicts(outcome.problems)})
        return
    for page in pages:
        console().print(str(page), soft_wrap=True)
    print_problems(outcome.problems, quiet=quiet)


def show_plugins(*, as_json: bool) -> None:
    """Print what can be plugged in and what is."""
    from lesionkit.core.registry import Registry

    groups = ("lesionkit.readers", "lesionkit.criteria", "lesionkit.exporters")
    found = [e for group in groups for e in Registry[object](group).extensions()]
    if as_json:
        print_json(
            [
                {
                    "group": e.group,
                    "name": e.name,
                    "origin": e.origin,
                    "version": e.version,
                    "reason": e.reason,
                }
                for e in found
            ]
        )
        return
    table = _table("kind", "name", "from", "version", "usable")
    for e in found:
        table.add_row(e.group.removeprefix("lesionkit."), e.name, e.origin, e.version, e.reason or "yes")
    console().print(table)
    console().print(f"lesionkit {version('lesionkit')}")


def _table(*columns: str, title: str | None = None) -> Any:
    from rich import box
    from rich.table import Table

    return Table(*columns, title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)


def _as_dicts(problems: Iterable[Problem]) -> list[dict[str, str]]:
    return [
        {"severity": p.severity.value, "code": p.code, "about": p.about, "text": p.text, "hint": p.hint}
        for p in problems
    ]
