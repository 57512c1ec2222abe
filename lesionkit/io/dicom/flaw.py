"""What is wrong with DICOM files, before it is known what to call them by."""

from dataclasses import dataclass

from lesionkit.core.outcome import Problem, Severity
from lesionkit.io.dicom.header import Header
from lesionkit.io.dicom.pixels import is_absurd, is_cut_short
from lesionkit.io.dicom.where import Where

AGAIN = "Export it again from the archive."


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What is wrong with a file or a series; see `Problem`."""

    severity: Severity
    code: str
    text: str
    hint: str = ""

    def problem(self, about: str) -> Problem:
        """Return it as the problem of a file or folder."""
        return Problem(severity=self.severity, code=self.code, about=about, text=self.text, hint=self.hint)


def fatal(code: str, text: str, hint: str) -> Flaw:
    """Return what keeps something from being read."""
    return Flaw(severity=Severity.ERROR, code=code, text=text, hint=hint)


def damage(header: Header, where: Where, *, consequence: str) -> Flaw | None:
    """Return what shows that a file is damaged, before its pixels are read.

    Parameters
    ----------
    header : Header
        Of the file.
    where : Where
        Names the file.
    consequence : str
        What follows, such as ``"it is left out"``.
    """
    if is_absurd(header):
        name = where.file(header.path)
        text = f"The header of {name} announces more pixels than any image has: {consequence}."
        return fatal("dicom_absurd_size", text, AGAIN)
    if is_cut_short(header):
        text = f"{where.file(header.path)} is cut short, it holds fewer pixels than announced: {consequence}."
        return fatal("dicom_truncated", text, AGAIN)
    return None
