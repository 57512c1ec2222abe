"""The pages that cards and strips are cut from, with the bars that prove their size."""

from collections.abc import Iterator
from enum import StrEnum

from lesionkit.calibrate.card.drawing import draw_face
from lesionkit.calibrate.card.layout import CARD, STRIPS, VERSION, Face
from lesionkit.calibrate.card.sheet import GREY, Anchor, Line, Shape, Sheet, Words, moved

BAR_MM = 100.0
"""Length of the two bars that tell whether a page was printed true to size."""

COPIES = 2
"""How often each kind of strip is on its page."""

_FAINT = (150, 150, 150)
_MARGIN_MM = 18.0
_CARD_DOWN_MM = 44.0
_STRIPS_DOWN_MM = 36.0
_PITCH_MM = STRIPS[0].height


class Paper(StrEnum):
    """A size of paper that is in common use."""

    A4 = "a4"
    LETTER = "letter"

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height."""
        return {Paper.A4: (210.0, 297.0), Paper.LETTER: (215.9, 279.4)}[self]


class Piece(StrEnum):
    """What is printed on a page."""

    CARD = "card"
    STRIP = "strip"


_CARD_TEXT = (
    "Print on matt white paper at 100 % (“actual size”), never “fit to page”.",
    "Measure both bars with a steel rule. Each must be 100 mm. If not, print again,",
    "or write what you measured into cohort.toml: card_bar_mm = [across, down].",
    "Cut along the line. Glue it to stiff board, so that it stays flat. Cover it with matt film only.",
    "Lay it beside the deposit and at its height, in full view. Hold the camera squarely above.",
    "Use one print for the whole study, and a new one as soon as it is stained or bent.",
)
_CARD_STEPS = ("1", "2", "", "3", "4", "5")
_STRIP_TEXT = (
    "Print on matt white label paper at 100 % (“actual size”), never “fit to page”. Cut along the lines.",
    "Measure both bars: 100 mm each. If not, print again, or tell cohort.toml: card_bar_mm = [across, down].",
    "Stick one strip beside the deposit where the skin is flat, not across a joint and not over broken skin.",
)
_STRIP_STEPS = ("1", "2", "3")
_COLOURS_TEXT = (
    "The colours are what was asked of the printer. They are no reference until they have been measured."
)


def draw_page(piece: Piece, *, paper: Paper, patient: str | None = None) -> Sheet:
    """Return a page with a card, or with strips, that is true to size when printed at 100 %.

    Parameters
    ----------
    piece : Piece
        What is on it.
    paper : Paper
        Its size.
    patient : str, optional
        The pseudonym written on every piece, and coded.
    """
    width, height = paper.size_mm
    body = _card_page(paper, patient) if piece is Piece.CARD else _strip_page(paper, patient)
    shapes = (*_head(piece, width), *body, *_foot(piece, paper, width, height))
    return Sheet(width=width, height=height, shapes=shapes, title=f"lesionkit calibration {piece}")


def place_of(face: Face, *, paper: Paper, copy: int = 0) -> tuple[float, float]:
    """Return where a piece lies on its page: ``(right, down)`` of its top left corner, mm.

    Parameters
    ----------
    face : Face
        Which.
    paper : Paper
        Size of the page.
    copy : int
        Which of a page's `COPIES` of every strip.
    """
    right = (paper.size_mm[0] - face.width) / 2
    if face is CARD:
        return right, _CARD_DOWN_MM
    return right, _STRIPS_DOWN_MM + _PITCH_MM * (STRIPS.index(face) + len(STRIPS) * copy)


def _head(piece: Piece, width: float) -> Iterator[Shape]:
    yield Words(right=_MARGIN_MM, down=20, text="lesionkit", size=6.5, is_bold=True)
    name = "calibration card" if piece is Piece.CARD else "adhesive calibration strips"
    yield Words(right=_MARGIN_MM + 34, down=20, text=name, size=6.5, colour=GREY)
    yield Line(right=_MARGIN_MM, down=24, to_right=width - _MARGIN_MM, to_down=24, width=0.3, colour=_FAINT)


def _foot(piece: Piece, paper: Paper, width: float, height: float) -> Iterator[Shape]:
    size = "A4" if paper is Paper.A4 else "Letter"
    yield Words(
        right=_MARGIN_MM,
        down=height - 12,
        text=_COLOURS_TEXT,
        size=2.4,
        colour=GREY,
    )
    yield Words(
        right=width - _MARGIN_MM,
        down=height - 12,
        text=f"{piece} v{VERSION} · {size}",
        size=2.4,
        anchor=Anchor.END,
        colour=GREY,
    )


def _card_page(paper: Paper, patient: str | None) -> Iterator[Shape]:
    right, down = place_of(CARD, paper=paper)
    yield from _laid(CARD, right, down, patient)
    yield from _corner_marks(CARD, right=right, down=down)
    middle = paper.size_mm[0] / 2
    yield from _bar_across(middle - BAR_MM / 2, 138.0)
    yield from _bar_down(middle + 84.0, 158.0)
    yield from _steps(_CARD_STEPS, _CARD_TEXT, down=158.0, size=3.2)


def _strip_page(paper: Paper, patient: str | None) -> Iterator[Shape]:
    for copy in range(COPIES):
        for face in STRIPS:
            yield from _laid(face, *place_of(face, paper=paper, copy=copy), patient)
    middle = paper.size_mm[0] / 2
    yield from _bar_across(middle - BAR_MM / 2, 226.0)
    yield from _bar_down(middle + 78.0, 74.0)
    yield from _steps(_STRIP_STEPS, _STRIP_TEXT, down=240.0, size=3.0)


def _laid(face: Face, right: float, down: float, patient: str | None) -> Iterator[Shape]:
    for shape in draw_face(face, patient=patient):
        yield moved(shape, right=right, down=down)
    yield from _frame(face, right=right, down=down)


def _frame(face: Face, *, right: float, down: float) -> Iterator[Line]:
    ends = right + face.width, down + face.height
    for x in (right, ends[0]):
        yield Line(right=x, down=down, to_right=x, to_down=ends[1], width=0.1, colour=_FAINT)
    for y in (down, ends[1]):
        yield Line(right=right, down=y, to_right=ends[0], to_down=y, width=0.1, colour=_FAINT)


def _corner_marks(face: Face, *, right: float, down: float) -> Iterator[Line]:
    for x, outward in ((right, -1), (right + face.width, 1)):
        for y, below in ((down, -1), (down + face.height, 1)):
            yield Line(right=x + 1.5 * outward, down=y, to_right=x + 6 * outward, to_down=y, width=0.15)
            yield Line(right=x, down=y + 1.5 * below, to_right=x, to_down=y + 6 * below, width=0.15)


def _bar_across(right: float, down: float) -> Iterator[Shape]:
    end = right + BAR_MM
    yield Line(right=right, down=down, to_right=end, to_down=down, width=0.4)
    for x in (right, end):
        yield Line(right=x, down=down - 3, to_right=x, to_down=down + 3, width=0.2)
    yield Words(
        right=right + BAR_MM / 2,
        down=down + 5,
        text="this bar is 100 mm long: measure it between the outer lines",
        size=2.6,
        anchor=Anchor.MIDDLE,
        colour=GREY,
    )


def _bar_down(right: float, down: float) -> Iterator[Shape]:
    end = down + BAR_MM
    yield Line(right=right, down=down, to_right=right, to_down=end, width=0.4)
    for y in (down, end):
        yield Line(right=right - 3, down=y, to_right=right + 3, to_down=y, width=0.2)
    yield Words(
        right=right - 2, down=down + BAR_MM / 2, text="100 mm", size=2.6, anchor=Anchor.END, colour=GREY
    )


def _steps(numbers: tuple[str, ...], lines: tuple[str, ...], *, down: float, size: float) -> Iterator[Words]:
    step = size * 2.0
    at = down
    for number, line in zip(numbers, lines, strict=True):
        at += step if number else step * 0.72
        if number:
            yield Words(right=_MARGIN_MM, down=at, text=number, size=size, is_bold=True)
        yield Words(right=_MARGIN_MM + 6, down=at, text=line, size=size)
