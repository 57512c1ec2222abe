"""Plots as files for a paper: SVG, PDF and PNG, all of one drawing."""

import re
from collections.abc import Iterable
from pathlib import Path

from lesionkit.errors import MissingExtraError
from lesionkit.report.batch import staged
from lesionkit.report.cohort_canvas import Figure

PPI = 300
"""Of the PNG files: what journals ask for."""

_PAGE = """#set page(width: auto, height: auto, margin: 0pt)
#set document(date: none)
#image(bytes(sys.inputs.drawing), format: "svg")
"""


def must_have_typst() -> None:
    """Refuse to go on without what turns drawings into PDF and PNG.

    Raises
    ------
    MissingExtraError
        If Typst is not installed.
    """
    try:
        import typst  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "figures as PDF and PNG need Typst, which is not installed",
            group="lesionkit",
            name="figures",
            hint='Run: pip install "lesionkit[figures]"',
        ) from error


def write(figures: Iterable[Figure], out: Path) -> tuple[Path, ...]:
    """Return the files of figures in a folder, three of each; all of them are written, or none.

    PDF and PNG are made of the SVG by Typst: vectors stay vectors, and letters stay letters. The same drawing
    gives the same files.

    Parameters
    ----------
    figures : iterable of Figure
        Taken one at a time.
    out : Path
        The folder; made where it is missing.

    Raises
    ------
    MissingExtraError
        If Typst is not installed.

    References
    ----------
    Typst: https://typst.app
    """
    must_have_typst()
    names: list[str] = []
    with staged(out) as draft:
        for figure in figures:
            stem = _unlike(file_stem(figure.key), names)
            for suffix, content in files_of(figure).items():
                (draft / f"{stem}.{suffix}").write_bytes(content)
            names.append(stem)
    return tuple(out / f"{stem}.{suffix}" for stem in names for suffix in ("svg", "pdf", "png"))


def files_of(figure: Figure) -> dict[str, bytes]:
    """Return a figure as SVG, PDF and PNG, by the ending of the file's name."""
    import typst

    drawing = str(figure.svg).encode("utf-8", "replace").decode()
    given = {"drawing": drawing}
    page = _PAGE.encode()
    pdf = typst.compile(page, format="pdf", sys_inputs=given)
    png = typst.compile(page, format="png", ppi=PPI, sys_inputs=given)
    assert isinstance(pdf, bytes)
    assert isinstance(png, bytes)
    header = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return {"svg": f"{header}{drawing}\n".encode(), "pdf": pdf, "png": png}


def file_stem(key: str) -> str:
    """Return a name for files: letters, digits, ``-`` and ``_`` of a figure's key.

    Examples
    --------
    >>> file_stem("waterfall-score: SCTC")
    'waterfall-score-SCTC'
    """
    return re.sub(r"[^A-Za-z0-9_]+", "-", key).strip("-")[:100] or "figure"


def _unlike(stem: str, taken: Iterable[str]) -> str:
    lower = {name.lower() for name in taken}
    name, number = stem, 2
    while name.lower() in lower:
        name, number = f"{stem}-{number}", number + 1
    return name
