"""The pieces that drawings on pages are made of."""

from math import ceil, floor, log10

from markupsafe import Markup


def element(tag: str, content: str = "", /, **attributes: str | float) -> Markup:
    """Return an SVG element; whatever is not markup already is escaped."""
    written = Markup("").join(
        Markup(' {}="{}"').format(
            name.rstrip("_").replace("_", "-"), f"{value:g}" if isinstance(value, float) else value
        )
        for name, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(tag, written, content)


def text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> Markup:
    """Return a line of text, escaped."""
    return element("text", words, x=x, y=y, text_anchor=anchor, class_=kind)


def path(d: str, kind: str, colour: str = "") -> Markup:
    """Return a line of a kind that the style sheet knows."""
    return element("path", d=d, class_=kind, **({"stroke": colour} if colour else {}))


def ticks(top: float) -> list[float]:
    """Return about four round values from zero to `top`."""
    rough = top / 4
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    return [index * step for index in range(ceil(top / step)) if index * step <= top]
