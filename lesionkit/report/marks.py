"""One mark per track, the same in pictures, chart and table: a colour and, for those who need it, a shape."""

from collections.abc import Iterable
from dataclasses import dataclass

# Okabe and Ito's colours, which colour-blind readers can tell apart, but their yellow (too pale on white).
# Okabe M, Ito K. Color Universal Design. 2008. https://jfly.uni-koeln.de/color/
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_SHAPES = ("circle", "square", "triangle", "diamond", "cross")
TOTAL_COLOUR = "#1a1a1a"
PLAIN_COLOUR = "#6b6b6b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How a track is drawn.

    Parameters
    ----------
    colour : str
        As ``#rrggbb``.
    shape : str
        ``circle``, ``square``, ``triangle``, ``diamond`` or ``cross``.
    """

    colour: str
    shape: str

    @property
    def path(self) -> str:
        """SVG path of the shape around (0, 0), about 10 wide."""
        return _PATHS[self.shape]


_PATHS = {
    "circle": "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z",
    "square": "M-4.5,-4.5h9v9h-9Z",
    "triangle": "M0,-5.6L5.4,4.2L-5.4,4.2Z",
    "diamond": "M0,-6L6,0L0,6L-6,0Z",
    "cross": "M-5,-2h3v-3h4v3h3v4h-3v3h-4v-3h-3Z",
}
TOTAL = Mark(colour=TOTAL_COLOUR, shape="circle")


def marks_of(tracks: Iterable[str]) -> dict[str, Mark]:
    """Return a mark for each track; colour and shape go round at different lengths, so 30 differ."""
    return {
        track: Mark(colour=_COLOURS[i % len(_COLOURS)], shape=_SHAPES[i % len(_SHAPES)])
        for i, track in enumerate(dict.fromkeys(tracks))
    }
