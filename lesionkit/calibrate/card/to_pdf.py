"""A sheet as a PDF page: lines and fills in their true size, type embedded."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from lesionkit.calibrate.card.sheet import Box, Colour, Line, Sheet, Words
from lesionkit.errors import InputError

_POINTS_PER_MM = 72 / 25.4
_PLAIN, _BOLD = "Vera", "VeraBd"


def to_pdf(sheet: Sheet) -> bytes:
    """Return a PDF of one page of the sheet's size, in vectors, that is the same whenever it is made.

    It asks the viewer not to scale it when printing.

    Raises
    ------
    InputError
        If a text holds a sign that the type has not.
    """
    from reportlab.pdfgen.canvas import Canvas

    _load_type()
    page = BytesIO()
    canvas = Canvas(page, pagesize=(sheet.width * _POINTS_PER_MM, sheet.height * _POINTS_PER_MM), invariant=1)
    canvas.setTitle(sheet.title)
    canvas.setCreator("lesionkit")
    canvas.setViewerPreference("PrintScaling", "None")
    canvas.scale(_POINTS_PER_MM, _POINTS_PER_MM)
    for shape in sheet.shapes:
        _DRAW[type(shape)](canvas, shape, sheet.height)
    canvas.showPage()
    canvas.save()
    return page.getvalue()


def _load_type() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (_PLAIN, _BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))


def _share(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = colour
    return red / 255, green / 255, blue / 255


def _box(canvas: Any, box: Box, height: float) -> None:
    canvas.setFillColorRGB(*_share(box.fill))
    canvas.rect(box.right, height - box.down - box.height, box.width, box.height, stroke=0, fill=1)


def _line(canvas: Any, line: Line, height: float) -> None:
    canvas.setStrokeColorRGB(*_share(line.colour))
    canvas.setLineWidth(line.width)
    canvas.line(line.right, height - line.down, line.to_right, height - line.to_down)


def _words(canvas: Any, words: Words, height: float) -> None:
    from reportlab.pdfbase import pdfmetrics

    name = _BOLD if words.is_bold else _PLAIN
    known = pdfmetrics.getFont(name).face.charToGlyph
    missing = [sign for sign in words.text if ord(sign) not in known]
    if missing:
        raise InputError(
            f"the card's type has no sign {missing[0]!r}", hint="Use Latin letters, digits, - and _."
        )
    canvas.setFont(name, words.size)
    canvas.setFillColorRGB(*_share(words.colour))
    draw = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}
    draw[words.anchor](words.right, height - words.down, words.text)


_DRAW: dict[type, Callable[[Any, Any, float], None]] = {Box: _box, Line: _line, Words: _words}
