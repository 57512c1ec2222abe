"""What the plots of a cohort are drawn with: one set of colours, marks and letters.

Everything is said by attributes, not by a style sheet, so that the drawing on a page and the figure of a
paper are the same SVG.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

from lesionkit.core.response import Category
from lesionkit.report import words
from lesionkit.report.markup import on_one_line
from lesionkit.report.svg import element

INK, SOFT, LINE = "#1a1a1a", "#55595e", "#d5d9de"
FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
WIDE, NARROW = 760.0, 374.0
"""How wide plots are: those of few patients stand two by two."""
LETTER = 6.4
"""About how wide a letter of 12 units is."""

FILLS = {
    Category.RESOLVED: "#00523c",
    Category.REGRESSION: "#45a98b",
    Category.STABLE: "#cbd8e3",
    Category.PROGRESSION: "#b5470b",
    Category.INDETERMINATE: "#909499",
    Category.NOT_EVALUABLE: "#ffffff",
}
"""Of different lightness each, so that they can be told apart in grey."""

ON_FILLS = dict.fromkeys(Category, INK) | {
    Category.RESOLVED: "#ffffff",
    Category.PROGRESSION: "#ffffff",
}
"""Letters on them."""

_SHAPES = {
    Category.RESOLVED: "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z",
    Category.REGRESSION: "M0,5L5.4,-4.2L-5.4,-4.2Z",
    Category.STABLE: "M-5,-4h10v8h-10Z",
    Category.PROGRESSION: "M0,-5L5.4,4.2L-5.4,4.2Z",
    Category.INDETERMINATE: "M0,-5.5L5.5,0L0,5.5L-5.5,0Z",
    Category.NOT_EVALUABLE: "M-4,-4L4,4M4,-4L-4,4",
}
"""Of different shape each, for who sees no colours at all."""

_NOT_XML = re.compile("[\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A plot, as a page shows it and a paper prints it.

    Parameters
    ----------
    key : str
        Its short name, and that of its files.
    title : str
        What it shows.
    caption : str
        How to read it, with numbers of patients and of those it leaves out.
    svg : Markup
        The drawing.
    source : str
        Stem of the table that holds its numbers.
    is_narrow : bool
        Whether two of them have room side by side.
    """

    key: str
    title: str
    caption: str
    svg: Markup
    source: str
    is_narrow: bool = False


def drawing(parts: Iterable[Markup], *, width: float, height: float, title: str) -> Markup:
    """Return parts as one drawing, named for those who cannot see it."""
    return element(
        "svg",
        Markup("\n").join(parts),
        xmlns="http://www.w3.org/2000/svg",
        class_="plot",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        font_family=FONT,
        font_size="12",
        fill=INK,
        role="img",
        aria_label=clean(title),
    )


def clean(text: str) -> str:
    """Return a text on one line, without what XML cannot hold and what turns the direction of writing."""
    return _NOT_XML.sub("", on_one_line(text))


def letters(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    fill: str = INK,
    size: float = 12.0,
    bold: bool = False,
) -> Markup:
    """Return a line of text."""
    more: dict[str, str | float] = {}
    if anchor != "start":
        more["text_anchor"] = anchor
    if fill != INK:
        more["fill"] = fill
    if size != 12:
        more["font_size"] = size
    if bold:
        more["font_weight"] = "700"
    return element("text", clean(text), x=round(x, 1), y=round(y, 1), **more)


def line(d: str, *, stroke: str = SOFT, width: float = 1.0, dash: str = "") -> Markup:
    """Return a line."""
    more = {"stroke_dasharray": dash} if dash else {}
    return element("path", d=d, fill="none", stroke=stroke, stroke_width=width, **more)


def box(
    x: float, y: float, width: float, height: float, *, fill: str, stroke: str = "none", title: str = ""
) -> Markup:
    """Return a rectangle; `title` is what a pointer resting on it tells."""
    edge: dict[str, str | float] = {} if stroke == "none" else {"stroke": stroke, "stroke_width": 1.0}
    told = element("title", clean(title)) if title else Markup("")
    places = {"x": x, "y": y, "width": width, "height": height}
    return element("rect", told, fill=fill, **{k: round(v, 2) for k, v in places.items()}, **edge)


def mark(category: Category, x: float, y: float, *, scale: float = 1.0, title: str = "") -> Markup:
    """Return the sign of a category around a point."""
    is_line = category is Category.NOT_EVALUABLE
    told = element("title", clean(title)) if title else Markup("")
    sized = f" scale({scale:g})" if scale != 1 else ""
    return element(
        "path",
        told,
        d=_SHAPES[category],
        transform=f"translate({x:g} {y:g}){sized}",
        fill="none" if is_line else FILLS[category],
        stroke=SOFT if is_line else INK,
        stroke_width=1.5 if is_line else 0.8,
    )


def legend(categories: Sequence[Category], x: float, y: float) -> list[Markup]:
    """Return what the signs and colours of categories mean, in a row."""
    parts = []
    for category in categories:
        parts += [mark(category, round(x + 6, 1), y - 4), letters(x + 17, y, words.CATEGORIES[category])]
        x += 17 + LETTER * len(words.CATEGORIES[category]) + 22
    return parts


def round_steps(low: float, high: float, *, about: int = 6) -> list[float]:
    """Return about so many round values from `low` to `high`.

    Examples
    --------
    >>> round_steps(-100, 62)
    [-100.0, -50.0, 0.0, 50.0]
    """
    rough = max(high - low, 1e-9) / about
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    return [index * step for index in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def counted(count: int) -> str:
    """Return how many patients, in words."""
    return "1 patient" if count == 1 else f"{count:,} patients"


def shortened(text: str, most: int) -> str:
    """Return a text, cut where there is no room for it."""
    shown = clean(text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
