"""The page that comes out of the printer: its size, and where the markers are on it."""

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

from lesionkit.calibrate.card import Paper, Piece, draw_page, to_pdf
from lesionkit.calibrate.card.codes import dictionary
from lesionkit.calibrate.card.layout import CARD, STRIPS
from lesionkit.calibrate.card.page import BAR_MM, COPIES, place_of
from lesionkit.errors import InputError

pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 draws the page")

DPI = 300
PX_PER_MM = DPI / 25.4
PAGES = list(itertools.product(Piece, Paper))


def drawn(piece: Piece, paper: Paper, *, patient: str | None = "P07", dpi: int = DPI) -> np.ndarray:
    page = pdfium.PdfDocument(to_pdf(draw_page(piece, paper=paper, patient=patient)))[0]
    return page.render(scale=dpi / 72).to_numpy()[..., ::-1]


def pieces(piece: Piece, paper: Paper):
    faces = [CARD] if piece is Piece.CARD else STRIPS
    copies = 1 if piece is Piece.CARD else COPIES
    return [(face, place_of(face, paper=paper, copy=copy)) for copy in range(copies) for face in faces]


@pytest.mark.parametrize(("paper", "points"), [(Paper.A4, (595.28, 841.89)), (Paper.LETTER, (612.0, 792.0))])
def test_the_page_has_the_size_of_the_paper(paper, points):
    document = pdfium.PdfDocument(to_pdf(draw_page(Piece.CARD, paper=paper)))
    assert len(document) == 1
    assert document[0].get_size() == pytest.approx(points, abs=0.05)
    assert document[0].get_mediabox() == pytest.approx((0, 0, *points), abs=0.05)


@pytest.mark.parametrize(("piece", "paper"), PAGES)
def test_every_marker_is_printed_at_its_place_to_a_tenth_of_a_millimetre(piece, paper):
    dpi = 600  # a renderer without antialiasing may move an edge by half a pixel
    grey = cv2.cvtColor(drawn(piece, paper, dpi=dpi), cv2.COLOR_RGB2GRAY)
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    corners, numbers, _ = cv2.aruco.ArucoDetector(dictionary(), parameters).detectMarkers(grey)
    found = sorted(
        (int(number), *((quad[0] + 0.5) * 25.4 / dpi).ravel())
        for number, quad in zip(np.ravel(numbers), corners, strict=True)
    )
    expected = sorted(
        (marker.number, *(marker.corners[:, ::-1] + place).ravel())
        for face, place in pieces(piece, paper)
        for marker in face.markers
    )
    assert [row[0] for row in found] == [row[0] for row in expected]
    np.testing.assert_allclose(
        sorted(row[1:] for row in found), sorted(row[1:] for row in expected), atol=0.1
    )


@pytest.mark.parametrize(("piece", "paper"), PAGES)
def test_both_bars_are_a_hundred_millimetres_long(piece, paper):
    dark = drawn(piece, paper)[..., 1] < 128
    for lines in (dark, dark.T):
        assert longest_run(lines) / PX_PER_MM == pytest.approx(BAR_MM, abs=0.3)


def longest_run(lines: np.ndarray) -> int:
    """Return the length of the longest dark run along a row."""
    padded = np.pad(lines, ((0, 0), (1, 1))).ravel()
    edges = np.flatnonzero(np.diff(padded.astype(np.int8)))
    return int(np.max(edges[1::2] - edges[::2]))


@pytest.mark.parametrize(("piece", "paper"), PAGES)
def test_nothing_is_drawn_where_printers_do_not_reach(piece, paper):
    picture = drawn(piece, paper)
    margin = int(8 * PX_PER_MM)
    inside = np.zeros(picture.shape[:2], dtype=bool)
    inside[margin:-margin, margin:-margin] = True
    assert picture[~inside].min() == 255


def test_a_page_is_the_same_whenever_it_is_made():
    page = draw_page(Piece.CARD, paper=Paper.A4, patient="P07")
    assert to_pdf(page) == to_pdf(page)


def test_a_viewer_is_asked_not_to_scale_the_page():
    assert b"/PrintScaling /None" in to_pdf(draw_page(Piece.CARD, paper=Paper.A4))


def test_the_type_is_embedded():
    assert b"/FontFile2" in to_pdf(draw_page(Piece.CARD, paper=Paper.A4))


def test_a_sign_that_the_type_has_not_is_refused():
    with pytest.raises(InputError, match="no sign"):
        to_pdf(draw_page(Piece.CARD, paper=Paper.A4, patient="患者"))


@pytest.mark.parametrize("patient", ["P07", "sub-0123456789-ABCDEFghij", "Ärm"])
@pytest.mark.parametrize(("piece", "paper"), PAGES)
def test_the_patient_code_is_read_from_the_printed_qr(piece, paper, patient):
    picture = drawn(piece, paper, patient=patient[:24])
    for face, (right, down) in pieces(piece, paper):
        x, y = (int(v * PX_PER_MM) for v in (right + face.code.right, down + face.code.down))
        side, rim = int(face.code.width * PX_PER_MM), int(1.5 * PX_PER_MM)
        cut = np.ascontiguousarray(picture[y - rim : y + side + rim, x - rim : x + side + rim])
        text, _, _ = cv2.QRCodeDetector().detectAndDecode(cut)
        assert text == f"lesionkit:{patient[:24]}"


def test_the_file_is_what_the_command_writes(tmp_path: Path):
    from lesionkit.pipeline import write_card

    path = write_card(tmp_path / "card.pdf", patient=" P07 ")
    assert path.read_bytes() == to_pdf(draw_page(Piece.CARD, paper=Paper.A4, patient="P07"))
