"""The printable calibration card: how it looks, and how it is found in a photograph."""

from lesionkit.calibrate.card.page import Paper, Piece, draw_page
from lesionkit.calibrate.card.to_pdf import to_pdf

__all__ = ["Paper", "Piece", "draw_page", "to_pdf"]
