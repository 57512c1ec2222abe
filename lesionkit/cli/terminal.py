"""stdout for results, stderr for progress and problems."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from lesionkit.core.outcome import Problem, Severity
from lesionkit.pipeline.engine import Progress, Step, stay_quiet

PIPE_WIDTH = 200
"""Columns of a table that goes to a file or another program: wide enough not to wrap."""


def console(*, stderr: bool = False) -> Any:
    """Return a rich console on stdout or stderr; into a pipe it neither colours nor wraps."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr, width=None if stream.isatty() else PIPE_WIDTH, highlight=False, soft_wrap=False
    )


def print_json(value: object) -> None:
    """Print a value as JSON on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


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
    for problem in shown:
        hint = f" {problem.hint}" if problem.hint else ""
        sys.stderr.write(f"{problem.severity}: {problem.about}: {problem.text}{hint} [{problem.code}]\n")
    notes = sum(problem.severity is Severity.INFO for problem in problems)
    if notes and not quiet:
        sys.stderr.write(
            f"{notes} further note{'s' * (notes != 1)}: see problems.csv or `lesionkit check`.\n"
        )
