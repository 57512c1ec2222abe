"""The printable card -> a PDF file."""

from pathlib import Path

from lesionkit.errors import InputError

LONGEST_CODE = 24
"""Signs of a patient code that are still legible on a strip."""


def write_card(path: Path, *, piece: str = "card", paper: str = "a4", patient: str | None = None) -> Path:
    """Write a page with the calibration card, or with adhesive strips, as PDF; return its path.

    Parameters
    ----------
    path : Path
        The file; what was there before is replaced.
    piece : str
        ``card`` or ``strip``.
    paper : str
        ``a4`` or ``letter``.
    patient : str, optional
        The pseudonym that stands on it in words and as QR code.

    Raises
    ------
    InputError
        If the file's name does not end in ``.pdf``, its folder does not exist, or the code is too long, blank
        or holds a sign that cannot be printed.
    """
    from lesionkit.calibrate.card import Paper, Piece, draw_page, to_pdf
    from lesionkit.io.files import write_whole

    if path.suffix.lower() != ".pdf":
        raise InputError(f"{path.name} is no name of a PDF file", hint="Name it card.pdf, for example.")
    if not path.absolute().parent.is_dir():
        raise InputError(f"there is no folder {path.parent}", hint="Make it first.")
    code = None if patient is None else _printable(patient)
    sheet = draw_page(Piece(piece), paper=Paper(paper), patient=code)
    write_whole(path, to_pdf(sheet))
    return path


def _printable(patient: str) -> str:
    code = patient.strip()
    if not code or not code.isprintable() or len(code) > LONGEST_CODE:
        raise InputError(
            f"{patient!r} cannot stand on a card as a patient code",
            hint=f"Give a pseudonym of 1 to {LONGEST_CODE} signs, as the patient's folder is named.",
        )
    return code
