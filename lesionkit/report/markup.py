"""Printed tables as Markdown and LaTeX, in which no text of a user's is more than text."""

import re
import unicodedata
from collections.abc import Sequence

from lesionkit.report.cohort_tables import PrintedTable

_LONGEST = 120
_MOST_COLUMNS = 5
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])
"""Characters that turn the direction of what follows them."""

_MARKDOWN = {"&": "&amp;", "<": "&lt;", ">": "&gt;"} | {c: f"\\{c}" for c in "\\`*_{}[]|~$#!^"}
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}",
    "[": "{[}", "]": "{]}", "*": "{*}",
    "–": r"\textendash{}", "−": r"$-$", "±": r"$\pm$", "×": r"$\times$", "∞": r"$\infty$", "…": r"\ldots{}",
}  # fmt: skip
"""What LaTeX would run, or join with its neighbour into another sign."""


def plain(text: str) -> str:
    r"""Return a text on one line, without control characters, cut at 120.

    What would turn the direction of writing is left out: it would turn the cells beside it too.

    Examples
    --------
    >>> plain("two\nlines"), len(plain("x" * 10_000))
    ('two lines', 120)
    """
    shown = on_one_line(text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def on_one_line(text: str) -> str:
    """Return a text on one line, without control characters and what turns the direction of writing."""
    turned = text.translate(_BIDI)
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") else c for c in turned)
    return re.sub(r" {3,}", "  ", visible).rstrip()


def markdown_text(text: str) -> str:
    r"""Return a text as Markdown (CommonMark and GitHub's tables) shows it.

    Examples
    --------
    >>> markdown_text("a|b <script>")
    'a\\|b &lt;script&gt;'
    """
    return "".join(_MARKDOWN.get(c, c) for c in text)


def latex_text(text: str) -> str:
    r"""Return a text as LaTeX shows it.

    Examples
    --------
    >>> latex_text("100 % of A_1 & B")
    '100 \\% of A\\_1 \\& B'
    """
    shown = "".join(_LATEX.get(c, c) for c in text)
    return re.sub(r"([-',])(?=\1)", r"\1{}", shown)


def to_markdown(tables: Sequence[PrintedTable], *, title: str) -> str:
    """Return tables as one Markdown document."""
    parts = [f"# {markdown_text(plain(title))}"]
    for table in tables:
        parts.append(f"## {markdown_text(table.title)}")
        if table.rows:
            lines = [_markdown_row(table.columns), "|" + " --- |" * len(table.columns)]
            parts.append("\n".join([*lines, *map(_markdown_row, table.rows)]))
        parts += [markdown_text(on_one_line(note)) for note in table.notes]
    return "\n\n".join(parts) + "\n"


def _markdown_row(cells: Sequence[str]) -> str:
    shown = (markdown_text(plain(cell)) for cell in cells)
    return (
        "| "
        + " | ".join(re.sub(r"^ +", lambda m: "&emsp;" * (len(m[0]) // 2), cell) for cell in shown)
        + " |"
    )


def to_latex(tables: Sequence[PrintedTable], *, title: str) -> str:
    r"""Return tables as LaTeX to be ``\input``: each a float of its own."""
    head = (
        f"% {latex_text(plain(title))}\n"
        "% Needs \\usepackage{booktabs,graphicx,textcomp} and \\usepackage[T1]{fontenc};\n"
        "% letters beyond Latin ones need LuaLaTeX or XeLaTeX.\n"
    )
    return head + "\n".join(map(_latex_table, tables))


def _latex_table(table: PrintedTable) -> str:
    if not table.rows:
        return f"\\paragraph{{{latex_text(table.title)}}} {latex_text(on_one_line(' '.join(table.notes)))}\n"
    notes = "".join(
        f"\n  \\par\\smallskip\\footnotesize {latex_text(on_one_line(note))}" for note in table.notes
    )
    is_wide = len(table.columns) > _MOST_COLUMNS
    widths = "l" * len(table.columns) if is_wide else "l" * (len(table.columns) - 1) + "p{0.3\\linewidth}"
    # A table that is too wide is made smaller as a whole rather than run off the page.
    begin, end = ("\\resizebox{\\linewidth}{!}{%\n  ", "}") if is_wide else ("", "")
    return (
        "\\begin{table}\n"
        "  \\centering\\small\n"
        f"  \\caption{{{latex_text(table.title)}}}\n"
        f"  \\label{{tab:{table.key.replace('_', '-')}}}\n"
        f"  {begin}\\begin{{tabular}}{{{widths}}}\n"
        "    \\toprule\n"
        f"    {_latex_row(table.columns)}\n"
        "    \\midrule\n" + "".join(f"    {_latex_row(row)}\n" for row in table.rows) + "    \\bottomrule\n"
        f"  \\end{{tabular}}{end}{notes}\n"
        "\\end{table}\n"
    )


def _latex_row(cells: Sequence[str]) -> str:
    shown = (latex_text(plain(cell)) for cell in cells)
    return " & ".join(re.sub(r"^ +", r"\\quad ", cell) for cell in shown) + r" \\"
