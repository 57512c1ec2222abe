"""Problems, said shortly: most of what is found in files is one of these three."""

from lesionkit.core.outcome import Problem, Severity
from lesionkit.errors import LesionkitError


def error(code: str, about: str, text: str, hint: str = "") -> Problem:
    """Return a problem by which something is left out that the user meant to be in."""
    return Problem(severity=Severity.ERROR, code=code, about=about, text=text, hint=hint)


def warning(code: str, about: str, text: str, hint: str = "") -> Problem:
    """Return a problem at which the user should look."""
    return Problem(severity=Severity.WARNING, code=code, about=about, text=text, hint=hint)


def info(code: str, about: str, text: str, hint: str = "") -> Problem:
    """Return a problem about which nothing need be done."""
    return Problem(severity=Severity.INFO, code=code, about=about, text=text, hint=hint)


def raised(code: str, about: str, fault: LesionkitError) -> Problem:
    """Return what was raised as a problem of severity error."""
    return error(code, about, f"{fault.message.rstrip('.')}.", fault.hint)
