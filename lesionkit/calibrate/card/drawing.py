"""How a card, a strip and the pages they are printed on look."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from lesionkit.calibrate.card.codes import MODULES, pattern
from lesionkit.calibrate.card.layout import CARD, VERSION, Area, Face, Marker
from lesionkit.calibrate.card.sheet import GREY, WHITE, Anchor, Box, Line, Shape, Words

_CODE_STEP_MM = 0.05


def draw_face(face: Face, *, patient: str | None = None) -> tuple[Shape, ...]:
    """Return a card or strip as it is printed, its top left corner at 0, 0.

    Parameters
    ----------
    face : Face
        Which.
    patient : str, optional
        The pseudonym written and coded on it; without it a line to write on.
    """
    shapes: list[Shape] = [Box(right=0, down=0, width=face.width, height=face.height, fill=WHITE)]
    for marker in face.markers:
        shapes.extend(_marker(marker))
    shapes.extend(
        Box(right=patch.right, down=patch.down, width=patch.width, height=patch.height, fill=patch.asked)
        for patch in face.patches
    )
    shapes.extend(_rule(face))
    shapes.extend(_patient(face, patient))
    shapes.extend(_card_words() if face is CARD else _strip_words(face))
    return tuple(shapes)


def _marker(marker: Marker) -> Iterator[Box]:
    """Yield the modules in runs, so that no seam shows between two of them."""
    yield Box(right=marker.right, down=marker.down, width=marker.side, height=marker.side)
    for row, modules in enumerate(pattern(marker.number)):
        for first, last in _runs(modules):
            yield Box(
                right=marker.right + marker.module * (1 + first),
                down=marker.down + marker.module * (1 + row),
                width=marker.module * (last - first),
                height=marker.module,
                fill=WHITE,
            )
    yield from _seams(marker)


def _runs(modules: npt.NDArray[np.uint8]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.r_[0, modules, 0]))
    return [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def _seams(marker: Marker) -> Iterator[Box]:
    """Yield a bridge over each border of two white rows, where a viewer's rounding would leave a hairline."""
    modules = pattern(marker.number)
    for row in range(MODULES - 1):
        for first, last in _runs(modules[row] & modules[row + 1]):
            yield Box(
                right=marker.right + marker.module * (1 + first),
                down=marker.down + marker.module * (1.5 + row),
                width=marker.module * (last - first),
                height=marker.module,
                fill=WHITE,
            )


def _rule(face: Face) -> Iterator[Shape]:
    """Yield a rule along the lower edge; its ticks reach the edge, its zero lies in the middle's left."""
    start = (face.width - face.rule_mm) / 2
    scale = 1.0 if face is CARD else 0.62
    for mm in range(face.rule_mm + 1):
        reach = (5.0 if mm % 10 == 0 else 3.6 if mm % 5 == 0 else 2.4) * scale
        at = start + mm
        width = 0.25 if mm % 5 == 0 else 0.15
        yield Line(right=at, down=face.height - reach, to_right=at, to_down=face.height, width=width)
    size = 2.6 * scale + 0.3
    for mm in range(0, face.rule_mm + 1, 10):
        yield Words(
            right=start + mm,
            down=face.height - 5.8 * scale - 0.2,
            text=str(mm),
            size=size,
            anchor=Anchor.MIDDLE,
        )


def _patient(face: Face, patient: str | None) -> Iterator[Shape]:
    area, is_card = face.words, face is CARD
    small = 2.0 if is_card else 1.5
    yield Words(right=area.right, down=area.down + small, text="Patient code", size=small, colour=GREY)
    foot = area.down + area.height
    if patient is None:
        yield Line(right=area.right, down=foot, to_right=area.right + area.width, to_down=foot, colour=GREY)
        return
    largest = 6.0 if is_card else 3.4
    size = min(largest, area.width / (0.68 * len(patient)))
    yield Words(right=area.right, down=foot - 1.2, text=patient, size=size, is_bold=True)
    yield from _code(face.code, patient)


def _code(area: Area, patient: str) -> Iterator[Box]:
    modules = coded(patient)
    step = code_module_mm(area, len(modules))
    for row, cells in enumerate(modules):
        for first, last in _runs(cells):
            yield Box(
                right=area.right + step * first,
                down=area.down + step * row,
                width=step * (last - first),
                height=step,
            )


def coded(patient: str) -> npt.NDArray[np.uint8]:
    """Return a patient's code as the modules of a QR code, 1 = black, without its white rim.

    References
    ----------
    ISO/IEC 18004:2015 (QR Code).
    """
    import cv2

    parameters = cv2.QRCodeEncoder.Params()
    parameters.correction_level = cv2.QRCodeEncoder_CORRECT_LEVEL_M
    picture = cv2.QRCodeEncoder.create(parameters).encode(f"{PREFIX}{patient}")
    black = np.asarray(picture) < 128
    rows, cols = np.flatnonzero(black.any(axis=1)), np.flatnonzero(black.any(axis=0))
    return black[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1].astype(np.uint8)


PREFIX = "lesionkit:"
"""What a card's QR code begins with, so that another code in the picture is not taken for it."""


def code_module_mm(area: Area, modules: int) -> float:
    """Return the side of a module of the QR code, mm, so many of which lie in the area side by side."""
    return _CODE_STEP_MM * int(area.width / modules / _CODE_STEP_MM + 1e-9)


def _card_words() -> Iterator[Words]:
    yield Words(right=25.5, down=6.6, text="lesionkit", size=4.0, is_bold=True)
    yield Words(right=46.0, down=6.6, text="calibration card", size=1.9, colour=GREY)
    yield Words(
        right=52.5,
        down=64.6,
        text="lay flat, at the height of the deposit, face to the camera",
        size=1.9,
        anchor=Anchor.MIDDLE,
        colour=GREY,
    )
    yield Words(
        right=CARD.width - 3.5,
        down=64.6,
        text=f"mm · v{VERSION}",
        size=1.9,
        anchor=Anchor.END,
        colour=GREY,
    )


def _strip_words(face: Face) -> Iterator[Words]:
    yield Words(right=18.2, down=5.4, text="lesionkit", size=2.4, is_bold=True)
    yield Words(
        right=42.8,
        down=5.4,
        text=f"{face.name[-1]} · v{VERSION} · mm",
        size=1.5,
        anchor=Anchor.END,
        colour=GREY,
    )
