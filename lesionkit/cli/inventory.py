"""What is there before anything is measured: a folder's images, and what is plugged in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from typing import Any

from lesionkit.cli.terminal import ROOMY, escape, print_json, print_problems, printing, table_of
from lesionkit.core.cohort import Patient
from lesionkit.core.image import ImageRef
from lesionkit.core.outcome import Problem
from lesionkit.core.registry import Extension
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
    patients = sum(bool(patient.timepoints) for patient in examined.cohort.patients)
    with printing() as out:
        _print_images(out, rows)
        out.print()
        out.print(f"Images: {len(rows)} ({len(examined.read_images)} outlined). Patients: {patients}.")
    print_problems(examined.problems, quiet=quiet)


def _print_images(out: Any, rows: Sequence[dict[str, str]]) -> None:
    """Print images as a table; on a narrow terminal two lines each, so that no path is cut to pieces."""
    if out.width < ROOMY:
        for row in rows:
            who = f"outlined by {row['outlined by']}"
            read = [row[name] for name in ("patient", "date", "modality", "site", "size", "scale")]
            out.print(f"[bold]{escape(row['image'])}[/]", soft_wrap=True)
            out.print(f"  {escape(', '.join((*read, who)))}", soft_wrap=True)
        return
    table = table_of(*_IMAGE_COLUMNS)
    for row in rows:
        table.add_row(*(escape(row[name]) for name in _IMAGE_COLUMNS))
    out.print(table)


_IMAGE_COLUMNS = ("patient", "date", "modality", "site", "image", "size", "scale", "outlined by")


def _image_row(examined: Examination, patient: Patient, day: date, ref: ImageRef) -> dict[str, str]:
    grid = examined.grids.get(ref.id, ref.grid)
    readers = examined.readers.get(ref.id, ())
    return {
        "patient": patient.id,
        "date": str(day),
        "modality": ref.modality.value,
        "site": ref.site,
        "image": ref.location,
        "id": ref.id,
        "size": " × ".join(map(str, ref.grid.shape)),
        "scale": grid.scale_source.value,
        "outlined by": ", ".join(name or "common file" for name in readers) or "nobody",
    }


def _as_dicts(problems: Iterable[Problem]) -> list[dict[str, str]]:
    return [
        {"severity": p.severity.value, "code": p.code, "about": p.about, "text": p.text, "hint": p.hint}
        for p in problems
    ]


def show_plugins(*, as_json: bool) -> None:
    """Print what can be plugged in and what is."""
    found = list(_extensions())
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
    table = table_of("kind", "name", "from", "version", "usable")
    for e in found:
        table.add_row(
            e.group.removeprefix("lesionkit."), e.name, e.origin, e.version, escape(e.reason or "yes")
        )
    with printing() as out:
        out.print(table)
        out.print()
        out.print(f"lesionkit {version('lesionkit')}")


_GROUPS = ("readers", "measures", "criteria", "error_models", "exporters", "suggesters", "viewers")


def _extensions() -> Iterator[Extension]:
    """Yield what is plugged in; of what measures deposits, every measure by its name."""
    from lesionkit.core.registry import Registry
    from lesionkit.measure.measurer import MEASURERS

    for group in (f"lesionkit.{name}" for name in _GROUPS):
        for extension in Registry[object](group).extensions():
            if group == MEASURERS.group and not extension.reason:
                for measure in MEASURERS.load(extension.name).measures:
                    yield replace(extension, name=measure.name)
            else:
                yield extension
