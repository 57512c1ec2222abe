"""What to tell of photographs that were not taken alike."""

from collections.abc import Iterable

from lesionkit.core.likeness import DIFFERENCES, Comparability, Comparable
from lesionkit.core.outcome import Problem, Severity
from lesionkit.core.transform import Carried


def tell_unlike(likeness: Comparability, about: str) -> Problem | None:
    """Return what is to be said of a picture that was not taken like the first one of its site; else None."""
    if likeness.verdict is Comparable.YES:
        return None
    is_lost = likeness.verdict is Comparable.RETAKE
    return Problem(
        severity=Severity.WARNING if is_lost else Severity.INFO,
        code="not_comparable" if is_lost else "comparable_with_care",
        about=about,
        text=("This picture should not be" if is_lost else "This picture can with care be")
        + " compared with the first one of its site. "
        + " ".join(DIFFERENCES[difference] for difference in likeness.differences),
        hint="Take it again while the patient is there, or the next one, by the capture sheet of the report."
        if is_lost
        else "",
    )


def tell_not_carried(carried: Carried, about: str) -> Problem | None:
    """Return what is to be said of an outline that could not be carried; None of one that could."""
    if not carried.refused:
        return None
    return Problem(
        severity=Severity.WARNING,
        code="outline_not_carried",
        about=about,
        text=f"The outline of deposit {carried.deposit} could not be carried onto the first picture of "
        f"its site ({carried.refused}); without a scale its change is not known.",
        hint="Put a scale into every picture, or take them from the same side and distance as the first one.",
    )


def unlike(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return those that are about pictures not taken alike."""
    return tuple(problem for problem in problems if problem.code in set(Comparable))
