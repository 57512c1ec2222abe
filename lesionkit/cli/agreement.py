"""What is printed of an agreement: the figures that are asked for first, and where all of them lie."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from lesionkit.cli.terminal import escape, print_json, print_problems, printing, table_of
from lesionkit.core.agreement import Agreement, Estimate
from lesionkit.report import words
from lesionkit.report.to_agreement import AGREEMENT, statistic_rows

_FIRST = (
    "dice",
    "hausdorff_95",
    "icc_2_1",
    "bias",
    "limit_low",
    "limit_high",
    "repeatability",
    "sdc",
    "kappa",
)
"""What is printed; the page and the tables have all."""


def show_agreement(
    agreement: Agreement, paths: Sequence[Path], settings: Path | None, *, as_json: bool, quiet: bool
) -> None:
    """Print how well readers agree.

    Parameters
    ----------
    agreement : Agreement
        What was found.
    paths : sequence of Path
        Files that hold it.
    settings : Path, optional
        Where the readers' error was written.
    as_json, quiet
        As the options.
    """
    if as_json:
        print_json(
            {
                "readers": list(agreement.readers),
                "statistics": [dict(row) for row in statistic_rows(agreement)],
                "files": [str(path) for path in paths],
            }
        )
        return
    with printing() as out:
        table = table_of("what", "statistic", "value", "95 % interval", "cases", "readers")
        for what, readers, cases, statistics in _parts(agreement):
            for number, (name, found) in enumerate(_shown(statistics)):
                table.add_row(
                    "" if number else escape(what),
                    AGREEMENT[name],
                    words.DASH if found.value is None else words.number(found.value),
                    _interval(found),
                    "" if number else str(cases),
                    "" if number else escape(", ".join(readers)),
                )
        out.print(table)
        for path in paths:
            out.print(escape(str(path)), soft_wrap=True)
        if settings is not None:
            out.print(f"The readers' error is in {escape(str(settings))}", soft_wrap=True)
    print_problems(agreement.problems, quiet=quiet)


def _parts(agreement: Agreement) -> list[tuple[str, tuple[str, ...], int, Mapping[str, Estimate]]]:
    parts: list[tuple[str, tuple[str, ...], int, Mapping[str, Estimate]]] = []
    for drawing in agreement.drawings:
        unit = f" ({words.unit(drawing.unit)})" if drawing.unit else ""
        what = f"{words.STREAMS[drawing.modality]}: drawing{unit}"
        parts.append((what, drawing.readers, drawing.both, drawing.statistics))
    for size in agreement.sizes:
        measure = f"{size.measure.replace('_', ' ')} per {size.level.value} ({words.unit(size.unit)})"
        what = f"{words.STREAMS[size.modality]}: {measure}"
        parts.append((what, size.readers, len(size.cases), size.statistics))
    for category in agreement.categories:
        stream = words.STREAMS[category.modality] if category.modality else "All streams"
        parts.append((f"{stream}: response", category.readers, len(category.cases), category.statistics))
    return parts


def _shown(statistics: Mapping[str, Estimate]) -> list[tuple[str, Estimate]]:
    return [(name, statistics[name]) for name in _FIRST if name in statistics]


def _interval(found: Estimate) -> str:
    if found.low is None or found.high is None:
        return words.DASH
    return f"{words.number(found.low)} to {words.number(found.high)}"
