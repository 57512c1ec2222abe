"""What an export prints: the files it wrote, and what it left out."""

from collections.abc import Sequence
from pathlib import Path

from lesionkit.cli.terminal import print_json, print_lines, print_problems
from lesionkit.core.outcome import Problem
from lesionkit.report.rows import PROBLEM_COLUMNS


def show_files(paths: Sequence[Path], problems: Sequence[Problem], *, as_json: bool, quiet: bool) -> None:
    """Print the path of every file, one a line, and the problems."""
    if as_json:
        told = [{name: str(getattr(problem, name)) for name in PROBLEM_COLUMNS} for problem in problems]
        print_json({"files": [str(path) for path in paths], "problems": told})
        return
    print_lines(paths)
    print_problems(problems, quiet=quiet)
