"""stdout for results, stderr for progress and problems."""

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from lesionkit.core.outcome import Problem, Severity
from lesionkit.pipeline.engine import Progress, Step, stay_quiet

_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it, and what turns the direction of the text around it."""

PIPE_WIDTH = 200
"""Columns of a table that goes to a file or another program: wide enough not to wrap."""


def console(*, stderr: bool = False) -> Any:
    """Return a rich console on stdout or stderr; into a pipe it neither colours nor wraps."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr, width=None if stream.isatty() else PIPE_WIDTH, highlight=False, soft_wrap=False
    )


ROOMY = 100
"""Columns from which on a table also holds what a narrow terminal has no room for."""


@contextmanager
def printing() -> Iterator[Any]:
    """Yield a rich console whose text goes to stdout at the end, without blanks at the ends of lines."""
    out = console()
    with out.capture() as captured:
        yield out
    lines = (line.rstrip() for line in captured.get().splitlines())
    _write("".join(f"{line}\n" for line in lines))


_FOLDED = ("patient", "site", "image", "outlined by", "deposit", "size", "seen", "usable")
"""Columns whose words may be folded; those of the others stay whole."""


def table_of(*columns: str) -> Any:
    """Return an empty rich table; names that are too long for the terminal are folded, numbers never."""
    from rich import box
    from rich.table import Column, Table

    return Table(
        *(Column(name, overflow="fold", no_wrap=name not in _FOLDED) for name in columns),
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )


def visible(text: str) -> str:
    r"""Return a text that no terminal obeys: blanks for control characters and for turns of direction.

    Examples
    --------
    >>> visible("left\x1b[31mhand")
    'left [31mhand'
    """
    return _UNPRINTED.sub(" ", text)


def escape(text: str) -> str:
    """Return a text that rich and the terminal show as it is."""
    from rich.markup import escape as without_markup

    return without_markup(visible(text))


def print_json(value: object) -> None:
    """Print a value as JSON on stdout; what a terminal would obey is written as an escape of JSON's own."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    _write("\n".join(_UNPRINTED.sub(_as_escape, line) for line in text.split("\n")) + "\n")


def _as_escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def print_lines(lines: Sequence[object]) -> None:
    """Print each as a line of its own on stdout, unwrapped; into a pipe as it is: a path stays a path."""
    text = (visible(str(line)) if sys.stdout.isatty() else str(line) for line in lines)
    _write("".join(f"{line}\n" for line in text))


def _write(text: str, stream: TextIO | None = None) -> None:
    stream = stream or sys.stdout
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        # Whoever reads the pipe has seen enough; what is still in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Progress]:
    """Yield what shows steps as a bar on stderr; only on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield stay_quiet
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(step: Step) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bar.add_task(step.stage, total=step.total)
            bar.update(tasks[step.stage], completed=step.done, total=step.total)

        yield show


def print_problems(problems: Sequence[Problem], *, quiet: bool) -> None:
    """Print problems on stderr, one line each: errors always, warnings unless quiet, info as a count."""
    shown = [
        p for p in problems if p.severity is Severity.ERROR or (p.severity is Severity.WARNING and not quiet)
    ]
    lines = [f"{p.severity}: {p.about}: {_sentences(p)} [{p.code}]" for p in shown]
    notes = sum(problem.severity is Severity.INFO for problem in problems)
    if notes and not quiet:
        lines.append(
            f"{notes} further note{'s' * (notes != 1)}: see problems.csv or `lesionkit check --json`."
        )
    _write("".join(f"{visible(line)}\n" for line in lines), sys.stderr)


def _sentences(problem: Problem) -> str:
    """Return a problem's text and hint on one line, whatever a file's name or an error's text holds."""
    return " ".join(f"{problem.text} {problem.hint}".split())
